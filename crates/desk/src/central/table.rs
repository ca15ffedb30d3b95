//! Tables that central takes: customers, fees and monthly revenue.

use super::{Central, proposal::Shown};
use chrono::NaiveDate;
use makegood_domain::{
    Problem,
    id::{ChargeId, CustomerId},
    proposal::Difference,
};
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

/// A page of what is charged.
#[derive(Debug, Deserialize)]
pub(crate) struct Charges {
    pub(crate) charges: Vec<Charge>,
    pub(crate) next: Option<String>,
}

/// What is charged for an SLA line.
#[derive(Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: ChargeId,
    pub(crate) customer: CustomerId,
    pub(crate) contract: String,
    pub(crate) line: String,
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) frequency: String,
    pub(crate) in_advance: bool,
    pub(crate) from: NaiveDate,
    pub(crate) to: Option<NaiveDate>,
}

/// A page of what customers pay.
#[derive(Debug, Deserialize)]
pub(crate) struct Revenue {
    pub(crate) months: Vec<RevenueMonth>,
    pub(crate) next: Option<String>,
}

/// What a customer pays in a month.
#[derive(Debug, Deserialize)]
pub(crate) struct RevenueMonth {
    pub(crate) customer: CustomerId,
    pub(crate) month: String,
    pub(crate) amount: String,
    pub(crate) currency: String,
}

impl Central {
    pub(crate) async fn charges(&self, after: Option<&str>) -> Result<Charges, Problem> {
        self.json(self.request(Method::GET, "v1/charges")?.query(&[("after", after)])).await
    }

    pub(crate) async fn revenue(&self, after: Option<&str>) -> Result<Revenue, Problem> {
        self.json(self.request(Method::GET, "v1/mrr")?.query(&[("after", after)])).await
    }

    pub(crate) async fn try_table(&self, table: &str, text: &str) -> Result<Tried, Problem> {
        let request = self.request(Method::POST, &format!("v1/import/{table}?dry_run=true"))?;
        self.json(request.header("content-type", "text/csv").body(text.to_owned())).await
    }

    pub(crate) async fn take_table(&self, table: &str, text: &str) -> Result<Taken, Problem> {
        let request = self.request(Method::POST, &format!("v1/import/{table}"))?;
        self.json(request.header("content-type", "text/csv").body(text.to_owned())).await
    }
}
