//! Reading a tree of YAML: every refusal names the place and the line, and whatever nobody took
//! can be listed.

use super::left_out::{LeftOut, short, why};
use super::yaml::{Node, Value};
use crate::refusal::Refusal;
use std::collections::BTreeSet;

/// A value and its path.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
}

impl<'a> Place<'a> {
    pub(super) fn new(node: &'a Node, path: impl Into<String>) -> Self {
        Self { node, path: path.into() }
    }

    /// A refusal here.
    pub(super) fn refuse(&self, message: impl AsRef<str>) -> Refusal {
        self.refuse_key("", message)
    }

    /// A refusal at one of the keys that stand, or should stand, here.
    fn refuse_key(&self, key: &str, message: impl AsRef<str>) -> Refusal {
        let message = message.as_ref();
        let message = match self.node.line {
            0 => message.to_owned(),
            line => format!("{message} (line {line})"),
        };
        Refusal::new(under(&self.path, key), message)
    }

    /// That this was not carried over.
    pub(super) fn left(&self, why: &'static str) -> LeftOut {
        let what = match &self.node.value {
            Value::Plain(text) | Value::Quoted(text) => short(text),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(members) if members.is_empty() => "an empty mapping".to_owned(),
            Value::Map(members) => {
                let keys: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
                short(&format!("a mapping of {}", keys.join(", ")))
            }
        };
        let line = Some(self.node.line).filter(|line| *line > 0);
        LeftOut { path: self.path.clone(), line, what, why }
    }

    /// A scalar's text.
    pub(super) fn text(&self) -> Result<&'a str, Refusal> {
        self.node.text().ok_or_else(|| self.refuse("must be text, not a list or a mapping"))
    }

    pub(super) fn owned_text(&self) -> Result<String, Refusal> {
        self.text().map(ToOwned::to_owned)
    }

    pub(super) fn boolean(&self) -> Result<bool, Refusal> {
        self.word(&[
            ("true", true),
            ("True", true),
            ("TRUE", true),
            ("false", false),
            ("False", false),
            ("FALSE", false),
        ])
        .map_err(|_| self.refuse("must be true or false"))
    }

    /// A word out of a closed list.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Refusal> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(format!("{text:.40?} is none of: {}", known.join(", ")))
        })
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>, Refusal> {
        let Value::List(items) = &self.node.value else {
            return Err(self.refuse("must be a list"));
        };
        let place = |(i, node)| Self::new(node, format!("{}[{i}]", self.path));
        Ok(items.iter().enumerate().map(place).collect())
    }

    /// The keys of a mapping.
    pub(super) fn fields(&self) -> Result<Fields<'a>, Refusal> {
        let Value::Map(members) = &self.node.value else {
            return Err(self.refuse("must be a mapping of keys and values"));
        };
        Ok(Fields { place: self.clone(), members, asked: BTreeSet::new() })
    }
}

/// A mapping, of which keys are taken one by one.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    place: Place<'a>,
    members: &'a [(String, Node)],
    /// The keys that somebody asked for, whether they stand here or not.
    asked: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// A mapping that is not there: no key at this place.
    pub(super) fn none(place: &Place<'a>) -> Self {
        Self { place: place.clone(), members: &[], asked: BTreeSet::new() }
    }

    /// The value under a key, where there is one that is not null.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Place<'a>> {
        self.asked.insert(key);
        let (_, node) = self.members.iter().find(|(name, _)| name == key)?;
        (!node.is_null()).then(|| Place::new(node, under(&self.place.path, key)))
    }

    /// The value under a required key.
    pub(super) fn need(&mut self, key: &'static str) -> Result<Place<'a>, Refusal> {
        self.take(key).ok_or_else(|| self.refuse(key, "this key is required and missing"))
    }

    /// The text under an optional key.
    pub(super) fn take_text(&mut self, key: &'static str) -> Result<Option<String>, Refusal> {
        self.take(key).map(|place| place.owned_text()).transpose()
    }

    /// A refusal at one of its keys.
    pub(super) fn refuse(&self, key: &str, message: impl AsRef<str>) -> Refusal {
        self.place.refuse_key(key, message)
    }

    /// Whatever nobody took and is not null.
    pub(super) fn rest(self) -> Vec<LeftOut> {
        let left = |(key, node)| Place::new(node, under(&self.place.path, key)).left(why(key));
        self.untaken().filter(|(_, node)| !node.is_null()).map(left).collect()
    }

    /// Refuses whatever nobody took: here every key bears on the number. One without a value does,
    /// too: `{target: 0,99}` is a 0 and the key 99.
    pub(super) fn close(self) -> Result<(), Refusal> {
        let Some((key, node)) = self.untaken().next() else { return Ok(()) };
        let known: Vec<&str> = self.asked.iter().copied().collect();
        let message = format!("this key is not known; known: {}", known.join(", "));
        Err(Place::new(node, under(&self.place.path, key)).refuse(message))
    }

    fn untaken(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let members = self.members.iter().map(|(key, node)| (key.as_str(), node));
        members.filter(|(key, _)| !self.asked.contains(key))
    }
}

/// The path of a key: `spec.service`, and `labels["a b"]` for a key that is no word.
fn under(path: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    match (path, key) {
        (_, "") => path.to_owned(),
        ("", _) => key.to_owned(),
        _ if key.chars().all(plain) => format!("{path}.{key}"),
        _ => format!("{path}[{key:.60?}]"),
    }
}
