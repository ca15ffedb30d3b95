//! The credit base: what of a line's charges counts for a window, with the trace that a finance
//! person checks.

use chrono::NaiveDate;
use makegood_domain::{Code, Problem, contract::Charge};
use makegood_engine::{money::Currency, window::WindowKind};
use rust_decimal::{Decimal, RoundingStrategy};

/// How many months a charge of this frequency covers.
#[must_use]
pub fn months_of(frequency: &str) -> Option<u32> {
    match frequency {
        "monthly" => Some(1),
        "quarterly" => Some(3),
        "annual" => Some(12),
        _ => None,
    }
}

/// How many months' charges a window's base holds. A rolling window's is a month's.
#[must_use]
pub fn months_of_window(kind: &WindowKind) -> u32 {
    match kind {
        WindowKind::Month { .. } | WindowKind::Rolling { .. } => 1,
        WindowKind::Quarter { .. } => 3,
        WindowKind::Year { .. } => 12,
    }
}

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
    let refuse = || Problem::new(Code::Invalid, "a charge is out of range; correct its amount");
    let mut total = Decimal::ZERO;
    let mut traces = Vec::new();
    let in_force = |charge: &&Charge| charge.from <= day && charge.to.is_none_or(|to| day < to);
    for charge in charges.iter().filter(in_force) {
        let amount: Decimal = charge.amount.parse().map_err(|_| refuse())?;
        let covers = months_of(&charge.frequency).ok_or_else(refuse)?;
        let shown = written(amount, currency);
        let shares = amount.checked_mul(Decimal::from(months)).ok_or_else(refuse)?;
        let share = shares.checked_div(Decimal::from(covers)).ok_or_else(refuse)?;
        let even = share.checked_mul(Decimal::from(covers)) == Some(shares);
        total = total
            .checked_add(if even { share } else { rounded(share, currency) })
            .ok_or_else(refuse)?;
        let mut trace = format!("{} {currency} {shown}", charge.frequency);
        if covers != months {
            if months != 1 {
                trace.push_str(&format!(" × {months}"));
            }
            if covers != 1 {
                trace.push_str(&format!(" ÷ {covers}"));
            }
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
