//! The list of customers.

use crate::{
    Reader, Viewer,
    screens::{
        Page,
        house::{House, Names, is_active, listed},
        portfolio::{latest_ended, months},
        show::{MoneyView, Status, Sums, date},
    },
};
use chrono::NaiveDate;
use makegood_domain::{Problem, contract::Contract, customer::Customer, id::CustomerId};
use makegood_engine::money::{Currency, Money};
use serde::Serialize;
use std::collections::BTreeMap;
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
    let sql = "select key, name, group_name, csm, account_manager, json_array(name, key)
               from customer
               where (name, key) > (json_extract($1, '$[0]'), json_extract($1, '$[1]'))
               order by name, key limit cast($2 as integer)";
    let found = reader.texts(sql, &[page.after_or("[\"\", \"\"]")?, &page.fetched()]).await?;
    let (found, next) = page.cut(found, |row: &[String; 6]| row[5].clone());
    let beside = Beside::read(reader, viewer, &found).await?;
    let mut rows = Vec::with_capacity(found.len());
    for [key, name, group, csm, account_manager, _] in &found {
        rows.push(CustomerRow {
            id: key.clone(),
            name: name.clone(),
            group: Some(group.clone()).filter(|group| group != name),
            contracts: beside.contracts.get(key).map_or(0, |(number, _)| *number),
            status: beside.worst.get(key).copied().unwrap_or(Status::NoData),
            mrr: beside.base(key),
            renews: beside.contracts.get(key).and_then(|(_, day)| *day).map(date),
            owners: beside.owners([account_manager, csm]),
        });
    }
    let total = reader.number("select count(*) from customer", &[]).await?;
    Ok(CustomerList { rows, next, total })
}

/// What stands beside customers' names.
struct Beside {
    names: Names,
    /// How many contracts, and when the next one renews.
    contracts: BTreeMap<String, (usize, Option<NaiveDate>)>,
    worst: BTreeMap<String, Status>,
    base: BTreeMap<String, Sums>,
}

impl Beside {
    async fn read(
        reader: &mut Reader,
        viewer: &Viewer,
        found: &[[String; 6]],
    ) -> Result<Self, Problem> {
        let keys = &listed(found.iter().map(|row| row[0].as_str()));
        let owners = found.iter().flat_map(|row| [&row[3], &row[4]]);
        let owners = owners.filter_map(|id| id.parse().ok());
        let names = Names::default().with_people(reader, owners).await?;
        let month = &latest_ended(&months(reader).await?).unwrap_or_default();
        let today = viewer.now.date_naive().to_string();
        let sql = "select customer, count(*), min(renews_on) filter (where renews_on >= $2)
                   from contract where customer in (select value from json_each($1)) group by 1";
        let contracts = reader.texts(sql, &[keys, &today]).await?;
        let contracts = contracts.into_iter().map(|[customer, number, renews]| {
            (customer, (number.parse().unwrap_or(0), renews.parse().ok()))
        });
        let contracts = contracts.collect();
        let sql = "select one.value, (select min(status) from attainment
                                      where customer = one.value and month = $2)
                   from json_each($1) as one";
        let worst = reader.texts(sql, &[keys, month]).await?.into_iter();
        let worst = worst.map(|[customer, rank]| {
            let status = Status::of_rank(rank.parse().unwrap_or(-1));
            (customer, status)
        });
        let worst = worst.collect();
        let sql = "select contract.customer, currency, group_concat(fee, ' ') from contract
                   cross join sla_line on sla_line.customer = contract.customer
                                      and sla_line.contract = contract.key
                   where contract.customer in (select value from json_each($1))
                     and (active_from = 0 or active_from <= cast($2 as integer))
                     and (active_to = 0 or active_to > cast($2 as integer))
                   group by 1, 2";
        let now = viewer.now.timestamp().to_string();
        let mut base: BTreeMap<String, Sums> = BTreeMap::new();
        for [customer, currency, fees] in reader.texts(sql, &[keys, &now]).await? {
            let Some(currency) = Currency::parse(&currency) else { continue };
            let sums = base.entry(customer).or_default();
            for fee in fees.split(' ') {
                if let Ok(fee) = Money::parse_decimal(fee, currency) {
                    sums.add(fee)?;
                }
            }
        }
        Ok(Self { names, contracts, worst, base })
    }

    /// What the customer's lines are charged with a month, where that is one sum.
    fn base(&self, customer: &str) -> Option<MoneyView> {
        let mut sums = self.base.get(customer)?.each();
        let (sum, _) = sums.next()?;
        sums.next().is_none().then(|| sum.into())
    }

    fn owners(&self, ids: [&String; 2]) -> String {
        let ids = ids.into_iter().filter_map(|id| id.parse().ok());
        ids.map(|id| self.names.person(id)).collect::<Vec<_>>().join(", ")
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
        let fee = currency.and_then(|currency| Money::parse_decimal(&line.fee, currency).ok());
        if let Some(fee) = fee.filter(|_| is_active(line, viewer.now)) {
            sums.add(fee)?;
        }
    }
    Ok(sums)
}
