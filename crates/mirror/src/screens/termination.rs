//! Rights to terminate, as people read them.

use super::{
    house::House,
    show::{Fact, date, fact, month_short},
};
use crate::{Reader, Versioned};
use makegood_domain::{Problem, deadline::Deadline, termination::Ground};

/// What gave a right: `API availability below 95 % in 3 windows in a row (Aug 2026, Sep 2026, Oct 2026)`.
pub(super) fn told(ground: &Ground) -> String {
    let windows: Vec<String> = ground.windows.iter().map(|label| month_short(label)).collect();
    format!("{} {} ({})", ground.sla, ground.right, windows.join(", "))
}

/// The rights to terminate that a customer has now, the next to end first.
pub(super) async fn of_customer(
    reader: &mut Reader,
    house: &House,
    customer: &str,
) -> Result<Vec<Fact>, Problem> {
    let filter =
        "where customer = $1 and state = 'open' and kind = 'termination' order by due, key";
    let running: Vec<Versioned<Deadline>> = reader.list(filter, &[customer]).await?;
    let told = |one: &Versioned<Deadline>| {
        let ground = one.ground.as_ref().map(told).unwrap_or_default();
        let until = format!("{}, until {}", house.contract(one.contract), date(one.due));
        fact("May terminate", format!("{until}: {ground}"))
    };
    Ok(running.iter().map(told).collect())
}
