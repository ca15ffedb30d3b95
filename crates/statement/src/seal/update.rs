//! The incremental update that seals a file: a signature's dictionary and the field that shows it.

use super::Unsigned;
use crate::pdf::assemble::{pdf_date, seal_field};
use crate::pdf::{Dict, Value, identifier, name, text, write_value};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Room for a byte range of four numbers up to ten digits.
const RANGE_ROOM: usize = 40;

/// The file with room for its signature.
pub(super) struct Update {
    bytes: Vec<u8>,
    /// Where the hexadecimal signature begins (at its `<`) and where it has ended.
    gap: (usize, usize),
}

impl Update {
    /// Appends a seal with `room` bytes for its signature.
    pub(super) fn new(unsigned: &Unsigned, signer: &str, at: DateTime<Utc>, room: usize) -> Self {
        let layout = &unsigned.layout;
        let mut bytes = unsigned.bytes.clone();
        let signature = layout.size;
        let signature_at = bytes.len();
        let date = pdf_date(at);
        bytes.extend(format!("{signature} 0 obj\n").bytes());
        let dict = Dict::new("Sig")
            .with("Filter", name("Adobe.PPKLite"))
            .with("SubFilter", name("ETSI.CAdES.detached"))
            .with("Name", text(signer))
            .with("M", text(&date));
        write_value(&mut bytes, &dict.into());
        bytes.truncate(bytes.len() - 2);
        bytes.extend(b"/ByteRange ");
        let range_at = bytes.len();
        bytes.extend([b' '; RANGE_ROOM]);
        bytes.extend(b"/Contents ");
        let start = bytes.len();
        bytes.push(b'<');
        bytes.extend(vec![b'0'; room * 2]);
        bytes.push(b'>');
        let end = bytes.len();
        bytes.extend(b">>\nendobj\n");

        let widget_at = bytes.len();
        let field = seal_field(layout.first_page, layout.struct_parent, &layout.seal_words)
            .with("V", Value::Ref(signature));
        bytes.extend(format!("{} 0 obj\n", layout.widget).bytes());
        write_value(&mut bytes, &field.into());
        bytes.extend(b"\nendobj\n");

        let xref = bytes.len();
        let table = format!(
            "xref\n{} 1\n{widget_at:010} 00000 n \n{signature} 1\n{signature_at:010} 00000 n \n",
            layout.widget
        );
        bytes.extend(table.bytes());
        bytes.extend(b"trailer\n");
        let state = identifier(&[unsigned.sha256.as_slice(), date.as_bytes()].concat());
        let trailer = Dict::default()
            .with("Size", i64::from(signature) + 1)
            .with("Root", Value::Ref(layout.root))
            .with("Info", Value::Ref(layout.info))
            .with("ID", vec![Value::Bytes(layout.identifier.clone()), Value::Bytes(state)])
            .with("Prev", i64::try_from(layout.xref).unwrap_or(i64::MAX));
        write_value(&mut bytes, &trailer.into());
        bytes.extend(format!("\nstartxref\n{xref}\n%%EOF\n").bytes());
        let range = format!("[0 {start} {end} {}]", bytes.len() - end);
        bytes[range_at..range_at + range.len()].copy_from_slice(range.as_bytes());
        Self { bytes, gap: (start, end) }
    }

    /// SHA-256 of the whole file but the signature.
    pub(super) fn hash(&self) -> [u8; 32] {
        let (start, end) = self.gap;
        Sha256::new()
            .chain_update(&self.bytes[..start])
            .chain_update(&self.bytes[end..])
            .finalize()
            .into()
    }

    /// Puts the signature into its room.
    pub(super) fn fill(mut self, signature: &[u8]) -> Result<Vec<u8>, &'static str> {
        let (start, end) = self.gap;
        let digits = hex::encode(signature);
        if digits.len() > end - start - 2 {
            return Err("its chain of certificates is too long to be sealed with");
        }
        self.bytes[start + 1..start + 1 + digits.len()].copy_from_slice(digits.as_bytes());
        Ok(self.bytes)
    }
}
