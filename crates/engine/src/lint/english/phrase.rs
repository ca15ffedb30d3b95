//! Figures and parts of the terms as English puts them.

use crate::credits::{Cap, Condition, TierAward};
use crate::decimal::Decimal;
use crate::explain::Language;
use crate::fraction::Fraction;
use crate::lint::Grain;
use crate::terms::ExclusionKind;
use num_bigint::BigInt;

const EN: Language = Language::En;

/// A percentage of the terms: `99.9 %`.
pub(super) fn percent(decimal: &Decimal) -> String {
    EN.percent(decimal.as_str())
}

/// A percentage that was computed: exact where it ends within six decimals, else cut off there.
pub(super) fn exact(percent: &Fraction) -> String {
    EN.share(percent)
}

/// An attainment as a percentage.
pub(super) fn attainment(attainment: &Fraction) -> String {
    exact(&Fraction::new(attainment.ratio() * BigInt::from(100)))
}

/// A whole number with its noun: `1 slot`, `8,928 slots`.
pub(super) fn number(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {noun}{s}", EN.number(&count.to_string()))
}

/// An amount of money, of whichever currency.
pub(super) fn amount(amount: &Fraction) -> String {
    EN.fraction(amount)
}

/// So many seconds: `31 days`, `745h`, `4m27s`.
pub(super) fn time(seconds: u64) -> String {
    if seconds > 0 && seconds.is_multiple_of(86_400) {
        return number(seconds / 86_400, "day");
    }
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, unit)| format!("{count}{unit}")).collect()
}

/// What may be bad: so many slots, or so much time.
pub(super) fn allowed(allowed: &Fraction, grain: &Grain) -> String {
    match grain {
        Grain::Slot(_) | Grain::Run { .. } => format!("{} slots", EN.fraction(allowed)),
        Grain::Second | Grain::Minute | Grain::Outage(_) => EN.minutes(allowed),
    }
}

/// The least that counts as bad.
pub(super) fn least(grain: &Grain) -> String {
    match grain {
        Grain::Second => "a second".to_owned(),
        Grain::Minute => "a whole minute".to_owned(),
        Grain::Outage(length) => format!("an outage of {length}"),
        Grain::Slot(slot) => format!("a slot of {slot}"),
        Grain::Run { count, slot } => format!("{count} slots of {slot} in a row"),
    }
}

/// When a tier holds.
pub(super) fn condition(when: &Condition) -> String {
    match when {
        Condition::Below(bound) => format!("below {}", percent(bound)),
        Condition::AtOrBelow(bound) => format!("at or below {}", percent(bound)),
        Condition::DowntimeOver(length) => format!("more than {length} of downtime"),
        Condition::DowntimeAtLeast(length) => format!("{length} of downtime or more"),
    }
}

/// What a tier awards.
pub(super) fn award(award: &TierAward) -> String {
    match award {
        TierAward::Percent(of) => format!("{} of the fee", percent(of)),
        TierAward::Days(days) => format!("{} of service", number(*days, "day")),
        TierAward::Amount(amount) => EN.number(amount.as_str()),
    }
}

/// What a cap lets pass.
pub(super) fn cap(cap: &Cap) -> String {
    match cap {
        Cap::Percent(of) => format!("{} of the fee", percent(of)),
        Cap::Amount(amount) => EN.number(amount.as_str()),
        Cap::Rolling { percent: of, months } => {
            format!("{} of the fees of {}", percent(of), number(*months, "month"))
        }
    }
}

/// A kind of exclusion.
pub(super) fn kind(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::PlannedMaintenance => "planned maintenance",
        ExclusionKind::EmergencyMaintenance => "emergency maintenance",
        ExclusionKind::ForceMajeure => "force majeure",
        ExclusionKind::CustomerCaused => "what the customer caused",
        ExclusionKind::ThirdParty => "what a third party caused",
        ExclusionKind::BetaFeature => "a beta feature",
        ExclusionKind::Other => "whatever is called “other”",
    }
}

/// A tier by its place in the table and its condition.
pub(super) fn tier(index: usize, when: &Condition) -> String {
    format!("credit.tiers[{index}] ({})", condition(when))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
