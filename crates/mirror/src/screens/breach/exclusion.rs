//! What was asked to be excused around a breach.

use crate::{
    Overlay, Reader, Versioned, Viewer,
    screens::{
        house::House,
        show::{Moment, span_minutes},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{
    Problem,
    attainment::Attainment,
    command::Verb,
    contract::SlaLine,
    exclusion::{Exclusion, ExclusionState},
    id::{BreachId, PersonId},
    policy,
};
use makegood_engine::{
    evidence::Exclusion as Claimed,
    exclusions::{Admission, admission},
    terms::{ExclusionKind, Terms},
    zone::Zone,
};
use serde::Serialize;
use ts_rs::TS;

/// An exclusion around a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionView {
    /// Its id.
    pub id: String,
    /// The version seen; 0 while it waits in the outbox.
    #[ts(type = "number")]
    pub version: i64,
    /// `planned_maintenance`.
    pub kind: String,
    /// `planned maintenance`.
    pub kind_name: String,
    /// From.
    pub from: Moment,
    /// To.
    pub to: Moment,
    /// `10`.
    pub minutes: String,
    /// `6.1`; empty where none is named.
    pub clause: String,
    /// `72 h notice of 48 h needed`.
    pub notice: String,
    /// Whether the terms would excuse it.
    pub admissible: bool,
    /// `proposed`, `admitted`, `refused`.
    #[ts(type = "\"proposed\" | \"admitted\" | \"refused\"")]
    pub state: String,
    /// The proposer's name.
    pub proposed_by: String,
    /// Who decided: name.
    pub decided_by: Option<String>,
    /// What the line reads with it; empty until the calculation file is here.
    pub effect_with: String,
    /// And without it.
    pub effect_without: String,
    /// Whether this person may admit or refuse it.
    pub may_decide: bool,
    /// Why not.
    pub why_not: Option<String>,
    /// It, or a decision about it, waits in the outbox.
    pub queued: bool,
}

/// What a new exclusion starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionForm {
    /// The kinds that the terms know.
    pub kinds: Vec<ExclusionFormKind>,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339.
    pub to: String,
    /// RFC 3339.
    pub notified_at: Option<String>,
}

/// A kind to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionFormKind {
    /// `planned_maintenance`.
    pub kind: String,
    /// `planned maintenance`.
    pub name: String,
    /// `6.1`; empty where none is named.
    pub clause: String,
    /// `48 h notice needed`; empty where none is.
    pub notice: String,
}

/// The line's terms, and what of them bears on exclusions.
pub(crate) struct Rules<'a> {
    line: &'a SlaLine,
    terms: Option<Terms>,
}

impl<'a> Rules<'a> {
    pub(crate) fn of(line: &'a SlaLine) -> Self {
        Self { line, terms: Terms::parse(&line.terms.to_string()).ok() }
    }

    fn clause(&self, kind: &str) -> String {
        self.line.clauses.exclusions.get(kind).cloned().unwrap_or_default()
    }

    /// `72 h notice of 48 h needed`, and whether the terms would excuse it: the engine's judgement.
    fn notice(&self, exclusion: &Exclusion) -> (String, bool) {
        let (Some(claimed), Some(terms)) = (as_claimed(exclusion), &self.terms) else {
            return ("no kind that contracts know".to_owned(), false);
        };
        let needed = terms.exclusions.get(&claimed.kind).and_then(|rule| rule.min_notice.as_ref());
        let given = claimed.notified_at.map(|at| hours(claimed.from - at));
        let needed = needed.map(|need| need.as_str().to_owned());
        match (admission(&claimed, &terms.exclusions), needed, given) {
            (Admission::NotInTerms, ..) => ("the contract does not excuse this".to_owned(), false),
            (Admission::NoNotice { needed }, ..) => {
                (format!("no notice of {} needed", spaced(needed.as_str())), false)
            }
            (Admission::LateNotice { needed, given }, ..) => {
                let given = hours(TimeDelta::seconds(given));
                (format!("{given} notice of {} needed", spaced(needed.as_str())), false)
            }
            (Admission::Admitted, Some(needed), Some(given)) => {
                (format!("{given} notice of {} needed", spaced(&needed)), true)
            }
            (Admission::Admitted, ..) => ("no notice needed".to_owned(), true),
        }
    }

    /// What a new exclusion of this line starts from.
    pub(crate) fn form(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<ExclusionForm> {
        let kinds = self.terms.as_ref()?.exclusions.iter().map(|(kind, rule)| ExclusionFormKind {
            kind: kind.as_str().to_owned(),
            name: kind_name(kind.as_str()),
            clause: self.clause(kind.as_str()),
            notice: rule
                .min_notice
                .as_ref()
                .map_or(String::new(), |need| format!("{} notice needed", spaced(need.as_str()))),
        });
        let kinds: Vec<ExclusionFormKind> = kinds.collect();
        (!kinds.is_empty()).then(|| ExclusionForm {
            kinds,
            from: Moment::utc(from).at,
            to: Moment::utc(to).at,
            notified_at: None,
        })
    }
}

/// `planned maintenance`.
pub(crate) fn kind_name(kind: &str) -> String {
    kind.replace('_', " ")
}

/// The exclusion as a case holds it.
pub(crate) fn as_claimed(exclusion: &Exclusion) -> Option<Claimed> {
    Some(Claimed {
        kind: ExclusionKind::parse(&exclusion.kind)?,
        from: exclusion.from,
        to: exclusion.to,
        notified_at: exclusion.notified_at,
    })
}

/// `48 h` for `48h`.
fn spaced(duration: &str) -> String {
    duration.split_inclusive(|c: char| c.is_ascii_alphabetic()).fold(String::new(), |text, part| {
        let (digits, unit) = part.split_at(part.len().saturating_sub(1));
        let gap = if text.is_empty() { "" } else { " " };
        let unit = if unit == "m" { "min" } else { unit };
        format!("{text}{gap}{digits} {unit}")
    })
}

/// `72 h`; minutes where it is less than an hour, hours and minutes where it is not whole.
fn hours(span: TimeDelta) -> String {
    match (span.num_hours(), span.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The exclusions that touch a line's window, those in the outbox among them, in order of time.
pub(crate) async fn around(
    reader: &mut Reader,
    line: &SlaLine,
    attainment: &Attainment,
) -> Result<Vec<Versioned<Exclusion>>, Problem> {
    let key = line.customer.to_string();
    let mut found: Vec<Versioned<Exclusion>> = reader.list("where customer = $1", &[&key]).await?;
    found.retain(|one| {
        one.series == line.series && one.from < attainment.to && attainment.from < one.to
    });
    found.sort_by_key(|one| (one.from, one.id));
    Ok(found)
}

/// The views, those that wait in the outbox among them.
pub(crate) fn views(
    exclusions: &[Versioned<Exclusion>],
    breach: BreachId,
    rules: &Rules<'_>,
    house: &House,
    zone: &Zone,
    (viewer, overlay): (&Viewer, &Overlay),
) -> Vec<ExclusionView> {
    let mut views: Vec<ExclusionView> =
        exclusions.iter().map(|one| view(one, rules, house, zone, (viewer, overlay))).collect();
    for (verb, _) in overlay.verbs() {
        let Verb::ProposeExclusion {
            exclusion,
            breach: about,
            kind,
            from,
            to,
            notified_at,
            clause,
        } = verb
        else {
            continue;
        };
        if *about == breach && exclusions.iter().all(|one| one.id != *exclusion) {
            let proposed = Exclusion {
                id: *exclusion,
                customer: rules.line.customer,
                series: rules.line.series,
                kind: kind.clone(),
                from: *from,
                to: *to,
                notified_at: *notified_at,
                clause: clause.clone(),
                state: ExclusionState::Proposed,
                proposed_by: viewer.actor.person,
                proposed_at: viewer.now,
                decided_by: None,
                decided_at: None,
                reason: None,
            };
            let queued = Versioned { version: 0, row: proposed };
            views.push(view(&queued, rules, house, zone, (viewer, overlay)));
        }
    }
    views.sort_by(|a, b| a.from.at.cmp(&b.from.at));
    views
}

fn view(
    exclusion: &Versioned<Exclusion>,
    rules: &Rules<'_>,
    house: &House,
    zone: &Zone,
    (viewer, overlay): (&Viewer, &Overlay),
) -> ExclusionView {
    let (notice, admissible) = rules.notice(exclusion);
    let may = may_decide(viewer, exclusion, exclusion.proposed_by, house);
    let queued = overlay.about("exclusion", &exclusion.id.to_string()).is_some();
    ExclusionView {
        id: exclusion.id.to_string(),
        version: exclusion.version,
        kind: exclusion.kind.clone(),
        kind_name: kind_name(&exclusion.kind),
        from: Moment::exact(exclusion.from, zone),
        to: Moment::exact(exclusion.to, zone),
        minutes: span_minutes(exclusion.to - exclusion.from),
        clause: exclusion.clause.clone().unwrap_or_else(|| rules.clause(&exclusion.kind)),
        notice,
        admissible,
        state: exclusion.state.as_str().to_owned(),
        proposed_by: house.person(exclusion.proposed_by),
        decided_by: exclusion.decided_by.map(|id| house.person(id)),
        effect_with: String::new(),
        effect_without: String::new(),
        may_decide: may.is_none() && !queued,
        why_not: may,
        queued,
    }
}

/// Why this person may not decide it; `None`: they may. Names who can instead.
fn may_decide(
    viewer: &Viewer,
    exclusion: &Exclusion,
    proposer: PersonId,
    house: &House,
) -> Option<String> {
    if exclusion.state != ExclusionState::Proposed {
        return Some(format!("it is {} already", exclusion.state.as_str()));
    }
    let refused = policy::may_decide_exclusion(&viewer.actor, proposer).err()?;
    let able: Vec<&str> = house
        .people
        .iter()
        .filter(|person| person.id != proposer && person.id != viewer.actor.person)
        .filter(|person| {
            let decide = makegood_domain::person::Permission::DecideExclusion;
            person.roles.iter().any(|role| role.permissions().contains(&decide))
        })
        .map(|person| person.name.as_str())
        .take(3)
        .collect();
    if able.is_empty() {
        return Some(refused.message);
    }
    Some(format!("{} ({})", refused.message, able.join(", ")))
}
