//! The breach inbox: what is to be reviewed, what was put off, what is decided.

use crate::{
    Overlay, Reader, Versioned, Viewer,
    screens::{
        house::House,
        show::{MoneyView, count, day_short, minutes_left},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::{Breach, BreachState},
    id::{AttainmentId, BreachId, IncidentId, SettlementId},
    incident::{Hit, Incident},
    settlement::Settlement,
};
use makegood_engine::{fraction::Fraction, money::Money};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A tab of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachInbox {
    /// `to_review`, `snoozed`, `decided`.
    #[ts(type = "\"to_review\" | \"snoozed\" | \"decided\"")]
    pub tab: String,
    /// How many each tab holds.
    pub counts: BreachCounts,
    /// Breaches of one incident stand together.
    pub groups: Vec<BreachGroup>,
}

/// How many each tab holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachCounts {
    /// Nobody has looked, or it was put off until a day that has come.
    pub to_review: usize,
    /// Put off.
    pub snoozed: usize,
    /// Confirmed or cleared.
    pub decided: usize,
}

/// Breaches that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachGroup {
    /// `14 Oct, one incident`; absent where no incident stands apart.
    pub title: Option<String>,
    /// `3 contracts`.
    pub note: Option<String>,
    /// The breaches, worst first.
    pub items: Vec<BreachItem>,
}

/// A breach in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachItem {
    /// Its id.
    pub id: String,
    /// `BR-1042`.
    pub number: String,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The line's name.
    pub sla: String,
    /// What it costs.
    pub credit: Option<MoneyView>,
    /// `−6.31 min`.
    pub left: String,
    /// Where the review stands, in words.
    pub state: String,
    /// A decision about it waits in the outbox.
    pub queued: bool,
}

/// What lists of breaches need beside them.
pub(crate) struct Inbox {
    pub(crate) breaches: Vec<Versioned<Breach>>,
    pub(crate) attainments: BTreeMap<AttainmentId, Attainment>,
    settlements: BTreeMap<SettlementId, Settlement>,
    hits: Vec<Versioned<Hit>>,
    incidents: BTreeMap<IncidentId, Incident>,
}

impl Inbox {
    /// All breaches of the scope.
    async fn read(reader: &mut Reader) -> Result<Self, Problem> {
        let breaches = reader.list("", &[]).await?;
        let attainments = reader.list("where key in (select attainment from breach)", &[]).await?;
        let settlements = reader.list("where key in (select settlement from breach)", &[]).await?;
        let hits = reader.list("", &[]).await?;
        Self::of(reader, breaches, attainments, settlements, hits).await
    }

    /// One customer's.
    pub(crate) async fn read_customer(reader: &mut Reader, key: &str) -> Result<Self, Problem> {
        let breaches = reader.list("where customer = $1", &[key]).await?;
        let attainments = reader
            .list("where key in (select attainment from breach where customer = $1)", &[key])
            .await?;
        let settlements = reader
            .list("where key in (select settlement from breach where customer = $1)", &[key])
            .await?;
        let hits = reader.list("where customer = $1", &[key]).await?;
        Self::of(reader, breaches, attainments, settlements, hits).await
    }

    async fn of(
        reader: &mut Reader,
        breaches: Vec<Versioned<Breach>>,
        attainments: Vec<Versioned<Attainment>>,
        settlements: Vec<Versioned<Settlement>>,
        hits: Vec<Versioned<Hit>>,
    ) -> Result<Self, Problem> {
        let incidents: Vec<Versioned<Incident>> = reader.list("", &[]).await?;
        Ok(Self {
            breaches,
            attainments: attainments.into_iter().map(|one| (one.id, one.row)).collect(),
            settlements: settlements.into_iter().map(|one| (one.id, one.row)).collect(),
            hits,
            incidents: incidents.into_iter().map(|one| (one.id, one.row)).collect(),
        })
    }

    /// The incident that a breach belongs to.
    fn incident(&self, breach: &Breach) -> Option<&Incident> {
        let of_hit = || {
            let mut hits = self.hits.iter().filter(|hit| hit.customer == breach.customer);
            hits.find(|hit| hit.breaches.contains(&breach.id)).map(|hit| hit.incident)
        };
        breach.incident.or_else(of_hit).and_then(|id| self.incidents.get(&id))
    }

    /// What the breach's line costs.
    pub(crate) fn credit(&self, breach: &Breach) -> Option<Money> {
        let settlement = breach.settlement.and_then(|id| self.settlements.get(&id));
        let allocated = settlement
            .and_then(|found| found.lines.iter().find(|line| line.line == breach.line))
            .map(|line| line.allocated);
        let estimate = || self.attainments.get(&breach.attainment).and_then(|one| one.credit);
        allocated.or_else(estimate).filter(|money| money.minor() != 0)
    }

    /// Seconds left, for sorting.
    fn left(&self, breach: &Breach) -> Option<Fraction> {
        let attainment = self.attainments.get(&breach.attainment)?;
        Fraction::parse(attainment.allowance_left.as_deref()?)
    }
}

/// The tab in which a breach stands now.
pub(crate) fn tab(breach: &Breach, now: DateTime<Utc>) -> &'static str {
    match breach.state {
        BreachState::Snoozed if breach.snoozed_until.is_some_and(|until| until > now) => "snoozed",
        BreachState::ToReview | BreachState::Snoozed => "to_review",
        BreachState::Confirmed | BreachState::Cleared => "decided",
    }
}

/// Where the review stands, in words.
pub(crate) fn state_word(breach: &Breach) -> String {
    match (breach.state, breach.snoozed_until) {
        (BreachState::ToReview, _) => "To review".to_owned(),
        (BreachState::Snoozed, Some(until)) => {
            format!("Snoozed until {}", day_short(until.date_naive()))
        }
        (BreachState::Snoozed, None) => "Snoozed".to_owned(),
        (BreachState::Confirmed, _) => "Confirmed".to_owned(),
        (BreachState::Cleared, _) => "Cleared by a revision".to_owned(),
    }
}

/// A breach as a list shows it.
pub(crate) fn item(breach: &Breach, inbox: &Inbox, house: &House, overlay: &Overlay) -> BreachItem {
    let left = inbox
        .attainments
        .get(&breach.attainment)
        .and_then(|attainment| attainment.allowance_left.as_deref())
        .map(|seconds| format!("{} min", minutes_left(seconds)));
    BreachItem {
        id: breach.id.to_string(),
        number: breach.number.clone(),
        customer: house.customer(breach.customer),
        contract: house.contract(breach.contract),
        sla: house.sla(breach.line),
        credit: inbox.credit(breach).map(Into::into),
        left: left.unwrap_or_else(|| "–".to_owned()),
        state: state_word(breach),
        queued: overlay.about("breach", &breach.id.to_string()).is_some(),
    }
}

/// The inbox.
///
/// # Errors
/// [`Code::Invalid`] for a tab that is none; [`Code::Database`].
pub async fn breach_inbox(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    tab_name: &str,
) -> Result<BreachInbox, Problem> {
    if !["to_review", "snoozed", "decided"].contains(&tab_name) {
        return Err(Problem::new(
            Code::Invalid,
            format!("no tab {tab_name:?}: to_review, snoozed or decided"),
        ));
    }
    let house = House::read(reader).await?;
    let inbox = Inbox::read(reader).await?;
    let many = |name| inbox.breaches.iter().filter(|one| tab(one, viewer.now) == name).count();
    let counts = BreachCounts {
        to_review: many("to_review"),
        snoozed: many("snoozed"),
        decided: many("decided"),
    };
    let mut shown: Vec<&Breach> = inbox
        .breaches
        .iter()
        .filter(|one| tab(one, viewer.now) == tab_name)
        .map(|one| &one.row)
        .collect();
    let worst_first = |breach: &Breach| (inbox.left(breach), breach.number.clone());
    if tab_name == "decided" {
        shown.sort_by_key(|breach| std::cmp::Reverse((breach.reviewed_at, breach.number.clone())));
    } else {
        shown.sort_by_key(|breach| worst_first(breach));
    }
    let groups = if tab_name == "to_review" {
        by_incident(&shown, &inbox)
    } else {
        vec![(None, None, shown)]
    };
    let groups = groups
        .into_iter()
        .filter(|(.., breaches)| !breaches.is_empty())
        .map(|(title, note, breaches)| BreachGroup {
            title,
            note,
            items: breaches.iter().map(|one| item(one, &inbox, &house, overlay)).collect(),
        })
        .collect();
    Ok(BreachInbox { tab: tab_name.to_owned(), counts, groups })
}

type Group<'a> = (Option<String>, Option<String>, Vec<&'a Breach>);

/// Incidents that several breaches share come first, whatever is worse; then the others.
fn by_incident<'a>(shown: &[&'a Breach], inbox: &Inbox) -> Vec<Group<'a>> {
    let mut shared: BTreeMap<IncidentId, Vec<&Breach>> = BTreeMap::new();
    for breach in shown {
        if let Some(incident) = inbox.incident(breach) {
            shared.entry(incident.id).or_default().push(breach);
        }
    }
    shared.retain(|_, breaches| breaches.len() > 1);
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut grouped: Vec<BreachId> = Vec::new();
    for (id, breaches) in shared {
        grouped.extend(breaches.iter().map(|breach| breach.id));
        let contracts: std::collections::BTreeSet<_> =
            breaches.iter().map(|breach| breach.contract).collect();
        let day = inbox.incidents.get(&id).map(|one| day_short(one.began_at.date_naive()));
        groups.push((
            Some(format!("{}, one incident", day.unwrap_or_default())),
            Some(count(contracts.len(), "contract")),
            breaches,
        ));
    }
    groups.sort_by_key(|(.., breaches)| breaches.first().and_then(|breach| inbox.left(breach)));
    let others: Vec<&Breach> =
        shown.iter().copied().filter(|breach| !grouped.contains(&breach.id)).collect();
    let title = (!groups.is_empty()).then(|| "Other".to_owned());
    groups.push((title, None, others));
    groups
}
