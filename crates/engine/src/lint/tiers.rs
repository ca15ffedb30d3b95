//! Tiers: rows of the table that are never due, and where the table and the objective part.

use super::extent::Counting;
use super::objective::look_at_bound;
use super::reading::{Reading, in_percent, is_zero};
use super::threshold::Threshold;
use super::{Flaw, Found};
use crate::credits::{Award, Condition, Tier, TierAward};
use crate::decimal::Decimal;
use crate::fraction::Fraction;

/// A tier that awards something.
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) tier: &'a Tier,
    when: When,
}

/// When a tier holds.
enum When {
    /// Where attainment doesn't reach this.
    Missed(Threshold),
    /// Where bad time is this long (longer, where strict).
    Lasted { seconds: u64, strict: bool },
}

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let rows = rows(reading);
    let mut due: Vec<&Row> = Vec::new();
    for row in &rows {
        let path = format!("credit.tiers[{}]", row.index);
        if never_holds(reading, &row.when) {
            let flaw = Flaw::TierNeverHolds {
                when: row.tier.when.clone(),
                lowest: Fraction::new(reading.lowest()),
                longest: reading.extent.counted().1,
            };
            found.add(format!("{path}.{}", bound(&row.tier.when).0), flaw);
        } else if let Some(flaw) = never_due(reading, row, &rows) {
            found.add(path, flaw);
        } else {
            look_at_condition(reading, row, &path, found);
            due.push(row);
        }
        if let TierAward::Days(days) = row.tier.award {
            look_at_days(reading, days, row.index, found);
        }
    }
    look_at_gap(reading, &due, found);
}

/// The rows of the table, those that award nothing left out.
pub(super) fn rows<'a>(reading: &Reading<'a>) -> Vec<Row<'a>> {
    let Some(Award::Tiers(tiers)) = reading.credit().map(|credit| &credit.award) else {
        return Vec::new();
    };
    let round = reading.terms.round_attainment;
    let when = |when: &Condition| match when {
        Condition::Below(bound) => When::Missed(Threshold::new(bound, false, round)),
        Condition::AtOrBelow(bound) => When::Missed(Threshold::new(bound, true, round)),
        Condition::DowntimeOver(length) => When::Lasted { seconds: length.seconds(), strict: true },
        Condition::DowntimeAtLeast(length) => {
            When::Lasted { seconds: length.seconds(), strict: false }
        }
    };
    let rows = tiers.iter().enumerate().filter(|(_, tier)| !is_zero(&tier.award));
    rows.map(|(index, tier)| Row { index, tier, when: when(&tier.when) }).collect()
}

/// A condition's key, and its bound where it is a percentage.
fn bound(when: &Condition) -> (&'static str, Option<&Decimal>) {
    match when {
        Condition::Below(bound) => ("below", Some(bound)),
        Condition::AtOrBelow(bound) => ("at_or_below", Some(bound)),
        Condition::DowntimeOver(_) => ("downtime_over", None),
        Condition::DowntimeAtLeast(_) => ("downtime_at_least", None),
    }
}

/// Whether no window is as bad as that.
fn never_holds(reading: &Reading, when: &When) -> bool {
    let (_, longest) = reading.extent.counted();
    match when {
        When::Missed(threshold) => threshold.reached_by(&in_percent(&reading.lowest())),
        When::Lasted { seconds, strict: true } => *seconds >= longest,
        When::Lasted { seconds, strict: false } => *seconds > longest,
    }
}

/// Another tier that takes this one's place whenever it holds.
fn never_due(reading: &Reading, row: &Row, rows: &[Row]) -> Option<Flaw> {
    let other = rows.iter().find(|other| beats(reading, other, row))?;
    let (tier, beside, other_place) = (row.tier.clone(), other.tier.clone(), other.index);
    Some(if same_bound(&tier.when, &beside.when) {
        Flaw::TierDuplicated { tier, other: other_place, beside }
    } else if !other.when.includes(&row.when) {
        let slots = reading.slots().and_then(Counting::largest).unwrap_or_default();
        Flaw::TierLostBetweenSlots { tier, other: other_place, beside, slots }
    } else if pays(reading, &tier.award, &beside.award) {
        Flaw::TierShadowed { tier, other: other_place, beside }
    } else {
        Flaw::TierPaysLess { tier, other: other_place, beside }
    })
}

/// Whether `other` holds whenever `row` does and pays at least as much; of two that always do so
/// for each other, the first in the table is due.
fn beats(reading: &Reading, other: &Row, row: &Row) -> bool {
    let better = |one: &Row, two: &Row| {
        covers(reading, one, two) && pays(reading, &one.tier.award, &two.tier.award)
    };
    let first = other.index.cmp(&row.index);
    first.is_ne() && better(other, row) && (first.is_lt() || !better(row, other))
}

/// Whether `other` holds whenever `row` does: as they are written or, of slots, as they count.
pub(super) fn covers(reading: &Reading, other: &Row, row: &Row) -> bool {
    match (&other.when, &row.when, reading.slots()) {
        (When::Missed(theirs), When::Missed(own), Some(slots)) => !slots.between(theirs, own),
        _ => other.when.includes(&row.when),
    }
}

impl When {
    /// Whether it holds whenever the other does. A percentage and a duration are not compared: how
    /// they stand to each other depends on what is taken out of the window.
    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Missed(own), Self::Missed(other)) => own >= other,
            (Self::Lasted { seconds, strict }, Self::Lasted { seconds: longer, strict: other }) => {
                (seconds, strict) <= (longer, other)
            }
            _ => false,
        }
    }
}

/// Whether one award is at least as large as another in any window.
fn pays(reading: &Reading, one: &TierAward, other: &TierAward) -> bool {
    match (one, other) {
        (TierAward::Percent(one), TierAward::Percent(other))
        | (TierAward::Amount(one), TierAward::Amount(other)) => one.ratio() >= other.ratio(),
        (TierAward::Days(one), TierAward::Days(other)) => one >= other,
        _ => match (reading.share(one), reading.share(other)) {
            (Some((least, _)), Some((_, most))) => least >= most,
            _ => false,
        },
    }
}

fn same_bound(one: &Condition, other: &Condition) -> bool {
    match (one, other) {
        (Condition::Below(one), Condition::Below(other))
        | (Condition::AtOrBelow(one), Condition::AtOrBelow(other)) => one.ratio() == other.ratio(),
        (Condition::DowntimeOver(one), Condition::DowntimeOver(other))
        | (Condition::DowntimeAtLeast(one), Condition::DowntimeAtLeast(other)) => {
            one.seconds() == other.seconds()
        }
        _ => false,
    }
}

fn look_at_condition(reading: &Reading, row: &Row, path: &str, found: &mut Found) {
    let objective = &reading.terms.objective;
    let (key, percent) = bound(&row.tier.when);
    let path = format!("{path}.{key}");
    if pays_when_met(reading, &row.when) {
        let (when, objective) = (row.tier.when.clone(), objective.clone());
        found.add(&path, Flaw::TierPaysWhenMet { when, objective });
    }
    // What is wrong with the objective's own percentage is said there.
    if let (When::Missed(threshold), Some(bound)) = (&row.when, percent)
        && bound.ratio() != objective.ratio()
    {
        look_at_bound(reading, bound, threshold, &path, found);
    }
}

/// Whether the tier can hold where the objective is met; one of a duration only if it can in any
/// window, since a month's days move the objective's allowance, but not the tier's.
fn pays_when_met(reading: &Reading, when: &When) -> bool {
    let met = reading.met(&reading.terms.objective);
    match (when, reading.slots()) {
        (When::Missed(threshold), Some(slots)) => slots.between(&met, threshold),
        (When::Missed(threshold), None) => *threshold > met,
        (When::Lasted { .. }, _) => {
            let smallest = reading.counting.as_ref().and_then(Counting::smallest);
            let allowed = smallest.and_then(|total| met.most_bad(total));
            allowed.is_some() && first_second(when) <= allowed
        }
    }
}

/// Bad time of whole seconds from which on a tier of a duration holds.
fn first_second(when: &When) -> Option<u64> {
    match when {
        When::Lasted { seconds, strict } => Some(seconds.saturating_add(u64::from(*strict))),
        When::Missed(_) => None,
    }
}

/// The objective can be missed where no tier holds yet; of a duration as above.
fn look_at_gap(reading: &Reading, due: &[&Row], found: &mut Found) {
    let met = reading.met(&reading.terms.objective);
    let largest = reading.counting.as_ref().and_then(Counting::largest);
    let allowed = largest.and_then(|total| met.most_bad(total));
    let begins_late = |row: &&Row| match (&row.when, reading.slots()) {
        (When::Missed(threshold), Some(slots)) => slots.between(threshold, &met),
        (When::Missed(threshold), None) => *threshold < met,
        (when, _) => first_second(when) > Some(allowed.map_or(0, |most| most.saturating_add(1))),
    };
    let first = due
        .iter()
        .copied()
        .reduce(|first, row| if row.when.includes(&first.when) { row } else { first });
    if let (Some(first), true) = (first, due.iter().all(begins_late)) {
        let (objective, first) = (reading.terms.objective.clone(), first.tier.when.clone());
        found.add("credit.tiers", Flaw::MissPaysNothing { objective, first });
    }
}

fn look_at_days(reading: &Reading, days: u64, index: usize, found: &mut Found) {
    let (shortest, _) = reading.extent.days();
    if days > shortest {
        let path = format!("credit.tiers[{index}].days");
        found.add(path, Flaw::DaysExceedWindow { days, shortest });
    }
}
