//! What a certificate says that it is for: one for a server seals no statement.

use crate::archive::reason;
use crate::kinds::{folder, now, open, trust, unsigned};
use crate::stamp::{outcome, signature};
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfos};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, DecodePem, Encode};
use makegood_domain::error::Code;
use makegood_statement::{Outcome, Verdict, verify};
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer};
use p256::pkcs8::DecodePrivateKey;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;

fn certificate(name: &str) -> Certificate {
    Certificate::from_pem(std::fs::read(folder().join(format!("{name}.pem"))).unwrap()).unwrap()
}

/// A statement sealed as ours are, with a certificate of the same key that ours would not seal with.
fn sealed_with(name: &str) -> Vec<u8> {
    let mut bytes = open("p256").unwrap().sign(unsigned(), now()).unwrap();
    let place = signature(&bytes);
    let mut info = ContentInfo::from_der(&hex::decode(&bytes[place.clone()]).unwrap()).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    let (own, other) = (certificate("p256"), certificate(name));
    let mut signer = data.signer_infos.0.get(0).unwrap().clone();
    let SignerIdentifier::IssuerAndSerialNumber(sid) = &mut signer.sid else { panic!("a number") };
    sid.serial_number = other.tbs_certificate().serial_number().clone();
    let hash = |one: &Certificate| Sha256::digest(one.to_der().unwrap()).to_vec();
    let mut signed = signer.signed_attrs.unwrap().to_der().unwrap();
    let at = signed.windows(32).position(|part| part == hash(&own)).unwrap();
    signed[at..at + 32].copy_from_slice(&hash(&other));
    let key = std::fs::read(folder().join("p256.der")).unwrap();
    let signature: DerSignature = SigningKey::from_pkcs8_der(&key).unwrap().sign(&signed);
    signer.signed_attrs = Some(SetOfVec::from_der(&signed).unwrap());
    signer.signature = OctetString::new(signature.as_bytes()).unwrap();
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![signer]).unwrap());
    let choice = cms::cert::CertificateChoices::Certificate(other);
    data.certificates =
        Some(cms::signed_data::CertificateSet(SetOfVec::try_from(vec![choice]).unwrap()));
    info.content = Any::from_der(&data.to_der().unwrap()).unwrap();
    // What it does not take of its room is zeros.
    let room = bytes[place.start..].iter().position(|byte| *byte == b'>').unwrap();
    let filled = format!("{:0<room$}", hex::encode(info.to_der().unwrap()));
    bytes[place.start..place.start + room].copy_from_slice(filled.as_bytes());
    bytes
}

#[test]
fn law_11_a_seal_of_a_certificate_that_is_meant_for_something_else_is_not_believed() {
    for name in ["server", "code"] {
        let found = verify(&sealed_with(name), &trust(folder()), now());
        assert_eq!(outcome(&found, "signature"), Outcome::Pass, "{found:#?}");
        assert_eq!(outcome(&found, "chain"), Outcome::Pass, "{found:#?}");
        assert_eq!(outcome(&found, "usage"), Outcome::Fail, "{name}: {found:#?}");
        assert!(reason(&found, "usage").contains("not for signing documents"), "{found:#?}");
        assert_eq!(found.verdict, Verdict::Invalid);
    }
    // The way there is right: with one that is meant for it, it holds.
    let found = verify(&sealed_with("document"), &trust(folder()), now());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
}

#[test]
fn a_certificate_that_is_meant_for_something_else_does_not_seal_and_says_what() {
    for (name, meant) in [("server", "id-kp-serverAuth"), ("code", "id-kp-codeSigning")] {
        let error = open(name).unwrap_err();
        assert_eq!(error.code(), Code::KeyInvalid);
        let told = error.to_string();
        assert!(told.contains(meant) && told.contains("signing documents"), "{told}");
    }
    for name in ["document", "mail", "adobe", "microsoft", "any"] {
        let bytes = open(name).unwrap().sign(unsigned(), now()).unwrap();
        let found = verify(&bytes, &trust(folder()), now());
        assert_eq!(found.verdict, Verdict::Valid, "{name}: {found:#?}");
    }
}

#[test]
fn the_verdict_names_who_sealed() {
    let bytes = open("document").unwrap().sign(unsigned(), now()).unwrap();
    let found = verify(&bytes, &trust(folder()), now());
    let who = "is sealed by CN=document,O=Fjordline Cloud GmbH, whole and unchanged;";
    assert!(found.words.contains(who), "{}", found.words);
}
