//! Outages and unmeasured time, pushed by a source as JSON:
//! `{"outages": [{"service", "path"?, "region"?, "from", "to", "impact"?, "reference"?, "observed_at"?}],
//! "unknown": [{…}], "seen_until"?}`. An outage is known by its `reference`, or its beginning; sent
//! again with other times or impact it is a correction. A source without news says with `seen_until` alone that it is watching.

use super::{Adding, Piece, Push, Report, check_batch, document};
use crate::{import::document::Instant, store::Store};
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
    check_batch(pushed.outages.len() + pushed.unknown.len())?;
    let mut pieces = Vec::with_capacity(pushed.outages.len() + pushed.unknown.len());
    for (at, outage) in pushed.outages.iter().enumerate() {
        let path = format!("outages[{at}]");
        let impact = outage.impact.as_deref().unwrap_or("1");
        check_impact(impact, &path)?;
        pieces.push(Piece {
            service: &outage.service,
            of: (&outage.path, &outage.region),
            span: (outage.from.0, outage.to.0),
            observed_at: outage.observed_at.map(|at| at.0),
            body: EvidenceBody::Outage {
                impact: impact.to_owned(),
                reference: outage.reference.clone(),
            },
            path,
        });
    }
    for (at, gap) in pushed.unknown.iter().enumerate() {
        pieces.push(Piece {
            service: &gap.service,
            of: (&gap.path, &gap.region),
            span: (gap.from.0, gap.to.0),
            observed_at: gap.observed_at.map(|at| at.0),
            body: EvidenceBody::Unknown,
            path: format!("unknown[{at}]"),
        });
    }
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    adding.add(pieces).await?;
    adding.saw(pushed.seen_until.map(|at| at.0));
    adding.finish("late evidence: outage").await
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
