//! What is told: one JSON text, the body of a CloudEvent (specification 1.0.2, JSON format).

use crate::store::{self, Tx, message::Event};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    alert::Alert,
    contract::{Contract, SlaLine},
    customer::Customer,
    id::EventId,
};
use serde::{Deserialize, Serialize};

/// Who tells: a URI that names no house, as the receiver knows whose address it gave.
const SOURCE: &str = "urn:makegood:central";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// An alert was raised.
    Raised,
    /// It became worse, or another objective is in danger.
    Worsened,
    /// Somebody looks after it.
    Acknowledged,
    /// It is over.
    Resolved,
}

impl What {
    /// As it is written, here and in the audit chain.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Raised => "alert.raised",
            Self::Worsened => "alert.worsened",
            Self::Acknowledged => "alert.acknowledged",
            Self::Resolved => "alert.resolved",
        }
    }
}

/// An event as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CloudEvent {
    specversion: String,
    pub(super) id: String,
    source: String,
    /// `makegood.alert.raised`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    time: DateTime<Utc>,
    /// `AL-12`.
    pub(super) subject: String,
    datacontenttype: String,
    pub(super) data: Told,
}

/// What is told of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// `The SLO will be missed at this rate`.
    pub(super) headline: String,
    /// What that rests on.
    pub(super) detail: String,
    /// The customer's name.
    pub(super) customer: String,
    /// The contract's number.
    pub(super) contract: String,
    /// The SLA's name.
    pub(super) sla: String,
    /// The product it belongs to.
    pub(super) product: String,
    /// The alert as it was then, without what was noted about it.
    pub(super) alert: Alert,
}

/// Writes down that something happened to an alert, in the transaction in which it happens.
///
/// # Errors
/// [`Code::Database`].
pub(crate) async fn record(tx: &mut Tx, what: What, alert: &Alert) -> Result<(), Problem> {
    let customer = store::get::<Customer>(tx.conn(), alert.customer).await?;
    let contract = store::get::<Contract>(tx.conn(), alert.contract).await?;
    let line = store::get::<SlaLine>(tx.conn(), alert.line).await?;
    let (Some(customer), Some(contract), Some(line)) = (customer, contract, line) else {
        return Err(store::missing("customer, contract or line of an alert"));
    };
    let (id, at): (EventId, _) = (tx.store().ids().make(), tx.now());
    let told = CloudEvent {
        specversion: "1.0".to_owned(),
        id: id.to_string(),
        source: SOURCE.to_owned(),
        kind: format!("makegood.{}", what.kind()),
        time: at,
        subject: alert.number.clone(),
        datacontenttype: "application/json".to_owned(),
        data: Told {
            headline: alert.headline(),
            detail: alert.detail(),
            customer: customer.row.name,
            contract: contract.row.number,
            sla: line.row.name,
            product: line.row.product,
            // What colleagues write to each other stays in the house.
            alert: Alert { note: None, ..alert.clone() },
        },
    };
    let body = serde_json::to_string(&told)
        .map_err(|error| Problem::new(Code::Internal, format!("an event: {error}")))?;
    let (customer, level, kind) = (alert.customer, alert.level, what.kind().to_owned());
    tx.add_event(&Event { id, at, kind, customer, level, recipient: None, body }).await
}

/// Reads what [`record`] wrote.
pub(super) fn read(event: &Event) -> Result<CloudEvent, Problem> {
    serde_json::from_str(&event.body)
        .map_err(|error| Problem::new(Code::Internal, format!("event {}: {error}", event.id)))
}
