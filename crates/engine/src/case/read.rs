//! Reading cases.

use super::{Active, Case, Combine, Contract, FORMAT, HistoryEntry, Line};
use crate::credits;
use crate::evidence;
use crate::json::Json;
use crate::money::Currency;
use crate::reader::{self, Object};
use crate::refusal::{Refusal, excerpt};
use crate::result::Stated;
use crate::terms::{ExclusionKind, Terms};
use std::collections::BTreeMap;

pub(super) const COMBINE: [(&str, Combine); 2] =
    [("sum", Combine::Sum), ("highest", Combine::Highest)];

const KEYS: [&str; 9] =
    ["format", "id", "title", "source", "contract", "period", "lines", "result", "invalid"];

const LINE_KEYS: [&str; 7] =
    ["sla", "terms", "evidence", "fee", "active", "history", "maintenance_used"];

pub(super) fn case(json: &Json) -> Result<Case, Refusal> {
    format(json)?;
    let object = Object::read(json, "", &KEYS)?;
    let contract = contract(object.need("contract")?)?;
    let period = object.required("period", reader::owned_text)?;
    object.need("lines")?;
    let lines = object.list("lines", line)?.unwrap_or_default();
    if lines.is_empty() {
        return Err(object.refuse("lines", "must hold at least one line"));
    }
    if object.has("result") && object.has("invalid") {
        return Err(object.refuse("invalid", "can't stand beside result"));
    }
    Ok(Case {
        id: object.optional("id", reader::owned_text)?,
        title: object.optional("title", reader::owned_text)?,
        source: object.optional("source", reader::owned_text)?,
        contract,
        period,
        lines,
        result: object.get("result").map(|json| Stated::read(json, "result")).transpose()?,
        invalid: object.optional("invalid", reader::owned_text)?,
    })
}

/// The version comes first: a newer format may hold keys that this reader does not know.
fn format(json: &Json) -> Result<(), Refusal> {
    if !matches!(json, Json::Object(_)) {
        return Err(Refusal::new("case", format!("must be an object, not {}", json.kind())));
    }
    let refuse = |message: String| Err(Refusal::new("format", message));
    match json.get("format") {
        None => refuse(format!("this key is required and missing: {FORMAT:?}")),
        Some(Json::Text(version)) if version == FORMAT => Ok(()),
        Some(Json::Text(version)) if version.starts_with("makegood/case/") => {
            let version = excerpt(version);
            refuse(format!("this case needs a reader of {version}; this one reads {FORMAT:?}"))
        }
        Some(Json::Text(version)) => refuse(format!("{} is not {FORMAT:?}", excerpt(version))),
        Some(other) => refuse(format!("must be {FORMAT:?}, not {}", other.kind())),
    }
}

fn contract(json: &Json) -> Result<Contract, Refusal> {
    let keys = ["currency", "combine", "cap", "customer", "number"];
    let object = Object::read(json, "contract", &keys)?;
    let currency = object.required("currency", |json| {
        let code = reader::text(json)?;
        Currency::parse(code).ok_or_else(|| format!("{} is no ISO 4217 currency", excerpt(code)))
    })?;
    Ok(Contract {
        currency,
        combine: object.word("combine", &COMBINE)?,
        caps: credits::read::caps(&object, "cap")?,
        customer: object.optional("customer", reader::owned_text)?,
        number: object.optional("number", reader::owned_text)?,
    })
}

fn line(json: &Json, path: &str) -> Result<Line, Refusal> {
    let object = Object::read(json, path, &LINE_KEYS)?;
    let sla = object.required("sla", reader::owned_text)?;
    let terms = Terms::read(object.need("terms")?, &object.at("terms"))?;
    let evidence =
        evidence::read::evidence(object.need("evidence")?, &object.at("evidence"), &terms)?;
    Ok(Line {
        sla,
        terms,
        evidence,
        fee: object.required("fee", reader::decimal)?,
        active: object.get("active").map(|json| active(json, &object.at("active"))).transpose()?,
        history: object.list("history", history)?.unwrap_or_default(),
        maintenance_used: object
            .get("maintenance_used")
            .map(|json| maintenance_used(json, &object.at("maintenance_used")))
            .transpose()?
            .unwrap_or_default(),
    })
}

fn active(json: &Json, path: &str) -> Result<Active, Refusal> {
    let object = Object::read(json, path, &["from", "to"])?;
    let from = object.optional("from", reader::instant)?;
    let to = object.optional("to", reader::instant)?;
    if from.is_some_and(|from| to.is_some_and(|to| to <= from)) {
        return Err(object.refuse("to", "must be after from"));
    }
    Ok(Active { from, to })
}

fn history(json: &Json, path: &str) -> Result<HistoryEntry, Refusal> {
    let object = Object::read(json, path, &["period", "fee", "credit"])?;
    Ok(HistoryEntry {
        period: object.required("period", reader::owned_text)?,
        fee: object.required("fee", reader::decimal)?,
        credit: object.required("credit", reader::decimal)?,
    })
}

fn maintenance_used(
    json: &Json,
    path: &str,
) -> Result<BTreeMap<ExclusionKind, crate::duration::Duration>, Refusal> {
    let kinds = ExclusionKind::WORDS.map(|(word, _)| word);
    let object = Object::read(json, path, &kinds)?;
    let mut used = BTreeMap::new();
    for (word, kind) in ExclusionKind::WORDS {
        if let Some(length) = object.optional(word, reader::duration)? {
            used.insert(kind, length);
        }
    }
    Ok(used)
}
