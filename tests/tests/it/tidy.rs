//! The style, as far as a machine can see it.

use crate::tree::{self, Text};
use std::collections::BTreeSet;

const CODE: [&str; 5] = ["crates", "src-tauri", "tests", "ui/src", "ui/shots"];
const LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 80;

/// The nouns that name a file in every layer, with the names that would hide them.
const NOUNS: [(&str, &[&str]); 15] = [
    ("alert", &["alerts", "alarm", "notification"]),
    ("attainment", &["attainments", "sla_result", "measurement"]),
    ("audit", &["audits", "audit_log", "audit_event"]),
    ("breach", &["breaches", "miss", "missed", "violation"]),
    ("contract", &["contracts", "agreement"]),
    ("credit", &["credits", "sla_credit", "credit_note"]),
    ("customer", &["customers", "client", "account"]),
    ("exclusion", &["exclusions", "exemption"]),
    ("incident", &["incidents"]),
    ("person", &["persons", "people", "user", "users"]),
    ("policy", &["policies", "approval_matrix"]),
    ("series", &["serieses", "metric"]),
    ("settlement", &["settlements"]),
    ("source", &["sources", "feeder"]),
    ("statement", &["statements", "report"]),
];

/// Where a noun names a file.
const LAYERS: [&str; 7] = [
    "crates/domain/src",
    "crates/central/src/routes",
    "crates/central/src/store",
    "crates/mirror/src",
    "crates/desk/src",
    "src-tauri/src",
    "ui/src",
];

/// The line without its comment; good enough for sources that are formatted.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether `text` holds `word` with no letter, digit or underscore on either side.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(inside)
            && !text[at + word.len()..].chars().next().is_some_and(inside)
    })
}

#[test]
fn files_stay_short() {
    let findings: Vec<String> = tree::texts(&CODE, &[".rs", ".ts", ".svelte"])
        .iter()
        .filter(|file| !file.path.contains("/data/"))
        .map(|file| (file, file.content.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    tree::none("Files over 400 lines: split by what they are about", &findings);
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    for file in tree::texts(&["crates", "src-tauri", "tests"], &[".rs"]) {
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in file.content.lines().enumerate() {
            let depth = line.len() - line.trim_start().len();
            let trimmed = line.trim_start();
            let starts = trimmed.split_once("fn ").is_some_and(|(head, _)| {
                let mut words = head.split_whitespace();
                words.all(|word| {
                    word.starts_with("pub")
                        || word.ends_with(')')
                        || ["async", "const"].contains(&word)
                })
            });
            if starts && open.is_none() && !trimmed.ends_with(';') {
                open = Some((number, depth, trimmed.to_owned()));
            } else if let Some((from, at, what)) = &open
                && depth == *at
                && trimmed.starts_with('}')
            {
                let lines = number + 1 - from;
                if lines > FUNCTION_LINES_MAX {
                    let name = what.split('(').next().unwrap_or_default();
                    findings.push(format!("{}: {name} has {lines} lines", file.path));
                }
                open = None;
            }
        }
    }
    tree::none("Functions that are too long", &findings);
}

#[test]
fn no_mod_rs() {
    let findings: Vec<String> = tree::texts(&CODE, &[".rs"])
        .iter()
        .filter(|file| file.name() == "mod.rs")
        .map(|file| file.path.clone())
        .collect();
    tree::none("A module is foo.rs with foo/ beside it", &findings);
}

#[test]
fn no_name_says_nothing() {
    let banned = ["Manager", "Service", "Helper", "Util"];
    // Words of the case format and of the real input, which name things of the business.
    let named = ["ServiceHours", "ServiceDay", "ServiceCredit"];
    let mut findings = Vec::new();
    for file in tree::texts(&CODE, &[".rs", ".ts", ".svelte"]) {
        let stem = file.stem().to_lowercase();
        for word in banned.map(str::to_lowercase) {
            if stem.ends_with(&word) || stem.ends_with(&format!("{word}s")) {
                findings.push(format!("{} is named after nothing", file.path));
            }
        }
        for (number, line) in file.content.lines().enumerate() {
            let line = code(line);
            let Some(declared) = declared(line) else { continue };
            let ours = !named.iter().any(|name| declared.starts_with(name));
            if ours && banned.iter().any(|word| declared.contains(word)) {
                findings.push(format!("{}:{}: {declared}", file.path, number + 1));
            }
        }
    }
    tree::none("Names without meaning (Manager, Service, Helper, Util)", &findings);
}

/// The name of the type that this line declares, if it declares one.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words
        .by_ref()
        .find(|word| ["struct", "enum", "trait", "type", "class", "interface"].contains(word))?;
    words.next().filter(|name| name.starts_with(char::is_uppercase))
}

#[test]
fn law_2_no_floats_near_figures() {
    let folders = [
        "crates/engine/src",
        "crates/domain/src",
        "crates/mirror/src",
        "crates/central/src",
        "crates/desk/src",
        "crates/demo/src",
        "crates/cli/src",
        "src-tauri/src",
    ];
    let mut findings = Vec::new();
    for file in tree::texts(&folders, &[".rs"]) {
        for (number, line) in file.content.lines().enumerate() {
            let line = code(line);
            if has_word(line, "f32") || has_word(line, "f64") {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    tree::none("No percentage, duration or amount passes through floating point", &findings);
}

#[test]
fn law_2_no_figure_is_computed_in_the_ui() {
    let mut findings = Vec::new();
    for file in tree::texts(&["ui/src"], &[".ts", ".svelte"]) {
        // Where a chart's point lies is no figure.
        let chart = file.path.starts_with("ui/src/parts/");
        for (number, line) in file.content.lines().enumerate() {
            let rounds = code(line).contains(".toFixed(") && !chart;
            if rounds || code(line).contains("parseFloat(") {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    tree::none("Figures come to the UI ready to be shown", &findings);
}

#[test]
fn only_one_file_of_the_ui_knows_its_host() {
    let findings: Vec<String> = tree::texts(&["ui/src"], &[".ts", ".svelte"])
        .iter()
        .filter(|file| file.path != "ui/src/host/tauri.ts")
        .filter(|file| file.content.contains("@tauri-apps/"))
        .map(|file| file.path.clone())
        .collect();
    tree::none("Only ui/src/host/tauri.ts may import @tauri-apps", &findings);
}

#[test]
fn one_noun_one_file_name() {
    let mut findings = Vec::new();
    let mut nouns_of_domain = BTreeSet::new();
    for file in tree::texts(&LAYERS, &[".rs", ".ts", ".svelte"]) {
        if file.path.contains("/fixture/") {
            continue;
        }
        if file.path.starts_with("crates/domain/src/") {
            nouns_of_domain.insert(file.stem().to_owned());
        }
        for (noun, hiding) in NOUNS {
            let (stem, parent) = (file.stem().to_lowercase(), folder(&file));
            let hidden = |name: &str| hiding.contains(&name);
            let component = file.path.ends_with(".svelte");
            if (!component && hidden(&stem)) || hidden(parent) {
                findings.push(format!("{}: the noun is `{noun}`", file.path));
            }
        }
    }
    for (noun, _) in NOUNS {
        if !nouns_of_domain.contains(noun) {
            findings.push(format!("crates/domain/src/{noun}.rs is missing"));
        }
    }
    tree::none("One noun has one file name in every layer", &findings);
}

fn folder(file: &Text) -> &str {
    file.path.rsplit('/').nth(1).unwrap_or_default()
}

#[test]
fn sql_stands_in_the_store_and_in_the_mirror_alone() {
    let folders = [
        "crates/engine/src",
        "crates/domain/src",
        "crates/statement/src",
        "crates/central/src",
        "src-tauri/src",
    ];
    let asks = ["sqlx::query", "\"select ", "\"insert into ", "\"delete from "];
    let findings: Vec<String> = tree::texts(&folders, &[".rs"])
        .iter()
        .filter(|file| !file.path.starts_with("crates/central/src/store"))
        .filter(|file| asks.iter().any(|ask| file.content.contains(ask)))
        .map(|file| file.path.clone())
        .collect();
    tree::none("SQL stands in a store", &findings);
}

#[test]
fn commands_of_the_shell_have_no_branches() {
    let mut findings = Vec::new();
    for file in tree::texts(&["src-tauri/src/commands"], &[".rs"]) {
        for (number, line) in file.content.lines().enumerate() {
            let line = code(line);
            if ["if", "match", "for", "while", "loop"].iter().any(|word| has_word(line, word)) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    tree::none("A command of the shell is one call into desk", &findings);
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let root = tree::root();
    let mut places = vec![format!("{}/", root.display())];
    if let Some(parent) = root.parent().filter(|parent| parent.components().count() > 2) {
        places.push(format!("{}/", parent.display()));
    }
    let endings = [
        ".rs", ".ts", ".js", ".mjs", ".svelte", ".html", ".json", ".toml", ".sql", ".md", ".sh",
        ".py", ".service", "run", "Makefile",
    ];
    let mut findings = Vec::new();
    for file in tree::texts(&[""], &endings) {
        for (number, line) in file.content.lines().enumerate() {
            let lock = file.name() == "package-lock.json" && line.contains("\"resolved\": \"http");
            if lock || places.iter().any(|place| line.contains(place)) {
                findings.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    tree::none("Lines that name a path or a registry of one machine", &findings);
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_to_do() {
    // Written in two pieces, so that this list does not find itself.
    let marks = [
        concat!("#[ig", "nore"),
        concat!("test.", "skip"),
        concat!("it.", "skip"),
        concat!("it.", "only"),
        concat!("test.", "only"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let mut findings = Vec::new();
    for file in tree::texts(&CODE, &[".rs", ".ts", ".svelte"]) {
        for (number, line) in file.content.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    tree::none("Switched-off tests and loose ends", &findings);
}
