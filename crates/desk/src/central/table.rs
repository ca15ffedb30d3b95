//! Tables that central takes: customers, fees and monthly revenue.

use super::{Central, proposal::Shown};
use makegood_domain::{Problem, proposal::Difference};
use reqwest::Method;
use serde::Deserialize;

/// What a table would change.
#[derive(Debug, Deserialize)]
pub(crate) struct Tried {
    pub(crate) differences: Vec<Difference>,
}

/// What became of a table.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Taken {
    /// It waits for a second person.
    Waiting(Box<Shown>),
    /// It took effect.
    Applied {
        /// How much it changed.
        changed: u32,
    },
}

impl Central {
    pub(crate) async fn try_table(&self, table: &str, text: &str) -> Result<Tried, Problem> {
        let request = self.request(Method::POST, &format!("v1/import/{table}?dry_run=true"))?;
        self.json(request.header("content-type", "text/csv").body(text.to_owned())).await
    }

    pub(crate) async fn take_table(&self, table: &str, text: &str) -> Result<Taken, Problem> {
        let request = self.request(Method::POST, &format!("v1/import/{table}"))?;
        self.json(request.header("content-type", "text/csv").body(text.to_owned())).await
    }
}
