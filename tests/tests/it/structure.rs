//! The dependency table of the architecture, held against what Cargo says.

use crate::tree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Which packages of ours each package may name. Whoever may use `domain` may use `engine`, too.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("makegood-engine", &[]),
    ("makegood-domain", &["makegood-engine"]),
    ("makegood-mirror", &["makegood-domain", "makegood-engine"]),
    ("makegood-statement", &["makegood-domain", "makegood-engine"]),
    ("makegood-central", &["makegood-domain", "makegood-engine", "makegood-mirror"]),
    (
        "makegood-desk",
        &["makegood-domain", "makegood-engine", "makegood-mirror", "makegood-statement"],
    ),
    ("makegood-demo", &["makegood-central", "makegood-domain", "makegood-engine"]),
    (
        "makegood-cli",
        &[
            "makegood-desk",
            "makegood-statement",
            "makegood-demo",
            "makegood-domain",
            "makegood-engine",
        ],
    ),
    ("makegood-desktop", &["makegood-desk", "makegood-demo", "makegood-domain", "makegood-engine"]),
    // The tests may use anything.
    ("makegood-tests", &[]),
];

/// Packages that may only be named behind a feature.
const OPTIONAL: [(&str, &str); 2] =
    [("makegood-cli", "makegood-demo"), ("makegood-desktop", "makegood-demo")];

/// What pure packages must not reach, directly: input and output, async, and randomness.
const IMPURE: [&str; 9] =
    ["tokio", "sqlx", "axum", "reqwest", "futures-util", "tracing", "tempfile", "rand", "tauri"];

fn packages() -> Vec<Value> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(tree::root())
        .output()
        .expect("cargo runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let metadata: Value = serde_json::from_slice(&answer.stdout).expect("cargo answers JSON");
    metadata["packages"].as_array().expect("a list of packages").clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

#[test]
fn every_package_depends_only_on_what_the_architecture_allows() {
    let table: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    let mut findings = Vec::new();
    for package in packages() {
        let from = name(&package);
        let Some(allowed) = table.get(from) else {
            findings.push(format!("{from} is not in the table: say what it may depend on"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = name(dependency);
            let of_tests = from == "makegood-tests" || dependency["kind"] == "dev";
            if !to.starts_with("makegood-") || of_tests {
                continue;
            }
            if !allowed.contains(&to) {
                findings.push(format!("{from} must not depend on {to}"));
            }
            if OPTIONAL.contains(&(from, to)) && dependency["optional"] != true {
                findings.push(format!("{from} may name {to} only behind a feature"));
            }
        }
    }
    tree::none("Dependencies that the architecture does not allow", &findings);
}

#[test]
fn engine_and_domain_are_pure() {
    let mut findings = Vec::new();
    for package in packages() {
        let from = name(&package);
        if !["makegood-engine", "makegood-domain"].contains(&from) {
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = name(dependency);
            if dependency["kind"] != "dev" && IMPURE.contains(&to) {
                findings.push(format!("{from} is pure and must not depend on {to}"));
            }
        }
    }
    tree::none("Pure packages that reach outside", &findings);
}

#[test]
fn only_the_shell_knows_tauri() {
    let mut findings = Vec::new();
    for package in packages() {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let tauri = name(dependency).starts_with("tauri");
            if tauri && name(&package) != "makegood-desktop" {
                findings.push(format!("{} depends on {}", name(&package), name(dependency)));
            }
        }
    }
    tree::none("Only src-tauri may depend on Tauri", &findings);
}

#[test]
fn only_domain_draws_randomness() {
    let mut findings = Vec::new();
    for package in packages() {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let draws = ["rand", "getrandom", "fastrand"].contains(&name(dependency));
            if draws && dependency["kind"] != "dev" && name(&package) != "makegood-domain" {
                findings.push(format!("{} depends on {}", name(&package), name(dependency)));
            }
        }
    }
    tree::none("Randomness has one source, makegood_domain::random", &findings);
}

#[test]
fn every_package_lies_in_the_folder_of_its_name_and_takes_the_common_lints() {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for package in packages() {
        let package_name = name(&package).to_owned();
        let manifest = package["manifest_path"].as_str().unwrap_or_default().replace('\\', "/");
        let folder = match package_name.as_str() {
            "makegood-desktop" => "src-tauri".to_owned(),
            "makegood-tests" => "tests".to_owned(),
            other => format!("crates/{}", other.trim_start_matches("makegood-")),
        };
        if !manifest.ends_with(&format!("{folder}/Cargo.toml")) {
            findings.push(format!("{package_name} lies in {manifest}, not in {folder}"));
        }
        let text = std::fs::read_to_string(&manifest).expect("a manifest can be read");
        if !text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{package_name} does not take the workspace's lints"));
        }
        seen.insert(package_name);
    }
    for (expected, _) in MAY_USE {
        if !seen.contains(expected) {
            findings.push(format!("{expected} is in the table, but not in the workspace"));
        }
    }
    tree::none("Packages out of place", &findings);
}

#[test]
fn every_library_asks_for_documentation() {
    let roots = tree::texts(&["crates", "src-tauri/src"], &["lib.rs", "main.rs"]);
    let findings: Vec<String> = roots
        .iter()
        .filter(|file| file.path.ends_with("src/lib.rs"))
        .filter(|file| !file.content.contains("#![warn(missing_docs)]"))
        .map(|file| file.path.clone())
        .collect();
    tree::none("Libraries without #![warn(missing_docs)]", &findings);
}

#[test]
fn every_package_has_one_binary_of_integration_tests() {
    let mut findings = Vec::new();
    for package in packages() {
        let targets = package["targets"].as_array().cloned().unwrap_or_default();
        let tests: Vec<&str> =
            targets.iter().filter(|target| target["kind"][0] == "test").map(name).collect();
        if tests.len() > 1 || tests.first().is_some_and(|only| *only != "it") {
            findings.push(format!("{} has {tests:?}", name(&package)));
        }
    }
    tree::none("Integration tests are one binary, tests/it/main.rs", &findings);
}
