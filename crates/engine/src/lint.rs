//! Lint: terms that are valid, and that a careful reader would not sign.
//!
//! docs/format.md refuses what can't be computed. What is left can still be a tier that never holds, an
//! objective that the slots can't resolve, or maintenance that nobody need announce. Each
//! [`Finding`] is data: a place, a code out of a closed list, and the figures concerned; [`english()`]
//! puts it into words.

use crate::case::Case;
use crate::decimal::Decimal;
use crate::terms::Terms;

mod caps;
mod contract;
mod credit;
mod english;
mod exclusions;
mod extent;
mod figure;
mod file;
mod flaw;
mod measure;
mod objective;
mod reading;
mod threshold;
mod tiers;
mod window;

pub use english::{Advice, english};
pub use figure::Grain;
pub use file::{Linted, lint_file};
pub use flaw::{Code, Flaw};
use reading::Reading;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It never works as written.
    Error,
    /// It works, but hardly as both sides understand it.
    Warning,
}

impl Severity {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something that a careful reader would want changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: `credit.tiers[1].below`. The path of a key that is missing ends with that key.
    pub path: String,
    /// What is wrong, with its figures.
    pub flaw: Flaw,
}

impl Finding {
    /// The name of the flaw.
    #[must_use]
    pub fn code(&self) -> Code {
        self.flaw.code()
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code().severity()
    }
}

/// What is looked at, paragraph by paragraph of the format.
const RULES: [fn(&Reading, &mut Found); 7] = [
    objective::look,
    window::look,
    measure::look,
    exclusions::look,
    tiers::look,
    credit::look,
    caps::look,
];

/// Looks at terms alone. Paths begin at the terms; the findings are in order of path and code.
#[must_use]
pub fn terms(terms: &Terms) -> Vec<Finding> {
    in_order(line(&Reading::new(terms)))
}

/// Looks at terms together with the fee of a window, which tells what a share is in money. A fee
/// of nothing tells nothing.
#[must_use]
pub fn terms_with_fee(terms: &Terms, fee: &Decimal) -> Vec<Finding> {
    in_order(line(&Reading::new(terms).with_fee(fee)))
}

/// Looks at all lines of a case with their fees (paths begin with `lines[0].terms.`), and at what
/// its contract says of them together (`contract.cap`). Evidence and result are not looked at.
#[must_use]
pub fn case(case: &Case) -> Vec<Finding> {
    let mut found = Found::default();
    for (index, one) in case.lines.iter().enumerate() {
        let reading = Reading::new(&one.terms).with_fee(&one.fee);
        let bounded = !case.contract.caps.is_empty();
        for finding in line(&reading.bounded(bounded)).0 {
            found.add(format!("lines[{index}].terms.{}", finding.path), finding.flaw);
        }
    }
    contract::look(case, &mut found);
    in_order(found)
}

fn line(reading: &Reading) -> Found {
    let mut found = Found::default();
    for look in RULES {
        look(reading, &mut found);
    }
    found
}

/// What has been found so far.
#[derive(Debug, Default)]
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, path: impl Into<String>, flaw: Flaw) {
        self.0.push(Finding { path: path.into(), flaw });
    }
}

/// By path, the numbers in it by their value, then by code.
fn in_order(found: Found) -> Vec<Finding> {
    let mut findings = found.0;
    findings.sort_by_cached_key(|finding| {
        let pieces = finding.path.split(['.', '[', ']']);
        let pieces = pieces.map(|piece| (piece.parse::<usize>().ok(), piece.to_owned()));
        (pieces.collect::<Vec<_>>(), finding.code())
    });
    findings
}
