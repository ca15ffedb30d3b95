//! The shapes of what crosses HTTP, as the OpenAPI description tells them. The types themselves stand in
//! `domain`, which knows nothing of HTTP; a test holds real answers against these.
#![allow(missing_docs, reason = "what each field means stands at the type that it describes")]

mod alert;
mod beside;
mod distance;
pub mod draft;
mod evidence;

pub use alert::{Alert, Alerts, Burning};
pub use beside::{Beside, BesideLine, LoggedOutage};
pub use distance::{Distance, Forecast, NextTier, OpenLine, OpenLines};
pub use evidence::{Outages, Slots};

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Problem details (RFC 9457) with a code of the closed list.
#[derive(Debug, ToSchema)]
pub struct ProblemDetails {
    #[schema(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// Names the thing, the place and the way out.
    pub detail: String,
    pub code: String,
    /// Where in the input.
    pub path: Option<String>,
    /// What is current, when something was stale.
    pub current: Option<Value>,
}

#[derive(Debug, ToSchema)]
pub struct Alive {
    pub alive: bool,
}

#[derive(Debug, ToSchema)]
pub struct Ready {
    pub ready: bool,
}

/// Who is there.
#[derive(Debug, ToSchema)]
pub struct Discovery {
    pub name: String,
    pub version: String,
    pub company: String,
    /// The wire's versions that are served.
    pub wire: Vec<u32>,
    pub demo: bool,
    pub now: DateTime<Utc>,
    /// Absent: nowhere, people are given tokens.
    pub sign_in: Option<SignIn>,
}

/// Who is asking, and whose data they may see.
#[derive(Debug, ToSchema)]
pub struct ScopeAnswer {
    #[schema(value_type = Object)]
    pub person: Value,
    pub roles: Vec<String>,
    /// In whose place they approve now, with those people's roles.
    pub acts_for: BTreeMap<String, Vec<String>>,
    /// `"all"`, or `{"customers": [ids]}`.
    pub scope: Value,
    pub revision: i64,
    pub epoch: String,
    pub company: String,
    pub demo: bool,
    /// `session` or `personal`.
    pub token: String,
    /// The verbs that the token is confined to; absent: all that the roles carry.
    pub confined_to: Option<Vec<String>>,
    /// By what a token is known that is confined to some customers.
    pub narrowing: Option<String>,
}

/// To prove that a mirror is whole.
#[derive(Debug, ToSchema)]
pub struct Digest {
    pub seq: i64,
    pub rows: Vec<DigestRow>,
}

#[derive(Debug, ToSchema)]
pub struct DigestRow {
    pub customer: Option<Uuid>,
    pub count: i64,
    pub versions: i64,
}

/// How many rows the scope has of a table.
#[derive(Debug, ToSchema)]
pub struct Extent {
    #[schema(example = "sla_line")]
    pub entity: String,
    pub rows: u64,
    /// In a snapshot, unpacked: with which byte about the table ends.
    #[schema(required = false)]
    pub end: Option<u64>,
}

/// What a person decided; `args` by `kind`.
#[derive(Debug, ToSchema)]
pub struct Command {
    pub id: Uuid,
    pub decided_at: DateTime<Utc>,
    #[schema(example = "propose_credit")]
    pub kind: String,
    #[schema(value_type = Object)]
    pub args: Value,
    #[schema(required = false)]
    pub base: Vec<Base>,
}

/// The version of an entity as the author saw it.
#[derive(Debug, ToSchema)]
pub struct Base {
    pub entity: String,
    pub key: String,
    pub version: i64,
}

/// What became of a command.
#[derive(Debug, ToSchema)]
pub struct Answer {
    pub id: Uuid,
    pub duplicate: bool,
    pub outcome: Outcome,
    /// When it was applied.
    pub receipt: Option<Receipt>,
    /// When it was not: `{code, message, path?, current?}`.
    pub problem: Option<Value>,
}

#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Outcome {
    Applied,
    Stale,
    Forbidden,
    Invalid,
}

#[derive(Debug, ToSchema)]
pub struct Receipt {
    #[schema(example = "A-1042")]
    pub number: String,
    pub at: DateTime<Utc>,
    pub seq: i64,
    pub audit_hash: String,
    pub given: BTreeMap<String, String>,
}

#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum TokenKind {
    Session,
    Personal,
}

/// A token, shown this once.
#[derive(Debug, ToSchema)]
pub struct Issued {
    pub id: Uuid,
    pub token: String,
    pub expires_at: DateTime<Utc>,
    pub confirmed: bool,
}

/// An event of the record, with what its author saw.
#[derive(Debug, ToSchema)]
pub struct Shown {
    pub event: AuditEvent,
    pub saw: Option<Saw>,
}

#[derive(Debug, ToSchema)]
pub struct AuditEvent {
    pub id: Uuid,
    pub position: i64,
    pub at: DateTime<Utc>,
    pub person: Option<Uuid>,
    pub customer: Option<Uuid>,
    pub action: String,
    pub entity: String,
    pub subject: String,
    pub detail: Value,
    pub previous: String,
    pub hash: String,
}

/// What an approver saw.
#[derive(Debug, ToSchema)]
pub struct Saw {
    #[schema(value_type = Object)]
    pub approval: Value,
    #[schema(value_type = Object)]
    pub amount: Value,
    pub version: i64,
    pub settlement: Option<Value>,
    pub agrees: bool,
}

/// A change that waits for a second person, or what became of it.
#[derive(Debug, ToSchema)]
pub struct Proposal {
    pub id: Uuid,
    #[schema(example = "P-12")]
    pub number: String,
    /// `{"kind": "import" | "policy" | "person" | "delegation", "to": …}`.
    #[schema(value_type = Object)]
    pub change: Value,
    pub differences: Vec<Difference>,
    pub state: String,
    pub proposed_by: Uuid,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    /// What whoever decides gives back: the digest of the differences.
    pub seen: String,
}

#[derive(Debug, ToSchema)]
pub struct Difference {
    pub subject: String,
    pub field: String,
    pub before: Value,
    pub after: Value,
    pub drives_money: bool,
}

/// A proposal in a list: without its change.
#[derive(Debug, ToSchema)]
pub struct ProposalListed {
    pub id: Uuid,
    pub number: String,
    pub kind: String,
    pub state: String,
    pub proposed_by: Uuid,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    /// How many.
    pub differences: u32,
}

/// The approval matrix; amounts as `{"minor": "150000", "currency": "EUR"}`.
#[derive(Debug, ToSchema)]
pub struct Policy {
    pub version: i64,
    pub base: String,
    #[schema(value_type = Object)]
    pub limit: Value,
    pub rates: BTreeMap<String, String>,
    #[schema(required = false, value_type = Object)]
    pub role_limits: Value,
}

/// One line of the access review.
#[derive(Debug, ToSchema)]
pub struct Access {
    pub person: Uuid,
    pub name: String,
    pub issuer: String,
    pub subject: String,
    pub roles: String,
    pub scope: String,
    pub way: String,
    pub since: String,
    pub until: String,
    pub by: String,
    pub seen: String,
    /// Its id, by which it is revoked; empty for what is no token.
    pub token: String,
}

/// How the sources are doing.
#[derive(Debug, ToSchema)]
pub struct Sources {
    #[schema(value_type = Vec<Object>)]
    pub sources: Vec<Value>,
}

/// A session, shown this once.
#[derive(Debug, ToSchema)]
pub struct SignedIn {
    pub token: String,
    pub id: Uuid,
    pub expires_at: DateTime<Utc>,
    pub person: Uuid,
    pub name: String,
}

/// One's own tokens, without their texts.
#[derive(Debug, ToSchema)]
pub struct TokensHeld {
    pub tokens: Vec<TokenHeld>,
    /// The one that asks.
    pub asked_with: Uuid,
}

#[derive(Debug, ToSchema)]
pub struct TokenHeld {
    pub id: Uuid,
    pub kind: TokenKind,
    pub name: Option<String>,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// A day.
    pub used_on: Option<String>,
    pub permissions: Option<Vec<String>>,
    pub customers: Option<Vec<Uuid>>,
}

/// A personal token, as its owner wants it.
#[derive(Debug, ToSchema)]
pub struct PersonalToken {
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    pub permissions: Vec<String>,
    pub customers: Option<Vec<Uuid>>,
    #[schema(minimum = 1, maximum = 365)]
    pub days: i64,
}

/// A personal token, shown this once.
#[derive(Debug, ToSchema)]
pub struct TokenMade {
    pub id: Uuid,
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// Where people sign in.
#[derive(Debug, ToSchema)]
pub struct SignIn {
    pub issuer: String,
    pub client_id: String,
    pub scopes: Vec<String>,
}
