//! Claims: customers who asked for their credit.

use super::{Arg, Tx, fetch_optional, opt_text};
use chrono::NaiveDate;
use makegood_domain::{
    Problem,
    claim::LoggedOutage,
    credit::{Claim, Credit},
    id::PersonId,
};
use sqlx::AnyConnection;

/// Who recorded the last claim for a credit.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn recorded_by(
    conn: &mut AnyConnection,
    credit: &Credit,
) -> Result<Option<PersonId>, Problem> {
    let sql = "select recorded_by from claim where customer = $1 and credit = $2 \
               order by id desc limit 1";
    let args = [Arg::text(credit.customer), Arg::text(credit.id)];
    let row = fetch_optional(conn, sql, &args).await?;
    let by = row.map(|row| opt_text(&row, 0)).transpose()?.flatten();
    by.map(|id| super::id(&id)).transpose()
}

impl Tx {
    /// Keeps that a customer asked on a day, with its own log where it sent one; the credit says whether
    /// in time.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn add_claim(
        &mut self,
        credit: &Credit,
        received_on: NaiveDate,
        recorded_by: PersonId,
        log: &[LoggedOutage],
    ) -> Result<(), Problem> {
        // Nothing refers to a claim by its id yet.
        let id: uuid::Uuid = self.store().ids().make();
        let sql = "insert into claim (customer, id, credit, received_on, status, recorded_by, body) \
                   values ($1, $2, $3, $4, $5, $6, $7)";
        let args = [
            Arg::text(credit.customer),
            Arg::text(id),
            Arg::text(credit.id),
            Arg::text(received_on),
            Arg::text(credit.claim.as_str()),
            Arg::text(recorded_by),
            Arg::text(serde_json::json!({ "log": log })),
        ];
        self.execute(sql, &args).await.map(|_| ())
    }

    /// Keeps that the late claim for a credit counts.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn admit_claim(&mut self, credit: &Credit) -> Result<(), Problem> {
        let sql = "update claim set status = 'admitted' \
                   where customer = $1 and credit = $2 and status = $3";
        let late = Arg::text(Claim::Late.as_str());
        let args = [Arg::text(credit.customer), Arg::text(credit.id), late];
        self.execute(sql, &args).await.map(|_| ())
    }
}
