//! Reading measures.

use super::{
    BadWhen, Comparison, Idle, MeanErrorRate, Measure, Metric, Requests, SlotsMeasure, Uptime,
};
use crate::json::Json;
use crate::reader::{self, Object};
use crate::refusal::Refusal;

pub(super) const METRIC: [(&str, Metric); 2] =
    [("error_percent", Metric::ErrorPercent), ("value", Metric::Value)];
pub(super) const COMPARISON: [(&str, Comparison); 4] = [
    (">", Comparison::Greater),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    ("<=", Comparison::LessOrEqual),
];
pub(super) const IDLE: [(&str, Idle); 2] = [("good", Idle::Good), ("removed", Idle::Removed)];

/// Reads a measure at `path`.
pub(crate) fn measure(json: &Json, path: &str) -> Result<Measure, Refusal> {
    let object = Object::read(json, path, &["uptime", "slots", "mean_error_rate", "requests"])?;
    let [(key, json)] = object.members() else {
        return Err(object
            .refuse_all("must hold exactly one of uptime, slots, mean_error_rate and requests"));
    };
    let path = object.at(key);
    match key.as_str() {
        "uptime" => uptime(json, &path).map(Measure::Uptime),
        "slots" => slots(json, &path).map(Measure::Slots),
        "mean_error_rate" => mean_error_rate(json, &path).map(Measure::MeanErrorRate),
        _ => requests(json, &path).map(Measure::Requests),
    }
}

fn uptime(json: &Json, path: &str) -> Result<Uptime, Refusal> {
    let object = Object::read(json, path, &["min_outage", "whole_minutes"])?;
    Ok(Uptime {
        min_outage: object.optional("min_outage", reader::duration)?,
        whole_minutes: object.optional("whole_minutes", reader::boolean)?.unwrap_or_default(),
    })
}

fn slots(json: &Json, path: &str) -> Result<SlotsMeasure, Refusal> {
    let keys = ["slot", "bad_when", "min_requests", "min_run", "idle"];
    let object = Object::read(json, path, &keys)?;
    let bad_when = bad_when(object.need("bad_when")?, &object.at("bad_when"))?;
    let idle = object.optional_word("idle", &IDLE)?;
    if idle.is_some() && bad_when.metric == Metric::Value {
        return Err(object.refuse("idle", "may stand only where the metric is error_percent"));
    }
    Ok(SlotsMeasure {
        slot: object.required("slot", reader::length)?,
        bad_when,
        min_requests: object.optional("min_requests", reader::count)?,
        min_run: object.integer("min_run", 1, u64::MAX)?,
        idle: idle.unwrap_or(Idle::Good),
    })
}

fn bad_when(json: &Json, path: &str) -> Result<BadWhen, Refusal> {
    let object = Object::read(json, path, &["metric", "is", "than"])?;
    Ok(BadWhen {
        metric: object.required_word("metric", &METRIC)?,
        is: object.required_word("is", &COMPARISON)?,
        than: object.required("than", reader::signed_decimal)?,
    })
}

fn mean_error_rate(json: &Json, path: &str) -> Result<MeanErrorRate, Refusal> {
    let object = Object::read(json, path, &["slot", "idle"])?;
    Ok(MeanErrorRate {
        slot: object.required("slot", reader::length)?,
        idle: object.optional_word("idle", &IDLE)?.unwrap_or(Idle::Good),
    })
}

fn requests(json: &Json, path: &str) -> Result<Requests, Refusal> {
    let object = Object::read(json, path, &["slot", "idle"])?;
    Ok(Requests {
        slot: object.optional("slot", reader::length)?,
        idle: object.optional_word("idle", &IDLE)?.unwrap_or(Idle::Removed),
    })
}
