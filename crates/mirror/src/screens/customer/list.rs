//! The list of customers.

use crate::{
    Reader, Versioned, Viewer,
    screens::{
        house::{House, Promise},
        portfolio::{latest_ended, months},
        show::{MoneyView, Status, Sums, date},
    },
};
use makegood_domain::{
    Problem, attainment::Attainment, contract::Contract, customer::Customer, id::CustomerId,
};
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

/// The customers of the scope.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn customers(reader: &mut Reader, viewer: &Viewer) -> Result<CustomerList, Problem> {
    let house = House::read(reader).await?;
    let month = latest_ended(&months(reader).await?).unwrap_or_default();
    let attainments: Vec<Versioned<Attainment>> =
        reader.list("where month = $1", &[&month]).await?;
    let mut worst: BTreeMap<CustomerId, Status> = BTreeMap::new();
    for attainment in &attainments {
        let status = Status::of(attainment);
        let entry = worst.entry(attainment.customer).or_insert(status);
        *entry = (*entry).min(status);
    }
    let mut rows = Vec::with_capacity(house.customers.len());
    for customer in house.customers.values() {
        let contracts: Vec<&Contract> = contracts(&house, customer.id);
        let base = credit_base(&house, customer.id, viewer)?;
        let single: Vec<Money> = base.each().map(|(sum, _)| sum).collect();
        rows.push(CustomerRow {
            id: customer.id.to_string(),
            name: customer.name.clone(),
            group: group(customer),
            contracts: contracts.len(),
            status: worst.get(&customer.id).copied().unwrap_or(Status::NoData),
            mrr: single.first().filter(|_| single.len() == 1).map(|&sum| sum.into()),
            renews: next_renewal(&contracts, viewer).map(|(_, day)| date(day)),
            owners: owners(&house, customer),
        });
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(CustomerList { rows })
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
        if let Some(fee) = fee.filter(|_| Promise(line).is_active(viewer.now)) {
            sums.add(fee)?;
        }
    }
    Ok(sums)
}
