//! What is left to do before windows lock: what nobody measured, sources that are late, exclusions that
//! nobody has decided and misses that nobody has reviewed, each with whose it is.

use crate::store::{self, Store, attainment, contract, exclusion, series, source};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Code, Problem,
    alert::lasting,
    attainment::Attainment,
    breach::{Breach, BreachState},
    contract::{Contract, SlaLine},
    customer::Customer,
    exclusion::ExclusionState,
    id::{BreachId, ContractId, CustomerId, PersonId, SlaLineId},
    person::{Actor, Person},
    source::{Source, SourceState},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, btree_map::Entry};
use utoipa::ToSchema;

/// Something that is left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChecklistItem)]
pub struct Item {
    /// `gap`, `late_source`, `undecided_exclusion` or `unreviewed_breach`.
    pub what: &'static str,
    /// The customer.
    #[schema(value_type = String, format = Uuid)]
    pub customer: CustomerId,
    /// Its name.
    pub name: String,
    /// The contract's number.
    pub contract: String,
    /// The window's label.
    pub window: String,
    /// The SLA line.
    pub line: String,
    /// What exactly, in words.
    pub detail: String,
    /// The missed line at which it is done, where there is one.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub breach: Option<BreachId>,
    /// Whose it is: their id. Absent: nobody is named for the customer, or it is the administrators'.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub owner: Option<PersonId>,
    /// Their name, or the role.
    pub owner_name: String,
    /// When the window locks.
    pub due: DateTime<Utc>,
}

/// A window that is over and not locked, with what is left to do of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClosingWindow)]
pub struct Closing {
    /// The contract.
    #[schema(value_type = String, format = Uuid)]
    pub contract: ContractId,
    /// Its number.
    pub number: String,
    /// The customer's name.
    pub name: String,
    /// The window's label.
    pub window: String,
    /// How many SLA lines it settles.
    pub lines: usize,
    /// How many of them are missed as it stands.
    pub missed: usize,
    /// When it locks by itself.
    pub due: DateTime<Utc>,
    /// What is left to do.
    pub left: Vec<Item>,
    /// What whoever locks it by hand gives back: the digest of what is left and of each line's figures.
    pub seen: String,
}

/// What is left to do before the windows that are closing lock, within somebody's scope: the ones that
/// lock first come first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn checklist(
    store: &Store,
    actor: &Actor,
    grace_days: u16,
) -> Result<Vec<Item>, Problem> {
    let windows = closing(store, actor, grace_days).await?;
    let mut items: Vec<Item> = windows.into_iter().flat_map(|window| window.left).collect();
    items.sort_by(|a, b| {
        let key = |one: &Item| (one.due, one.owner_name.clone(), one.contract.clone());
        key(a).cmp(&key(b))
    });
    Ok(items)
}

/// Every window that is over and not locked, within somebody's scope: the ones that lock first come
/// first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn closing(
    store: &Store,
    actor: &Actor,
    grace_days: u16,
) -> Result<Vec<Closing>, Problem> {
    let mut conn = store.reading().await?;
    let mut lines = attainment::closing(&mut conn).await?;
    lines.retain(|line| actor.scope.holds(line.customer));
    windows(&mut conn, lines, store.clock().now(), grace_days).await
}

/// The windows of lines that are closing; the lines of one stand together.
pub(crate) async fn windows(
    conn: &mut AnyConnection,
    lines: Vec<Attainment>,
    now: DateTime<Utc>,
    grace_days: u16,
) -> Result<Vec<Closing>, Problem> {
    let mut names = Names::default();
    let sources: BTreeMap<String, Source> =
        source::all(conn).await?.into_iter().map(|one| (one.name.clone(), one)).collect();
    let mut windows = Vec::new();
    for lines in lines.chunk_by(|a, b| (a.contract, &a.window) == (b.contract, &b.window)) {
        let (mut left, mut held) = (Vec::new(), Vec::new());
        let mut whole = None;
        for closing in lines {
            let about = About::of(conn, &mut names, closing, grace_days).await?;
            if !about.is_under_contract(closing) {
                continue;
            }
            held.push(closing);
            left.extend(about.gap(closing));
            left.extend(about.late_source(conn, &sources, closing, now).await?);
            left.extend(about.exclusions(conn, &mut names, closing).await?);
            left.extend(about.breach(conn, &mut names, closing).await?);
            whole = Some((about, closing));
        }
        let Some((about, closing)) = whole else { continue };
        windows.push(Closing {
            contract: closing.contract,
            number: about.contract,
            name: about.customer.name,
            window: closing.window.clone(),
            lines: held.len(),
            missed: held.iter().filter(|line| line.met == Some(false)).count(),
            due: about.due,
            seen: seen(&left, &held)?,
            left,
        });
    }
    Ok(windows)
}

/// The digest of what somebody sees of a window.
fn seen(left: &[Item], lines: &[&Attainment]) -> Result<String, Problem> {
    let figures: Vec<_> =
        lines.iter().map(|line| (line.line, &line.percent, line.met, &line.credit)).collect();
    let text = serde_json::to_string(&(left, figures))
        .map_err(|error| Problem::new(Code::Internal, format!("a checklist as JSON: {error}")))?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// What was looked up once.
#[derive(Debug, Default)]
struct Names {
    customers: BTreeMap<CustomerId, Customer>,
    contracts: BTreeMap<ContractId, Contract>,
    lines: BTreeMap<SlaLineId, SlaLine>,
    people: BTreeMap<PersonId, String>,
}

impl Names {
    async fn person(
        &mut self,
        conn: &mut AnyConnection,
        id: Option<PersonId>,
    ) -> Result<String, Problem> {
        let Some(id) = id else { return Ok("nobody is named".to_owned()) };
        if let Some(known) = self.people.get(&id) {
            return Ok(known.clone());
        }
        let found = store::get::<Person>(conn, id).await?;
        let name = found.map_or_else(|| id.to_string(), |found| found.row.name);
        self.people.insert(id, name.clone());
        Ok(name)
    }
}

/// The window of a line that is closing.
struct About {
    customer: Customer,
    contract: String,
    line: SlaLine,
    due: DateTime<Utc>,
}

impl About {
    async fn of(
        conn: &mut AnyConnection,
        names: &mut Names,
        closing: &Attainment,
        grace_days: u16,
    ) -> Result<Self, Problem> {
        if let Entry::Vacant(vacant) = names.customers.entry(closing.customer) {
            let found = store::get::<Customer>(conn, closing.customer).await?;
            vacant.insert(found.ok_or_else(|| store::missing("customer"))?.row);
        }
        if let Entry::Vacant(vacant) = names.contracts.entry(closing.contract) {
            let found = store::get::<Contract>(conn, closing.contract).await?;
            let found = found.ok_or_else(|| store::missing("contract"))?.row;
            for line in contract::lines(conn, found.customer, found.id).await? {
                names.lines.insert(line.row.id, line.row);
            }
            vacant.insert(found);
        }
        let line = names.lines.get(&closing.line).ok_or_else(|| store::missing("SLA line"))?;
        let customer = names.customers.get(&closing.customer);
        let contract = names.contracts.get(&closing.contract);
        Ok(Self {
            customer: customer.ok_or_else(|| store::missing("customer"))?.clone(),
            contract: contract.ok_or_else(|| store::missing("contract"))?.number.clone(),
            line: line.clone(),
            due: closing.to + TimeDelta::days(i64::from(grace_days)),
        })
    }

    /// Whether the line is in the window still: an amendment may have taken it out.
    fn is_under_contract(&self, closing: &Attainment) -> bool {
        self.line.active_from.is_none_or(|from| from < closing.to)
            && self.line.active_to.is_none_or(|to| to > closing.from)
    }

    fn item(
        &self,
        what: &'static str,
        closing: &Attainment,
        detail: String,
        (owner, owner_name): (Option<PersonId>, String),
    ) -> Item {
        Item {
            what,
            customer: self.customer.id,
            name: self.customer.name.clone(),
            contract: self.contract.clone(),
            window: closing.window.clone(),
            line: self.line.name.clone(),
            detail,
            breach: None,
            owner,
            owner_name,
            due: self.due,
        }
    }

    fn gap(&self, closing: &Attainment) -> Option<Item> {
        let seconds = closing.unknown_seconds;
        (seconds > 0).then(|| {
            let detail = format!("{} that nobody measured", lasting(seconds));
            self.item("gap", closing, detail, administrators())
        })
    }

    async fn late_source(
        &self,
        conn: &mut AnyConnection,
        sources: &BTreeMap<String, Source>,
        closing: &Attainment,
        now: DateTime<Utc>,
    ) -> Result<Option<Item>, Problem> {
        let (name, _) = series::names(conn, self.line.series).await?;
        let Some(source) = sources.get(&name) else { return Ok(None) };
        let behind = source.seen_until.is_none_or(|until| until < closing.to);
        let state = source.state(now);
        Ok((behind && state != SourceState::Ok).then(|| {
            let until = source.seen_until.map_or_else(
                || "it has said nothing".to_owned(),
                |until| format!("it has said what it saw until {} UTC", clock(until)),
            );
            let detail = format!("{name} is {}: {until}", state.as_str());
            self.item("late_source", closing, detail, administrators())
        }))
    }

    async fn exclusions(
        &self,
        conn: &mut AnyConnection,
        names: &mut Names,
        closing: &Attainment,
    ) -> Result<Vec<Item>, Problem> {
        let span = (closing.from.timestamp(), closing.to.timestamp());
        let all = exclusion::within(conn, self.customer.id, self.line.series, span).await?;
        let mut items = Vec::new();
        let missed =
            store::breach::of_line(conn, self.customer.id, closing.line, &closing.window).await?;
        let at = missed.map(|found| found.row.id);
        for one in all.into_iter().filter(|one| one.state == ExclusionState::Proposed) {
            // Whoever proposed it does not decide it.
            let owners = [self.customer.csm, self.customer.account_manager];
            let owner = owners.into_iter().flatten().find(|owner| *owner != one.proposed_by);
            let name = names.person(conn, owner).await?;
            let proposer = names.person(conn, Some(one.proposed_by)).await?;
            let detail = format!(
                "{} from {} to {} UTC, proposed by {proposer}",
                one.kind.replace('_', " "),
                clock(one.from),
                clock(one.to)
            );
            let item = self.item("undecided_exclusion", closing, detail, (owner, name));
            items.push(Item { breach: at, ..item });
        }
        Ok(items)
    }

    async fn breach(
        &self,
        conn: &mut AnyConnection,
        names: &mut Names,
        closing: &Attainment,
    ) -> Result<Option<Item>, Problem> {
        let (customer, line) = (self.customer.id, closing.line);
        let found = store::breach::of_line(conn, customer, line, &closing.window).await?;
        let Some(Breach { id, number, state, .. }) = found.map(|found| found.row) else {
            return Ok(None);
        };
        if !matches!(state, BreachState::ToReview | BreachState::Snoozed) {
            return Ok(None);
        }
        let owner = self.customer.csm;
        let name = names.person(conn, owner).await?;
        let detail = format!("{number} is {}", state.as_str().replace('_', " "));
        let item = self.item("unreviewed_breach", closing, detail, (owner, name));
        Ok(Some(Item { breach: Some(id), ..item }))
    }
}

/// `20 Nov 2026, 03:00`.
fn clock(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M").to_string()
}

fn administrators() -> (Option<PersonId>, String) {
    (None, "administrators".to_owned())
}
