//! The closed list of error codes: stable, distinct, each with its golden line.

use makegood_domain::{Code, Problem};
use std::{collections::BTreeSet, fmt::Write as _};

/// One line per code, in the order of the list: the code and its HTTP status.
const GOLDEN: &str = include_str!("codes.golden");

#[test]
fn the_list_of_codes_is_append_only_and_equals_its_golden_file() {
    let mut listed = String::new();
    for code in Code::ALL {
        writeln!(listed, "{code} {}", code.http_status()).unwrap();
    }
    assert_eq!(listed, GOLDEN, "a code that was released keeps its name and status");
}

#[test]
fn codes_are_distinct_and_read_back() {
    let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(*code));
    }
}

#[test]
fn an_older_desk_can_still_show_a_newer_centrals_problem() {
    let problem: Problem =
        serde_json::from_str(r#"{"code":"from_the_future","message":"say this"}"#).unwrap();
    assert_eq!(problem.code, Code::CentralAnswer);
    assert_eq!(problem.message, "say this");
}
