//! Whatever is changed after sealing is found, for the right reason.

use crate::northwind;
use makegood_statement::{Outcome, Trust, Unsigned, Verdict, Verification, render, verify};

fn sealed() -> (Unsigned, Vec<u8>, Trust) {
    let unsigned = render(&northwind::document()).unwrap();
    let (bytes, trust) = northwind::sealed(&unsigned);
    (unsigned, bytes, trust)
}

fn look(bytes: &[u8], trust: &Trust) -> Verification {
    verify(bytes, trust, northwind::sealing_time())
}

fn failed(found: &Verification) -> Vec<&'static str> {
    let failed = found.checks.iter().filter(|check| check.outcome == Outcome::Fail);
    failed.map(|check| check.id).collect()
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

#[test]
fn law_11_one_flipped_byte_anywhere_is_found() {
    let (unsigned, bytes, trust) = sealed();
    // Every region: header, first object, streams, table, trailer, seal, signature, padding, end.
    let contents = find(&bytes, b"/Contents <");
    let mut places = vec![0, 7, 10, 12, 20, 40, unsigned.bytes.len() - 1, unsigned.bytes.len()];
    places.extend([contents, contents + 10, contents + 11, contents + 300, contents + 12_000]);
    places.extend((0..bytes.len()).step_by(997));
    places.extend((unsigned.bytes.len()..contents).step_by(7));
    places.extend((contents..bytes.len()).rev().take(600).step_by(5));
    for place in places {
        for flip in [0x01, 0x20] {
            let mut broken = bytes.clone();
            broken[place] ^= flip;
            let found = look(&broken, &trust);
            assert_ne!(found.verdict, Verdict::Valid, "byte {place} ^ {flip:#x}");
        }
    }
}

#[test]
fn a_changed_page_is_named_as_changed() {
    let (unsigned, bytes, trust) = sealed();
    let mut broken = bytes.clone();
    let title = find(&unsigned.bytes, b"SLA statement, October 2026");
    broken[title] = b'X';
    let found = look(&broken, &trust);
    assert!(failed(&found).contains(&"digest"), "{found:#?}");
    assert!(failed(&found).contains(&"unsigned_part"), "{found:#?}");
    assert!(found.words.starts_with("Not valid."), "{}", found.words);
}

#[test]
fn a_revision_appended_after_sealing_is_found() {
    let (_, bytes, trust) = sealed();
    let start = bytes.len();
    let before = String::from_utf8_lossy(&bytes[start - 40..]).into_owned();
    let table: usize =
        before.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let trailer_at = start
        - 1
        - bytes
            .iter()
            .rev()
            .collect::<Vec<_>>()
            .windows(7)
            .position(|w| w.iter().map(|byte| **byte).eq(b"reliart".iter().copied()))
            .unwrap()
        - 6;
    let trailer = String::from_utf8_lossy(&bytes[trailer_at..]).into_owned();
    let dict = trailer.split("trailer\n").nth(1).unwrap().split("\nstartxref").next().unwrap();
    let cut = dict.rfind("/Prev").unwrap();
    let object = "2 0 obj\n<</Title (Nothing was missed)>>\nendobj\n";
    let mut forged = bytes.clone();
    forged.extend(object.bytes());
    let xref = forged.len();
    forged.extend(format!("xref\n2 1\n{start:010} 00000 n \ntrailer\n").bytes());
    forged.extend(format!("{}/Prev {table}>>\nstartxref\n{xref}\n%%EOF\n", &dict[..cut]).bytes());
    let found = look(&forged, &trust);
    assert!(failed(&found).contains(&"revisions"), "{found:#?}");
    assert!(failed(&found).contains(&"coverage"), "{found:#?}");
}

#[test]
fn bytes_behind_the_end_are_found() {
    let (_, mut bytes, trust) = sealed();
    bytes.push(b'\n');
    assert_eq!(failed(&look(&bytes, &trust)), ["format"]);
}

/// Somebody who can make PDFs, but has no seal, swaps the calculation and mends every length.
#[test]
fn an_embedded_case_that_was_replaced_is_found() {
    let mut document = northwind::document();
    let unsigned = render(&document).unwrap();
    let (genuine, trust) = northwind::sealed(&unsigned);
    document.contracts[0].case = northwind::case("NW-1", "Orders API availability", "99000.00");
    let other = render(&document).unwrap();
    let mut forged = other.bytes.clone();
    forged.extend(&genuine[unsigned.bytes.len()..]);
    assert_ne!(look(&forged, &trust).verdict, Verdict::Valid);
    // The same length, so that every offset of the seal fits.
    let mut swapped = genuine.clone();
    let from = find(&unsigned.bytes, b"endobj");
    let stream = unsigned.bytes.len() - from;
    assert!(stream > 0);
    let embedded = find(&swapped, b"/Type /EmbeddedFile");
    let data = embedded + find(&swapped[embedded..], b"stream\n") + 10;
    swapped[data] ^= 0xff;
    let found = look(&swapped, &trust);
    assert!(failed(&found).contains(&"digest"), "{found:#?}");
    assert!(failed(&found).contains(&"cases"), "{found:#?}");
}

#[test]
fn a_draft_is_not_taken_for_a_statement() {
    let (unsigned, _, trust) = sealed();
    let found = look(&unsigned.bytes, &trust);
    assert_eq!(found.verdict, Verdict::Invalid);
    assert!(found.words.contains("draft"), "{}", found.words);
}

#[test]
fn without_a_trusted_certificate_the_origin_stays_open_and_says_so() {
    let (_, bytes, _) = sealed();
    let found = look(&bytes, &Trust::none());
    assert_eq!(found.verdict, Verdict::Unproven, "{found:#?}");
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["verdict"], "unproven");
    assert_eq!(json["checks"][0]["outcome"], "pass");
}

/// Each region of a sealed file, and which checks say that it was changed.
#[test]
fn each_region_is_found_for_its_own_reason() {
    let (unsigned, bytes, trust) = sealed();
    let object = find(&bytes, b"/Producer") + 1;
    let stream = find(&bytes, b"stream\n") + 60;
    let table = find(&bytes, b"\nxref\n") + 40;
    let trailer = find(&bytes, b"/Root");
    let time = find(&bytes, b"/M (D:2026") + 5;
    let range = find(&bytes, b"/ByteRange [") + 12;
    let contents = find(&bytes, b"/Contents <") + 11;
    let cases: [(&str, usize, &[&str]); 8] = [
        ("header", 3, &["format"]),
        ("object", object, &["digest", "unsigned_part"]),
        ("stream", stream, &["digest", "unsigned_part"]),
        ("table", table, &["format"]),
        ("trailer", trailer, &["format"]),
        ("time of the seal", time, &["digest"]),
        ("what the seal covers", range, &["coverage"]),
        ("signature", contents + 2_000, &["signature"]),
    ];
    assert!(range > unsigned.bytes.len());
    for (region, place, wanted) in cases {
        let mut broken = bytes.clone();
        // A digit stays a digit, a letter a letter.
        broken[place] = if broken[place] == b'1' { b'2' } else { broken[place] ^ 1 };
        let found = look(&broken, &trust);
        let failed = failed(&found);
        assert!(wanted.iter().all(|check| failed.contains(check)), "{region}: {failed:?}");
    }
}
