//! A statement that is kept provable: certificates and revocation lists inside, and a time stamp over
//! the whole.

use crate::samples;
use crate::stamp::{House, outcome, read, reply, stamps};
use chrono::{DateTime, Utc};
use makegood_domain::random::Random;
use makegood_statement::{
    Archive, Outcome, Revocation, Seal, StatementError, Trust, Verdict, Verification, verify,
    write_whole,
};

/// A house with a seal under a root that gives revocation lists.
pub(crate) fn house() -> House {
    let seal = Seal::from_pkcs12(&read("seal.p12"), "x").unwrap();
    House { seal, ..House::new() }
}

pub(crate) fn trust() -> Trust {
    Trust::from_file(&read("house.pem")).unwrap().with_time_stamps(&stamps("tsa"))
}

pub(crate) fn archive(stamped: &[u8], lists: &[&str], now: DateTime<Utc>) -> Vec<u8> {
    let lists: Vec<Vec<u8>> = lists.iter().map(|name| read(&format!("{name}.crl"))).collect();
    let revocation = Revocation::from_der(lists.iter().map(Vec::as_slice)).unwrap();
    let archive = Archive::new(stamped, &revocation, &trust()).unwrap();
    let request = archive.ask(&Random::system().bytes32(), None).unwrap();
    let reply = reply(request.der(), "curve", "");
    archive.stamp(&request, &reply, &stamps("tsa"), now).unwrap()
}

pub(crate) fn reason<'a>(found: &'a Verification, id: &str) -> &'a str {
    &found.checks.iter().find(|check| check.id == id).unwrap().reason
}

#[test]
fn law_11_an_archived_statement_verifies() {
    let house = house();
    let (stamped, _) = house.stamped(house.now, "rsa");
    let bytes = archive(&stamped, &["house", "tsa"], house.now);
    assert!(bytes.starts_with(&stamped));
    let found = verify(&bytes, &trust(), house.now);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    for id in ["archive", "archive_chain", "revocation"] {
        assert_eq!(outcome(&found, id), Outcome::Pass);
    }
    let into = samples::folder().with_file_name("archived");
    std::fs::create_dir_all(&into).unwrap();
    write_whole(&into.join("northwind-archived.pdf"), &bytes).unwrap();
    write_whole(&into.join("northwind-stamped.pdf"), &stamped).unwrap();
    write_whole(&into.join("root.pem"), &read("house.pem")).unwrap();
    write_whole(&into.join("stamps.pem"), &read("tsa.pem")).unwrap();
}

#[test]
fn what_the_lists_do_not_tell_stays_open_and_what_they_tell_counts() {
    let house = house();
    let (stamped, _) = house.stamped(house.now, "rsa");
    for lists in [&["house"][..], &["tsa"], &[]] {
        let found = verify(&archive(&stamped, lists, house.now), &trust(), house.now);
        assert_eq!(found.verdict, Verdict::Unproven, "{found:#?}");
        assert!(reason(&found, "revocation").contains("no revocation list and no responder"));
    }
    // It was taken back before the seal's time stamp, if only by a moment.
    let found = verify(&archive(&stamped, &["seal-back", "tsa"], house.now), &trust(), house.now);
    assert_eq!(found.verdict, Verdict::Invalid);
    assert!(reason(&found, "revocation").contains("was taken back on"), "{found:#?}");
    let found = verify(&archive(&stamped, &["house", "tsa"], house.now), &Trust::none(), house.now);
    assert_eq!(found.verdict, Verdict::Unproven);
}

#[test]
fn only_what_is_stamped_and_only_once_is_archived() {
    let house = house();
    let none = Revocation::default();
    let plain = house.seal.sign(&house.unsigned, house.now).unwrap();
    let refused = |bytes: &[u8]| match Archive::new(bytes, &none, &trust()) {
        Err(StatementError::Stamp(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(refused(&plain).contains("bears no time stamp"));
    let (stamped, _) = house.stamped(house.now, "rsa");
    let archived = archive(&stamped, &[], house.now);
    assert!(!refused(&archived).is_empty());
    let another = Archive::new(&stamped, &none, &House::new().trust()).unwrap_err();
    assert!(another.to_string().contains("not among the trusted"), "{another}");
    assert!(Revocation::from_der([&b"no list"[..]]).unwrap_err().contains("revocation list 1"));
}

#[test]
fn law_11_one_flipped_byte_of_the_archive_is_found() {
    let house = house();
    let trust = trust();
    let (stamped, _) = house.stamped(house.now, "rsa");
    let bytes = archive(&stamped, &["house", "tsa"], house.now);
    let step: usize = std::env::var("MAKEGOOD_STEP").map_or(61, |step| step.parse().unwrap());
    for at in (stamped.len()..bytes.len()).step_by(step) {
        for flip in [0x01, 0x20] {
            let mut broken = bytes.clone();
            broken[at] ^= flip;
            let found = verify(&broken, &trust, house.now);
            assert_eq!(found.verdict, Verdict::Invalid, "byte {at} ^ {flip:#x}: {found:#?}");
        }
    }
}

/// Somebody who may ask the same authority for time stamps adds something else with one.
#[test]
fn nothing_else_comes_with_an_archive() {
    let house = house();
    let (stamped, _) = house.stamped(house.now, "rsa");
    let genuine = archive(&stamped, &["house", "tsa"], house.now);
    let place = genuine.windows(7).rposition(|part| part == b"/Pages ").unwrap();
    assert!(place > stamped.len());
    let mut other = genuine.clone();
    other[place + 7] = if other[place + 7] == b'1' { b'2' } else { b'1' };
    let found = verify(&other, &trust(), house.now);
    assert!(reason(&found, "archive").contains("something else was added"), "{found:#?}");
    let (another, _) = house.stamped(house.now, "rsa");
    let mut moved = another.clone();
    moved.extend(&genuine[stamped.len()..]);
    let found = verify(&moved, &trust(), house.now);
    assert_eq!(found.verdict, Verdict::Invalid);
    let cut = &genuine[..genuine.len() - 1];
    assert_eq!(verify(cut, &trust(), house.now).verdict, Verdict::Invalid);
}
