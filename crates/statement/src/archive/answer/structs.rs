//! The few structures of RFC 6960.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BitString, GeneralizedTime, Null, OctetString};
use der::{Choice, Enumerated, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extensions;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

/// Which certificate, by hashes of its issuer's name and key.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(in crate::archive) struct CertId {
    pub(in crate::archive) hash_algorithm: AlgorithmIdentifierOwned,
    pub(in crate::archive) issuer_name_hash: OctetString,
    pub(in crate::archive) issuer_key_hash: OctetString,
    pub(in crate::archive) serial_number: SerialNumber,
}

/// What is asked of a responder, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(in crate::archive) struct OcspRequest {
    pub(in crate::archive) tbs: TbsRequest,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(in crate::archive) struct TbsRequest {
    pub(in crate::archive) requests: Vec<Request>,
    #[asn1(context_specific = "2", optional = "true", tag_mode = "EXPLICIT")]
    pub(in crate::archive) extensions: Option<Extensions>,
}

/// One certificate that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(in crate::archive) struct Request {
    pub(in crate::archive) about: CertId,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(super) struct OcspResponse {
    pub(super) status: ResponseStatus,
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) bytes: Option<ResponseBytes>,
}

/// Whether it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumerated)]
#[repr(u32)]
pub(super) enum ResponseStatus {
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    SigRequired = 5,
    Unauthorized = 6,
}

/// An answer in one of its forms.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(super) struct ResponseBytes {
    pub(super) kind: ObjectIdentifier,
    pub(super) response: OctetString,
}

/// The one form that everybody gives.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(super) struct BasicResponse {
    /// A [`ResponseData`], as it was signed.
    pub(super) tbs: Any,
    pub(super) algorithm: AlgorithmIdentifierOwned,
    pub(super) signature: BitString,
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) certificates: Option<Vec<x509_cert::Certificate>>,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(super) struct ResponseData {
    #[asn1(context_specific = "0", default = "Default::default", tag_mode = "EXPLICIT")]
    pub(super) version: u8,
    pub(super) responder: ResponderId,
    pub(super) produced_at: GeneralizedTime,
    pub(super) responses: Vec<SingleResponse>,
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) extensions: Option<Extensions>,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Choice)]
pub(super) enum ResponderId {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(Name),
    /// SHA-1 of its key.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(OctetString),
}

/// What is said of one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(super) struct SingleResponse {
    pub(super) about: CertId,
    pub(super) status: CertStatus,
    pub(super) this_update: GeneralizedTime,
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) extensions: Option<Extensions>,
}

/// How it stands with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum CertStatus {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

/// When it was taken back, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Sequence)]
pub(super) struct RevokedInfo {
    pub(super) at: GeneralizedTime,
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub(super) reason: Option<x509_cert::ext::pkix::CrlReason>,
}
