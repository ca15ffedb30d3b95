//! Disputes: a customer says that a statement is wrong, and somebody answers by a day.

use super::{Deciding, Given, required};
use crate::store;
use chrono::{Days, NaiveDate};
use makegood_domain::{
    Code, Problem,
    customer::Customer,
    delivery::Acknowledgement,
    dispute::{DAYS_TO_ANSWER, Dispute, DisputeAnswer},
    person::Permission,
    policy,
    statement::Statement,
};
use serde_json::json;

/// It begins with what was said: whoever sees to the customer answers it.
pub(super) async fn begun(
    it: &mut Deciding<'_>,
    statement: &Statement,
    said_on: NaiveDate,
) -> Result<Dispute, Problem> {
    let customer = store::get::<Customer>(it.tx.conn(), statement.customer).await?;
    let customer = customer.ok_or_else(|| store::missing("customer"))?.row;
    let due = said_on.checked_add_days(Days::new(DAYS_TO_ANSWER)).unwrap_or(NaiveDate::MAX);
    Ok(Dispute { owner: customer.csm, due, zone: customer.time_zone, answer: None })
}

/// Ends it. What follows from it (evidence that is corrected, a claim, a revision) goes its own way.
pub(super) async fn answer(
    it: &mut Deciding<'_>,
    upheld: bool,
    text: &str,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::ProposeCredit)?;
    let mut row = it.seen::<Acknowledgement>().await?.row;
    let text = required(text, "answer")?.to_owned();
    let over = |why: String| Err(Problem::new(Code::WrongState, why));
    let Some(dispute) = row.dispute.as_mut() else {
        return over(format!("{} did not dispute the statement", row.by_name));
    };
    if dispute.answer.is_some() {
        return over(format!("what {} disputed was answered before", row.by_name));
    }
    dispute.answer = Some(DisputeAnswer { upheld, text, by: it.actor.person, at: it.now });
    it.tx.put(&row).await?;
    let statement = store::get::<Statement>(it.tx.conn(), row.statement).await?;
    let statement = statement.ok_or_else(|| store::missing("statement"))?.row;
    let customer = super::statement::on_record_of(&statement);
    let detail = json!({ "statement": statement.id, "upheld": upheld });
    it.audit("statement.dispute_answered", customer, detail);
    Ok(Given::from([
        ("number".to_owned(), statement.number),
        ("state".to_owned(), if upheld { "upheld" } else { "refused" }.to_owned()),
    ]))
}
