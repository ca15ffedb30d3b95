//! What one breach's page is made of, and the strip under its title.

use crate::{
    Reader, Versioned,
    screens::{
        house::{House, Promise},
        show::{Fact, fact, minutes, minutes_left, percent},
    },
};
use makegood_domain::{
    Problem,
    attainment::Attainment,
    breach::Breach as BreachRow,
    contract::SlaLine,
    credit::{Credit, CreditKind, Decision},
    incident::{Hit, Incident},
    settlement::Settlement,
};
use makegood_engine::zone::Zone;
use std::collections::BTreeSet;

/// What a house calls its causes. A reviewer picks one.
const ROOT_CAUSES: [&str; 10] = [
    "Capacity",
    "Change: configuration",
    "Change: deployment",
    "Dependency: cloud provider",
    "Dependency: DNS",
    "Dependency: third party",
    "Hardware",
    "Network",
    "Security",
    "Unknown",
];

/// What one breach's page is made of.
pub(super) struct Found {
    pub(super) breach: Versioned<BreachRow>,
    pub(super) attainment: Attainment,
    pub(super) line: SlaLine,
    pub(super) settlement: Option<Versioned<Settlement>>,
    pub(super) credit: Option<Versioned<Credit>>,
    pub(super) hit: Option<Hit>,
    pub(super) incident: Option<Incident>,
    pub(super) zone: Zone,
}

impl Found {
    pub(super) async fn read(reader: &mut Reader, id: &str) -> Result<Self, Problem> {
        let breach: Versioned<BreachRow> = reader.get(id).await?;
        let attainment = reader.get::<Attainment>(&breach.attainment.to_string()).await?.row;
        let line = reader.get::<SlaLine>(&breach.line.to_string()).await?.row;
        let settlement = match breach.settlement {
            Some(id) => reader.find::<Settlement>(&id.to_string()).await?,
            None => None,
        };
        let credit = match breach.settlement {
            Some(id) => current_credit(reader, &id.to_string()).await?,
            None => None,
        };
        let customer = breach.customer.to_string();
        let hits: Vec<Versioned<Hit>> = reader.list("where customer = $1", &[&customer]).await?;
        let of_breach =
            |hit: &Hit| hit.breaches.contains(&breach.id) || Some(hit.incident) == breach.incident;
        let hit = hits.into_iter().map(|one| one.row).find(of_breach);
        let incident = match breach.incident.or(hit.as_ref().map(|hit| hit.incident)) {
            Some(id) => reader.find::<Incident>(&id.to_string()).await?.map(|one| one.row),
            None => None,
        };
        let zone = Zone::named(Promise(&line.terms).zone()).unwrap_or_else(|_| Zone::utc());
        Ok(Self { breach, attainment, line, settlement, credit, hit, incident, zone })
    }
}

/// The settlement's credit that is still to be decided, or else the one decided last.
async fn current_credit(
    reader: &mut Reader,
    settlement: &str,
) -> Result<Option<Versioned<Credit>>, Problem> {
    let mut credits: Vec<Versioned<Credit>> =
        reader.list("where settlement = $1", &[settlement]).await?;
    credits.retain(|one| one.kind != CreditKind::Goodwill && one.decision != Decision::Cancelled);
    credits.sort_by_key(|one| (one.decision.is_final(), std::cmp::Reverse(one.id)));
    Ok(credits.into_iter().next())
}

pub(super) fn facts(found: &Found, house: &House) -> Vec<Fact> {
    let attainment = &found.attainment;
    let promise = Promise(&found.line.terms);
    let actual = attainment.percent.as_deref().map_or_else(|| "–".to_owned(), percent);
    let version = house.contracts.get(&found.line.contract).map_or(0, |one| one.version_number);
    let clause = match &found.line.clauses.objective {
        Some(clause) => format!("Contract, clause {clause} v{version}"),
        None => format!("Contract v{version}"),
    };
    let mut facts = vec![
        Fact {
            explain: Some("percent".to_owned()),
            ..fact(format!("{}, actual", found.line.name), actual)
        },
        fact(clause, percent(promise.objective())),
    ];
    if let (Some(left), Some(all)) = (&attainment.allowance_left, &attainment.allowance) {
        let value = format!("{} of {} min", minutes_left(left), minutes(all));
        facts.push(fact("Allowance left", value));
    }
    let began = found.hit.as_ref().and_then(|hit| hit.first_degraded_at);
    let began = began.or(found.incident.as_ref().map(|one| one.began_at));
    let detected = found.hit.as_ref().and_then(|hit| hit.detected_at);
    let detected = detected.or(found.incident.as_ref().and_then(|one| one.detected_at));
    if let (Some(began), Some(detected)) = (began, detected) {
        let after = (detected - began).num_minutes().max(0);
        facts.push(fact("Detected", format!("{after} min after start")));
    }
    facts
}

/// As reviewed for the customer, else the incident's.
pub(super) fn root_cause(found: &Found) -> Option<String> {
    let of_hit = found.hit.as_ref().and_then(|hit| hit.root_cause.clone());
    of_hit.or_else(|| found.incident.as_ref()?.root_cause.clone())
}

/// What a reviewer may pick.
pub(super) fn root_causes(found: &Found) -> Vec<String> {
    let known: BTreeSet<String> = ROOT_CAUSES.iter().map(|&text| text.to_owned()).collect();
    known.into_iter().chain(root_cause(found)).collect::<BTreeSet<_>>().into_iter().collect()
}
