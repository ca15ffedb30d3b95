//! Rights to terminate, as people read them.

use super::{
    house::House,
    show::{Fact, date, fact, month_short},
};
use crate::{
    Versioned,
    ask::{self, Question},
};
use makegood_domain::{deadline::Deadline, termination::Ground};

/// What gave a right: `API availability below 95 % in 3 windows in a row (Aug 2026, Sep 2026, Oct 2026)`.
pub(super) fn told(ground: &Ground) -> String {
    let windows: Vec<String> = ground.windows.iter().map(|label| month_short(label)).collect();
    format!("{} {} ({})", ground.sla, ground.right, windows.join(", "))
}

/// The rights to terminate that a customer has now, the next to end first.
pub(super) fn of_customer(customer: &str) -> Question<Vec<Versioned<Deadline>>> {
    let filter =
        "where customer = $1 and state = 'open' and kind = 'termination' order by due, key";
    ask::list(filter, &[customer])
}

/// Those, as facts about the customer.
pub(super) fn facts(running: &[Versioned<Deadline>], house: &House) -> Vec<Fact> {
    let told = |one: &Versioned<Deadline>| {
        let ground = one.ground.as_ref().map(told).unwrap_or_default();
        let until = format!("{}, until {}", house.contract(one.contract), date(one.due));
        fact("May terminate", format!("{until}: {ground}"))
    };
    running.iter().map(told).collect()
}
