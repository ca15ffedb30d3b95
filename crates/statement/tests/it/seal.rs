//! Keys that can't seal are refused by name.

use crate::northwind::{self, PASSWORD, at};
use makegood_domain::error::Code;
use makegood_domain::random::Random;
use makegood_statement::{Seal, StatementError, Trust, authority, render, verify};

#[test]
fn a_wrong_password_is_told_apart_from_a_broken_file() {
    let authority = northwind::authority();
    let error = Seal::from_pkcs12(&authority.pkcs12, "wrong").unwrap_err();
    assert_eq!(error, StatementError::Password);
    assert_eq!(error.code(), Code::KeyPassword);
    let error = Seal::from_pkcs12(b"not a PKCS#12 file", PASSWORD).unwrap_err();
    assert_eq!(error.code(), Code::KeyInvalid);
}

#[test]
fn a_seal_says_whose_it_is() {
    let authority = northwind::authority();
    let seal = northwind::seal(&authority);
    assert!(seal.subject().contains("Fjordline Cloud GmbH (demo seal)"), "{}", seal.subject());
    assert_eq!(seal.fingerprint().len(), 64);
    assert!(!authority.root_pem.is_empty());
}

#[test]
fn a_certificate_that_is_not_valid_then_does_not_seal() {
    let unsigned = render(&northwind::document()).unwrap();
    let seal = northwind::seal(&northwind::authority());
    for (time, word) in [("2025-12-31T23:59:59Z", "only from"), ("2029-01-01T00:00:01Z", "expired")]
    {
        let error = seal.sign(&unsigned, at(time)).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(error.code(), Code::KeyInvalid);
    }
}

#[test]
fn a_seal_of_another_authority_is_not_believed() {
    let unsigned = render(&northwind::document()).unwrap();
    let (bytes, _) = northwind::sealed(&unsigned);
    let random = Random::seeded(8);
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2029-01-01T00:00:00Z"));
    let other = authority::make("Fjordline Cloud GmbH", PASSWORD, from, to, || random.bytes32());
    let trust = Trust::from_file(other.unwrap().root_pem.as_bytes()).unwrap();
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert!(!found.is_valid());
    let chain = found.checks.iter().find(|check| check.id == "chain").unwrap();
    assert!(chain.reason.contains("trusted certificates"), "{}", chain.reason);
}
