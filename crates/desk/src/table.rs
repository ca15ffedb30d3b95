//! Tables of customers, fees and monthly revenue: looked at field by field, then handed in. Where money
//! rests on a difference, a second person puts it in force.

use crate::{
    central::Taken,
    desk::Desk,
    proposal::{self, DifferenceRow, ProposalRow},
};
use makegood_domain::{Code, Currency, Money, Problem, customer::Customer, id::CustomerId};
use makegood_mirror::{
    Reader,
    screens::{Page, shown_day, shown_month},
};
use serde::Serialize;
use ts_rs::TS;

/// What a table would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TablePreview {
    /// Field by field.
    pub differences: Vec<DifferenceRow>,
    /// Whether money rests on any: then it waits for a second person.
    pub takes_two: bool,
}

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TableTaken {
    /// The proposal that waits for a second person; absent: it took effect.
    pub proposal: Option<ProposalRow>,
    /// How much it changed, where it took effect.
    pub changed: u32,
}

/// What is in force of what a table lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TableInForce {
    /// Those of a customer stand together.
    pub rows: Vec<TableRow>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A fee, or a month's revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TableRow {
    /// Which one.
    pub id: String,
    /// The customer.
    pub customer: String,
    /// `NW-1, API availability`; of revenue, nothing.
    pub what: String,
    /// `€12,000.00`.
    pub amount: String,
    /// `monthly, in advance`; of revenue, `monthly`.
    pub every: String,
    /// `1 Sep 2026`; of revenue, `Sep 2026`.
    pub from: String,
    /// Until when, that day not included; absent: it goes on.
    pub to: Option<String>,
}

impl Desk {
    /// What is in force: `fees`, or `mrr`.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::NotFound`] for another table; [`Code::CentralUnreachable`].
    pub async fn table_in_force(&self, table: &str, page: &Page) -> Result<TableInForce, Problem> {
        let inside = self.inside().await?;
        let after = page.after.as_deref();
        let mut rows = Vec::new();
        let next = match table {
            "fees" => {
                let mut found = inside.central.charges(after).await?;
                // Of what central looked at, everything may have ended.
                while let (true, Some(next)) = (found.charges.is_empty(), &found.next) {
                    found = inside.central.charges(Some(next)).await?;
                }
                let mut reader = inside.mirror().reader().await?;
                for one in found.charges {
                    let advance = if one.in_advance { ", in advance" } else { "" };
                    rows.push(TableRow {
                        id: one.id.to_string(),
                        customer: called(&mut reader, one.customer).await?,
                        what: format!("{}, {}", one.contract, one.line),
                        amount: amount(&one.amount, &one.currency),
                        every: format!("{}{advance}", one.frequency),
                        from: shown_day(one.from),
                        to: one.to.map(shown_day),
                    });
                }
                found.next
            }
            "mrr" => {
                let found = inside.central.revenue(after).await?;
                let mut reader = inside.mirror().reader().await?;
                for one in found.months {
                    rows.push(TableRow {
                        id: format!("{}/{}", one.customer, one.month),
                        customer: called(&mut reader, one.customer).await?,
                        what: String::new(),
                        amount: amount(&one.amount, &one.currency),
                        every: "monthly".to_owned(),
                        from: shown_month(&one.month),
                        to: None,
                    });
                }
                found.next
            }
            other => {
                let why = format!("{other:?} is no table that is listed: ask for fees or mrr");
                return Err(Problem::new(Code::NotFound, why));
            }
        };
        Ok(TableInForce { rows, next })
    }

    /// What a table (`customers`, `fees`, `mrr`) would change. Nothing is written.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] for who does not import; what is wrong, by its line and
    /// column; [`makegood_domain::Code::CentralUnreachable`].
    pub async fn try_table(&self, table: &str, text: &str) -> Result<TablePreview, Problem> {
        let tried = self.inside().await?.central.try_table(table, text).await?;
        Ok(TablePreview {
            takes_two: tried.differences.iter().any(|one| one.drives_money),
            differences: tried.differences.iter().map(DifferenceRow::from).collect(),
        })
    }

    /// Hands a table in.
    ///
    /// # Errors
    /// As [`Desk::try_table`].
    pub async fn take_table(&self, table: &str, text: &str) -> Result<TableTaken, Problem> {
        let inside = self.inside().await?;
        match inside.central.take_table(table, text).await? {
            Taken::Waiting(made) => {
                let made = proposal::made(&inside, &made.proposal).await?;
                Ok(TableTaken { proposal: Some(made), changed: 0 })
            }
            Taken::Applied { changed } => Ok(TableTaken { proposal: None, changed }),
        }
    }
}

async fn called(reader: &mut Reader, customer: CustomerId) -> Result<String, Problem> {
    let found = reader.find::<Customer>(&customer.to_string()).await?;
    Ok(found.map_or_else(|| "–".to_owned(), |one| one.row.name))
}

/// As people read it; a fee may be finer than its currency.
fn amount(text: &str, currency: &str) -> String {
    let whole = Currency::parse(currency).and_then(|of| Money::parse_decimal(text, of).ok());
    whole.map_or_else(|| format!("{currency} {text}"), Money::symbol)
}
