//! Excusing time: proposed by one person, decided by another.

use super::{Deciding, Given, absent, required};
use crate::store;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::Breach,
    command::Verb,
    contract::SlaLine,
    exclusion::{Exclusion, ExclusionState},
    id::{BreachId, ExclusionId},
    person::{Actor, Permission},
    policy,
};
use serde_json::json;
use sqlx::AnyConnection;

/// What somebody wants excused.
pub(crate) struct Draft<'d> {
    pub(crate) breach: BreachId,
    pub(crate) kind: &'d str,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) notified_at: Option<DateTime<Utc>>,
    pub(crate) clause: Option<&'d str>,
}

impl Draft<'_> {
    /// The exclusion that it would be.
    ///
    /// # Errors
    /// [`Code::RoleMissing`], [`Code::ScopeMissing`], [`Code::NotFound`]; [`Code::Invalid`] for a kind
    /// that the terms don't know, or times that don't fit.
    pub(crate) async fn exclusion(
        &self,
        conn: &mut AnyConnection,
        id: ExclusionId,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Exclusion, Problem> {
        policy::require(actor, Permission::ProposeExclusion)?;
        let breach = store::get::<Breach>(conn, self.breach)
            .await?
            .ok_or_else(|| absent("breach", &self.breach.to_string()))?
            .row;
        crate::auth::in_scope(actor, breach.customer, &breach.number)?;
        let line = store::get::<SlaLine>(conn, breach.line)
            .await?
            .ok_or_else(|| absent("SLA line", &breach.line.to_string()))?
            .row;
        if line.terms.get("exclusions").and_then(|kinds| kinds.get(self.kind)).is_none() {
            let why =
                format!("the terms of {} excuse no {}", line.name, self.kind.replace('_', " "));
            return Err(Problem::new(Code::Invalid, why).at("kind"));
        }
        if self.to <= self.from {
            let why = "an exclusion ends after it begins; correct its times";
            return Err(Problem::new(Code::Invalid, why).at("to"));
        }
        let attainment = store::get::<Attainment>(conn, breach.attainment)
            .await?
            .ok_or_else(|| absent("attainment", &breach.attainment.to_string()))?
            .row;
        if self.to <= attainment.from || self.from >= attainment.to {
            let why =
                format!("the exclusion lies outside {}, which it is to change", breach.window);
            return Err(Problem::new(Code::Invalid, why).at("from"));
        }
        Ok(Exclusion {
            id,
            customer: breach.customer,
            series: line.series,
            kind: self.kind.to_owned(),
            from: self.from,
            to: self.to,
            notified_at: self.notified_at,
            clause: self.clause.map(ToOwned::to_owned),
            state: ExclusionState::Proposed,
            proposed_by: actor.person,
            proposed_at: now,
            decided_by: None,
            decided_at: None,
            reason: None,
        })
    }
}

/// Asks that time be excused.
pub(super) async fn propose(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::ProposeExclusion { exclusion: id, breach, kind, from, to, notified_at, clause } =
        &it.command.verb
    else {
        return Err(Problem::new(Code::Internal, "not a proposed exclusion"));
    };
    let (breach, from, to, notified_at) = (*breach, *from, *to, *notified_at);
    let draft = Draft { breach, kind, from, to, notified_at, clause: clause.as_deref() };
    let exclusion = draft.exclusion(it.tx.conn(), *id, &it.actor, it.now).await?;
    it.is_new::<Exclusion>().await?;
    it.tx.put(&exclusion).await?;
    let detail = json!({ "kind": kind, "from": from, "to": to, "breach": breach });
    it.audit("exclusion.proposed", exclusion.customer, detail);
    Ok(Given::from([("state".to_owned(), exclusion.state.as_str().to_owned())]))
}

/// Admits or refuses it. What is admitted enters the measurement at once; a locked one by a
/// revision (law 4).
pub(super) async fn decide(
    it: &mut Deciding<'_>,
    _: ExclusionId,
    admit: bool,
    reason: Option<&str>,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::DecideExclusion)?;
    let mut exclusion = it.seen_alone::<Exclusion>().await?.row;
    policy::may_decide_exclusion(&it.actor, exclusion.proposed_by)?;
    if exclusion.state != ExclusionState::Proposed {
        let why = format!("the exclusion is {} already", exclusion.state.as_str());
        return Err(Problem::new(Code::WrongState, why));
    }
    exclusion.reason = match reason.map(str::trim).filter(|reason| !reason.is_empty()) {
        None if admit => None,
        reason => Some(required(reason.unwrap_or_default(), "reason")?.to_owned()),
    };
    exclusion.state = if admit { ExclusionState::Admitted } else { ExclusionState::Refused };
    exclusion.decided_by = Some(it.actor.person);
    exclusion.decided_at = Some(it.now);
    it.tx.put(&exclusion).await?;
    let action = if admit { "exclusion.admitted" } else { "exclusion.refused" };
    it.audit(action, exclusion.customer, json!({ "kind": exclusion.kind }));
    if admit {
        let (series, from, to) = (exclusion.series, exclusion.from, exclusion.to);
        let touched = [crate::close::Touched { series, part: None, from, to }];
        let reason = format!("exclusion admitted: {}", exclusion.kind.replace('_', " "));
        crate::close::revise(it.tx, Some(exclusion.customer), &touched, &reason).await?;
    }
    Ok(Given::from([("state".to_owned(), exclusion.state.as_str().to_owned())]))
}
