//! Taking in evidence: probe logs, and outages or slots as JSON. Evidence is only ever added;
//! what it changes in windows that are settled becomes a revision (law 4).

pub mod outage;
pub mod probe_log;
pub mod slots;

use crate::{
    close::{self, Touched},
    store::{Store, Tx},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::PersonId,
    series::{Evidence, EvidenceBody},
};
use makegood_engine::json::Json;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// The text of a body, which is UTF-8 without U+0000.
fn utf8<'b>(bytes: &'b [u8], what: &str) -> Result<&'b str, Problem> {
    let place = |at: usize| {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        (format!("line {line}"), at)
    };
    let refuse = |at: usize, why: &str| {
        let (line, byte) = place(at);
        let message = format!("{what}, {line}: {why} at byte {byte}; save it as UTF-8 text");
        Problem::new(Code::TextInvalid, message).at(line)
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| refuse(error.valid_up_to(), "the text is not UTF-8"))?;
    text.find('\0').map_or(Ok(text), |at| Err(refuse(at, "there is a U+0000")))
}

/// Reads a JSON body strictly; problems name the path.
fn document<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Problem> {
    let text = utf8(bytes, what)?;
    let invalid = |path: &str, message: &str| {
        let place = if path.is_empty() || path == "." { what } else { path };
        Problem::new(Code::Invalid, format!("{place}: {message}")).at(place)
    };
    Json::parse(bytes).map_err(|refusal| invalid(&refusal.path, &refusal.message))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| invalid(&error.path().to_string(), &error.inner().to_string()))
}

/// By which a batch is found again: SHA-256 of what was pushed, hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What a push of evidence came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EvidenceReport)]
pub struct Report {
    /// Pieces that were added.
    pub added: usize,
    /// Pieces that were on record already.
    pub repeated: usize,
}

/// Pieces of evidence on their way into one transaction.
#[derive(Debug)]
struct Adding {
    tx: Tx,
    source: String,
    /// SHA-256 of the batch as it was pushed, hex.
    digest: String,
    report: Report,
    touched: Vec<Touched>,
}

impl Adding {
    async fn begin(
        store: &Store,
        by: PersonId,
        source: &str,
        bytes: &[u8],
    ) -> Result<Self, Problem> {
        let mut tx = store.begin(Some(by)).await?;
        tx.lock("evidence").await?;
        Ok(Self {
            tx,
            source: source.to_owned(),
            digest: digest(bytes),
            report: Report::default(),
            touched: Vec::new(),
        })
    }

    async fn add(
        &mut self,
        service: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        observed_at: Option<DateTime<Utc>>,
        body: EvidenceBody,
        path: &str,
    ) -> Result<(), Problem> {
        if to <= from {
            let message = format!("{path}: its end is not after its beginning");
            return Err(Problem::new(Code::Invalid, message).at(path));
        }
        let series = self.tx.series(&self.source, service).await?;
        let now = self.tx.now();
        let evidence = Evidence {
            id: self.tx.store().ids().make(),
            series,
            from,
            to,
            observed_at: observed_at.unwrap_or(now),
            recorded_at: now,
            body,
        };
        if self.tx.add_evidence(&self.source, &evidence).await? {
            self.report.added += 1;
            self.touched.push(Touched { series, from, to });
        } else {
            self.report.repeated += 1;
        }
        Ok(())
    }

    async fn finish(mut self, reason: &str) -> Result<Report, Problem> {
        if !self.touched.is_empty() {
            let Report { added, repeated } = self.report;
            let detail = json!({ "added": added, "repeated": repeated, "sha256": self.digest });
            self.tx.audit("evidence.added", ("source", &self.source), None, detail);
        }
        let reason = match self.touched.as_slice() {
            [one] => {
                let (from, to) = (one.from.format("%-d %b %Y %H:%MZ"), one.to.format("%H:%MZ"));
                format!("{reason}, {from} – {to}")
            }
            more => format!("{reason}, {} pieces", more.len()),
        };
        close::revise(&mut self.tx, None, &self.touched, &reason).await?;
        self.tx.commit().await?;
        Ok(self.report)
    }
}
