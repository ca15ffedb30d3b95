//! Incidents: one cause, with one hit per customer. The header carries no customer's data.

use crate::id::{BreachId, CustomerId, HitId, IncidentId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Number to show: `INC-778`.
    pub number: String,
    /// Internal title; no customer's name.
    pub title: String,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Root cause, from the house's list.
    pub root_cause: Option<String>,
    /// When monitoring noticed.
    pub detected_at: Option<DateTime<Utc>>,
    /// What happened when, from the sources: for the evidence timeline.
    pub events: Vec<IncidentEvent>,
    /// Where it turned out to be a duplicate: the incident that has its hits now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IncidentId>,
}

/// One thing that a source saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// What: `Prober LON: 5xx above 5 %`.
    pub text: String,
    /// Which source: internal.
    pub source: String,
}

impl Hit {
    /// A hit that nobody has said anything about yet.
    #[must_use]
    pub fn new(id: HitId, incident: IncidentId, customer: CustomerId) -> Self {
        Self {
            id,
            incident,
            customer,
            breaches: Vec::new(),
            root_cause: None,
            first_degraded_at: None,
            detected_at: None,
            narratives: BTreeMap::new(),
            reviewed_by: None,
            reviewed_at: None,
        }
    }
}

/// What an incident did to one customer, and what that customer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its id.
    pub id: HitId,
    /// The incident.
    pub incident: IncidentId,
    /// The customer.
    pub customer: CustomerId,
    /// The breaches it explains.
    pub breaches: Vec<BreachId>,
    /// Root cause as reviewed for this customer.
    pub root_cause: Option<String>,
    /// First degradation seen.
    pub first_degraded_at: Option<DateTime<Utc>>,
    /// When it was detected.
    pub detected_at: Option<DateTime<Utc>>,
    /// What the customer reads, by language (`en`, `de`).
    pub narratives: BTreeMap<String, String>,
    /// Who reviewed it.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
}
