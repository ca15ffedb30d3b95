//! What central tells outside. It is not synced: it is for those who administer.

use super::Central;
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{CustomerId, MessageId},
};
use reqwest::Method;
use serde::Deserialize;

/// A page of messages.
#[derive(Debug, Deserialize)]
pub(crate) struct Messages {
    pub(crate) messages: Vec<Message>,
    pub(crate) next: Option<MessageId>,
}

/// An event on its way through one channel.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    pub(crate) channel: String,
    pub(crate) kind: String,
    pub(crate) customer: CustomerId,
    pub(crate) state: String,
    pub(crate) attempts: u32,
    pub(crate) next_at: DateTime<Utc>,
    pub(crate) attempted_at: Option<DateTime<Utc>>,
    pub(crate) failure: Option<String>,
}

impl Central {
    pub(crate) async fn resend_message(&self, id: MessageId) -> Result<Message, Problem> {
        self.json(self.request(Method::POST, &format!("v1/messages/{id}/resend"))?).await
    }

    pub(crate) async fn messages(
        &self,
        state: Option<&str>,
        before: Option<&str>,
    ) -> Result<Messages, Problem> {
        let query: Vec<(&str, &str)> = [("state", state), ("before", before)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        self.json(self.request(Method::GET, "v1/messages")?.query(&query)).await
    }
}
