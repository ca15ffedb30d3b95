//! Writing drafts at central. They are not synced: authors work where central can be reached.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    draft::{Draft, DraftState},
    id::{DraftId, PersonId},
    proposal::Difference,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /v1/authoring`: what a draft can name.
#[derive(Debug, Deserialize)]
pub(crate) struct Choices {
    pub(crate) templates: Vec<Title>,
    pub(crate) legal_entities: Vec<Entity>,
    pub(crate) customers: Vec<Customer>,
    pub(crate) contracts: Vec<Contract>,
    pub(crate) series: Vec<Series>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Title {
    pub(crate) id: String,
    pub(crate) title: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entity {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) currency: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) time_zone: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Contract {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Series {
    pub(crate) source: String,
    pub(crate) service: String,
}

/// `GET /v1/templates/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Template {
    pub(crate) title: String,
    pub(crate) left_out: Vec<String>,
    pub(crate) terms: Value,
}

/// A draft in a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: DraftId,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) state: DraftState,
    pub(crate) changed_by: PersonId,
    pub(crate) changed_at: DateTime<Utc>,
}

/// `GET /v1/drafts/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Look {
    pub(crate) draft: Draft,
    pub(crate) problem: Option<Wrong>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) differences: Vec<Difference>,
    pub(crate) drives_money: bool,
}

/// Why a draft can't be put in force.
#[derive(Debug, Deserialize)]
pub(crate) struct Wrong {
    pub(crate) code: Code,
    pub(crate) detail: String,
    pub(crate) path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) severity: String,
    pub(crate) why: String,
    pub(crate) instead: String,
}

/// `GET /v1/drafts/{id}/past`.
#[derive(Debug, Deserialize)]
pub(crate) struct Past {
    pub(crate) contracts: Vec<ContractPast>,
    pub(crate) measured: u32,
    pub(crate) missed: u32,
    pub(crate) owed: Vec<Owed>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ContractPast {
    pub(crate) contract: String,
    pub(crate) windows: Vec<WindowPast>,
    pub(crate) without_evidence: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WindowPast {
    pub(crate) window: String,
    pub(crate) lines: Vec<LinePast>,
    pub(crate) owed: Owed,
    pub(crate) was: Option<Owed>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LinePast {
    pub(crate) name: String,
    pub(crate) percent: Option<String>,
    pub(crate) met: Option<bool>,
    pub(crate) unknown_seconds: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Owed {
    pub(crate) currency: String,
    pub(crate) amount: String,
}

impl Central {
    pub(crate) async fn authoring(&self) -> Result<Choices, Problem> {
        self.json(self.request(Method::GET, "v1/authoring")?).await
    }

    pub(crate) async fn template(&self, id: &str) -> Result<Template, Problem> {
        self.json(self.request(Method::GET, &format!("v1/templates/{id}"))?).await
    }

    pub(crate) async fn drafts(&self) -> Result<Vec<Listed>, Problem> {
        self.json(self.request(Method::GET, "v1/drafts")?).await
    }

    pub(crate) async fn begin_draft(&self, begun: &Value) -> Result<Draft, Problem> {
        self.json(self.request(Method::POST, "v1/drafts")?.json(begun)).await
    }

    pub(crate) async fn draft(&self, id: DraftId) -> Result<Look, Problem> {
        self.json(self.request(Method::GET, &format!("v1/drafts/{id}"))?).await
    }

    pub(crate) async fn change_draft(&self, id: DraftId, to: &Value) -> Result<Draft, Problem> {
        self.json(self.request(Method::PUT, &format!("v1/drafts/{id}"))?.json(to)).await
    }

    pub(crate) async fn discard_draft(&self, id: DraftId, revision: i64) -> Result<(), Problem> {
        let request = self.request(Method::DELETE, &format!("v1/drafts/{id}"))?;
        self.done(request.query(&[("revision", revision)])).await
    }

    pub(crate) async fn draft_past(&self, id: DraftId, months: u32) -> Result<Past, Problem> {
        let request = self.request(Method::GET, &format!("v1/drafts/{id}/past"))?;
        self.json(request.query(&[("months", months)])).await
    }

    pub(crate) async fn propose_draft(&self, id: DraftId, revision: i64) -> Result<(), Problem> {
        let request = self.request(Method::POST, &format!("v1/drafts/{id}/proposal"))?;
        self.done(request.json(&json!({ "revision": revision }))).await
    }
}
