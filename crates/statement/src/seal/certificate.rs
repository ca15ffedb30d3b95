//! An X.509 certificate: what it says, and what it vouches for.

use super::kind::{Described, Kind};
use chrono::{DateTime, Utc};
use const_oid::ObjectIdentifier;
use const_oid::db::DB;
use const_oid::db::rfc4519::COMMON_NAME;
use const_oid::db::rfc5280::{
    ANY_EXTENDED_KEY_USAGE, ID_AD_OCSP, ID_CE_EXT_KEY_USAGE, ID_KP_EMAIL_PROTECTION,
    ID_KP_OCSP_SIGNING, ID_KP_TIME_STAMPING,
};
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1,
    SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION,
    SHA_512_WITH_RSA_ENCRYPTION,
};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, BasicConstraints, ExtendedKeyUsage, KeyUsage,
};

/// The extensions that are understood here; any other critical one is a reason to refuse.
const KNOWN: [&str; 4] = ["2.5.29.15", "2.5.29.19", "2.5.29.14", "2.5.29.35"];

/// What a certificate that says what it is for has to name, one of these, so that it seals documents:
/// RFC 9336's own, what was used before there was that, Adobe's and Microsoft's, or anything at all.
const SEALING: [ObjectIdentifier; 5] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
    ID_KP_EMAIL_PROTECTION,
    ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.5"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.3.12"),
    ANY_EXTENDED_KEY_USAGE,
];

/// A certificate with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

/// RFC 8017, A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The certificates of a file: PEM, one or several, or one in DER.
pub(crate) fn read_file(bytes: &[u8]) -> Result<Vec<Certificate>, der::Error> {
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !bytes.windows(begin.len()).any(|window| window == begin) {
        return Ok(vec![Certificate::from_der(bytes)?]);
    }
    let chain = x509_cert::Certificate::load_pem_chain(bytes)?;
    chain.iter().map(|one| Certificate::from_der(&one.to_der()?)).collect()
}

/// Why a certificate does not vouch for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotVouched {
    /// The signature is wrong.
    Wrong,
    /// The algorithm is none that this version can check.
    Unsupported(String),
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, der::Error> {
        Ok(Self { der: der.to_vec(), parsed: x509_cert::Certificate::from_der(der)? })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn parsed(&self) -> &x509_cert::Certificate {
        &self.parsed
    }

    pub(crate) fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    pub(crate) fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// The subject's common name, or the whole subject where it has none.
    pub(crate) fn common_name(&self) -> String {
        let subject = self.parsed.tbs_certificate().subject();
        let common = subject.iter().find(|attribute| attribute.oid == COMMON_NAME);
        common
            .and_then(|attribute| std::str::from_utf8(attribute.value.value()).ok())
            .map_or_else(|| self.subject(), str::to_owned)
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_self_signed(&self) -> bool {
        let tbs = self.parsed.tbs_certificate();
        tbs.issuer() == tbs.subject()
    }

    /// Whether `issuer` is the one that it names.
    pub(crate) fn names_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
    }

    /// The public key: a point, or an RSA key's two numbers.
    fn public_key(&self) -> Option<&[u8]> {
        self.parsed.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes()
    }

    /// The same, for what is called by a hash of it.
    pub(crate) fn key_bytes(&self) -> &[u8] {
        self.public_key().unwrap_or_default()
    }

    /// Where its issuer says who of its certificates was taken back (OCSP).
    pub(crate) fn responder(&self) -> Option<String> {
        let found = self.parsed.tbs_certificate().get_extension::<AuthorityInfoAccessSyntax>();
        let all = found.ok().flatten()?.1;
        all.0.iter().filter(|one| one.access_method == ID_AD_OCSP).find_map(|one| {
            match &one.access_location {
                GeneralName::UniformResourceIdentifier(address) => Some(address.to_string()),
                _ => None,
            }
        })
    }

    /// Whether its issuer has named it to say who was taken back.
    pub(crate) fn answers_status(&self) -> bool {
        let found = self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        let named =
            found.ok().flatten().is_some_and(|(_, usage)| usage.0.contains(&ID_KP_OCSP_SIGNING));
        named && self.may_sign() && self.unknown_critical(&[ID_CE_EXT_KEY_USAGE]).is_none()
    }

    /// Whether its issuer says that it is trusted for as long as it is valid.
    pub(crate) fn needs_no_check(&self) -> bool {
        let mut all = self.parsed.tbs_certificate().extensions().into_iter().flatten();
        all.any(|extension| extension.extn_id == ID_PKIX_OCSP_NOCHECK)
    }

    fn key_kind(&self) -> ObjectIdentifier {
        self.parsed.tbs_certificate().subject_public_key_info().algorithm.oid
    }

    fn curve(&self) -> Option<ObjectIdentifier> {
        let algorithm = &self.parsed.tbs_certificate().subject_public_key_info().algorithm;
        if self.key_kind() != ID_EC_PUBLIC_KEY {
            return None;
        }
        algorithm.parameters.as_ref()?.decode_as().ok()
    }

    /// The kind of its key, where that is one that seals; else its name.
    pub(crate) fn kind(&self) -> Result<Kind, String> {
        let rsa = RsaPublicKey::from_der(self.key_bytes()).ok();
        Kind::of(Described {
            algorithm: self.key_kind(),
            curve: self.curve(),
            modulus: rsa.as_ref().map(|key| key.modulus.as_bytes()),
        })
    }

    fn usage(&self) -> Option<KeyUsage> {
        let found = self.parsed.tbs_certificate().get_extension::<KeyUsage>();
        found.ok().flatten().map(|(_, usage)| usage)
    }

    /// Whether its usage allows signing documents.
    pub(crate) fn may_sign(&self) -> bool {
        self.usage().is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
    }

    /// Whether it may seal documents; else why not. A certificate of a server, say, may sign, and is no
    /// seal all the same: whoever holds its key was never asked whether they speak for the house.
    pub(crate) fn may_seal(&self) -> Result<(), String> {
        if let Some(extension) = self.unknown_critical(&[ID_CE_EXT_KEY_USAGE]) {
            return Err(format!("it has a critical extension {extension}, unknown here"));
        }
        if !self.may_sign() {
            return Err("its usage is not signing documents".to_owned());
        }
        let found = self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        let meant = match found {
            Ok(None) => return Ok(()),
            Ok(Some((_, usage))) => usage.0,
            Err(error) => return Err(format!("what it is meant for can't be read: {error}")),
        };
        if meant.iter().any(|one| SEALING.contains(one)) {
            return Ok(());
        }
        let name =
            |one: &ObjectIdentifier| DB.by_oid(one).map_or_else(|| one.to_string(), str::to_owned);
        let meant: Vec<String> = meant.iter().map(name).collect();
        Err(format!("it is meant for {}, not for signing documents", meant.join(", ")))
    }

    /// Whether it may issue certificates.
    pub(crate) fn may_issue(&self) -> bool {
        let found = self.parsed.tbs_certificate().get_extension::<BasicConstraints>();
        let authority = found.ok().flatten().is_some_and(|(_, constraints)| constraints.ca);
        authority && self.usage().is_none_or(|usage| usage.key_cert_sign())
    }

    /// Whether it may issue revocation lists.
    pub(crate) fn may_list(&self) -> bool {
        self.usage().is_none_or(|usage| usage.crl_sign())
    }

    /// How many authorities may stand below it, if that is limited.
    pub(crate) fn path_limit(&self) -> Option<usize> {
        let found = self.parsed.tbs_certificate().get_extension::<BasicConstraints>();
        let constraints = found.ok().flatten()?.1;
        constraints.path_len_constraint.map(usize::from)
    }

    /// A critical extension that is understood neither here nor by who asks, which names those
    /// that it does.
    pub(crate) fn unknown_critical(&self, also: &[ObjectIdentifier]) -> Option<String> {
        let mut all = self.parsed.tbs_certificate().extensions()?.iter();
        let found = all.find(|extension| {
            let known = KNOWN.contains(&extension.extn_id.to_string().as_str());
            extension.critical && !known && !also.contains(&extension.extn_id)
        });
        found.map(|extension| extension.extn_id.to_string())
    }

    /// Whether it is meant for time stamps and for nothing else (RFC 3161, 2.3).
    pub(crate) fn stamps_alone(&self) -> bool {
        let found = self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        found.ok().flatten().is_some_and(|(critical, usage)| {
            critical && usage.0.as_slice() == [ID_KP_TIME_STAMPING]
        })
    }

    /// Whether it is valid at this time; else the reason.
    pub(crate) fn valid_at(&self, at: DateTime<Utc>) -> Result<(), String> {
        let validity = self.parsed.tbs_certificate().validity();
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        let day = |seconds: i64| {
            DateTime::from_timestamp(seconds, 0)
                .map_or_else(|| "?".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
        };
        let (from, to) = (seconds(validity.not_before), seconds(validity.not_after));
        if at.timestamp() < from {
            return Err(format!(
                "the certificate {} is valid only from {}",
                self.subject(),
                day(from)
            ));
        }
        if at.timestamp() > to {
            return Err(format!("the certificate {} expired on {}", self.subject(), day(to)));
        }
        Ok(())
    }

    /// Whether this certificate's key made `signature` over `message`.
    pub(crate) fn vouches(
        &self,
        algorithm: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotVouched> {
        let rsa = self.key_kind() == RSA_ENCRYPTION;
        let how: &dyn VerificationAlgorithm = match (self.curve(), algorithm) {
            (Some(SECP_256_R_1), ECDSA_WITH_SHA_256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Some(SECP_256_R_1), ECDSA_WITH_SHA_384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Some(SECP_384_R_1), ECDSA_WITH_SHA_256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Some(SECP_384_R_1), ECDSA_WITH_SHA_384) => &signature::ECDSA_P384_SHA384_ASN1,
            (_, SHA_256_WITH_RSA_ENCRYPTION) if rsa => &signature::RSA_PKCS1_2048_8192_SHA256,
            (_, SHA_384_WITH_RSA_ENCRYPTION) if rsa => &signature::RSA_PKCS1_2048_8192_SHA384,
            (_, SHA_512_WITH_RSA_ENCRYPTION) if rsa => &signature::RSA_PKCS1_2048_8192_SHA512,
            _ => {
                let named = DB.by_oid(&algorithm).map(str::to_owned);
                return Err(NotVouched::Unsupported(
                    named.unwrap_or_else(|| algorithm.to_string()),
                ));
            }
        };
        let key = UnparsedPublicKey::new(how, self.public_key().unwrap_or_default());
        key.verify(message, signature).map_err(|_| NotVouched::Wrong)
    }

    /// Whether `issuer` signed this certificate.
    pub(crate) fn signed_by(&self, issuer: &Self) -> Result<(), NotVouched> {
        let algorithm = self.parsed.signature_algorithm();
        if algorithm != self.parsed.tbs_certificate().signature() {
            return Err(NotVouched::Wrong);
        }
        let message = self.parsed.tbs_certificate().to_der().map_err(|_| NotVouched::Wrong)?;
        let signature = self.parsed.signature().as_bytes().unwrap_or_default();
        issuer.vouches(algorithm.oid, &message, signature)
    }
}
