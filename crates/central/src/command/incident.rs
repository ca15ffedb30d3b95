//! Incidents: one cause, one hit for each customer, one review for all of them. No customer's text
//! reaches another's hit.

use super::{Deciding, Given, absent, breach, required};
use crate::{
    auth,
    close::lock_customers,
    store::{self, Lock},
};
use makegood_domain::{
    Code, Problem,
    breach::{Breach, BreachState},
    command::Verb,
    id::{BreachId, CustomerId, IncidentId},
    incident::{Hit, Incident},
    person::Permission,
    policy,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Reviews an incident for every customer whom it hit and the reviewer may see: their breaches are
/// confirmed, their credits are as the settlements drafted them.
pub(super) async fn review(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::ReviewIncident {
        incident: id,
        root_cause,
        first_degraded_at,
        detected_at,
        narratives,
    } = &it.command.verb
    else {
        return Err(Problem::new(Code::Internal, "not a review of an incident"));
    };
    policy::require(&it.actor, Permission::Review)?;
    let (mut incident, hits) = it.incident(*id, None).await?;
    standing(&incident)?;
    if first_degraded_at.zip(*detected_at).is_some_and(|(began, noticed)| noticed < began) {
        let why = "it can't be detected before it began; correct the times";
        return Err(Problem::new(Code::Invalid, why).at("detected_at"));
    }
    let root_cause = required(root_cause, "root_cause")?;
    let mut told = BTreeMap::new();
    for (customer, texts) in narratives {
        told.insert(*customer, breach::read_narratives(texts)?);
    }
    let (mut customers, mut confirmed) = (0, 0);
    for mut hit in hits {
        if !it.actor.scope.holds(hit.customer) {
            continue;
        }
        hit.root_cause = Some(root_cause.to_owned());
        hit.first_degraded_at = first_degraded_at.or(hit.first_degraded_at);
        hit.detected_at = detected_at.or(hit.detected_at);
        if let Some(texts) = told.remove(&hit.customer) {
            breach::tell(&mut hit, texts);
        }
        hit.reviewed_by = Some(it.actor.person);
        hit.reviewed_at = Some(it.now);
        it.tx.put(&hit).await?;
        customers += 1;
        for id in hit.breaches.clone() {
            confirmed += usize::from(confirm(it, id).await?);
        }
        let subject = hit.id.to_string();
        let detail = json!({ "incident": incident.number, "command": it.command.id });
        it.tx.audit("hit.reviewed", ("hit", &subject), Some(hit.customer), detail);
    }
    if let Some(stranger) = told.keys().next() {
        let why = format!("{} hit nobody with the id {stranger} whom you may see", incident.number);
        return Err(Problem::new(Code::Invalid, why).at("narratives"));
    }
    if customers == 0 {
        // Its header is everybody's: whoever sees none of those it hit has no say in it.
        auth::every_customer(&it.actor)?;
    }
    incident.root_cause = Some(root_cause.to_owned());
    incident.detected_at = detected_at.or(incident.detected_at);
    it.tx.put(&incident).await?;
    it.audit_for_nobody("incident.reviewed", json!({ "confirmed": confirmed }));
    Ok(Given::from([
        ("number".to_owned(), incident.number),
        ("customers".to_owned(), customers.to_string()),
        ("confirmed".to_owned(), confirmed.to_string()),
    ]))
}

/// Whether a breach became confirmed.
async fn confirm(it: &mut Deciding<'_>, id: BreachId) -> Result<bool, Problem> {
    let Some(found) = it.tx.get::<Breach>(id).await? else { return Ok(false) };
    let mut breach = found.row;
    if !matches!(breach.state, BreachState::ToReview | BreachState::Snoozed) {
        return Ok(false);
    }
    let before = breach.state;
    breach.state = BreachState::Confirmed;
    breach.reviewed_by = Some(it.actor.person);
    breach.reviewed_at = Some(it.now);
    breach.snoozed_until = None;
    breach.reason = None;
    it.tx.put(&breach).await?;
    let detail = json!({ "before": before, "after": breach.state, "command": it.command.id });
    let subject = breach.id.to_string();
    it.tx.audit("breach.reviewed", ("breach", &subject), Some(breach.customer), detail);
    Ok(true)
}

/// Joins a breach to an incident, whatever it was joined to before.
pub(super) async fn join(
    it: &mut Deciding<'_>,
    _: BreachId,
    id: IncidentId,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::Review)?;
    let mut breach = it.seen_alone::<Breach>().await?.row;
    it.tx.lock(Lock::Incidents).await?;
    let incident = store::get::<Incident>(it.tx.conn(), id).await?;
    let incident = incident.ok_or_else(|| absent("incident", &id.to_string()))?.row;
    standing(&incident)?;
    let before = breach.incident;
    if let Some(before) = before
        && let Some(mut hit) = it.tx.hit(before, breach.customer).await?
    {
        hit.breaches.retain(|other| *other != breach.id);
        it.tx.put(&hit).await?;
    }
    let found = it.tx.hit(id, breach.customer).await?;
    let mut hit =
        found.unwrap_or_else(|| Hit::new(it.tx.store().ids().make(), incident.id, breach.customer));
    if !hit.breaches.contains(&breach.id) {
        hit.breaches.push(breach.id);
    }
    it.tx.put(&hit).await?;
    breach.incident = Some(id);
    it.tx.put(&breach).await?;
    it.audit("breach.joined", breach.customer, json!({ "before": before, "after": id }));
    Ok(Given::from([("number".to_owned(), incident.number)]))
}

/// Two incidents turn out to be one: the hits of the duplicate go to the other, for every customer.
pub(super) async fn merge(
    it: &mut Deciding<'_>,
    id: IncidentId,
    into: IncidentId,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::Review)?;
    let (mut duplicate, hits) = it.incident(id, Some(into)).await?;
    standing(&duplicate)?;
    if duplicate.id == into {
        let why = format!("{} can't be merged into itself", duplicate.number);
        return Err(Problem::new(Code::Invalid, why).at("into"));
    }
    let other = it.tx.get::<Incident>(into).await?;
    let mut other = other.ok_or_else(|| absent("incident", &into.to_string()))?.row;
    standing(&other)?;
    if hits.iter().any(|hit| !it.actor.scope.holds(hit.customer)) {
        let why = format!("{} hit customers outside your scope", duplicate.number);
        return Err(Problem::new(Code::ScopeMissing, why));
    }
    if hits.is_empty() {
        auth::every_customer(&it.actor)?;
    }
    for hit in hits {
        move_hit(it, hit, &other).await?;
    }
    other.began_at = other.began_at.min(duplicate.began_at);
    other.ended_at = other.ended_at.zip(duplicate.ended_at).map(|(one, two)| one.max(two));
    other.root_cause = other.root_cause.or_else(|| duplicate.root_cause.clone());
    other.detected_at = [other.detected_at, duplicate.detected_at].into_iter().flatten().min();
    it.tx.put(&other).await?;
    duplicate.merged_into = Some(into);
    it.tx.put(&duplicate).await?;
    it.audit_for_nobody("incident.merged", json!({ "into": into, "number": other.number }));
    Ok(Given::from([("number".to_owned(), other.number)]))
}

/// Moves a hit to another incident; where the customer was hit by that one, too, into its hit. What
/// was told under the other stands, and what only the duplicate told is kept.
async fn move_hit(it: &mut Deciding<'_>, from: Hit, other: &Incident) -> Result<(), Problem> {
    let found = it.tx.hit(other.id, from.customer).await?;
    let mut to =
        found.unwrap_or_else(|| Hit::new(it.tx.store().ids().make(), other.id, from.customer));
    for id in &from.breaches {
        if !to.breaches.contains(id) {
            to.breaches.push(*id);
        }
        if let Some(found) = it.tx.get::<Breach>(*id).await? {
            it.tx.put(&Breach { incident: Some(other.id), ..found.row }).await?;
        }
    }
    for (language, text) in from.narratives {
        to.narratives.entry(language).or_insert(text);
    }
    to.root_cause = to.root_cause.or(from.root_cause);
    to.first_degraded_at =
        [to.first_degraded_at, from.first_degraded_at].into_iter().flatten().min();
    to.detected_at = [to.detected_at, from.detected_at].into_iter().flatten().min();
    to.reviewed_by = to.reviewed_by.or(from.reviewed_by);
    to.reviewed_at = to.reviewed_at.or(from.reviewed_at);
    it.tx.put(&to).await?;
    it.tx.delete::<Hit>(Some(from.customer), from.id).await?;
    let detail = json!({ "before": from.id, "after": to.id, "command": it.command.id });
    let subject = to.id.to_string();
    it.tx.audit("hit.merged", ("hit", &subject), Some(to.customer), detail);
    Ok(())
}

/// What was merged into another incident is not decided about any more.
fn standing(incident: &Incident) -> Result<(), Problem> {
    if incident.merged_into.is_none() {
        return Ok(());
    }
    let why = format!("{} was merged into another; look at that one", incident.number);
    Err(Problem::new(Code::WrongState, why))
}

impl Deciding<'_> {
    /// The incident as its author saw it, and its hits, with the groups of everybody whom it hit, or another that it is
    /// to become part of, to itself.
    async fn incident(
        &mut self,
        id: IncidentId,
        other: Option<IncidentId>,
    ) -> Result<(Incident, Vec<Hit>), Problem> {
        let mut customers = BTreeSet::new();
        for one in std::iter::once(id).chain(other) {
            customers.extend(self.tx.hits_of(one).await?.into_iter().map(|hit| hit.customer));
        }
        lock_customers(self.tx, &customers).await?;
        self.tx.lock(Lock::Incidents).await?;
        let incident = self.seen::<Incident>().await?.row;
        let hits = self.tx.hits_of(id).await?;
        if hits.iter().all(|hit| customers.contains(&hit.customer)) {
            return Ok((incident, hits));
        }
        let why = format!("{} hit somebody more meanwhile; look again", incident.number);
        Err(Problem::new(Code::Stale, why))
    }

    /// Puts a change on record that concerns no customer in particular.
    fn audit_for_nobody(&mut self, action: &str, mut detail: serde_json::Value) {
        let (entity, key) = self.command.verb.target();
        detail["command"] = json!(self.command.id);
        detail["seen"] = json!(self.command.base);
        self.tx.audit(action, (entity, &key), None::<CustomerId>, detail);
    }
}
