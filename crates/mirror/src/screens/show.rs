//! How figures, instants and states are written on screens.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    span::clock,
};
use makegood_engine::{
    fraction::{Fraction, cut},
    money::{Money, group_thousands},
    zone::Zone,
};
use serde::Serialize;
use ts_rs::TS;

/// An amount: its parts for tables, and as a single figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Money", export_to = "../../../ui/src/bindings/")]
pub struct MoneyView {
    /// Minor units, as text: `120000`.
    pub minor: String,
    /// ISO 4217.
    pub currency: String,
    /// `1,200.00`.
    pub amount: String,
    /// `€1,200.00`.
    pub symbol: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self {
            minor: money.minor().to_string(),
            currency: money.currency().code().to_owned(),
            amount: money.amount(),
            symbol: money.symbol(),
        }
    }
}

/// An instant in UTC and, where a zone matters, on the local clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Moment {
    /// RFC 3339.
    pub at: String,
    /// `9 Nov 2026, 08:15`.
    pub utc: String,
    /// `14 Oct 03:12`.
    pub short: String,
    /// `14 Oct 05:12`, on the local clock.
    pub local: Option<String>,
    /// `Europe/Berlin`.
    pub zone: Option<String>,
}

impl Moment {
    /// An instant, in UTC alone.
    #[must_use]
    pub fn utc(at: DateTime<Utc>) -> Self {
        Self {
            at: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            utc: at.format("%-d %b %Y, %H:%M").to_string(),
            short: short(at.naive_utc()),
            local: None,
            zone: None,
        }
    }

    /// An instant, in UTC and in a zone.
    #[must_use]
    pub fn local(at: DateTime<Utc>, zone: &Zone) -> Self {
        Self {
            local: Some(short(zone.local(at))),
            zone: Some(zone.name().to_owned()),
            ..Self::utc(at)
        }
    }

    /// The end of what is counted or excused, so that its seconds count too: `9 Nov 2026, 08:15:40`.
    #[must_use]
    pub fn exact(at: DateTime<Utc>, zone: &Zone) -> Self {
        let utc = format!("{}, {}", at.format("%-d %b %Y"), clock(at));
        Self { utc, ..Self::local(at, zone) }
    }
}

fn short(at: NaiveDateTime) -> String {
    at.format("%-d %b %H:%M").to_string()
}

/// How a line stands in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum Status {
    /// The objective is missed.
    Breached,
    /// Met so far, but little allowance is left or the internal objective is missed.
    AtRisk,
    /// Not measured.
    NoData,
    /// Met.
    Met,
}

impl Status {
    /// How this attainment stands. What can no longer change is never at risk.
    #[must_use]
    pub fn of(attainment: &Attainment) -> Self {
        let running = attainment.state != WindowState::Locked;
        let read = |text: &Option<String>| text.as_deref().and_then(Fraction::parse);
        let left = || Some((read(&attainment.allowance)?, read(&attainment.allowance_left)?));
        Self::judged(attainment.met, attainment.internal_met, running, left)
    }

    /// The same, from its parts; `left` gives the allowance, and what is left of it.
    pub(crate) fn judged(
        met: Option<bool>,
        internal_met: Option<bool>,
        running: bool,
        left: impl Fn() -> Option<(Fraction, Fraction)>,
    ) -> Self {
        let is_short = || left().is_some_and(|(all, left)| is_short(&all, &left));
        match met {
            None => Self::NoData,
            Some(false) => Self::Breached,
            Some(true) if running && (internal_met == Some(false) || is_short()) => Self::AtRisk,
            Some(true) => Self::Met,
        }
    }

    const ALL: [Self; 4] = [Self::Breached, Self::AtRisk, Self::NoData, Self::Met];

    /// Its place among them, the worst first.
    pub(crate) fn rank(self) -> i64 {
        match self {
            Self::Breached => 0,
            Self::AtRisk => 1,
            Self::NoData => 2,
            Self::Met => 3,
        }
    }

    /// The status of this place.
    pub(crate) fn of_rank(rank: i64) -> Self {
        Self::ALL.into_iter().find(|status| status.rank() == rank).unwrap_or(Self::NoData)
    }

    /// The word on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Breached => "Breached",
            Self::AtRisk => "At risk",
            Self::NoData => "No data",
            Self::Met => "Met",
        }
    }
}

/// Less than a quarter of the allowance is left.
fn is_short(all: &Fraction, left: &Fraction) -> bool {
    left.ratio() * Fraction::whole(4).ratio() < *all.ratio()
}

/// A label over a value; `explain` names what the explanation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Ready to be shown.
    pub value: String,
    /// Key of its explanation, where there is one.
    pub explain: Option<String>,
}

/// A fact without an explanation.
pub(crate) fn fact(label: impl Into<String>, value: impl Into<String>) -> Fact {
    Fact { label: label.into(), value: value.into(), explain: None }
}

/// Whether this person may do something now and, if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Verb", export_to = "../../../ui/src/bindings/")]
pub struct Action {
    /// They may.
    pub enabled: bool,
    /// Why not.
    pub reason: Option<String>,
}

impl From<Result<(), makegood_domain::Problem>> for Action {
    fn from(may: Result<(), makegood_domain::Problem>) -> Self {
        Self { enabled: may.is_ok(), reason: may.err().map(|problem| problem.message) }
    }
}

/// A minus that is one: U+2212 for a hyphen, thousands apart.
fn figure(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("\u{2212}", rest));
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(w, p)| (w, Some(p)));
    let part = part.map(|part| format!(".{part}")).unwrap_or_default();
    format!("{sign}{}{part}", group_thousands(whole))
}

/// Seconds (decimal or fraction text) as minutes with two decimals, cut towards less: `−6.31`.
pub(crate) fn minutes_left(seconds: &str) -> String {
    in_minutes(seconds)
        .map_or_else(|| seconds.to_owned(), |minutes| figure(&cut(minutes.ratio(), 2)))
}

/// The same of microseconds, themselves cut towards less: `−6.31`.
pub(crate) fn minutes_left_micros(micros: i64) -> String {
    let hundredths = micros.div_euclid(600_000);
    let (whole, part) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let sign = if hundredths < 0 { "-" } else { "" };
    figure(&format!("{sign}{whole}.{part:02}"))
}

/// Seconds as minutes, exact where they end: `51`, `44.69`, `0.5`; else cut at two decimals.
pub(crate) fn minutes(seconds: &str) -> String {
    let Some(minutes) = in_minutes(seconds) else { return seconds.to_owned() };
    let exact = minutes.decimal_or_fraction();
    let decimals = exact.split_once('.').map_or(0, |(_, part)| part.len());
    if exact.contains('/') || decimals > 2 { minutes_left(seconds) } else { figure(&exact) }
}

fn in_minutes(seconds: &str) -> Option<Fraction> {
    let seconds = Fraction::parse(seconds)?;
    Some(Fraction::new(seconds.ratio() / Fraction::whole(60).ratio()))
}

/// Whole seconds as minutes.
pub(crate) fn span_minutes(span: TimeDelta) -> String {
    minutes(&span.num_seconds().to_string())
}

/// `99.9 %`, with a narrow space that does not break.
pub(crate) fn percent(text: &str) -> String {
    format!("{text}\u{202f}%")
}

/// `October 2026` for `2026-10`; other labels as they are.
pub(crate) fn month_name(label: &str) -> String {
    first_day(label).map_or_else(|| label.to_owned(), |day| day.format("%B %Y").to_string())
}

/// `Oct 2026` for `2026-10`; other labels as they are.
pub fn month_short(label: &str) -> String {
    first_day(label).map_or_else(|| label.to_owned(), |day| day.format("%b %Y").to_string())
}

fn first_day(label: &str) -> Option<NaiveDate> {
    makegood_domain::statement::is_month(label)
        .then(|| format!("{label}-01").parse().ok())
        .flatten()
}

/// `30 November`.
pub(crate) fn day_name(day: NaiveDate) -> String {
    day.format("%-d %B").to_string()
}

/// `4 Nov`.
pub(crate) fn day_short(day: NaiveDate) -> String {
    day.format("%-d %b").to_string()
}

/// `31 Mar 2027`.
pub fn date(day: NaiveDate) -> String {
    format!("{} {}", day_short(day), day.year())
}

/// How long ago: `5 min`, `2 h`, `1 d`.
pub(crate) fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - since;
    match (passed.num_days(), passed.num_hours(), passed.num_minutes()) {
        (days, ..) if days > 0 => format!("{days} d"),
        (_, hours, _) if hours > 0 => format!("{hours} h"),
        (.., minutes) => format!("{} min", minutes.max(0)),
    }
}

/// `1 contract`, `3 contracts`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// One sum per currency: amounts are never added across them (law 2).
#[derive(Debug, Default)]
pub(crate) struct Sums(std::collections::BTreeMap<String, (Money, usize)>);

impl Sums {
    /// Adds an amount to its currency's sum.
    pub(crate) fn add(&mut self, money: Money) -> Result<(), makegood_domain::Problem> {
        let currency = money.currency();
        let sum =
            self.0.entry(currency.code().to_owned()).or_insert_with(|| (Money::zero(currency), 0));
        sum.0 = sum.0.checked_add(money).map_err(|error| {
            makegood_domain::Problem::new(makegood_domain::Code::Internal, error.to_string())
        })?;
        sum.1 += 1;
        Ok(())
    }

    /// The sums by currency code, each with how many amounts are in it.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Money, usize)> {
        self.0.values().copied()
    }
}
