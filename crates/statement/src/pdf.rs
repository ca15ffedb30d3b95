//! PDF syntax: values, and a writer that gives the same bytes for the same objects. Everything is
//! written in one plain shape (a header, objects in order, one classic cross-reference table), so
//! that the reader in [`read`] can be as strict as the writer is.

pub(crate) mod assemble;
pub(crate) mod drawing;
pub(crate) mod read;
pub(crate) mod structure;
pub(crate) mod xmp;

use std::fmt::Write as _;

/// Number of an indirect object; its generation is always 0.
pub(crate) type Id = u32;

/// A PDF value. Numbers with a fraction are text: nothing here computes with them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Real(String),
    Name(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Dict(Dict),
    Ref(Id),
}

/// A dictionary; the order of its keys is the order in which they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dict(pub(crate) Vec<(String, Value)>);

impl Dict {
    pub(crate) fn new(type_name: &str) -> Self {
        Self::default().with("Type", name(type_name))
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.push((key.to_owned(), value.into()));
        self
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(have, _)| have == key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(have, _)| have == key).map(|(_, value)| value)
    }

    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn name(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Name(value)) => Some(value),
            _ => None,
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Dict> for Value {
    fn from(value: Dict) -> Self {
        Self::Dict(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Self::Array(value)
    }
}

/// A name: `/Type`.
pub(crate) fn name(text: &str) -> Value {
    Value::Name(text.to_owned())
}

/// A text string that people read: ASCII as it is, anything else as UTF-16 with its mark.
pub(crate) fn text(text: &str) -> Value {
    if text.is_ascii() {
        return Value::Bytes(text.as_bytes().to_vec());
    }
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Value::Bytes(bytes)
}

/// Integers as an array.
pub(crate) fn ints(values: &[i64]) -> Value {
    Value::Array(values.iter().map(|value| Value::Int(*value)).collect())
}

/// A length in thousandths of a point, as PDF writes it.
pub(crate) fn points(value: i32) -> String {
    let (sign, value) = if value < 0 { ("-", -i64::from(value)) } else { ("", i64::from(value)) };
    let (whole, part) = (value / 1000, value % 1000);
    if part == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{part:03}").trim_end_matches('0').to_owned()
}

/// Appends a value as PDF writes it.
pub(crate) fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(value) => out.extend(value.to_string().bytes()),
        Value::Int(value) => out.extend(value.to_string().bytes()),
        Value::Real(value) => out.extend(value.bytes()),
        Value::Name(value) => write_name(out, value),
        Value::Bytes(value) => write_bytes(out, value),
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                write_value(out, value);
            }
            out.push(b']');
        }
        Value::Dict(dict) => {
            out.extend(b"<<");
            for (key, value) in &dict.0 {
                write_name(out, key);
                out.push(b' ');
                write_value(out, value);
            }
            out.extend(b">>");
        }
        Value::Ref(id) => out.extend(format!("{id} 0 R").bytes()),
    }
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    out.push(b'/');
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte) {
            out.push(byte);
        } else {
            out.extend(format!("#{byte:02X}").bytes());
        }
    }
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        out.push(b'(');
        for byte in bytes {
            if b"()\\".contains(byte) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        out.push(b')');
    } else {
        out.push(b'<');
        out.extend(hex::encode_upper(bytes).bytes());
        out.push(b'>');
    }
}

/// What stands between a stream's data and its end. Behind a carriage return, a line feed alone could
/// be taken for the second half of a line's end, and the data for a byte shorter.
pub(crate) fn line_end(data: &[u8]) -> &'static [u8] {
    if data.ends_with(b"\r") { b"\r\n" } else { b"\n" }
}

/// Collects objects and writes them as one file.
pub(crate) struct Writer {
    objects: Vec<Option<Vec<u8>>>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { objects: Vec::new() }
    }

    /// A number for an object that is given later.
    pub(crate) fn reserve(&mut self) -> Id {
        self.objects.push(None);
        u32::try_from(self.objects.len()).unwrap_or(u32::MAX)
    }

    /// Gives a reserved object.
    pub(crate) fn set(&mut self, id: Id, value: &Value) {
        let mut bytes = Vec::new();
        write_value(&mut bytes, value);
        self.put(id, bytes);
    }

    /// Adds an object.
    pub(crate) fn add(&mut self, value: impl Into<Value>) -> Id {
        let id = self.reserve();
        self.set(id, &value.into());
        id
    }

    /// Adds a stream, compressed. The encoder is named here rather than left to a feature of some
    /// other crate: the bytes depend on it.
    pub(crate) fn add_stream(&mut self, dict: Dict, data: &[u8]) -> Id {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(data, 3);
        self.add_raw_stream(dict.with("Filter", name("FlateDecode")), &packed)
    }

    /// Adds a stream as it is.
    pub(crate) fn add_raw_stream(&mut self, dict: Dict, data: &[u8]) -> Id {
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        let mut bytes = Vec::new();
        write_value(&mut bytes, &dict.with("Length", length).into());
        bytes.extend(b"\nstream\n");
        bytes.extend(data);
        bytes.extend(line_end(data));
        bytes.extend(b"endstream");
        let id = self.reserve();
        self.put(id, bytes);
        id
    }

    fn put(&mut self, id: Id, bytes: Vec<u8>) {
        if let Some(slot) = self.objects.get_mut(index(id)) {
            *slot = Some(bytes);
        }
    }

    /// The whole file. Its identifier is made of a hash of all that stands before the
    /// cross-reference table: no clock, no counter.
    pub(crate) fn finish(self, root: Id, info: Id) -> (Vec<u8>, End) {
        let mut out = HEADER.to_vec();
        let mut table = String::new();
        for (at, object) in self.objects.iter().enumerate() {
            let offset = out.len();
            let _ = writeln!(table, "{offset:010} 00000 n ");
            out.extend(format!("{} 0 obj\n", at + 1).bytes());
            out.extend(object.as_deref().unwrap_or(b"null"));
            out.extend(b"\nendobj\n");
        }
        let identifier = identifier(&out);
        let start = out.len();
        let size = self.objects.len() + 1;
        out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n").bytes());
        let trailer = Dict::default()
            .with("Size", i64::try_from(size).unwrap_or(i64::MAX))
            .with("Root", Value::Ref(root))
            .with("Info", Value::Ref(info))
            .with("ID", vec![Value::Bytes(identifier.clone()), Value::Bytes(identifier.clone())]);
        write_value(&mut out, &trailer.into());
        out.extend(format!("\nstartxref\n{start}\n%%EOF\n").bytes());
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        (out, End { size, xref: start, identifier })
    }
}

/// How a file ends: what an update that follows has to know.
pub(crate) struct End {
    /// One more than the highest object's number.
    pub(crate) size: u32,
    /// Where the cross-reference table begins.
    pub(crate) xref: usize,
    /// What the file is called by.
    pub(crate) identifier: Vec<u8>,
}

/// The first line of every file, and a line of bytes that says "binary" to whoever copies it.
pub(crate) const HEADER: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";

/// Sixteen bytes that name a file by what it holds.
pub(crate) fn identifier(body: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(body)[..16].to_vec()
}

fn index(id: Id) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::read::File;
    use super::*;

    #[test]
    fn data_that_ends_in_a_carriage_return_is_as_long_as_it_says() {
        for data in [b"abc\r".as_slice(), b"abc\n", b"abc", b"\r"] {
            let mut writer = Writer::new();
            let stream = writer.add_raw_stream(Dict::default(), data);
            let root = writer.add(Dict::new("Catalog").with("Data", Value::Ref(stream)));
            let (bytes, _) = writer.finish(root, root);
            // As other readers look for it: what stands before the last line's end.
            let start = bytes.windows(7).position(|part| part == b"stream\n").unwrap() + 7;
            let end = bytes.windows(9).position(|part| part == b"endstream").unwrap();
            let found = &bytes[start..end];
            let found = found.strip_suffix(b"\r\n").or_else(|| found.strip_suffix(b"\n"));
            assert_eq!(found, Some(data));
            assert!(File::read(&bytes).is_ok());
        }
    }
}
