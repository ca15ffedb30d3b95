//! Outages and unmeasured time, pushed by a source as JSON:
//! `{"outages": [{"service", "from", "to", "impact"?, "observed_at"?}], "unknown": [{…}]}`.

use super::{Adding, document};
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outage {
    service: String,
    from: Instant,
    to: Instant,
    impact: Option<String>,
    observed_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    service: String,
    from: Instant,
    to: Instant,
}

/// Adds what the body says about the services of `source`.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path; [`Code::Database`]. Nothing is written
/// then.
pub async fn apply(
    store: &Store,
    by: PersonId,
    source: &str,
    bytes: &[u8],
) -> Result<super::Report, Problem> {
    let pushed: Document = document(bytes, "the outages")?;
    let mut adding = Adding::begin(store, by, source, bytes).await?;
    for (at, outage) in pushed.outages.iter().enumerate() {
        let path = format!("outages[{at}]");
        let impact = outage.impact.as_deref().unwrap_or("1");
        check_impact(impact, &path)?;
        let body = EvidenceBody::Outage { impact: impact.to_owned() };
        let observed = outage.observed_at.map(|at| at.0);
        adding.add(&outage.service, (outage.from.0, outage.to.0), observed, body, &path).await?;
    }
    for (at, gap) in pushed.unknown.iter().enumerate() {
        let path = format!("unknown[{at}]");
        adding
            .add(&gap.service, (gap.from.0, gap.to.0), None, EvidenceBody::Unknown, &path)
            .await?;
    }
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
