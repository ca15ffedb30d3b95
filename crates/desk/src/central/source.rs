//! How sources stand at central. They are not synced: no customer's data, and only for a few.

use super::Central;
use makegood_domain::{Problem, source::SourceStatus};
use reqwest::Method;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Sources {
    sources: Vec<SourceStatus>,
}

impl Central {
    pub(crate) async fn sources(&self) -> Result<Vec<SourceStatus>, Problem> {
        let answer: Sources = self.json(self.request(Method::GET, "v1/sources")?).await?;
        Ok(answer.sources)
    }
}
