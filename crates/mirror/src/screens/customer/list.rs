//! The list of customers.

use crate::{
    Reader, Viewer, ask,
    screens::{
        Page,
        house::{House, is_active},
        portfolio::{latest_ended, months},
        show::{MoneyView, Status, Sums, date},
    },
};
use makegood_domain::{Problem, contract::Contract, customer::Customer, id::CustomerId};
use makegood_engine::money::{Currency, Money};
use serde::Serialize;
use ts_rs::TS;

/// The list of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CustomerList {
    /// By name.
    pub rows: Vec<CustomerRow>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
    /// How many customers there are.
    #[ts(type = "number")]
    pub total: i64,
}

/// A customer in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CustomerRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its group, where it has others in it.
    pub group: Option<String>,
    /// How many contracts.
    pub contracts: usize,
    /// Its worst line in the last month that ended.
    pub status: Status,
    /// What its lines are charged with a month; absent where they are in several currencies.
    pub mrr: Option<MoneyView>,
    /// `31 Mar 2027`: its next renewal.
    pub renews: Option<String>,
    /// `Dana Whitfield, Sam Okafor`.
    pub owners: String,
}

/// The customers of the scope, page by page.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for a page that is none; [`makegood_domain::Code::Database`].
pub async fn customers(
    reader: &mut Reader,
    viewer: &Viewer,
    page: &Page,
) -> Result<CustomerList, Problem> {
    let month = &latest_ended(&months(reader).await?).unwrap_or_default();
    let (today, now) = (viewer.now.date_naive().to_string(), viewer.now.timestamp().to_string());
    let binds = [page.after_or("[\"\", \"\"]")?, &page.fetched(), month, &today, &now];
    let total = ask::numbers(["select count(*) from customer"], &[]);
    let (found, [total]) = reader.ask((ask::texts(LISTED, &binds), total)).await?;
    let (found, next) = page.cut(found, |found: &Found| found[1].clone());
    let rows = found.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(CustomerList { rows, next, total })
}

/// A customer, its place in the list, its names, its owners, how many contracts it has, when the next
/// one renews, its worst line of the month, and the fees of its lines by currency.
type Found = [String; 10];

const LISTED: &str = "with part as materialized (
      select key, folded, name, group_name, csm, account_manager from customer
      where (folded, key) > (json_extract($1, '$[0]'), json_extract($1, '$[1]'))
      order by folded, key limit cast($2 as integer))
    select key, json_array(folded, key), name, group_name,
           case when account_manager is not null then
             coalesce((select name from person where person.key = account_manager), '–') end,
           case when csm is not null then
             coalesce((select name from person where person.key = csm), '–') end,
           (select cast(count(*) as text) from contract where customer = part.key),
           (select min(renews_on) from contract where customer = part.key and renews_on >= $4),
           (select cast(min(status) as text) from attainment
            where customer = part.key and month = $3),
           (select group_concat(currency || ' ' || fees, char(10)) from (
              select currency, group_concat(fee, ' ') as fees from contract
              cross join sla_line on sla_line.customer = contract.customer
                                 and sla_line.contract = contract.key
              where contract.customer = part.key
                and (active_from = 0 or active_from <= cast($5 as integer))
                and (active_to = 0 or active_to > cast($5 as integer))
              group by 1))
    from part order by folded, key";

fn row(found: Found) -> Result<CustomerRow, Problem> {
    let [id, _, name, group, manager, csm, contracts, renews, worst, fees] = found;
    let owners: Vec<_> = [manager, csm].into_iter().filter(|name| !name.is_empty()).collect();
    Ok(CustomerRow {
        group: Some(group).filter(|group| *group != name),
        id,
        name,
        contracts: contracts.parse().unwrap_or(0),
        status: worst.parse().map_or(Status::NoData, Status::of_rank),
        mrr: base(&fees)?,
        renews: renews.parse().ok().map(date),
        owners: owners.join(", "),
    })
}

/// What the lines are charged with a month, where that is one sum.
fn base(fees: &str) -> Result<Option<MoneyView>, Problem> {
    let mut sums = Sums::default();
    for by_currency in fees.lines() {
        let (code, fees) = by_currency.split_once(' ').unwrap_or_default();
        let Some(currency) = Currency::parse(code) else { continue };
        let fees = fees.split(' ').map(|fee| cut(fee, currency));
        for fee in fees.filter_map(|fee| Money::parse_decimal(fee, currency).ok()) {
            sums.add(fee)?;
        }
    }
    let mut each = sums.each();
    let first = each.next().map(|(sum, _)| sum.into());
    Ok(first.filter(|_| each.next().is_none()))
}

/// An amount without what is finer than the currency.
fn cut(amount: &str, currency: Currency) -> &str {
    let digits = usize::from(currency.minor_digits());
    match amount.split_once('.') {
        Some((whole, _)) if digits == 0 => whole,
        Some((whole, part)) if part.len() > digits => &amount[..=whole.len() + digits],
        _ => amount,
    }
}

/// The group's name, unless the customer is alone in a group of its own name.
pub(crate) fn group(customer: &Customer) -> Option<String> {
    Some(customer.group_name.clone()).filter(|name| *name != customer.name)
}

pub(crate) fn owners(house: &House, customer: &Customer) -> String {
    let people = [customer.account_manager, customer.csm].into_iter().flatten();
    people.map(|id| house.person(id)).collect::<Vec<_>>().join(", ")
}

pub(crate) fn contracts(house: &House, customer: CustomerId) -> Vec<&Contract> {
    let own = house.contracts.values().filter(|one| one.customer == customer);
    own.map(|one| &one.row).collect()
}

/// The contract that renews next, and when.
pub(crate) fn next_renewal<'a>(
    contracts: &[&'a Contract],
    viewer: &Viewer,
) -> Option<(&'a Contract, chrono::NaiveDate)> {
    let today = viewer.now.date_naive();
    let coming = contracts.iter().filter_map(|one| Some((*one, one.renews_on?)));
    coming.filter(|(_, day)| *day >= today).min_by_key(|(contract, day)| (*day, &contract.number))
}

/// What the customer's lines under contract now are charged with a month: one sum per currency.
pub(crate) fn credit_base(
    house: &House,
    customer: CustomerId,
    viewer: &Viewer,
) -> Result<Sums, Problem> {
    let mut sums = Sums::default();
    for line in house.lines.values().filter(|line| line.customer == customer) {
        let contract = house.contracts.get(&line.contract);
        let currency = contract.and_then(|one| Currency::parse(&one.currency));
        let fee = currency
            .and_then(|currency| Money::parse_decimal(cut(&line.fee, currency), currency).ok());
        if let Some(fee) = fee.filter(|_| is_active(line, viewer.now)) {
            sums.add(fee)?;
        }
    }
    Ok(sums)
}
