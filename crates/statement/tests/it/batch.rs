//! The signed list of a run.

use crate::northwind::{self, at};
use makegood_statement::{
    BatchList, BatchMissing, BatchStatement, BatchVerification, Seal, Trust, Verdict, render,
    verify, verify_batch,
};
use std::{fs, io::ErrorKind, path::Path, process::Command};

struct Run {
    folder: tempfile::TempDir,
    trust: Trust,
    seal: Seal,
    root_pem: String,
}

const ISSUED: &str = "2026-11-09T09:00:00Z";

/// A sealed statement in a folder, and the list about it.
fn run() -> (Run, BatchList) {
    let authority = northwind::authority();
    let trust = Trust::from_file(authority.root_pem.as_bytes()).unwrap();
    let seal = northwind::seal(&authority);
    let document = northwind::document();
    let bytes = seal.sign(&render(&document).unwrap(), at(ISSUED)).unwrap();
    let verified = verify(&bytes, &trust, at(ISSUED));
    assert_eq!(verified.verdict, Verdict::Valid, "{}", verified.words);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.pdf"), &bytes).unwrap();
    let one = BatchStatement {
        customer: "Northwind GmbH".to_owned(),
        number: document.number,
        revision: i64::from(document.revision),
        file: "one.pdf".to_owned(),
        sha256: verified.sha256,
        verdict: verified.words,
    };
    let missing =
        BatchMissing { customer: "Contoso".into(), reason: "CR-311 is not approved".into() };
    let list = BatchList::new(
        ("2026-10".to_owned(), "Sam".to_owned()),
        (at("2026-11-09T08:00:00Z"), at(ISSUED)),
        vec![one],
        vec![missing],
    );
    (Run { folder, trust, seal, root_pem: authority.root_pem }, list)
}

fn look(run: &Run, list: &[u8], signature: &[u8]) -> BatchVerification {
    let read = |name: &str| fs::read(run.folder.path().join(name));
    verify_batch(list, signature, read, &run.trust, at("2026-11-10T00:00:00Z"))
}

#[test]
fn a_runs_list_and_its_statements_verify_here_and_by_openssl() {
    let (run, list) = run();
    let (bytes, signature) = list.sign(&run.seal).unwrap();
    let found = look(&run, &bytes, &signature);
    assert_eq!(found.verdict, Verdict::Valid, "{}", found.words);
    assert_eq!(found.files.len(), 1);
    let place = |name: &str| run.folder.path().join(name);
    fs::write(place("list.json"), &bytes).unwrap();
    fs::write(place("list.p7s"), &signature).unwrap();
    fs::write(place("root.pem"), &run.root_pem).unwrap();
    let openssl = |content: &Path| {
        let mut command = Command::new("openssl");
        command.args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]);
        command.args(["-no_check_time", "-out", "/dev/null", "-in"]).arg(place("list.p7s"));
        command.arg("-content").arg(content).arg("-CAfile").arg(place("root.pem"));
        command.output().unwrap()
    };
    let told = openssl(&place("list.json"));
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(!openssl(&place("one.pdf")).status.success());
}

#[test]
fn no_byte_of_list_or_signature_can_change() {
    let (run, list) = run();
    let (bytes, signature) = list.sign(&run.seal).unwrap();
    // Without the files: what is asked is whether the list alone gives itself away.
    let verdict = |list: &[u8], signature: &[u8]| {
        let read = |_: &str| Err(ErrorKind::NotFound.into());
        verify_batch(list, signature, read, &run.trust, at("2026-11-10T00:00:00Z")).verdict
    };
    assert_eq!(verdict(&bytes, &signature), Verdict::Unproven);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_eq!(verdict(&changed, &signature), Verdict::Invalid, "byte {place}");
    }
    for place in 0..signature.len() {
        let mut changed = signature.clone();
        changed[place] ^= 1;
        assert_eq!(verdict(&bytes, &changed), Verdict::Invalid, "byte {place}");
    }
}

#[test]
fn what_lies_beside_the_list_has_to_be_what_was_released() {
    let (run, list) = run();
    let (bytes, signature) = list.sign(&run.seal).unwrap();
    let file = run.folder.path().join("one.pdf");
    let released = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let found = look(&run, &bytes, &signature);
    assert_eq!(found.verdict, Verdict::Unproven, "{}", found.words);
    assert!(found.words.contains("one.pdf"), "{}", found.words);
    // Another statement that is valid in itself.
    let other = northwind::document();
    let other = run.seal.sign(&render(&other).unwrap(), at("2026-11-09T10:00:00Z")).unwrap();
    fs::write(&file, other).unwrap();
    let found = look(&run, &bytes, &signature);
    assert!(found.words.contains("not those that were released"), "{}", found.words);
    fs::write(&file, released).unwrap();
    assert_eq!(look(&run, &bytes, &signature).verdict, Verdict::Valid);
}

#[test]
fn a_list_that_lies_is_found_out_though_it_is_sealed() {
    let (run, list) = run();
    let seen = |change: &dyn Fn(&mut BatchList)| {
        let mut lying = list.clone();
        change(&mut lying);
        let (bytes, signature) = lying.sign(&run.seal).unwrap();
        let found = look(&run, &bytes, &signature);
        assert_eq!(found.verdict, Verdict::Invalid, "{}", found.words);
        found.words
    };
    let words = seen(&|list| "ST-2026-10-9999".clone_into(&mut list.statements[0].number));
    assert!(words.contains("the file itself"), "{words}");
    for name in ["../one.pdf", "/etc/passwd", "a\\b.pdf", ".hidden", ""] {
        let words = seen(&|list| name.clone_into(&mut list.statements[0].file));
        assert!(words.contains("beside the list"), "{words}");
    }
}

#[test]
fn another_houses_seal_is_no_seal_of_this_one() {
    let (run, list) = run();
    let other = makegood_statement::authority::make(
        "Somebody",
        "secret",
        at("2026-01-01T00:00:00Z"),
        at("2028-01-01T00:00:00Z"),
        || makegood_domain::random::Random::system().bytes32(),
    )
    .unwrap();
    let seal = Seal::from_pkcs12(&other.pkcs12, "secret").unwrap();
    let (bytes, signature) = list.sign(&seal).unwrap();
    assert_eq!(look(&run, &bytes, &signature).verdict, Verdict::Invalid);
    let read = |_: &str| Err(ErrorKind::NotFound.into());
    let nobody = verify_batch(&bytes, &signature, read, &Trust::none(), at("2026-11-10T00:00:00Z"));
    assert_eq!(nobody.verdict, Verdict::Unproven, "{}", nobody.words);
}
