//! Incidents as PagerDuty's `/incidents` gives them: outages of the services that an SLA line names,
//! from the page to its resolution. Those of low urgency are no outages, and left aside.

use super::{Adding, Piece, Push, Report, Says, around, check_batch, document};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem, series::EvidenceBody};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Export {
    incidents: Vec<Incident>,
}

#[derive(Debug, Deserialize)]
struct Incident {
    id: String,
    status: String,
    #[serde(default)]
    urgency: String,
    created_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    last_status_change_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    service: Reference,
}

#[derive(Debug, Deserialize)]
struct Reference {
    summary: String,
}

/// Takes an export of incidents for the services of the push's source.
///
/// # Errors
/// [`Code::TextInvalid`], [`Code::Invalid`] with the path; [`Code::TooLarge`]; [`Code::Database`].
/// Nothing is written then.
pub async fn take(push: &Push<'_>, bytes: &[u8]) -> Result<Report, Problem> {
    let export: Export = document(bytes, "the incidents")?;
    check_batch(export.incidents.len())?;
    let now = push.store.clock().now();
    let mut pieces = Vec::new();
    for (at, incident) in export.incidents.iter().enumerate() {
        let path = format!("incidents[{at}]");
        let (end, observed_at) = match incident.status.as_str() {
            "resolved" => {
                let end = incident.resolved_at.or(incident.last_status_change_at);
                let end = end.ok_or_else(|| {
                    let why = format!("{path}: it is resolved, and nothing says when");
                    Problem::new(Code::Invalid, why).at(path.clone())
                })?;
                (end, incident.updated_at.or(incident.last_status_change_at))
            }
            // What still goes on is seen now.
            "triggered" | "acknowledged" => (now, None),
            other => {
                let why = format!("{path}.status: {other:?} is none that PagerDuty gives");
                return Err(Problem::new(Code::Invalid, why).at(format!("{path}.status")));
            }
        };
        let span = around(incident.created_at, end);
        if incident.urgency == "low" || span.0 >= span.1 {
            continue;
        }
        pieces.push(Piece {
            service: &incident.service.summary,
            of: ("", ""),
            span,
            observed_at,
            ends: incident.status == "resolved",
            says: Says::That(EvidenceBody::Outage {
                impact: "1".to_owned(),
                reference: Some(incident.id.clone()),
            }),
            path,
        });
    }
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    adding.report.ignored = export.incidents.len() - pieces.len();
    adding.add_named(pieces).await?;
    adding.finish("late evidence: incident").await
}
