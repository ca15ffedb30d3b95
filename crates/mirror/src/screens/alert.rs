//! Alerts: which lines of running windows are on their way to miss what was promised.

use super::{
    Page,
    house::Names,
    show::{Action, Moment, month_name},
};
use crate::{
    Overlay, Reader, Versioned, Viewer,
    ask::{self, Question},
};
use chrono::TimeDelta;
use makegood_domain::{
    Code, Problem,
    alert::{Alert, AlertState, lasting},
    person::Permission,
    policy,
};
use serde::Serialize;
use ts_rs::TS;

/// How long an alert that has ended is still listed.
const ENDED_FOR: TimeDelta = TimeDelta::days(7);

/// Alerts in the viewer's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Alerts {
    /// How many last.
    #[ts(type = "number")]
    pub total: i64,
    /// Those that last: what nobody looks after first, the urgent ones first among them.
    pub open: Vec<AlertRow>,
    /// Those that ended within a week, the last first.
    pub ended: Vec<AlertRow>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct AlertRow {
    /// Its id.
    pub id: String,
    /// Its version, for whoever takes note of it.
    #[ts(type = "number")]
    pub version: i64,
    /// `AL-12`.
    pub number: String,
    /// `warning` or `critical`.
    pub level: String,
    /// The customer.
    pub customer_id: String,
    /// Its name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The line.
    pub line_id: String,
    /// Its name.
    pub sla: String,
    /// Label of the window.
    pub month: String,
    /// `November 2026`.
    pub month_name: String,
    /// `The SLO will be missed at this rate`.
    pub text: String,
    /// `the margin ends 14 Nov 03:12 UTC, €3,000.00 at the end`.
    pub detail: String,
    /// When it was raised.
    pub raised: Moment,
    /// `12 min`: from the first bad second of what it rests on.
    pub detected_after: Option<String>,
    /// `Dana Whitfield, 9 Nov 2026, 08:15: on it`.
    pub acknowledged: Option<String>,
    /// `recovered`, `the window ended`, `no longer under contract`.
    pub ended: Option<String>,
    /// How far one's own note has come: `Queued`.
    pub queued: Option<String>,
    /// Whether one may take note of it.
    pub acknowledge: Action,
}

/// The alerts: of those that last the most pressing, of those that ended the last.
///
/// # Errors
/// [`Code::Database`].
pub async fn alerts(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    page: &Page,
) -> Result<Alerts, Problem> {
    let limit = page.limit().to_string();
    let since = (viewer.now - ENDED_FOR).timestamp().to_string();
    let open = ask::list::<Alert>(
        "where state = 'open'
         order by acknowledged_at > 0, level, raised_at desc, key desc limit cast($1 as integer)",
        &[&limit],
    );
    let ended = ask::list::<Alert>(
        "where resolved_at <> 0 and resolved_at > cast($1 as integer)
         order by resolved_at desc, raised_at desc, key desc limit cast($2 as integer)",
        &[&since, &limit],
    );
    let total = ask::numbers(["select count(*) from alert where state = 'open'"], &[]);
    let (open, ended, [total]) = reader.ask((open, ended, total)).await?;
    let lines = open.iter().chain(&ended).map(|one| one.line);
    let people = open.iter().chain(&ended).filter_map(|one| one.acknowledged_by);
    let names = reader.ask(Names::of_lines(lines, people)).await?;
    let row = |one| row(one, &names, viewer, overlay);
    Ok(Alerts {
        total,
        open: open.iter().map(row).collect(),
        ended: ended.iter().map(row).collect(),
    })
}

/// How many alerts last that nobody looks after, and about which nothing is on its way.
pub(crate) fn unattended(overlay: &Overlay) -> Question<usize> {
    let open = "select count(*) from alert where state = 'open' and acknowledged_at = 0";
    let waits = "select count(*) from alert where state = 'open' and acknowledged_at = 0
                 and key in (select value from json_each($1))";
    ask::numbers([open, waits], &[&overlay.keys("alert")])
        .map(|[open, waits]| usize::try_from(open - waits).unwrap_or(0))
}

fn row(alert: &Versioned<Alert>, names: &Names, viewer: &Viewer, overlay: &Overlay) -> AlertRow {
    let pending = overlay.about("alert", &alert.id.to_string());
    AlertRow {
        id: alert.id.to_string(),
        version: alert.version,
        number: alert.number.clone(),
        level: alert.level.as_str().to_owned(),
        customer_id: alert.customer.to_string(),
        customer: names.customer(alert.customer),
        contract: names.contract(alert.contract),
        line_id: alert.line.to_string(),
        sla: names.sla(alert.line),
        month: alert.window.clone(),
        month_name: month_name(&alert.window),
        text: alert.headline(),
        detail: alert.detail(),
        raised: Moment::utc(alert.raised_at),
        detected_after: alert.time_to_detect_seconds.map(lasting),
        acknowledged: acknowledged(alert, names),
        ended: alert.resolution.map(|how| how.words().to_owned()),
        queued: pending.map(|one| one.stage.word().to_owned()),
        acknowledge: may_acknowledge(alert, viewer, pending.is_some()).into(),
    }
}

fn acknowledged(alert: &Alert, names: &Names) -> Option<String> {
    let (by, at) = (alert.acknowledged_by?, alert.acknowledged_at?);
    let mut text = format!("{}, {}", names.who(Some(by)), Moment::utc(at).utc);
    if let Some(note) = &alert.note {
        text.push_str(": ");
        text.push_str(note);
    }
    Some(text)
}

fn may_acknowledge(alert: &Alert, viewer: &Viewer, pending: bool) -> Result<(), Problem> {
    policy::require(&viewer.actor, Permission::Review)?;
    let why = if alert.state == AlertState::Resolved {
        format!("{} has already ended", alert.number)
    } else if alert.acknowledged_at.is_some() || pending {
        format!("{} is already acknowledged", alert.number)
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::WrongState, why))
}
