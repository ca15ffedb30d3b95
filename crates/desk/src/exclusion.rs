//! Proposing what is to be excused, and deciding what somebody else proposed.

mod effect;

pub use effect::{ExclusionEffect, ExclusionSide};

use crate::{
    breach::{about, reason_given},
    desk::{Decision, Desk, Queued, id, seen},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    command::Verb,
    customer::Customer,
    exclusion::Exclusion,
    id::{BreachId, ExclusionId},
    policy,
    span::span,
};
use serde::Deserialize;
use ts_rs::TS;

/// What is to be excused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionProposal {
    /// The breach whose series and customer it concerns.
    pub breach_id: String,
    /// A kind of the case format: `planned_maintenance`, ….
    pub kind: String,
    /// From (RFC 3339; half open).
    #[ts(type = "string")]
    pub from: DateTime<Utc>,
    /// To.
    #[ts(type = "string")]
    pub to: DateTime<Utc>,
    /// When the customer was told.
    #[ts(type = "string | null")]
    pub notified_at: Option<DateTime<Utc>>,
    /// Clause that allows it.
    pub clause: Option<String>,
}

impl Desk {
    /// Asks that time be excused.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a span that is none; [`Code::NotFound`]; what the outbox gives.
    pub async fn propose_exclusion(&self, asked: ExclusionProposal) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let breach: BreachId = id("breach", &asked.breach_id)?;
        if asked.from >= asked.to {
            return Err(
                Problem::new(Code::Invalid, "the exclusion has to end after it begins").at("to")
            );
        }
        let (number, subject) = about(&mut inside.mirror().reader().await?, breach).await?;
        let exclusion: ExclusionId = inside.ids.make();
        let what = format!("Propose to exclude {} UTC ({number})", span(asked.from, asked.to));
        let ExclusionProposal { kind, from, to, notified_at, clause, .. } = asked;
        let verb =
            Verb::ProposeExclusion { exclusion, breach, kind, from, to, notified_at, clause };
        self.decide(&inside, Decision { verb, base: vec![], what, subject, hold: false }).await
    }

    /// Admits or refuses an exclusion that somebody else proposed; a refusal needs a reason.
    ///
    /// # Errors
    /// [`Code::OwnProposal`], [`Code::RoleMissing`] before anything is queued, as central would;
    /// [`Code::Invalid`] for a refusal without a reason; [`Code::NotFound`]; what the outbox gives.
    pub async fn decide_exclusion(
        &self,
        exclusion_id: &str,
        version: i64,
        admit: bool,
        reason: Option<String>,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let exclusion: ExclusionId = id("exclusion", exclusion_id)?;
        let reason = match reason {
            Some(reason) if !reason.trim().is_empty() => Some(reason),
            _ if !admit => Some(reason_given("")?),
            _ => None,
        };
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Exclusion>(exclusion_id).await?;
        policy::may_decide_exclusion(&inside.actor(), found.proposed_by)?;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let what = format!(
            "{} the exclusion {} UTC",
            if admit { "Admit" } else { "Refuse" },
            span(found.from, found.to),
        );
        let verb = Verb::DecideExclusion { exclusion, admit, reason };
        let base = vec![seen("exclusion", exclusion_id, version)];
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}
