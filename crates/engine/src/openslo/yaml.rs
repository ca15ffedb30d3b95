//! YAML as a tree that keeps the text of every scalar and the line it stands in: no number ever
//! passes through floating point.
//!
//! Read strictly: an alias, a tag and a key that stands twice are refused, so a document holds
//! nothing but what one sees in it, and a few lines can't unfold into gigabytes.

use crate::json::Json;
use crate::refusal::Refusal;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::BTreeSet;

mod write;

pub(super) use write::documents as write;

/// Far more than any set of objectives; what is larger is something else.
const BYTES_MAX: usize = 8 * 1024 * 1024;
const DEPTH_MAX: usize = 64;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    /// Its first line or, of a value, that of its key; from 1. 0 where it does not come from a text.
    pub(super) line: usize,
    /// What stands there.
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Debug)]
pub(super) enum Value {
    /// A scalar without quotation marks: text, a number, a boolean or nothing.
    Plain(String),
    /// A scalar in quotation marks or as a block: text.
    Quoted(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order in which it was written.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Whether nothing stands here.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Plain(text)
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(text) | Value::Quoted(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The node as a tree of JSON. A number that JSON would write otherwise (`.5`) becomes text.
    pub(super) fn json(&self) -> Json {
        match &self.value {
            _ if self.is_null() => Json::Null,
            Value::Plain(text) => match (text.as_str(), Json::parse(text.as_bytes())) {
                ("True" | "TRUE", _) => Json::Bool(true),
                ("False" | "FALSE", _) => Json::Bool(false),
                (_, Ok(scalar @ (Json::Bool(_) | Json::Number(_)))) => scalar,
                _ => Json::text(text),
            },
            Value::Quoted(text) => Json::text(text),
            Value::List(items) => Json::List(items.iter().map(Self::json).collect()),
            Value::Map(members) => {
                Json::Object(members.iter().map(|(key, node)| (key.clone(), node.json())).collect())
            }
        }
    }

    /// A tree of JSON as a node, without lines.
    pub(super) fn of(json: &Json) -> Self {
        let value = match json {
            Json::Null => Value::Plain("null".to_owned()),
            Json::Bool(value) => Value::Plain(value.to_string()),
            Json::Number(digits) => Value::Plain(digits.clone()),
            Json::Text(text) => Value::Quoted(text.clone()),
            Json::List(items) => Value::List(items.iter().map(Self::of).collect()),
            Json::Object(members) => Value::Map(
                members.iter().map(|(key, json)| (key.clone(), Self::of(json))).collect(),
            ),
        };
        Self { line: 0, value }
    }
}

/// The documents of a text, in order.
///
/// # Errors
/// A [`Refusal`] whose path is the line and column.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Refusal> {
    if text.len() > BYTES_MAX {
        let message = "the text is larger than 8 MiB; read it in parts";
        return Err(Refusal::new("line 1, column 1", message));
    }
    let mut tree = Tree::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            refuse(*error.marker(), &format!("this is not YAML: {}", error.info()))
        })?;
        tree.take(event, span.start)?;
    }
    Ok(tree.documents)
}

fn refuse(at: Marker, message: &str) -> Refusal {
    Refusal::new(format!("line {}, column {}", at.line(), at.col() + 1), message)
}

/// Documents that are done, and what is still open in the one that is being read.
#[derive(Default)]
struct Tree {
    documents: Vec<Node>,
    open: Vec<Open>,
}

enum Open {
    List {
        line: usize,
        items: Vec<Node>,
    },
    Map {
        line: usize,
        members: Vec<(String, Node)>,
        keys: BTreeSet<String>,
        /// The key that waits for its value, and its line.
        key: Option<(String, usize)>,
    },
}

impl Tree {
    fn take(&mut self, event: Event, at: Marker) -> Result<(), Refusal> {
        let line = at.line();
        let tagged = matches!(
            event,
            Event::Scalar(_, _, _, Some(_))
                | Event::SequenceStart(_, Some(_))
                | Event::MappingStart(_, Some(_))
        );
        if tagged {
            return Err(refuse(at, "a tag stands here; delete it and write the value as it is"));
        }
        match event {
            Event::Alias(_) => {
                let message = "an alias stands here; write out what it stands for";
                Err(refuse(at, message))
            }
            Event::Scalar(text, style, _, _) => {
                if text.contains('\0') {
                    return Err(refuse(at, "the text holds a zero character; delete it"));
                }
                let text = text.into_owned();
                let value = match style {
                    ScalarStyle::Plain => Value::Plain(text),
                    _ => Value::Quoted(text),
                };
                self.done(Node { line, value }, at)
            }
            Event::SequenceStart(..) => self.open(at, Open::List { line, items: Vec::new() }),
            Event::MappingStart(..) => {
                let (members, keys) = (Vec::new(), BTreeSet::new());
                self.open(at, Open::Map { line, members, keys, key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { line, items }) => {
                    self.done(Node { line, value: Value::List(items) }, at)
                }
                Some(Open::Map { line, members, .. }) => {
                    self.done(Node { line, value: Value::Map(members) }, at)
                }
                None => Ok(()),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(&mut self, at: Marker, open: Open) -> Result<(), Refusal> {
        if self.open.len() >= DEPTH_MAX {
            return Err(refuse(at, "it is nested more than 64 levels deep"));
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a node that is complete where it belongs.
    fn done(&mut self, node: Node, at: Marker) -> Result<(), Refusal> {
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { members, keys, key, .. }) => match key.take() {
                Some((name, line)) => members.push((name, Node { line, ..node })),
                None => {
                    let Some(name) = node.text() else {
                        return Err(refuse(at, "a key must be text, not a list or a mapping"));
                    };
                    if !keys.insert(name.to_owned()) {
                        return Err(refuse(at, &format!("the key {name:.40?} stands twice here")));
                    }
                    *key = Some((name.to_owned(), node.line));
                }
            },
        }
        Ok(())
    }
}
