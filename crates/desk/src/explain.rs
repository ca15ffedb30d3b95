//! Explain this number: recomputed here from its evidence, step by step, beside what central says.

use crate::{
    desk::{Desk, id},
    statement::Shelf,
};
use makegood_domain::{
    Code, Money, Problem,
    contract::{Contract, SlaLine},
    id::SettlementId,
    settlement::{Settlement, SettlementLine},
};
use makegood_engine::{
    check::{Verdict, check},
    explain::{Language, words},
    zone::tzdb_version,
};
use makegood_mirror::screens::Recomputed;
use serde::Serialize;
use ts_rs::TS;

/// How a number came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Explanation {
    /// `Attainment, Northwind GmbH NW-1, October 2026`.
    pub title: String,
    /// The number.
    pub result: String,
    /// The way to it.
    pub steps: Vec<ExplainedStep>,
    /// Where the contract says so.
    pub clause: Option<String>,
    /// What it rests on.
    pub provenance: Vec<Provenance>,
    /// Whether this desk computes what central states.
    pub agrees: bool,
    /// The same in words.
    pub agrees_text: String,
    /// All of it as text, to be copied.
    pub text: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExplainedStep {
    /// From 1.
    pub n: usize,
    /// What happened.
    pub text: String,
    /// The figure that came of it.
    pub figure: String,
}

/// One thing that a number rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Provenance {
    /// What.
    pub label: String,
    /// Which.
    pub value: String,
}

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Attainment,
    Downtime,
    Fee,
    Credit,
}

impl Figure {
    /// Reads the key that stands beside a figure on screen.
    fn of(key: Option<&str>) -> Self {
        match key {
            Some("down" | "bad" | "left" | "counted") => Self::Downtime,
            Some("fee") => Self::Fee,
            Some("amount" | "credit") => Self::Credit,
            _ => Self::Attainment,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Attainment => "Attainment",
            Self::Downtime => "Downtime that counts",
            Self::Fee => "Credit base",
            Self::Credit => "SLA credit",
        }
    }
}

impl Desk {
    /// How a figure of a settlement came about: of the line with the id `line` (the first one, when it
    /// is empty), `key` naming the figure (`percent`, `down`, `fee`, `amount`).
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::CentralUnreachable`] when the calculation file is not here and
    /// central isn't, either.
    pub async fn explain(
        &self,
        settlement_id: &str,
        line: &str,
        key: Option<&str>,
    ) -> Result<Explanation, Problem> {
        let inside = self.inside().await?;
        let settlement_key: SettlementId = id("settlement", settlement_id)?;
        let mut reader = inside.mirror().reader().await?;
        let settlement = reader.get::<Settlement>(settlement_id).await?.row;
        let contract = reader.get::<Contract>(&settlement.contract.to_string()).await?.row;
        let shelf = Shelf::read(&mut reader, settlement.customer).await?;
        drop(reader);
        let case = inside.case(settlement_key, settlement.revision).await?;
        let recomputed = Recomputed::of(case, &settlement)?;
        let asked = |one: &SettlementLine| line.is_empty() || one.line.to_string() == line;
        let index = settlement.lines.iter().position(asked).ok_or_else(|| {
            Problem::new(Code::NotFound, format!("the settlement has no line {line:?}"))
        })?;
        let stated = &settlement.lines[index];
        let line = shelf.lines.iter().find(|line| line.id == stated.line);
        let figure = Figure::of(key);
        let what = Explained { settlement, contract, recomputed, index, figure };
        Ok(what.told(&shelf.customer.name, line))
    }
}

struct Explained {
    settlement: Settlement,
    contract: Contract,
    recomputed: Recomputed,
    index: usize,
    figure: Figure,
}

impl Explained {
    fn told(&self, customer: &str, line: Option<&SlaLine>) -> Explanation {
        let title = format!(
            "{}, {customer} {}, {}",
            self.figure.name(),
            self.contract.number,
            self.settlement.window
        );
        let steps = self.steps();
        let result = self.result(&steps);
        let (agrees, agrees_text) = self.agreement();
        let mut text = format!("{title}: {result}\n");
        for step in &steps {
            text += &format!("{}. {}: {}\n", step.n, step.text, step.figure);
        }
        text += &agrees_text;
        Explanation {
            clause: self.clause(line),
            provenance: self.provenance(),
            title,
            result,
            steps,
            agrees,
            agrees_text,
            text,
        }
    }

    fn line(&self) -> Option<&SettlementLine> {
        self.settlement.lines.get(self.index)
    }

    fn steps(&self) -> Vec<ExplainedStep> {
        let mut told: Vec<(String, String)> = Vec::new();
        if matches!(self.figure, Figure::Fee | Figure::Credit)
            && let Some(line) = self.line()
        {
            told.push((line.fee_trace.clone(), self.money(&line.fee)));
        }
        if self.figure != Figure::Fee
            && let Some(trace) = self.recomputed.computed.lines.get(self.index)
        {
            let said = trace.steps.iter().map(|step| words(step, Language::En));
            told.extend(said.map(|said| (said.sentence, said.figure)));
        }
        let numbered = told.into_iter().enumerate();
        numbered.map(|(at, (text, figure))| ExplainedStep { n: at + 1, text, figure }).collect()
    }

    fn result(&self, steps: &[ExplainedStep]) -> String {
        let computed = self.recomputed.computed.result.lines.get(self.index);
        let line = self.line();
        let found = match self.figure {
            Figure::Attainment => computed.map(|line| {
                line.percent.as_ref().map_or("no data".to_owned(), |p| format!("{p}\u{202f}%"))
            }),
            Figure::Downtime => self
                .recomputed
                .computed
                .lines
                .get(self.index)
                .map(|trace| Language::En.minutes(&trace.bad)),
            Figure::Fee => line.map(|line| self.money(&line.fee)),
            Figure::Credit => Some(self.settlement.total.symbol()),
        };
        found.or_else(|| steps.last().map(|step| step.figure.clone())).unwrap_or_default()
    }

    /// Decimal text as money; as it stands where it has more decimals than the currency.
    fn money(&self, decimal: &str) -> String {
        let currency = self.settlement.total.currency();
        Money::parse_decimal(decimal, currency)
            .map_or_else(|_| format!("{} {decimal}", currency.code()), Money::symbol)
    }

    fn clause(&self, line: Option<&SlaLine>) -> Option<String> {
        let clauses = &line?.clauses;
        let clause = match self.figure {
            Figure::Credit | Figure::Fee => clauses.credit.as_ref(),
            _ => clauses.objective.as_ref(),
        }?;
        let version = self.contract.version_number;
        Some(format!("Clause {clause} of {}, version {version}", self.contract.number))
    }

    fn provenance(&self) -> Vec<Provenance> {
        let settlement = &self.settlement;
        let row = |label: &str, value: String| Provenance { label: label.to_owned(), value };
        let hash = settlement.case_hash.get(..16).unwrap_or(&settlement.case_hash);
        let locked = settlement.locked_at.format("%-d %b %Y, %H:%M UTC");
        vec![
            row("Measurement", format!("locked {locked}, revision {}", settlement.revision)),
            row("Calculation file", format!("SHA-256 {hash}…")),
            row(
                "Engine",
                format!("central {}, here {}", settlement.engine, env!("CARGO_PKG_VERSION")),
            ),
            row("Time zone rules", format!("central {}, here {}", settlement.tzdb, tzdb_version())),
        ]
    }

    /// Both must hold: the file recomputes to what it states, and it states what the mirror shows.
    fn agreement(&self) -> (bool, String) {
        let differs = |why: &str| (false, format!("Recomputed here: differs from central. {why}"));
        match check(&self.recomputed.case) {
            Verdict::Pass => {}
            Verdict::Differs(differences) => {
                let first = differences.first().map_or_else(String::new, |d| {
                    format!("{}: computed {}, stated {}.", d.path, d.computed, d.stated)
                });
                return differs(&first);
            }
            _ => return differs("The calculation file is refused."),
        }
        let computed = &self.recomputed.computed.result;
        if computed.credit != self.settlement.total.to_decimal_string() {
            return differs(&format!(
                "Total: computed {}, stated {}.",
                computed.credit,
                self.settlement.total.to_decimal_string()
            ));
        }
        let stated = self.settlement.lines.iter();
        match stated.zip(&computed.lines).find(|(s, c)| s.percent != c.percent || s.met != c.met) {
            None => (true, "Recomputed here: agrees with central.".to_owned()),
            Some((_, line)) => differs(&format!("{}: the attainment is another.", line.sla)),
        }
    }
}
