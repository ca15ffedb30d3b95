//! The shapes of what crosses HTTP, as the OpenAPI description tells them. The types themselves stand in
//! `domain`, which knows nothing of HTTP; a test holds real answers against these.
#![allow(missing_docs, reason = "what each field means stands at the type that it describes")]

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
}

/// Who is asking, and whose data they may see.
#[derive(Debug, ToSchema)]
pub struct ScopeAnswer {
    #[schema(value_type = Object)]
    pub person: Value,
    pub roles: Vec<String>,
    /// `"all"`, or `{"customers": [ids]}`.
    pub scope: Value,
    pub revision: i64,
    pub epoch: String,
    pub company: String,
    pub demo: bool,
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

/// Outages and unmeasured time.
#[derive(Debug, ToSchema)]
pub struct Outages {
    #[schema(required = false)]
    pub outages: Vec<Outage>,
    #[schema(required = false)]
    pub unknown: Vec<Gap>,
}

#[derive(Debug, ToSchema)]
pub struct Outage {
    pub service: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// More than 0 and at most 1: decimal text.
    #[schema(example = "0.5")]
    pub impact: Option<String>,
    pub observed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, ToSchema)]
pub struct Gap {
    pub service: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// Blocks of slots, as the case format writes them.
#[derive(Debug, ToSchema)]
pub struct Slots {
    pub slots: Vec<Block>,
}

#[derive(Debug, ToSchema)]
pub struct Block {
    pub service: String,
    #[schema(minimum = 1)]
    pub slot_seconds: u32,
    pub start: DateTime<Utc>,
    pub runs: Vec<Run>,
}

#[derive(Debug, ToSchema)]
pub struct Run {
    #[schema(required = false, minimum = 1)]
    pub count: u32,
    pub requests: Option<u64>,
    pub errors: Option<u64>,
    pub value: Option<String>,
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
