//! Who decided what about a credit.

use super::{Arg, Tx, fetch_optional, instant, int, opt_text, text};
use makegood_domain::{
    Problem,
    credit::{Approval, Credit, Decision},
    id::{ApprovalId, CustomerId},
};
use sqlx::AnyConnection;

/// A step of an approval as it was kept.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn get(
    conn: &mut AnyConnection,
    customer: CustomerId,
    id: ApprovalId,
) -> Result<Option<Approval>, Problem> {
    let sql = "select step, person, decision, reason, seen_hash, at, delegated_from from approval \
               where customer = $1 and id = $2";
    let row = fetch_optional(conn, sql, &[Arg::text(customer), Arg::text(id)]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Approval {
        id,
        step: u8::try_from(int(&row, 0)?).unwrap_or(u8::MAX),
        person: super::id(&text(&row, 1)?)?,
        delegated_from: opt_text(&row, 6)?.map(|id| super::id(&id)).transpose()?,
        decision: Decision::parse(&text(&row, 2)?).ok_or_else(|| super::missing("decision"))?,
        reason: opt_text(&row, 3)?,
        seen_hash: text(&row, 4)?,
        at: instant(int(&row, 5)?)?,
    }))
}

impl Tx {
    /// Keeps a step of an approval.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_approval(
        &mut self,
        credit: &Credit,
        approval: &Approval,
    ) -> Result<(), Problem> {
        let sql = "insert into approval (customer, id, credit, step, person, delegated_from, \
                   decision, reason, seen_hash, at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let args = [
            Arg::text(credit.customer),
            Arg::text(approval.id),
            Arg::text(credit.id),
            Arg::Int(i64::from(approval.step)),
            Arg::text(approval.person),
            Arg::opt_text(approval.delegated_from),
            Arg::text(approval.decision.as_str()),
            Arg::opt_text(approval.reason.as_ref()),
            Arg::text(&approval.seen_hash),
            Arg::Int(approval.at.timestamp()),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }
}
