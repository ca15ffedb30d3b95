//! Monthly recurring revenue by customer.

use super::{Arg, Tx, feed::scope_filter, fetch, fetch_optional, int, text};
use makegood_domain::{Problem, id::CustomerId, person::Scope};
use makegood_engine::money::{Currency, Money};
use sqlx::AnyConnection;

/// What a customer pays in a month (`2026-10`), where that is known.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn get(
    conn: &mut AnyConnection,
    customer: CustomerId,
    month: &str,
) -> Result<Option<Money>, Problem> {
    let sql = "select minor, currency from mrr where customer = $1 and month = $2";
    let Some(row) = fetch_optional(conn, sql, &[Arg::text(customer), Arg::text(month)]).await?
    else {
        return Ok(None);
    };
    let currency = Currency::parse(&text(&row, 1)?).ok_or_else(|| super::missing("currency"))?;
    Ok(Some(Money::new(int(&row, 0)?, currency)))
}

/// What customers in `scope` pay, by customer and month, after a customer's month; at most `most`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn page(
    conn: &mut AnyConnection,
    scope: &Scope,
    (customer, month): (&str, &str),
    most: usize,
) -> Result<Vec<(CustomerId, String, Money)>, Problem> {
    let mut args = vec![Arg::text(customer), Arg::text(month)];
    args.push(Arg::Int(i64::try_from(most).unwrap_or(i64::MAX)));
    let within = scope_filter(scope, "customer", &mut args);
    let sql = format!(
        "select customer, month, minor, currency from mrr \
         where (customer > $1 or (customer = $1 and month > $2)) and {within} \
         order by customer, month limit $3"
    );
    let rows = fetch(conn, &sql, &args).await?;
    let read = |row| {
        let currency = Currency::parse(&text(row, 3)?).ok_or_else(|| super::missing("currency"))?;
        let amount = Money::new(int(row, 2)?, currency);
        Ok((super::id(&text(row, 0)?)?, text(row, 1)?, amount))
    };
    rows.iter().map(read).collect()
}

impl Tx {
    /// Keeps what a customer pays in a month.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub(crate) async fn put_mrr(
        &mut self,
        customer: CustomerId,
        month: &str,
        amount: Money,
    ) -> Result<(), Problem> {
        let sql = "insert into mrr (customer, month, minor, currency) values ($1, $2, $3, $4) \
                   on conflict (customer, month) do update \
                   set minor = excluded.minor, currency = excluded.currency";
        let args = [
            Arg::text(customer),
            Arg::text(month),
            Arg::Int(amount.minor()),
            Arg::text(amount.currency()),
        ];
        self.execute(sql, &args).await.map(|_| ())
    }
}
