//! What central tells outside (alerts, digests), through which channel, and how each message stands.
//! Asked of central each time.

use crate::desk::{Desk, id};
use makegood_domain::{Problem, customer::Customer, id::CustomerId};
use makegood_mirror::screens::{Moment, Page};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Messages {
    /// The newest first.
    pub rows: Vec<MessageRow>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MessageRow {
    /// Its id.
    pub id: String,
    /// `Alert raised`.
    pub what: String,
    /// The customer whom it is about.
    pub customer: String,
    /// The channel, as central's settings name it.
    pub channel: String,
    /// `waiting`, `sent` or `given_up`.
    pub state: String,
    /// `Arrived`, `Waiting`, `Given up`.
    pub state_name: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was last tried.
    pub tried: Option<Moment>,
    /// When it is tried again.
    pub next: Option<Moment>,
    /// Why it did not arrive.
    pub failure: Option<String>,
}

impl Desk {
    /// Has a message that was given up tried again, under its own id.
    ///
    /// # Errors
    /// As [`Desk::messages`]; [`makegood_domain::Code::NotFound`];
    /// [`makegood_domain::Code::WrongState`] where it waits or has arrived.
    pub async fn resend_message(&self, message: &str) -> Result<(), Problem> {
        let central = &self.inside().await?.central;
        central.resend_message(id("message", message)?).await.map(|_| ())
    }

    /// What was told outside: everything, or what stands so (`waiting`, `sent`, `given_up`).
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`] for who does not administer;
    /// [`makegood_domain::Code::ScopeMissing`]; [`makegood_domain::Code::CentralUnreachable`].
    pub async fn messages(&self, state: &str, page: &Page) -> Result<Messages, Problem> {
        let inside = self.inside().await?;
        let found = inside.central.messages(Some(state), page.after.as_deref()).await?;
        let mut reader = inside.mirror().reader().await?;
        let about: BTreeSet<CustomerId> = found.messages.iter().map(|one| one.customer).collect();
        let mut customers = BTreeMap::new();
        for id in about {
            if let Some(one) = reader.find::<Customer>(&id.to_string()).await? {
                customers.insert(id, one.row.name);
            }
        }
        let row = |one: crate::central::Message| MessageRow {
            id: one.id.to_string(),
            what: called(&one.kind).to_owned(),
            customer: customers.get(&one.customer).cloned().unwrap_or_else(|| "–".to_owned()),
            channel: one.channel,
            state_name: match one.state.as_str() {
                "sent" => "Arrived",
                "given_up" => "Given up",
                _ => "Waiting",
            }
            .to_owned(),
            next: (one.state == "waiting").then(|| Moment::utc(one.next_at)),
            state: one.state,
            attempts: one.attempts,
            tried: one.attempted_at.map(Moment::utc),
            failure: one.failure,
        };
        Ok(Messages {
            rows: found.messages.into_iter().map(row).collect(),
            next: found.next.map(|next| next.to_string()),
        })
    }
}

fn called(kind: &str) -> &str {
    match kind {
        "alert.raised" => "Alert raised",
        "alert.worsened" => "Alert became worse",
        "alert.acknowledged" => "Alert looked after",
        "alert.resolved" => "Alert is over",
        "month.locked" => "Month is locked",
        other => other,
    }
}
