//! Incidents of a status page, as Statuspage's `/api/v2/incidents.json` gives them: outages of the
//! components that an SLA line names.
//!
//! A component is down while its status is `partial_outage` or `major_outage`, each wholly, for the
//! page says no share; from the incident's beginning where its first update found it so, until an
//! update says otherwise or the incident is resolved.

use super::{Adding, Piece, Push, Report, Says, around, check_batch, document};
use chrono::{DateTime, Utc};
use makegood_domain::{Problem, series::EvidenceBody};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Export {
    incidents: Vec<Incident>,
}

#[derive(Debug, Deserialize)]
struct Incident {
    id: String,
    #[serde(default)]
    impact: String,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    incident_updates: Vec<Update>,
}

#[derive(Debug, Deserialize)]
struct Component {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Update {
    created_at: DateTime<Utc>,
    display_at: Option<DateTime<Utc>>,
    affected_components: Option<Vec<Affected>>,
}

#[derive(Debug, Deserialize)]
struct Affected {
    name: String,
    new_status: String,
}

type Span = (DateTime<Utc>, DateTime<Utc>);

/// Takes an export of incidents for the components of the push's source.
///
/// # Errors
/// [`makegood_domain::Code::TextInvalid`], [`makegood_domain::Code::Invalid`] with the path;
/// [`makegood_domain::Code::TooLarge`]; [`makegood_domain::Code::Database`]. Nothing is written
/// then.
pub async fn take(push: &Push<'_>, bytes: &[u8]) -> Result<Report, Problem> {
    let export: Export = document(bytes, "the incidents")?;
    let now = push.store.clock().now();
    let mut pieces = Vec::new();
    let mut aside = 0;
    for (at, incident) in export.incidents.iter().enumerate() {
        let before = pieces.len();
        for component in incident.components() {
            for (index, span) in incident.outages(component, now).into_iter().enumerate() {
                pieces.push(Piece {
                    service: component,
                    of: ("", ""),
                    span,
                    // What still goes on is seen now; the page's own instant is older.
                    observed_at: incident.resolved_at.and(incident.updated_at),
                    ends: incident.resolved_at.is_some(),
                    says: Says::That(EvidenceBody::Outage {
                        impact: "1".to_owned(),
                        reference: Some(format!("{}/{component}/{index}", incident.id)),
                    }),
                    path: format!("incidents[{at}]"),
                });
            }
        }
        aside += usize::from(pieces.len() == before);
    }
    check_batch(pieces.len())?;
    let mut adding = Adding::begin(push).await?.pushed(bytes);
    adding.report.ignored = aside;
    adding.add_named(pieces).await?;
    adding.finish("late evidence: status page").await
}

impl Incident {
    /// The components that it names, each once.
    fn components(&self) -> Vec<&str> {
        let of_updates = self.incident_updates.iter().flat_map(Update::affected);
        let mut names: Vec<&str> = self
            .components
            .iter()
            .map(|component| component.name.as_str())
            .chain(of_updates.map(|affected| affected.name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn began(&self) -> DateTime<Utc> {
        self.started_at.map_or(self.created_at, |started| started.min(self.created_at))
    }

    /// When a component was down, in order; until now where nothing says that it is over.
    fn outages(&self, component: &str, now: DateTime<Utc>) -> Vec<Span> {
        let end = self.resolved_at.unwrap_or(now);
        let mut said: Vec<(DateTime<Utc>, bool)> = Vec::new();
        for update in &self.incident_updates {
            let at = update.display_at.unwrap_or(update.created_at);
            let of_it = update.affected().find(|affected| affected.name == component);
            said.extend(of_it.map(|affected| (at, is_down(&affected.new_status))));
        }
        said.sort_unstable_by_key(|(at, _)| *at);
        if said.is_empty() {
            // No update tells of components: then all of it was down, unless it had no impact.
            let none = matches!(self.impact.as_str(), "none" | "maintenance");
            said.extend((!none).then_some((self.began(), true)));
        }
        if let Some((at, true)) = said.first_mut() {
            *at = self.began().min(*at);
        }
        let mut spans: Vec<Span> = Vec::new();
        let mut since: Option<DateTime<Utc>> = None;
        for (at, down) in said {
            match (since, down) {
                (None, true) => since = Some(at),
                (Some(from), false) => {
                    spans.push(around(from, at));
                    since = None;
                }
                _ => {}
            }
        }
        spans.extend(since.map(|from| around(from, end)));
        spans.retain(|(from, to)| from < to);
        spans
    }
}

impl Update {
    fn affected(&self) -> impl Iterator<Item = &Affected> {
        self.affected_components.iter().flatten()
    }
}

fn is_down(status: &str) -> bool {
    matches!(status, "partial_outage" | "major_outage")
}
