//! `check` and `compute`: exit statuses, and what is printed.

use crate::{makegood, text};
use std::path::PathBuf;

fn shared(name: &str) -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/").to_owned() + name
}

/// A case of the shared ones, in a file of its own, changed.
fn case(folder: &tempfile::TempDir, change: impl FnOnce(&mut serde_json::Value)) -> PathBuf {
    let file = std::fs::read(shared("real.json")).unwrap();
    let mut cases: Vec<serde_json::Value> = serde_json::from_slice(&file).unwrap();
    let mut one = cases.remove(0);
    change(&mut one);
    let path = folder.path().join("case.json");
    std::fs::write(&path, one.to_string()).unwrap();
    path
}

#[test]
fn the_shared_cases_pass() {
    let out = makegood(&["check", &shared("real.json"), &shared("accord.json")]);
    let said = text(&out.stdout);
    assert!(said.trim_end().ends_with("passed, 0 failed"), "{said}");
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn a_folder_without_a_case_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let out = makegood(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stdout).contains("no .json file"), "{}", text(&out.stdout));
}

#[test]
fn a_case_that_differs_is_named_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = case(&folder, |case| case["result"]["credit"] = "123456.78".into());
    let out = makegood(&["check", path.to_str().unwrap()]);
    let said = text(&out.stdout);
    assert!(said.contains("result.credit") && said.contains("stated 123456.78"), "{said}");
    assert!(said.ends_with("0 passed, 1 failed\n"), "{said}");
    assert_eq!(out.status.code(), Some(1));
    // The folder that holds it is checked the same way.
    let folder = makegood(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(folder.status.code(), Some(1));
}

#[test]
fn what_is_no_case_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.json");
    std::fs::write(&path, "{\"lines\": [").unwrap();
    assert_eq!(makegood(&["check", path.to_str().unwrap()]).status.code(), Some(2));
    // What can't be read is counted, and the others are checked all the same.
    let missing = folder.path().join("missing.json");
    let missing = makegood(&["check", missing.to_str().unwrap(), &shared("real.json")]);
    assert_eq!(missing.status.code(), Some(2));
    let said = text(&missing.stdout);
    assert!(
        said.contains("missing.json") && said.trim_end().ends_with("passed, 1 failed"),
        "{said}"
    );
}

/// A result that was cut off is none, whatever the disk says.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_can_not_be_written_is_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_makegood"));
    let done = command.arg("template").stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("standard output"), "{}", text(&done.stderr));
}

#[test]
fn law_1_what_compute_prints_passes_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = case(&folder, |case| {
        case.as_object_mut().unwrap().remove("result");
    });
    let out = makegood(&["compute", path.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0));
    std::fs::write(&path, &out.stdout).unwrap();
    let checked = makegood(&["check", path.to_str().unwrap()]);
    assert_eq!(text(&checked.stdout), "1 passed, 0 failed\n");
}

#[test]
fn compute_names_the_path_of_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let path = case(&folder, |case| case["lines"][0]["terms"]["colour"] = "blue".into());
    let out = makegood(&["compute", path.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.starts_with("error[case_invalid]: lines[0].terms.colour: "), "{said}");
}

#[test]
fn compute_tells_the_way_to_the_money_in_two_languages() {
    let folder = tempfile::tempdir().unwrap();
    let path = case(&folder, |_| {});
    let file = path.to_str().unwrap();
    let english = text(&makegood(&["compute", file, "--explain"]).stdout);
    let german = text(&makegood(&["compute", file, "--explain", "--language", "de"]).stdout);
    assert!(english.contains("  1. "), "{english}");
    // The same steps, in other words.
    assert_eq!(english.lines().count(), german.lines().count());
    assert_ne!(english, german);
    let alone = makegood(&["compute", file, "--language", "de"]);
    assert_eq!(alone.status.code(), Some(2), "a language is of the explanation");
}

#[test]
fn lint_says_what_a_careful_reader_would() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.json");
    let path = file.to_str().unwrap();
    let terms = |no_data: &str| {
        format!(
            r#"{{"objective": "99.9", "window": {{"calendar": "month"}}, "no_data": "{no_data}",
                "measure": {{"uptime": {{}}}}}}"#
        )
    };
    std::fs::write(&file, terms("removed")).unwrap();
    let fine = makegood(&["lint", path]);
    assert_eq!(
        (fine.status.code(), text(&fine.stdout)),
        (Some(0), "0 findings in 1 files\n".into())
    );
    std::fs::write(&file, terms("up")).unwrap();
    let found = makegood(&["lint", folder.path().to_str().unwrap()]);
    let said = text(&found.stdout);
    assert!(said.contains("no_data: warning[no_data_up]: "), "{said}");
    assert!(said.contains("\n  Instead: "), "{said}");
    assert!(said.ends_with("1 findings in 1 files\n"), "{said}");
    assert_eq!(found.status.code(), Some(1));
    let json = text(&makegood(&["lint", path, "--json"]).stdout);
    let line: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&line["code"], &line["path"]), (&"no_data_up".into(), &"no_data".into()));
    assert!(line["figures"].is_object() && line["severity"] == "warning", "{line}");
    std::fs::write(&file, terms("sideways")).unwrap();
    let broken = makegood(&["lint", path]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("no_data"), "{}", text(&broken.stderr));
}

#[test]
fn a_template_is_terms_to_start_from() {
    let list = text(&makegood(&["template"]).stdout);
    assert!(list.lines().count() > 50 && list.contains("aws-s3-standard"), "{list}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.json");
    let terms = makegood(&["template", "google-workspace"]);
    std::fs::write(&file, &terms.stdout).unwrap();
    assert!(text(&terms.stderr).contains("Not in the format: "));
    // What it prints is read again as terms.
    assert_ne!(makegood(&["lint", file.to_str().unwrap()]).status.code(), Some(2));
    let cases = makegood(&["template", "google-workspace", "--cases"]);
    std::fs::write(&file, &cases.stdout).unwrap();
    assert_eq!(makegood(&["check", file.to_str().unwrap()]).status.code(), Some(0));
    let none = makegood(&["template", "nobody"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).starts_with("error[not_found]: "), "{}", text(&none.stderr));
}

/// What a file says of itself paints no verdict: no escape sequence, no line of its own, no text that
/// runs the other way.
#[test]
fn what_a_strangers_file_says_can_not_paint_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "a\u{1b}[2K\u{9b}1A\r\n\u{202e}0 failed\u{2066}\u{7f}";
    let path = case(&folder, |case| {
        case["id"] = evil.into();
        case["result"]["credit"] = "123456.78".into();
    });
    let out = makegood(&["check", path.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1));
    let file = folder.path().join("b\u{1b}[2K\u{202e}.pdf");
    std::fs::write(&file, "%PDF-1.7").unwrap();
    let verified = makegood(&["verify", file.to_str().unwrap()]);
    let broken = folder.path().join("c\u{1b}[2K.json");
    let read = makegood(&["compute", broken.to_str().unwrap()]);
    let list = makegood(&["verify", "--json", file.to_str().unwrap()]);
    for said in [&out.stdout, &verified.stdout, &read.stderr, &list.stdout] {
        let said = text(said);
        let hostile = |one: char| {
            one.is_control() && one != '\n'
                || matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!said.contains(hostile), "{said:?}");
    }
    let said = text(&out.stdout);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("a\u{fffd}[2K\u{fffd}1A"), "{said}");
    assert!(text(&verified.stdout).contains("b\u{fffd}[2K\u{fffd}.pdf: Not valid"), "{said}");
}
