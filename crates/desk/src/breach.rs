//! Reviewing missed SLA lines.

use crate::desk::{Decision, Desk, Queued, id, seen};
use chrono::{NaiveDate, NaiveTime};
use makegood_domain::{
    Code, Problem, breach::Breach, command::Verb, contract::Contract, customer::Customer,
    id::BreachId,
};
use makegood_mirror::{
    Reader,
    screens::{self, Page},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// What a review found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Review {
    /// Which breach.
    pub breach_id: String,
    /// Its version as it was seen.
    #[ts(type = "number")]
    pub version: i64,
    /// From the house's list.
    pub root_cause: String,
    /// What the customer reads, by language (`en`, `de`): those that changed, empty where one was taken back.
    pub narratives: BTreeMap<String, String>,
    /// Internal.
    pub note: Option<String>,
}

impl Desk {
    /// The breach inbox: `to_review`, `snoozed` or `decided`.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a page that is none; [`Code::Database`].
    pub async fn breach_inbox(
        &self,
        tab: screens::BreachTab,
        page: &Page,
    ) -> Result<screens::BreachInbox, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::breach_inbox(&mut reader, &viewer, &overlay, tab, page).await
    }

    /// A breach with its evidence, recomputed here.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Database`].
    pub async fn breach(&self, breach_id: &str) -> Result<screens::Breach, Problem> {
        let inside = self.inside().await?;
        let settlement =
            inside.mirror().reader().await?.get::<Breach>(breach_id).await?.row.settlement;
        let recomputed = match settlement {
            Some(settlement) => inside.recomputed(&settlement.to_string()).await,
            None => None,
        };
        let (mut reader, viewer, overlay) = inside.view().await?;
        screens::breach(&mut reader, &viewer, &overlay, breach_id, recomputed.as_ref()).await
    }

    /// Confirms a breach, with its cause and what the customer is told.
    ///
    /// # Errors
    /// [`Code::Invalid`] without a root cause; [`Code::NotFound`]; what the outbox gives.
    pub async fn review_breach(&self, review: Review) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let breach: BreachId = id("breach", &review.breach_id)?;
        if review.root_cause.trim().is_empty() {
            return Err(Problem::new(Code::Invalid, "choose a root cause").at("rootCause"));
        }
        let (number, subject) = about(&mut inside.mirror().reader().await?, breach).await?;
        let kept = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        let verb = Verb::ReviewBreach {
            breach,
            root_cause: review.root_cause,
            narratives: review.narratives,
            note: review.note.and_then(kept),
            note_id: inside.ids.make(),
        };
        let base = vec![seen("breach", &review.breach_id, review.version)];
        let what = format!("Review {number}");
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }

    /// Puts a breach off until a day, with a reason.
    ///
    /// # Errors
    /// [`Code::Invalid`] without a reason, or for what is no day (`2026-11-20`); [`Code::NotFound`]; what the
    /// outbox gives.
    pub async fn snooze_breach(
        &self,
        breach_id: &str,
        version: i64,
        until: &str,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let breach: BreachId = id("breach", breach_id)?;
        let reason = reason_given(reason)?;
        let day: NaiveDate = until.trim().parse().map_err(|_| {
            let why = format!("{until:?} is no day; write it as 2026-11-20");
            Problem::new(Code::Invalid, why).at("until")
        })?;
        let until = day.and_time(NaiveTime::MIN).and_utc();
        let (number, subject) = about(&mut inside.mirror().reader().await?, breach).await?;
        let verb = Verb::SnoozeBreach { breach, until, reason };
        let base = vec![seen("breach", breach_id, version)];
        let what = format!("Snooze {number} until {}", until.format("%-d %b %Y"));
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }
}

/// A breach's number, and whom it is about.
pub(crate) async fn about(
    reader: &mut Reader,
    breach: BreachId,
) -> Result<(String, String), Problem> {
    let breach = reader.get::<Breach>(&breach.to_string()).await?;
    let subject = parties(reader, breach.customer, breach.contract).await?;
    Ok((breach.row.number, subject))
}

/// `Northwind GmbH · NW-1`.
pub(crate) async fn parties(
    reader: &mut Reader,
    customer: makegood_domain::id::CustomerId,
    contract: makegood_domain::id::ContractId,
) -> Result<String, Problem> {
    let customer = reader.get::<Customer>(&customer.to_string()).await?;
    let contract = reader.get::<Contract>(&contract.to_string()).await?;
    Ok(format!("{} · {}", customer.row.name, contract.row.number))
}

/// A reason, which must be one.
pub(crate) fn reason_given(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::new(Code::Invalid, "say why; the reason stays on record").at("reason"));
    }
    Ok(reason.to_owned())
}
