//! What an exclusion would do, as central computes it: with every window that it touches.

use super::{Central, Owed};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{BreachId, ExclusionId},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};

/// What it does to one line in one window.
#[derive(Debug, Deserialize)]
pub(crate) struct Effect {
    pub(crate) contract: String,
    pub(crate) window: String,
    pub(crate) locked: bool,
    pub(crate) line: String,
    pub(crate) admission: String,
    pub(crate) notice_needed: Option<String>,
    pub(crate) notice_given_seconds: Option<i64>,
    pub(crate) excused_seconds: i64,
    pub(crate) not_excused_seconds: i64,
    pub(crate) without: Side,
    pub(crate) with: Side,
}

/// With it, or without.
#[derive(Debug, Deserialize)]
pub(crate) struct Side {
    pub(crate) percent: Option<String>,
    pub(crate) met: Option<bool>,
    pub(crate) owed: String,
    pub(crate) currency: String,
}

impl Side {
    /// What the contract owes for the window.
    pub(crate) fn owed(&self) -> Owed {
        Owed { amount: self.owed.clone(), currency: self.currency.clone() }
    }
}

/// An exclusion that nobody has proposed yet.
#[derive(Debug, Serialize)]
pub(crate) struct Draft<'d> {
    pub(crate) breach: BreachId,
    pub(crate) kind: &'d str,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) notified_at: Option<DateTime<Utc>>,
    pub(crate) clause: Option<&'d str>,
}

impl Central {
    pub(crate) async fn effect(&self, id: ExclusionId) -> Result<Vec<Effect>, Problem> {
        self.json(self.request(Method::GET, &format!("v1/exclusions/{id}/effect"))?).await
    }

    pub(crate) async fn effect_of_draft(&self, draft: &Draft<'_>) -> Result<Vec<Effect>, Problem> {
        let request = self.request(Method::POST, "v1/exclusions/effect")?;
        self.json(request.json(draft)).await
    }
}
