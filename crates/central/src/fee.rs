//! The credit base: what of a line's charges counts for a window, with the trace that a finance
//! person checks.

use chrono::NaiveDate;
use makegood_domain::{
    Code, Problem,
    contract::{Charge, PartialBase, SlaLine},
};
use makegood_engine::{money::Currency, window::WindowKind};
use rust_decimal::{Decimal, RoundingStrategy};

/// How many months' charges a window's base holds. A rolling window's is a month's.
#[must_use]
pub fn months_of_window(kind: &WindowKind) -> u32 {
    match kind {
        WindowKind::Month { .. } | WindowKind::Rolling { .. } => 1,
        WindowKind::Quarter { .. } => 3,
        WindowKind::Year { .. } => 12,
    }
}

/// A share of a year's days and months that comes out even has at most so many places more.
const PLACES: u32 = 13;

/// A credit base and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// Decimal text in the contract's currency.
    pub amount: String,
    /// `annual EUR 120,000.00 ÷ 12`.
    pub trace: String,
}

/// The base of a window of `months` months that begins on `day`: the charges in force on that day,
/// each by its share. A share that does not come out even is rounded half up to the minor unit.
///
/// # Errors
/// [`Code::Invalid`] when an amount is out of range.
pub fn of_window(
    charges: &[Charge],
    currency: Currency,
    months: u32,
    day: NaiveDate,
) -> Result<Fee, Problem> {
    of_days(charges, currency, (months, day), (1, 1))
}

/// What is charged a month on this day, for lists; before the first charge begins, what it will be then. Each
/// settlement derives its own base.
///
/// # Errors
/// As [`of_window`].
pub fn a_month(
    line: &SlaLine,
    charges: &[Charge],
    currency: Currency,
    day: NaiveDate,
) -> Result<Fee, Problem> {
    let first = charges.iter().map(|charge| charge.from).min().unwrap_or(day);
    let mut fee = of_window(charges, currency, 1, day.max(first))?;
    if line.remedy.partial_base == PartialBase::ByDays {
        fee.trace.push_str("; by days in a window under contract in part");
    }
    Ok(fee)
}

/// The base of so many of a window's days, which has `months` months and whose charges are those in force on `day`.
/// It is rounded once.
///
/// # Errors
/// As [`of_window`].
pub fn of_days(
    charges: &[Charge],
    currency: Currency,
    (months, day): (u32, NaiveDate),
    (days, of): (i64, i64),
) -> Result<Fee, Problem> {
    let refuse = || Problem::new(Code::Invalid, "a charge is out of range; correct its amount");
    let mut total = Decimal::ZERO;
    let mut traces = Vec::new();
    let in_force = |charge: &&Charge| charge.from <= day && charge.to.is_none_or(|to| day < to);
    for charge in charges.iter().filter(in_force) {
        let amount: Decimal = charge.amount.parse().map_err(|_| refuse())?;
        let covers = charge.frequency.months();
        let shown = written(amount, currency);
        let parts = Decimal::from(i64::from(months) * days);
        let whole = Decimal::from(i64::from(covers) * of);
        let shares = amount.checked_mul(parts).ok_or_else(refuse)?;
        let share = shares.checked_div(whole).ok_or_else(refuse)?;
        // What goes on beyond so many places never ends, whatever its last place is rounded to.
        let ends = share.normalize().scale() <= amount.scale() + PLACES;
        let even = ends && share.checked_mul(whole) == Some(shares);
        total = total
            .checked_add(if even { share } else { rounded(share, currency) })
            .ok_or_else(refuse)?;
        let mut trace = format!("{} {currency} {shown}", charge.frequency.as_str());
        if covers != months {
            if months != 1 {
                trace.push_str(&format!(" × {months}"));
            }
            if covers != 1 {
                trace.push_str(&format!(" ÷ {covers}"));
            }
        }
        if days != of {
            trace.push_str(&format!(" × {days} ÷ {of} days"));
        }
        if !even {
            trace.push_str(", rounded half up");
        }
        traces.push(trace);
    }
    if traces.is_empty() {
        traces.push(format!("nothing was charged on {day}"));
    }
    Ok(Fee { amount: plain(total, currency), trace: traces.join(" + ") })
}

fn rounded(value: Decimal, currency: Currency) -> Decimal {
    let digits = u32::from(currency.minor_digits());
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// With the currency's decimals where they suffice, else with as many as it has.
fn plain(value: Decimal, currency: Currency) -> String {
    let digits = usize::from(currency.minor_digits());
    let value = value.normalize();
    if rounded(value, currency) == value { format!("{value:.digits$}") } else { value.to_string() }
}

fn written(value: Decimal, currency: Currency) -> String {
    let text = plain(value, currency);
    let (whole, part) = text.split_once('.').map_or((text.as_str(), None), |(w, p)| (w, Some(p)));
    let whole = makegood_engine::money::group_thousands(whole);
    part.map_or_else(|| whole.clone(), |part| format!("{whole}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use makegood_domain::{Clock, contract::Frequency, id::Ids, random::Random};

    fn charge(amount: &str, frequency: Frequency) -> Charge {
        let ids = Ids::new(Clock::system(), Random::seeded(1));
        Charge {
            id: ids.make(),
            line: ids.make(),
            customer: ids.make(),
            kind: "recurring".to_owned(),
            amount: amount.to_owned(),
            frequency,
            in_advance: false,
            from: NaiveDate::default(),
            to: None,
        }
    }

    #[test]
    fn days_of_a_window_have_their_share_and_all_of_them_the_whole() {
        let euro = Currency::parse("EUR").unwrap();
        let of = |charges: &[Charge], months, days| {
            let fee = of_days(charges, euro, (months, NaiveDate::default()), days).unwrap();
            (fee.amount, fee.trace)
        };
        let monthly = [charge("12000.00", Frequency::Monthly)];
        let told = |amount: &str, trace: &str| (amount.to_owned(), trace.to_owned());
        let trace = "monthly EUR 12,000.00 × 13 ÷ 31 days, rounded half up";
        assert_eq!(of(&monthly, 1, (13, 31)), told("5032.26", trace));
        assert_eq!(of(&monthly, 1, (31, 31)), told("12000.00", "monthly EUR 12,000.00"));
        let annual = [charge("120000.00", Frequency::Annual)];
        let trace = "annual EUR 120,000.00 × 3 ÷ 12 × 45 ÷ 90 days";
        assert_eq!(of(&annual, 3, (45, 90)), told("15000.00", trace));
        // 100 ÷ 12 × 29 ÷ 31 is 7.7956…; of 8.33 it would be 7.79.
        assert_eq!(of(&[charge("100.00", Frequency::Annual)], 1, (29, 31)).0, "7.80");
    }
}
