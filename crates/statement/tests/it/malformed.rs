//! Malformed input gives a reason, never a panic.

use crate::northwind;
use makegood_statement::{Seal, Trust, Verdict, preview, render, verify};
use proptest::prelude::*;
use std::sync::OnceLock;

fn sample() -> &'static (Vec<u8>, Trust) {
    static SAMPLE: OnceLock<(Vec<u8>, Trust)> = OnceLock::new();
    SAMPLE.get_or_init(|| northwind::sealed(&render(&northwind::document()).unwrap()))
}

fn is_refused(bytes: &[u8]) -> bool {
    let found = verify(bytes, &sample().1, northwind::sealing_time());
    found.verdict == Verdict::Invalid && found.checks.iter().all(|check| !check.reason.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(is_refused(&bytes));
        prop_assert!(preview(&bytes, 0, 100).is_err());
        prop_assert!(Seal::from_pkcs12(&bytes, "x").is_err());
    }

    #[test]
    fn a_statement_that_was_cut_is_refused(part in 0_usize..100) {
        let bytes = &sample().0;
        prop_assert!(is_refused(&bytes[..bytes.len() * part / 100]));
    }

    #[test]
    fn a_statement_with_bytes_moved_is_refused(
        from in 0_usize..70_000,
        to in 0_usize..70_000,
        length in 1_usize..400,
    ) {
        let mut bytes = sample().0.clone();
        let end = (from + length).min(bytes.len());
        let part = bytes[from.min(end)..end].to_vec();
        let to = to.min(bytes.len());
        let before = bytes.clone();
        bytes.splice(to..to, part);
        prop_assert!(bytes == before || is_refused(&bytes));
    }
}

#[test]
fn cycles_and_depth_and_bombs_end_with_a_reason() {
    let deep = format!("1 0 obj\n{}\nendobj\n", "[".repeat(100_000));
    let cycle = "1 0 obj\n<</AcroForm 1 0 R/Names 1 0 R>>\nendobj\n".to_owned();
    for body in [deep, cycle] {
        let header = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
        let mut bytes = header.to_vec();
        bytes.extend(body.bytes());
        let xref = bytes.len();
        let table = format!("xref\n0 2\n0000000000 65535 f \n{:010} 00000 n \n", header.len());
        bytes.extend(table.bytes());
        bytes
            .extend(format!("trailer\n<</Size 2/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").bytes());
        assert!(is_refused(&bytes));
    }
    let loops = format!(
        "%PDF-1.7\n%\u{e2}xref\n0 1\n0000000000 65535 f \ntrailer\n<</Prev 0>>\nstartxref\n{}\n%%EOF\n",
        usize::MAX
    );
    assert!(is_refused(loops.as_bytes()));
}
