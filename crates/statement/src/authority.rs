//! A throw-away authority and seal for the demo and for tests. Its name says that it is a demo.

use crate::error::StatementError;
use chrono::{DateTime, Utc};
use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME};
use der::asn1::{Any, BitString, GeneralizedTime, OctetString, SetOfVec, UtcTime, Utf8StringRef};
use der::flagset::FlagSet;
use der::{Decode, Encode, EncodePem, pem::LineEnding};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePrivateKey;
use sha2::{Digest, Sha256};
use spki::{EncodePublicKey, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use std::time::Duration;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

/// Alias of the key in the PKCS#12 file.
const ALIAS: &str = "seal";

/// A demo authority with one seal under it.
#[derive(Clone)]
pub struct DemoAuthority {
    /// The root certificate, DER: what a verifier trusts.
    pub root: Vec<u8>,
    /// The root certificate, PEM: what other tools ask for.
    pub root_pem: String,
    /// The seal's key and certificate, PKCS#12.
    pub pkcs12: Vec<u8>,
}

impl std::fmt::Debug for DemoAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let root = hex::encode(Sha256::digest(&self.root));
        f.debug_struct("DemoAuthority").field("root_sha256", &root).finish_non_exhaustive()
    }
}

/// Makes a demo authority and a seal for `organisation`, valid from `from` to `to` (whole
/// seconds). `random` gives 32 random bytes at each call: `|| random.bytes32()` of the domain's one
/// source of randomness. The PKCS#12's own salts come from the library that writes it.
///
/// # Errors
/// [`StatementError::Internal`] when a certificate could not be made, and [`StatementError::Field`]
/// when `from` is not before `to` or before 1970.
pub fn make(
    organisation: &str,
    password: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    mut random: impl FnMut() -> [u8; 32],
) -> Result<DemoAuthority, StatementError> {
    let validity = validity(from, to)?;
    let root_key = key(&mut random);
    let seal_key = key(&mut random);
    let root_name = distinguished(&["Makegood demo", "Makegood demo authority"])?;
    let seal_name = distinguished(&[organisation, &format!("{organisation} (demo seal)")])?;
    let root = certificate(
        Demo { subject: root_name.clone(), issuer: root_name.clone(), authority: true },
        (&root_key, &root_key),
        validity,
        &random(),
    )?;
    let leaf = certificate(
        Demo { subject: seal_name, issuer: root_name, authority: false },
        (&seal_key, &root_key),
        validity,
        &random(),
    )?;
    let root_der = root.to_der().map_err(internal)?;
    let leaf_der = leaf.to_der().map_err(internal)?;
    Ok(DemoAuthority {
        root_pem: root.to_pem(LineEnding::LF).map_err(internal)?,
        pkcs12: pkcs12(&seal_key, &leaf_der, &root_der, password)?,
        root: root_der,
    })
}

fn internal(error: impl std::fmt::Display) -> StatementError {
    StatementError::Internal(format!("the demo authority: {error}"))
}

/// A key from random bytes; the few values that are no key are passed over.
fn key(random: &mut impl FnMut() -> [u8; 32]) -> SigningKey {
    loop {
        if let Ok(key) = SigningKey::from_slice(&random()) {
            return key;
        }
    }
}

fn pkcs12(
    key: &SigningKey,
    leaf: &[u8],
    root: &[u8],
    password: &str,
) -> Result<Vec<u8>, StatementError> {
    let key = key.to_pkcs8_der().map_err(internal)?;
    let key = PrivateKey::from_der(key.as_bytes()).map_err(internal)?;
    let leaf_certificate = Certificate::from_der(leaf).map_err(internal)?;
    let root_certificate = Certificate::from_der(root).map_err(internal)?;
    let id = Sha256::digest(leaf)[..8].to_vec();
    let chain = PrivateKeyChain::new(id, key, [leaf_certificate, root_certificate]);
    let mut store = KeyStore::new();
    store.add_entry(ALIAS, KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().map_err(internal)
}

fn validity(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Validity, StatementError> {
    let refused = || StatementError::field("validity", "give an end after the beginning");
    if to <= from {
        return Err(refused());
    }
    let time = |at: DateTime<Utc>| {
        let seconds = u64::try_from(at.timestamp()).map_err(|_| refused())?;
        let since = Duration::from_secs(seconds);
        // RFC 5280: two-digit years up to 2049, four digits from then on.
        match UtcTime::from_unix_duration(since) {
            Ok(time) => Ok(Time::UtcTime(time)),
            Err(_) => GeneralizedTime::from_unix_duration(since)
                .map(Time::GeneralTime)
                .map_err(|_| refused()),
        }
    };
    Ok(Validity::new(time(from)?, time(to)?))
}

/// A name of an organisation and a common name.
fn distinguished([organisation, common]: &[&str; 2]) -> Result<Name, StatementError> {
    let part = |oid, value: &str| {
        let value = Any::from(Utf8StringRef::new(value).map_err(internal)?);
        let set = SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]);
        set.map(RelativeDistinguishedName::from).map_err(internal)
    };
    let parts = vec![part(ORGANIZATION_NAME, organisation)?, part(COMMON_NAME, common)?];
    let sequence = RdnSequence::from(parts).to_der().map_err(internal)?;
    Name::from_der(&sequence).map_err(internal)
}

fn certificate(
    profile: Demo,
    (own, issuer): (&SigningKey, &SigningKey),
    validity: Validity,
    random: &[u8; 32],
) -> Result<x509_cert::Certificate, StatementError> {
    let public = own.verifying_key().to_public_key_der().map_err(internal)?;
    let public = SubjectPublicKeyInfoOwned::from_der(public.as_bytes()).map_err(internal)?;
    // A positive number of 16 bytes.
    let mut serial = random[..16].to_vec();
    serial[0] = serial[0] & 0x7f | 0x40;
    let serial = SerialNumber::new(&serial).map_err(internal)?;
    let builder = CertificateBuilder::new(profile, serial, validity, public).map_err(internal)?;
    builder.build::<_, DerSignature>(issuer).map_err(internal)
}

/// What the demo's certificates say.
struct Demo {
    subject: Name,
    issuer: Name,
    authority: bool,
}

impl BuilderProfile for Demo {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let usages: FlagSet<KeyUsages> = if self.authority {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        } else {
            KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
        };
        let limit = self.authority.then_some(0);
        let constraints = BasicConstraints { ca: self.authority, path_len_constraint: limit };
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(key_identifier(&issuer.subject_public_key)?),
            ..AuthorityKeyIdentifier::default()
        };
        let subject = tbs.subject();
        Ok(vec![
            constraints.to_extension(subject, &[])?,
            KeyUsage(usages).to_extension(subject, &[])?,
            SubjectKeyIdentifier(key_identifier(&own.subject_public_key)?)
                .to_extension(subject, &[])?,
            authority.to_extension(subject, &[])?,
        ])
    }
}

/// RFC 7093, method 1.
fn key_identifier(key: &der::asn1::BitStringRef<'_>) -> der::Result<OctetString> {
    let bytes = BitString::new(0, key.raw_bytes())?;
    OctetString::new(&Sha256::digest(bytes.raw_bytes())[..20])
}
