//! Notes: what people write down for each other.

use crate::id::{CustomerId, NoteId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A note about something. Its visibility is fixed when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The customer it is about.
    pub customer: CustomerId,
    /// What it is about: an entity's name (`breach`, `credit`) …
    pub subject_entity: String,
    /// … and its id.
    pub subject: String,
    /// `internal` (never leaves the house) or `customer`.
    pub visibility: String,
    /// BCP 47.
    pub language: String,
    /// The text.
    pub text: String,
    /// Who wrote it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}
