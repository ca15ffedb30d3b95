//! Claims: the customer asked for a credit, perhaps with a log of its own.

use crate::{
    breach::reason_given,
    desk::{Desk, Queued},
    problem::unreadable,
};
use chrono::NaiveDate;
use makegood_domain::{
    Code, Currency, Money, Problem,
    claim::{Beside, BesideLine, minutes, read_log},
    command::Verb,
    credit::Credit,
    settlement::Settlement,
    span::span,
};
use serde::Serialize;
use ts_rs::TS;

/// A log beside a measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ClaimLog {
    /// `75.00 min`.
    pub logged: String,
    /// The lines that count outages.
    pub lines: Vec<ClaimLogLine>,
    /// What is owed as measured: `€1,200.00`.
    pub owed: String,
    /// What would be owed if the log were right.
    pub owed_if_right: String,
}

/// A log beside a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ClaimLogLine {
    /// The SLA line.
    pub sla: String,
    /// What became of the log's time; parts without any are left out.
    pub parts: Vec<ClaimLogPart>,
    /// The stretches that are disputed: `14 Oct 04:13–04:27 UTC`.
    pub disputed: Vec<String>,
    /// `99.785186 %`, if the log were right.
    pub percent_if_right: Option<String>,
}

/// A part of a log's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ClaimLogPart {
    /// `agreed`, `disputed`, `excused`, `too_short`, `unobserved`, `outside`, `not_in_log`.
    #[ts(
        type = "\"agreed\" | \"disputed\" | \"excused\" | \"too_short\" | \"unobserved\" | \"outside\" | \"not_in_log\""
    )]
    pub kind: String,
    /// In words.
    pub what: String,
    /// `51.00 min`.
    pub minutes: String,
}

impl Desk {
    /// A customer's own log of outages, as text, beside what was measured for a credit.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a log that can't be read, naming the line; [`Code::NotFound`]; what fetching
    /// the calculation file gives.
    pub async fn claim_log(&self, credit_id: &str, log: &str) -> Result<ClaimLog, Problem> {
        let log = read_log(log)?;
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let credit = reader.get::<Credit>(credit_id).await?;
        let settlement = credit.settlement.ok_or_else(|| {
            Problem::new(Code::NotFound, format!("{} is for no measurement", credit.number))
        })?;
        let settlement = reader.get::<Settlement>(&settlement.to_string()).await?;
        drop(reader);
        let case = inside.case(settlement.id, settlement.revision).await?;
        ClaimLog::new(Beside::of(&case, &log)?, settlement.total.currency())
    }

    /// Records the day on which the customer asked for a credit, with the customer's own log of outages
    /// where there is one.
    ///
    /// # Errors
    /// [`Code::Invalid`] for what is no day, or a log that can't be read; [`Code::NotFound`]; what the
    /// outbox gives.
    pub async fn file_claim(
        &self,
        credit_id: &str,
        version: i64,
        claimed_on: &str,
        log: Option<&str>,
    ) -> Result<Queued, Problem> {
        let log = read_log(log.unwrap_or_default())?;
        let claimed_on: NaiveDate = claimed_on.trim().parse().map_err(|_| {
            let why = format!("{claimed_on:?} is no day; write it as 2026-11-20");
            Problem::new(Code::Invalid, why).at("claimed_on")
        })?;
        self.decide_credit(credit_id, version, "Record the claim for", |credit| Verb::FileClaim {
            credit,
            claimed_on,
            log,
        })
        .await
    }

    /// Lets a claim count that came too late.
    ///
    /// # Errors
    /// [`Code::Invalid`] without a reason; [`Code::NotFound`]; what the outbox gives.
    pub async fn admit_late_claim(
        &self,
        credit_id: &str,
        version: i64,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let reason = reason_given(reason)?;
        self.decide_credit(credit_id, version, "Accept the late claim for", |credit| {
            Verb::AdmitLateClaim { credit, reason }
        })
        .await
    }
}

impl ClaimLog {
    pub(crate) fn new(found: Beside, currency: Currency) -> Result<Self, Problem> {
        let symbol = |text: &str| Money::parse_decimal(text, currency).map(Money::symbol);
        let unreadable = |error| unreadable("an amount", &error);
        Ok(Self {
            logged: length(found.logged_seconds),
            owed: symbol(&found.owed).map_err(unreadable)?,
            owed_if_right: symbol(&found.owed_if_right).map_err(unreadable)?,
            lines: found.lines.into_iter().map(line).collect(),
        })
    }
}

fn line(line: BesideLine) -> ClaimLogLine {
    let parts = [
        ("agreed", "Measured as down, too", line.agreed_seconds),
        ("disputed", "Measured as up", line.disputed_seconds),
        ("excused", "Excused", line.excused_seconds),
        ("too_short", "Too short to count", line.too_short_seconds),
        ("unobserved", "Not observed", line.unobserved_seconds),
        ("outside", "Outside of the window or the service hours", line.outside_seconds),
        ("not_in_log", "Down, and not in the log", line.not_in_log_seconds),
    ];
    let parts = parts.into_iter().filter(|(.., seconds)| *seconds > 0);
    ClaimLogLine {
        sla: line.sla,
        parts: parts
            .map(|(kind, what, seconds)| ClaimLogPart {
                kind: kind.to_owned(),
                what: what.to_owned(),
                minutes: length(seconds),
            })
            .collect(),
        disputed: line
            .disputed
            .iter()
            .map(|one| format!("{} UTC", span(one.from, one.to)))
            .collect(),
        percent_if_right: line.percent_if_right.map(|percent| format!("{percent} %")),
    }
}

fn length(seconds: i64) -> String {
    format!("{} min", minutes(seconds))
}
