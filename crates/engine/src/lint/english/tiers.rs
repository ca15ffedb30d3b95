//! Tiers in English.

use super::Advice;
use super::phrase::{attainment, award, condition, number, percent, sentence, tier, time};
use crate::credits::Condition;
use crate::lint::Flaw;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::TierNeverHolds { when, lowest, longest } => {
            let end = match when {
                Condition::Below(_) | Condition::AtOrBelow(_) => {
                    format!("Attainment is never below {}", attainment(lowest))
                }
                Condition::DowntimeOver(_) | Condition::DowntimeAtLeast(_) => {
                    format!("The longest window has {} that count", time(*longest))
                }
            };
            Advice::new(
                format!("{end}, so \u{201c}{}\u{201d} never holds.", condition(when)),
                "a bound that a window can reach, or this tier left out.",
            )
        }
        Flaw::TierPaysWhenMet { when, objective } => Advice::new(
            format!(
                "Tiers pay whether or not the objective is met, and this one ({}) does where {} is still met.",
                condition(when),
                percent(objective)
            ),
            "a tier that begins where the objective is missed, or a higher objective.",
        ),
        Flaw::MissPaysNothing { objective, first } => Advice::new(
            format!(
                "{} is missed before the first tier ({}) holds: a miss in between pays nothing.",
                percent(objective),
                condition(first)
            ),
            "a first tier that begins where the objective is missed, or a lower objective.",
        ),
        _ => return beside(flaw),
    })
}

/// Tiers in the way of others.
fn beside(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::TierDuplicated { tier: own, other, beside } => Advice::new(
            format!(
                "{} has the same condition, and of two tiers that hold the larger award is due: {}, never {}.",
                tier(*other, &beside.when),
                award(&beside.award),
                award(&own.award)
            ),
            "one tier for each condition.",
        ),
        Flaw::TierPaysLess { tier: own, other, beside } => Advice::new(
            format!(
                "{} is worse service, but {} holds then, too, and its award is the larger: {}, never {}.",
                sentence(&condition(&own.when)),
                tier(*other, &beside.when),
                award(&beside.award),
                award(&own.award)
            ),
            "a larger award for worse service, or this tier left out.",
        ),
        Flaw::TierShadowed { tier: own, other, beside } => Advice::new(
            format!(
                "Whenever this tier ({}) holds, {} does, and awards as much: {}.",
                condition(&own.when),
                tier(*other, &beside.when),
                award(&beside.award)
            ),
            "a larger award for worse service, or this tier left out.",
        ),
        Flaw::TierLostBetweenSlots { tier: own, other, beside, slots } => Advice::new(
            format!(
                "Of {}, no number of bad ones makes this tier ({}) hold and {} not, which awards at least as much: {}.",
                number(*slots, "slot"),
                condition(&own.when),
                tier(*other, &beside.when),
                award(&beside.award)
            ),
            "shorter slots, or bounds that are further apart.",
        ),
        _ => return None,
    })
}
