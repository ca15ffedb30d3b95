//! What is left to do before months lock, as central counts it. It is not synced.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{BreachId, CustomerId, PersonId},
};
use reqwest::Method;
use serde::Deserialize;

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

impl Central {
    pub(crate) async fn checklist(&self) -> Result<Vec<Left>, Problem> {
        self.json(self.request(Method::GET, "v1/windows/checklist")?).await
    }
}
