//! Answers of responders (OCSP, RFC 6960): whether one certificate was taken back, and when.

pub(super) mod structs;

use super::lists::List;
use crate::seal::certificate::Certificate;
use chrono::{DateTime, TimeDelta, Utc};
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256};
use const_oid::db::rfc6960::{ID_PKIX_OCSP_BASIC, ID_PKIX_OCSP_NONCE};
use der::asn1::{GeneralizedTime, OctetString};
use der::{Decode, Encode};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use spki::AlgorithmIdentifierOwned;
use structs::{
    BasicResponse, CertId, CertStatus, OcspResponse, ResponderId, ResponseData, ResponseStatus,
    SingleResponse,
};
use x509_cert::ext::Extensions;

/// An answer with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    der: Vec<u8>,
    basic: BasicResponse,
    /// What was signed, as it was.
    signed: Vec<u8>,
    data: ResponseData,
    certificates: Vec<Certificate>,
}

/// When an answer has to tell of a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// The instant in question.
    pub(crate) at: DateTime<Utc>,
    /// What was said after that counts for nothing.
    pub(crate) known: DateTime<Utc>,
    /// How far clocks may lie apart.
    pub(crate) apart: TimeDelta,
}

impl Answer {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, String> {
        let named = |error: der::Error| format!("it is no answer of a responder: {error}");
        let response = OcspResponse::from_der(der).map_err(named)?;
        let said = match response.status {
            ResponseStatus::Successful => None,
            ResponseStatus::MalformedRequest => Some("it does not understand the question"),
            ResponseStatus::InternalError => Some("something is wrong with it"),
            ResponseStatus::TryLater => Some("try again later"),
            ResponseStatus::SigRequired => Some("it asks for signed questions"),
            ResponseStatus::Unauthorized => Some("it may not answer this question"),
        };
        if let Some(said) = said {
            return Err(format!("the responder refused: {said}"));
        }
        let bytes = response.bytes.ok_or("the answer is empty")?;
        if bytes.kind != ID_PKIX_OCSP_BASIC {
            return Err(format!("it is an answer of another form, {}", bytes.kind));
        }
        let basic = BasicResponse::from_der(bytes.response.as_bytes()).map_err(named)?;
        let signed = basic.tbs.to_der().map_err(named)?;
        let data = ResponseData::from_der(&signed).map_err(named)?;
        let inside = basic.certificates.iter().flatten();
        let certificates: Result<Vec<_>, _> =
            inside.map(|one| Certificate::from_der(&one.to_der()?)).collect();
        let certificates = certificates.map_err(named)?;
        Ok(Self { der: der.to_vec(), basic, signed, data, certificates })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The number that it repeats.
    pub(super) fn nonce(&self) -> Option<&[u8]> {
        let mut all = self.data.extensions.iter().flatten();
        all.find(|one| one.extn_id == ID_PKIX_OCSP_NONCE).map(|one| one.extn_value.as_bytes())
    }

    /// When the certificate was taken back, if it was; the error: why this tells nothing of that instant
    /// that counts. Lists may tell of who answers for the issuer.
    pub(crate) fn revoked(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        moment: Moment,
        lists: &[List],
    ) -> Result<Option<DateTime<Utc>>, String> {
        let one = self.about(certificate, issuer).ok_or("it tells of other certificates")?;
        if critical(self.data.extensions.as_ref()) || critical(one.extensions.as_ref()) {
            return Err("it has a critical extension that is unknown here".into());
        }
        self.given_for(issuer, moment, lists)?;
        let from = instant(one.this_update);
        // Without an end it holds for its moment, give or take what clocks may lie apart.
        let to = one.next_update.map_or(from + moment.apart, instant);
        if from > moment.known || to < moment.at {
            let (from, to) = (from.format("%Y-%m-%d %H:%M"), to.format("%Y-%m-%d %H:%M UTC"));
            return Err(format!("it tells of another time, {from} to {to}"));
        }
        match one.status {
            CertStatus::Good(_) => Ok(None),
            CertStatus::Revoked(info) => Ok(Some(instant(info.at))),
            CertStatus::Unknown(_) => Err("the responder does not know the certificate".into()),
        }
    }

    /// Whether it says until when it holds.
    pub(super) fn ends(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.about(certificate, issuer).is_some_and(|one| one.next_update.is_some())
    }

    fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&SingleResponse> {
        self.data.responses.iter().find(|one| is_of(&one.about, certificate, issuer))
    }

    /// Whether who signed it may answer for the issuer: the issuer itself, or somebody whom it has named
    /// for that (RFC 6960, 4.2.2.2).
    fn given_for(
        &self,
        issuer: &Certificate,
        moment: Moment,
        lists: &[List],
    ) -> Result<(), String> {
        let mut any = std::iter::once(issuer).chain(&self.certificates);
        let who = any.find(|one| self.names(one)).ok_or("who gave it does not stand inside")?;
        let signature = self.basic.signature.as_bytes().unwrap_or_default();
        if who.vouches(self.basic.algorithm.oid, &self.signed, signature).is_err() {
            return Err(format!("it was not signed by {}, or has changed since", who.subject()));
        }
        if who.der() == issuer.der() {
            return Ok(());
        }
        let at = instant(self.data.produced_at);
        if who.signed_by(issuer).is_err() || !who.answers_status() {
            return Err(format!("{} may not answer for {}", who.subject(), issuer.subject()));
        }
        who.valid_at(at)?;
        if who.needs_no_check() {
            return Ok(());
        }
        let mut lists = lists.iter().filter(|list| list.is_of(issuer));
        let told = lists.find(|list| list.tells_of(at, moment.known));
        match told.map(|list| list.revoked(who).filter(|when| *when <= at)) {
            Some(None) => Ok(()),
            Some(Some(_)) => Err(format!("{} was taken back", who.subject())),
            None => Err(format!("nothing tells whether {} was taken back", who.subject())),
        }
    }

    fn names(&self, one: &Certificate) -> bool {
        match &self.data.responder {
            ResponderId::ByName(name) => name == one.parsed().tbs_certificate().subject(),
            ResponderId::ByKey(key) => {
                key.as_bytes() == digest(&SHA1_FOR_LEGACY_USE_ONLY, one.key_bytes()).as_ref()
            }
        }
    }
}

/// Which certificate it is, by SHA-1: what every responder understands. It is no more than a name; what
/// counts is who signs.
pub(super) fn called(certificate: &Certificate, issuer: &Certificate) -> der::Result<CertId> {
    let hash =
        |bytes: &[u8]| OctetString::new(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec());
    Ok(CertId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: ID_SHA_1,
            parameters: Some(der::asn1::Any::null()),
        },
        issuer_name_hash: hash(&issuer.parsed().tbs_certificate().subject().to_der()?)?,
        issuer_key_hash: hash(issuer.key_bytes())?,
        serial_number: certificate.parsed().tbs_certificate().serial_number().clone(),
    })
}

fn is_of(about: &CertId, certificate: &Certificate, issuer: &Certificate) -> bool {
    let how = match about.hash_algorithm.oid {
        ID_SHA_1 => &SHA1_FOR_LEGACY_USE_ONLY,
        ID_SHA_256 => &SHA256,
        _ => return false,
    };
    let Ok(name) = issuer.parsed().tbs_certificate().subject().to_der() else { return false };
    about.serial_number == *certificate.parsed().tbs_certificate().serial_number()
        && about.issuer_name_hash.as_bytes() == digest(how, &name).as_ref()
        && about.issuer_key_hash.as_bytes() == digest(how, issuer.key_bytes()).as_ref()
}

fn critical(extensions: Option<&Extensions>) -> bool {
    extensions.into_iter().flatten().any(|one| one.critical)
}

fn instant(time: GeneralizedTime) -> DateTime<Utc> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
