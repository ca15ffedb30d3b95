//! The CMS signature inside a PDF: made, and taken apart.

use super::certificate::Certificate;
use super::key::Key;
use super::kind::{Hash, Kind};
use crate::error::StatementError;
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc3161::ID_AA_TIME_STAMP_TOKEN;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use const_oid::db::rfc5912::ID_SHA_256;
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;

/// RFC 5035; SHA-256 is the default and then absent.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(crate) struct SigningCertificateV2 {
    pub(crate) certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub(crate) struct EssCertIdV2 {
    #[asn1(optional = "true")]
    pub(crate) hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub(crate) cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> der::Result<Attribute> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// Signs bytes, one part after the other: exactly the attributes that PAdES B-B asks for. The time
/// stands in the PDF's own dictionary, which the bytes hold.
pub(crate) fn sign(
    key: &Key,
    leaf: &Certificate,
    chain: &[Certificate],
    parts: &[&[u8]],
) -> Result<Signed, StatementError> {
    let kind = key.kind();
    let attributes = attributes(kind.hash(), leaf, parts).map_err(unmade)?;
    // What is signed is the explicit SET OF, not the implicit tag under which it is stored.
    let signature = key.sign(&attributes.to_der().map_err(unmade)?)?;
    let certificates = std::iter::once(leaf.clone()).chain(chain.iter().cloned()).collect();
    Ok(Signed { kind, leaf: leaf.clone(), certificates, attributes, signature })
}

/// A signature that is made, and can still be stamped with the time.
pub(crate) struct Signed {
    kind: Kind,
    leaf: Certificate,
    certificates: Vec<Certificate>,
    attributes: SetOfVec<Attribute>,
    signature: Vec<u8>,
}

impl Signed {
    /// The kind of key that made it.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The signature's value: what a time stamp is for.
    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The whole, with the time stamp where there is one.
    pub(crate) fn encode(&self, stamp: Option<&[u8]>) -> Result<Vec<u8>, StatementError> {
        let stamp = stamp.map(Any::from_der).transpose().map_err(unmade)?;
        let attributes = self.attributes.clone();
        let who = (self.kind, &self.leaf);
        assemble(who, &self.certificates, attributes, &self.signature, stamp).map_err(unmade)
    }
}

fn unmade(error: der::Error) -> StatementError {
    StatementError::Internal(format!("signing: {error}"))
}

fn attributes(hash: Hash, leaf: &Certificate, parts: &[&[u8]]) -> der::Result<SetOfVec<Attribute>> {
    let certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash_algorithm: (hash != Hash::Sha256).then(|| hash.identifier()),
            cert_hash: OctetString::new(hash.of(&[leaf.der()]))?,
            issuer_serial: None,
        }],
        policies: None,
    };
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(hash.of(parts))?)?,
        attribute(ID_AA_SIGNING_CERTIFICATE_V_2, &certificate)?,
    ])
}

/// The one form in which a seal is written.
fn assemble(
    (kind, leaf): (Kind, &Certificate),
    certificates: &[Certificate],
    attributes: SetOfVec<Attribute>,
    signature: &[u8],
    stamp: Option<Any>,
) -> der::Result<Vec<u8>> {
    let stamp = stamp
        .map(|token| {
            let values = SetOfVec::try_from(vec![token])?;
            SetOfVec::try_from(vec![Attribute { oid: ID_AA_TIME_STAMP_TOKEN, values }])
        })
        .transpose()?;
    let tbs = leaf.parsed().tbs_certificate();
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: tbs.issuer().clone(),
            serial_number: tbs.serial_number().clone(),
        }),
        digest_alg: kind.hash().identifier(),
        signed_attrs: Some(attributes),
        signature_algorithm: kind.signature(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: stamp,
    };
    let certificates: Vec<CertificateChoices> = certificates
        .iter()
        .map(|certificate| CertificateChoices::Certificate(certificate.parsed().clone()))
        .collect();
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![kind.hash().identifier()])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(CertificateSet(SetOfVec::try_from(certificates)?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
    };
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::from_der(&data.to_der()?)? }.to_der()
}

/// A signature taken apart.
pub(crate) struct Signature {
    /// The kind of the key that its certificate is about.
    kind: Kind,
    certificates: Vec<Certificate>,
    signer: SignerInfo,
}

impl Signature {
    /// Reads a signature with exactly one signer.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let named = |error: der::Error| format!("it is not a CMS signature: {error}");
        let info = ContentInfo::from_der(bytes).map_err(named)?;
        if info.content_type != ID_SIGNED_DATA {
            return Err("it is not a CMS signature".into());
        }
        let data: SignedData = info.content.decode_as().map_err(named)?;
        if data.encap_content_info.econtent.is_some() {
            return Err("it signs content of its own instead of the document".into());
        }
        let signer = match data.signer_infos.0.as_slice() {
            [signer] => signer.clone(),
            other => return Err(format!("it has {} signers instead of one", other.len())),
        };
        let mut certificates = Vec::new();
        for choice in data.certificates.iter().flat_map(|set| set.0.iter()) {
            if let CertificateChoices::Certificate(certificate) = choice {
                let der = certificate.to_der().map_err(named)?;
                certificates.push(Certificate::from_der(&der).map_err(named)?);
            }
        }
        let kind = leaf(&signer, &certificates, "signer")?.kind().map_err(|found| {
            format!("its certificate is about {found}, with which no statement is sealed")
        })?;
        let read = Self { kind, certificates, signer };
        read.check_form(bytes)?;
        Ok(read)
    }

    /// The kind of the key that its certificate is about.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it is written exactly as a seal is: no byte of it is left to chance, also where the
    /// signature itself does not reach.
    fn check_form(&self, bytes: &[u8]) -> Result<(), String> {
        let attributes = self.signer.signed_attrs.clone().ok_or("it has no signed attributes")?;
        let signature = self.signer.signature.as_bytes();
        let stamp = self.stamp()?.cloned();
        let who = (self.kind, self.leaf()?);
        let expected = assemble(who, &self.certificates, attributes, signature, stamp);
        if expected.is_ok_and(|expected| expected == bytes) {
            return Ok(());
        }
        Err("the signature is not in the form in which statements are sealed".into())
    }

    /// The time stamp, if it bears one; nothing else may stand beside what is signed.
    fn stamp(&self) -> Result<Option<&Any>, String> {
        let Some(unsigned) = &self.signer.unsigned_attrs else {
            return Ok(None);
        };
        match unsigned.as_slice() {
            [one] if one.oid == ID_AA_TIME_STAMP_TOKEN && one.values.len() == 1 => {
                Ok(one.values.get(0))
            }
            _ => Err("something else than one time stamp stands beside what is signed".into()),
        }
    }

    /// The time stamp's bytes, if it bears one.
    pub(crate) fn stamp_token(&self) -> Option<Vec<u8>> {
        self.stamp().ok().flatten().and_then(|token| token.to_der().ok())
    }

    /// The signature's value: what a time stamp is for.
    pub(crate) fn value(&self) -> &[u8] {
        self.signer.signature.as_bytes()
    }

    /// All certificates that it carries.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The signer's certificate.
    pub(crate) fn leaf(&self) -> Result<&Certificate, String> {
        leaf(&self.signer, &self.certificates, "signer")
    }

    fn attribute(&self, oid: ObjectIdentifier) -> Result<&Any, String> {
        let attributes = self.signer.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (Some(attribute), None) if attribute.values.len() == 1 => {
                attribute.values.get(0).ok_or_else(|| format!("the attribute {oid} is empty"))
            }
            (None, _) => Err(format!("the signed attribute {oid} is missing")),
            _ => Err(format!("the signed attribute {oid} stands more than once")),
        }
    }

    /// Whether it is for these bytes, one part after the other; by which hash.
    pub(crate) fn covers(&self, parts: &[&[u8]]) -> Result<&'static str, String> {
        let hash = self.kind.hash();
        let kind = self.attribute(ID_CONTENT_TYPE)?;
        if kind.tag() != Tag::ObjectIdentifier
            || kind.decode_as::<ObjectIdentifier>().ok() != Some(ID_DATA)
        {
            return Err("its content type is not data".into());
        }
        let stated: OctetString = self
            .attribute(ID_MESSAGE_DIGEST)?
            .decode_as()
            .map_err(|error| format!("its message digest can't be read: {error}"))?;
        if stated.as_bytes() != hash.of(parts) {
            return Err("the document's bytes are not those that were sealed".into());
        }
        Ok(hash.name())
    }

    /// Whether the signer's key made it.
    pub(crate) fn made_by(&self, leaf: &Certificate) -> Result<(), String> {
        use super::certificate::NotVouched;
        let attributes = self.signer.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
        let message = attributes.to_der().map_err(|error| error.to_string())?;
        let algorithm = self.signer.signature_algorithm.oid;
        leaf.vouches(algorithm, &message, self.signer.signature.as_bytes()).map_err(|why| match why
        {
            NotVouched::Wrong => "the signature was not made by the certificate's key".into(),
            NotVouched::Unsupported(algorithm) => {
                format!("the algorithm {algorithm} is none that this version can check")
            }
        })
    }

    /// Whether the key of the certificate that it names made it; by whom.
    pub(crate) fn is_genuine(&self) -> Result<String, String> {
        let leaf = self.leaf()?;
        self.made_by(leaf)?;
        self.names(leaf)?;
        Ok(format!("made with the key of {}", leaf.subject()))
    }

    /// Whether the certificate that it was signed for is the one that it carries.
    pub(crate) fn names(&self, leaf: &Certificate) -> Result<(), String> {
        let stated: SigningCertificateV2 = self
            .attribute(ID_AA_SIGNING_CERTIFICATE_V_2)?
            .decode_as()
            .map_err(|error| format!("signing-certificate-v2 can't be read: {error}"))?;
        let first = stated.certs.first().ok_or("signing-certificate-v2 names no certificate")?;
        let hash = self.kind.hash();
        if first.hash_algorithm.as_ref().map_or(ID_SHA_256, |algorithm| algorithm.oid) != hash.oid()
        {
            return Err(format!("signing-certificate-v2 does not use {}", hash.name()));
        }
        if first.cert_hash.as_bytes() != hash.of(&[leaf.der()]) {
            return Err("signing-certificate-v2 names another certificate".into());
        }
        Ok(())
    }
}

/// The certificate that a signer names, among those that came along.
pub(crate) fn leaf<'a>(
    signer: &SignerInfo,
    certificates: &'a [Certificate],
    who: &str,
) -> Result<&'a Certificate, String> {
    let SignerIdentifier::IssuerAndSerialNumber(wanted) = &signer.sid else {
        return Err("it does not name its certificate by issuer and serial number".into());
    };
    let mut found = certificates.iter().filter(|certificate| {
        let tbs = certificate.parsed().tbs_certificate();
        *tbs.issuer() == wanted.issuer && *tbs.serial_number() == wanted.serial_number
    });
    found.next().ok_or_else(|| format!("it does not carry its {who}'s certificate"))
}
