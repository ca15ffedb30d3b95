//! Steps in words: what is the same in every language.

use super::{Step, Unit, english, german};
use crate::duration::Duration;
use crate::fraction::{Fraction, cut, less, written};
use crate::money::{Currency, Rounding, group_thousands};
use crate::terms::{NoData, PartialPeriod, Treatment};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

/// A language that steps can be told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Its code: `en`, `de`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a code such as `de` or `de-CH`; English where there is no other.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        if code == "de" || code.starts_with("de-") { Self::De } else { Self::En }
    }

    /// Decimal text such as `-1200.50`, grouped and pointed as this language does, with U+2212.
    #[must_use]
    pub fn number(self, text: &str) -> String {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("\u{2212}", rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let (group, point) = match self {
            Self::En => (",", "."),
            Self::De => (".", ","),
        };
        let whole = group_thousands(whole).replace(',', group);
        let point = if part.is_empty() { "" } else { point };
        format!("{sign}{whole}{point}{part}")
    }

    /// A fraction: a decimal where it ends, else `a/b`; what nobody would read to its end is cut
    /// off after nine decimals, and says so: `0.333333333…`.
    pub(crate) fn fraction(self, value: &Fraction) -> String {
        let size = value.ratio().numer().bits() + value.ratio().denom().bits();
        let text = (size <= READABLE_BITS).then(|| value.decimal_or_fraction());
        match text {
            Some(text) if text.contains('/') => text,
            Some(text) => self.number(&text),
            None => self.number(&cut(value.ratio(), 9)) + "\u{2026}",
        }
    }

    /// A percentage that stands as decimal text: `99.9 %`, with U+202F.
    #[must_use]
    pub fn percent(self, text: &str) -> String {
        format!("{}\u{202f}%", self.number(text))
    }

    /// A share of a fee in percent: exact where it ends within six decimals, else cut off there.
    pub(crate) fn share(self, value: &Fraction) -> String {
        let exact = value.decimal_or_fraction();
        let short = exact.split_once('.').is_none_or(|(_, part)| part.len() <= 6);
        let text = if short && !exact.contains('/') { exact } else { cut(value.ratio(), 6) };
        self.percent(&text)
    }

    /// Exact seconds as minutes: `44,700 min`, `12 min 34 s`, `0.5 s`.
    #[must_use]
    pub fn minutes(self, seconds: &Fraction) -> String {
        let minute = BigInt::from(60);
        let size = seconds.ratio().abs();
        let sign = if seconds.ratio().is_negative() { "\u{2212}" } else { "" };
        let minutes = (&size / &minute).floor();
        let rest = Fraction::new(&size - &minutes * &minute);
        let whole = self.number(&minutes.to_integer().to_string());
        match (minutes.is_positive(), rest == Fraction::whole(0)) {
            (_, true) => format!("{sign}{whole} min"),
            (false, false) => format!("{sign}{} s", self.fraction(&rest)),
            (true, false) => format!("{sign}{whole} min {} s", self.fraction(&rest)),
        }
    }

    /// A length of time as it was written, its units in words: `90m` → `90 min`, `1h30m` → `1 h 30 min`.
    #[must_use]
    pub fn length(self, length: &Duration) -> String {
        let parts = length.as_str().split_inclusive(char::is_alphabetic);
        let part = |part: &str| {
            let (count, unit) = part.split_at(part.len().saturating_sub(1));
            let unit = match (unit, self, count) {
                ("d", Self::En, "1") => "day",
                ("d", Self::En, _) => "days",
                ("d", Self::De, "1") => "Tag",
                ("d", Self::De, _) => "Tage",
                ("m", ..) => "min",
                (other, ..) => other,
            };
            format!("{}\u{a0}{unit}", self.number(count))
        };
        parts.map(part).collect::<Vec<_>>().join(" ")
    }

    /// An amount of money as a single figure: `€1,200.00`; `1.200,00 €`. An amount that has more
    /// decimals than the currency is shown with all of them.
    #[must_use]
    pub fn money(self, amount: &Fraction, currency: Currency) -> String {
        let digits = u32::from(currency.minor_digits());
        let minor = Rounding::Floor.scaled(amount.ratio(), digits);
        let exact = BigRational::new(minor.clone(), BigInt::from(10).pow(digits));
        let ending = amount.decimal_or_fraction();
        let number = if exact == *amount.ratio() || ending.contains('/') {
            self.number(&written(&minor, digits))
        } else {
            self.number(&ending)
        };
        match (self, currency.sign()) {
            (Self::En, Some(sign)) => match number.strip_prefix('\u{2212}') {
                Some(rest) => format!("\u{2212}{sign}{rest}"),
                None => format!("{sign}{number}"),
            },
            (Self::En, None) => format!("{currency} {number}"),
            (Self::De, sign) => format!("{number}\u{a0}{}", sign.unwrap_or(currency.code())),
        }
    }
}

/// A fraction of more bits than this has more than some forty digits.
const READABLE_BITS: u64 = 140;

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What happened, as a sentence.
    pub sentence: String,
    /// The figure that came of it.
    pub figure: String,
}

/// Tells a step.
#[must_use]
pub fn words(step: &Step, language: Language) -> Words {
    let sentence = match language {
        Language::En => english::sentence(step),
        Language::De => german::sentence(step),
    };
    Words { sentence, figure: figure(step, language) }
}

fn figure(step: &Step, language: Language) -> String {
    let minutes = |seconds: i64| language.minutes(&Fraction::whole(seconds));
    let removed = |removed: bool, seconds: i64| minutes(if removed { -seconds } else { seconds });
    let counts = |unit: Unit, value: &Fraction| match unit {
        Unit::Seconds => language.minutes(value),
        _ => language.fraction(value),
    };
    match step {
        Step::Window { seconds, .. } => minutes(*seconds),
        Step::Inactive { seconds, treatment } => {
            removed(*treatment == PartialPeriod::Prorate, *seconds)
        }
        Step::OutOfHours { seconds } => removed(true, *seconds),
        Step::Excluded { seconds, treatment, .. }
        | Step::ExcludedMany { seconds, treatment, .. } => {
            removed(*treatment == Treatment::Removed, *seconds)
        }
        Step::NotAdmitted { .. }
        | Step::NotMeasured { .. }
        | Step::NoAward { .. }
        | Step::Tier { percent: None, .. } => "\u{2013}".to_owned(),
        Step::Excused { amount, .. } => language.fraction(amount),
        Step::Unknown { seconds, treatment } => removed(*treatment == NoData::Removed, *seconds),
        Step::FixedTotal { length } => minutes(length.signed_seconds()),
        Step::Counted { unit, total, .. } => counts(*unit, total),
        Step::Outages { bad, .. } => language.minutes(bad),
        Step::Outage { counted, .. } => minutes(*counted),
        Step::Compared { objective, .. } => language.percent(objective.as_str()),
        Step::Bad { unit, bad } => counts(*unit, bad),
        Step::Attainment { attainment, .. } => language.percent(&attainment.percent()),
        Step::Rounded { compared, decimals } => language.percent(&cut(compared.ratio(), *decimals)),
        Step::Tier { percent: Some(percent), .. }
        | Step::Prorata { percent, .. }
        | Step::Per { percent, .. } => language.share(percent),
        Step::Fee { fee, currency } => language.money(&fee.fraction(), *currency),
        Step::Cap { limit, currency, .. } => language.money(limit, *currency),
        Step::TooSmall { minimum, currency } => language.money(&minimum.fraction(), *currency),
        Step::RoundedCredit { credit, currency, .. }
        | Step::OwnCredit { credit, currency }
        | Step::Credit { credit, currency, .. } => language.money(credit, *currency),
        Step::Outranked { currency, .. } => language.money(&Fraction::whole(0), *currency),
        Step::ContractCap { share, currency, .. } => language.money(share, *currency),
    }
}

/// The place that a zone's name ends with: `New York`; `UTC` for UTC.
pub(super) fn place(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// A length of a day in hours: `25`, `24:30`.
pub(super) fn hours(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    if minutes == 0 { hours.to_string() } else { format!("{hours}:{minutes:02}") }
}

/// Total, bad and their difference, in minutes where both are whole minutes, else as they are.
pub(super) fn division(total: &Fraction, bad: &Fraction, unit: Unit) -> [Fraction; 3] {
    let minute = BigInt::from(60);
    let whole = |value: &Fraction| {
        value.ratio().is_integer() && (value.ratio().numer() % &minute).is_zero()
    };
    let in_minutes = unit == Unit::Seconds && whole(total) && whole(bad);
    let scale = |value: &BigRational| {
        Fraction::new(if in_minutes { value / &minute } else { value.clone() })
    };
    let left = match total.ratio().is_integer() {
        true => less(total.ratio().numer(), bad.ratio()),
        false => total.ratio() - bad.ratio(),
    };
    [scale(total.ratio()), scale(bad.ratio()), scale(&left.max(BigRational::default()))]
}

/// Two local times: of one day, the times alone.
pub(super) fn times(
    from: chrono::NaiveDateTime,
    to: chrono::NaiveDateTime,
    day: fn(chrono::NaiveDate) -> String,
    join: &str,
) -> String {
    let time = |at: chrono::NaiveDateTime| {
        let seconds = chrono::Timelike::second(&at) > 0;
        at.format(if seconds { "%H:%M:%S" } else { "%H:%M" }).to_string()
    };
    if from.date() == to.date() {
        return format!("{}, {} {join} {}", day(from.date()), time(from), time(to));
    }
    let (first, last) = (day(from.date()), day(to.date()));
    format!("{first}, {} {join} {last}, {}", time(from), time(to))
}
