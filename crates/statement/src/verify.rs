//! Verification: from bytes that nobody vouches for to a verdict, each check with its reason. It
//! trusts nothing that it reads, and never panics.

mod archive;
mod cases;
mod chain;
mod container;
mod pages;
mod stamp;

pub(crate) use chain::{Times, check as check_chain};

use crate::error::StatementError;
use crate::seal::certificate::{self, Certificate};
use crate::seal::cms::Signature;
use chrono::{DateTime, Utc};
use der::EncodePem;
use der::pem::LineEnding;
use serde::Serialize;

/// Whose seals are believed, and whose time stamps: root certificates. Neither stands for the
/// other.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    roots: Vec<Certificate>,
    stamps: Vec<Certificate>,
}

impl Trust {
    /// Nobody: everything but the seal's origin is checked.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These root certificates, DER.
    ///
    /// # Errors
    /// A sentence that names the one that can't be read.
    pub fn from_der<'a>(roots: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, String> {
        let mut trust = Self::default();
        for (at, root) in roots.into_iter().enumerate() {
            let root = Certificate::from_der(root)
                .map_err(|error| format!("trusted certificate {}: {error}", at + 1))?;
            trust.roots.push(root);
        }
        Ok(trust)
    }

    /// The certificates of a file: PEM, one or several, or one in DER.
    ///
    /// # Errors
    /// A sentence that says why it can't be read.
    pub fn from_file(bytes: &[u8]) -> Result<Self, String> {
        let roots = certificate::read_file(bytes)
            .map_err(|error| format!("the trusted certificates can't be read: {error}"))?;
        Ok(Self { roots, stamps: Vec::new() })
    }

    /// The same, and time stamps of authorities under the roots of `stamps`.
    #[must_use]
    pub fn with_time_stamps(self, stamps: &Self) -> Self {
        Self { stamps: stamps.roots.clone(), ..self }
    }

    /// The same, and whom `more` trusts as seals, each once.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        for root in &more.roots {
            if !self.roots.contains(root) {
                self.roots.push(root.clone());
            }
        }
        self
    }

    /// The root certificates of seals, as [`Trust::from_file`] reads them: PEM.
    ///
    /// # Errors
    /// [`StatementError::Internal`] when one can't be written.
    pub fn to_pem(&self) -> Result<String, StatementError> {
        let pem = |root: &Certificate| root.parsed().to_pem(LineEnding::LF);
        let all: Result<String, _> = self.roots.iter().map(pem).collect();
        all.map_err(|error| StatementError::Internal(format!("trusted certificates: {error}")))
    }

    pub(crate) fn roots(&self) -> &[Certificate] {
        &self.roots
    }

    pub(crate) fn stamps(&self) -> &[Certificate] {
        &self.stamps
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The verdict on the whole.
    pub verdict: Verdict,
    /// The verdict in one line.
    pub words: String,
    /// Number and revision as the file states them: `ST-2026-10-0412, revision 1`.
    pub statement: Option<String>,
    /// What it is of, where that is not the whole customer: `contract NW-1 only`.
    pub of: Option<String>,
    /// Who sealed it: the certificate's subject.
    pub sealed_by: Option<String>,
    /// When, as the seal states it.
    pub sealed_at: Option<DateTime<Utc>>,
    /// When, as an authority for time stamps says, where one was asked.
    pub stamped_at: Option<DateTime<Utc>>,
    /// That authority: its certificate's subject.
    pub stamped_by: Option<String>,
    /// SHA-256 of the whole file, hex.
    pub sha256: String,
    /// SHA-256 of the file as it was before sealing, hex.
    pub unsigned_sha256: Option<String>,
    /// Each check, in order.
    pub checks: Vec<Check>,
    /// Each embedded calculation file.
    pub cases: Vec<EmbeddedCase>,
}

impl Verification {
    /// Whether everything was checked and right.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict == Verdict::Valid
    }
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was checked, and is right.
    Valid,
    /// Nothing is wrong, but something could not be checked; its check says why.
    Unproven,
    /// Something is wrong.
    Invalid,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked, for machines: `digest`.
    pub id: &'static str,
    /// What was checked, in words.
    pub name: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is right.
    Pass,
    /// It is wrong.
    Fail,
    /// It could not be checked.
    NotChecked,
}

/// An embedded calculation file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmbeddedCase {
    /// Its name in the document.
    pub file_name: String,
    /// Contract and period, where it can be read.
    pub title: String,
    /// Whether it recomputes to what it states and to what the pages state.
    pub agrees: bool,
    /// What was found: the figures, or the first difference.
    pub text: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// The calculation file itself.
    #[serde(skip)]
    pub json: String,
}

/// Collects checks. Once one has failed on which others rest, those are not made.
#[derive(Default)]
pub(crate) struct Checks(Vec<Check>);

impl Checks {
    pub(crate) fn add(
        &mut self,
        id: &'static str,
        name: &'static str,
        result: Result<String, String>,
    ) -> bool {
        let (outcome, reason) = match result {
            Ok(reason) => (Outcome::Pass, reason),
            Err(reason) => (Outcome::Fail, reason),
        };
        self.0.push(Check { id, name, outcome, reason });
        outcome == Outcome::Pass
    }

    pub(crate) fn into_made(self) -> Vec<Check> {
        self.0
    }

    fn skip(&mut self, id: &'static str, name: &'static str, reason: &str) {
        let reason = reason.to_owned();
        self.0.push(Check { id, name, outcome: Outcome::NotChecked, reason });
    }
}

/// Verifies a statement's bytes against whom one trusts. `at` is now; it decides nothing that the
/// seal's own time decides, but is mentioned where the certificate has expired since.
#[must_use]
pub fn verify(bytes: &[u8], trust: &Trust, at: DateTime<Utc>) -> Verification {
    use sha2::{Digest, Sha256};
    let mut checks = Checks::default();
    let mut found = Verification {
        verdict: Verdict::Invalid,
        words: String::new(),
        statement: None,
        of: None,
        sealed_by: None,
        sealed_at: None,
        stamped_at: None,
        stamped_by: None,
        sha256: hex::encode(Sha256::digest(bytes)),
        unsigned_sha256: None,
        checks: Vec::new(),
        cases: Vec::new(),
    };
    // What was archived is looked at as it was before, and then what was added to it.
    let archived = archive::find(bytes);
    let sealed = archived.as_ref().map_or(bytes, |archived| archived.before);
    let container = container::open(sealed, &mut checks);
    if let Some(container) = &container {
        found.unsigned_sha256 = container.unsigned_sha256.clone();
        found.sealed_at = container.sealed_at;
        let signature = container.check_signature(&mut checks);
        if let Some(signature) = &signature {
            found.sealed_by = signature.leaf().ok().map(Certificate::subject);
            let stamped = stamp::check(signature, trust, container.sealed_at, &mut checks);
            let times = chain::Times {
                sealed: container.sealed_at.unwrap_or(at),
                stamped: stamped.as_ref().map(|stamped| stamped.at),
                now: at,
            };
            chain::check(signature, trust, &times, &mut checks);
            (found.stamped_at, found.stamped_by) =
                stamped.map(|stamped| (stamped.at, stamped.by)).unzip();
        }
        if let Some(archived) = &archived {
            archived.check(signature.as_ref(), trust, &mut checks);
        }
        let cases = cases::check(&container.file, &mut checks);
        found.statement = cases.statement;
        found.of = cases.of;
        found.cases = cases.cases;
    }
    found.checks = checks.0;
    conclude(&mut found);
    found
}

/// The seal's signature, where the file's shape is right.
pub(crate) fn signature_of(bytes: &[u8]) -> Option<Signature> {
    let mut checks = Checks::default();
    container::open(bytes, &mut checks)?.check_signature(&mut checks)
}

fn conclude(found: &mut Verification) {
    let first = |outcome| found.checks.iter().find(|check| check.outcome == outcome);
    (found.verdict, found.words) = if let Some(wrong) = first(Outcome::Fail) {
        (Verdict::Invalid, format!("Not valid. Failed: “{}”: {}.", wrong.name, wrong.reason))
    } else if let Some(open) = first(Outcome::NotChecked) {
        let (name, reason) = (open.name, &open.reason);
        let words = format!("Unchanged since sealing. Not checked: “{name}”: {reason}.");
        (Verdict::Unproven, words)
    } else {
        let name = found.statement.as_deref().unwrap_or("The statement");
        let cases = match found.cases.len() {
            1 => "its calculation file recomputes to the figures stated".to_owned(),
            n => format!("its {n} calculation files recompute to the figures stated"),
        };
        let of = found.of.as_ref().map(|of| format!(", of {of},")).unwrap_or_default();
        // A root vouches for many: whose seal it is tells whether it is the right one.
        let by = found.sealed_by.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
        let words = format!("Valid. {name}{of} is sealed{by}, whole and unchanged; {cases}.");
        (Verdict::Valid, words)
    };
}
