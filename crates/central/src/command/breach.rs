//! Reviewing missed SLAs.

use super::{Deciding, Given, absent, required};
use crate::store::{self, Lock, Versioned};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::{Breach, BreachState},
    command::Verb,
    id::{BreachId, IncidentId},
    incident::{Hit, Incident},
    note::Note,
    person::Permission,
    policy,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Numbers of incidents come after this one.
pub(crate) const FIRST_INCIDENT: i64 = 700;

/// What a review says.
struct Review<'a> {
    root_cause: &'a str,
    narratives: BTreeMap<String, String>,
}

/// A breach was looked at: root cause, what the customer reads, and an internal note.
pub(super) async fn review(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::ReviewBreach { root_cause, narratives, note, note_id, .. } = &it.command.verb else {
        return Err(Problem::new(Code::Internal, "not a review"));
    };
    policy::require(&it.actor, Permission::Review)?;
    let mut breach = it.seen_alone::<Breach>().await?.row;
    if breach.state == BreachState::Cleared {
        let why =
            format!("{} was cleared by a revision; there is nothing to review", breach.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    let review = Review {
        root_cause: required(root_cause, "root_cause")?,
        narratives: read_narratives(narratives)?,
    };
    let before = breach.state;
    let incident = incident_of(it, &breach, review.root_cause).await?;
    put_hit(it, &breach, incident, &review).await?;
    if let Some(text) = note.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        if it.tx.get::<Note>(*note_id).await?.is_some() {
            let why = "there is a note with this id; write it again";
            return Err(Problem::new(Code::Invalid, why).at("note_id"));
        }
        let note = Note {
            id: *note_id,
            customer: breach.customer,
            subject_entity: "breach".to_owned(),
            subject: breach.id.to_string(),
            visibility: "internal".to_owned(),
            language: "en".to_owned(),
            text: required(text, "note")?.to_owned(),
            by: it.actor.person,
            at: it.now,
        };
        it.tx.put(&note).await?;
    }
    breach.state = BreachState::Confirmed;
    breach.incident = Some(incident);
    breach.reviewed_by = Some(it.actor.person);
    breach.reviewed_at = Some(it.now);
    breach.snoozed_until = None;
    breach.reason = None;
    it.tx.put(&breach).await?;
    let detail = json!({ "before": before, "after": breach.state, "incident": incident });
    it.audit("breach.reviewed", breach.customer, detail);
    Ok(Given::from([
        ("number".to_owned(), breach.number.clone()),
        ("state".to_owned(), breach.state.as_str().to_owned()),
    ]))
}

/// Languages are `en`, `de` and so on; an empty text takes back what was told in that language.
pub(super) fn read_narratives(
    narratives: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut read = BTreeMap::new();
    for (language, text) in narratives {
        if !matches!(language.as_str(), "en" | "de") {
            let why = format!("no statement is written in {language:?}; use en or de");
            return Err(Problem::new(Code::Invalid, why).at(format!("narratives.{language}")));
        }
        let told = if text.trim().is_empty() { "" } else { required(text, "narrative")? };
        read.insert(language.clone(), told.to_owned());
    }
    Ok(read)
}

/// Tells a customer so from now on; languages that are not named stay as they are.
pub(super) fn tell(hit: &mut Hit, told: BTreeMap<String, String>) {
    hit.narratives.extend(told);
    hit.narratives.retain(|_, text| !text.is_empty());
}

/// The breach's incident; a new one, of the window's time, where there is none.
async fn incident_of(
    it: &mut Deciding<'_>,
    breach: &Breach,
    root_cause: &str,
) -> Result<IncidentId, Problem> {
    it.tx.lock(Lock::Incidents).await?;
    if let Some(id) = breach.incident {
        let mut incident = it
            .tx
            .get::<Incident>(id)
            .await?
            .ok_or_else(|| absent("incident", &id.to_string()))?
            .row;
        if incident.root_cause.is_none() {
            incident.root_cause = Some(root_cause.to_owned());
            it.tx.put(&incident).await?;
        }
        return Ok(id);
    }
    let attainment: Versioned<Attainment> = store::get(it.tx.conn(), breach.attainment)
        .await?
        .ok_or_else(|| absent("attainment", &breach.attainment.to_string()))?;
    let number = it.tx.draw("incident", FIRST_INCIDENT).await?;
    let incident = Incident {
        id: it.tx.store().ids().make(),
        number: format!("INC-{number}"),
        title: root_cause.to_owned(),
        began_at: attainment.row.from,
        ended_at: Some(attainment.row.to),
        root_cause: Some(root_cause.to_owned()),
        detected_at: None,
        events: Vec::new(),
        merged_into: None,
    };
    it.tx.put(&incident).await?;
    Ok(incident.id)
}

async fn put_hit(
    it: &mut Deciding<'_>,
    breach: &Breach,
    incident: IncidentId,
    review: &Review<'_>,
) -> Result<(), Problem> {
    let found = it.tx.hit(incident, breach.customer).await?;
    let mut hit =
        found.unwrap_or_else(|| Hit::new(it.tx.store().ids().make(), incident, breach.customer));
    if !hit.breaches.contains(&breach.id) {
        hit.breaches.push(breach.id);
    }
    hit.root_cause = Some(review.root_cause.to_owned());
    tell(&mut hit, review.narratives.clone());
    hit.reviewed_by = Some(it.actor.person);
    hit.reviewed_at = Some(it.now);
    it.tx.put(&hit).await?;
    Ok(())
}

/// Puts a breach off until a day.
pub(super) async fn snooze(
    it: &mut Deciding<'_>,
    _: BreachId,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::Review)?;
    let mut breach = it.seen_alone::<Breach>().await?.row;
    if !matches!(breach.state, BreachState::ToReview | BreachState::Snoozed) {
        let state = breach.state.as_str().replace('_', " ");
        let why = format!(
            "{} is {state}; only a breach that awaits review can be snoozed",
            breach.number
        );
        return Err(Problem::new(Code::WrongState, why));
    }
    if until <= it.now {
        let why = "put it off until a later day, not a past one";
        return Err(Problem::new(Code::Invalid, why).at("until"));
    }
    breach.reason = Some(required(reason, "reason")?.to_owned());
    breach.state = BreachState::Snoozed;
    breach.snoozed_until = Some(until);
    it.tx.put(&breach).await?;
    it.audit("breach.snoozed", breach.customer, json!({ "until": until }));
    Ok(Given::from([("state".to_owned(), breach.state.as_str().to_owned())]))
}
