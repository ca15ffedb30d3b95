//! The month's run: every customer, ready or not.

use super::books::{Books, Standing};
use crate::{
    Overlay, Reader,
    screens::{house::House, show::month_name},
};
use makegood_domain::{Problem, statement::StatementState};
use serde::Serialize;
use ts_rs::TS;

/// The month's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementMonth {
    /// `2026-10`.
    pub month: String,
    /// `October 2026`.
    pub month_name: String,
    /// How many could be issued now.
    pub ready: usize,
    /// How many wait for a decision.
    pub blocked: usize,
    /// How many are sealed.
    pub sealed: usize,
    /// The customers, blocked ones first.
    pub rows: Vec<StatementCustomer>,
}

/// A customer in the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementCustomer {
    /// The customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// As in a customer's rows.
    pub state: String,
    /// In words.
    pub state_text: String,
    /// What stands in the way.
    pub reasons: Vec<String>,
    /// `ST-2026-10-0412`.
    pub number: Option<String>,
}

/// The run of `month`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statement_month(
    reader: &mut Reader,
    overlay: &Overlay,
    month: &str,
) -> Result<StatementMonth, Problem> {
    let house = House::read(reader).await?;
    let books = Books::of_month(reader, month).await?;
    let mut rows = Vec::new();
    for (key, book) in &books.months {
        if key.1 != month || (book.attainments.is_empty() && book.statements.is_empty()) {
            continue;
        }
        let newest = book.statements.first();
        let (state, text, reasons) = match book.standing(key, overlay) {
            Standing::Running(text) => ("running", text.to_owned(), Vec::new()),
            Standing::Queued(stage) => ("queued", stage.word().to_owned(), Vec::new()),
            Standing::Ready(text) => ("ready", text, Vec::new()),
            Standing::Blocked(blockers) => {
                let reasons = blockers.into_iter().map(|one| one.text).collect();
                ("blocked", "Blocked".to_owned(), reasons)
            }
            Standing::Done if newest.is_some_and(|one| one.state == StatementState::Issued) => {
                ("draft", "Numbered, being sealed".to_owned(), Vec::new())
            }
            Standing::Done => ("sealed", "Sealed".to_owned(), Vec::new()),
        };
        rows.push(StatementCustomer {
            customer_id: key.0.to_string(),
            customer: house.customer(key.0),
            state: state.to_owned(),
            state_text: text,
            reasons,
            number: newest.map(|one| one.number.clone()),
        });
    }
    let order = |row: &StatementCustomer| (row.state != "blocked", row.customer.clone());
    rows.sort_by_key(order);
    let many = |state: &str| rows.iter().filter(|row| row.state == state).count();
    Ok(StatementMonth {
        month: month.to_owned(),
        month_name: month_name(month),
        ready: many("ready"),
        blocked: many("blocked"),
        sealed: many("sealed"),
        rows,
    })
}
