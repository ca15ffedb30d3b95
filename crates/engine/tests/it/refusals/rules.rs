//! Every rule of the format that can be broken, paragraph by paragraph: a change of one value of a
//! valid case, and the path at which the case is refused then.

use makegood_engine::json::Json;
use makegood_engine::{Case, compute};

/// One line for each way to count, and all that may stand beside it.
const VALID: &str = include_str!("valid.json");

/// What is changed | what stands there then (nothing: it is gone) | where it is refused (nothing:
/// right there).
const RULES: &str = include_str!("rules.txt");

/// The value at this path; a last key that is not there yet is added.
fn at<'a>(tree: &'a mut Json, path: &str) -> &'a mut Json {
    let mut value = tree;
    for step in path.split_inclusive(['.', '[', ']']).map(|step| step.trim_matches(['.', '[', ']']))
    {
        value = match value {
            _ if step.is_empty() => value,
            Json::List(items) => {
                let index: usize = step.parse().unwrap();
                if index == items.len() {
                    items.push(Json::Null);
                }
                &mut items[index]
            }
            Json::Object(members) => {
                let place = members.iter().position(|(key, _)| key == step);
                let place = place.unwrap_or_else(|| {
                    members.push((step.to_owned(), Json::Null));
                    members.len() - 1
                });
                &mut members[place].1
            }
            leaf => panic!("{path}: {leaf:?} holds nothing"),
        };
    }
    value
}

fn remove(tree: &mut Json, path: &str) {
    let (outer, key) = path.rsplit_once('.').unwrap_or(("", path));
    let Json::Object(members) = at(tree, outer) else { panic!("{path}: {outer} is no object") };
    let before = members.len();
    members.retain(|(name, _)| name != key);
    assert_eq!(members.len(), before - 1, "{path} does not stand there");
}

fn valid() -> Json {
    Json::parse(VALID.as_bytes()).unwrap()
}

#[test]
fn what_the_rules_are_held_against_is_valid() {
    compute(&Case::from_tree(&valid()).unwrap()).unwrap();
}

#[test]
fn every_rule_of_the_format_is_named_by_its_path() {
    let mut wrong = Vec::new();
    let rules = RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rules: Vec<&str> = rules.collect();
    assert!(rules.len() > 200, "{}", rules.len());
    for rule in rules {
        let cells: Vec<&str> = rule.split('|').map(str::trim).collect();
        let (path, value) = (cells[0], cells[1]);
        let expected = cells.get(2).copied().unwrap_or(path);
        let mut tree = valid();
        if value.is_empty() {
            remove(&mut tree, path);
        } else {
            *at(&mut tree, path) = Json::parse(value.as_bytes()).unwrap();
        }
        match Case::from_tree(&tree).and_then(|case| compute(&case)) {
            Ok(_) => wrong.push(format!("{rule}: computes")),
            Err(refusal) if refusal.path == expected && !refusal.message.is_empty() => {}
            Err(refusal) => wrong.push(format!("{rule}: {refusal}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_that_stands_twice_is_refused_in_every_object() {
    fn objects(tree: &Json, path: &str, found: &mut Vec<(String, String)>) {
        match tree {
            Json::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    objects(item, &format!("{path}[{index}]"), found);
                }
            }
            Json::Object(members) => {
                for (key, value) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    found.push((path.to_owned(), key.clone()));
                    objects(value, &format!("{path}{dot}{key}"), found);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    objects(&valid(), "", &mut all);
    assert!(all.len() > 150, "{}", all.len());
    for (path, key) in all {
        for (name, value) in [(key.as_str(), None), ("colour", Some(Json::Null))] {
            let mut tree = valid();
            let Json::Object(members) = at(&mut tree, &path) else { panic!("{path}") };
            let again = members.iter().find(|(known, _)| *known == key).unwrap().1.clone();
            members.push((name.to_owned(), value.unwrap_or(again)));
            let refusal = Case::from_tree(&tree).unwrap_err();
            let dot = if path.is_empty() { "" } else { "." };
            // The object that says how a line counts holds one key: what else stands there is named
            // with it.
            let expected = [format!("{path}{dot}{name}"), path.clone()];
            let whole = path.ends_with(".measure") || path.ends_with(".bad_when");
            assert!(
                refusal.path == expected[0] || (whole && refusal.path == expected[1]),
                "{path} {name}: {refusal}"
            );
        }
    }
}

fn refused(changes: &[(&str, String)]) -> makegood_engine::Refusal {
    let mut tree = valid();
    for (path, value) in changes {
        *at(&mut tree, path) = Json::parse(value.as_bytes()).unwrap();
    }
    Case::from_tree(&tree).and_then(|case| compute(&case)).unwrap_err()
}

#[test]
fn a_fixed_total_is_refused_only_where_something_would_be_removed() {
    let counted_as = "lines[6].terms.window.counted_as";
    let removed = ("lines[6].terms.no_data", "\"removed\"".to_owned());
    let unknown = |from: &str, to: &str| {
        let stretch = format!(r#"[{{"from": "{from}T00:00:00Z", "to": "{to}T00:00:00Z"}}]"#);
        ("lines[6].evidence.unknown", stretch)
    };
    let inside = unknown("2026-10-05", "2026-10-06");
    assert_eq!(refused(&[removed.clone(), inside]).path, counted_as);
    // Beyond the window nothing is removed, and in it nothing that counts as up.
    let mut tree = valid();
    for (path, value) in [removed, unknown("2026-11-05", "2026-11-06")] {
        *at(&mut tree, path) = Json::parse(value.as_bytes()).unwrap();
    }
    compute(&Case::from_tree(&tree).unwrap()).unwrap();
}

#[test]
fn a_time_of_day_is_refused_with_the_latest_that_there_is() {
    for (key, text, told) in [
        ("from", "24:00", "\"24:00\" is no time from 00:00 to 23:59"),
        ("to", "24:01", "\"24:01\" is no time from 00:00 to 24:00"),
    ] {
        let path = format!("lines[0].terms.service_hours[0].{key}");
        let refusal = refused(&[(&path, format!("\"{text}\""))]);
        assert_eq!((&refusal.path, refusal.message.as_str()), (&path, told));
    }
}

#[test]
fn what_is_too_long_is_refused_and_not_repeated() {
    let text = |text: String| format!("\"{text}\"");
    let tiers = vec![r#"{"below": "99", "percent": "1"}"#; 1_001].join(",");
    let caps = vec![r#"{"percent": "1"}"#; 101].join(",");
    let long = [
        ("lines[0].fee", text("9".repeat(1_001))),
        ("lines[0].fee", text("x".repeat(900_000))),
        ("lines[0].terms.measure.uptime.min_outage", text(format!("{}1h", "0".repeat(99)))),
        ("lines[0].terms.credit.tiers", format!("[{tiers}]")),
        ("lines[0].terms.credit.cap", format!("[{caps}]")),
        ("contract.cap", format!("[{caps}]")),
        ("contract.currency", text("E".repeat(900_000))),
        ("contract.combine", text("\u{202e}".repeat(300_000))),
        ("period", text("2026-10".repeat(100_000))),
        ("format", text("makegood/case/9".repeat(60_000))),
        ("lines[0].terms.window.time_zone", text("Europe/".repeat(100_000))),
        ("lines[0].terms.service_hours[0].to", text("2".repeat(100_000))),
        ("lines[0].evidence.outages[0].from", text("2".repeat(100_000))),
        ("lines[1].evidence.slots[0].requests", "9".repeat(900_000)),
        ("lines[0].fee", "9".repeat(900_000)),
    ];
    for (path, value) in long {
        let refusal = refused(&[(path, value)]);
        assert_eq!(refusal.path, path);
        assert!(refusal.message.len() < 700, "{path}: {} bytes", refusal.message.len());
    }
    // What is as long as it may be is valid.
    let mut tree = valid();
    *at(&mut tree, "lines[0].fee") = Json::text("9".repeat(1_000));
    *at(&mut tree, "lines[0].terms.measure.uptime.min_outage") =
        Json::text(format!("{}1h", "0".repeat(98)));
    compute(&Case::from_tree(&tree).unwrap()).unwrap();
}

#[test]
fn a_window_of_more_than_ten_years_is_refused_when_it_is_spanned() {
    let refusal = |days: u32| {
        let terms = format!(
            r#"{{"objective": "99", "window": {{"rolling": "{days}d"}}, "measure": {{"requests": {{}}}}}}"#
        );
        let mut tree = valid();
        let line = at(&mut tree, "lines[4]").clone();
        *at(&mut tree, "lines") = Json::List(vec![line]);
        *at(&mut tree, "lines[0].terms") = Json::parse(terms.as_bytes()).unwrap();
        *at(&mut tree, "period") = Json::text("2026-10-31");
        compute(&Case::from_tree(&tree).unwrap()).err().map(|refusal| refusal.path)
    };
    assert_eq!(refusal(3_660), None);
    assert_eq!(refusal(3_661).as_deref(), Some("period"));
    assert_eq!(refusal(9_999_999).as_deref(), Some("period"));
}
