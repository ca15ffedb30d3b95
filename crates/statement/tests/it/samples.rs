//! Writes samples for the validators and for looking at: they lie in the target folder.

use crate::northwind;
use makegood_statement::{Verdict, preview, render, verify, write_whole};
use std::path::PathBuf;

/// Where samples go.
pub(crate) fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("statements");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn law_11_a_sealed_statement_verifies() {
    let unsigned = render(&northwind::document()).unwrap();
    let (bytes, trust) = northwind::sealed(&unsigned);
    assert!(bytes.starts_with(&unsigned.bytes));
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    assert_eq!(found.cases.len(), 2);
    let authority = northwind::authority();
    write_whole(&folder().join("northwind.pdf"), &bytes).unwrap();
    write_whole(&folder().join("root.pem"), authority.root_pem.as_bytes()).unwrap();
    let picture = preview(&bytes, 0, 800).unwrap();
    write_whole(&folder().join("northwind.png"), &picture.png).unwrap();
}
