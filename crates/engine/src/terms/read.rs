//! Reading terms.

use super::{
    CapPer, ExclusionCap, ExclusionKind, ExclusionRule, NoData, ObjectiveIs, PartialPeriod,
    RoundAttainment, Terms, Treatment,
};
use crate::json::Json;
use crate::measures::{self, Measure};
use crate::money::Rounding;
use crate::reader::{self, Object};
use crate::refusal::Refusal;
use crate::service_hours::{self, ServiceHours};
use crate::window::{Window, WindowKind};
use crate::zone::Zone;
use std::collections::BTreeMap;

const KEYS: [&str; 12] = [
    "objective",
    "objective_is",
    "internal_objective",
    "window",
    "measure",
    "service_hours",
    "holidays",
    "exclusions",
    "no_data",
    "partial_period",
    "round_attainment",
    "credit",
];

pub(super) const OBJECTIVE_IS: [(&str, ObjectiveIs); 2] =
    [("at_least", ObjectiveIs::AtLeast), ("above", ObjectiveIs::Above)];
pub(super) const NO_DATA: [(&str, NoData); 3] =
    [("removed", NoData::Removed), ("up", NoData::Up), ("down", NoData::Down)];
pub(super) const PARTIAL_PERIOD: [(&str, PartialPeriod); 3] = [
    ("prorate", PartialPeriod::Prorate),
    ("up", PartialPeriod::Up),
    ("not_measured", PartialPeriod::NotMeasured),
];
pub(super) const ROUNDING_OF_ATTAINMENT: [(&str, Rounding); 3] =
    [("half_up", Rounding::HalfUp), ("half_even", Rounding::HalfEven), ("floor", Rounding::Floor)];
pub(super) const TREATMENT: [(&str, Treatment); 2] =
    [("removed", Treatment::Removed), ("up", Treatment::Up)];
pub(super) const CAP_PER: [(&str, CapPer); 2] =
    [("window", CapPer::Window), ("year", CapPer::Year)];

pub(super) fn terms(json: &Json, path: &str) -> Result<Terms, Refusal> {
    let object = Object::read(json, path, &KEYS)?;
    let objective = object.required("objective", reader::percentage)?;
    let internal_objective = object.optional("internal_objective", reader::percentage)?;
    if internal_objective.as_ref().is_some_and(|internal| internal.compare(&objective).is_le()) {
        let message = format!("must be larger than the objective, {objective}");
        return Err(object.refuse("internal_objective", message));
    }
    let measure = measures::read::measure(object.need("measure")?, &object.at("measure"))?;
    let window = window(object.need("window")?, &object.at("window"), &measure)?;
    let (service_hours, holidays) = hours(&object)?;
    let exclusions = object
        .get("exclusions")
        .map(|json| exclusions(json, &object.at("exclusions")))
        .transpose()?
        .unwrap_or_default();
    let removed = exclusions.values().any(|rule| rule.treatment == Treatment::Removed);
    if window.counted_as.is_some() && removed {
        let at = format!("{}.counted_as", object.at("window"));
        return Err(Refusal::new(at, "can't stand beside an exclusion that is removed"));
    }
    let credit = object
        .get("credit")
        .map(|json| crate::credits::read::credit(json, &object.at("credit"), &measure))
        .transpose()?;
    let round_attainment = object
        .get("round_attainment")
        .map(|json| round_attainment(json, &object.at("round_attainment")))
        .transpose()?;
    Ok(Terms {
        objective,
        objective_is: object.word("objective_is", &OBJECTIVE_IS)?,
        internal_objective,
        window,
        measure,
        service_hours,
        holidays,
        exclusions,
        no_data: object.word("no_data", &NO_DATA)?,
        partial_period: object.word("partial_period", &PARTIAL_PERIOD)?,
        round_attainment,
        credit,
    })
}

type Hours = (Option<Vec<ServiceHours>>, Option<Vec<chrono::NaiveDate>>);

fn hours(object: &Object) -> Result<Hours, Refusal> {
    let hours = object.list("service_hours", service_hours::read)?;
    if hours.as_ref().is_some_and(Vec::is_empty) {
        return Err(object.refuse("service_hours", "must not be empty"));
    }
    let holidays = object.list("holidays", |json, path| {
        reader::date(json).map_err(|message| Refusal::new(path, message))
    })?;
    if holidays.is_some() && hours.is_none() {
        return Err(object.refuse("holidays", "may stand only beside service_hours"));
    }
    Ok((hours, holidays))
}

fn window(json: &Json, path: &str, measure: &Measure) -> Result<Window, Refusal> {
    let keys = ["calendar", "anchor_day", "year_starts_in", "rolling", "time_zone", "counted_as"];
    let object = Object::read(json, path, &keys)?;
    if object.has("calendar") == object.has("rolling") {
        return Err(object.refuse_all("must hold exactly one of calendar and rolling"));
    }
    let anchor_day = object.integer("anchor_day", 1, 31)?;
    let year_starts_in = object.integer("year_starts_in", 1, 12)?;
    let small = |value: Option<u64>| value.and_then(|v| u32::try_from(v).ok()).unwrap_or(1);
    let calendar =
        object.optional_word("calendar", &[("month", 1), ("quarter", 3), ("year", 12)])?;
    if anchor_day.is_some() && calendar != Some(1) {
        return Err(object.refuse("anchor_day", "may stand only beside calendar month"));
    }
    if year_starts_in.is_some() && !matches!(calendar, Some(3 | 12)) {
        return Err(object.refuse("year_starts_in", "may stand only beside quarter or year"));
    }
    let kind = match calendar {
        Some(1) => WindowKind::Month { anchor_day: small(anchor_day) },
        Some(3) => WindowKind::Quarter { year_starts_in: small(year_starts_in) },
        Some(_) => WindowKind::Year { year_starts_in: small(year_starts_in) },
        None => {
            let length = object.required("rolling", reader::length)?;
            if length.whole_days().is_none() {
                return Err(object.refuse("rolling", "must be whole days, written in d alone"));
            }
            WindowKind::Rolling { length }
        }
    };
    let zone = object.optional("time_zone", |json| Zone::named(reader::text(json)?))?;
    let counted_as = object.optional("counted_as", reader::length)?;
    if counted_as.is_some() && !matches!(measure, Measure::Uptime(_)) {
        return Err(object.refuse("counted_as", "may stand only with the uptime measure"));
    }
    Ok(Window { kind, time_zone: zone.unwrap_or_else(Zone::utc), counted_as })
}

fn round_attainment(json: &Json, path: &str) -> Result<RoundAttainment, Refusal> {
    let object = Object::read(json, path, &["decimals", "mode"])?;
    object.need("decimals")?;
    let decimals = object.integer("decimals", 0, 9)?.unwrap_or_default();
    Ok(RoundAttainment {
        decimals: u32::try_from(decimals).unwrap_or(9),
        mode: object.required_word("mode", &ROUNDING_OF_ATTAINMENT)?,
    })
}

fn exclusions(json: &Json, path: &str) -> Result<BTreeMap<ExclusionKind, ExclusionRule>, Refusal> {
    let kinds = ExclusionKind::WORDS.map(|(word, _)| word);
    let object = Object::read(json, path, &kinds)?;
    let mut rules = BTreeMap::new();
    for (word, json) in object.members() {
        if let Some(kind) = ExclusionKind::parse(word) {
            rules.insert(kind, rule(json, &object.at(word))?);
        }
    }
    Ok(rules)
}

fn rule(json: &Json, path: &str) -> Result<ExclusionRule, Refusal> {
    let object = Object::read(json, path, &["treatment", "min_notice", "cap", "cap_per"])?;
    let length = object.optional("cap", reader::duration)?;
    let per = object.optional_word("cap_per", &CAP_PER)?;
    let cap = match (length, per) {
        (Some(length), Some(per)) => Some(ExclusionCap { length, per }),
        (None, None) => None,
        (Some(_), None) => return Err(object.refuse("cap_per", "is required beside cap")),
        (None, Some(_)) => return Err(object.refuse("cap", "is required beside cap_per")),
    };
    Ok(ExclusionRule {
        treatment: object.required_word("treatment", &TREATMENT)?,
        min_notice: object.optional("min_notice", reader::duration)?,
        cap,
    })
}
