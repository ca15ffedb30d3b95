//! Excusing time: proposed by one person, decided by another.

use super::{Deciding, Given, absent, required};
use crate::store;
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::Breach,
    command::Verb,
    contract::SlaLine,
    exclusion::{Exclusion, ExclusionState},
    id::ExclusionId,
    person::Permission,
    policy,
};
use serde_json::json;

/// Asks that time be excused.
pub(super) async fn propose(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::ProposeExclusion { exclusion: id, breach, kind, from, to, notified_at, clause } =
        &it.command.verb
    else {
        return Err(Problem::new(Code::Internal, "not a proposed exclusion"));
    };
    policy::require(&it.actor, Permission::ProposeExclusion)?;
    let breach = store::get::<Breach>(it.tx.conn(), *breach)
        .await?
        .ok_or_else(|| absent("breach", &breach.to_string()))?
        .row;
    crate::auth::in_scope(&it.actor, breach.customer, &breach.number)?;
    let line = store::get::<SlaLine>(it.tx.conn(), breach.line)
        .await?
        .ok_or_else(|| absent("SLA line", &breach.line.to_string()))?
        .row;
    it.is_new::<Exclusion>().await?;
    if line.terms.get("exclusions").and_then(|kinds| kinds.get(kind)).is_none() {
        let why = format!("the terms of {} excuse no {}", line.name, kind.replace('_', " "));
        return Err(Problem::new(Code::Invalid, why).at("kind"));
    }
    if to <= from {
        let why = "an exclusion ends after it begins; mend its times";
        return Err(Problem::new(Code::Invalid, why).at("to"));
    }
    let attainment = store::get::<Attainment>(it.tx.conn(), breach.attainment)
        .await?
        .ok_or_else(|| absent("attainment", &breach.attainment.to_string()))?
        .row;
    if *to <= attainment.from || *from >= attainment.to {
        let why = format!("the exclusion lies outside {}, which it is to change", breach.window);
        return Err(Problem::new(Code::Invalid, why).at("from"));
    }
    let exclusion = Exclusion {
        id: *id,
        customer: breach.customer,
        series: line.series,
        kind: kind.clone(),
        from: *from,
        to: *to,
        notified_at: *notified_at,
        clause: clause.clone(),
        state: ExclusionState::Proposed,
        proposed_by: it.actor.person,
        proposed_at: it.now,
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    it.tx.put(&exclusion).await?;
    let detail = json!({ "kind": kind, "from": from, "to": to, "breach": breach.id });
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
    let mut exclusion = it.seen::<Exclusion>().await?.row;
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
