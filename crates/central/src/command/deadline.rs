//! Deadlines that people end.

use super::{Deciding, Given, required};
use crate::deadline;
use makegood_domain::{
    Code, Problem,
    deadline::{Deadline, DeadlineKind, DeadlineState},
    person::Permission,
    policy,
};

/// What a deadline asks for was done. A claim says so by itself.
pub(super) async fn close(it: &mut Deciding<'_>, note: &str) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ProposeCredit)?;
    let row = it.seen_alone::<Deadline>().await?.row;
    let note = required(note, "note")?.to_owned();
    if row.state != DeadlineState::Open {
        let state = row.state.as_str();
        let why = format!("the deadline of {} is {state}; nothing is left to do", row.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    if row.kind == DeadlineKind::Claim {
        let why = format!("record the claim for {}: that is what meets it", row.number);
        return Err(Problem::new(Code::WrongState, why));
    }
    let number = row.number.clone();
    let by = Some(it.actor.person);
    deadline::end(it.tx, row, (DeadlineState::Met, by, Some(note))).await?;
    Ok(Given::from([("number".to_owned(), number)]))
}
