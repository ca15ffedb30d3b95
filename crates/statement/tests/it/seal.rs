//! Keys that can't seal are refused by name.

use crate::northwind::{self, PASSWORD, at};
use makegood_domain::error::Code;
use makegood_domain::random::Random;
use makegood_statement::{Seal, StatementError, Trust, authority, render, verify};
use std::process::Command;

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

/// Other tools' files: a P-256 key in today's and in yesterday's form, and keys of other kinds.
#[test]
fn pkcs12_files_of_openssl_are_read_and_other_keys_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let script = "set -e
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key \
          -out ec.pem -days 30 -subj /CN=Seal 2>/dev/null
        openssl pkcs12 -export -inkey ec.key -in ec.pem -out modern.p12 -passout pass:secret
        openssl pkcs12 -export -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 \
          -inkey ec.key -in ec.pem -out legacy.p12 -passout pass:secret
        other() {
          name=$1; shift
          openssl genpkey -out $name.key \"$@\" 2>/dev/null
          openssl req -x509 -key $name.key -out $name.pem -days 30 -subj /CN=Seal 2>/dev/null
          openssl pkcs12 -export -inkey $name.key -in $name.pem -out $name.p12 -passout pass:secret
        }
        other rsa -algorithm RSA; other pss -algorithm RSA-PSS; other ed -algorithm ED25519
        other p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
        other p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
        other k1 -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1
        openssl pkcs12 -export -nokeys -in ec.pem -out nokey.p12 -passout pass:secret";
    let status = Command::new("sh").arg("-c").arg(script).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    let open =
        |name: &str| Seal::from_pkcs12(&std::fs::read(folder.path().join(name)).unwrap(), "secret");
    assert!(open("modern.p12").unwrap().subject().contains("Seal"));
    assert!(open("legacy.p12").unwrap().subject().contains("Seal"));
    for (name, kind) in [
        ("rsa", "an RSA key;"),
        ("pss", "an RSA-PSS key;"),
        ("ed", "an Ed25519 key;"),
        ("p384", "a P-384 key;"),
        ("p521", "a P-521 key;"),
        ("k1", "a key on the curve 1.3.132.0.10;"),
    ] {
        let error = open(&format!("{name}.p12")).unwrap_err();
        assert_eq!(error.code(), Code::KeyInvalid);
        let said = error.to_string();
        assert!(said.contains(&format!("its private key is {kind}")), "{name}: {said}");
        assert!(said.contains("P-256 keys alone"), "{name}: {said}");
    }
    assert!(open("nokey.p12").unwrap_err().to_string().contains("no private key"));
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
