//! The steps in English.

use super::words::{Language, division, hours, place, times};
use super::{Step, Unit, WindowName};
use crate::credits::{AwardedBy, Cap, Condition, Form, PerFirst, TierAward};
use crate::decimal::Decimal;
use crate::exclusions::Admission;
use crate::fraction::Fraction;
use crate::frame::Unmeasured;
use crate::money::Rounding;
use crate::terms::{ExclusionKind, NoData, PartialPeriod, Treatment};
use chrono::{Datelike, NaiveDate};
use num_traits::Zero;

const EN: Language = Language::En;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    MONTHS.get(index).copied().unwrap_or("")
}

fn day(date: NaiveDate) -> String {
    format!("{} {}", date.day(), month(date.month()))
}

fn minutes(seconds: i64) -> String {
    EN.minutes(&Fraction::whole(seconds))
}

/// What a window is called: `October 2026`.
pub(super) fn window(name: WindowName) -> String {
    match name {
        WindowName::Month(year, number) => format!("{} {year}", month(number)),
        WindowName::Quarter(year, number) => format!("Q{number} {year}"),
        WindowName::Year(year) => year.to_string(),
        WindowName::Days(days, last) => {
            format!("The {days} days to {} {}", day(last), last.year())
        }
    }
}

fn kind(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::PlannedMaintenance => "Announced maintenance",
        ExclusionKind::EmergencyMaintenance => "Emergency maintenance",
        ExclusionKind::ForceMajeure => "Force majeure",
        ExclusionKind::CustomerCaused => "What the customer caused",
        ExclusionKind::ThirdParty => "What a third party caused",
        ExclusionKind::BetaFeature => "A beta feature",
        ExclusionKind::Other => "An agreed exclusion",
    }
}

fn becomes(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Removed => "is taken out",
        Treatment::Up => "counts as available",
    }
}

pub(super) fn sentence(step: &Step) -> String {
    match step {
        Step::Window { .. } | Step::Inactive { .. } | Step::OutOfHours { .. } => time(step),
        Step::Excluded { .. }
        | Step::ExcludedMany { .. }
        | Step::NotAdmitted { .. }
        | Step::Excused { .. }
        | Step::Unknown { .. } => taken_out(step),
        Step::FixedTotal { .. }
        | Step::Counted { .. }
        | Step::Outages { .. }
        | Step::Outage { .. }
        | Step::Bad { .. }
        | Step::Attainment { .. }
        | Step::Rounded { .. }
        | Step::Compared { .. }
        | Step::NotMeasured { .. } => counted(step),
        Step::OwnCredit { .. } | Step::Outranked { .. } | Step::ContractCap { .. } => shared(step),
        _ => money(step),
    }
}

fn time(step: &Step) -> String {
    match step {
        Step::Window { name, zone, days, uneven, .. } => {
            let noun = if *days == 1 { "day" } else { "days" };
            let verb = if matches!(name, WindowName::Days(..)) { "have" } else { "has" };
            let mut text = format!("{} in {} {verb} {days} {noun}", window(*name), place(zone));
            if let WindowName::Days(..) = name {
                text = format!("{}, by the clock in {}", window(*name), place(zone));
            }
            for (_, seconds) in uneven {
                text.push_str(&format!(", one of them of {} hours", hours(*seconds)));
            }
            text + "."
        }
        Step::Inactive { treatment, .. } => match treatment {
            PartialPeriod::Prorate => "Time not under contract is taken out.".to_owned(),
            PartialPeriod::Up => "Time not under contract counts as available.".to_owned(),
            PartialPeriod::NotMeasured => {
                "This time is not under contract, and no part of a window is measured.".to_owned()
            }
        },
        _ => "Time outside of the service hours is not counted.".to_owned(),
    }
}

fn taken_out(step: &Step) -> String {
    match step {
        Step::Excluded { kind: of, from, to, treatment, .. } => {
            let when = times(*from, *to, day, "to");
            format!("{}, {when}, {}.", kind(*of), becomes(*treatment))
        }
        Step::ExcludedMany { kind: of, count, treatment, .. } => {
            format!("{}, {count} times, {}.", kind(*of), becomes(*treatment))
        }
        Step::NotAdmitted { kind: of, from, to, admission } => {
            let when = times(*from, *to, day, "to");
            format!("{}, {when}, is not excused: {}.", kind(*of), refused(admission))
        }
        Step::Excused { unit, .. } => match unit {
            Unit::Events => "Events in excused time are taken out or count as good.".to_owned(),
            _ => "Slots in excused time are taken out or count as good.".to_owned(),
        },
        Step::Unknown { treatment: NoData::Removed, .. } => {
            "Time that nobody measured is taken out.".to_owned()
        }
        Step::Unknown { treatment: NoData::Up, .. } => {
            "Time that nobody measured counts as available, as agreed.".to_owned()
        }
        _ => "Time that nobody measured counts as down, as agreed.".to_owned(),
    }
}

fn refused(admission: &Admission) -> String {
    match admission {
        Admission::Admitted => String::new(),
        Admission::NotInTerms => "the contract does not excuse it".to_owned(),
        Admission::NoNotice { needed } => {
            let needed = EN.length(needed);
            format!("the contract asks for {needed} of notice, and there was none")
        }
        Admission::LateNotice { needed, given } if *given < 0 => {
            let needed = EN.length(needed);
            format!("the contract asks for {needed} of notice, and it came afterwards")
        }
        Admission::LateNotice { needed, given } => {
            let (needed, given) = (EN.length(needed), minutes(*given));
            format!("the contract asks for {needed} of notice, and it was {given}")
        }
    }
}

fn counted(step: &Step) -> String {
    match step {
        Step::FixedTotal { length } => {
            format!("The contract reckons every window as {}.", EN.length(length))
        }
        Step::Counted { unit: Unit::Seconds, less, .. } => {
            if *less {
                "That leaves the time that is counted.".to_owned()
            } else {
                "All of it is counted.".to_owned()
            }
        }
        Step::Counted { unit, .. } => match unit {
            Unit::Events => "Events that are counted.".to_owned(),
            _ => "Time slots that are counted.".to_owned(),
        },
        Step::Outages { .. } => outages(step),
        Step::Bad { unit, .. } => match unit {
            Unit::Events => "Of these, bad ones.".to_owned(),
            Unit::Rates => "The sum of their error rates.".to_owned(),
            _ => "Of these, bad ones.".to_owned(),
        },
        Step::Attainment { unit, total, bad, .. } => {
            let [total, bad, left] = division(total, bad, *unit).map(|part| EN.fraction(&part));
            if total == "0" {
                return "There was none: that counts as 100\u{202f}%, as agreed.".to_owned();
            }
            format!("{total} less {bad} is {left}; divided by {total} and cut off.")
        }
        Step::Rounded { decimals, .. } => {
            format!("Rounded to {decimals} decimals, as agreed, before it is compared.")
        }
        Step::Outage { from, to, .. } => {
            format!("{}: {}.", times(*from, *to, day, "to"), became(step).join("; "))
        }
        Step::Compared { met: true, above: false, .. } => {
            "It is not below the objective: met.".to_owned()
        }
        Step::Compared { met: true, .. } => "It is above the objective: met.".to_owned(),
        Step::Compared { above: false, .. } => "It is below the objective: missed.".to_owned(),
        Step::Compared { .. } => "It is not above the objective: missed.".to_owned(),
        Step::NotMeasured { why } => match why {
            Unmeasured::Inactive => "It was not under contract: nothing is measured.".to_owned(),
            Unmeasured::Partial => {
                "It was under contract only in part: nothing is measured.".to_owned()
            }
            Unmeasured::Nothing => "Nothing is left to count: nothing is measured.".to_owned(),
        },
        _ => String::new(),
    }
}

fn outages(step: &Step) -> String {
    let Step::Outages { count, lasted, counted, bad, beyond } = step else { return String::new() };
    let total = minutes(*lasted);
    let mut text = match (count, beyond) {
        (0, _) => return "There was no outage.".to_owned(),
        (1, false) => format!("The outage lasted {total}"),
        (1, true) => format!("The outage lasted {total} in this window"),
        (many, false) => format!("{many} outages lasted {total} in all"),
        (many, true) => format!("{many} outages lasted {total} in all in this window"),
    };
    text.push_str(&match (counted == lasted, counted) {
        (true, _) => "; all of it counts".to_owned(),
        (false, 0) => "; none of it counts".to_owned(),
        (false, some) => format!("; {} of it count", minutes(*some)),
    });
    if *bad != Fraction::whole(*counted) {
        text.push_str(", weighted by how much was down");
    }
    text + "."
}

/// What became of an outage, part by part.
fn became(step: &Step) -> Vec<String> {
    let Step::Outage { counted, excused, unknown, outside, cut, shorter_than, .. } = step else {
        return Vec::new();
    };
    let part =
        |seconds: &i64, what: &str| (*seconds > 0).then(|| format!("{} {what}", minutes(*seconds)));
    let short = shorter_than.as_ref();
    let short =
        short.map(|least| format!("shorter than {}, so it does not count", EN.length(least)));
    let parts = [
        short,
        part(excused, "are excused"),
        part(unknown, "were observed by nobody"),
        part(outside, "lie outside of the window, the contract or the service hours"),
        part(cut, "are less than a whole minute"),
        part(counted, "count"),
    ];
    parts.into_iter().flatten().collect()
}

fn money(step: &Step) -> String {
    match step {
        Step::Tier { when, not_below, award, .. } => tier(when, not_below.as_ref(), award),
        Step::Prorata { multiple, excess, .. } => {
            let what = if *excess { "what exceeds the allowance" } else { "the bad share" };
            format!("{multiple} times {what}, of the fee.")
        }
        Step::Per { first: Some(first), percent, .. } if percent.ratio().is_zero() => {
            format!("Less than {} of downtime: nothing is due.", EN.length(&first.after))
        }
        Step::Per { first, every, each, count, .. } => {
            let times = EN.fraction(count);
            let (each, every) = (EN.percent(each.as_str()), EN.length(every));
            match first {
                Some(PerFirst { after, percent }) => format!(
                    "{} from {} of downtime on, and {each} for each further {every}, counted {times} \
                     times.",
                    EN.percent(percent.as_str()),
                    EN.length(after)
                ),
                None => format!("{each} for each {every} of downtime, counted {times} times."),
            }
        }
        Step::NoAward { by } => match by {
            AwardedBy::Met => "The objective is met: no credit is due.".to_owned(),
            _ => "No tier of the table holds: no credit is due.".to_owned(),
        },
        Step::Fee { .. } => "The fee on which the credit is reckoned.".to_owned(),
        Step::Cap { cap, .. } => match cap {
            Cap::Percent(percent) => {
                format!("Capped at {} of the fee.", EN.percent(percent.as_str()))
            }
            Cap::Amount(_) => "Capped at the agreed amount.".to_owned(),
            Cap::Rolling { percent, months } => format!(
                "Capped: all credits of {months} months together at {} of their fees.",
                EN.percent(percent.as_str())
            ),
        },
        Step::RoundedCredit { rounding, .. } => match rounding {
            Rounding::HalfUp => "Rounded to the currency's unit, halves up.".to_owned(),
            Rounding::HalfEven => "Rounded to the currency's unit, halves to even.".to_owned(),
            Rounding::Floor => "Rounded down to the currency's unit.".to_owned(),
        },
        Step::TooSmall { .. } => "A credit of no more than this is not due.".to_owned(),
        Step::Credit { form, .. } => match form {
            Form::Invoice => "SLA credit, net, set against the next invoice.".to_owned(),
            Form::ServiceDays => "SLA credit, net, given as days of service.".to_owned(),
            Form::Refund => "SLA credit, net, paid back.".to_owned(),
        },
        _ => String::new(),
    }
}

/// The tier that holds, and what it grants.
fn tier(when: &Condition, not_below: Option<&Decimal>, award: &TierAward) -> String {
    let mut text = match when {
        Condition::Below(bound) => format!("Below {}", EN.percent(bound.as_str())),
        Condition::AtOrBelow(bound) => {
            format!("At or below {}", EN.percent(bound.as_str()))
        }
        Condition::DowntimeOver(length) => {
            format!("More than {} of downtime", EN.length(length))
        }
        Condition::DowntimeAtLeast(length) => {
            format!("At least {} of downtime", EN.length(length))
        }
    };
    if let Some(bound) = not_below {
        text.push_str(&format!(", not below {}", EN.percent(bound.as_str())));
    }
    let award = match award {
        TierAward::Percent(percent) => {
            format!("{} of the fee", EN.percent(percent.as_str()))
        }
        TierAward::Days(1) => "1 day of service".to_owned(),
        TierAward::Days(days) => format!("{days} days of service"),
        TierAward::Amount(amount) => format!("the amount of {}", EN.number(amount.as_str())),
    };
    format!("{text}: the contract grants {award}.")
}

/// What of the contract's credit is this line's.
fn shared(step: &Step) -> String {
    match step {
        Step::OwnCredit { .. } => "The SLA credit of this service level by itself.".to_owned(),
        Step::Outranked { by, credit, currency } => {
            let credit = EN.money(credit, *currency);
            format!(
                "The contract pays only the highest SLA credit, that of {by}, {credit}: of this \
                 one, nothing."
            )
        }
        Step::ContractCap { all: Some(all), most, currency, .. } => format!(
            "All service levels together come to {}, and the contract caps them at {}: this one's \
             share of it.",
            EN.money(all, *currency),
            EN.money(most, *currency)
        ),
        Step::ContractCap { most, currency, .. } => {
            format!("The contract caps it at {}.", EN.money(most, *currency))
        }
        _ => String::new(),
    }
}
