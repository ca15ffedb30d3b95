//! What a statement of a period can be of: the whole customer, each contract, the group.

use super::{
    batch::language_of,
    books::{Book, Standing},
};
use crate::{Overlay, Reader, Stage, Versioned, Viewer};
use makegood_domain::{
    Problem,
    attainment::{Attainment, WindowState},
    breach::Breach,
    command::Verb,
    contract::Contract,
    credit::Credit,
    customer::Customer,
    id::CustomerId,
    person::Scope,
    settlement::Settlement,
    statement::{Statement, StatementOf, StatementState, is_month},
};
use serde::Serialize;
use std::collections::BTreeSet;
use ts_rs::TS;

/// What a statement can be of, and how that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementChoice {
    /// What it would be of.
    #[ts(
        type = "{ kind: \"customer\" } | { kind: \"contract\"; id: string } | { kind: \"group\"; id: string }"
    )]
    pub of: StatementOf,
    /// `All contracts`, `Contract NW-1`, `Group Northwind, 2 customers`.
    pub name: String,
    /// Whether it can be issued now.
    pub ready: bool,
    /// How it stands, in words.
    pub state_text: String,
    /// What stands in the way.
    pub reasons: Vec<String>,
    /// The language of whom it is addressed to, else of the customer's latest one.
    pub language: Option<String>,
    /// The latest revision of it, where that is sealed.
    pub sealed: Option<String>,
}

/// What a statement of the customer's period can be of. A group's is offered to those alone whose scope
/// holds everybody: of a narrower one nobody knows here whether it holds the whole group; central does.
///
/// # Errors
/// [`makegood_domain::Code::NotFound`], [`makegood_domain::Code::Database`].
pub async fn statement_choices(
    reader: &mut Reader,
    (viewer, overlay): (&Viewer, &Overlay),
    customer: &str,
    period: &str,
) -> Result<Vec<StatementChoice>, Problem> {
    let customer: Customer = reader.get(customer).await?.row;
    let own = Held::read(reader, customer.id, period).await?;
    let statements: Vec<Versioned<Statement>> = reader
        .list("where customer = $1 and period = $2", &[&customer.id.to_string(), period])
        .await?;
    let language = reader.ask(language_of(&customer.id.to_string())).await?;
    let choice = |of, name: String, held: &[&Held]| {
        let stands = standing(of, held, &statements, (overlay, customer.id, period));
        let sealed = sealed(of, &statements);
        StatementChoice { name, language: language.clone(), ..told(of, stands, sealed) }
    };
    let whole = "All contracts of the customer".to_owned();
    let mut choices = vec![choice(StatementOf::Customer, whole, &[&own])];
    for contract in own.contracts.iter().filter(|one| own.is_measured(one)) {
        let held = own.only(contract);
        let name = format!("Contract {} only", contract.number);
        choices.push(choice(StatementOf::Contract(contract.id), name, &[&held]));
    }
    let mut group: Vec<Versioned<Customer>> =
        reader.list("where group_name = $1 order by name, key", &[&customer.group_name]).await?;
    group.retain(|one| one.group == customer.group);
    if group.len() > 1 && viewer.actor.scope == Scope::All {
        let mut held = Vec::new();
        for one in &group {
            held.push(Held::read(reader, one.id, period).await?);
        }
        let held: Vec<&Held> = held.iter().collect();
        let name = format!("Group {}, {} customers", customer.group_name, group.len());
        choices.push(choice(StatementOf::Group(customer.group), name, &held));
    }
    Ok(choices)
}

/// A customer's period.
#[derive(Clone)]
struct Held {
    contracts: Vec<Contract>,
    attainments: Vec<Attainment>,
    settlements: Vec<Settlement>,
    breaches: Vec<Breach>,
    credits: Vec<Credit>,
}

impl Held {
    async fn read(
        reader: &mut Reader,
        customer: CustomerId,
        period: &str,
    ) -> Result<Self, Problem> {
        let mut held = Self {
            contracts: reader.of_customer(customer).await?,
            attainments: reader.of_customer(customer).await?,
            settlements: reader.of_customer(customer).await?,
            breaches: reader.of_customer(customer).await?,
            credits: reader.of_customer(customer).await?,
        };
        held.contracts.sort_by(|a, b| a.number.cmp(&b.number));
        held.attainments.retain(|one| one.ends_in(period));
        held.settlements.retain(|one| one.ends_in(period));
        let told: BTreeSet<_> = held.settlements.iter().map(|one| one.id).collect();
        held.breaches.retain(|one| one.settlement.is_some_and(|id| told.contains(&id)));
        held.credits.retain(|one| one.is_told_with(&told, period));
        Ok(held)
    }

    fn is_measured(&self, contract: &Contract) -> bool {
        self.attainments.iter().any(|one| one.contract == contract.id)
    }

    fn only(&self, contract: &Contract) -> Self {
        let mut held = self.clone();
        held.attainments.retain(|one| one.contract == contract.id);
        held.settlements.retain(|one| one.contract == contract.id);
        held.breaches.retain(|one| one.contract == contract.id);
        held.credits.retain(|one| one.contract == contract.id);
        held
    }
}

/// How a period stands whose latest statement holds.
pub const NOTHING_CHANGED: &str = "Issued; nothing has changed since";
/// How a period stands whose latest statement has its number and no seal.
const NOT_SEALED: &str = "Issued; it is not sealed yet";
/// How a period stands of which nothing can be stated yet.
pub const NOTHING_LOCKED: &str = "Measurement not locked yet";

/// By the rule of the month's run; a longer period may be stated while windows of it still run.
fn standing(
    of: StatementOf,
    held: &[&Held],
    statements: &[Versioned<Statement>],
    (overlay, customer, period): (&Overlay, CustomerId, &str),
) -> Standing {
    let is_asked = |verb: &Verb| {
        matches!(verb, Verb::IssueStatement { customer: one, period: label, of: asked, .. }
            if (*one, label.as_str(), *asked) == (customer, period, of))
    };
    if let Some((_, pending)) = overlay.verbs().find(|(verb, _)| is_asked(verb)) {
        return Standing::Queued(pending.stage);
    }
    let mut book = Book::default();
    let mut open = false;
    for one in held {
        open |= one.attainments.iter().any(|window| window.state != WindowState::Locked);
        book.settlements.extend(one.settlements.iter().cloned());
        book.breaches.extend(one.breaches.iter().cloned());
        book.credits.extend(one.credits.iter().cloned());
    }
    if book.settlements.is_empty() || (open && is_month(period)) {
        return Standing::Running(NOTHING_LOCKED);
    }
    book.statements = statements.to_vec();
    book.statements.sort_by_key(|one| std::cmp::Reverse(one.revision));
    book.judged(of)
}

/// The latest revision of a statement of this, if it is sealed.
fn sealed(of: StatementOf, statements: &[Versioned<Statement>]) -> Option<String> {
    let held = [StatementState::Sealed, StatementState::Issued];
    let of = statements.iter().filter(|one| one.of == of && held.contains(&one.state));
    let latest = of.max_by_key(|one| one.revision)?;
    (latest.state == StatementState::Sealed).then(|| latest.id.to_string())
}

fn told(of: StatementOf, standing: Standing, sealed: Option<String>) -> StatementChoice {
    let stage = |stage: Stage| stage.word().to_owned();
    let (ready, state_text, reasons) = match standing {
        Standing::Running(text) => (false, text.to_owned(), Vec::new()),
        Standing::Queued(queued) => (false, stage(queued), Vec::new()),
        Standing::Ready(text) => (true, text, Vec::new()),
        Standing::Blocked(blockers) => {
            let reasons = blockers.into_iter().map(|one| one.text).collect();
            (false, "Blocked".to_owned(), reasons)
        }
        Standing::Done if sealed.is_none() => (false, NOT_SEALED.to_owned(), Vec::new()),
        Standing::Done => (false, NOTHING_CHANGED.to_owned(), Vec::new()),
    };
    StatementChoice { of, name: String::new(), ready, state_text, reasons, language: None, sealed }
}
