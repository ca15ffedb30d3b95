//! One breach: what happened, what it costs, and what this person may do about it.

use super::{
    actions::actions,
    arithmetic::{self, Recomputed, Term},
    exclusion::{self, ExclusionForm, ExclusionView, Rules},
    found::{Found, facts, root_cause, root_causes},
    inbox::BreachTab,
    timeline::{self, EvidenceTimeline},
};
use crate::{
    Overlay, Reader, Versioned, Viewer,
    screens::{
        house::House,
        policy::{GroupMonth, Policies},
        show::{Action, Fact, Moment, MoneyView, Status, date, day_name, day_short, month_name},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    breach::BreachState,
    credit::{Claim, Credit},
    id::IncidentId,
    incident::{Hit, Incident},
    note::Note,
    person::Permission,
    settlement::Settlement,
};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A breach with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Breach {
    /// Its id.
    pub id: String,
    /// `BR-1042`.
    pub number: String,
    /// The version seen.
    #[ts(type = "number")]
    pub version: i64,
    /// The customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The contract.
    pub contract_id: String,
    /// The line's name.
    pub sla: String,
    /// The line.
    pub line_id: String,
    /// `2026-10`.
    pub month: String,
    /// `October 2026`.
    pub month_name: String,
    /// The contract's currency.
    pub currency: String,
    /// How the line stands.
    pub status: Status,
    /// `to_review`, `snoozed`, `confirmed`, `cleared`.
    #[ts(type = "\"to_review\" | \"snoozed\" | \"confirmed\" | \"cleared\"")]
    pub state: String,
    /// The strip under the title.
    pub facts: Vec<Fact>,
    /// The worst day, drawn; empty until the calculation file is here.
    pub timeline: EvidenceTimeline,
    /// Every outage of the window; empty until the calculation file is here.
    pub outages: Vec<BreachOutage>,
    /// What was asked to be excused.
    pub exclusions: Vec<ExclusionView>,
    /// From minutes to money; empty until the calculation file is here.
    pub arithmetic: Vec<Term>,
    /// `Without the exclusion: …`.
    pub counterfactual: Option<String>,
    /// What the approval matrix will ask for.
    pub policy_note: Option<String>,
    /// Why something is missing here: `calculation file not here yet`.
    pub note: Option<String>,
    /// As reviewed.
    pub root_cause: Option<String>,
    /// The house's list.
    pub root_causes: Vec<String>,
    /// The cause.
    pub incident: Option<BreachIncident>,
    /// What the customer reads.
    pub narratives: Vec<Narrative>,
    /// Internal notes, oldest first.
    pub notes: Vec<BreachNote>,
    /// The settlement's credit.
    pub credit: Option<BreachCredit>,
    /// The settlement; empty while the window is not locked.
    pub settlement_id: String,
    /// The version seen; 0 without a settlement.
    #[ts(type = "number")]
    pub settlement_version: i64,
    /// `locked 4 Nov, revision 1`.
    pub settlement_state: String,
    /// `claim by 30 November`.
    pub claim: Option<String>,
    /// What a new exclusion starts from.
    pub exclusion_form: Option<ExclusionForm>,
    /// `review`, `propose_exclusion`, `admit_exclusion`, `propose_credit`, `goodwill`, `snooze`.
    pub actions: BTreeMap<String, Action>,
}

/// An outage of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachOutage {
    /// From.
    pub from: Moment,
    /// To.
    pub to: Moment,
    /// Its length: `61`.
    pub minutes: String,
    /// What of it counted: `51`.
    pub counted: String,
    /// Why not all of it.
    pub why: String,
}

/// The cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachIncident {
    /// Its id.
    pub id: String,
    /// `INC-778`.
    pub number: String,
    /// Its internal title.
    pub title: String,
    /// How many contracts of this scope it hit.
    pub contracts: usize,
}

/// What the customer reads in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Narrative {
    /// `en`, `de`.
    pub language: String,
    /// The text.
    pub text: String,
}

/// An internal note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachNote {
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The text.
    pub text: String,
}

/// The settlement's credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachCredit {
    /// Its id.
    pub id: String,
    /// `CR-311`.
    pub number: String,
    /// How much.
    pub amount: MoneyView,
    /// `drafted`, ….
    pub state: String,
    /// The version seen.
    #[ts(type = "number")]
    pub version: i64,
}

impl BreachCredit {
    fn of(credit: &Versioned<Credit>) -> Self {
        Self {
            id: credit.id.to_string(),
            number: credit.number.clone(),
            amount: credit.amount.into(),
            state: credit.decision.as_str().to_owned(),
            version: credit.version,
        }
    }
}

/// A breach. `recomputed` is what its calculation file gives; without it the page says that it is
/// missing.
///
/// # Errors
/// [`makegood_domain::Code::NotFound`], [`makegood_domain::Code::Database`].
pub async fn breach(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    id: &str,
    recomputed: Option<&Recomputed>,
) -> Result<Breach, Problem> {
    let found = Found::read(reader, id).await?;
    let mut house = House::read_customer(reader, found.breach.customer).await?;
    let exclusions = exclusion::around(reader, &found.line, &found.attainment).await?;
    if !exclusions.is_empty() || overlay.keys("exclusion") != "[]" {
        house.people = reader.list("order by key", &[]).await?;
    }
    let rules = Rules::of(&found.line);
    let mut views = exclusion::views(
        &exclusions,
        found.breach.id,
        &rules,
        &house,
        &found.zone,
        (viewer, overlay),
    );
    if let Some(it) = recomputed {
        arithmetic::effects(&mut views, &exclusions, it, found.line.id);
    }
    let policy_note = match &found.credit {
        Some(credit) => policy_note(reader, credit, viewer).await?,
        None => None,
    };
    let (from, to) = timeline::stretch(&found, recomputed);
    let drawn = timeline::draw(&found, &exclusions, recomputed);
    let actions = actions(&found, &views, viewer, overlay);
    let breach = &found.breach;
    Ok(Breach {
        id: breach.id.to_string(),
        number: breach.number.clone(),
        version: breach.version,
        customer_id: breach.customer.to_string(),
        customer: house.customer(breach.customer),
        contract: house.contract(breach.contract),
        contract_id: breach.contract.to_string(),
        sla: found.line.name.clone(),
        line_id: found.line.id.to_string(),
        month: breach.window.clone(),
        month_name: month_name(&breach.window),
        currency: house.contracts.get(&breach.contract).map_or("", |one| &one.currency).to_owned(),
        status: Status::of(&found.attainment),
        state: match BreachTab::of(breach, viewer.now) {
            BreachTab::ToReview => BreachState::ToReview,
            _ => breach.state,
        }
        .as_str()
        .to_owned(),
        facts: facts(&found, &house),
        timeline: drawn.timeline,
        outages: drawn.outages,
        arithmetic: recomputed.map(|it| arithmetic::terms(&found, it)).unwrap_or_default(),
        counterfactual: recomputed
            .and_then(|it| arithmetic::counterfactual(&found, it, &exclusions)),
        policy_note,
        note: recomputed.is_none().then(|| "calculation file not here yet".to_owned()),
        root_cause: root_cause(&found),
        root_causes: root_causes(&found),
        incident: incident(reader, found.incident.as_ref()).await?,
        narratives: narratives(found.hit.as_ref()),
        notes: notes(reader, &house, id).await?,
        credit: found.credit.as_ref().map(BreachCredit::of),
        settlement_id: breach.settlement.map(|id| id.to_string()).unwrap_or_default(),
        settlement_version: found.settlement.as_ref().map_or(0, |one| one.version),
        settlement_state: settlement_state(found.settlement.as_ref().map(|one| &one.row)),
        claim: found.credit.as_ref().and_then(|credit| claim(credit, viewer.now)),
        exclusion_form: rules.form(from, to),
        exclusions: views,
        actions,
    })
}

/// `locked 4 Nov, revision 1`.
pub(crate) fn settlement_state(settlement: Option<&Settlement>) -> String {
    settlement.map_or_else(
        || "not locked yet".to_owned(),
        |one| {
            format!("locked {}, revision {}", day_short(one.locked_at.date_naive()), one.revision)
        },
    )
}

/// `claim by 30 November`, where the customer has to ask.
pub(crate) fn claim(credit: &Credit, now: DateTime<Utc>) -> Option<String> {
    let passed = credit.claim_until.is_some_and(|day| day < now.date_naive());
    let until = credit.claim_until.map(|day| if passed { date(day) } else { day_name(day) });
    let until = until.unwrap_or_default();
    match credit.claim {
        Claim::NotNeeded => None,
        Claim::Invited if passed => Some(format!("not claimed by {until}")),
        Claim::Invited => Some(format!("claim by {until}")),
        Claim::Filed => Some("claimed in time".to_owned()),
        Claim::Late => Some(format!("claimed after {until}")),
        Claim::Lapsed => Some(format!("not claimed by {until}")),
    }
}

fn narratives(hit: Option<&Hit>) -> Vec<Narrative> {
    let texts = hit.map(|hit| hit.narratives.clone()).unwrap_or_default();
    texts.into_iter().map(|(language, text)| Narrative { language, text }).collect()
}

async fn notes(
    reader: &mut Reader,
    house: &House,
    breach: &str,
) -> Result<Vec<BreachNote>, Problem> {
    let mut notes: Vec<Versioned<Note>> = reader.list("where subject = $1", &[breach]).await?;
    notes.sort_by_key(|note| (note.at, note.id));
    let view = |note: &Versioned<Note>| BreachNote {
        by: house.person(note.by),
        at: Moment::utc(note.at),
        text: note.text.clone(),
    };
    Ok(notes.iter().map(view).collect())
}

async fn incident(
    reader: &mut Reader,
    incident: Option<&Incident>,
) -> Result<Option<BreachIncident>, Problem> {
    let Some(incident) = incident else { return Ok(None) };
    Ok(Some(BreachIncident {
        id: incident.id.to_string(),
        number: incident.number.clone(),
        title: incident.title.clone(),
        contracts: contracts_hit(reader, incident.id).await?,
    }))
}

/// How many contracts of this scope an incident hit.
pub(crate) async fn contracts_hit(reader: &mut Reader, id: IncidentId) -> Result<usize, Problem> {
    let key = id.to_string();
    let sql = "select count(distinct contract) from breach where cause = $1";
    Ok(usize::try_from(reader.number(sql, &[&key]).await?).unwrap_or(0))
}

/// What the approval matrix will ask for, counting what the group's other drafts would add.
async fn policy_note(
    reader: &mut Reader,
    credit: &Credit,
    viewer: &Viewer,
) -> Result<Option<String>, Problem> {
    if credit.decision.is_final() {
        return Ok(None);
    }
    let policies = reader.ask(Policies::all()).await?;
    let Some(month) = GroupMonth::read(reader, &policies, credit, viewer.now).await? else {
        return Ok(None);
    };
    let month = month.with_drafts(reader, credit).await?;
    let names = month.names(reader).await?;
    let others = month.others(credit, &names);
    let with = match others.as_slice() {
        [] => "The group reaches".to_owned(),
        others => format!("With {} the group reaches", others.join(", ")),
    };
    let needs = if month.needs_second() { "two approvers" } else { "one approver" };
    let barred = credit.proposed_by.contains(&viewer.actor.person)
        || viewer.actor.may(Permission::ProposeCredit);
    let you = if barred { ", and you cannot be one" } else { "" };
    Ok(Some(format!("{with} {}: {needs}{you}.", month.comparison())))
}
