//! What is left to do before months lock, as central counts it, and locking by hand. Neither is synced.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{BreachId, ContractId, CustomerId, PersonId},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Something that is left to do.
#[derive(Debug, Deserialize)]
pub(crate) struct Left {
    pub(crate) what: String,
    pub(crate) customer: CustomerId,
    pub(crate) name: String,
    pub(crate) contract: String,
    pub(crate) window: String,
    pub(crate) line: String,
    pub(crate) detail: String,
    // A central that is one release older does not name it.
    #[serde(default)]
    pub(crate) breach: Option<BreachId>,
    pub(crate) owner: Option<PersonId>,
    pub(crate) owner_name: String,
    pub(crate) due: DateTime<Utc>,
}

/// A window that is over and not locked.
#[derive(Debug, Deserialize)]
pub(crate) struct Closing {
    pub(crate) contract: ContractId,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) window: String,
    pub(crate) lines: u32,
    pub(crate) missed: u32,
    pub(crate) due: DateTime<Utc>,
    pub(crate) left: Vec<Left>,
    pub(crate) seen: String,
}

/// One that is to be locked, as it was seen.
#[derive(Debug, Serialize)]
pub(crate) struct ToLock {
    pub(crate) contract: ContractId,
    pub(crate) window: String,
    pub(crate) seen: String,
}

/// What became of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Locked {
    pub(crate) locked: u32,
    pub(crate) refused: Vec<NotLocked>,
}

/// One that was not locked, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct NotLocked {
    pub(crate) message: String,
}

impl Central {
    pub(crate) async fn checklist(&self) -> Result<Vec<Left>, Problem> {
        self.json(self.request(Method::GET, "v1/windows/checklist")?).await
    }

    pub(crate) async fn closing(&self) -> Result<Vec<Closing>, Problem> {
        self.json(self.request(Method::GET, "v1/windows/closing")?).await
    }

    pub(crate) async fn lock_windows(&self, windows: &[ToLock]) -> Result<Locked, Problem> {
        let request = self.request(Method::POST, "v1/windows/lock")?;
        self.json(request.json(&json!({ "windows": windows }))).await
    }
}
