//! Results: what a case computes to, and what it is said to result in.

use crate::build::{Build, list};
use crate::fraction::Fraction;
use crate::instant::write_instant;
use crate::json::Json;
use crate::reader::{self, Object};
use crate::refusal::Refusal;
use chrono::{DateTime, Utc};

/// What a case computes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// One for each line of the case, in its order.
    pub lines: Vec<LineResult>,
    /// What the contract owes for the period: decimal text with the currency's decimals.
    pub credit: String,
    /// What computed it.
    pub provenance: Provenance,
}

/// What one line computes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineResult {
    /// The line's name.
    pub sla: String,
    /// The exact fraction, unrounded; `None`: not measured.
    pub attainment: Option<Fraction>,
    /// Attainment × 100, cut off after six decimals; `None`: not measured.
    pub percent: Option<String>,
    /// Whether the objective was met; `None`: not measured.
    pub met: Option<bool>,
    /// Outer `None`: there is no internal objective. Inner `None`: not measured.
    pub internal_met: Option<Option<bool>>,
    /// What was counted: seconds, slots or events.
    pub total: String,
    /// What of it was bad: a decimal without trailing zeros, or a fraction.
    pub bad: String,
    /// What admitted exclusions took out or counted as up: seconds, slots or events.
    pub excused: String,
    /// The award in percent of the fee, before any cap; `None`: the fee is 0, or the award is an
    /// amount.
    pub credit_percent: Option<String>,
    /// The line's own credit: decimal text with the currency's decimals.
    pub credit: String,
}

/// What computed a result. It is never compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Version of this crate.
    pub engine: String,
    /// Version of the zone rules.
    pub tzdb: String,
    /// The first second of the first line's window.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

impl CaseResult {
    /// The result as a case states it, provenance included.
    #[must_use]
    pub fn stated(&self) -> Stated {
        let window = Build::default()
            .text("from", &write_instant(self.provenance.from))
            .text("to", &write_instant(self.provenance.to))
            .object();
        let provenance = Build::default()
            .text("engine", &self.provenance.engine)
            .text("tzdb", &self.provenance.tzdb)
            .put("window", window)
            .object();
        let tree = Build::default()
            .put("lines", list(&self.lines, LineResult::to_tree))
            .text("credit", &self.credit)
            .put("provenance", provenance)
            .object();
        Stated(tree)
    }
}

impl LineResult {
    fn to_tree(&self) -> Json {
        let text = |text: Option<String>| text.map_or(Json::Null, Json::Text);
        let verdict = |met: Option<bool>| met.map_or(Json::Null, Json::Bool);
        Build::default()
            .text("sla", &self.sla)
            .put("attainment", text(self.attainment.as_ref().map(ToString::to_string)))
            .put("percent", text(self.percent.clone()))
            .put("met", verdict(self.met))
            .maybe("internal_met", self.internal_met.map(verdict))
            .text("total", &self.total)
            .text("bad", &self.bad)
            .text("excused", &self.excused)
            .maybe_text("credit_percent", self.credit_percent.as_ref())
            .text("credit", &self.credit)
            .object()
    }
}

/// What a case is said to result in: some or all keys of a result, as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated(Json);

const LINE_KEYS: [&str; 10] = [
    "sla",
    "attainment",
    "percent",
    "met",
    "internal_met",
    "total",
    "bad",
    "excused",
    "credit_percent",
    "credit",
];

impl Stated {
    pub(crate) fn read(json: &Json, path: &str) -> Result<Self, Refusal> {
        let object = Object::read(json, path, &["lines", "credit", "provenance"])?;
        object.list("lines", line)?;
        object.optional("credit", reader::text)?;
        if let Some(json) = object.get("provenance") {
            let keys = ["engine", "tzdb", "window"];
            let provenance = Object::read(json, &object.at("provenance"), &keys)?;
            provenance.optional("engine", reader::text)?;
            provenance.optional("tzdb", reader::text)?;
            if let Some(json) = provenance.get("window") {
                let window = Object::read(json, &provenance.at("window"), &["from", "to"])?;
                window.optional("from", reader::text)?;
                window.optional("to", reader::text)?;
            }
        }
        Ok(Self(json.clone()))
    }

    /// The keys that it holds, as a tree.
    #[must_use]
    pub fn to_tree(&self) -> Json {
        self.0.clone()
    }

    /// The zone rules with which it was computed, if it says so.
    #[must_use]
    pub fn tzdb(&self) -> Option<&str> {
        self.0.get("provenance")?.get("tzdb").and_then(|json| reader::text(json).ok())
    }

    pub(crate) fn customer_edition(self) -> Self {
        let Json::Object(mut members) = self.0 else { return self };
        for (key, value) in &mut members {
            if let (true, Json::List(lines)) = (key == "lines", value) {
                for line in lines {
                    if let Json::Object(members) = line {
                        members.retain(|(key, _)| key != "internal_met");
                    }
                }
            }
        }
        Self(Json::Object(members))
    }
}

fn line(json: &Json, path: &str) -> Result<(), Refusal> {
    let object = Object::read(json, path, &LINE_KEYS)?;
    for key in LINE_KEYS {
        let Some(json) = object.get(key) else { continue };
        let fits = match key {
            "met" | "internal_met" => matches!(json, Json::Null | Json::Bool(_)),
            "attainment" | "percent" => matches!(json, Json::Null | Json::Text(_)),
            _ => matches!(json, Json::Text(_)),
        };
        if !fits {
            return Err(object.refuse(key, format!("can't be {}", json.kind())));
        }
    }
    Ok(())
}
