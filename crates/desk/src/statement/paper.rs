//! What a statement says, put together from the mirror and the calculation files.

use super::{about::by_name, letterhead::letterhead, part, to_date};
use crate::seat::Inside;
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::Breach,
    contract::{Contract, SlaLine},
    credit::Credit,
    customer::{Customer, LegalEntity},
    exclusion::Exclusion,
    id::{CustomerId, LegalEntityId, SettlementId},
    incident::Hit,
    settlement::Settlement,
    statement::{Statement, StatementOf},
};
use makegood_engine::window::{Window, WindowKind};
use makegood_engine::zone::Zone;
use makegood_mirror::Reader;
use makegood_statement::{ContractPart, Document, Kind, Language, Period, Scope};

/// A customer's entities, read once.
pub(crate) struct Shelf {
    pub(crate) customer: Customer,
    pub(crate) contracts: Vec<Contract>,
    pub(crate) lines: Vec<SlaLine>,
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) credits: Vec<Credit>,
    pub(super) attainments: Vec<Attainment>,
    pub(super) breaches: Vec<Breach>,
    pub(super) hits: Vec<Hit>,
    pub(super) exclusions: Vec<Exclusion>,
}

impl Shelf {
    /// Reads them.
    pub(crate) async fn read(reader: &mut Reader, customer: CustomerId) -> Result<Self, Problem> {
        Ok(Self {
            customer: reader.get::<Customer>(&customer.to_string()).await?.row,
            contracts: reader.of_customer(customer).await?,
            lines: reader.of_customer(customer).await?,
            settlements: reader.of_customer(customer).await?,
            credits: reader.of_customer(customer).await?,
            attainments: reader.of_customer(customer).await?,
            breaches: reader.of_customer(customer).await?,
            hits: reader.of_customer(customer).await?,
            exclusions: reader.of_customer(customer).await?,
        })
    }

    /// The settlements that a period's statement rests on, in the order to print.
    pub(crate) fn of_period(&self, period: &str) -> Vec<&Settlement> {
        let mut found: Vec<_> = self.settlements.iter().filter(|one| one.ends_in(period)).collect();
        found.sort_by_key(|one| (self.number_of(one), one.from));
        found
    }

    /// The contract of a settlement.
    pub(super) fn contract(&self, settlement: &Settlement) -> Result<&Contract, Problem> {
        let found = self.contracts.iter().find(|one| one.id == settlement.contract);
        found.ok_or_else(|| missing("contract", &settlement.contract))
    }

    fn number_of(&self, settlement: &Settlement) -> String {
        let contract = self.contracts.iter().find(|one| one.id == settlement.contract);
        contract.map_or_else(String::new, |contract| contract.number.clone())
    }
}

/// The head of a statement: numbered, or a draft.
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) revision: u32,
    pub(crate) supersedes: Option<String>,
    /// What has changed since, and why.
    pub(crate) change: Option<String>,
    pub(crate) language: Language,
    pub(crate) issued_at: chrono::DateTime<chrono::Utc>,
    pub(crate) released_by: String,
    /// Who receives it; absent: the first customer, or the group by its name.
    pub(crate) addressee: Option<Customer>,
}

impl Inside {
    /// The document of a numbered statement, and the settlement behind each of its contracts.
    pub(crate) async fn document(
        &self,
        statement: &Statement,
    ) -> Result<(Document, Vec<SettlementId>), Problem> {
        let mut reader = self.mirror().reader().await?;
        let addressee = reader.get::<Customer>(&statement.customer.to_string()).await?.row;
        let mut customers = Vec::new();
        for customer in statement.tells_of() {
            customers.push(reader.get::<Customer>(&customer.to_string()).await?.row);
        }
        let mut shelves = Vec::new();
        for customer in by_name(customers) {
            shelves.push(Shelf::read(&mut reader, customer).await?);
        }
        let before = match statement.supersedes {
            Some(before) => reader.find::<Statement>(&before.to_string()).await?,
            None => None,
        };
        let released = reader
            .find::<makegood_domain::person::Person>(&statement.released_by.to_string())
            .await?;
        drop(reader);
        let written = language(&statement.language)?;
        let change = match (&before, &statement.reason) {
            (Some(before), Some(reason)) => {
                Some(self.change((before, statement), reason, written).await?)
            }
            (None, reason) => reason.clone().filter(|_| statement.supersedes.is_some()),
            (Some(_), None) => None,
        };
        let head = Head {
            number: statement.number.clone(),
            revision: u32::try_from(statement.revision).unwrap_or(1),
            supersedes: before.map(|b| format!("{}, revision {}", b.number, b.revision)),
            change,
            language: written,
            issued_at: statement.issued_at,
            released_by: released.map_or_else(|| self.who().person.name, |found| found.row.name),
            addressee: Some(addressee),
        };
        let rests: Vec<_> =
            statement.rests_on.iter().map(|case| (case.settlement, case.revision)).collect();
        let wanted = |one: &&Settlement| rests.iter().any(|(id, _)| *id == one.id);
        let sheaves: Vec<Sheaf<'_>> = shelves
            .iter()
            .map(|shelf| {
                let settlements = shelf.of_period(&statement.period).into_iter().filter(wanted);
                Sheaf { shelf, settlements: settlements.collect() }
            })
            .collect();
        let ids = sheaves.iter().flat_map(|one| &one.settlements).map(|one| one.id).collect();
        let scope = match statement.of {
            StatementOf::Customer => Scope::Customer,
            StatementOf::Contract(_) => Scope::Contract,
            StatementOf::Group(_) => Scope::Group,
        };
        let how = (scope, head);
        let document = self.lay_out(&sheaves, &rests, &statement.period, how).await?;
        Ok((document, ids))
    }

    /// Lays a period's settlements out as a document.
    ///
    /// # Errors
    /// [`Code::StatementBlocked`] when there are none; [`Code::NotFound`] for what they name and the
    /// mirror does not hold; what a calculation file or a letterhead can have.
    pub(crate) async fn lay_out(
        &self,
        sheaves: &[Sheaf<'_>],
        rests: &[(SettlementId, i64)],
        period: &str,
        (scope, head): (Scope, Head),
    ) -> Result<Document, Problem> {
        let Some(first) = sheaves.iter().find(|sheaf| !sheaf.settlements.is_empty()) else {
            let who = sheaves.first().map_or("the group", |sheaf| &sheaf.shelf.customer.name);
            let why = format!("{who} has nothing measured that ends in {period}");
            return Err(Problem::new(Code::StatementBlocked, why));
        };
        let mut contracts = Vec::new();
        for sheaf in sheaves {
            for settlement in &sheaf.settlements {
                let stated = rests.iter().find(|(id, _)| *id == settlement.id);
                let revision = stated.map_or(settlement.revision, |(_, revision)| *revision);
                let mut part = self.part(sheaf.shelf, settlement, revision, head.language).await?;
                part.customer = (scope == Scope::Group).then(|| sheaf.shelf.customer.name.clone());
                contracts.push(part);
            }
        }
        part::keep_last_trends(&mut contracts);
        part::tell_files_apart(&mut contracts);
        let (shelf, earliest) = (first.shelf, first.settlements[0]);
        let entity = self.entity(shelf.contract(earliest)?.legal_entity).await?;
        let seal = entity.seal.as_deref().unwrap_or("without a name");
        let period = span(period, &contracts, earliest);
        Ok(Document {
            kind: Kind::Statement,
            number: head.number,
            revision: head.revision,
            supersedes: head.supersedes,
            change: head.change,
            language: head.language,
            seal_name: format!("{}, key {seal}", entity.name),
            legal_entity: letterhead(&entity)?,
            recipient: match &head.addressee {
                Some(addressee) => addressed(addressee),
                None => recipient(&shelf.customer, scope),
            },
            customer: match scope {
                Scope::Group => shelf.customer.group_name.clone(),
                Scope::Customer | Scope::Contract => shelf.customer.name.clone(),
            },
            scope,
            to_date: to_date::stretches(sheaves, &period),
            period,
            issued_at: head.issued_at,
            released_by: head.released_by,
            demo: self.who().demo,
            contracts,
        })
    }

    /// What is printed of a settlement at a revision.
    pub(super) async fn part(
        &self,
        shelf: &Shelf,
        settlement: &Settlement,
        revision: i64,
        language: Language,
    ) -> Result<ContractPart, Problem> {
        let case = self.case(settlement.id, revision).await?;
        part::part(shelf, settlement, shelf.contract(settlement)?, case, revision, language)
    }

    pub(super) async fn entity(&self, id: LegalEntityId) -> Result<LegalEntity, Problem> {
        Ok(self.mirror().reader().await?.get::<LegalEntity>(&id.to_string()).await?.row)
    }
}

/// A customer's settlements that a document rests on, in the order to print.
pub(crate) struct Sheaf<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) settlements: Vec<&'a Settlement>,
}

/// The period by the calendar of its first contract's zone.
fn span(label: &str, contracts: &[ContractPart], first: &Settlement) -> Period {
    let zone = contracts.first().and_then(|part| part.case.lines.first());
    let zone = zone.map_or_else(Zone::utc, |line| line.terms.window.time_zone.clone());
    let kind = match (label.contains("-Q"), label.len()) {
        (true, _) => WindowKind::Quarter { year_starts_in: 1 },
        (_, 4) => WindowKind::Year { year_starts_in: 1 },
        _ => WindowKind::Month { anchor_day: 1 },
    };
    let name = zone.name().to_owned();
    let window = Window { kind, time_zone: zone, counted_as: None };
    let (from, to) = window.span(label).map_or((first.from, first.to), |span| (span.from, span.to));
    Period { label: label.to_owned(), from, to, zone: name }
}

/// To whom it goes; of a group, no address is on record.
pub(super) fn recipient(customer: &Customer, scope: Scope) -> Vec<String> {
    if scope == Scope::Group {
        return vec![customer.group_name.clone()];
    }
    addressed(customer)
}

fn addressed(customer: &Customer) -> Vec<String> {
    std::iter::once(customer.name.clone()).chain(customer.address.iter().cloned()).collect()
}

/// Reads `en` or `de`.
pub(crate) fn language(text: &str) -> Result<Language, Problem> {
    Language::parse(text).ok_or_else(|| {
        let why = format!("no statement is written in {text:?}; choose en or de");
        Problem::new(Code::Invalid, why).at("language")
    })
}

pub(super) fn missing(what: &str, id: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::NotFound, format!("no {what} {id} in the local copy; sync, and try again"))
}
