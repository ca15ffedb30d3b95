//! Exclusions of a customer's series.

use super::{Arg, list};
use makegood_domain::{
    Problem,
    exclusion::Exclusion,
    id::{CustomerId, SeriesId},
};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

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

/// All exclusions of a customer's series, whatever their state, by series.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_series(
    conn: &mut AnyConnection,
    customer: CustomerId,
    series: &[SeriesId],
) -> Result<BTreeMap<SeriesId, Vec<Exclusion>>, Problem> {
    let mut found: BTreeMap<SeriesId, Vec<Exclusion>> = BTreeMap::new();
    for some in series.chunks(500) {
        let filter = format!(
            "customer = $1 and series in {} order by from_at, id",
            super::placeholders(1, some.len(), 2)
        );
        let mut args = vec![Arg::text(customer)];
        args.extend(some.iter().map(Arg::text));
        let rows: Vec<super::Versioned<Exclusion>> = list(conn, &filter, &args).await?;
        for row in rows {
            found.entry(row.row.series).or_default().push(row.row);
        }
    }
    Ok(found)
}
