//! Charges that are in force: what fees are derived from, over all contracts.

use super::{Arg, feed::scope_filter, fetch, int, opt_text, text};
use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::{
    Problem,
    contract::SlaLine,
    id::{ChargeId, CustomerId},
    person::Scope,
};
use serde::Serialize;
use sqlx::AnyConnection;
use utoipa::ToSchema;

/// A charge with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChargeInForce)]
pub struct InForce {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    pub id: ChargeId,
    /// The customer.
    #[schema(value_type = uuid::Uuid)]
    pub customer: CustomerId,
    /// The contract's number.
    pub contract: String,
    /// The SLA line's name.
    pub line: String,
    /// Decimal text.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// `monthly`, `quarterly`, `annual`.
    pub frequency: String,
    /// Charged before the service.
    pub in_advance: bool,
    /// From this day.
    pub from: NaiveDate,
    /// To this day, exclusive; open when absent.
    pub to: Option<NaiveDate>,
}

/// Where a charge stands among all: those of a customer stand together.
pub type Place = (CustomerId, ChargeId);

/// A page of charges, and the place after which the next one begins.
pub type Page = (Vec<InForce>, Option<Place>);

/// The charges in `scope` that are in force at `now` or will be, after `after`, by customer: at most
/// `most` are looked at.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn in_force(
    conn: &mut AnyConnection,
    scope: &Scope,
    after: Option<Place>,
    (now, most): (DateTime<Utc>, usize),
) -> Result<Page, Problem> {
    let (customer, id) = after
        .map_or_else(Default::default, |(customer, id)| (customer.to_string(), id.to_string()));
    let mut args = vec![
        Arg::Text(customer),
        Arg::Text(id),
        Arg::text(now.date_naive()),
        Arg::Int(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1)),
    ];
    let within = scope_filter(scope, "charge.customer", &mut args);
    let sql = format!(
        "select charge.id, charge.customer, contract.number, sla_line.name, charge.amount, \
         charge.currency, charge.frequency, charge.in_advance, charge.from_day, charge.to_day, \
         sla_line.body from charge \
         join sla_line on sla_line.customer = charge.customer and sla_line.id = charge.line \
         join contract on contract.customer = charge.customer and contract.id = sla_line.contract \
         where (charge.customer, charge.id) > ($1, $2) \
         and (charge.to_day is null or charge.to_day > $3) and {within} \
         order by charge.customer, charge.id limit $4"
    );
    let day = |text: &str| text.parse().map_err(|_| super::missing("day"));
    let (mut found, mut last, mut looked) = (Vec::new(), None, 0);
    for row in fetch(conn, &sql, &args).await? {
        if looked == most {
            return Ok((found, last));
        }
        looked += 1;
        let (id, customer) = (super::id(&text(&row, 0)?)?, super::id(&text(&row, 1)?)?);
        last = Some((customer, id));
        let line: SlaLine =
            serde_json::from_str(&text(&row, 10)?).map_err(|_| super::missing("SLA line"))?;
        // A later version of the contract has ended it, with what was charged for it.
        if line.active_to.is_some_and(|to| to <= now) {
            continue;
        }
        found.push(InForce {
            id,
            customer,
            contract: text(&row, 2)?,
            line: text(&row, 3)?,
            amount: text(&row, 4)?,
            currency: text(&row, 5)?,
            frequency: text(&row, 6)?,
            in_advance: int(&row, 7)? == 1,
            from: day(&text(&row, 8)?)?,
            to: opt_text(&row, 9)?.map(|text| day(&text)).transpose()?,
        });
    }
    Ok((found, None))
}
