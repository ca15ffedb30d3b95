//! The names that every screen needs: who is who, and which line is whose.

use crate::{
    ask::{self, Question, Questions},
    read::{Reader, Versioned},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    contract::{Contract, SlaLine},
    customer::Customer,
    id::{ContractId, CustomerId, PersonId, SlaLineId},
    person::Person,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    str::FromStr,
};

/// Who is who, and which line is whose: as much of it as a screen shows.
#[derive(Default)]
pub(crate) struct Names {
    people: BTreeMap<PersonId, String>,
    customers: BTreeMap<CustomerId, String>,
    contracts: BTreeMap<ContractId, (String, CustomerId)>,
    lines: BTreeMap<SlaLineId, String>,
}

/// One customer, or some, with contracts and lines.
pub(crate) struct House {
    names: Names,
    /// People with their roles, by id: for screens that say who may do something.
    pub(crate) people: Vec<Versioned<Person>>,
    pub(crate) customers: BTreeMap<CustomerId, Versioned<Customer>>,
    pub(crate) contracts: BTreeMap<ContractId, Versioned<Contract>>,
    pub(crate) lines: BTreeMap<SlaLineId, Versioned<SlaLine>>,
}

impl Deref for House {
    type Target = Names;

    fn deref(&self) -> &Names {
        &self.names
    }
}

/// Names of people, for what is not in the local copy but names them.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn people(reader: &mut Reader) -> Result<BTreeMap<PersonId, String>, Problem> {
    reader.ask(everybody()).await
}

/// The names of all people.
fn everybody() -> Question<BTreeMap<PersonId, String>> {
    let people = ask::texts("select key, name from person", &[]);
    people.map(|people| people.into_iter().filter_map(pair).collect())
}

/// Ids as the list that SQL reads by `json_each`.
pub(crate) fn listed<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    let ids: BTreeSet<String> = ids.into_iter().map(|id| id.to_string()).collect();
    Value::from_iter(ids).to_string()
}

fn pair<T: FromStr + Ord>([id, name]: [String; 2]) -> Option<(T, String)> {
    Some((id.parse().ok()?, name))
}

/// What stands for something that is not in the local copy (yet, or any more).
pub(crate) const UNKNOWN: &str = "–";

impl Names {
    /// Of these lines, with their contracts and customers, and of these people.
    pub(crate) fn of_lines(
        lines: impl IntoIterator<Item = SlaLineId>,
        people: impl IntoIterator<Item = PersonId>,
    ) -> Question<Self> {
        ask::texts(OF_LINES, &[&listed(lines), &listed(people)]).map(Self::from_rows)
    }

    /// Of these contracts, with their customers, and of these people.
    pub(crate) fn of_contracts(
        contracts: impl IntoIterator<Item = ContractId>,
        people: impl IntoIterator<Item = PersonId>,
    ) -> Question<Self> {
        ask::texts(OF_CONTRACTS, &[&listed(contracts), &listed(people)]).map(Self::from_rows)
    }

    /// Of these customers, and of these people.
    pub(crate) fn of_customers(
        customers: impl IntoIterator<Item = CustomerId>,
        people: impl IntoIterator<Item = PersonId>,
    ) -> Question<Self> {
        ask::texts(OF_CUSTOMERS, &[&listed(customers), &listed(people)]).map(Self::from_rows)
    }

    /// A row is of a person, or of a line, a contract and a customer, as far as they are asked for.
    fn from_rows(rows: Vec<[String; 7]>) -> Self {
        let mut names = Self::default();
        for [person, line, sla, contract, number, customer, name] in rows {
            if let Ok(person) = person.parse() {
                names.people.insert(person, name);
                continue;
            }
            let customer: Option<CustomerId> = customer.parse().ok();
            if let (Ok(contract), Some(customer)) = (contract.parse(), customer) {
                names.contracts.insert(contract, (number, customer));
            }
            names.customers.extend(customer.map(|id| (id, name)));
            names.lines.extend(line.parse().ok().map(|id| (id, sla)));
        }
        names
    }

    pub(crate) fn person(&self, id: PersonId) -> String {
        self.people.get(&id).map_or(UNKNOWN, |name| name).to_owned()
    }

    /// The name, or who central is when nobody did it.
    pub(crate) fn who(&self, id: Option<PersonId>) -> String {
        id.map_or_else(|| "Makegood".to_owned(), |id| self.person(id))
    }

    pub(crate) fn customer(&self, id: CustomerId) -> String {
        self.customers.get(&id).map_or(UNKNOWN, |name| name).to_owned()
    }

    pub(crate) fn contract(&self, id: ContractId) -> String {
        self.contracts.get(&id).map_or(UNKNOWN, |(number, _)| number).to_owned()
    }

    /// The customer's name, where the contract is known here.
    pub(crate) fn customer_of(&self, id: ContractId) -> Option<String> {
        self.contracts.get(&id).map(|(_, customer)| self.customer(*customer))
    }

    pub(crate) fn sla(&self, id: SlaLineId) -> String {
        self.lines.get(&id).map_or(UNKNOWN, |name| name).to_owned()
    }
}

/// Names of people beside others': each is a question less.
macro_rules! and_people {
    ($others:literal) => {
        concat!(
            $others,
            " union all
              select person.key, null, null, null, null, null, person.name
              from json_each($2) as one join person on person.key = one.value"
        )
    };
}

const OF_LINES: &str = and_people!(
    "select null, sla_line.key, sla_line.name, contract.key, contract.number, customer.key,
            customer.name
     from json_each($1) as one
     join sla_line on sla_line.key = one.value
     left join contract on contract.key = sla_line.contract
     left join customer on customer.key = sla_line.customer"
);
const OF_CONTRACTS: &str = and_people!(
    "select null, null, null, contract.key, contract.number, customer.key, customer.name
     from json_each($1) as one
     join contract on contract.key = one.value
     left join customer on customer.key = contract.customer"
);
const OF_CUSTOMERS: &str = and_people!(
    "select null, null, null, null, null, customer.key, customer.name
     from json_each($1) as one join customer on customer.key = one.value"
);

/// A customer with its contracts and lines, and everybody's names.
type Found = (
    Vec<Versioned<Customer>>,
    Vec<Versioned<Contract>>,
    Vec<Versioned<SlaLine>>,
    BTreeMap<PersonId, String>,
);

impl House {
    /// One customer.
    pub(crate) async fn read_customer(
        reader: &mut Reader,
        customer: CustomerId,
    ) -> Result<Self, Problem> {
        reader.ask(Self::of_customer(&customer.to_string())).await
    }

    /// One customer, asked with what does not rest on it.
    pub(crate) fn of_customer(key: &str) -> impl Questions<Answers = Self> + Send + use<> {
        let asked = (
            ask::list::<Customer>("where key = $1", &[key]),
            ask::list::<Contract>("where customer = $1", &[key]),
            ask::list::<SlaLine>("where customer = $1", &[key]),
            everybody(),
        );
        asked.then(Self::of)
    }

    fn of((customers, contracts, lines, people): Found) -> Self {
        let names = Names {
            people,
            customers: customers.iter().map(|row| (row.id, row.name.clone())).collect(),
            contracts: contracts
                .iter()
                .map(|row| (row.id, (row.number.clone(), row.customer)))
                .collect(),
            lines: lines.iter().map(|row| (row.id, row.name.clone())).collect(),
        };
        Self {
            names,
            people: Vec::new(),
            customers: customers.into_iter().map(|row| (row.id, row)).collect(),
            contracts: contracts.into_iter().map(|row| (row.id, row)).collect(),
            lines: lines.into_iter().map(|row| (row.id, row)).collect(),
        }
    }
}

/// What the terms say, read as far as screens show it.
pub(crate) struct Promise<'a>(pub(crate) &'a Value);

impl<'a> Promise<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str()
    }

    /// The contracted percentage, as written: `99.9`.
    pub(crate) fn objective(&self) -> &'a str {
        self.text("objective").unwrap_or(UNKNOWN)
    }

    /// The internal objective, as written.
    pub(crate) fn internal_objective(&self) -> Option<&'a str> {
        self.text("internal_objective")
    }

    /// The zone in which its windows run: `Europe/Berlin`.
    pub(crate) fn zone(&self) -> &'a str {
        self.0.get("window").and_then(|w| w.get("time_zone")?.as_str()).unwrap_or("UTC")
    }

    /// What the window is where it is not a calendar month: `30 days`, `quarter`.
    pub(crate) fn window_note(&self) -> String {
        let Some(window) = self.0.get("window") else { return String::new() };
        let rolling = window.get("rolling").and_then(|text| text.as_str());
        if let Some(days) = rolling.and_then(|text| text.strip_suffix('d')) {
            return format!("{days} days");
        }
        match window.get("calendar").and_then(|text| text.as_str()) {
            Some("month") | None => String::new(),
            Some(other) => other.to_owned(),
        }
    }
}

/// Whether the line is under contract at this instant.
pub(crate) fn is_active(line: &SlaLine, at: DateTime<Utc>) -> bool {
    line.active_from.is_none_or(|from| from <= at) && line.active_to.is_none_or(|to| at < to)
}
