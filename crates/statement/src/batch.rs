//! The signed list of a run's statements: what was released, under which number, with which bytes,
//! and what was left out and why. The signature is a CMS detached one (RFC 5652) that lies beside it,
//! made with the statements' own seal; `openssl cms -verify` reads it.

use crate::error::StatementError;
use crate::seal::Seal;
use crate::seal::cms::Signature;
use crate::verify::{Checks, Times, Trust, Verdict, check_chain, verify};
use crate::{Check, Outcome};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Which form this is.
const FORMAT: &str = "makegood/statement-batch/1";

/// A run's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchList {
    format: String,
    /// `2026-10`, `2026-Q4`, `2026`.
    pub period: String,
    /// Who released the statements, by name.
    pub released_by: String,
    /// When the run began.
    pub begun_at: DateTime<Utc>,
    /// When it ended, which is when the list was signed.
    pub ended_at: DateTime<Utc>,
    /// What was released, in the run's order.
    pub statements: Vec<BatchStatement>,
    /// Whom the run was for and who has no statement from it.
    pub not_issued: Vec<BatchMissing>,
}

/// A statement that was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchStatement {
    /// The customer's name.
    pub customer: String,
    /// `ST-2026-10-0412`.
    pub number: String,
    /// From 1.
    pub revision: i64,
    /// The file's name, beside the list.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What verifying it found before it was released.
    pub verdict: String,
}

/// A customer without a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchMissing {
    /// The customer's name.
    pub customer: String,
    /// Why.
    pub reason: String,
}

impl BatchList {
    /// The list of a run.
    #[must_use]
    pub fn new(
        (period, released_by): (String, String),
        (begun_at, ended_at): (DateTime<Utc>, DateTime<Utc>),
        statements: Vec<BatchStatement>,
        not_issued: Vec<BatchMissing>,
    ) -> Self {
        let format = FORMAT.to_owned();
        Self { format, period, released_by, begun_at, ended_at, statements, not_issued }
    }

    /// The list's bytes and its signature's, DER.
    ///
    /// # Errors
    /// As [`Seal::sign`].
    pub fn sign(&self, seal: &Seal) -> Result<(Vec<u8>, Vec<u8>), StatementError> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| StatementError::Internal(format!("a run's list: {error}")))?;
        bytes.push(b'\n');
        seal.check(self.ended_at)?;
        let signature = seal.sign_parts(&[&bytes])?.encode(None)?;
        Ok((bytes, signature))
    }
}

/// What verifying a run's list found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchVerification {
    /// The verdict on the whole.
    pub verdict: Verdict,
    /// The verdict in one line.
    pub words: String,
    /// Each check of the list itself, in order.
    pub checks: Vec<Check>,
    /// Each statement on it.
    pub files: Vec<BatchFile>,
}

/// A statement on a run's list, and the file beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchFile {
    /// The file's name.
    pub file: String,
    /// How it is.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

/// Verifies a run's list, and each statement on it: `read` gives the bytes of a file beside the list,
/// by its name. `at` is now.
#[must_use]
pub fn verify_batch(
    list: &[u8],
    signature: &[u8],
    read: impl Fn(&str) -> std::io::Result<Vec<u8>>,
    trust: &Trust,
    at: DateTime<Utc>,
) -> BatchVerification {
    let mut checks = Checks::default();
    let parsed = parse(list);
    let form = parsed.as_ref().map(|list| format!("{} statements", list.statements.len()));
    checks.add("list", "It is the list of a run", form.map_err(Clone::clone));
    let mut files = Vec::new();
    if let Ok(parsed) = &parsed {
        check_signature(list, signature, parsed, (trust, at), &mut checks);
        files.extend(parsed.statements.iter().map(|one| look(one, &read, trust, at)));
    }
    let checks = checks.into_made();
    let (verdict, words) = conclude(&checks, &files);
    BatchVerification { verdict, words, checks, files }
}

fn parse(list: &[u8]) -> Result<BatchList, String> {
    let parsed: BatchList =
        serde_json::from_slice(list).map_err(|error| format!("it can't be read: {error}"))?;
    if parsed.format == FORMAT {
        return Ok(parsed);
    }
    Err(format!("its form is {:?}; this version reads {FORMAT:?}", parsed.format))
}

fn check_signature(
    list: &[u8],
    signature: &[u8],
    parsed: &BatchList,
    (trust, now): (&Trust, DateTime<Utc>),
    checks: &mut Checks,
) {
    let signature = match Signature::read(signature) {
        Ok(signature) => signature,
        Err(reason) => {
            checks.add("signature", "The seal is genuine", Err(reason));
            return;
        }
    };
    let digest = signature.covers(&[list]).map(|hash| format!("{hash} of the list fits"));
    checks.add("digest", "The list is unchanged since sealing", digest);
    checks.add("signature", "The seal is genuine", signature.is_genuine());
    let times = Times { sealed: parsed.ended_at, stamped: None, now };
    check_chain(&signature, trust, &times, checks);
}

/// A statement on the list: there, the bytes that were released, and valid in itself.
fn look(
    one: &BatchStatement,
    read: &impl Fn(&str) -> std::io::Result<Vec<u8>>,
    trust: &Trust,
    at: DateTime<Utc>,
) -> BatchFile {
    let told = |outcome, reason: String| BatchFile { file: one.file.clone(), outcome, reason };
    // The list is not trusted to name only what lies beside it.
    if one.file.is_empty() || one.file.starts_with('.') || one.file.contains(['/', '\\', ':', '\0'])
    {
        return told(Outcome::Fail, "that is not the name of a file beside the list".to_owned());
    }
    let bytes = match read(&one.file) {
        Ok(bytes) => bytes,
        Err(error) => return told(Outcome::NotChecked, format!("it can't be read: {error}")),
    };
    if hex::encode(Sha256::digest(&bytes)) != one.sha256 {
        return told(Outcome::Fail, "its bytes are not those that were released".to_owned());
    }
    let found = verify(&bytes, trust, at);
    let outcome = match found.verdict {
        Verdict::Valid => Outcome::Pass,
        Verdict::Unproven => Outcome::NotChecked,
        Verdict::Invalid => Outcome::Fail,
    };
    let stated = format!("{}, revision {}", one.number, one.revision);
    if outcome != Outcome::Fail && found.statement.as_deref() != Some(stated.as_str()) {
        let says = found.statement.unwrap_or_default();
        return told(Outcome::Fail, format!("the list calls it {stated}, the file itself {says}"));
    }
    told(outcome, found.words)
}

fn conclude(checks: &[Check], files: &[BatchFile]) -> (Verdict, String) {
    let failed = |outcome| {
        let check = checks.iter().find(|one| one.outcome == outcome);
        let file = || files.iter().find(|one| one.outcome == outcome);
        check
            .map(|one| format!("“{}”: {}", one.name, one.reason))
            .or_else(|| file().map(|one| format!("{}: {}", one.file, one.reason)))
    };
    match (failed(Outcome::Fail), failed(Outcome::NotChecked)) {
        (Some(wrong), _) => (Verdict::Invalid, format!("Not valid. Failed: {wrong}.")),
        (None, Some(open)) => {
            (Verdict::Unproven, format!("Nothing is wrong. Not checked: {open}."))
        }
        (None, None) => (
            Verdict::Valid,
            format!("Valid. The list is sealed and unchanged; {} statements are.", files.len()),
        ),
    }
}
