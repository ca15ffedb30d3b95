//! Reading credits.

use super::{
    Award, Cap, Claim, Condition, Credit, Form, Per, PerCount, PerFirst, Prorata, ProrataOf,
    ProrataWhen, Tier, TierAward,
};
use crate::json::Json;
use crate::measures::Measure;
use crate::money::Rounding;
use crate::reader::{self, Object};
use crate::refusal::Refusal;

pub(super) const ROUNDING: [(&str, Rounding); 3] =
    [("half_up", Rounding::HalfUp), ("half_even", Rounding::HalfEven), ("down", Rounding::Floor)];
pub(super) const OF: [(&str, ProrataOf); 2] =
    [("downtime", ProrataOf::Downtime), ("excess", ProrataOf::Excess)];
pub(super) const WHEN: [(&str, ProrataWhen); 2] =
    [("missed", ProrataWhen::Missed), ("always", ProrataWhen::Always)];
pub(super) const COUNT: [(&str, PerCount); 2] =
    [("started", PerCount::Started), ("completed", PerCount::Completed)];

/// Longer tables are refused: nobody could read them, and each row is held against each other.
const MOST_TIERS: usize = 1_000;

/// More caps are refused; the smallest alone would do.
const MOST_CAPS: usize = 100;

const KEYS: [&str; 8] =
    ["tiers", "prorata", "per", "cap", "minimum_over", "rounding", "form", "claim"];

/// Reads a credit at `path`.
pub(crate) fn credit(json: &Json, path: &str, measure: &Measure) -> Result<Credit, Refusal> {
    let object = Object::read(json, path, &KEYS)?;
    let awards = ["tiers", "prorata", "per"].iter().filter(|key| object.has(key)).count();
    if awards != 1 {
        return Err(object.refuse_all("must hold exactly one of tiers, prorata and per"));
    }
    let uptime = matches!(measure, Measure::Uptime(_));
    let award = if object.has("tiers") {
        let tiers = object.list("tiers", |json, path| tier(json, path, uptime))?;
        let tiers = tiers.unwrap_or_default();
        if tiers.is_empty() {
            return Err(object.refuse("tiers", "must not be empty"));
        }
        if tiers.len() > MOST_TIERS {
            return Err(object.refuse("tiers", format!("must hold at most {MOST_TIERS} rows")));
        }
        Award::Tiers(tiers)
    } else if let Some(json) = object.get("prorata") {
        Award::Prorata(prorata(json, &object.at("prorata"))?)
    } else {
        if !uptime {
            return Err(object.refuse("per", "may stand only with the uptime measure"));
        }
        Award::Per(per(object.need("per")?, &object.at("per"))?)
    };
    Ok(Credit {
        award,
        caps: caps(&object, "cap")?,
        minimum_over: object.optional("minimum_over", reader::decimal)?,
        rounding: object.word("rounding", &ROUNDING)?,
        form: object.word("form", &Form::WORDS)?,
        claim: object.get("claim").map(|json| claim(json, &object.at("claim"))).transpose()?,
    })
}

fn tier(json: &Json, path: &str, uptime: bool) -> Result<Tier, Refusal> {
    let conditions = ["below", "at_or_below", "downtime_over", "downtime_at_least"];
    let awards = ["percent", "days", "amount"];
    let keys: Vec<&str> = conditions.iter().chain(&awards).copied().collect();
    let object = Object::read(json, path, &keys)?;
    let count = |keys: &[&str]| keys.iter().filter(|key| object.has(key)).count();
    if count(&conditions) != 1 {
        let known = conditions.join(", ");
        return Err(object.refuse_all(format!("must hold exactly one condition of: {known}")));
    }
    if count(&awards) != 1 {
        let known = awards.join(", ");
        return Err(object.refuse_all(format!("must hold exactly one award of: {known}")));
    }
    for key in ["downtime_over", "downtime_at_least"] {
        if object.has(key) && !uptime {
            return Err(object.refuse(key, "may stand only with the uptime measure"));
        }
    }
    let when = if let Some(bound) = object.optional("below", reader::percentage)? {
        Condition::Below(bound)
    } else if let Some(bound) = object.optional("at_or_below", reader::percentage)? {
        Condition::AtOrBelow(bound)
    } else if let Some(length) = object.optional("downtime_over", reader::duration)? {
        Condition::DowntimeOver(length)
    } else {
        Condition::DowntimeAtLeast(object.required("downtime_at_least", reader::duration)?)
    };
    let award = if let Some(percent) = object.optional("percent", reader::decimal)? {
        TierAward::Percent(percent)
    } else if let Some(days) = object.integer("days", 0, u64::MAX)? {
        TierAward::Days(days)
    } else {
        TierAward::Amount(object.required("amount", reader::decimal)?)
    };
    Ok(Tier { when, award })
}

fn prorata(json: &Json, path: &str) -> Result<Prorata, Refusal> {
    let object = Object::read(json, path, &["multiple", "of", "when"])?;
    Ok(Prorata {
        multiple: object.required("multiple", reader::decimal)?,
        of: object.required_word("of", &OF)?,
        when: object.word("when", &WHEN)?,
    })
}

fn per(json: &Json, path: &str) -> Result<Per, Refusal> {
    let object = Object::read(json, path, &["every", "percent", "count", "first"])?;
    let first = |json: &Json| -> Result<PerFirst, Refusal> {
        let object = Object::read(json, &object.at("first"), &["after", "percent"])?;
        Ok(PerFirst {
            after: object.required("after", reader::duration)?,
            percent: object.required("percent", reader::decimal)?,
        })
    };
    Ok(Per {
        every: object.required("every", reader::length)?,
        percent: object.required("percent", reader::decimal)?,
        count: object.required_word("count", &COUNT)?,
        first: object.get("first").map(first).transpose()?,
    })
}

/// Reads the caps under `key`: none, one, or a list.
pub(crate) fn caps(object: &Object, key: &str) -> Result<Vec<Cap>, Refusal> {
    match object.get(key) {
        None => Ok(Vec::new()),
        Some(Json::List(list)) if list.len() > MOST_CAPS => {
            Err(object.refuse(key, format!("must hold at most {MOST_CAPS} caps")))
        }
        Some(list @ Json::List(_)) => reader::items(list, &object.at(key), cap),
        Some(one) => Ok(vec![cap(one, &object.at(key))?]),
    }
}

fn cap(json: &Json, path: &str) -> Result<Cap, Refusal> {
    let object = Object::read(json, path, &["percent", "amount", "months"])?;
    if object.has("percent") == object.has("amount") {
        return Err(object.refuse_all("must hold exactly one of percent and amount"));
    }
    let months = object.integer("months", 1, u64::MAX)?;
    if let Some(amount) = object.optional("amount", reader::decimal)? {
        if months.is_some() {
            return Err(object.refuse("months", "may stand only beside percent"));
        }
        return Ok(Cap::Amount(amount));
    }
    let percent = object.required("percent", reader::decimal)?;
    Ok(match months {
        Some(months) => Cap::Rolling { percent, months },
        None => Cap::Percent(percent),
    })
}

fn claim(json: &Json, path: &str) -> Result<Claim, Refusal> {
    let object = Object::read(json, path, &["required", "within"])?;
    Ok(Claim {
        required: object.required("required", reader::boolean)?,
        within: object.optional("within", reader::duration)?,
    })
}
