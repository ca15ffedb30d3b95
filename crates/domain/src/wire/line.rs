//! How a frame is written as a line.
//!
//! Since version 3 a change leaves out what is said already: its `seq` where that is one more than
//! the last change's, its `key` where the row begins with it as its `id`, and then its `customer` as
//! well where that is what follows in the row, or where neither names one. Ids are random, so that
//! saying them twice costs a quarter of a packed page.

use super::{Body, Change, Entity, Frame};
use crate::id::CustomerId;
use serde::{Deserialize, Deserializer, Serialize};

/// The version of the wire that first left out what is said already.
const SHORT: u32 = 3;

/// Writes the frames of an answer.
#[derive(Debug)]
pub struct LineWriter {
    short: bool,
    seq: Option<i64>,
}

impl LineWriter {
    /// For who speaks this version of the wire.
    #[must_use]
    pub fn new(wire: u32) -> Self {
        Self { short: wire >= SHORT, seq: None }
    }

    /// Adds a frame as one line.
    ///
    /// # Errors
    /// A row that does not become JSON; what stands in `lines` is of no use then.
    pub fn write(&mut self, frame: &Frame, lines: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match frame {
            Frame::Change(change) if self.short => {
                let next = self.seq.and_then(|seq| seq.checked_add(1));
                self.seq = Some(change.seq);
                serde_json::to_writer(&mut *lines, &Short::of(change, next))?;
            }
            frame => serde_json::to_writer(&mut *lines, frame)?,
        }
        lines.push(b'\n');
        Ok(())
    }
}

#[derive(Serialize)]
struct Short<'a> {
    frame: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    entity: Entity,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Option<CustomerId>>,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'a Body>,
}

impl<'a> Short<'a> {
    /// A change that would have the position `next` where it did not say so.
    fn of(change: &'a Change, next: Option<i64>) -> Self {
        let head = change.row.as_ref().and_then(Head::of);
        let head = head.filter(|head| head.id == change.key);
        let understood = head.as_ref().and_then(|head| head.customer);
        Self {
            frame: Kind::Change,
            seq: Some(change.seq).filter(|seq| next != Some(*seq)),
            entity: change.entity,
            key: if head.is_some() { None } else { Some(&change.key) },
            customer: Some(change.customer).filter(|customer| *customer != understood),
            version: change.version,
            row: change.row.as_ref(),
        }
    }
}

/// What a row begins with.
struct Head<'a> {
    id: &'a str,
    customer: Option<CustomerId>,
}

impl<'a> Head<'a> {
    /// `None` where a row does not begin with its id as central writes it.
    fn of(row: &'a Body) -> Option<Self> {
        let (id, rest) = row.text().strip_prefix("{\"id\":\"")?.split_once('"')?;
        let customer = rest.strip_prefix(",\"customer\":\"").and_then(|rest| rest.split_once('"'));
        let customer = customer.and_then(|(text, _)| text.parse().ok());
        // An id with an escape in it is not what it looks like.
        (!id.contains('\\')).then_some(Self { id, customer })
    }
}

/// Reads the lines of an answer.
#[derive(Debug, Default)]
pub struct LineReader {
    seq: Option<i64>,
}

impl LineReader {
    /// Reads the next line, with or without its end.
    ///
    /// # Errors
    /// What is no frame, or lacks something that is not said elsewhere.
    pub fn read(&mut self, line: &[u8]) -> Result<Frame, serde_json::Error> {
        let line: Line = serde_json::from_slice(line)?;
        line.frame(&mut self.seq)
            .map_err(|what| serde::de::Error::custom(format_args!("a frame lacks its {what}")))
    }
}

/// A frame as it is read: serde would read a tagged enum's content into values of its own first.
#[derive(Deserialize)]
struct Line {
    frame: Kind,
    rows: Option<usize>,
    seq: Option<i64>,
    entity: Option<Entity>,
    key: Option<String>,
    #[serde(default, deserialize_with = "said")]
    customer: Option<Option<CustomerId>>,
    version: Option<i64>,
    row: Option<Body>,
    cursor: Option<String>,
    more: Option<bool>,
    now: Option<i64>,
}

/// Tells null, which says that there is none, from nothing said.
fn said<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Page,
    Change,
    End,
}

impl Line {
    /// What it says, after a change at `seq`; or what it lacks.
    fn frame(self, seq: &mut Option<i64>) -> Result<Frame, &'static str> {
        Ok(match self.frame {
            Kind::Page => Frame::Page { rows: self.rows.ok_or("rows")? },
            Kind::Change => {
                let next = || seq.and_then(|seq| seq.checked_add(1));
                let at = self.seq.or_else(next).ok_or("seq")?;
                *seq = Some(at);
                let (key, understood) = match (self.key, self.row.as_ref().and_then(Head::of)) {
                    (Some(key), _) => (key, None),
                    (None, Some(head)) => (head.id.to_owned(), head.customer),
                    (None, None) => return Err("key"),
                };
                Frame::Change(Change {
                    seq: at,
                    entity: self.entity.ok_or("entity")?,
                    key,
                    customer: self.customer.unwrap_or(understood),
                    version: self.version.ok_or("version")?,
                    row: self.row,
                })
            }
            Kind::End => Frame::End {
                cursor: self.cursor.ok_or("cursor")?,
                more: self.more.ok_or("more")?,
                now: self.now.ok_or("now")?,
            },
        })
    }
}
