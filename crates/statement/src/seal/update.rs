//! Incremental updates: objects appended to a file, with a signature over all of it.

use super::Unsigned;
use crate::pdf::assemble::{pdf_date, seal_field};
use crate::pdf::{Dict, Id, Value, identifier, line_end, name, text, write_value};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Room for a byte range of four numbers up to ten digits.
const RANGE_ROOM: usize = 40;

/// What the trailer of an update says.
pub(crate) struct Trailer {
    pub(crate) root: Id,
    pub(crate) info: Id,
    /// One more than the highest object's number.
    pub(crate) size: Id,
    /// What the file is called by, since its beginning.
    pub(crate) identifier: Vec<u8>,
    /// Where the table before this one begins.
    pub(crate) previous: usize,
}

/// Appends objects to a file; one of them is a signature, with room for it.
pub(crate) struct Revision {
    bytes: Vec<u8>,
    places: BTreeMap<Id, usize>,
    range_at: usize,
    gap: (usize, usize),
}

impl Revision {
    /// Begins behind the end of a file.
    pub(crate) fn behind(file: &[u8]) -> Self {
        Self { bytes: file.to_vec(), places: BTreeMap::new(), range_at: 0, gap: (0, 0) }
    }

    fn begin(&mut self, id: Id) {
        self.places.insert(id, self.bytes.len());
        self.bytes.extend(format!("{id} 0 obj\n").bytes());
    }

    /// An object.
    pub(crate) fn object(&mut self, id: Id, value: impl Into<Value>) {
        self.begin(id);
        write_value(&mut self.bytes, &value.into());
        self.bytes.extend(b"\nendobj\n");
    }

    /// A stream, as it is.
    pub(crate) fn stream(&mut self, id: Id, data: &[u8]) {
        self.begin(id);
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        write_value(&mut self.bytes, &Dict::default().with("Length", length).into());
        self.bytes.extend(b"\nstream\n");
        self.bytes.extend(data);
        self.bytes.extend(line_end(data));
        self.bytes.extend(b"endstream\nendobj\n");
    }

    /// The signature, with `room` bytes for it.
    pub(crate) fn signature(&mut self, id: Id, dict: Dict, room: usize) {
        self.begin(id);
        write_value(&mut self.bytes, &dict.into());
        self.bytes.truncate(self.bytes.len() - 2);
        self.bytes.extend(b"/ByteRange ");
        self.range_at = self.bytes.len();
        self.bytes.extend([b' '; RANGE_ROOM]);
        self.bytes.extend(b"/Contents ");
        let start = self.bytes.len();
        self.bytes.push(b'<');
        self.bytes.extend(vec![b'0'; room * 2]);
        self.bytes.push(b'>');
        self.gap = (start, self.bytes.len());
        self.bytes.extend(b">>\nendobj\n");
    }

    /// Table and trailer; `state` names this state of the file.
    pub(crate) fn finish(self, trailer: Trailer, state: Vec<u8>) -> Update {
        let Self { mut bytes, places, range_at, gap } = self;
        let xref = bytes.len();
        bytes.extend(b"xref\n");
        for (id, at) in &places {
            bytes.extend(format!("{id} 1\n{at:010} 00000 n \n").bytes());
        }
        bytes.extend(b"trailer\n");
        let dict = Dict::default()
            .with("Size", i64::from(trailer.size))
            .with("Root", Value::Ref(trailer.root))
            .with("Info", Value::Ref(trailer.info))
            .with("ID", vec![Value::Bytes(trailer.identifier), Value::Bytes(state)])
            .with("Prev", i64::try_from(trailer.previous).unwrap_or(i64::MAX));
        write_value(&mut bytes, &dict.into());
        bytes.extend(format!("\nstartxref\n{xref}\n%%EOF\n").bytes());
        let (start, end) = gap;
        let range = format!("[0 {start} {end} {}]", bytes.len() - end);
        bytes[range_at..range_at + range.len()].copy_from_slice(range.as_bytes());
        Update { bytes, gap }
    }
}

/// The file with room for its signature.
pub(crate) struct Update {
    bytes: Vec<u8>,
    /// Where the hexadecimal signature begins (at its `<`) and where it has ended.
    gap: (usize, usize),
}

impl Update {
    /// Appends a seal with `room` bytes for its signature.
    pub(super) fn new(unsigned: &Unsigned, signer: &str, at: DateTime<Utc>, room: usize) -> Self {
        let layout = &unsigned.layout;
        let signature = layout.size;
        let date = pdf_date(at);
        let dict = Dict::new("Sig")
            .with("Filter", name("Adobe.PPKLite"))
            .with("SubFilter", name("ETSI.CAdES.detached"))
            .with("Name", text(signer))
            .with("M", text(&date));
        let field = seal_field(layout.first_page, layout.struct_parent, &layout.seal_words)
            .with("V", Value::Ref(signature));
        let mut revision = Revision::behind(&unsigned.bytes);
        revision.signature(signature, dict, room);
        revision.object(layout.widget, field);
        let trailer = Trailer {
            root: layout.root,
            info: layout.info,
            size: signature + 1,
            identifier: layout.identifier.clone(),
            previous: layout.xref,
        };
        let state = identifier(&[unsigned.sha256.as_slice(), date.as_bytes()].concat());
        revision.finish(trailer, state)
    }

    /// Where the signature stands, with its brackets.
    pub(crate) fn gap(&self) -> (usize, usize) {
        self.gap
    }

    /// The whole file, its signature still empty.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole file but the signature, in two parts.
    pub(crate) fn covered(&self) -> [&[u8]; 2] {
        let (start, end) = self.gap;
        [&self.bytes[..start], &self.bytes[end..]]
    }

    /// Puts the signature into its room; `None` when it is too long.
    pub(crate) fn fill(mut self, signature: &[u8]) -> Option<Vec<u8>> {
        let (start, end) = self.gap;
        let digits = hex::encode(signature);
        if digits.len() > end - start - 2 {
            return None;
        }
        self.bytes[start + 1..start + 1 + digits.len()].copy_from_slice(digits.as_bytes());
        Some(self.bytes)
    }
}
