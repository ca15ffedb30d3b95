//! A strict reader for the shape that [`super::Writer`] writes. Whatever is not in that shape is
//! refused: two readings of one file are what forgers of PDFs live on. It trusts no length, no
//! offset and no count, and never recurses deeper than [`DEPTH`].

use super::{Dict, HEADER, Id, Value};
use std::collections::BTreeMap;

/// How deep values may nest.
const DEPTH: usize = 32;
/// How many revisions are followed.
const REVISIONS: usize = 16;
/// The largest file that is read.
const FILE_LIMIT: usize = 64 << 20;
/// The largest stream that is unpacked.
const STREAM_LIMIT: usize = 32 << 20;
/// How many objects a file may have.
const OBJECT_LIMIT: usize = 200_000;

/// One revision: what stands from the end of the one before to its own `%%EOF`.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) trailer: Dict,
    /// Where its cross-reference table begins.
    pub(crate) xref: usize,
    /// Just behind its `%%EOF` and line break.
    pub(crate) end: usize,
    objects: BTreeMap<Id, usize>,
}

/// A file taken apart. Revisions stand oldest first.
#[derive(Debug)]
pub(crate) struct File<'a> {
    bytes: &'a [u8],
    pub(crate) revisions: Vec<Revision>,
}

/// An indirect object: a value, and its data where it is a stream.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    pub(crate) value: Value,
    pub(crate) data: Option<&'a [u8]>,
    /// Just behind its `endobj` and line break.
    end: usize,
}

impl<'a> File<'a> {
    /// Takes a file apart.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        if bytes.len() > FILE_LIMIT {
            return Err(format!("it is larger than {} MB", FILE_LIMIT >> 20));
        }
        if !bytes.starts_with(HEADER) {
            return Err("it does not begin as a statement does".into());
        }
        let mut revisions = Vec::new();
        let mut next = Some(last_table(bytes)?);
        while let Some(xref) = next {
            if revisions.len() == REVISIONS {
                return Err(format!("it has more than {REVISIONS} revisions"));
            }
            let revision = read_revision(bytes, xref)?;
            next = match revision.trailer.get("Prev") {
                None => None,
                Some(Value::Int(before)) => Some(
                    usize::try_from(*before)
                        .ok()
                        .filter(|before| *before < xref)
                        .ok_or("its revisions do not follow one another")?,
                ),
                Some(_) => return Err("its revisions do not follow one another".into()),
            };
            revisions.push(revision);
        }
        revisions.reverse();
        let file = Self { bytes, revisions };
        file.check_gaps()?;
        Ok(file)
    }

    /// Every byte belongs to an object, a table or a trailer: nothing is hidden between them.
    fn check_gaps(&self) -> Result<(), String> {
        let mut at = HEADER.len();
        for revision in &self.revisions {
            let mut places: Vec<(usize, Id)> =
                revision.objects.iter().map(|(id, offset)| (*offset, *id)).collect();
            places.sort_unstable();
            for (offset, id) in places {
                if offset != at {
                    return Err(format!("there are stray bytes before object {id}"));
                }
                at = self.object_at(id, offset)?.end;
            }
            if revision.xref != at {
                return Err("there are stray bytes before a cross-reference table".into());
            }
            at = revision.end;
        }
        if at == self.bytes.len() { Ok(()) } else { Err("there are bytes behind its end".into()) }
    }

    /// The newest state of an object.
    pub(crate) fn object(&self, id: Id) -> Result<Object<'a>, String> {
        let mut newest = self.revisions.iter().rev();
        let offset = newest
            .find_map(|revision| revision.objects.get(&id).copied())
            .ok_or_else(|| format!("object {id} is missing"))?;
        self.object_at(id, offset)
    }

    fn object_at(&self, id: Id, offset: usize) -> Result<Object<'a>, String> {
        let mut lexer = Lexer { bytes: self.bytes, at: offset };
        let broken = || format!("object {id} is broken");
        lexer.expect(format!("{id} 0 obj\n").as_bytes()).ok_or_else(broken)?;
        let value = lexer.value(DEPTH).ok_or_else(broken)?;
        let mut data = None;
        if lexer.expect(b"\nstream\n").is_some() {
            let length = match &value {
                Value::Dict(dict) => dict.int("Length").and_then(|n| usize::try_from(n).ok()),
                _ => None,
            };
            let end = length.and_then(|length| lexer.at.checked_add(length)).ok_or_else(broken)?;
            let found = self.bytes.get(lexer.at..end).ok_or_else(broken)?;
            data = Some(found);
            lexer.at = end;
            lexer.expect(super::line_end(found)).ok_or_else(broken)?;
            lexer.expect(b"endstream").ok_or_else(broken)?;
        }
        lexer.expect(b"\nendobj\n").or_else(|| lexer.expect(b"endobj\n")).ok_or_else(broken)?;
        Ok(Object { value, data, end: lexer.at })
    }

    /// The trailer that holds.
    pub(crate) fn trailer(&self) -> Result<&Dict, String> {
        let newest = self.revisions.last().ok_or("it has no trailer")?;
        Ok(&newest.trailer)
    }

    /// A dictionary, directly or by reference.
    pub(crate) fn dict(&self, value: Option<&Value>, what: &str) -> Result<Dict, String> {
        match value {
            Some(Value::Dict(dict)) => Ok(dict.clone()),
            Some(Value::Ref(id)) => match self.object(*id)?.value {
                Value::Dict(dict) => Ok(dict),
                _ => Err(format!("{what} is not a dictionary")),
            },
            _ => Err(format!("{what} is missing")),
        }
    }

    /// A stream's data, unpacked, by reference.
    pub(crate) fn stream(&self, value: Option<&Value>, what: &str) -> Result<Vec<u8>, String> {
        let Some(Value::Ref(id)) = value else {
            return Err(format!("{what} is missing"));
        };
        let object = self.object(*id)?;
        let (Value::Dict(dict), Some(data)) = (&object.value, object.data) else {
            return Err(format!("{what} is not a stream"));
        };
        match dict.get("Filter") {
            None => Ok(data.to_vec()),
            Some(Value::Name(filter)) if filter == "FlateDecode" => {
                miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, STREAM_LIMIT)
                    .map_err(|_| format!("{what} can't be unpacked, or is too large"))
            }
            Some(_) => Err(format!("{what} is packed in a way that statements do not use")),
        }
    }
}

/// Where the last cross-reference table begins, as the end of the file says.
fn last_table(bytes: &[u8]) -> Result<usize, String> {
    let named = || "it does not end as a PDF does: it is cut off, or something follows".to_owned();
    let body = bytes.strip_suffix(b"\n%%EOF\n").ok_or_else(named)?;
    let line = body.iter().rposition(|byte| *byte == b'\n').ok_or_else(named)?;
    if !body[..line].ends_with(b"\nstartxref") {
        return Err(named());
    }
    digits(&body[line + 1..]).ok_or_else(named)
}

fn digits(text: &[u8]) -> Option<usize> {
    if text.is_empty() || text.len() > 10 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn read_revision(bytes: &[u8], xref: usize) -> Result<Revision, String> {
    let broken = || "a cross-reference table is broken".to_owned();
    let mut lexer = Lexer { bytes, at: xref };
    lexer.expect(b"xref\n").ok_or_else(broken)?;
    let mut objects = BTreeMap::new();
    while lexer.expect(b"trailer\n").is_none() {
        let first = lexer.number(b' ').ok_or_else(broken)?;
        let count = lexer.number(b'\n').ok_or_else(broken)?;
        if count == 0 || count > OBJECT_LIMIT || objects.len() + count > OBJECT_LIMIT {
            return Err(broken());
        }
        for number in first..first.checked_add(count).ok_or_else(broken)? {
            let entry = lexer.take(20).ok_or_else(broken)?;
            let id = Id::try_from(number).map_err(|_| broken())?;
            if entry == b"0000000000 65535 f \n" && id == 0 {
                continue;
            }
            let offset = digits(&entry[..10]).filter(|_| &entry[10..] == b" 00000 n \n");
            let offset = offset.filter(|offset| *offset < xref).ok_or_else(broken)?;
            if id == 0 || objects.insert(id, offset).is_some() {
                return Err(broken());
            }
        }
    }
    let Some(Value::Dict(trailer)) = lexer.value(DEPTH) else {
        return Err("a trailer is broken".into());
    };
    lexer
        .expect(format!("\nstartxref\n{xref}\n%%EOF\n").as_bytes())
        .ok_or("a trailer does not end as it should")?;
    Ok(Revision { trailer, xref, end: lexer.at, objects })
}

/// Reads values one after the other.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn expect(&mut self, text: &[u8]) -> Option<()> {
        if self.bytes.get(self.at..)?.starts_with(text) {
            self.at += text.len();
            return Some(());
        }
        None
    }

    /// Digits up to this end, which is passed over.
    fn number(&mut self, end: u8) -> Option<usize> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().take(11).position(|byte| *byte == end)?;
        let value = digits(&rest[..length])?;
        self.at += length + 1;
        Some(value)
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(|byte| b" \n".contains(&byte)) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.spaces();
        match self.peek()? {
            b'/' => self.name().map(Value::Name),
            b'(' => self.literal(),
            b'[' => {
                self.at += 1;
                let mut values = Vec::new();
                loop {
                    self.spaces();
                    if self.expect(b"]").is_some() {
                        return Some(Value::Array(values));
                    }
                    values.push(self.value(depth)?);
                }
            }
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => self.dict(depth),
            b'<' => self.hexadecimal(),
            b't' => self.expect(b"true").map(|()| Value::Bool(true)),
            b'f' => self.expect(b"false").map(|()| Value::Bool(false)),
            b'n' => self.expect(b"null").map(|()| Value::Null),
            b'-' | b'0'..=b'9' => self.numeric(),
            _ => None,
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.expect(b"<<")?;
        let mut dict = Dict::default();
        loop {
            self.spaces();
            if self.expect(b">>").is_some() {
                return Some(Value::Dict(dict));
            }
            let key = self.name()?;
            if dict.get(&key).is_some() {
                return None;
            }
            let value = self.value(depth)?;
            dict.0.push((key, value));
        }
    }

    fn name(&mut self) -> Option<String> {
        self.expect(b"/")?;
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek() {
            if byte == b'#' {
                let code = self.bytes.get(self.at + 1..self.at + 3)?;
                bytes.extend(hex::decode(code).ok()?);
                self.at += 3;
            } else if byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte) {
                bytes.push(byte);
                self.at += 1;
            } else {
                break;
            }
        }
        String::from_utf8(bytes).ok()
    }

    fn literal(&mut self) -> Option<Value> {
        self.expect(b"(")?;
        let mut bytes = Vec::new();
        loop {
            match self.take(1)?[0] {
                b')' => return Some(Value::Bytes(bytes)),
                b'\\' => bytes.push(self.take(1)?[0]),
                b'(' => return None,
                byte => bytes.push(byte),
            }
        }
    }

    fn hexadecimal(&mut self) -> Option<Value> {
        self.expect(b"<")?;
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| *byte == b'>')?;
        let bytes = hex::decode(&rest[..length]).ok()?;
        self.at += length + 1;
        Some(Value::Bytes(bytes))
    }

    /// A number, or a reference.
    fn numeric(&mut self) -> Option<Value> {
        let start = self.at;
        while self.peek().is_some_and(|byte| b"-.0123456789".contains(&byte)) {
            self.at += 1;
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        if text.contains('.') {
            return Some(Value::Real(text.to_owned()));
        }
        let value: i64 = text.parse().ok()?;
        if self.expect(b" 0 R").is_some() {
            return Id::try_from(value).ok().map(Value::Ref);
        }
        Some(Value::Int(value))
    }
}
