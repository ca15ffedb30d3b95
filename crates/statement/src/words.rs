//! The statement's texts, and how a language writes numbers, money, dates and lengths of time.
//! Texts stand in message files that a translator can edit.

use crate::document::Language;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use makegood_engine::money::{Money, group_thousands};
use std::collections::BTreeMap;
use std::sync::OnceLock;

static ENGLISH: &str = include_str!("words/en.txt");
static GERMAN: &str = include_str!("words/de.txt");

/// The space before a percent sign.
const NARROW: char = '\u{202f}';
/// The space before a unit: no line ends there.
const FIXED: char = '\u{a0}';

/// One language's words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) language: Language,
    texts: &'static BTreeMap<&'static str, &'static str>,
}

fn read(file: &'static str) -> BTreeMap<&'static str, &'static str> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .collect()
}

impl Words {
    pub(crate) fn new(language: Language) -> Self {
        static TEXTS: OnceLock<[BTreeMap<&'static str, &'static str>; 2]> = OnceLock::new();
        let texts = TEXTS.get_or_init(|| [read(ENGLISH), read(GERMAN)]);
        let texts = match language {
            Language::En => &texts[0],
            Language::De => &texts[1],
        };
        Self { language, texts }
    }

    /// The text under this key.
    pub(crate) fn say(&self, key: &'static str) -> String {
        self.texts.get(key).map_or(key, |text| text).to_owned()
    }

    /// The text under this key, filled in.
    pub(crate) fn fill(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.say(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    fn is_german(&self) -> bool {
        self.language == Language::De
    }

    /// Decimal text as this language writes it: `99.885880` → `99,885880`; thousands are grouped.
    pub(crate) fn decimal(&self, text: &str) -> String {
        let (whole, part) = match text.split_once('.') {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        let (sign, digits) = match whole.strip_prefix('-') {
            Some(digits) => ("\u{2212}", digits),
            None => ("", whole),
        };
        let mut grouped = group_thousands(digits);
        if self.is_german() {
            grouped = grouped.replace(',', ".");
        }
        match part {
            Some(part) if self.is_german() => format!("{sign}{grouped},{part}"),
            Some(part) => format!("{sign}{grouped}.{part}"),
            None => format!("{sign}{grouped}"),
        }
    }

    /// A whole number.
    pub(crate) fn count(&self, value: i64) -> String {
        self.decimal(&value.to_string())
    }

    /// A small number in words, as it begins a sentence: `Two`.
    pub(crate) fn number_word(&self, value: usize) -> String {
        const ENGLISH: [&str; 11] =
            ["None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
        const GERMAN: [&str; 11] = [
            "Keines", "Eines", "Zwei", "Drei", "Vier", "Fünf", "Sechs", "Sieben", "Acht", "Neun",
            "Zehn",
        ];
        let list = if self.is_german() { &GERMAN } else { &ENGLISH };
        list.get(value).map_or_else(|| value.to_string(), |word| (*word).to_owned())
    }

    /// A percentage, with the narrow space before its sign.
    pub(crate) fn percent(&self, text: &str) -> String {
        format!("{}{NARROW}%", self.decimal(text))
    }

    /// An amount. Where a document mixes currencies, each amount bears its code.
    pub(crate) fn money(&self, money: Money, mixed: bool) -> String {
        let currency = money.currency();
        let (code, sign) = (currency.code(), currency.sign());
        if self.is_german() {
            let sign = if mixed { code } else { sign.unwrap_or(code) };
            return format!("{}\u{a0}{sign}", self.decimal(&money.to_decimal_string()));
        }
        if mixed || sign.is_none() {
            return money.display().replace(' ', "\u{a0}");
        }
        money.symbol()
    }

    /// A length of time: `51 min`, `51 min 20 s`.
    pub(crate) fn length(&self, seconds: i64) -> String {
        let (minutes, rest) = (seconds / 60, seconds % 60);
        match (minutes, rest) {
            (minutes, 0) => format!("{}{FIXED}min", self.count(minutes)),
            (0, rest) => format!("{rest}{FIXED}s"),
            (minutes, rest) => format!("{}{FIXED}min {rest}{FIXED}s", self.count(minutes)),
        }
    }

    /// A length of time as contracts write it: `48 h`, `5 d`, else as [`Words::length`].
    pub(crate) fn notice(&self, seconds: i64) -> String {
        if seconds >= 3600 && seconds % 3600 == 0 {
            return format!("{}{FIXED}h", self.count(seconds / 3600));
        }
        if seconds >= 3600 {
            let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
            return format!("{}{FIXED}h {minutes}{FIXED}min", self.count(hours));
        }
        self.length(seconds)
    }

    /// A day: `14 October 2026`.
    pub(crate) fn date(&self, day: NaiveDate) -> String {
        if self.is_german() {
            return format!("{}.\u{a0}{} {}", day.day(), self.month(day), day.year());
        }
        format!("{}\u{a0}{} {}", day.day(), self.month(day), day.year())
    }

    /// A day without its year: `14 October`.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        let dot = if self.is_german() { "." } else { "" };
        format!("{}{dot}\u{a0}{}", day.day(), self.month(day))
    }

    /// The day of an instant in UTC, short: `14 Oct`.
    pub(crate) fn short_day(&self, day: NaiveDate) -> String {
        let dot = if self.is_german() { "." } else { "" };
        let month: String = self.month(day).chars().take(3).collect();
        format!("{}{dot}\u{a0}{month}", day.day())
    }

    /// The name of a day's month.
    pub(crate) fn month(&self, day: NaiveDate) -> &'static str {
        const ENGLISH: [&str; 12] = [
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
        const GERMAN: [&str; 12] = [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ];
        let list = if self.is_german() { &GERMAN } else { &ENGLISH };
        let at = usize::try_from(day.month0()).unwrap_or(0);
        list.get(at).copied().unwrap_or_default()
    }

    /// The days from `first` to `last`: `1–31 October 2026`.
    pub(crate) fn date_range(&self, first: NaiveDate, last: NaiveDate) -> String {
        let dot = if self.is_german() { "." } else { "" };
        if first == last {
            return self.date(first);
        }
        if (first.year(), first.month()) == (last.year(), last.month()) {
            return format!("{}{dot}–{}", first.day(), self.date(last));
        }
        if first.year() == last.year() {
            return format!("{} – {}", self.day(first), self.date(last));
        }
        format!("{} – {}", self.date(first), self.date(last))
    }

    /// What a period's label means: `2026-10` → `October 2026`.
    pub(crate) fn period(&self, label: &str) -> String {
        if let Ok(day) = NaiveDate::parse_from_str(&format!("{label}-01"), "%Y-%m-%d") {
            return format!("{} {}", self.month(day), day.year());
        }
        if let Ok(day) = NaiveDate::parse_from_str(label, "%Y-%m-%d") {
            return self.date(day);
        }
        match label.split_once("-Q") {
            Some((year, quarter)) if self.is_german() => format!("{quarter}. Quartal {year}"),
            Some((year, quarter)) => format!("quarter {quarter} of {year}"),
            None => label.to_owned(),
        }
    }

    /// A time of day in UTC: `03:12`, with seconds only where there are any.
    pub(crate) fn clock(at: DateTime<Utc>) -> String {
        clock(at.naive_utc())
    }
}

/// A time of day, with seconds only where there are any.
pub(crate) fn clock(at: chrono::NaiveDateTime) -> String {
    let form = if at.and_utc().timestamp() % 60 == 0 { "%H:%M" } else { "%H:%M:%S" };
    at.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'))
            .map(|(n, _)| n)
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_text_stands_in_both_languages_with_the_same_holes() {
        let (english, german) = (read(ENGLISH), read(GERMAN));
        assert_eq!(english.keys().collect::<Vec<_>>(), german.keys().collect::<Vec<_>>());
        for (key, text) in &english {
            assert_eq!(holes(text), holes(german[key]), "{key}");
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let english = Words::new(Language::En);
        let german = Words::new(Language::De);
        assert_eq!(english.percent("99.885880"), "99.885880\u{202f}%");
        assert_eq!(german.percent("99.885880"), "99,885880\u{202f}%");
        assert_eq!(german.count(44_700), "44.700");
        assert_eq!(english.length(51 * 60 + 20), "51\u{a0}min 20\u{a0}s");
        assert_eq!(english.period("2026-10"), "October 2026");
        assert_eq!(german.period("2026-Q4"), "4. Quartal 2026");
    }
}
