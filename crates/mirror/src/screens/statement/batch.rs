//! What a run of many statements begins with: who is ready, and what holds the others.

use crate::{
    Reader,
    ask::{self, Question},
};
use makegood_domain::{Problem, statement::months_of};
use serde::Serialize;
use ts_rs::TS;

/// A customer whose statement can be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyCustomer {
    /// The customer's id.
    pub customer: String,
    /// The customer's name.
    pub name: String,
    /// The language of whom statements are addressed to, else of the customer's latest one.
    pub language: Option<String>,
}

/// What holds statements up, and how many customers wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct HeldBy {
    /// `An SLA credit is not approved`.
    pub why: String,
    /// How many customers.
    #[ts(type = "number")]
    pub customers: i64,
}

/// The customers whose statement of a month is ready, by name.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statements_ready(
    reader: &mut Reader,
    month: &str,
) -> Result<Vec<ReadyCustomer>, Problem> {
    let found = reader.texts(READY, &[month]).await?;
    Ok(found.into_iter().map(ready).collect())
}

/// The customers without a sealed statement of a longer period, or whose latest does not rest on all that is
/// settled and decided of it now, by name. Whether there is anything to state is seen customer by customer.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statements_missing(
    reader: &mut Reader,
    period: &str,
) -> Result<Vec<ReadyCustomer>, Problem> {
    let months = serde_json::to_string(&months_of(period)).unwrap_or_default();
    let found = reader.texts(MISSING, &[period, &months]).await?;
    Ok(found.into_iter().map(ready).collect())
}

/// What holds a month's statements up, the most frequent first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statements_held(reader: &mut Reader, month: &str) -> Result<Vec<HeldBy>, Problem> {
    let found = reader.texts(HELD, &[month]).await?;
    let held =
        |[why, customers]: [String; 2]| Some(HeldBy { why, customers: customers.parse().ok()? });
    Ok(found.into_iter().filter_map(held).collect())
}

/// The language in which statements to a customer are written; absent where nothing says so.
pub(crate) fn language_of(customer: &str) -> Question<Option<String>> {
    let found = ask::texts(ONE, &[customer]);
    found.map(|found| found.into_iter().map(ready).find_map(|one| one.language))
}

fn ready([customer, name, language]: [String; 3]) -> ReadyCustomer {
    ReadyCustomer { customer, name, language: Some(language).filter(|text| !text.is_empty()) }
}

/// Customers of a query (`customer`, `name`, `folded`), by name, each with the language of whom statements are
/// addressed to, else that of the latest one.
macro_rules! with_language {
    ($of:literal) => {
        concat!(
            "select customer, name, coalesce(
               (select substr(json_extract(body, '$.language'), 1, 2) from contact
                where contact.customer = of.customer and role = 'accounts_payable'
                  and json_extract(body, '$.line') = 'to'
                  and json_extract(body, '$.ended_at') is null
                  and substr(json_extract(body, '$.language'), 1, 2) in ('en', 'de')
                order by key limit 1),
               (select json_extract(body, '$.language') from statement
                where statement.customer = of.customer order by period desc, version desc limit 1))
             from (",
            $of,
            ") as of order by folded, customer"
        )
    };
}

const READY: &str =
    with_language!("select customer, name, folded from run where month = $1 and state = 'ready'");

const ONE: &str =
    with_language!("select key as customer, name, folded from customer where key = $1");

const MISSING: &str = with_language!(
    "select key as customer, name, folded from customer left join
       (select customer as whose, body as stated, max(json_extract(body, '$.revision')) from statement
        where period = $1 and state = 'sealed' and of_kind = 'customer' group by customer)
       on whose = customer.key
     where whose is null or exists (select 1 from settlement
       where settlement.customer = customer.key and month in (select value from json_each($2))
         and not exists (select 1 from json_each(stated, '$.rests_on') as rests
           where json_extract(rests.value, '$.settlement') = settlement.key
             and json_extract(rests.value, '$.revision') = json_extract(settlement.body, '$.revision')))
       or exists (select 1 from credit
         where credit.customer = customer.key and month in (select value from json_each($2))
           and decided_at >= cast(strftime('%s', json_extract(stated, '$.issued_at')) as integer))"
);

/// Reasons name a breach or a credit first: that is left out, so that they can be counted.
const HELD: &str = "select
    case when value like 'BR-%' then 'A missed SLA ' else 'An SLA credit ' end
      || substr(value, instr(value, ' ') + 1),
    cast(count(distinct customer) as text)
    from run, json_each(run.reasons) where month = $1 and state = 'blocked'
    group by 1 order by count(distinct customer) desc, 1";
