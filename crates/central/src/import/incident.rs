//! Incidents, their hits, and exclusions of an import.

use super::{
    Known, difference,
    document::{self, Document},
    invalid, party,
};
use crate::{
    close,
    store::{self, Lock, Tx, exclusion, incident},
};
use makegood_domain::{
    Problem,
    exclusion::{Exclusion, ExclusionState},
    id::PersonId,
    incident::{Hit, Incident},
    person::{Permission, Person, carry},
};

pub(super) async fn put_incidents(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<(), Problem> {
    if !document.incidents.is_empty() {
        tx.lock(Lock::Incidents).await?;
    }
    let mut unnumbered: Vec<Incident> = Vec::new();
    if document.incidents.iter().any(|one| one.number.is_none()) {
        let all = incident::every(tx.conn()).await?;
        unnumbered.extend(all.into_iter().map(|found| found.row));
    }
    for (at, new) in document.incidents.iter().enumerate() {
        let found = match &new.number {
            Some(number) => incident::by_number(tx.conn(), number).await?.map(|found| found.row),
            None => standing(tx, new, &unnumbered).await?,
        };
        let mut row = Incident {
            id: found.as_ref().map_or_else(|| tx.store().ids().make(), |found| found.id),
            number: match (&new.number, &found) {
                (Some(number), _) => number.clone(),
                (None, Some(found)) => found.number.clone(),
                (None, None) => format!("INC-{}", tx.draw("incident", 700).await?),
            },
            title: new.title.clone(),
            began_at: new.began_at.0,
            ended_at: new.ended_at.map(|at| at.0),
            root_cause: new.root_cause.clone(),
            detected_at: new.detected_at.map(|at| at.0),
            events: new.events.clone(),
            merged_into: found.as_ref().and_then(|found| found.merged_into),
        };
        if let (None, Some(found)) = (&new.number, found) {
            row = filled(found, row);
        }
        unnumbered.push(row.clone());
        difference::put(tx, &row, known).await?;
        for (hit_at, hit) in new.hits.iter().enumerate() {
            let path = format!("incidents[{at}].hits[{hit_at}].customer");
            let customer = party::customer_id(tx, known, &hit.customer, &path).await?;
            if incident::hit(tx.conn(), row.id, customer).await?.is_some() {
                continue; // what people wrote since then is theirs
            }
            let row = Hit {
                id: tx.store().ids().make(),
                incident: row.id,
                customer,
                breaches: Vec::new(),
                root_cause: hit.root_cause.clone(),
                first_degraded_at: hit.first_degraded_at.map(|at| at.0),
                detected_at: hit.detected_at.map(|at| at.0),
                narratives: hit.narratives.clone(),
                reviewed_by: None,
                reviewed_at: None,
            };
            difference::put(tx, &row, known).await?;
        }
    }
    Ok(())
}

/// The incident that a document means without a number, by its name and its beginning: so that the same document,
/// sent twice, tells of it once. One that was merged is the one that it went into.
async fn standing(
    tx: &mut Tx,
    new: &document::Incident,
    all: &[Incident],
) -> Result<Option<Incident>, Problem> {
    let is = |one: &&Incident| (&one.title, one.began_at) == (&new.title, new.began_at.0);
    let mut found = all.iter().find(is).cloned();
    while let Some(into) = found.as_ref().and_then(|one| one.merged_into) {
        found = tx.get::<Incident>(into).await?.map(|found| found.row);
    }
    Ok(found)
}

/// What is on record, and what a document adds: people may have written on since.
fn filled(found: Incident, new: Incident) -> Incident {
    Incident {
        ended_at: found.ended_at.or(new.ended_at),
        root_cause: found.root_cause.or(new.root_cause),
        detected_at: found.detected_at.or(new.detected_at),
        events: if found.events.is_empty() { new.events } else { found.events },
        ..found
    }
}

/// Refuses that somebody is said to have decided who may not.
async fn may_decide(tx: &mut Tx, person: PersonId, path: &str) -> Result<(), Problem> {
    let found = store::get::<Person>(tx.conn(), person).await?;
    if found.is_some_and(|found| carry(&found.row.roles, Permission::DecideExclusion)) {
        return Ok(());
    }
    Err(invalid(
        path,
        "they may not decide about exclusions; name who did, or leave it to be decided",
    ))
}

pub(super) async fn put_exclusions(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<(), Problem> {
    for (at, new) in document.exclusions.iter().enumerate() {
        let path = format!("exclusions[{at}]");
        let customer =
            party::customer_id(tx, known, &new.customer, &format!("{path}.customer")).await?;
        let series = tx.series(&new.series.source, &new.series.service).await?;
        let (from, to) = (new.from.0, new.to.0);
        let span = (from.timestamp(), to.timestamp());
        let stored = exclusion::within(tx.conn(), customer, series, span).await?;
        let same = |one: &&Exclusion| one.kind == new.kind && one.from == from && one.to == to;
        let on_record = stored.iter().find(same);
        if on_record.is_some_and(|one| one.state != ExclusionState::Proposed) {
            continue; // it has been decided
        }
        let by = format!("{path}.proposed_by");
        let proposed_by = match on_record {
            Some(one) => Some(one.proposed_by),
            None => party::owner(tx, Some(&new.proposed_by), &by).await?,
        };
        let by = format!("{path}.decided_by");
        let decided_by = party::owner(tx, new.decided_by.as_deref(), &by).await?;
        if let Some(person) = decided_by {
            may_decide(tx, person, &by).await?;
        }
        if decided_by.is_some() && decided_by == proposed_by {
            return Err(invalid(
                &by,
                "who proposes an exclusion does not decide it; name somebody else",
            ));
        }
        let now = tx.now();
        let row = Exclusion {
            id: on_record.map_or_else(|| tx.store().ids().make(), |one| one.id),
            customer,
            series,
            kind: new.kind.clone(),
            from,
            to,
            notified_at: new.notified_at.map(|at| at.0).or(on_record.and_then(|o| o.notified_at)),
            clause: new.clause.clone().or(on_record.and_then(|one| one.clause.clone())),
            state: if decided_by.is_some() {
                ExclusionState::Admitted
            } else {
                ExclusionState::Proposed
            },
            proposed_by: proposed_by.ok_or_else(|| invalid(&path, "nobody proposes it"))?,
            proposed_at: on_record.map_or(now, |one| one.proposed_at),
            decided_by,
            decided_at: decided_by.map(|_| now),
            reason: None,
        };
        let first = known.differences.len();
        difference::put(tx, &row, known).await?;
        if row.proposed_by != known.hands.proposed_by {
            // Whoever sends it might decide next what they had somebody else propose (law 5).
            known.differences[first..].iter_mut().for_each(|one| one.drives_money = true);
        }
        if row.state == ExclusionState::Admitted {
            let reason = format!("exclusion admitted: {}", row.kind.replace('_', " "));
            let touched = [close::Touched { series, part: None, from, to }];
            close::revise(tx, Some(customer), &touched, &reason).await?;
        }
    }
    Ok(())
}
