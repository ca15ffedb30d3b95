//! The names that every screen needs: who is who, and which line is whose.

use crate::read::{Reader, Versioned};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    contract::{Contract, SlaLine},
    customer::Customer,
    id::{ContractId, CustomerId, PersonId, SlaLineId},
    person::Person,
};
use std::collections::BTreeMap;

/// People, customers, contracts and lines, by id.
pub(crate) struct House {
    pub(crate) people: BTreeMap<PersonId, Versioned<Person>>,
    pub(crate) customers: BTreeMap<CustomerId, Versioned<Customer>>,
    pub(crate) contracts: BTreeMap<ContractId, Versioned<Contract>>,
    pub(crate) lines: BTreeMap<SlaLineId, Versioned<SlaLine>>,
}

/// Names of people, for what is not in the local copy but names them.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn people(reader: &mut Reader) -> Result<BTreeMap<PersonId, String>, Problem> {
    let people: Vec<Versioned<Person>> = reader.list("", &[]).await?;
    Ok(people.into_iter().map(|person| (person.id, person.name.clone())).collect())
}

/// What stands for something that is not in the local copy (yet, or any more).
const UNKNOWN: &str = "–";

impl House {
    /// The whole house.
    pub(crate) async fn read(reader: &mut Reader) -> Result<Self, Problem> {
        let customers = reader.list("", &[]).await?;
        let contracts = reader.list("", &[]).await?;
        let lines = reader.list("", &[]).await?;
        Self::of(reader, customers, contracts, lines).await
    }

    /// One customer's part of it.
    pub(crate) async fn read_customer(
        reader: &mut Reader,
        customer: CustomerId,
    ) -> Result<Self, Problem> {
        let key = customer.to_string();
        let customers = reader.list("where key = $1", &[&key]).await?;
        let contracts = reader.list("where customer = $1", &[&key]).await?;
        let lines = reader.list("where customer = $1", &[&key]).await?;
        Self::of(reader, customers, contracts, lines).await
    }

    async fn of(
        reader: &mut Reader,
        customers: Vec<Versioned<Customer>>,
        contracts: Vec<Versioned<Contract>>,
        lines: Vec<Versioned<SlaLine>>,
    ) -> Result<Self, Problem> {
        let people: Vec<Versioned<Person>> = reader.list("", &[]).await?;
        Ok(Self {
            people: people.into_iter().map(|row| (row.id, row)).collect(),
            customers: customers.into_iter().map(|row| (row.id, row)).collect(),
            contracts: contracts.into_iter().map(|row| (row.id, row)).collect(),
            lines: lines.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    pub(crate) fn person(&self, id: PersonId) -> String {
        self.people.get(&id).map_or(UNKNOWN, |row| &row.name).to_owned()
    }

    /// The name, or who central is when nobody did it.
    pub(crate) fn who(&self, id: Option<PersonId>) -> String {
        id.map_or_else(|| "Makegood".to_owned(), |id| self.person(id))
    }

    pub(crate) fn customer(&self, id: CustomerId) -> String {
        self.customers.get(&id).map_or(UNKNOWN, |row| &row.name).to_owned()
    }

    pub(crate) fn contract(&self, id: ContractId) -> String {
        self.contracts.get(&id).map_or(UNKNOWN, |row| &row.number).to_owned()
    }

    pub(crate) fn sla(&self, id: SlaLineId) -> String {
        self.lines.get(&id).map_or(UNKNOWN, |row| &row.name).to_owned()
    }
}

/// What the terms say, read as far as screens show it.
pub(crate) struct Promise<'a>(pub(crate) &'a SlaLine);

impl<'a> Promise<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.terms.get(key)?.as_str()
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
        self.0.terms.get("window").and_then(|w| w.get("time_zone")?.as_str()).unwrap_or("UTC")
    }

    /// What the window is where it is not a calendar month: `30 days`, `quarter`.
    pub(crate) fn window_note(&self) -> String {
        let Some(window) = self.0.terms.get("window") else { return String::new() };
        let rolling = window.get("rolling").and_then(|text| text.as_str());
        if let Some(days) = rolling.and_then(|text| text.strip_suffix('d')) {
            return format!("{days} days");
        }
        match window.get("calendar").and_then(|text| text.as_str()) {
            Some("month") | None => String::new(),
            Some(other) => other.to_owned(),
        }
    }

    /// Whether the line is under contract at this instant.
    pub(crate) fn is_active(&self, at: DateTime<Utc>) -> bool {
        self.0.active_from.is_none_or(|from| from <= at)
            && self.0.active_to.is_none_or(|to| at < to)
    }
}
