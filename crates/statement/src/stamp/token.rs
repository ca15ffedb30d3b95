//! A time stamp taken apart: what it is for, when it was given, and by whom.

use super::structs::{MessageImprint, SigningCertificate, TstInfo};
use crate::chain::climb;
use crate::seal::certificate::{Certificate, NotVouched};
use crate::seal::cms::{SigningCertificateV2, leaf};
use chrono::{DateTime, NaiveDateTime, Utc};
use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{SignedData, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc3161::ID_CT_TST_INFO;
use const_oid::db::rfc5280::ID_CE_EXT_KEY_USAGE;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE, ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
};
use const_oid::db::rfc5912::{
    ID_SHA_256, ID_SHA_384, ID_SHA_512, RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::asn1::{Any, Int, Null, OctetString};
use der::{Decode, Encode, Tag, Tagged};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use spki::AlgorithmIdentifierOwned;

/// A time stamp.
pub(crate) struct Token {
    leaf: Certificate,
    certificates: Vec<Certificate>,
    signer: SignerInfo,
    content: Vec<u8>,
    info: TstInfo,
    at: DateTime<Utc>,
}

impl Token {
    /// Takes a time stamp apart. No byte of it is left to chance, also where the authority's
    /// signature does not reach: what could be changed unseen is refused.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let named = |error: der::Error| format!("it is no time stamp: {error}");
        let outer = ContentInfo::from_der(bytes).map_err(named)?;
        if outer.content_type != ID_SIGNED_DATA {
            return Err("it is no time stamp: it is not signed".into());
        }
        let data: SignedData = outer.content.decode_as().map_err(named)?;
        let inner = &data.encap_content_info;
        if inner.econtent_type != ID_CT_TST_INFO {
            return Err("it is no time stamp: it signs something else".into());
        }
        let content: OctetString = match &inner.econtent {
            Some(content) => content.decode_as().map_err(named)?,
            None => return Err("it is no time stamp: it is empty".into()),
        };
        let info = TstInfo::from_der(content.as_bytes()).map_err(named)?;
        let signer = match data.signer_infos.0.as_slice() {
            [signer] => signer.clone(),
            other => return Err(format!("it has {} signers instead of one", other.len())),
        };
        check_form(&data, &signer)?;
        let mut certificates = Vec::new();
        for choice in data.certificates.iter().flat_map(|set| set.0.iter()) {
            let CertificateChoices::Certificate(certificate) = choice else {
                return Err("it carries something that is no certificate".into());
            };
            let der = certificate.to_der().map_err(named)?;
            certificates.push(Certificate::from_der(&der).map_err(named)?);
        }
        let leaf = leaf(&signer, &certificates, "authority")?.clone();
        let at = moment(&info.gen_time).ok_or("its time can't be read")?;
        Ok(Self { leaf, certificates, signer, content: content.as_bytes().to_vec(), info, at })
    }

    /// When it was given.
    pub(crate) fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who gave it.
    pub(crate) fn authority(&self) -> String {
        self.leaf.subject()
    }

    /// Its authority's certificate.
    pub(crate) fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// All certificates that it carries.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The number that came with the question.
    pub(super) fn nonce(&self) -> Option<&Int> {
        self.info.nonce.as_ref()
    }

    /// The policy under which it was given.
    pub(super) fn policy(&self) -> ObjectIdentifier {
        self.info.policy
    }

    /// Whether it is for these bytes, one part after the other.
    pub(crate) fn is_for(&self, parts: &[&[u8]]) -> Result<(), String> {
        let how = self.info.message_imprint.hash_algorithm.oid;
        self.is_for_hash(how, &hash(how, parts)?)
    }

    /// Whether it is for what was asked.
    pub(super) fn answers(&self, asked: &MessageImprint) -> Result<(), String> {
        self.is_for_hash(asked.hash_algorithm.oid, asked.hashed_message.as_bytes())
    }

    fn is_for_hash(&self, how: ObjectIdentifier, hash: &[u8]) -> Result<(), String> {
        let imprint = &self.info.message_imprint;
        let same = imprint.hash_algorithm.oid == how && imprint.hashed_message.as_bytes() == hash;
        if same && is_plain(&imprint.hash_algorithm) {
            return Ok(());
        }
        Err("it is for another signature".into())
    }

    /// Whether its authority made it, with a key that was for time stamps and valid then.
    pub(crate) fn genuine(&self) -> Result<(), String> {
        let critical = self.info.extensions.iter().flatten().find(|one| one.critical);
        if let Some(extension) = critical {
            let id = extension.extn_id;
            return Err(format!("it has a critical extension {id}, unknown here"));
        }
        let kind: ObjectIdentifier = self.signed(ID_CONTENT_TYPE)?;
        let stated: OctetString = self.signed(ID_MESSAGE_DIGEST)?;
        if kind != ID_CT_TST_INFO
            || stated.as_bytes() != hash(self.signer.digest_alg.oid, &[&self.content])?
        {
            return Err("it was changed since its authority signed it".into());
        }
        let attributes = self.signer.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
        let message = attributes.to_der().map_err(|error| error.to_string())?;
        let signature = self.signer.signature.as_bytes();
        self.leaf.vouches(self.algorithm(), &message, signature).map_err(|why| match why {
            NotVouched::Wrong => "it was not made by its authority's key".to_owned(),
            NotVouched::Unsupported(algorithm) => {
                format!("its algorithm {algorithm} is none that this version can check")
            }
        })?;
        self.names_its_certificate()?;
        if !self.leaf.stamps_alone() || !self.leaf.may_sign() {
            return Err(format!("{} is not meant for time stamps alone", self.authority()));
        }
        if let Some(extension) = self.leaf.unknown_critical(&[ID_CE_EXT_KEY_USAGE]) {
            let authority = self.authority();
            return Err(format!("{authority} has a critical extension {extension}, unknown here"));
        }
        self.leaf.valid_at(self.at)
    }

    /// Whether its authority stands under one of these roots; how.
    pub(crate) fn anchored(&self, roots: &[Certificate]) -> Result<String, String> {
        let all = || self.certificates.iter().chain(roots);
        for one in &self.certificates {
            let vouched = *one == self.leaf || all().any(|above| one.signed_by(above).is_ok());
            if !vouched {
                let subject = one.subject();
                return Err(format!("it carries a certificate of {subject} that nobody signed"));
            }
        }
        climb(&self.leaf, &self.certificates, roots, self.at)
    }

    /// The algorithm of its signature; RSA may be named without its hash.
    fn algorithm(&self) -> ObjectIdentifier {
        match (self.signer.signature_algorithm.oid, self.signer.digest_alg.oid) {
            (RSA_ENCRYPTION, ID_SHA_256) => SHA_256_WITH_RSA_ENCRYPTION,
            (RSA_ENCRYPTION, ID_SHA_384) => SHA_384_WITH_RSA_ENCRYPTION,
            (RSA_ENCRYPTION, ID_SHA_512) => SHA_512_WITH_RSA_ENCRYPTION,
            (other, _) => other,
        }
    }

    /// Whether the certificate that it was signed for is the one that it carries (RFC 5816).
    fn names_its_certificate(&self) -> Result<(), String> {
        let der = self.leaf.der();
        let same = if self.attribute(ID_AA_SIGNING_CERTIFICATE_V_2).is_ok() {
            let stated: SigningCertificateV2 = self.signed(ID_AA_SIGNING_CERTIFICATE_V_2)?;
            let first = stated.certs.first().ok_or("it names no certificate")?;
            let how = first.hash_algorithm.as_ref().map_or(ID_SHA_256, |algorithm| algorithm.oid);
            first.cert_hash.as_bytes() == hash(how, &[der])?
        } else {
            let stated: SigningCertificate = self.signed(ID_AA_SIGNING_CERTIFICATE)?;
            let first = stated.certs.first().ok_or("it names no certificate")?;
            first.cert_hash.as_bytes() == digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref()
        };
        if same { Ok(()) } else { Err("it names another certificate than it carries".into()) }
    }

    fn attribute(&self, oid: ObjectIdentifier) -> Result<&Any, String> {
        let attributes = self.signer.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (Some(one), None) if one.values.len() == 1 => {
                one.values.get(0).ok_or_else(|| format!("its signed attribute {oid} is empty"))
            }
            _ => Err(format!("it does not bear the signed attribute {oid} once")),
        }
    }

    fn signed<T>(&self, oid: ObjectIdentifier) -> Result<T, String>
    where
        T: for<'a> Decode<'a, Error = der::Error>,
    {
        let value = self.attribute(oid)?.to_der().map_err(|error| error.to_string())?;
        T::from_der(&value).map_err(|error| format!("its signed attribute {oid}: {error}"))
    }
}

/// Everything that no signature covers says what it has to say, and nothing else.
fn check_form(data: &SignedData, signer: &SignerInfo) -> Result<(), String> {
    let algorithms = [&signer.digest_alg, &signer.signature_algorithm];
    let form = data.version == CmsVersion::V3
        && signer.version == CmsVersion::V1
        && data.digest_algorithms.as_slice() == [signer.digest_alg.clone()]
        && algorithms.into_iter().all(is_plain)
        && data.crls.is_none()
        && signer.unsigned_attrs.is_none();
    if form { Ok(()) } else { Err("it is not in a form in which every byte is checked".into()) }
}

/// Whether an algorithm has no parameters.
fn is_plain(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|any| any.decode_as::<Null>().is_ok())
}

fn hash(algorithm: ObjectIdentifier, parts: &[&[u8]]) -> Result<Vec<u8>, String> {
    let algorithm = match algorithm {
        ID_SHA_256 => &SHA256,
        ID_SHA_384 => &SHA384,
        ID_SHA_512 => &SHA512,
        other => return Err(format!("its hash {other} is none that this version can check")),
    };
    let mut context = Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    Ok(context.finish().as_ref().to_vec())
}

/// A GeneralizedTime in UTC, with a fraction of a second or none (RFC 3161, 2.4.2).
fn moment(time: &Any) -> Option<DateTime<Utc>> {
    if time.tag() != Tag::GeneralizedTime {
        return None;
    }
    let text = std::str::from_utf8(time.value()).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) {
        return None;
    }
    NaiveDateTime::parse_from_str(whole, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc())
}
