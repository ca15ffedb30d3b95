//! Deliveries: which statement went where and how, what came back, and what the customer said.
//! Whether anybody opened a message is not tracked.

use crate::{
    contact::AddressLine,
    dispute::Dispute,
    id::{AcknowledgementId, ContactId, CustomerId, DeliveryId, PersonId, StatementId},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A statement on its way, or at its end: one message, or one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, made at the desk.
    pub id: DeliveryId,
    /// The customer.
    pub customer: CustomerId,
    /// Which statement, at which revision.
    pub statement: StatementId,
    /// How.
    pub channel: Channel,
    /// To whom, as their contacts were then; nobody in a folder.
    pub to: Vec<Addressee>,
    /// The message's id, by which it is found at the other end.
    pub message_id: Option<String>,
    /// SHA-256 of the bytes that went out, hex: those that were sealed.
    pub sha256: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it failed, or who says that it arrived.
    pub why: Option<String>,
    /// The delivery that this one repeats.
    pub resend_of: Option<DeliveryId>,
    /// Why it was repeated.
    pub reason: Option<String>,
    /// Who sent it.
    pub by: PersonId,
    /// When, by the desk's clock.
    pub at: DateTime<Utc>,
    /// What came back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounces: Vec<Bounce>,
}

/// A contact as it was when something was sent to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// Which.
    pub contact: ContactId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Addressed, or with a copy.
    pub line: AddressLine,
}

/// A message that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// Whose.
    pub address: String,
    /// What came back.
    pub reason: String,
    /// Who recorded it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a statement goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Mail,
    /// Exported to a folder, from which somebody takes it.
    Folder,
}

impl Channel {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Folder => "folder",
        }
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The mail server took it, or it lies in its folder.
    Sent,
    /// The mail server refused it for good, or for too long.
    Failed,
    /// It came back from somebody.
    Bounced,
}

impl DeliveryState {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
        }
    }
}

/// A delivery as a desk records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// Its id, made at the desk.
    pub delivery: DeliveryId,
    /// Which statement.
    pub statement: StatementId,
    /// How.
    pub channel: Channel,
    /// To whom.
    pub to: Vec<Addressee>,
    /// The message's id.
    pub message_id: Option<String>,
    /// SHA-256 of the bytes that went out, hex.
    pub sha256: String,
    /// Whether it was taken; else `why` says why not.
    pub sent: bool,
    /// Why it failed, or who says that it arrived.
    pub why: Option<String>,
    /// The delivery that this one repeats, with `reason`.
    pub resend_of: Option<DeliveryId>,
    /// Why it was repeated.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a customer said to a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Its id.
    pub id: AcknowledgementId,
    /// The customer.
    pub customer: CustomerId,
    /// To which statement.
    pub statement: StatementId,
    /// Who said it, as they call themselves.
    pub by_name: String,
    /// On which day.
    pub on: NaiveDate,
    /// Whether they accept it; else they dispute it.
    pub accepted: bool,
    /// What they said.
    pub note: Option<String>,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Who answers it by when, where they dispute it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute: Option<Dispute>,
}

/// What a customer said, as somebody records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// Its id, made at the desk.
    pub acknowledgement: AcknowledgementId,
    /// To which statement.
    pub statement: StatementId,
    /// Who said it, as they call themselves.
    pub by_name: String,
    /// On which day.
    pub on: NaiveDate,
    /// Whether they accept it; else they dispute it.
    pub accepted: bool,
    /// What they said; of a dispute required.
    pub note: Option<String>,
}
