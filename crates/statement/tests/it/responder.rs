//! Archives with what responders say (OCSP): OpenSSL's, for whoever stands above seal and time stamp.

use crate::archive::{house, reason, trust};
use crate::samples;
use crate::stamp::{House, folder, outcome, read, reply, shell, stamps};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::random::Random;
use makegood_statement::{
    Archive, Outcome, Revocation, StatementError, StatusRequest, Verdict, verify, write_whole,
};

/// What OpenSSL's responder answers: by which index, signed by whom, with which further options.
fn says(question: &[u8], (index, issuer, signer): (&str, &str, &str), options: &str) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("question.der"), question).unwrap();
    let from = folder().display();
    let script = format!(
        "openssl ocsp -index {from}/{index}.index -CA {from}/{issuer}.pem -rsigner {from}/{signer}.pem \
         -rkey {from}/{signer}.key -reqin question.der -respout answer.der {options}"
    );
    shell(scratch.path(), &script);
    std::fs::read(scratch.path().join("answer.der")).unwrap()
}

const HOUSE: (&str, &str, &str) = ("house", "house", "says");
const TSA: (&str, &str, &str) = ("tsa", "tsa", "tsa");
const WEEK: &str = "-ndays 7";

fn questions(stamped: &[u8], lists: &Revocation, now: DateTime<Utc>) -> Vec<StatusRequest> {
    let random = Random::system();
    lists.questions(stamped, &trust(), now, || random.bytes32()).unwrap()
}

fn lists(names: &[&str]) -> Revocation {
    let lists: Vec<_> = names.iter().map(|name| read(&format!("{name}.crl"))).collect();
    Revocation::from_der(lists.iter().map(Vec::as_slice)).unwrap()
}

fn archive(stamped: &[u8], told: &Revocation, now: DateTime<Utc>) -> Vec<u8> {
    let archive = Archive::new(stamped, told, &trust()).unwrap();
    let request = archive.ask(&Random::system().bytes32(), None).unwrap();
    let reply = reply(request.der(), "rsa", "");
    archive.stamp(&request, &reply, &stamps("tsa"), now).unwrap()
}

/// A stamped statement, and what is asked about its seal.
fn asked() -> (House, Vec<u8>, StatusRequest) {
    let house = house();
    let (stamped, _) = house.stamped(house.now, "rsa");
    let question = questions(&stamped, &Revocation::default(), house.now).remove(0);
    (house, stamped, question)
}

#[test]
fn law_11_an_archive_with_answers_verifies() {
    let house = house();
    let (stamped, _) = house.stamped(house.now, "rsa");
    let mut told = Revocation::default();
    let all = questions(&stamped, &told, house.now);
    let addresses: Vec<_> = all.iter().map(StatusRequest::address).collect();
    assert_eq!(addresses, ["http://127.0.0.1:9/house", "http://127.0.0.1:9/tsa"]);
    assert!(all[0].subject().contains("CN=seal"), "{}", all[0].subject());
    // One by its name, and for a week; the other by its key, without an end, of the root itself.
    told.take(&all[0], &says(all[0].der(), HOUSE, WEEK), house.now).unwrap();
    told.take(&all[1], &says(all[1].der(), TSA, "-resp_key_id"), house.now).unwrap();
    assert!(questions(&stamped, &lists(&["house", "tsa"]), house.now).is_empty());
    let bytes = archive(&stamped, &told, house.now);
    let found = verify(&bytes, &trust(), house.now);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    assert_eq!(reason(&found, "revocation"), "2 certificates, by the responders' answers inside");
    let into = samples::folder().with_file_name("archived");
    std::fs::create_dir_all(&into).unwrap();
    write_whole(&into.join("northwind-answered.pdf"), &bytes).unwrap();

    // A list for the one, an answer for the other.
    let mut told = lists(&["tsa"]);
    let left = questions(&stamped, &told, house.now);
    assert_eq!(left.len(), 1);
    told.take(&left[0], &says(left[0].der(), HOUSE, WEEK), house.now).unwrap();
    let found = verify(&archive(&stamped, &told, house.now), &trust(), house.now);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    assert!(reason(&found, "revocation").contains("1 by responders' answers"), "{found:#?}");
    let found = verify(&archive(&stamped, &lists(&["tsa"]), house.now), &trust(), house.now);
    assert_eq!(outcome(&found, "revocation"), Outcome::NotChecked);
}

#[test]
fn who_was_taken_back_is_found_whoever_else_has_not_heard_of_it() {
    let (house, stamped, question) = asked();
    for names in [&["tsa"][..], &["tsa", "house"]] {
        let mut told = lists(names);
        let back = says(question.der(), ("back", "house", "says"), WEEK);
        told.take(&question, &back, house.now).unwrap();
        let found = verify(&archive(&stamped, &told, house.now), &trust(), house.now);
        assert_eq!(found.verdict, Verdict::Invalid);
        assert!(reason(&found, "revocation").contains("was taken back on"), "{found:#?}");
    }
}

#[test]
fn an_answer_that_does_not_hold_is_named() {
    let (house, stamped, question) = asked();
    let refused =
        |reply: &[u8], lists: &Revocation, now| match lists.clone().take(&question, reply, now) {
            Err(StatementError::Stamp(why)) => why,
            other => panic!("{other:?}"),
        };
    let none = Revocation::default();
    let another = questions(&stamped, &none, house.now);
    let mut changed = says(question.der(), HOUSE, WEEK);
    let place = changed.windows(4).position(|part| part == b"says").unwrap();
    changed[place] = b'S';
    // Without certificates inside, the signature is what stands last.
    let mut flipped = says(question.der(), ("house", "house", "house"), "-resp_no_certs");
    none.clone().take(&question, &flipped, house.now).unwrap();
    *flipped.last_mut().unwrap() ^= 1;
    // A question without a number is answered without one.
    let plain = {
        let from = folder().display();
        let script = format!(
            "openssl ocsp -issuer {from}/house.pem -cert {from}/seal.pem -no_nonce -reqout plain"
        );
        let scratch = tempfile::tempdir().unwrap();
        shell(scratch.path(), &script);
        std::fs::read(scratch.path().join("plain")).unwrap()
    };
    let signed_by = |who| says(question.der(), ("house", "house", who), WEEK);
    let early = house.now - TimeDelta::hours(1);
    let said: [(&str, String); 12] = [
        ("no answer of a responder", refused(b"<html>", &none, house.now)),
        ("the responder refused: try again later", refused(&[0x30, 3, 10, 1, 3], &none, house.now)),
        (
            "tells of other certificates",
            refused(&says(another[1].der(), TSA, WEEK), &none, house.now),
        ),
        (
            "answers another question",
            refused(&says(another[0].der(), HOUSE, WEEK), &none, house.now),
        ),
        ("was not signed by", refused(&flipped, &none, house.now)),
        ("inside", refused(&changed, &none, house.now)),
        ("may not answer for", refused(&signed_by("nobody"), &none, house.now)),
        ("may not answer for", refused(&signed_by("tsa"), &none, house.now)),
        ("nothing tells whether", refused(&signed_by("watched"), &none, house.now)),
        (
            "does not know the certificate",
            refused(&says(question.der(), ("tsa", "house", "says"), WEEK), &none, house.now),
        ),
        ("tells of another time", refused(&signed_by("says"), &none, early)),
        ("neither which question", refused(&says(&plain, HOUSE, ""), &none, house.now)),
    ];
    for (words, said) in said {
        assert!(said.contains(words), "{words}: {said}");
        assert!(said.starts_with("what http://127.0.0.1:9/house says of "), "{said}");
    }
    // One that is watched counts with a list that tells of it; one without a number, with an end.
    lists(&["house"]).take(&question, &signed_by("watched"), house.now).unwrap();
    none.clone().take(&question, &says(&plain, HOUSE, WEEK), house.now).unwrap();
}

/// Whoever archives may put any answer inside: what tells of another seal counts as none.
#[test]
fn what_the_answers_inside_do_not_tell_stays_open() {
    let (house, stamped, question) = asked();
    let mut told = lists(&["tsa"]);
    told.take(&question, &says(question.der(), HOUSE, WEEK), house.now).unwrap();
    let other = House::new();
    let (foreign, _) = other.stamped(other.now, "rsa");
    let archive_of = Archive::new(&foreign, &told, &other.trust()).unwrap();
    let request = archive_of.ask(&Random::system().bytes32(), None).unwrap();
    let reply = reply(request.der(), "rsa", "");
    let bytes = archive_of.stamp(&request, &reply, &stamps("tsa"), other.now).unwrap();
    let found = verify(&bytes, &other.trust(), other.now);
    assert_eq!(outcome(&found, "archive"), Outcome::Pass, "{found:#?}");
    assert_eq!(outcome(&found, "revocation"), Outcome::NotChecked);
    assert!(reason(&found, "revocation").contains("answer inside tells of"), "{found:#?}");
    // An answer that was changed in the file: the time stamp over the document speaks first.
    let mut broken = archive(&stamped, &told, house.now);
    let place = broken.windows(4).rposition(|part| part == b"says").unwrap();
    broken[place] ^= 1;
    assert_eq!(verify(&broken, &trust(), house.now).verdict, Verdict::Invalid);
}
