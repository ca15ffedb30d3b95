//! What of a service an SLA line is about: some of its paths, some of its regions.

use crate::error::{Code, Problem};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most names in a list.
pub const NAMES_MAX: usize = 200;

/// Longest name of a path or a region, in characters.
pub const NAME_MAX: usize = 300;

/// How a name ends that stands for others which can't be kept. No other name does.
pub const CUT: char = '…';

/// What stands for all that a service has too many of: any of it may be what a scope selects.
pub const REST: &str = "…";

/// Whether a part is what stands for all others; of a region that has a name it is but a path that was cut.
#[must_use]
pub fn is_rest(path: &str, region: &str) -> bool {
    path == REST && region.is_empty()
}

/// Which parts of a service a line's SLI reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliScope {
    /// Of its paths.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub paths: Selection,
    /// Of its regions.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub regions: Selection,
}

/// Some of many names. What is excluded stays out, whatever else stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Names, or how they begin: `/v1/orders`, `/v1/*`. None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Names, or how they begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

impl SliScope {
    /// Whether this part of a service is selected; a part without a path, or without a region, has
    /// the empty name there.
    #[must_use]
    pub fn selects(&self, path: &str, region: &str) -> bool {
        self.paths.selects(path) && self.regions.selects(region)
    }

    /// Checks the lists; a problem's path begins at the scope.
    ///
    /// # Errors
    /// [`Code::Invalid`].
    pub fn check(&self) -> Result<(), Problem> {
        self.paths.check("paths")?;
        self.regions.check("regions")
    }
}

/// For people: `paths /v1/*, without /v1/export; regions eu-1`.
impl fmt::Display for SliScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |of: &str, all: &Selection| {
            let mut words = Vec::new();
            if !all.include.is_empty() {
                words.push(all.include.join(", "));
            }
            if !all.exclude.is_empty() {
                words.push(format!("without {}", all.exclude.join(", ")));
            }
            (!words.is_empty()).then(|| format!("{of} {}", words.join(", ")))
        };
        let told = [told("paths", &self.paths), told("regions", &self.regions)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        f.write_str(if told.is_empty() { "all paths and regions" } else { "" })?;
        f.write_str(&told.join("; "))
    }
}

impl Selection {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether this name is selected.
    #[must_use]
    pub fn selects(&self, name: &str) -> bool {
        let is = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        (self.include.is_empty() || is(&self.include)) && !is(&self.exclude)
    }

    fn check(&self, list: &str) -> Result<(), Problem> {
        for (side, patterns) in [("include", &self.include), ("exclude", &self.exclude)] {
            let refuse = |at: usize, why: &str| {
                let path = format!("{list}.{side}[{at}]");
                Problem::new(Code::Invalid, format!("{path}: {why}")).at(path)
            };
            if patterns.len() > NAMES_MAX {
                return Err(refuse(
                    NAMES_MAX,
                    "a list holds 200 names; write how they begin: /v1/*",
                ));
            }
            for (at, pattern) in patterns.iter().enumerate() {
                name(pattern).map_err(|why| refuse(at, why))?;
                if pattern.is_empty() {
                    return Err(refuse(at, "there is no name; take it out"));
                }
                let begins = pattern.strip_suffix('*').unwrap_or(pattern);
                if begins.contains('*') {
                    return Err(refuse(at, "a * stands at the end alone, as in /v1/*"));
                }
                if patterns[..at].contains(pattern) {
                    return Err(refuse(at, "it stands in the list twice; leave one of them"));
                }
            }
        }
        Ok(())
    }
}

/// Whether a name is meant: `/v1/*` is every name that begins with `/v1/`.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begins) => !name.is_empty() && name.starts_with(begins),
        None => pattern == name,
    }
}

/// Whether one pattern means all that another means.
#[must_use]
pub fn covers(wider: &str, pattern: &str) -> bool {
    let begins = pattern.strip_suffix('*').unwrap_or(pattern);
    wider == pattern || wider.strip_suffix('*').is_some_and(|wider| begins.starts_with(wider))
}

/// Checks the name of a path or a region.
///
/// # Errors
/// Why it can't be one.
pub fn name(text: &str) -> Result<(), &'static str> {
    if text.chars().count() > NAME_MAX {
        return Err("a name has at most 300 characters");
    }
    if text.chars().any(char::is_control) {
        return Err("a name has no control characters");
    }
    if text.ends_with(CUT) {
        return Err("a name does not end in …, which stands for what was cut off");
    }
    Ok(())
}

/// What stands for a name that can't be one: as much of it as a pattern can say of how names begin. So a
/// scope selects the one where it selects the other.
#[must_use]
pub fn cut(text: &str) -> String {
    let begins = text.chars().take_while(|one| !one.is_control()).take(NAME_MAX - 1);
    begins.chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(include: &[&str], exclude: &[&str]) -> Selection {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Selection { include: own(include), exclude: own(exclude) }
    }

    #[test]
    fn a_name_is_selected_exactly_or_by_how_it_begins_and_exclude_wins() {
        let all = Selection::default();
        assert!(all.selects("/v1/orders") && all.selects(""));
        let v1 = selection(&["/v1/*"], &["/v1/export", "/v1/beta/*"]);
        assert!(v1.selects("/v1/orders"));
        for not in ["/v1", "/v10/orders", "/v2/orders", "/v1/export", "/v1/beta/x", ""] {
            assert!(!v1.selects(not), "{not}");
        }
        assert!(v1.selects("/v1/export/all"), "an exact name is no beginning");
        let not_eu = selection(&[], &["eu-*"]);
        assert!(not_eu.selects("us-1") && not_eu.selects("") && !not_eu.selects("eu-1"));
        assert!(!selection(&["*"], &[]).selects(""), "a part without a path has none to select");
    }

    #[test]
    fn what_is_cut_off_is_selected_as_the_whole_name_would_be() {
        let long = format!("/v1/{}", "x".repeat(NAME_MAX));
        for (text, kept) in [(long.as_str(), NAME_MAX - 1), ("/v1/a\nb", 5), ("/v1/a…", 6)] {
            assert!(name(text).is_err());
            let cut = cut(text);
            assert_eq!(cut.chars().count(), kept + 1, "{cut}");
            assert!(cut.chars().count() <= NAME_MAX && !cut.chars().any(char::is_control));
            for begins in (0..=kept).map(|count| text.chars().take(count).collect::<String>()) {
                assert!(selection(&[&format!("{begins}*")], &[]).selects(&cut), "{begins}");
            }
            assert!(!selection(&["/v2/*", "/v1/a", "/v1/b*"], &[]).selects(&cut));
        }
    }

    #[test]
    fn a_scope_is_told_in_words() {
        let told = |paths, regions| SliScope { paths, regions }.to_string();
        let (all, some) = (Selection::default, || selection(&["/v1/*"], &["/v1/export"]));
        assert_eq!(told(all(), all()), "all paths and regions");
        assert_eq!(told(some(), all()), "paths /v1/*, without /v1/export");
        assert_eq!(
            told(some(), selection(&[], &["eu-*", "us-1"])),
            "paths /v1/*, without /v1/export; regions without eu-*, us-1"
        );
    }

    #[test]
    fn lists_are_refused_by_their_place() {
        let at = |include: &[&str]| {
            let scope = SliScope { paths: selection(include, &[]), regions: Selection::default() };
            scope.check().unwrap_err().path.unwrap()
        };
        assert_eq!(at(&["/v1/*", ""]), "paths.include[1]");
        assert_eq!(at(&["/*/orders"]), "paths.include[0]");
        assert_eq!(at(&["/v1", "/v1"]), "paths.include[1]");
        assert_eq!(at(&["/v\n1"]), "paths.include[0]");
    }
}
