//! Reading a tree of JSON strictly: every refusal names the place.

use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::instant::{parse_date, parse_instant};
use crate::json::Json;
use crate::refusal::{Refusal, excerpt};
use chrono::{DateTime, NaiveDate, Utc};

/// An object of which every key is known and none stands twice.
pub(crate) struct Object<'a> {
    members: &'a [(String, Json)],
    path: String,
}

/// A reader of one value: what it makes of it, or what is wrong with it.
pub(crate) type Read<'a, T> = fn(&'a Json) -> Result<T, String>;

impl<'a> Object<'a> {
    /// Reads an object that may hold these keys and no others.
    pub(crate) fn read(json: &'a Json, path: &str, keys: &[&str]) -> Result<Self, Refusal> {
        let Json::Object(members) = json else {
            return Err(Refusal::new(path, format!("must be an object, not {}", json.kind())));
        };
        let object = Self { members, path: path.to_owned() };
        for (index, (key, _)) in members.iter().enumerate() {
            if !keys.contains(&key.as_str()) {
                let known = keys.join(", ");
                return Err(object.refuse(key, format!("this key is not known; known: {known}")));
            }
            if members[..index].iter().any(|(earlier, _)| earlier == key) {
                return Err(object.refuse(key, "this key stands twice"));
            }
        }
        Ok(object)
    }

    /// The path of one of its keys.
    pub(crate) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// A refusal at one of its keys.
    pub(crate) fn refuse(&self, key: &str, message: impl Into<String>) -> Refusal {
        Refusal::new(self.at(key), message)
    }

    /// A refusal of the object as a whole.
    pub(crate) fn refuse_all(&self, message: impl Into<String>) -> Refusal {
        Refusal::new(self.path.clone(), message)
    }

    /// The value under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Json> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether the key stands here.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Its keys and values, in the order in which they were written.
    pub(crate) fn members(&self) -> &'a [(String, Json)] {
        self.members
    }

    /// The value under a required key.
    pub(crate) fn need(&self, key: &str) -> Result<&'a Json, Refusal> {
        self.get(key).ok_or_else(|| self.refuse(key, "this key is required and missing"))
    }

    /// An optional value, read by `read`.
    pub(crate) fn optional<T>(&self, key: &str, read: Read<'a, T>) -> Result<Option<T>, Refusal> {
        let Some(json) = self.get(key) else { return Ok(None) };
        read(json).map(Some).map_err(|message| self.refuse(key, message))
    }

    /// A required value, read by `read`.
    pub(crate) fn required<T>(&self, key: &str, read: Read<'a, T>) -> Result<T, Refusal> {
        read(self.need(key)?).map_err(|message| self.refuse(key, message))
    }

    /// An optional word out of a closed list, with a default.
    pub(crate) fn word<T: Copy + Default>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<T, Refusal> {
        Ok(self.optional_word(key, words)?.unwrap_or_default())
    }

    /// An optional word out of a closed list.
    pub(crate) fn optional_word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Refusal> {
        let Some(word) = self.optional(key, text)? else { return Ok(None) };
        match words.iter().find(|(name, _)| *name == word) {
            Some((_, value)) => Ok(Some(*value)),
            None => Err(self.refuse(key, not_one_of(word, words))),
        }
    }

    /// A required word out of a closed list.
    pub(crate) fn required_word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<T, Refusal> {
        self.need(key)?;
        self.optional_word(key, words)?.ok_or_else(|| self.refuse(key, "is missing"))
    }

    /// An integer within these bounds.
    pub(crate) fn integer(&self, key: &str, from: u64, to: u64) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.optional(key, count)? else { return Ok(None) };
        match u64::try_from(value) {
            Ok(value) if (from..=to).contains(&value) => Ok(Some(value)),
            Ok(_) if to == u64::MAX => Err(self.refuse(key, format!("must be at least {from}"))),
            _ => Err(self.refuse(key, format!("must be from {from} to {to}"))),
        }
    }

    /// A list, each item read at its own path; `None` where the key is absent.
    pub(crate) fn list<T>(
        &self,
        key: &str,
        read: impl FnMut(&'a Json, &str) -> Result<T, Refusal>,
    ) -> Result<Option<Vec<T>>, Refusal> {
        self.get(key).map(|json| items(json, &self.at(key), read)).transpose()
    }
}

/// A list at `path`, each item read at its own path.
pub(crate) fn items<'a, T>(
    json: &'a Json,
    path: &str,
    mut read: impl FnMut(&'a Json, &str) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let Json::List(items) = json else {
        return Err(Refusal::new(path, format!("must be a list, not {}", json.kind())));
    };
    items.iter().enumerate().map(|(i, item)| read(item, &format!("{path}[{i}]"))).collect()
}

fn not_one_of<T>(word: &str, words: &[(&str, T)]) -> String {
    let known: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    format!("{} is none of: {}", excerpt(word), known.join(", "))
}

/// The word that stands for a value in a closed list.
pub(crate) fn word_of<T: PartialEq>(value: &T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

pub(crate) fn text(json: &Json) -> Result<&str, String> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(format!("must be a string, not {}", other.kind())),
    }
}

pub(crate) fn owned_text(json: &Json) -> Result<String, String> {
    text(json).map(ToOwned::to_owned)
}

pub(crate) fn boolean(json: &Json) -> Result<bool, String> {
    match json {
        Json::Bool(value) => Ok(*value),
        other => Err(format!("must be true or false, not {}", other.kind())),
    }
}

/// A count: an integer, not negative, of at most 128 bits. `10.0` is not one.
pub(crate) fn count(json: &Json) -> Result<u128, String> {
    let Json::Number(digits) = json else {
        return Err(format!("must be an integer, not {}", json.kind()));
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "{digits:.40} is no count: an integer without sign, point or exponent"
        ));
    }
    digits.parse().map_err(|_| "is too large a count: at most 128 bits".to_owned())
}

fn quoted<T>(json: &Json, read: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    match json {
        Json::Number(digits) => {
            Err(format!("must be a string in quotation marks, not the number {digits:.40}"))
        }
        other => read(text(other)?),
    }
}

pub(crate) fn decimal(json: &Json) -> Result<Decimal, String> {
    quoted(json, Decimal::parse)
}

pub(crate) fn signed_decimal(json: &Json) -> Result<Decimal, String> {
    quoted(json, Decimal::parse_signed)
}

/// A percentage from 0 to 100.
pub(crate) fn percentage(json: &Json) -> Result<Decimal, String> {
    let percent = decimal(json)?;
    if percent.ratio() > num_rational::BigRational::from_integer(100.into()) {
        return Err(format!("{percent} is more than 100"));
    }
    Ok(percent)
}

pub(crate) fn duration(json: &Json) -> Result<Duration, String> {
    quoted(json, Duration::parse)
}

/// A duration that is longer than nothing.
pub(crate) fn length(json: &Json) -> Result<Duration, String> {
    let duration = duration(json)?;
    if duration.seconds() == 0 {
        return Err("must be longer than nothing".to_owned());
    }
    Ok(duration)
}

pub(crate) fn instant(json: &Json) -> Result<DateTime<Utc>, String> {
    let text = text(json)?;
    parse_instant(text)
        .ok_or_else(|| format!("{} is no instant of the form 2026-04-01T00:00:00Z", excerpt(text)))
}

pub(crate) fn date(json: &Json) -> Result<NaiveDate, String> {
    let text = text(json)?;
    parse_date(text).ok_or_else(|| format!("{} is no date of the form 2026-04-30", excerpt(text)))
}
