//! What a selection of credits adds up to.

use crate::{
    Reader, Versioned, Viewer,
    screens::{
        house::listed,
        policy::{GroupTotals, Policies},
        show::{MoneyView, Sums},
    },
};
use makegood_domain::{
    Problem,
    credit::{Credit, Decision},
    policy::may_approve,
};
use serde::Serialize;
use ts_rs::TS;

/// What a selection adds up to, before somebody decides it at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Selection {
    /// How many.
    pub count: usize,
    /// One total per currency.
    pub totals: Vec<SelectionTotal>,
    /// `EUR 1,200.00`: one for each currency.
    pub largest: String,
    /// How many need a second approver.
    pub need_second: usize,
    /// How many this person may not approve.
    pub may_not: usize,
}

/// A currency's total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SelectionTotal {
    /// The sum.
    pub money: MoneyView,
    /// Of how many credits.
    pub count: usize,
}

/// What these credits add up to; ids that are not here are left out.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn credits_selection(
    reader: &mut Reader,
    viewer: &Viewer,
    ids: &[String],
) -> Result<Selection, Problem> {
    let mut sums = Sums::default();
    let mut largest = std::collections::BTreeMap::new();
    let (mut count, mut need_second, mut may_not) = (0, 0, 0);
    let found: Vec<Versioned<Credit>> =
        reader.list("where key in (select value from json_each($1))", &[&listed(ids)]).await?;
    let totals = GroupTotals::of(found.iter().map(|one| &one.row), viewer.now);
    let (policies, totals) = reader.ask((Policies::all(), totals)).await?;
    for credit in &found {
        count += 1;
        sums.add(credit.amount)?;
        let top = largest.entry(credit.amount.currency()).or_insert(credit.amount);
        if credit.amount.minor() > top.minor() {
            *top = credit.amount;
        }
        // Of one that was approved once, this approval is the second.
        let is_first = credit.decision == Decision::Proposed;
        need_second += usize::from(is_first && totals.needs_second(&policies, credit, viewer.now)?);
        may_not += usize::from(may_approve(&viewer.actor, credit).is_err());
    }
    let totals = sums.each().map(|(sum, count)| SelectionTotal { money: sum.into(), count });
    let largest: Vec<String> = largest.into_values().map(|money| money.display()).collect();
    Ok(Selection {
        count,
        totals: totals.collect(),
        largest: largest.join(", "),
        need_second,
        may_not,
    })
}
