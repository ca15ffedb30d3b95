//! One customer.

use super::list::{contracts, credit_base, group, next_renewal, owners};
use crate::{
    Overlay, Reader, Versioned, Viewer,
    ask::{self, Question},
    screens::{
        audit::{self, AuditEntry},
        breach::{self, BreachItem},
        contact::{self, ContactRow},
        credit::{CreditRow, Desk},
        delivery,
        house::{House, Promise},
        show::{Action, Fact, Status, count, date, fact, month_short},
        statement::{Books, StatementRow, language_of, rows},
        termination,
    },
};
use makegood_domain::{
    Problem,
    contract::{PartialBase, SlaLine},
    credit::Credit,
    customer::Customer as CustomerEntity,
};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Customer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its group, where it has others in it.
    pub group: Option<String>,
    /// `2 contracts`.
    pub contracts_text: String,
    /// Credit base, renewal, zone, owners.
    pub facts: Vec<Fact>,
    /// How much each tab holds.
    pub tabs: CustomerTabs,
    /// Its lines, each with its last twelve months.
    pub slas: Vec<SlaHistory>,
    /// Its breaches, newest first.
    pub breaches: Vec<BreachItem>,
    /// Its credits, newest first.
    pub credits: Vec<CreditRow>,
    /// Its statements, newest month first.
    pub statements: Vec<StatementRow>,
    /// The language in which statements to it are written; absent where nothing says so.
    pub language: Option<String>,
    /// Whom documents go to.
    pub contacts: Vec<ContactRow>,
    /// Whether one may enter a contact.
    pub add_contact: Action,
    /// What happened, newest first.
    pub timeline: Vec<AuditEntry>,
}

/// How much each tab holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CustomerTabs {
    /// Lines.
    pub slas: usize,
    /// Breaches.
    pub breaches: usize,
    /// Credits.
    pub credits: usize,
    /// Statements that were issued.
    pub statements: usize,
    /// Contacts that count.
    pub contacts: usize,
}

/// A line with its last twelve months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SlaHistory {
    /// The line.
    pub line_id: String,
    /// The contract's number.
    pub contract: String,
    /// The line's name.
    pub sla: String,
    /// `99.9`.
    pub objective: String,
    /// What of the service it is about, in words; `None`: the service as a whole.
    pub about: Option<String>,
    /// What its version says beside the objective and the credit table, a sentence each.
    pub rules: Vec<String>,
    /// Oldest first.
    pub months: Vec<HistoryMonth>,
}

/// A line's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct HistoryMonth {
    /// `2026-10`, or the window's own label.
    pub label: String,
    /// `Oct 2026`.
    pub name: String,
    /// `99.885880`.
    pub percent: Option<String>,
    /// How it stands.
    pub status: Status,
    /// `open`, `closing`, `locked`.
    pub state: String,
}

/// How many months of a line are shown.
const MONTHS: i64 = 12;

/// One customer.
///
/// # Errors
/// [`makegood_domain::Code::NotFound`], [`makegood_domain::Code::Database`].
pub async fn customer(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    id: &str,
) -> Result<Customer, Problem> {
    let own = (House::of_customer(id), months(id), termination::of_customer(id));
    let decided = (breach::of_customer(overlay, id), ask::list("where customer = $1", &[id]));
    let stated = (Books::of_customer(id), delivery::of_customer(id), language_of(id));
    let told = (ask::list("where customer = $1", &[id]), audit::of_customer(id));
    let asked = (own, decided, stated, told);
    let ((house, months, rights), decided, stated, told) = reader.ask(asked).await?;
    let ((breaches, credits), (books, became, language), (contacts, events)) =
        (decided, stated, told);
    let found: CustomerEntity = match house.customers.values().next() {
        Some(found) => found.row.clone(),
        None => reader.get(id).await?.row,
    };
    let credits = credit_rows(reader, &house, (viewer, overlay), credits).await?;
    let mut statements = rows(&books?, &house, overlay);
    delivery::lay(became, (viewer, overlay), &house, &mut statements);
    let (contacts, add_contact) = contact::of_customer(contacts, (viewer, overlay), &house, id);
    let slas = slas(&house, months);
    let mut facts = facts(&house, &found, viewer)?;
    facts.extend(termination::facts(&rights, &house));
    Ok(Customer {
        id: id.to_owned(),
        name: found.name.clone(),
        group: group(&found),
        contracts_text: count(house.contracts.len(), "contract"),
        facts,
        tabs: CustomerTabs {
            slas: slas.len(),
            breaches: breaches.len(),
            credits: credits.len(),
            statements: statements.iter().filter(|row| row.id.is_some()).count(),
            contacts: contacts.iter().filter(|row| row.state != "ended").count(),
        },
        slas,
        breaches,
        credits,
        statements,
        language,
        contacts,
        add_contact,
        timeline: audit::entries(&events, &house),
    })
}

fn facts(house: &House, customer: &CustomerEntity, viewer: &Viewer) -> Result<Vec<Fact>, Problem> {
    let base = credit_base(house, customer.id, viewer)?;
    let sums: Vec<String> = base.each().map(|(sum, _)| sum.display()).collect();
    let mut facts = Vec::new();
    if !sums.is_empty() {
        facts.push(fact("Credit base", format!("{} a month", sums.join(", "))));
    }
    if let Some((contract, day)) = next_renewal(&contracts(house, customer.id), viewer) {
        facts.push(fact("Renewal", format!("{} renews {}", contract.number, date(day))));
    }
    facts.push(fact("Time zone", customer.time_zone.clone()));
    let owners = owners(house, customer);
    if !owners.is_empty() {
        facts.push(fact("Owners", owners));
    }
    Ok(facts)
}

async fn credit_rows(
    reader: &mut Reader,
    house: &House,
    (viewer, overlay): (&Viewer, &Overlay),
    mut all: Vec<Versioned<Credit>>,
) -> Result<Vec<CreditRow>, Problem> {
    all.sort_by_key(|credit| std::cmp::Reverse(credit.id));
    let beside = reader.ask(Desk::beside(&all, viewer)).await?;
    let desk = Desk::of(beside, house, (viewer, overlay));
    let mut rows = desk.queued_goodwill();
    rows.retain(|row| !row.customer.is_empty());
    for credit in &all {
        rows.push(desk.row(credit)?);
    }
    Ok(rows)
}

/// What people have to know of a line that no figure says.
fn rules(line: &SlaLine) -> Vec<String> {
    let mut rules = Vec::new();
    if line.remedy.partial_base == PartialBase::ByDays {
        rules.push("Credit base by days in a window under contract in part".to_owned());
    }
    for right in &line.termination {
        let clause = right.clause.as_ref().map(|clause| format!(" (clause {clause})"));
        rules.push(format!(
            "They may terminate when {right}, within {} of the last{}",
            count(usize::from(right.exercise_within_days), "day"),
            clause.unwrap_or_default()
        ));
    }
    rules
}

/// Months of lines, by the line.
type Months = BTreeMap<String, Vec<HistoryMonth>>;

/// The last months of a customer's lines, the oldest first.
fn months(customer: &str) -> Question<Months> {
    let last = "select line, label, percent, cast(status as text), state
                from attainment where rowid in (
                  select id from (
                    select rowid as id,
                           row_number() over (partition by line order by starts_at desc) as n
                    from attainment where line in (select key from sla_line where customer = $1))
                  where n <= cast($2 as integer))
                order by starts_at";
    ask::texts(last, &[customer, &MONTHS.to_string()]).map(|found| {
        let mut months = Months::new();
        for [line, label, reached, status, state] in found {
            months.entry(line).or_default().push(HistoryMonth {
                name: month_short(&label),
                label,
                percent: Some(reached).filter(|text| !text.is_empty()),
                status: Status::of_rank(status.parse().unwrap_or(-1)),
                state,
            });
        }
        months
    })
}

fn slas(house: &House, mut months: Months) -> Vec<SlaHistory> {
    let mut history = |line: &SlaLine| SlaHistory {
        line_id: line.id.to_string(),
        contract: house.contract(line.contract),
        sla: line.name.clone(),
        objective: Promise(&line.terms).objective().to_owned(),
        about: line.scope.as_ref().map(ToString::to_string),
        rules: rules(line),
        months: months.remove(&line.id.to_string()).unwrap_or_default(),
    };
    let mut slas: Vec<SlaHistory> = house.lines.values().map(|line| history(line)).collect();
    slas.sort_by(|a, b| (&a.contract, &a.sla).cmp(&(&b.contract, &b.sla)));
    slas
}
