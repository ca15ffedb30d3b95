//! One line in one month: how its allowance was used up.

use super::{
    breach::{Recomputed, contracts_hit, settlement_state},
    house::{House, Promise},
    portfolio::Owed,
    show::{Fact, Status, count, day_short, fact, minutes, minutes_left, percent},
};
use crate::{Reader, Versioned};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use makegood_domain::{
    Code, Problem, attainment::Attainment, breach::Breach, contract::SlaLine, id::CustomerId,
    incident::Incident, settlement::Settlement, span::span,
};
use makegood_engine::{fraction::Fraction, zone::Zone};
use serde::Serialize;
use ts_rs::TS;

/// A line's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct LineDetail {
    /// The line.
    pub line_id: String,
    /// `2026-10`.
    pub month: String,
    /// Whose line it is.
    pub title: LineTitle,
    /// How it stands.
    pub status: Status,
    /// Minutes allowed: `44.69`; empty for measures that know no minutes.
    pub allowance: String,
    /// Minutes of the window that count: `44,690`.
    pub window_minutes: String,
    /// Minutes left: `−6.31`.
    pub left: String,
    /// How it was used up.
    pub burn_down: BurnDown,
    /// What happened, at the place where it did.
    pub note: Option<LineNote>,
    /// What stands beside the chart.
    pub facts: Vec<Fact>,
    /// Its breach.
    pub breach_id: Option<String>,
    /// Its settlement.
    pub settlement_id: Option<String>,
}

/// Whose line it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct LineTitle {
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The line's name.
    pub sla: String,
}

/// Allowance left over the window. Positions run from 0 to 1000, upwards and to the right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BurnDown {
    /// A line of straight pieces: a drop has a point at either end.
    pub points: Vec<BurnPoint>,
    /// Where nothing is left.
    #[ts(type = "number")]
    pub zero_y: i64,
    /// Days.
    pub ticks: Vec<super::Tick>,
    /// `44.69`.
    pub max_label: String,
}

/// A point of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BurnPoint {
    /// Along the window.
    #[ts(type = "number")]
    pub x: i64,
    /// Allowance left.
    #[ts(type = "number")]
    pub y: i64,
    /// `14 Oct: −6.31 min`.
    pub label: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct LineNote {
    /// Where.
    #[ts(type = "number")]
    pub x: i64,
    /// `14 Oct 03:12–04:13 UTC`.
    pub title: String,
    /// `61 min, 10 excluded, 51 counted`.
    pub text: String,
}

/// A line's month. `recomputed` is what its calculation file gives; without it the days alone show
/// when allowance was used.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Database`].
pub async fn line_detail(
    reader: &mut Reader,
    line: &str,
    month: &str,
    recomputed: Option<&Recomputed>,
) -> Result<LineDetail, Problem> {
    let mut found: Vec<Versioned<Attainment>> =
        reader.list("where line = $1 and month = $2", &[line, month]).await?;
    found.sort_by_key(|one| one.to);
    let attainment = found.pop().ok_or_else(|| {
        Problem::new(Code::NotFound, format!("no measurement of this line in {month}"))
    })?;
    let sla: SlaLine = reader.get(line).await?.row;
    let house = House::read_customer(reader, attainment.customer).await?;
    let breaches: Vec<Versioned<Breach>> =
        reader.list("where attainment = $1", &[&attainment.id.to_string()]).await?;
    let breach = breaches.first().map(|one| &one.row);
    let incident = incident(reader, breach, attainment.customer).await?;
    let settlement = match attainment.settlement {
        Some(id) => reader.find::<Settlement>(&id.to_string()).await?.map(|one| one.row),
        None => None,
    };
    let owed = Owed::read(reader, attainment.settlement).await?;
    let note = note(&attainment, &sla, incident.as_ref(), recomputed);
    let or_empty = |seconds: &Option<String>, show: fn(&str) -> String| {
        seconds.as_deref().map(show).unwrap_or_default()
    };
    Ok(LineDetail {
        line_id: line.to_owned(),
        month: month.to_owned(),
        title: LineTitle {
            customer: house.customer(attainment.customer),
            contract: house.contract(attainment.contract),
            sla: sla.name.clone(),
        },
        status: Status::of(&attainment),
        allowance: or_empty(&attainment.allowance, minutes),
        window_minutes: minutes(&attainment.total),
        left: or_empty(&attainment.allowance_left, minutes_left),
        burn_down: burn_down(&attainment, &sla, note.as_ref()),
        facts: facts(reader, &attainment, &sla, &house, &owed, settlement, incident).await?,
        note,
        breach_id: breach.map(|one| one.id.to_string()),
        settlement_id: attainment.settlement.map(|id| id.to_string()),
    })
}

async fn incident(
    reader: &mut Reader,
    breach: Option<&Breach>,
    customer: CustomerId,
) -> Result<Option<Incident>, Problem> {
    let Some(breach) = breach else { return Ok(None) };
    let id = match breach.incident {
        Some(id) => Some(id),
        None => {
            let hits: Vec<Versioned<makegood_domain::incident::Hit>> =
                reader.list("where customer = $1", &[&customer.to_string()]).await?;
            hits.iter().find(|hit| hit.breaches.contains(&breach.id)).map(|hit| hit.incident)
        }
    };
    match id {
        Some(id) => Ok(reader.find::<Incident>(&id.to_string()).await?.map(|one| one.row)),
        None => Ok(None),
    }
}

/// Where an instant lies along the window.
fn x(attainment: &Attainment, at: DateTime<Utc>) -> i64 {
    let whole = (attainment.to - attainment.from).num_seconds().max(1);
    ((at - attainment.from).num_seconds() * 1000 / whole).clamp(0, 1000)
}

fn note(
    attainment: &Attainment,
    sla: &SlaLine,
    incident: Option<&Incident>,
    recomputed: Option<&Recomputed>,
) -> Option<LineNote> {
    let worst = recomputed
        .and_then(|it| it.line(sla.id))
        .and_then(|line| line.outages.iter().max_by_key(|one| one.counted_seconds));
    let (from, to, text) = match (worst, incident) {
        (Some(one), _) => {
            let part = |seconds: i64, word: &str| match seconds {
                0 => String::new(),
                some => format!(", {} {word}", minutes(&some.to_string())),
            };
            let length = minutes(&(one.to - one.from).num_seconds().to_string());
            let excluded = part(one.excused_seconds, "excluded");
            let counted = minutes(&one.counted_seconds.to_string());
            (one.from, one.to, format!("{length} min{excluded}, {counted} counted"))
        }
        // An incident that a review made for want of a better one spans the whole window.
        (None, Some(one)) if one.began_at > attainment.from => {
            (one.began_at, one.ended_at?, format!("{} min counted", minutes(&attainment.bad)))
        }
        _ => return None,
    };
    let title = format!("{} UTC", span(from, to));
    Some(LineNote { x: x(attainment, from), title, text })
}

fn burn_down(attainment: &Attainment, sla: &SlaLine, note: Option<&LineNote>) -> BurnDown {
    let zone = Zone::named(Promise(&sla.terms).zone()).unwrap_or_else(|_| Zone::utc());
    let (spark, zero_y) = super::portfolio::spark(attainment);
    let mut points: Vec<BurnPoint> = Vec::new();
    let mut push = |x: i64, y: i64, label: String| points.push(BurnPoint { x, y, label });
    let mut levels = spark.into_iter();
    let mut level = levels.next().unwrap_or(0);
    let whole = attainment.allowance.as_deref().map(minutes_left).unwrap_or_default();
    if !attainment.left_by_day.is_empty() {
        push(0, level, format!("{whole} min"));
    }
    for (day, next) in attainment.left_by_day.iter().zip(levels) {
        let start = zone.day_start(day.day).max(attainment.from);
        let end = day.day.succ_opt().map_or(attainment.to, |next| zone.day_start(next));
        let (start, end) = (x(attainment, start), x(attainment, end.min(attainment.to)));
        let label = format!("{}: {} min", day_short(day.day), left_on(attainment, day.left));
        if next != level {
            // The drop stands where the outage began, where that is known.
            let at = note.map(|note| note.x).filter(|at| (start..=end).contains(at));
            let at = at.unwrap_or(start);
            push(at, level, label.clone());
            push(at, next, label.clone());
            level = next;
        }
        push(end, next, label);
    }
    BurnDown { points, zero_y, ticks: ticks(attainment, &zone), max_label: whole }
}

/// What was left of the allowance at the end of a day: stored in whole seconds, and shown exactly
/// where it equals the whole allowance or what is left now.
fn left_on(attainment: &Attainment, seconds: i64) -> String {
    let floor = |text: &str| Fraction::parse(text).map(|exact| exact.ratio().floor());
    let same =
        [&attainment.allowance, &attainment.allowance_left].into_iter().flatten().find(|text| {
            floor(text).is_some_and(|whole| Fraction::new(whole) == Fraction::whole(seconds))
        });
    same.map_or_else(|| minutes_left(&seconds.to_string()), |text| minutes_left(text))
}

/// Every seventh day from the first.
fn ticks(attainment: &Attainment, zone: &Zone) -> Vec<super::Tick> {
    let mut ticks = Vec::new();
    let mut day = zone.local(attainment.from).date();
    let last = zone.local(attainment.to - TimeDelta::seconds(1)).date();
    while day <= last {
        let label = format!("{} {}", day.day(), day.format("%b"));
        ticks.push(super::Tick { x: x(attainment, zone.day_start(day)), label });
        day += TimeDelta::days(7);
    }
    ticks
}

async fn facts(
    reader: &mut Reader,
    attainment: &Attainment,
    sla: &SlaLine,
    house: &House,
    owed: &Owed,
    settlement: Option<Settlement>,
    incident: Option<Incident>,
) -> Result<Vec<Fact>, Problem> {
    let actual = attainment.percent.as_deref().map_or_else(|| "–".to_owned(), percent);
    let version = house.contracts.get(&sla.contract).map_or(0, |one| one.version_number);
    let clause = match &sla.clauses.objective {
        Some(clause) => format!("Contract, clause {clause} v{version}"),
        None => format!("Contract v{version}"),
    };
    let mut facts = vec![
        Fact { explain: Some("percent".to_owned()), ..fact("Actual", actual) },
        fact(clause, percent(Promise(&sla.terms).objective())),
    ];
    let owed = owed.of(attainment.settlement, attainment.line, attainment.credit);
    if let Some(money) = owed {
        facts.push(fact("Estimated credit", money.symbol()));
    }
    facts.extend(super::distance::facts(attainment));
    if attainment.unknown_seconds > 0 {
        let gap = minutes(&attainment.unknown_seconds.to_string());
        facts.push(fact("Not measured", format!("{gap} min")));
    }
    if let Some(incident) = incident {
        let contracts = count(contracts_hit(reader, incident.id).await?, "contract");
        facts.push(fact("Same incident", format!("{}, {contracts}", incident.number)));
    }
    facts.push(fact("Measurement", settlement_state(settlement.as_ref())));
    Ok(facts)
}
