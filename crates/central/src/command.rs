//! Commands: what a person decided takes effect once, or is refused with a reason that its author
//! sees (law 6); what they saw is what counts (law 7).

mod alert;
mod breach;
mod claim;
mod contact;
mod credit;
mod deadline;
mod delivery;
mod dispute;
pub(crate) mod exclusion;
mod incident;
mod statement;

use crate::{
    app::App,
    close::lock_customer,
    store::{self, Lock, Stored, Tx, Versioned},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    command::{Answer, Command, Outcome, Receipt, Verb},
    id::{CommandId, CustomerId},
    person::Actor,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What central gives back with a receipt: a number, a revision, the new state.
type Given = BTreeMap<String, String>;

/// Answers one command, as it came. The answer is stored in the transaction of its effect.
///
/// # Errors
/// Only where central itself fails, or the token ended: then nothing is stored, and the same command
/// may be sent again.
pub async fn answer(
    app: &App,
    asker: &Actor,
    id: CommandId,
    raw: Value,
) -> Result<Answer, Problem> {
    let parsed = parse(&raw);
    let raw = if holds_nul(&raw) { Value::Null } else { raw };
    let kind = raw.get("kind").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let mut tx = begin(app, asker, id).await?;
    if let Some(answer) = before(&mut tx, asker, id, &raw, parsed.as_ref().ok()).await? {
        return Ok(answer);
    }
    let applied = match &parsed {
        Ok(command) => apply(&mut tx, asker, command).await,
        Err(problem) => Err(problem.clone()),
    };
    match applied {
        Ok(given) => {
            let receipt = receipt(&mut tx, given).await?;
            let answer = Answer { id, duplicate: false, outcome: Outcome::Applied { receipt } };
            tx.keep_answer(asker.person, &kind, &raw, &answer).await?;
            tx.commit().await?;
            Ok(answer)
        }
        Err(problem) if is_passing(problem.code) => Err(problem),
        Err(problem) => {
            drop(tx);
            refuse(app, asker, Refused { id, kind, raw, command: parsed.ok(), problem }).await
        }
    }
}

/// What is wrong with central, with who asks (a token that ends within a batch), or with how often,
/// rather than with the command: under another token, or later, it may take effect.
fn is_passing(code: Code) -> bool {
    matches!(code.http_status(), 401 | 429 | 500..)
}

/// Two requests with the same id wait for each other.
async fn begin(app: &App, asker: &Actor, id: CommandId) -> Result<Tx, Problem> {
    let mut tx = app.store().begin(Some(asker.person)).await?;
    tx.lock(Lock::Command(id)).await?;
    Ok(tx)
}

/// The answer that this id was given before, if any.
async fn before(
    tx: &mut Tx,
    asker: &Actor,
    id: CommandId,
    raw: &Value,
    command: Option<&Command>,
) -> Result<Option<Answer>, Problem> {
    let Some(answered) = tx.answered(id).await? else { return Ok(None) };
    // A desk that was updated meanwhile writes the same command with a field more.
    let same = || command.is_some_and(|it| parse(&answered.body).as_ref() == Ok(it));
    if answered.person == asker.person.to_string() && (answered.body == *raw || same()) {
        return Ok(Some(Answer { duplicate: true, ..answered.answer }));
    }
    let problem = Problem::new(
        Code::Invalid,
        "this change's id was used for another change; decide again, under a new id",
    );
    Ok(Some(Answer { id, duplicate: false, outcome: Outcome::Invalid { problem } }))
}

fn parse(raw: &Value) -> Result<Command, Problem> {
    if holds_nul(raw) {
        return Err(Problem::new(Code::TextInvalid, "the change holds U+0000; remove it"));
    }
    serde_json::from_value(raw.clone())
        .map_err(|error| Problem::new(Code::Invalid, format!("the change can't be read: {error}")))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

async fn receipt(tx: &mut Tx, given: Given) -> Result<Receipt, Problem> {
    let at = tx.now();
    let sealed = tx.seal().await?;
    let event = sealed
        .events
        .last()
        .ok_or_else(|| Problem::new(Code::Internal, "a change took effect off the record"))?;
    Ok(Receipt {
        number: format!("A-{}", event.position),
        at,
        seq: sealed.seq,
        audit_hash: event.hash.clone(),
        given,
    })
}

/// A command that was refused.
struct Refused {
    id: CommandId,
    kind: String,
    raw: Value,
    command: Option<Command>,
    problem: Problem,
}

/// Puts a refusal on record, and stores it as the answer.
async fn refuse(app: &App, asker: &Actor, refused: Refused) -> Result<Answer, Problem> {
    let Refused { id, kind, raw, command, mut problem } = refused;
    let mut tx = begin(app, asker, id).await?;
    if let Some(answer) = before(&mut tx, asker, id, &raw, command.as_ref()).await? {
        return Ok(answer);
    }
    let (entity, key) =
        command.as_ref().map_or(("command", id.to_string()), |command| command.verb.target());
    let (customer, version) = tx.place_of(entity, &key).await?;
    if problem.code == Code::Stale && problem.current.is_none() {
        problem.current = Some(json!({ "entity": entity, "key": key, "version": version }));
    }
    let customer = customer.filter(|customer| asker.scope.holds(*customer));
    // Of a group's statement central's log alone tells.
    let of_group = !store::statement::readers(tx.conn(), entity, &key).await?.is_empty();
    let customer = customer.filter(|_| !of_group);
    let detail = json!({ "command": id, "kind": kind, "code": problem.code });
    tx.audit("command.refused", (entity, &key), customer, detail);
    tx.seal().await?;
    let outcome = match problem.code {
        Code::Stale => Outcome::Stale { problem },
        Code::RoleMissing
        | Code::ScopeMissing
        | Code::TokenMayNotApprove
        | Code::OwnProposal
        | Code::SameApprover
        | Code::LimitExceeded => Outcome::Forbidden { problem },
        _ => Outcome::Invalid { problem },
    };
    let answer = Answer { id, duplicate: false, outcome };
    tx.keep_answer(asker.person, &kind, &raw, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A command in the transaction that applies it.
struct Deciding<'a> {
    tx: &'a mut Tx,
    /// Who decides, read in this transaction.
    actor: Actor,
    command: &'a Command,
    now: DateTime<Utc>,
}

async fn apply(tx: &mut Tx, asker: &Actor, command: &Command) -> Result<Given, Problem> {
    let now = tx.now();
    let actor = store::actor::by_id(tx.conn(), asker.token, now).await?;
    let mut deciding = Deciding { tx, actor, command, now };
    let it = &mut deciding;
    match &command.verb {
        Verb::ReviewBreach { .. } => breach::review(it).await,
        Verb::ReviewIncident { .. } => incident::review(it).await,
        Verb::JoinIncident { breach, incident } => incident::join(it, *breach, *incident).await,
        Verb::MergeIncident { incident, into } => incident::merge(it, *incident, *into).await,
        Verb::SnoozeBreach { breach, until, reason } => {
            breach::snooze(it, *breach, *until, reason).await
        }
        Verb::ProposeExclusion { .. } => exclusion::propose(it).await,
        Verb::DecideExclusion { exclusion, admit, reason } => {
            exclusion::decide(it, *exclusion, *admit, reason.as_deref()).await
        }
        Verb::ProposeCredit { credit, amount } => credit::propose(it, *credit, *amount).await,
        Verb::ProposeGoodwill { .. } => credit::propose_goodwill(it).await,
        Verb::FileClaim { credit, claimed_on, log } => {
            claim::file(it, *credit, *claimed_on, log).await
        }
        Verb::AdmitLateClaim { credit, reason } => claim::admit_late(it, *credit, reason).await,
        Verb::CloseDeadline { note, .. } => deadline::close(it, note).await,
        Verb::ApproveCredit { credit, amount } => credit::approve(it, *credit, *amount).await,
        Verb::ReturnCredit { credit, reason } => credit::send_back(it, *credit, reason).await,
        Verb::NotGrantCredit { credit, reason } => credit::not_grant(it, *credit, reason).await,
        Verb::AcknowledgeAlert { note, .. } => alert::acknowledge(it, note.as_deref()).await,
        Verb::IssueStatement { .. } => statement::issue(it).await,
        Verb::SealStatement { statement, sha256, cases } => {
            statement::seal(it, *statement, sha256, cases).await
        }
        Verb::VoidStatement { statement, reason } => statement::void(it, *statement, reason).await,
        Verb::PutContact(wanted) => contact::put(it, wanted).await,
        Verb::ConfirmContact { address, .. } => contact::confirm(it, address).await,
        Verb::EndContact { reason, .. } => contact::end(it, reason).await,
        Verb::RecordDelivery(told) => delivery::record(it, told).await,
        Verb::RecordBounce { address, reason, .. } => delivery::bounce(it, address, reason).await,
        Verb::RecordAcknowledgement(said) => delivery::acknowledge(it, said).await,
        Verb::AnswerDispute { upheld, answer, .. } => dispute::answer(it, *upheld, answer).await,
    }
}

impl Deciding<'_> {
    /// What the command is about, if it is there, in scope, and as its author saw it.
    async fn seen<T: Stored>(&mut self) -> Result<Versioned<T>, Problem> {
        let (entity, key) = self.command.verb.target();
        let found = self.tx.get::<T>(&key).await?;
        let found = found.ok_or_else(|| absent(entity, &key))?;
        if let Some(customer) = found.row.customer() {
            crate::auth::in_scope(&self.actor, customer, &format!("this {entity}"))?;
        }
        for customer in store::statement::readers(self.tx.conn(), entity, &key).await? {
            crate::auth::in_scope(&self.actor, customer, &format!("this {entity}"))?;
        }
        self.unchanged(entity, &key, &found.row).await?;
        Ok(found)
    }

    /// The same with its customer's group to itself: whoever settles or decides about that customer
    /// meanwhile waits, or is waited for.
    async fn seen_alone<T: Stored>(&mut self) -> Result<Versioned<T>, Problem> {
        let (_, key) = self.command.verb.target();
        let found = store::get::<T>(self.tx.conn(), key).await?;
        if let Some(customer) = found.and_then(|found| found.row.customer()) {
            lock_customer(self.tx, customer).await?;
        }
        self.seen().await
    }

    /// Holds every version that the author saw against the present one (law 7); the target's has to
    /// be among them.
    async fn unchanged<T: Stored>(
        &mut self,
        entity: &str,
        key: &str,
        row: &T,
    ) -> Result<(), Problem> {
        if !self.command.base.iter().any(|base| base.entity == entity && base.key == key) {
            let why = format!("the change does not say which version of the {entity} was seen");
            return Err(Problem::new(Code::Invalid, why).at("base"));
        }
        self.bases_hold().await.map_err(|problem| {
            let is_target = problem.current.as_ref().is_some_and(|current| current["key"] == key);
            match problem.current.clone() {
                Some(mut current) if is_target => {
                    current["row"] = json!(row);
                    problem.with_current(current)
                }
                _ => problem,
            }
        })
    }

    /// Holds every version that the author saw against the present one (law 7).
    async fn bases_hold(&mut self) -> Result<(), Problem> {
        for base in &self.command.base {
            let (_, version) = self.tx.place_of(&base.entity, &base.key).await?;
            if version != base.version {
                return Err(Problem::new(
                    Code::Stale,
                    format!(
                        "the {} changed after you saw it; look again, then decide",
                        base.entity
                    ),
                )
                .with_current(json!({
                    "entity": base.entity, "key": base.key, "version": version,
                })));
            }
        }
        Ok(())
    }

    /// Refuses an id, made at a desk, that is taken.
    async fn is_new<T: Stored>(&mut self) -> Result<(), Problem> {
        let (entity, key) = self.command.verb.target();
        if self.tx.get::<T>(&key).await?.is_some() {
            let why = format!("there is a {entity} with this id; decide again, under a new one");
            return Err(Problem::new(Code::Invalid, why).at("id"));
        }
        self.bases_hold().await
    }

    /// Puts the change on record, with the command and what was seen.
    fn audit(&mut self, action: &str, customer: impl Into<Option<CustomerId>>, mut detail: Value) {
        let (entity, key) = self.command.verb.target();
        detail["command"] = json!(self.command.id);
        detail["seen"] = json!(self.command.base);
        self.tx.audit(action, (entity, &key), customer.into(), detail);
    }
}

fn absent(entity: &str, key: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no {entity} {key}"))
}

/// Text that somebody has to give.
pub(crate) fn required<'a>(text: &'a str, what: &str) -> Result<&'a str, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::new(Code::Invalid, format!("{what} is missing; write it")).at(what));
    }
    if text.chars().count() > 4000 {
        let why = format!("{what} is longer than 4,000 characters; shorten it");
        return Err(Problem::new(Code::Invalid, why).at(what));
    }
    Ok(text)
}
