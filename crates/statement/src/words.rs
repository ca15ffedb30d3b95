//! The statement's texts, and how a language writes numbers, money, dates and lengths of time.
//! Texts stand in message files that a translator can edit.

use crate::document::Language;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use makegood_engine::fraction::{Fraction, cut};
use makegood_engine::money::{Money, group_thousands};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The message file of a language.
fn file(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("words/en.txt"),
        Language::De => include_str!("words/de.txt"),
    }
}

/// The space before a percent sign.
const NARROW: char = '\u{202f}';
/// The space before a unit: no line ends there.
const FIXED: char = '\u{a0}';

/// One language's words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) language: Language,
    texts: &'static Texts,
}

/// A language's texts by key.
type Texts = BTreeMap<&'static str, &'static str>;

fn read(file: &'static str) -> Texts {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .collect()
}

impl Words {
    pub(crate) fn new(language: Language) -> Self {
        static TEXTS: OnceLock<Vec<(Language, Texts)>> = OnceLock::new();
        static NONE: Texts = Texts::new();
        let load = || Language::ALL.map(|language| (language, read(file(language)))).to_vec();
        let found = TEXTS.get_or_init(load).iter().find(|(have, _)| *have == language);
        Self { language, texts: found.map_or(&NONE, |(_, texts)| texts) }
    }

    /// The text under this key; a test sees to it that every key is there.
    pub(crate) fn say(&self, key: &str) -> String {
        self.find(key).to_owned()
    }

    fn find(&self, key: &str) -> &'static str {
        self.texts.get(key).copied().unwrap_or_default()
    }

    /// The text under this key, filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        // What is filled in is not looked through again: a name may hold braces.
        let mut filled = String::new();
        let mut rest = self.find(key);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            let value = values.iter().find(|(have, _)| *have == name);
            debug_assert!(value.is_some(), "{key}: nothing is given for {name}");
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = behind;
        }
        filled + rest
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
        let grouped = group_thousands(digits).replace(',', self.find("group_sign"));
        match part {
            Some(part) => format!("{sign}{grouped}{}{part}", self.find("decimal_sign")),
            None => format!("{sign}{grouped}"),
        }
    }

    /// A whole number.
    pub(crate) fn count(&self, value: i64) -> String {
        self.decimal(&value.to_string())
    }

    /// A small number in words, as it begins a sentence: `Two`.
    pub(crate) fn number_word(&self, value: usize) -> String {
        let word = self.find(&format!("number_{value}"));
        if word.is_empty() { value.to_string() } else { word.to_owned() }
    }

    /// A percentage, with the narrow space before its sign.
    pub(crate) fn percent(&self, text: &str) -> String {
        format!("{}{NARROW}%", self.decimal(text))
    }

    /// A share of a fee in percent: decimal text, or a fraction, which is cut off after six decimals.
    pub(crate) fn rate(&self, text: &str) -> String {
        let fraction = Fraction::parse(text).filter(|_| text.contains('/'));
        fraction.map_or_else(|| self.percent(text), |rate| self.percent(&cut(rate.ratio(), 6)))
    }

    /// An amount. Where a document mixes currencies, each amount bears its code.
    pub(crate) fn money(&self, money: Money, mixed: bool) -> String {
        let currency = money.currency();
        let number = self.decimal(&money.to_decimal_string());
        match currency.sign() {
            Some(sign) if !mixed => self.fill("money_sign", &[("sign", sign), ("number", &number)]),
            _ => self.fill("money_code", &[("code", currency.code()), ("number", &number)]),
        }
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
        self.dated("date_full", day)
    }

    /// A day without its year: `14 October`.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        self.dated("date_day", day)
    }

    /// A day without its year, short: `14 Oct`.
    pub(crate) fn short_day(&self, day: NaiveDate) -> String {
        self.dated("date_short", day)
    }

    fn dated(&self, key: &str, day: NaiveDate) -> String {
        let short: String = self.short_month(day);
        let values = [
            ("day", day.day().to_string()),
            ("month", self.month(day).to_owned()),
            ("short", short),
            ("year", day.year().to_string()),
        ];
        self.fill(key, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    }

    /// The name of a day's month.
    pub(crate) fn month(&self, day: NaiveDate) -> &'static str {
        self.find(&format!("month_{}", day.month()))
    }

    /// The name of a day's month, short.
    pub(crate) fn short_month(&self, day: NaiveDate) -> String {
        self.month(day).chars().take(3).collect()
    }

    /// The days from `first` to `last`: `1–31 October 2026`.
    pub(crate) fn date_range(&self, first: NaiveDate, last: NaiveDate) -> String {
        if first == last {
            return self.date(first);
        }
        let from = if (first.year(), first.month()) == (last.year(), last.month()) {
            self.dated("date_in_month", first)
        } else if first.year() == last.year() {
            format!("{} ", self.dated("date_in_year", first))
        } else {
            format!("{} – ", self.date(first))
        };
        from + &self.date(last)
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
            Some((year, quarter)) => self.fill("quarter", &[("quarter", quarter), ("year", year)]),
            None => label.to_owned(),
        }
    }

    /// What a window's label means, short: `2026-10` → `Oct 2026`.
    pub(crate) fn short_period(&self, label: &str) -> String {
        match NaiveDate::parse_from_str(&format!("{label}-01"), "%Y-%m-%d") {
            Ok(day) => format!("{}{FIXED}{}", self.short_month(day), day.year()),
            Err(_) => label.replace("-Q", &format!("{FIXED}Q")),
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
        found.dedup();
        found
    }

    /// Holes that a language may leave out: another order or form of date and money.
    const FREE: [&str; 5] = ["date_", "money_", "month_", "number_", "quarter"];

    #[test]
    fn every_language_is_complete_and_says_no_more() {
        let first = read(file(Language::En));
        for language in Language::ALL {
            let texts = read(file(language));
            let lines = file(language).lines().filter(|line| !line.starts_with('#'));
            assert_eq!(lines.count(), texts.len(), "{}: a key twice, or no text", language.tag());
            let missing: Vec<_> = first.keys().filter(|key| !texts.contains_key(*key)).collect();
            let surplus: Vec<_> = texts.keys().filter(|key| !first.contains_key(*key)).collect();
            assert!(missing.is_empty(), "{} lacks {missing:?}", language.tag());
            assert!(surplus.is_empty(), "{} has {surplus:?} besides", language.tag());
            for (key, text) in &first {
                assert!(!texts[key].is_empty(), "{}: {key} is empty", language.tag());
                let free = FREE.iter().any(|prefix| key.starts_with(prefix));
                let same = holes(text) == holes(texts[key]);
                assert!(free || same, "{}: {key} has other holes", language.tag());
            }
        }
    }

    #[test]
    fn every_message_file_belongs_to_a_language() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/words");
        let mut tags: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        tags.sort();
        let mut known = Language::ALL.map(|language| language.tag().to_owned());
        known.sort();
        assert_eq!(tags, known);
    }

    /// The code of the layout, without its tests.
    fn sources(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push_str(text.split("#[cfg(test)]").next().unwrap());
            }
        }
    }

    #[test]
    fn the_code_asks_for_every_text_and_for_no_other() {
        let mut code = String::new();
        sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut code);
        let texts = read(file(Language::En));
        for key in texts.keys() {
            let counted = key.starts_with("month_") || key.starts_with("number_");
            assert!(counted || code.contains(&format!("\"{key}\"")), "nobody says {key}");
        }
        let code: String = code.split_whitespace().collect();
        for call in ["say(\"", "fill(\"", "find(\"", "dated(\""] {
            for part in code.split(call).skip(1) {
                let key = part.split('"').next().unwrap();
                assert!(texts.contains_key(key), "no text {key}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_taken_as_it_is() {
        let words = Words::new(Language::En);
        let values = [("contract", "{sla}"), ("sla", "{contract} {")];
        assert_eq!(
            words.fill("calculation", &values),
            "How the figures came about: {sla}, {contract} {"
        );
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
