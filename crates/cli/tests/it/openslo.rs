//! `openslo`: what goes to which stream, and that `out` takes what `in` gives.

use crate::{makegood, text};
use std::path::PathBuf;

fn beyond() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/tests/it/openslo/");
    folder.to_owned() + "beyond.yaml"
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn terms_go_to_standard_output_and_what_is_left_to_standard_error() {
    let out = makegood(&["openslo", "in", &beyond()]);
    assert_eq!(out.status.code(), Some(0));
    let lines: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(lines[0]["name"], "Customer portal: sign-in");
    assert_eq!(lines[0]["terms"]["objective"], "99.9");
    assert_eq!(lines.as_array().unwrap().len(), 2);
    let said = text(&out.stderr);
    assert!(said.lines().all(|line| line.starts_with("not carried over: documents[")), "{said}");
    assert!(said.contains("documents[0].spec.alertPolicies (line 45): a list of 2: "), "{said}");
}

#[test]
fn out_takes_what_in_gives_and_in_what_out_gives() {
    let folder = tempfile::tempdir().unwrap();
    let first = makegood(&["openslo", "in", &beyond()]);
    let path = file(&folder, "lines.json", &first.stdout);
    let written = makegood(&["openslo", "out", "--house", &path]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let path = file(&folder, "lines.yaml", &written.stdout);
    let second = makegood(&["openslo", "in", &path]);
    assert_eq!(text(&second.stdout), text(&first.stdout));
    assert_eq!(text(&second.stderr), "");
}

#[test]
fn law_11_a_case_is_written_for_the_customer_unless_it_is_for_the_house() {
    let folder = tempfile::tempdir().unwrap();
    let case = r#"{"format": "makegood/case/1", "period": "2026-10", "contract": {"currency": "CHF"},
        "lines": [{"sla": "API", "fee": "10.00", "evidence": {"outages": []}, "terms":
            {"objective": "99.9", "internal_objective": "99.95", "window": {"calendar": "month"},
             "measure": {"uptime": {}}}}]}"#;
    let path = file(&folder, "orders.json", case.as_bytes());
    let out = makegood(&["openslo", "out", &path]);
    assert_eq!(out.status.code(), Some(0));
    let (yaml, said) = (text(&out.stdout), text(&out.stderr));
    assert!(yaml.contains("  service: orders\n") && !yaml.contains("internal"), "{yaml}");
    assert!(said.contains("lines[0].contract.currency: CHF: "), "{said}");
    assert!(said.contains("lines[0].terms.internal_objective: 99.95: "), "{said}");
    let house = makegood(&["openslo", "out", "--house", "--service", "shop", &path]);
    let yaml = text(&house.stdout);
    assert!(yaml.contains("  service: shop\n") && yaml.contains("internal_objective"), "{yaml}");
}

#[test]
fn what_is_refused_exits_2_and_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let edited = std::fs::read_to_string(beyond()).unwrap().replace("duration: 1Q", "duration: 1w");
    let path = file(&folder, "edited.yaml", edited.as_bytes());
    let out = makegood(&["openslo", "in", &path]);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    let place = "error[terms_invalid]: documents[0].spec.timeWindow[0].duration: ";
    assert!(said.starts_with(place), "{said}");
    assert_eq!(text(&out.stdout), "");
    let path = file(&folder, "no.json", b"{\"objective\": \"99.9\"}");
    let out = makegood(&["openslo", "out", &path]);
    assert!(text(&out.stderr).starts_with("error[terms_invalid]: measure: "), "{out:?}");
    let path = file(&folder, "latin.yaml", b"a: \xe9\n");
    let out = makegood(&["openslo", "in", &path]);
    assert!(text(&out.stderr).starts_with("error[text_invalid]: "), "{out:?}");
    let missing = folder.path().join("missing.yaml");
    let out = makegood(&["openslo", "in", missing.to_str().unwrap()]);
    assert!(text(&out.stderr).starts_with("error[file]: "), "{out:?}");
}
