//! Statements: issuing gives a number, sealing puts the hash on record, and nothing is overwritten.

mod about;

use super::{Deciding, Given, required};
use crate::store::{
    self, Lock, Versioned,
    statement::{self as kept, Ground},
};
use about::{About, legal_entity, not_blocked};
use makegood_domain::{
    Code, Problem,
    command::Verb,
    customer::Customer,
    id::{CustomerId, SettlementId, StatementId},
    person::{Permission, Person},
    policy,
    settlement::Settlement,
    statement::{Statement, StatementCase, StatementOf, StatementState, again},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Version of the layout that desks seal.
const TEMPLATE: i64 = 1;

/// Gives a statement its number and revision.
pub(super) async fn issue(it: &mut Deciding<'_>) -> Result<Given, Problem> {
    let Verb::IssueStatement { statement: id, customer, period, language, settlements, of } =
        &it.command.verb
    else {
        return Err(Problem::new(Code::Internal, "not an issue"));
    };
    policy::require(&it.actor, Permission::IssueStatement)?;
    let customer = store::get::<Customer>(it.tx.conn(), *customer).await?.ok_or_else(|| {
        Problem::new(Code::CustomerUnknown, format!("there is no customer {customer}"))
    })?;
    let customer = customer.row;
    crate::auth::in_scope(&it.actor, customer.id, &customer.name)?;
    if !kept::is_period(period) {
        let why = format!("{period:?} is no period; write it as 2026-10");
        return Err(Problem::new(Code::Invalid, why).at("period"));
    }
    if !matches!(language.as_str(), "en" | "de") {
        let why = format!("no statement is written in {language:?}; use en or de");
        return Err(Problem::new(Code::Invalid, why).at("language"));
    }
    it.tx.lock(Lock::Group(customer.group)).await?;
    it.is_new::<Statement>().await?;
    let about = About::read(it, &customer, *of).await?;
    let present = kept::settlements(it.tx.conn(), &about.ground, period).await?;
    seen_all(&present, settlements)?;
    not_blocked(it, &about, period, &present).await?;
    let earlier = earlier(it, (customer.id, *of), period, language, &present).await?;
    let number = match &earlier.number {
        Some(number) => number.clone(),
        None => format!("ST-{period}-{:04}", it.tx.draw(&format!("statement {period}"), 0).await?),
    };
    let statement = Statement {
        id: *id,
        number,
        revision: earlier.revisions + 1,
        supersedes: earlier.sealed.as_ref().map(|sealed| sealed.id),
        customer: customer.id,
        of: *of,
        customers: about.readers(),
        period: period.clone(),
        legal_entity: legal_entity(it, &about, &present).await?,
        language: language.clone(),
        template: TEMPLATE,
        state: StatementState::Issued,
        issued_at: it.now,
        released_by: it.actor.person,
        rests_on: present.iter().map(rests_on).collect(),
        sha256: None,
        audit_head: it.tx.audit_head().await?,
        reason: why_again(it, earlier.sealed.as_ref(), language, &present).await?,
    };
    it.tx.put(&statement).await?;
    kept::keep_readers(it.tx, &statement).await?;
    let mut detail = json!({
        "number": statement.number, "revision": statement.revision, "settlements": settlements,
    });
    if !of.is_customer() {
        detail["of"] = json!(of);
    }
    it.audit("statement.issued", on_record_of(&statement), detail);
    Ok(given(&statement))
}

/// Whose history an event about a statement belongs to. A group's is in central's log alone: it would
/// tell whoever sees one of the group's customers of the others.
pub(super) fn on_record_of(statement: &Statement) -> Option<CustomerId> {
    statement.customers.is_empty().then_some(statement.customer)
}

fn rests_on(settlement: &Settlement) -> StatementCase {
    StatementCase {
        settlement: settlement.id,
        revision: settlement.revision,
        sha256: String::new(),
    }
}

fn given(statement: &Statement) -> Given {
    Given::from([
        ("number".to_owned(), statement.number.clone()),
        ("revision".to_owned(), statement.revision.to_string()),
        ("state".to_owned(), statement.state.as_str().to_owned()),
        ("audit_head".to_owned(), statement.audit_head.clone()),
    ])
}

/// Law 7 for statements: they rest on exactly the revisions that their author saw.
fn seen_all(present: &[Settlement], seen: &[(SettlementId, i64)]) -> Result<(), Problem> {
    let now: BTreeMap<SettlementId, i64> =
        present.iter().map(|settlement| (settlement.id, settlement.revision)).collect();
    let seen: BTreeMap<SettlementId, i64> = seen.iter().copied().collect();
    if now == seen {
        return Ok(());
    }
    let current: Vec<(SettlementId, i64)> = now.into_iter().collect();
    Err(Problem::new(
        Code::Stale,
        "the measurements are not those that you saw; look again, then issue",
    )
    .with_current(json!({ "settlements": current })))
}

/// What was issued before of the same in the same period.
struct Earlier {
    number: Option<String>,
    revisions: i64,
    sealed: Option<Statement>,
}

async fn earlier(
    it: &mut Deciding<'_>,
    (customer, of): (CustomerId, StatementOf),
    period: &str,
    language: &str,
    present: &[Settlement],
) -> Result<Earlier, Problem> {
    let all = kept::of_period(it.tx.conn(), customer, of, period).await?;
    if let Some(open) = all.iter().find(|found| found.row.state == StatementState::Issued) {
        let why = format!(
            "{} revision {} is issued and not sealed; seal or void it first",
            open.row.number, open.row.revision
        );
        return Err(Problem::new(Code::WrongState, why));
    }
    let last = all.last();
    let sealed = all.iter().rev().find(|found| found.row.state == StatementState::Sealed);
    if let Some(sealed) = sealed
        && sealed.row.language == language
        && same_ground(it, &sealed.row, present).await?
    {
        let why = format!(
            "nothing has changed since {} revision {}; send that one",
            sealed.row.number, sealed.row.revision
        );
        return Err(Problem::new(Code::WrongState, why));
    }
    // What was issued before a restore may have had later revisions: they keep their number for themselves.
    let restored = store::backup::restored_at(it.tx.conn()).await?;
    let is_whole =
        |found: &&Versioned<Statement>| restored.is_none_or(|at| found.row.issued_at > at);
    Ok(Earlier {
        number: last.filter(is_whole).map(|found| found.row.number.clone()),
        revisions: last.map_or(0, |found| found.row.revision),
        sealed: sealed.map(|found| found.row.clone()),
    })
}

/// Whether a statement would say the same again: the same measurements, no credit decided since.
async fn same_ground(
    it: &mut Deciding<'_>,
    sealed: &Statement,
    present: &[Settlement],
) -> Result<bool, Problem> {
    let then: BTreeSet<_> = sealed.rests_on.iter().map(|on| (on.settlement, on.revision)).collect();
    let now: BTreeSet<_> = present.iter().map(|s| (s.id, s.revision)).collect();
    Ok(then == now && !decided_since(it, sealed, present).await?)
}

async fn decided_since(
    it: &mut Deciding<'_>,
    sealed: &Statement,
    present: &[Settlement],
) -> Result<bool, Problem> {
    let told = present.iter().map(|one| one.id).collect();
    let credits = kept::credits(it.tx.conn(), &Ground::of(sealed), &told, &sealed.period).await?;
    kept::decided_since(it.tx.conn(), sealed, &credits).await
}

/// The reason that a new revision bears: those of the settlements that were revised since the one before, and
/// whatever else makes it another.
async fn why_again(
    it: &mut Deciding<'_>,
    before: Option<&Statement>,
    language: &str,
    present: &[Settlement],
) -> Result<Option<String>, Problem> {
    let Some(before) = before else { return Ok(None) };
    let stood = |one: &&Settlement| {
        let mut rests = before.rests_on.iter();
        rests.any(|on| (on.settlement, on.revision) == (one.id, one.revision))
    };
    let mut reasons: Vec<&str> = Vec::new();
    for one in present.iter().filter(|one| !stood(one)) {
        let reason = one.reason.as_deref().unwrap_or(again::SETTLED);
        // Several contracts are often revised for one reason.
        reasons.extend(Some(reason).filter(|reason| !reasons.contains(reason)));
    }
    let goes_on = |on: &StatementCase| present.iter().any(|one| one.id == on.settlement);
    if !before.rests_on.iter().all(goes_on) {
        reasons.push(again::OTHERS);
    }
    // What is revised has credits that were decided after it, too.
    if reasons.is_empty() && decided_since(it, before, present).await? {
        reasons.push(again::DECIDED);
    }
    if before.language != language {
        reasons.push(again::TRANSLATED);
    }
    Ok(Some(reasons.join("; ")))
}

/// Puts the hash of the sealed document on record; the revision before it is superseded.
pub(super) async fn seal(
    it: &mut Deciding<'_>,
    _: StatementId,
    sha256: &str,
    cases: &[(SettlementId, String)],
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::IssueStatement)?;
    let mut statement = it.seen::<Statement>().await?.row;
    only_issued(it, &statement).await?;
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hash(sha256) {
        let why = "the document's SHA-256 is 64 hexadecimal digits";
        return Err(Problem::new(Code::Invalid, why).at("sha256"));
    }
    let mut hashes: BTreeMap<SettlementId, &String> =
        cases.iter().map(|(settlement, hash)| (*settlement, hash)).collect();
    for on in &mut statement.rests_on {
        let hash = hashes.remove(&on.settlement).filter(|hash| is_hash(hash)).ok_or_else(|| {
            let why =
                format!("no SHA-256 for the calculation file of settlement {}", on.settlement);
            Problem::new(Code::Invalid, why).at("cases")
        })?;
        on.sha256.clone_from(hash);
    }
    if !hashes.is_empty() {
        let why = "a calculation file that the statement does not rest on; leave it out";
        return Err(Problem::new(Code::Invalid, why).at("cases"));
    }
    statement.state = StatementState::Sealed;
    statement.sha256 = Some(sha256.to_owned());
    it.tx.put(&statement).await?;
    if let Some(before) = statement.supersedes
        && let Some(mut before) = it.tx.get::<Statement>(before).await?
    {
        before.row.state = StatementState::Superseded;
        it.tx.put(&before.row).await?;
        let detail = json!({ "by": statement.id });
        let subject = before.row.id.to_string();
        it.tx.audit(
            "statement.superseded",
            ("statement", &subject),
            on_record_of(&statement),
            detail,
        );
    }
    it.audit("statement.sealed", on_record_of(&statement), json!({ "sha256": sha256 }));
    Ok(given(&statement))
}

/// The number is not used after all: that, too, is on record.
pub(super) async fn void(
    it: &mut Deciding<'_>,
    _: StatementId,
    reason: &str,
) -> Result<Given, Problem> {
    policy::require(&it.actor, Permission::IssueStatement)?;
    let mut statement = it.seen::<Statement>().await?.row;
    if statement.state != StatementState::Issued {
        return Err(not_open(&statement));
    }
    statement.reason = Some(required(reason, "reason")?.to_owned());
    statement.state = StatementState::Voided;
    it.tx.put(&statement).await?;
    it.audit("statement.voided", on_record_of(&statement), json!({ "number": statement.number }));
    Ok(given(&statement))
}

fn not_open(statement: &Statement) -> Problem {
    let (number, revision) = (&statement.number, statement.revision);
    let state = statement.state.as_str();
    Problem::new(Code::WrongState, format!("{number} revision {revision} is {state} already"))
}

/// The document names who released it; only their desk can have sealed it.
async fn only_issued(it: &mut Deciding<'_>, statement: &Statement) -> Result<(), Problem> {
    if statement.state != StatementState::Issued {
        return Err(not_open(statement));
    }
    if statement.released_by == it.actor.person {
        return Ok(());
    }
    let by = store::get::<Person>(it.tx.conn(), statement.released_by).await?;
    let name = by.map_or_else(|| "somebody else".to_owned(), |person| person.row.name);
    let why = format!("{} was released by {name}; only their desk can seal it", statement.number);
    Err(Problem::new(Code::WrongState, why))
}
