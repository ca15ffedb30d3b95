//! Strict JSON as a tree that forgets nothing: numbers stay text, keys keep their order, and a key
//! that stands twice stays twice, so that whoever reads the tree can say where it stands.
//!
//! A general JSON library turns large integers into floating point and lets the last of two equal
//! keys win; a case may do neither.

use crate::refusal::Refusal;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

mod parse;
mod write;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written: JSON's grammar, any length.
    Number(String),
    /// A string, its escapes resolved.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object in the order in which it was written; keys may stand twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value: UTF-8 without byte order mark, nothing after it, at most 128 levels deep.
    ///
    /// # Errors
    /// A [`Refusal`] whose path is the line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        parse::parse(bytes)
    }

    /// The value, indented by two spaces and ended by a line break. The same tree, the same bytes.
    #[must_use]
    pub fn pretty(&self) -> String {
        write::pretty(self)
    }

    /// The value in one line, without a space. The same tree, the same bytes.
    #[must_use]
    pub fn compact(&self) -> String {
        write::compact(self)
    }

    /// Text as a value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The first value under this key, where this is an object that has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// What kind of value this is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// For putting a tree into other documents. Numbers beyond 128 bits become strings there.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(value) => to.serialize_bool(*value),
            Self::Number(digits) => match (digits.parse::<u64>(), digits.parse::<i128>()) {
                (Ok(value), _) => to.serialize_u64(value),
                (_, Ok(value)) => to.serialize_i128(value),
                _ => to.serialize_str(digits),
            },
            Self::Text(text) => to.serialize_str(text),
            Self::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(members) => {
                let mut map = to.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}
