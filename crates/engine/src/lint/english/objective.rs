//! Objectives in English.

use super::Advice;
use super::phrase::{allowed, attainment, exact, least, number, percent};
use crate::fraction::{Fraction, cut};
use crate::lint::{Flaw, Grain};
use num_bigint::BigInt;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::ObjectiveAlwaysMet { objective, lowest } => Advice::new(
            format!(
                "Attainment is never below {}, so an objective of {} is always met.",
                attainment(lowest),
                percent(objective)
            ),
            "an objective that a bad window misses, as in \"objective\": \"99.9\".",
        ),
        Flaw::ObjectiveNeverMet { objective } => Advice::new(
            format!(
                "Attainment is never above 100\u{202f}%, so an objective of above {} is never met.",
                percent(objective)
            ),
            "\"objective_is\": \"at_least\", or an objective below 100\u{202f}%.",
        ),
        Flaw::InternalNotTighter { .. }
        | Flaw::InternalWithoutBuffer { .. }
        | Flaw::InternalWithoutBudget { .. } => internal(flaw)?,
        Flaw::FinerThanCount { bound, allowed, total, grain, attainment } => Advice::new(
            format!(
                "{}: attainment is then already {}, and {} works as 100\u{202f}% would{}.",
                first_miss(&percent(bound), allowed, *total, grain),
                self::attainment(attainment),
                percent(bound),
                unless_cut(grain)
            ),
            format!("{}, or a percentage of at most {}.", finer(grain), at_most(attainment)),
        ),
        Flaw::FinerThanRounding { bound, decimals, reached_from } => Advice::new(
            format!(
                "Attainment is rounded to {} before it is compared, so {} is reached from {} on.",
                number(u64::from(*decimals), "decimal"),
                percent(bound),
                exact(reached_from)
            ),
            "a percentage with no more decimals than round_attainment keeps, or more decimals there.",
        ),
        Flaw::RoundingLiftsMiss { objective, decimals, met_from } => Advice::new(
            format!(
                "Attainment is rounded to {} before it is compared, so an objective of {} is met from {} on.",
                number(u64::from(*decimals), "decimal"),
                percent(objective),
                exact(met_from)
            ),
            "\"mode\": \"floor\", or no round_attainment.",
        ),
        _ => return None,
    })
}

fn internal(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::InternalNotTighter { objective, internal, decimals, met_from } => Advice::new(
            format!(
                "Attainment is rounded to {} before it is compared, so the internal objective of {} is met from {} on, as the contracted one of {} is.",
                number(u64::from(*decimals), "decimal"),
                percent(internal),
                exact(met_from),
                percent(objective)
            ),
            "an internal objective that is larger after rounding, too, or no round_attainment.",
        ),
        Flaw::InternalWithoutBuffer { objective, internal, allowed, internal_allowed, grain } => {
            Advice::new(
                format!(
                    "Of the longest window, {} allows {} to be bad, the internal {} {}. The least that counts is {}, so what misses the internal objective misses the contracted one, too.",
                    percent(objective),
                    self::allowed(allowed, grain),
                    percent(internal),
                    self::allowed(internal_allowed, grain),
                    least(grain)
                ),
                format!("{}, or two objectives that are further apart.", finer(grain)),
            )
        }
        Flaw::InternalWithoutBudget { internal } => Advice::new(
            format!(
                "An internal objective of {} is missed by the first bad second: there is no budget to watch, and its warning comes too late.",
                percent(internal)
            ),
            "a percentage between the contracted objective and 100\u{202f}%.",
        ),
        _ => return None,
    })
}

/// What the percentage allows beside the least that counts.
fn first_miss(bound: &str, allows: &Fraction, total: u64, grain: &Grain) -> String {
    let allows = allowed(allows, grain);
    match grain {
        Grain::Slot(slot) => format!(
            "Of {} of {slot}, {bound} allows {allows} to be bad. A single one is more",
            number(total, "slot")
        ),
        Grain::Run { count, slot } => format!(
            "Of {} of {slot}, {bound} allows {allows} to be bad. What counts is at least {count} in a row",
            number(total, "slot")
        ),
        Grain::Second | Grain::Minute | Grain::Outage(_) => format!(
            "Of {}, {bound} allows {allows} to be bad. The least that counts is {}",
            super::phrase::time(total),
            least(grain)
        ),
    }
}

/// Where less than the least may count after all.
fn unless_cut(grain: &Grain) -> &'static str {
    match grain {
        Grain::Outage(_) => ", but where an outage counts in part",
        Grain::Run { .. } => ", but where a run counts in part",
        Grain::Second | Grain::Minute | Grain::Slot(_) => "",
    }
}

/// What would count in smaller steps.
fn finer(grain: &Grain) -> &'static str {
    match grain {
        Grain::Second => "a longer window",
        Grain::Minute => "no whole_minutes",
        Grain::Outage(_) => "a shorter min_outage",
        Grain::Slot(_) => "shorter slots",
        Grain::Run { .. } => "a smaller min_run",
    }
}

/// The attainment as a percentage, cut off after three decimals: a bound that it reaches.
fn at_most(attainment: &Fraction) -> String {
    crate::explain::Language::En.percent(&cut(&(attainment.ratio() * BigInt::from(100)), 3))
}
