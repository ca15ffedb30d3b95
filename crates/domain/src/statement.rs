//! SLA statements: the document that leaves the house.

use crate::id::{
    ContractId, CustomerGroupId, CustomerId, LegalEntityId, PersonId, SettlementId, StatementId,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Why a statement is issued again, where no settlement's own reason says it.
pub mod again {
    /// Something of the period is settled that was not before.
    pub const SETTLED: &str = "more was settled since";
    /// Credits were granted, refused or cancelled.
    pub const DECIDED: &str = "credits were decided since";
    /// It tells of other contracts than before.
    pub const OTHERS: &str = "it tells of other contracts now";
    /// Nothing but its language is another.
    pub const TRANSLATED: &str = "it is in another language now";
}

/// What a statement is of. Each has revisions of its own in a period; numbers are drawn from one series.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum StatementOf {
    /// All contracts of the customer.
    #[default]
    Customer,
    /// One contract of the customer.
    Contract(ContractId),
    /// All contracts of all customers of the customer's group, for which the customer receives it.
    Group(CustomerGroupId),
}

impl StatementOf {
    /// Whether it is of the whole customer, as every statement is that does not say otherwise.
    #[must_use]
    pub fn is_customer(&self) -> bool {
        *self == Self::Customer
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Contract(_) => "contract",
            Self::Group(_) => "group",
        }
    }

    /// Id of the contract or the group; empty for the customer.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Customer => String::new(),
            Self::Contract(contract) => contract.to_string(),
            Self::Group(group) => group.to_string(),
        }
    }
}

/// A statement of a customer's period at one revision. A new revision supersedes; it never
/// overwrites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its id: one per revision, made at the desk that issues it.
    pub id: StatementId,
    /// Number to show, the same over all revisions: `ST-2026-10-0412`.
    pub number: String,
    /// From 1, without gaps per number.
    pub revision: i64,
    /// The revision before, if any.
    pub supersedes: Option<StatementId>,
    /// The customer, who receives it.
    pub customer: CustomerId,
    /// What it is of.
    #[serde(default, skip_serializing_if = "StatementOf::is_customer")]
    pub of: StatementOf,
    /// Of a group: all its customers when it was issued. Whoever may not see each of them does not see
    /// the statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<CustomerId>,
    /// Label of the period: `2026-10`.
    pub period: String,
    /// Which of our legal entities issues it.
    pub legal_entity: LegalEntityId,
    /// `en` or `de`.
    pub language: String,
    /// Version of the layout.
    pub template: i64,
    /// Where it stands.
    pub state: StatementState,
    /// When central gave the number: the date it bears.
    pub issued_at: DateTime<Utc>,
    /// Who released it.
    pub released_by: PersonId,
    /// Which settlements it rests on, at which revision, with the hash of the customer edition of
    /// the case file (hex; empty until sealed).
    pub rests_on: Vec<StatementCase>,
    /// SHA-256 of the signed bytes, hex; absent until sealed.
    pub sha256: Option<String>,
    /// Hash of the audit chain's head when it was issued, hex.
    pub audit_head: String,
    /// Why there is a new revision, or why it was voided.
    pub reason: Option<String>,
}

impl Statement {
    /// Whose figures it tells.
    #[must_use]
    pub fn tells_of(&self) -> &[CustomerId] {
        if self.customers.is_empty() {
            std::slice::from_ref(&self.customer)
        } else {
            &self.customers
        }
    }
}

/// A settlement that a statement rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementCase {
    /// The settlement.
    pub settlement: SettlementId,
    /// Its revision.
    pub revision: i64,
    /// SHA-256 of the embedded calculation file, hex; empty until sealed.
    pub sha256: String,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// It has its number; the desk is sealing it.
    Issued,
    /// Sealed, and its hash is on record.
    Sealed,
    /// A later revision took its place.
    Superseded,
    /// The number was not used; on record.
    Voided,
}

impl StatementState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Sealed => "sealed",
            Self::Superseded => "superseded",
            Self::Voided => "voided",
        }
    }
}

/// The span of whole months that a label (`2026`, `2026-Q4`, `2026-10`, `2026-10-31`) ends with:
/// its first and last month, each counted from year 0.
fn months(label: &str) -> Option<(i64, i64)> {
    let year: i64 = label.get(..4)?.parse().ok()?;
    let rest = label.get(4..)?;
    let (first, last) = match rest.strip_prefix('-') {
        None if rest.is_empty() => (1, 12),
        None => return None,
        Some(part) => match part.strip_prefix('Q') {
            Some(quarter) => {
                let quarter: i64 = quarter.parse().ok()?;
                (quarter * 3 - 2, quarter * 3)
            }
            None => {
                let month = part.get(..2)?.parse().ok()?;
                (month, month)
            }
        },
    };
    (1..=12).contains(&first).then_some((year * 12 + first - 1, year * 12 + last - 1))
}

/// `2026-10`: the calendar month in which a window is told of, by its label and its end (exclusive). It is
/// the one that a month's or a day's label names. A quarter's or a year's label says nothing of it, because the
/// year may begin in any month: there it is the month in which the window ends.
#[must_use]
pub fn month_of(label: &str, to: DateTime<Utc>) -> String {
    match label.get(..7) {
        Some(month) if is_month(month) && [7, 10].contains(&label.len()) => month.to_owned(),
        // A day back, because a window's end is local midnight, which may lie on either side in UTC.
        _ => (to - TimeDelta::days(1)).format("%Y-%m").to_string(),
    }
}

/// Whether a window with this label and this end (exclusive) is told of in a period.
#[must_use]
pub fn ends_in(label: &str, to: DateTime<Utc>, period: &str) -> bool {
    names(&month_of(label, to), period)
}

/// Whether what a label names ends in a period, for what rests on no window whose end is known.
#[must_use]
pub fn names(label: &str, period: &str) -> bool {
    match (months(label), months(period)) {
        (Some((_, end)), Some((first, last))) => (first..=last).contains(&end),
        _ => false,
    }
}

/// The months of a period, `2026-10` to `2026-12` for `2026-Q4`; none for what is no label of one.
#[must_use]
pub fn months_of(period: &str) -> Vec<String> {
    let (first, last) = months(period).unwrap_or((1, 0));
    (first..=last).map(|at| format!("{:04}-{:02}", at / 12, at % 12 + 1)).collect()
}

/// Whether this is the label of a month: `2026-10`.
#[must_use]
pub fn is_month(label: &str) -> bool {
    label.len() == 7 && !label.contains('Q') && is_period(label)
}

/// Whether this is the label of a month, a quarter or a year.
#[must_use]
pub fn is_period(label: &str) -> bool {
    label.len() <= 7 && label.is_ascii() && months(label).is_some()
}

/// Whether this is a label that a window may bear: that of a period, or the last day of one that rolls.
#[must_use]
pub fn is_window(label: &str) -> bool {
    is_period(label) || label.parse::<NaiveDate>().is_ok_and(|day| day.to_string() == label)
}

#[cfg(test)]
mod tests {
    use super::{StatementOf, ends_in, is_month, is_period, is_window, month_of, names};

    #[test]
    fn what_says_nothing_is_of_the_whole_customer() {
        #[derive(serde::Deserialize)]
        struct Old {
            #[serde(default)]
            of: StatementOf,
        }
        let read = |json: &str| serde_json::from_str::<Old>(json).unwrap().of;
        assert_eq!(read("{}"), StatementOf::Customer);
        assert_eq!(read(r#"{"of": {"kind": "customer"}}"#), StatementOf::Customer);
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let contract = read(&format!(r#"{{"of": {{"kind": "contract", "id": "{id}"}}}}"#));
        assert_eq!((contract.as_str(), contract.id().as_str()), ("contract", id));
    }

    #[test]
    fn a_period_holds_every_window_that_ends_in_it() {
        for (label, period) in [
            ("2026-10", "2026-10"),
            ("2026-Q4", "2026-12"),
            ("2026-10", "2026-Q4"),
            ("2026-12", "2026"),
            ("2026-10-31", "2026-10"),
        ] {
            assert!(names(label, period), "{label} in {period}");
        }
        for (label, period) in [("2026-Q4", "2026-10"), ("2026", "2026-11"), ("2025-10", "2026")] {
            assert!(!names(label, period), "{label} not in {period}");
        }
        assert!(is_month("2026-10") && !is_month("2026-13") && !is_month("2026-Q1"));
        assert!(!is_month("2026"));
        assert!(is_period("2026-10") && is_period("2026-Q4") && is_period("2026"));
        assert!(is_window("2026-10-31") && is_window("2026-Q4") && !is_window("2026-02-30"));
        assert!(!is_window("+2026-10-1") && !is_window("2026-10- 1") && !is_window("2026-1-31"));
        assert!(!is_period("2026-13") && !is_period("October") && !is_period("2026-10-31"));
    }

    #[test]
    fn a_quarter_of_a_year_that_begins_in_april_ends_in_june() {
        // Midnight of 1 July in Auckland and in Los Angeles.
        for to in ["2026-06-30T12:00:00Z", "2026-07-01T07:00:00Z"] {
            let to = to.parse().unwrap();
            assert_eq!(month_of("2026-Q1", to), "2026-06");
            assert!(ends_in("2026-Q1", to, "2026-06") && ends_in("2026-Q1", to, "2026-Q2"));
            assert!(!ends_in("2026-Q1", to, "2026-03") && !ends_in("2026-Q1", to, "2026-Q1"));
        }
        let anchored = "2026-11-15T00:00:00Z".parse().unwrap();
        assert_eq!(month_of("2026-10", anchored), "2026-10");
        assert_eq!(month_of("2026-10-31", anchored), "2026-10");
    }
}
