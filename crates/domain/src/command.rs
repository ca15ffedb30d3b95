//! Commands: what a person decided, as it travels to central, and what central answers.

mod verb;

use crate::{
    claim::LoggedOutage,
    contact::ContactWanted,
    delivery::{Acknowledged, Delivered},
    error::Problem,
    id::{
        AcknowledgementId, AlertId, BreachId, CommandId, ContactId, ContractId, CreditId,
        CustomerId, DeadlineId, DeliveryId, ExclusionId, IncidentId, NoteId, SettlementId,
        StatementId,
    },
    statement::StatementOf,
};
use chrono::{DateTime, Utc};
use makegood_engine::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One decision. The id is made at the desk and never changes: the same id is answered the same
/// for ever (law 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Made where it was decided.
    pub id: CommandId,
    /// When it was decided, by the desk's clock: on record, never trusted.
    pub decided_at: DateTime<Utc>,
    /// What was decided.
    #[serde(flatten)]
    pub verb: Verb,
    /// The versions of what its author saw (law 7).
    #[serde(default)]
    pub base: Vec<Base>,
}

/// The version of one entity as its author saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Name of the entity: `credit`.
    pub entity: String,
    /// Its id.
    pub key: String,
    /// The version seen.
    pub version: i64,
}

/// What may be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "args", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verb {
    /// A breach was looked at. Sets the root cause and the customer's narrative on the hit, makes
    /// an incident where there is none, and keeps an internal note.
    ReviewBreach {
        /// Which.
        breach: BreachId,
        /// From the house's list.
        root_cause: String,
        /// What the customer reads, by language; languages that are not named stay as they are, and an empty
        /// text takes back what was told.
        narratives: BTreeMap<String, String>,
        /// Internal.
        note: Option<String>,
        /// The note's id, made at the desk.
        note_id: NoteId,
    },
    /// Review an incident for everybody whom it hit: sets cause and times on each hit in the
    /// reviewer's scope, and confirms its breaches.
    ReviewIncident {
        /// Which.
        incident: IncidentId,
        /// From the house's list.
        root_cause: String,
        /// When it was first felt.
        first_degraded_at: Option<DateTime<Utc>>,
        /// When monitoring noticed.
        detected_at: Option<DateTime<Utc>>,
        /// What each customer reads, by language, as in a breach's review: it is kept on that customer's hit
        /// alone.
        #[serde(default)]
        narratives: BTreeMap<CustomerId, BTreeMap<String, String>>,
    },
    /// Join a breach to an incident.
    JoinIncident {
        /// Which breach.
        breach: BreachId,
        /// To which.
        incident: IncidentId,
    },
    /// Two incidents are one: the hits of the first go to the other.
    MergeIncident {
        /// The duplicate.
        incident: IncidentId,
        /// The one that stays.
        into: IncidentId,
    },
    /// Put a breach off until a day.
    SnoozeBreach {
        /// Which.
        breach: BreachId,
        /// Until.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// Ask that time be excused.
    ProposeExclusion {
        /// Its id, made at the desk.
        exclusion: ExclusionId,
        /// The breach whose series and customer it concerns.
        breach: BreachId,
        /// A kind of docs/format.md.
        kind: String,
        /// From.
        from: DateTime<Utc>,
        /// To.
        to: DateTime<Utc>,
        /// When the customer was told.
        notified_at: Option<DateTime<Utc>>,
        /// Clause that allows it.
        clause: Option<String>,
    },
    /// Admit or refuse it: somebody else than its proposer.
    DecideExclusion {
        /// Which.
        exclusion: ExclusionId,
        /// Admit, or refuse.
        admit: bool,
        /// Why; required for a refusal.
        reason: Option<String>,
    },
    /// Propose a drafted or returned credit at the amount that its author saw.
    ProposeCredit {
        /// Which.
        credit: CreditId,
        /// The amount seen.
        amount: Money,
    },
    /// Give what is not owed.
    ProposeGoodwill {
        /// Its id, made at the desk.
        credit: CreditId,
        /// Under which contract.
        contract: ContractId,
        /// Service period: label of the window.
        window: String,
        /// How much.
        amount: Money,
        /// Why.
        reason: String,
    },
    /// Record that the customer asked for a credit that must be claimed.
    FileClaim {
        /// Which.
        credit: CreditId,
        /// The day on which the customer asked.
        claimed_on: chrono::NaiveDate,
        /// The customer's own log of outages, where there is one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        log: Vec<LoggedOutage>,
    },
    /// Let a claim count that came too late: an exception, by somebody else than who recorded it.
    AdmitLateClaim {
        /// Which.
        credit: CreditId,
        /// Why.
        reason: String,
    },
    /// Say that what a deadline asks for was done.
    CloseDeadline {
        /// Which.
        deadline: DeadlineId,
        /// How it was done.
        note: String,
    },
    /// Approve at the amount that the approver saw.
    ApproveCredit {
        /// Which.
        credit: CreditId,
        /// The amount seen.
        amount: Money,
    },
    /// Send it back to its proposer.
    ReturnCredit {
        /// Which.
        credit: CreditId,
        /// Why.
        reason: String,
    },
    /// Decide against it.
    NotGrantCredit {
        /// Which.
        credit: CreditId,
        /// Why.
        reason: String,
    },
    /// Ask for a statement's number and revision.
    IssueStatement {
        /// Its id, made at the desk.
        statement: StatementId,
        /// For whom.
        customer: CustomerId,
        /// Label of the period.
        period: String,
        /// `en` or `de`.
        language: String,
        /// The settlements and revisions that its author saw.
        settlements: Vec<(SettlementId, i64)>,
        /// What it is of; absent: the whole customer.
        #[serde(default, skip_serializing_if = "StatementOf::is_customer")]
        of: StatementOf,
    },
    /// The statement is sealed: record its hash.
    SealStatement {
        /// Which.
        statement: StatementId,
        /// SHA-256 of the signed bytes, hex.
        sha256: String,
        /// SHA-256 of each embedded calculation file, hex.
        cases: Vec<(SettlementId, String)>,
    },
    /// Take note of an alert, so that others know that somebody looks after it.
    AcknowledgeAlert {
        /// Which.
        alert: AlertId,
        /// Internal.
        note: Option<String>,
    },
    /// The number is not used after all.
    VoidStatement {
        /// Which.
        statement: StatementId,
        /// Why.
        reason: String,
    },
    /// Enter a contact, or change it.
    PutContact(ContactWanted),
    /// Confirm a contact: somebody else than who entered it.
    ConfirmContact {
        /// Which.
        contact: ContactId,
        /// The address seen.
        address: String,
    },
    /// Send this contact nothing any more.
    EndContact {
        /// Which.
        contact: ContactId,
        /// Why.
        reason: String,
    },
    /// A statement was delivered, or could not be.
    RecordDelivery(Delivered),
    /// A message came back.
    RecordBounce {
        /// Which delivery.
        delivery: DeliveryId,
        /// Whose.
        address: String,
        /// What came back.
        reason: String,
    },
    /// The customer said something to a statement.
    RecordAcknowledgement(Acknowledged),
    /// The customer was told what comes of their dispute.
    AnswerDispute {
        /// What they said.
        acknowledgement: AcknowledgementId,
        /// Whether they are right.
        upheld: bool,
        /// Why, and what follows.
        answer: String,
    },
}

/// What central answers to one command; stored, and given again to the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The command.
    pub id: CommandId,
    /// Whether the id had been answered before.
    #[serde(default)]
    pub duplicate: bool,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It took effect.
    Applied {
        /// The confirmation.
        receipt: Receipt,
    },
    /// What its author saw has changed; what is current is in the problem.
    Stale {
        /// Why.
        problem: Problem,
    },
    /// They may not.
    Forbidden {
        /// Why.
        problem: Problem,
    },
    /// It can't be done.
    Invalid {
        /// Why.
        problem: Problem,
    },
}

/// Proof that a command took effect. On screens: confirmation no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Number to show: the audit event's position, `A-1042`.
    pub number: String,
    /// When, by central's clock.
    pub at: DateTime<Utc>,
    /// The feed's position that shows the effect: an overlay goes when the mirror has passed it.
    pub seq: i64,
    /// Hash of the audit event, hex.
    pub audit_hash: String,
    /// What was given by central: a statement's number and revision, a credit's number, the new state.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
}
