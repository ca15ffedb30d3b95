//! Reading evidence. What belongs there depends on the measure.

use super::{Evidence, Exclusion, Outage, SlotRun, Slots, Totals, Unknown};
use crate::json::Json;
use crate::measures::{Measure, Metric};
use crate::reader::{self, Object};
use crate::refusal::Refusal;
use crate::terms::{ExclusionKind, Terms};
use chrono::{DateTime, Utc};
use num_traits::{One, Zero};

const KEYS: [&str; 5] = ["outages", "unknown", "slots", "totals", "exclusions"];

/// Reads the evidence at `path` for a line with these terms.
pub(crate) fn evidence(json: &Json, path: &str, terms: &Terms) -> Result<Evidence, Refusal> {
    let object = Object::read(json, path, &KEYS)?;
    let measure = &terms.measure;
    let uptime = matches!(measure, Measure::Uptime(_));
    let requests = matches!(measure, Measure::Requests(_));
    let misplaced = [
        ("outages", !uptime, "belongs to the uptime measure alone"),
        ("unknown", !uptime, "belongs to the uptime measure alone"),
        ("slots", uptime, "does not belong to the uptime measure"),
        ("totals", !requests, "belongs to the requests measure alone"),
    ];
    for (key, wrong, why) in misplaced {
        if wrong && object.has(key) {
            return Err(object.refuse(key, why));
        }
    }
    if object.has("slots") && object.has("totals") {
        return Err(object.refuse_all("must hold exactly one of slots and totals"));
    }
    if uptime {
        object.need("outages")?;
    } else if !(requests && object.has("totals")) {
        object.need("slots")?;
    }
    if object.has("slots") && measure.slot().is_none() {
        let at = path.strip_suffix("evidence").unwrap_or_default();
        let at = format!("{at}terms.measure.requests.slot");
        return Err(Refusal::new(at, "is required where the evidence is slots"));
    }
    let exclusions = object.list("exclusions", exclusion)?.unwrap_or_default();
    let totals = object.get("totals").map(|json| totals(json, &object.at("totals"))).transpose()?;
    if totals.is_some() && terms.service_hours.is_some() {
        return Err(object.refuse("totals", "can't stand with service hours; give slots"));
    }
    if totals.is_some() && !exclusions.is_empty() {
        return Err(object.refuse("totals", "can't stand with exclusions; give slots"));
    }
    Ok(Evidence {
        outages: object.list("outages", outage)?.unwrap_or_default(),
        unknown: object.list("unknown", unknown)?.unwrap_or_default(),
        slots: slots(&object, measure)?,
        totals,
        exclusions,
    })
}

fn interval(object: &Object) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let from = object.required("from", reader::instant)?;
    let to = object.required("to", reader::instant)?;
    if to <= from {
        return Err(object.refuse("to", "must be after from"));
    }
    Ok((from, to))
}

fn outage(json: &Json, path: &str) -> Result<Outage, Refusal> {
    let object = Object::read(json, path, &["from", "to", "impact"])?;
    let (from, to) = interval(&object)?;
    let mut outage = Outage::new(from, to);
    if let Some(impact) = object.optional("impact", reader::decimal)? {
        let ratio = impact.ratio();
        if ratio.is_zero() || ratio > One::one() {
            return Err(object.refuse("impact", "must be more than 0 and at most 1"));
        }
        outage.impact = impact;
    }
    Ok(outage)
}

fn unknown(json: &Json, path: &str) -> Result<Unknown, Refusal> {
    let (from, to) = interval(&Object::read(json, path, &["from", "to"])?)?;
    Ok(Unknown { from, to })
}

fn exclusion(json: &Json, path: &str) -> Result<Exclusion, Refusal> {
    let object = Object::read(json, path, &["kind", "from", "to", "notified_at"])?;
    let kind = object.required_word("kind", &ExclusionKind::WORDS)?;
    let (from, to) = interval(&object)?;
    Ok(Exclusion { kind, from, to, notified_at: object.optional("notified_at", reader::instant)? })
}

fn slots(evidence: &Object, measure: &Measure) -> Result<Slots, Refusal> {
    let runs = evidence.list("slots", |json, path| run(json, path, measure))?;
    Ok(runs.unwrap_or_default().into())
}

fn run(json: &Json, path: &str, measure: &Measure) -> Result<SlotRun, Refusal> {
    let object = Object::read(json, path, &["start", "count", "requests", "errors", "value"])?;
    let run = SlotRun {
        start: object.optional("start", reader::instant)?,
        count: object.integer("count", 1, u64::MAX)?.unwrap_or(1),
        requests: object.optional("requests", reader::count)?,
        errors: object.optional("errors", reader::count)?,
        value: object.optional("value", reader::signed_decimal)?,
    };
    match measure {
        Measure::Slots(measure) if measure.bad_when.metric == Metric::Value => {
            object.need("value")?;
            if measure.min_requests.is_some() || run.errors.is_some() {
                object.need("requests")?;
            }
        }
        _ => {
            if object.has("value") {
                return Err(object.refuse("value", "belongs to the metric value alone"));
            }
            object.need("requests")?;
            object.need("errors")?;
        }
    }
    check_errors(&object, run.requests, run.errors)?;
    Ok(run)
}

fn totals(json: &Json, path: &str) -> Result<Totals, Refusal> {
    let object = Object::read(json, path, &["requests", "errors"])?;
    let requests = object.required("requests", reader::count)?;
    let errors = object.required("errors", reader::count)?;
    check_errors(&object, Some(requests), Some(errors))?;
    Ok(Totals { requests, errors })
}

fn check_errors(
    object: &Object,
    requests: Option<u128>,
    errors: Option<u128>,
) -> Result<(), Refusal> {
    match (requests, errors) {
        (Some(requests), Some(errors)) if errors > requests => {
            Err(object.refuse_all(format!("errors {errors} exceed requests {requests}")))
        }
        _ => Ok(()),
    }
}
