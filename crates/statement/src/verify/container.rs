//! The file around the statement: one seal over all of it, nothing before, after or between.

use super::Checks;
use crate::pdf::assemble::SEAL_FIELD;
use crate::pdf::read::File;
use crate::pdf::{Dict, Value, identifier};
use crate::seal::cms::Signature;
use chrono::{DateTime, NaiveDateTime, Utc};
use sha2::{Digest, Sha256};

/// A file whose shape is right, and its seal's dictionary.
pub(super) struct Container<'a> {
    bytes: &'a [u8],
    pub(super) file: File<'a>,
    seal: Option<Dict>,
    pub(super) sealed_at: Option<DateTime<Utc>>,
    pub(super) unsigned_sha256: Option<String>,
}

/// Takes the file apart; `None` when its shape is not a statement's.
pub(super) fn open<'a>(bytes: &'a [u8], checks: &mut Checks) -> Option<Container<'a>> {
    const NAME: &str = "The file is a PDF as statements are written";
    let file = match File::read(bytes) {
        Ok(file) => file,
        Err(reason) => {
            checks.add("format", NAME, Err(reason));
            return None;
        }
    };
    checks.add("format", NAME, Ok("every byte belongs to an object or a table".into()));
    let seal = find_seal(&file);
    let seal_found = seal.as_ref().map(|_| "one field, sealed".to_owned()).map_err(Clone::clone);
    checks.add("seal", "It carries exactly one seal", seal_found);
    let unsigned = file.revisions.first().map(|first| &bytes[..first.end]);
    let container = Container {
        bytes,
        sealed_at: seal.as_ref().ok().and_then(sealing_time),
        seal: seal.ok(),
        unsigned_sha256: unsigned.map(|part| hex::encode(Sha256::digest(part))),
        file,
    };
    checks.add("revisions", "Nothing was added after sealing", container.check_revisions());
    checks.add("unsigned_part", "The part before the seal is whole", container.check_identifier());
    Some(container)
}

/// The dictionary of the one seal.
fn find_seal(file: &File<'_>) -> Result<Dict, String> {
    let root = file.dict(file.trailer()?.get("Root"), "the catalog")?;
    let form = file.dict(root.get("AcroForm"), "the form")?;
    let Some(Value::Array(fields)) = form.get("Fields") else {
        return Err("it has no seal field".into());
    };
    let [field] = fields.as_slice() else {
        return Err(format!("it has {} fields instead of one", fields.len()));
    };
    let field = file.dict(Some(field), "the seal field")?;
    let named = field.get("T") == Some(&Value::Bytes(SEAL_FIELD.as_bytes().to_vec()));
    if field.name("FT") != Some("Sig") || !named {
        return Err("its field is not the seal".into());
    }
    if field.get("V").is_none() {
        return Err("it is not sealed: it is a draft".into());
    }
    let seal = file.dict(field.get("V"), "the seal")?;
    if seal.name("Filter") != Some("Adobe.PPKLite")
        || seal.name("SubFilter") != Some("ETSI.CAdES.detached")
    {
        return Err("its seal is not a PAdES signature".into());
    }
    Ok(seal)
}

fn sealing_time(seal: &Dict) -> Option<DateTime<Utc>> {
    let Some(Value::Bytes(text)) = seal.get("M") else {
        return None;
    };
    let text = std::str::from_utf8(text).ok()?;
    NaiveDateTime::parse_from_str(text, "D:%Y%m%d%H%M%SZ").ok().map(|time| time.and_utc())
}

impl Container<'_> {
    fn check_revisions(&self) -> Result<String, String> {
        match self.file.revisions.len() {
            1 => Err("there is no seal to add to".into()),
            2 => Ok("the seal is the last thing in the file".into()),
            n => Err(format!("{} revisions were appended to the sealed statement", n - 2)),
        }
    }

    /// The identifier that a statement bears is the hash of its own body.
    fn check_identifier(&self) -> Result<String, String> {
        let first = self.file.revisions.first().ok_or("it has no body")?;
        let expected = Value::Bytes(identifier(&self.bytes[..first.xref]));
        let stated = |trailer: &Dict| match trailer.get("ID") {
            Some(Value::Array(ids)) => ids.first().cloned(),
            _ => None,
        };
        let same = |trailer| stated(trailer).as_ref() == Some(&expected);
        if self.file.revisions.iter().all(|revision| same(&revision.trailer)) {
            return Ok(format!("its identifier fits; SHA-256 {}", {
                self.unsigned_sha256.as_deref().unwrap_or_default()
            }));
        }
        Err("its identifier does not fit its content: it was changed before the seal".into())
    }

    /// Checks that the seal covers the whole file and that its bytes are those that were sealed.
    pub(super) fn check_signature(&self, checks: &mut Checks) -> Option<Signature> {
        let seal = self.seal.as_ref()?;
        let gap = self.find_gap(seal);
        let covered = gap.as_ref().map(|_| "all bytes but the signature itself".to_owned());
        checks.add("coverage", "The seal covers the whole file", covered.map_err(Clone::clone));
        let (start, end) = gap.ok()?;
        let signature = match self.read_signature(start, end) {
            Ok(signature) => signature,
            Err(reason) => {
                checks.add("signature", "The seal is genuine", Err(reason));
                return None;
            }
        };
        let parts = [&self.bytes[..start], &self.bytes[end..]];
        let digest = signature.covers(&parts).map(|hash| format!("{hash} of the file fits"));
        checks.add("digest", "The file is unchanged since sealing", digest);
        checks.add("signature", "The seal is genuine", signature.is_genuine());
        Some(signature)
    }

    /// Where the signature stands, once it is sure that all else is covered.
    fn find_gap(&self, seal: &Dict) -> Result<(usize, usize), String> {
        let Some(Value::Array(range)) = seal.get("ByteRange") else {
            return Err("the seal does not say what it covers".into());
        };
        let numbers: Option<Vec<usize>> = range
            .iter()
            .map(|value| match value {
                Value::Int(number) => usize::try_from(*number).ok(),
                _ => None,
            })
            .collect();
        let Some(&[0, start, end, rest]) = numbers.as_deref() else {
            return Err("the seal does not cover the file from its beginning".into());
        };
        if end.checked_add(rest) != Some(self.bytes.len()) || start >= end {
            return Err("the seal does not cover the file to its end".into());
        }
        let first = self.file.revisions.first().ok_or("it has no body")?;
        if start < first.end {
            return Err("the gap of the seal lies inside the statement".into());
        }
        let Some(Value::Bytes(contents)) = seal.get("Contents") else {
            return Err("the seal holds no signature".into());
        };
        // One form only: what the gap holds is exactly the signature, in lower-case digits.
        let written = format!("<{}>", hex::encode(contents));
        if self.bytes.get(start..end) != Some(written.as_bytes()) {
            return Err("the gap of the seal holds more than the signature".into());
        }
        Ok((start, end))
    }

    fn read_signature(&self, start: usize, end: usize) -> Result<Signature, String> {
        let digits = self.bytes.get(start + 1..end - 1).unwrap_or_default();
        let padded = hex::decode(digits).map_err(|_| "it is not hexadecimal".to_owned())?;
        let length = der_length(&padded).ok_or("it is not a CMS signature")?;
        let (signature, padding) = padded.split_at(length);
        if padding.iter().any(|byte| *byte != 0) {
            return Err("something stands behind the signature".into());
        }
        Signature::read(signature)
    }
}

/// Length of the DER value at the beginning, with its head.
pub(super) fn der_length(bytes: &[u8]) -> Option<usize> {
    use der::{Decode, Header, SliceReader};
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    let body = usize::try_from(header.length()).ok()?;
    let head = usize::try_from(der::Reader::position(&reader)).ok()?;
    head.checked_add(body).filter(|total| *total <= bytes.len())
}
