//! Checking: a case recomputed, beside what it states.

use crate::case::Case;
use crate::compute::compute;
use crate::json::Json;
use crate::refusal::Refusal;
use crate::zone::tzdb_version;

/// What checking a case found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It computes to each key that it states, or is refused as it says it must be.
    Pass,
    /// It computes to something else.
    Differs(Vec<Difference>),
    /// It is refused though it states a result.
    Refused(Refusal),
    /// It must be refused at this path, and was refused elsewhere, or not at all.
    NotRefused {
        /// The path at which it breaks a rule.
        expected: String,
        /// How it was refused; `None`: it was not.
        refusal: Option<Refusal>,
    },
    /// It can't be read as a case.
    Unreadable(Refusal),
}

/// One key that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands: `result.lines[0].bad`.
    pub path: String,
    /// What was computed; `absent` where the result has no such key.
    pub computed: String,
    /// What was stated.
    pub stated: String,
}

/// A case of a file and what checking it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The case's `id`, or its place in the file: `#3`.
    pub name: String,
    /// What was found.
    pub verdict: Verdict,
    /// Where a recomputation differs and the zone rules changed since: the rules that it states
    /// and those that are in use.
    pub zone_rules: Option<(String, String)>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        *self == Self::Pass
    }
}

/// Recomputes a case and compares each key that its result holds.
#[must_use]
pub fn check(case: &Case) -> Verdict {
    judge(case.invalid.as_deref(), case.result.is_some(), Ok(case))
}

/// Checks each case of a file: one case, or an array of cases.
///
/// # Errors
/// The file is not JSON.
pub fn check_file(bytes: &[u8]) -> Result<Vec<Checked>, Refusal> {
    let file = Json::parse(bytes)?;
    let trees = Case::trees(&file).into_iter().enumerate();
    Ok(trees.map(|(index, tree)| check_tree(tree, index)).collect())
}

fn check_tree(tree: &Json, index: usize) -> Checked {
    let text = |key: &str| match tree.get(key) {
        Some(Json::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let name = text("id").map_or_else(|| format!("#{}", index + 1), ToOwned::to_owned);
    let read = Case::from_tree(tree);
    let verdict = judge(text("invalid"), tree.get("result").is_some(), read.as_ref());
    let stated = read.ok().and_then(|case| case.result);
    let rules = stated.as_ref().and_then(|stated| stated.tzdb()).filter(|v| *v != tzdb_version());
    let rules = rules.filter(|_| matches!(verdict, Verdict::Differs(_)));
    let zone_rules = rules.map(|stated| (stated.to_owned(), tzdb_version().to_owned()));
    Checked { name, verdict, zone_rules }
}

fn judge(invalid: Option<&str>, states: bool, read: Result<&Case, &Refusal>) -> Verdict {
    let computed = read.map_err(Clone::clone).and_then(|case| Ok((case, compute(case)?)));
    match (invalid, computed) {
        (None, Ok((case, computed))) => {
            let mut differences = Vec::new();
            if let Some(stated) = &case.result {
                let computed = computed.result.stated().to_tree();
                compare(&stated.to_tree(), Some(&computed), "result", &mut differences);
            }
            if differences.is_empty() { Verdict::Pass } else { Verdict::Differs(differences) }
        }
        // Who states a result does not expect to be refused, whatever else it says.
        (_, Err(refusal)) if states => Verdict::Refused(refusal),
        (None, Err(refusal)) => Verdict::Unreadable(refusal),
        (Some(expected), Err(refusal)) if refusal.to_string().contains(expected) => Verdict::Pass,
        (Some(expected), outcome) => {
            Verdict::NotRefused { expected: expected.to_owned(), refusal: outcome.err() }
        }
    }
}

/// Compares each key that is stated; provenance never.
fn compare(stated: &Json, computed: Option<&Json>, path: &str, found: &mut Vec<Difference>) {
    match (stated, computed) {
        (Json::Object(members), Some(computed @ Json::Object(_))) => {
            for (key, value) in members.iter().filter(|(key, _)| key != "provenance") {
                compare(value, computed.get(key), &format!("{path}.{key}"), found);
            }
        }
        (Json::List(items), Some(Json::List(others))) => {
            for (index, item) in items.iter().enumerate() {
                compare(item, others.get(index), &format!("{path}[{index}]"), found);
            }
            if items.len() < others.len() {
                let more = |count: usize| format!("{count} lines");
                found.push(Difference {
                    path: path.to_owned(),
                    computed: more(others.len()),
                    stated: more(items.len()),
                });
            }
        }
        (stated, computed) if Some(stated) == computed => {}
        (stated, computed) => found.push(Difference {
            path: path.to_owned(),
            computed: computed.map_or_else(|| "absent".to_owned(), shown),
            stated: shown(stated),
        }),
    }
}

fn shown(json: &Json) -> String {
    match json {
        Json::Text(text) => text.clone(),
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        other => other.pretty().trim_end().to_owned(),
    }
}
