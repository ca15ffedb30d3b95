//! Taking note of alerts.

use super::{Deciding, Given, required};
use crate::message::{self, What};
use makegood_domain::{
    Code, Problem,
    alert::{Alert, AlertState},
    person::Permission,
    policy,
};
use serde_json::json;

/// Somebody looks after it. An alert that becomes worse asks again.
pub(super) async fn acknowledge(
    it: &mut Deciding<'_>,
    note: Option<&str>,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::Review)?;
    let mut alert = it.seen_alone::<Alert>().await?.row;
    if alert.state == AlertState::Resolved {
        let why = format!("{} has already ended", alert.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    if alert.acknowledged_at.is_some() {
        let why = format!("{} is already acknowledged", alert.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    alert.note = note.map(|note| required(note, "note").map(str::to_owned)).transpose()?;
    alert.acknowledged_by = Some(it.actor.person);
    alert.acknowledged_at = Some(it.now);
    it.tx.put(&alert).await?;
    message::record(it.tx, What::Acknowledged, &alert).await?;
    it.audit(What::Acknowledged.kind(), alert.customer, json!({ "number": alert.number }));
    Ok(Given::from([("number".to_owned(), alert.number.clone())]))
}
