//! What an exclusion would do, as central computes it: with every window that it touches.

use super::{Central, Owed};
use makegood_domain::{Problem, id::ExclusionId};
use reqwest::Method;
use serde::Deserialize;

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

impl Central {
    pub(crate) async fn effect(&self, id: ExclusionId) -> Result<Vec<Effect>, Problem> {
        self.json(self.request(Method::GET, &format!("v1/exclusions/{id}/effect"))?).await
    }
}
