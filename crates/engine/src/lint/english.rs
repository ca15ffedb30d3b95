//! Findings in English.

use super::Flaw;

mod credit;
mod exclusions;
mod measure;
mod objective;
mod phrase;
mod tiers;
mod window;

/// What is said about a flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Why it is one: whole sentences.
    pub why: String,
    /// What would be right: what follows "Instead: ".
    pub instead: String,
}

impl Advice {
    fn new(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { why: why.into(), instead: instead.into() }
    }
}

/// Each knows the flaws that the rules of the same name find.
const FAMILIES: [fn(&Flaw) -> Option<Advice>; 6] = [
    objective::advice,
    window::advice,
    measure::advice,
    exclusions::advice,
    tiers::advice,
    credit::advice,
];

/// Puts a flaw into words.
#[must_use]
pub fn english(flaw: &Flaw) -> Advice {
    let advice = FAMILIES.iter().find_map(|advice| advice(flaw));
    advice.unwrap_or_else(|| Advice::new(flaw.code().as_str(), ""))
}
