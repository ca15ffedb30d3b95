//! People at central, with what may be proposed about them. They are not synced so: a desk has names.

use super::{Central, proposal::Shown};
use chrono::{DateTime, NaiveDate, Utc};
use makegood_domain::{
    Problem,
    id::{CustomerId, PersonId},
    person::Role,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Somebody whom central knows.
#[derive(Debug, Deserialize)]
pub(crate) struct Known {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) customers: Option<BTreeSet<CustomerId>>,
    pub(crate) last_seen: Option<NaiveDate>,
    pub(crate) tokens: u32,
    pub(crate) acts_for: Vec<ActsFor>,
}

/// In whose place somebody approves.
#[derive(Debug, Deserialize)]
pub(crate) struct ActsFor {
    pub(crate) person: PersonId,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

/// Somebody as they are to be.
#[derive(Debug, Serialize)]
pub(crate) struct WantedPerson {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) customers: Option<BTreeSet<CustomerId>>,
}

/// Who is to approve in whose place.
#[derive(Debug, Serialize)]
pub(crate) struct WantedDelegation {
    pub(crate) person: PersonId,
    pub(crate) delegate: PersonId,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

impl Central {
    pub(crate) async fn people(&self) -> Result<Vec<Known>, Problem> {
        self.json(self.request(Method::GET, "v1/people")?).await
    }

    pub(crate) async fn propose_person(&self, wanted: &WantedPerson) -> Result<Shown, Problem> {
        self.json(self.request(Method::POST, "v1/people")?.json(wanted)).await
    }

    pub(crate) async fn propose_delegation(
        &self,
        wanted: &WantedDelegation,
    ) -> Result<Shown, Problem> {
        self.json(self.request(Method::POST, "v1/delegations")?.json(wanted)).await
    }

    pub(crate) async fn access_review(&self) -> Result<Vec<u8>, Problem> {
        self.bytes(self.request(Method::GET, "v1/access-review")?.query(&[("format", "csv")])).await
    }
}
