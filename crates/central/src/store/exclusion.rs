//! Exclusions of a customer's series.

use super::{Arg, list};
use makegood_domain::{
    Problem,
    exclusion::Exclusion,
    id::{CustomerId, SeriesId},
};
use sqlx::AnyConnection;

/// The exclusions of a customer's series that touch a span of seconds, whatever their state.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn within(
    conn: &mut AnyConnection,
    customer: CustomerId,
    series: SeriesId,
    (from, to): (i64, i64),
) -> Result<Vec<Exclusion>, Problem> {
    let filter = "customer = $1 and series = $2 and from_at < $3 and to_at > $4 \
                  order by from_at, id";
    let args = [Arg::text(customer), Arg::text(series), Arg::Int(to), Arg::Int(from)];
    Ok(list(conn, filter, &args).await?.into_iter().map(|row| row.row).collect())
}
