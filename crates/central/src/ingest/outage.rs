//! Outages and unmeasured time, pushed by a source as JSON:
//! `{"outages": [{"service", "path"?, "region"?, "from", "to", "impact"?, "reference"?, "observed_at"?}],
//! "unknown": [{…}], "withdrawn": [{…}], "seen_until"?}`. An outage is known by its `reference`, or its beginning; sent
//! again with other times or impact it is a correction, and what never was is `withdrawn`, with a reason: it stays on record and
//! no longer counts, until it is sent again. A source without news says with `seen_until` alone that it is watching.

use super::{Adding, Piece, Push, Report, Says, check_batch, document, standing::Identity};
use crate::{import::document::Instant, store::Store};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem, id::PersonId, series::EvidenceBody};
use makegood_engine::decimal::Decimal;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    outages: Vec<Outage>,
    #[serde(default)]
    unknown: Vec<Gap>,
    #[serde(default)]
    withdrawn: Vec<Withdrawn>,
    seen_until: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outage {
    service: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    region: String,
    from: Instant,
    to: Instant,
    impact: Option<String>,
    reference: Option<String>,
    observed_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    service: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    region: String,
    from: Instant,
    to: Instant,
    observed_at: Option<Instant>,
}

/// What is taken back: an outage by its reference or, where it has none, its beginning; or a gap by its beginning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    service: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    region: String,
    outage: Option<String>,
    outage_from: Option<Instant>,
    unknown_from: Option<Instant>,
    reason: String,
    observed_at: Option<Instant>,
}

impl Withdrawn {
    fn identity(&self, path: &str) -> Result<Identity, Problem> {
        match (&self.outage, self.outage_from, self.unknown_from) {
            (Some(name), None, None) => Ok(Identity::Named(name.clone())),
            (None, Some(from), None) => Ok(Identity::OutageFrom(from.0)),
            (None, None, Some(from)) => Ok(Identity::GapFrom(from.0)),
            _ => {
                let why = "name one thing: outage (its reference), outage_from or unknown_from";
                Err(Problem::new(Code::Invalid, format!("{path}: {why}")).at(path))
            }
        }
    }
}

/// Adds what the body says about the services of `source`.
///
/// # Errors
/// As [`take`].
pub async fn apply(
    store: &Store,
    by: PersonId,
    source: &str,
    bytes: &[u8],
) -> Result<Report, Problem> {
    take(&Push::kept(store, by, source), bytes).await
}

/// Takes what the body says about the services of the push's source.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path; [`Code::TooLarge`]; [`Code::Database`].
/// Nothing is written then.
pub async fn take(push: &Push<'_>, bytes: &[u8]) -> Result<Report, Problem> {
    let pushed: Document = document(bytes, "the outages")?;
    let count = pushed.outages.len() + pushed.unknown.len() + pushed.withdrawn.len();
    check_batch(count)?;
    let mut pieces = Vec::with_capacity(count);
    for (at, outage) in pushed.outages.iter().enumerate() {
        let path = format!("outages[{at}]");
        let impact = outage.impact.as_deref().unwrap_or("1");
        check_impact(impact, &path)?;
        pieces.push(Piece {
            service: &outage.service,
            of: (&outage.path, &outage.region),
            span: (outage.from.0, outage.to.0),
            observed_at: outage.observed_at.map(|at| at.0),
            ends: false,
            says: Says::That(EvidenceBody::Outage {
                impact: impact.to_owned(),
                reference: outage.reference.clone(),
            }),
            path,
        });
    }
    for (at, gap) in pushed.unknown.iter().enumerate() {
        pieces.push(Piece {
            service: &gap.service,
            of: (&gap.path, &gap.region),
            span: (gap.from.0, gap.to.0),
            observed_at: gap.observed_at.map(|at| at.0),
            ends: false,
            says: Says::That(EvidenceBody::Unknown),
            path: format!("unknown[{at}]"),
        });
    }
    for (at, one) in pushed.withdrawn.iter().enumerate() {
        let path = format!("withdrawn[{at}]");
        if one.reason.trim().is_empty() {
            let path = format!("{path}.reason");
            let message = format!("{path}: say why it is withdrawn; it stays on record");
            return Err(Problem::new(Code::Invalid, message).at(path));
        }
        pieces.push(Piece {
            service: &one.service,
            of: (&one.path, &one.region),
            // It is about the time of what it takes back.
            span: <(DateTime<Utc>, DateTime<Utc>)>::default(),
            observed_at: one.observed_at.map(|at| at.0),
            ends: false,
            says: Says::Not(one.identity(&path)?, one.reason.clone()),
            path,
        });
    }
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    adding.add(pieces).await?;
    if let Some(until) = pushed.seen_until {
        adding.watched(until.0);
    }
    let reason = match (adding.withdrawn, adding.report.added) {
        (0, _) => "late evidence: outage",
        (withdrawn, added) if withdrawn == added => "evidence withdrawn",
        _ => "evidence added and withdrawn",
    };
    adding.finish(reason).await
}

fn check_impact(impact: &str, path: &str) -> Result<(), Problem> {
    let refuse =
        |why: String| Problem::new(Code::Invalid, format!("{path}.impact: {why}")).at(path);
    let decimal = Decimal::parse(impact).map_err(refuse)?;
    let (nothing, all) = (Decimal::from_integer(0).ratio(), Decimal::from_integer(1).ratio());
    if decimal.ratio() <= nothing || decimal.ratio() > all {
        return Err(refuse(format!("{impact} is not more than 0 and at most 1")));
    }
    Ok(())
}
