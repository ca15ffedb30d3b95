//! A customer's own log of outages, laid beside a settlement's calculation file.

use crate::store;
use makegood_domain::{
    Code, Problem,
    claim::{Beside, LoggedOutage},
    settlement::Settlement,
};
use makegood_engine::Case;
use sqlx::AnyConnection;

/// The log beside the settlement as it stands.
///
/// # Errors
/// [`Code::Invalid`] for a log that can't be laid beside anything; [`Code::CaseInvalid`];
/// [`Code::Database`].
pub async fn of(
    conn: &mut AnyConnection,
    settlement: &Settlement,
    log: &[LoggedOutage],
) -> Result<Beside, Problem> {
    let (customer, revision) = (settlement.customer, settlement.revision);
    let text = store::settlement::case_text(conn, customer, settlement.id, revision).await?;
    let text = text.ok_or_else(|| store::missing("calculation file"))?;
    let broken = |why: String| Problem::new(Code::CaseInvalid, why);
    let mut cases = Case::parse_file(text.as_bytes()).map_err(|why| broken(why.to_string()))?;
    let case = cases.pop().ok_or_else(|| broken("the calculation file is empty".to_owned()))?;
    Beside::of(&case, log)
}
