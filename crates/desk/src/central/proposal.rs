//! Proposals at central: what waits for a second person. They are not synced.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{PersonId, ProposalId},
    proposal::{Proposal, ProposalState},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

/// A proposal in a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) id: ProposalId,
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) state: ProposalState,
    pub(crate) proposed_by: PersonId,
    pub(crate) proposed_at: DateTime<Utc>,
    pub(crate) differences: u32,
}

/// A proposal with what whoever decides gives back.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    pub(crate) proposal: Proposal,
    pub(crate) seen: String,
}

impl Central {
    pub(crate) async fn proposals(&self) -> Result<Vec<Waiting>, Problem> {
        self.json(self.request(Method::GET, "v1/proposals")?).await
    }

    pub(crate) async fn proposal(&self, id: ProposalId) -> Result<Shown, Problem> {
        self.json(self.request(Method::GET, &format!("v1/proposals/{id}"))?).await
    }

    pub(crate) async fn decide_proposal(
        &self,
        id: ProposalId,
        decision: &Value,
    ) -> Result<(), Problem> {
        let request = self.request(Method::POST, &format!("v1/proposals/{id}/decision"))?;
        self.done(request.json(decision)).await
    }
}
