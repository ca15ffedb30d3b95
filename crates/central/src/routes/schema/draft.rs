//! The shapes of drafts.
#![allow(missing_docs, reason = "what each field means stands at the type that it describes")]

use super::{Difference, ProblemDetails};
use crate::draft::Finding;
use chrono::{DateTime, Utc};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A draft: contracts and SLA lines that somebody is writing.
#[derive(Debug, ToSchema)]
pub struct Draft {
    pub id: Uuid,
    #[schema(example = "D-4")]
    pub number: String,
    pub title: String,
    /// The document `makegood/import/1` as text, perhaps not whole yet.
    pub document: String,
    /// Whoever changes it names the one they looked at.
    pub revision: i64,
    /// `open`, `proposed` or `discarded`.
    pub state: String,
    pub proposal: Option<Uuid>,
    pub begun_by: Uuid,
    pub changed_by: Uuid,
    pub changed_at: DateTime<Utc>,
}

/// A draft in a list: without its document.
#[derive(Debug, ToSchema)]
pub struct DraftListed {
    pub id: Uuid,
    pub number: String,
    pub title: String,
    pub revision: i64,
    pub state: String,
    pub proposal: Option<Uuid>,
    pub begun_by: Uuid,
    pub changed_by: Uuid,
    pub changed_at: DateTime<Utc>,
}

/// A draft with all there is to say about it.
#[derive(Debug, ToSchema)]
pub struct DraftLook {
    pub draft: Draft,
    /// The first thing for which it can't be put in force.
    pub problem: Option<ProblemDetails>,
    /// What a careful reader would not sign.
    pub findings: Vec<Finding>,
    pub differences: Vec<Difference>,
    /// Whether it takes a second person.
    pub drives_money: bool,
}

/// What a draft can name.
#[derive(Debug, ToSchema)]
pub struct Authoring {
    pub templates: Vec<TemplateTitle>,
    #[schema(value_type = Vec<Object>)]
    pub legal_entities: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    pub customers: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    pub contracts: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    pub series: Vec<Value>,
}

#[derive(Debug, ToSchema)]
pub struct TemplateTitle {
    pub id: String,
    pub title: String,
}

/// Published terms to start from.
#[derive(Debug, ToSchema)]
pub struct Template {
    pub id: String,
    pub title: String,
    /// What the published terms say and these do not, each as a sentence.
    pub left_out: Vec<String>,
    #[schema(value_type = Object)]
    pub terms: Value,
}
