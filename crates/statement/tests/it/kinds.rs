//! Each kind of key that seals: out of PKCS#12 files of OpenSSL's, as today's and yesterday's programs
//! write them, and in a token; and those that do not seal, refused by name.

use crate::archive::{self, reason};
use crate::stamp::{self, House, outcome, read, shell, signature};
use crate::token::{PIN, place, process, shim};
use crate::{northwind, samples};
use chrono::{DateTime, Utc};
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::{Any, Null};
use der::{Decode, Encode};
use makegood_domain::{Clock, error::Code};
use makegood_statement::{
    BatchList, Outcome, Seal, StatementError, TokenKey, Trust, Unsigned, Verdict, render, verify,
    verify_batch, write_whole,
};
use std::path::Path;
use std::sync::OnceLock;

const MAKE: &str = include_str!("../kinds.sh");

/// The folder with the seals and with their root, made once.
pub(crate) fn folder() -> &'static Path {
    static MADE: OnceLock<()> = OnceLock::new();
    let folder = stamp::folder();
    MADE.get_or_init(|| shell(folder, MAKE));
    folder
}

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const SHA384: &str = "2.16.840.1.101.3.4.2.2";

/// A kind of key, and how what it seals has to name its algorithms.
struct Named {
    kind: &'static str,
    digest: (&'static str, usize),
    signature: &'static str,
    null: bool,
}

const KINDS: [Named; 5] = {
    const fn rsa(kind: &'static str) -> Named {
        Named { kind, digest: (SHA256, 32), signature: "1.2.840.113549.1.1.11", null: true }
    }
    const fn curve(
        kind: &'static str,
        digest: (&'static str, usize),
        signature: &'static str,
    ) -> Named {
        Named { kind, digest, signature, null: false }
    }
    [
        curve("p256", (SHA256, 32), "1.2.840.10045.4.3.2"),
        curve("p384", (SHA384, 48), "1.2.840.10045.4.3.3"),
        rsa("rsa2048"),
        rsa("rsa3072"),
        rsa("rsa4096"),
    ]
};

pub(crate) fn open(name: &str) -> Result<Seal, StatementError> {
    Seal::from_pkcs12(&std::fs::read(folder().join(format!("{name}.p12"))).unwrap(), "x")
}

pub(crate) fn trust(folder: &Path) -> Trust {
    Trust::from_file(&std::fs::read(folder.join("house.pem")).unwrap()).unwrap()
}

pub(crate) fn unsigned() -> &'static Unsigned {
    static MADE: OnceLock<Unsigned> = OnceLock::new();
    MADE.get_or_init(|| render(&northwind::document()).unwrap())
}

/// Once there are certificates that are valid.
pub(crate) fn now() -> DateTime<Utc> {
    folder();
    Clock::system().now()
}

/// A file's signature, and what it is for.
fn apart(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let place = signature(bytes);
    let end = place.start + bytes[place.start..].iter().position(|byte| *byte == b'>').unwrap() + 1;
    let covered = [&bytes[..place.start - 1], &bytes[end..]].concat();
    (hex::decode(&bytes[place]).unwrap(), covered)
}

/// Judged by us, by its own words, by OpenSSL, and kept for the validators.
fn judge(folder: &Path, named: &Named, bytes: &[u8], at: DateTime<Utc>, name: &str) {
    let kind = named.kind;
    assert!(bytes.starts_with(&unsigned().bytes));
    let found = verify(bytes, &trust(folder), at);
    assert_eq!(found.verdict, Verdict::Valid, "{kind}: {found:#?}");
    let hash = if named.digest.1 == 48 { "SHA-384" } else { "SHA-256" };
    assert_eq!(reason(&found, "digest"), format!("{hash} of the file fits"));
    let (whole, covered) = apart(bytes);
    let data: SignedData = ContentInfo::from_der(&whole).unwrap().content.decode_as().unwrap();
    let signer = data.signer_infos.0.get(0).unwrap();
    assert_eq!(signer.digest_alg.oid.to_string(), named.digest.0, "{kind}");
    assert_eq!(
        data.digest_algorithms.as_slice(),
        std::slice::from_ref(&signer.digest_alg),
        "{kind}"
    );
    assert_eq!(signer.signature_algorithm.oid.to_string(), named.signature, "{kind}");
    let null = named.null.then(|| Any::from(Null));
    assert_eq!(signer.signature_algorithm.parameters, null, "{kind}");
    // The digest of the file, and that of the certificate, which is named unless it is SHA-256.
    let signed = signer.signed_attrs.as_ref().unwrap().to_der().unwrap();
    let octets = [0x04, u8::try_from(named.digest.1).unwrap()];
    assert!(signed.windows(2).filter(|two| *two == octets).count() >= 2, "{kind}");
    let algorithm = signer.digest_alg.to_der().unwrap();
    let named_inside = signed.windows(algorithm.len()).any(|part| part == algorithm);
    assert_eq!(named_inside, named.digest.0 != SHA256, "{kind}");
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("seal.der"), whole).unwrap();
    std::fs::write(scratch.path().join("covered"), covered).unwrap();
    let script = format!(
        "openssl cms -verify -inform DER -in seal.der -content covered -binary -purpose any \
           -CAfile {}/house.pem -out /dev/null",
        folder.display()
    );
    shell(scratch.path(), &script);
    let into = samples::folder().join(format!("kind-{kind}"));
    std::fs::create_dir_all(&into).unwrap();
    write_whole(&into.join(format!("{name}.pdf")), bytes).unwrap();
    write_whole(&into.join("root.pem"), &std::fs::read(folder.join("house.pem")).unwrap()).unwrap();
}

#[test]
fn law_11_each_kind_of_key_seals_and_always_with_the_same_bytes() {
    for named in &KINDS {
        let at = now();
        let seal = open(named.kind).unwrap();
        let bytes = seal.sign(unsigned(), at).unwrap();
        let again = open(&format!("{}-old", named.kind)).unwrap().sign(unsigned(), at).unwrap();
        assert!(bytes == again, "{}", named.kind);
        judge(folder(), named, &bytes, at, "file");
    }
}

/// What imports the kinds into a token.
fn import() -> String {
    let from = folder().display();
    format!(
        "cp {from}/*.pem {from}/*.key {from}/*.p12 .
        for kind in p256 p384 rsa2048 rsa3072 rsa4096 rsa1024 rsa2560 p521 k1; do
          number=$((number + 1))
          import $kind.key $kind 1$number
        done"
    )
}

fn in_token(folder: &Path, key: &str) -> Result<Seal, StatementError> {
    let beside = std::fs::read(folder.join(format!("{key}.pem"))).unwrap();
    Seal::from_token(&place("seals", key), PIN, Some(&beside))
}

#[test]
fn law_11_each_kind_of_key_seals_from_a_token() {
    let test = "kinds::law_11_each_kind_of_key_seals_from_a_token";
    let Some(folder) = process(test, import) else { return };
    for named in &KINDS {
        let at = Clock::system().now();
        let bytes = in_token(&folder, named.kind).unwrap().sign(unsigned(), at).unwrap();
        judge(&folder, named, &bytes, at, "token");
        let file = std::fs::read(folder.join(format!("{}.p12", named.kind))).unwrap();
        let held = Seal::from_pkcs12(&file, "x").unwrap().sign(unsigned(), at).unwrap();
        assert_eq!(bytes == held, named.null, "RSA is the same everywhere: {}", named.kind);
    }
    for (key, found) in [
        ("rsa1024", "an RSA key of 1024 bits;"),
        ("rsa2560", "an RSA key of 2560 bits;"),
        ("p521", "a P-521 key;"),
        ("k1", "a key on the curve 1.3.132.0.10;"),
    ] {
        let error = in_token(&folder, key).unwrap_err();
        assert_eq!(error.code(), Code::KeyInvalid);
        let words = format!("the token can't seal: its key \"{key}\" is {found}");
        assert!(error.to_string().starts_with(&words), "{error}");
    }
}

/// Some security modules take no hash to sign: they hash themselves.
#[test]
fn law_11_a_token_that_hashes_itself_seals_with_rsa() {
    let test = "kinds::law_11_a_token_that_hashes_itself_seals_with_rsa";
    let Some(folder) = process(test, || format!("{}\n{}", shim(), import())) else { return };
    // CKM_RSA_PKCS.
    std::fs::write(folder.join("lacks"), "1").unwrap();
    let module = folder.join("removed.so");
    for named in KINDS.iter().filter(|named| named.null) {
        let at = Clock::system().now();
        let place = TokenKey { module: module.clone(), ..place("seals", named.kind) };
        let beside = std::fs::read(folder.join(format!("{}.pem", named.kind))).unwrap();
        let seal = Seal::from_token(&place, PIN, Some(&beside)).unwrap();
        let bytes = seal.sign(unsigned(), at).unwrap();
        judge(&folder, named, &bytes, at, "token-that-hashes");
    }
}

#[test]
fn other_keys_are_refused_by_name_with_the_way_out() {
    for (name, found) in [
        ("rsa1024", "an RSA key of 1024 bits;"),
        ("rsa2560", "an RSA key of 2560 bits;"),
        ("three", "one that can't be used ("),
        ("pss", "an RSA-PSS key;"),
        ("ed", "an Ed25519 key;"),
        ("p521", "a P-521 key;"),
        ("k1", "a key on the curve 1.3.132.0.10;"),
    ] {
        for file in [name.to_owned(), format!("{name}-old")] {
            let error = open(&file).unwrap_err();
            assert_eq!(error.code(), Code::KeyInvalid);
            let said = error.to_string();
            assert!(said.contains(&format!("its private key is {found}")), "{name}: {said}");
            assert!(said.contains("2048, 3072 or 4096 bits and with P-256 and P-384"), "{said}");
        }
    }
    assert!(open("nokey").unwrap_err().to_string().contains("no private key"));
    let bare = open("bare").unwrap_err();
    assert!(bare.to_string().contains("none of its certificates matches"), "{bare}");
}

/// The authorities above a seal are carried along, however many they are.
#[test]
fn law_11_a_seal_with_a_long_chain_finds_room() {
    let house = House { seal: open("deep").unwrap(), ..House::new() };
    let bytes = house.seal.sign(&house.unsigned, house.now).unwrap();
    let (whole, _) = apart(&bytes);
    assert!(whole.len() > 6 * 1024, "{}", whole.len());
    let found = verify(&bytes, &trust(folder()), house.now);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    let (stamped, _) = house.stamped(house.now, "curve");
    let found = verify(&stamped, &archive::trust(), house.now);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
}

/// B-T and B-LTA; what is asked of the authority is hashed as the seal's kind of key does.
#[test]
fn law_11_each_kind_of_seal_is_stamped_and_archived() {
    for (kind, imprint) in [("rsa3072", SHA256), ("p384", SHA384)] {
        let house = House { seal: open(kind).unwrap(), ..House::new() };
        let (stamped, reply) = house.stamped(house.now, "rsa");
        let algorithm = der::asn1::ObjectIdentifier::new_unwrap(imprint).to_der().unwrap();
        // The imprint stands before the authority's own certificate and signature.
        let end = reply.windows(5).position(|part| part == b"Stamp").unwrap();
        assert!(
            reply[..end].windows(algorithm.len()).filter(|part| *part == algorithm).count() > 0
        );
        let trust = archive::trust();
        let found = verify(&stamped, &trust, house.now);
        assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
        let bytes = archive::archive(&stamped, &["house", "tsa"], house.now);
        let found = verify(&bytes, &trust, house.now);
        assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
        assert_eq!(outcome(&found, "archive"), Outcome::Pass);
        let stamps = samples::folder().join(format!("stamped-kind-{kind}"));
        let archives = samples::folder().with_file_name(format!("archived-{kind}"));
        for into in [&stamps, &archives] {
            std::fs::create_dir_all(into).unwrap();
            write_whole(&into.join("northwind-stamped.pdf"), &stamped).unwrap();
            write_whole(&into.join("root.pem"), &read("house.pem")).unwrap();
            write_whole(&into.join("stamps.pem"), &read("tsa.pem")).unwrap();
        }
        write_whole(&archives.join("northwind-archived.pdf"), &bytes).unwrap();
    }
}

#[test]
fn law_11_a_runs_list_is_sealed_with_each_kind_of_key() {
    for named in &KINDS {
        let at = now();
        let who = ("2026-10".to_owned(), "Sam".to_owned());
        let list = BatchList::new(who, (at, at), Vec::new(), Vec::new());
        let (bytes, signature) = list.sign(&open(named.kind).unwrap()).unwrap();
        let look = |bytes: &[u8]| {
            let none = |_: &str| Err(std::io::ErrorKind::NotFound.into());
            verify_batch(bytes, &signature, none, &trust(folder()), at)
        };
        assert_eq!(look(&bytes).verdict, Verdict::Valid, "{:#?}", look(&bytes));
        let mut other = bytes.clone();
        let place = other.windows(3).position(|part| part == b"Sam").unwrap();
        other[place] = b'P';
        assert_eq!(look(&other).verdict, Verdict::Invalid, "{}", named.kind);
    }
}

/// In the file, and in every byte of the signature: also where algorithms are named.
#[test]
fn law_11_one_flipped_byte_of_another_kinds_seal_is_found() {
    for kind in ["rsa2048", "p384"] {
        let at = now();
        let bytes = open(kind).unwrap().sign(unsigned(), at).unwrap();
        let trust = trust(folder());
        let place = signature(&bytes);
        let whole = hex::decode(&bytes[place.clone()]).unwrap();
        let step: usize = std::env::var("MAKEGOOD_STEP").map_or(5, |step| step.parse().unwrap());
        for at_byte in (0..whole.len()).step_by(step) {
            let mut broken = whole.clone();
            broken[at_byte] ^= 0x01;
            let mut file = bytes.clone();
            file[place.clone()].copy_from_slice(hex::encode(broken).as_bytes());
            let found = verify(&file, &trust, at);
            assert_eq!(found.verdict, Verdict::Invalid, "{kind}, byte {at_byte}: {found:#?}");
        }
        for at_byte in (0..bytes.len()).step_by(2_003) {
            let mut file = bytes.clone();
            file[at_byte] ^= 0x20;
            assert_ne!(verify(&file, &trust, at).verdict, Verdict::Valid, "{kind}, {at_byte}");
        }
        let mut page = bytes.clone();
        let title = page.windows(13).position(|part| part == b"SLA statement").unwrap();
        page[title] = b'X';
        let found = verify(&page, &trust, at);
        assert_eq!(outcome(&found, "digest"), Outcome::Fail);
        assert_eq!(outcome(&found, "signature"), Outcome::Pass);
    }
}
