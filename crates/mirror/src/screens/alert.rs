//! Alerts: which lines of running windows are on their way to miss what was promised.

use super::{
    house::House,
    show::{Action, Moment, month_name},
};
use crate::{Overlay, Reader, Versioned, Viewer};
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

/// The alerts.
///
/// # Errors
/// [`Code::Database`].
pub async fn alerts(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
) -> Result<Alerts, Problem> {
    let house = House::read(reader).await?;
    let mut all: Vec<Versioned<Alert>> = reader.list("", &[]).await?;
    all.sort_by_key(|one| std::cmp::Reverse((one.raised_at, one.id)));
    let row = |one: &Versioned<Alert>| row(one, &house, viewer, overlay);
    let mut open: Vec<_> = all.iter().filter(|one| one.state == AlertState::Open).collect();
    open.sort_by_key(|one| (one.acknowledged_at.is_some(), std::cmp::Reverse(one.level)));
    let ended_lately = |one: &&Versioned<Alert>| {
        one.resolved_at.is_some_and(|ended| viewer.now - ended < ENDED_FOR)
    };
    let mut ended: Vec<_> = all.iter().filter(ended_lately).collect();
    ended.sort_by_key(|one| std::cmp::Reverse(one.resolved_at));
    Ok(Alerts {
        open: open.into_iter().map(row).collect(),
        ended: ended.into_iter().map(row).collect(),
    })
}

/// How many alerts last that nobody looks after, and about which nothing is on its way.
pub(crate) async fn unattended(reader: &mut Reader, overlay: &Overlay) -> Result<usize, Problem> {
    let open: Vec<Versioned<Alert>> = reader.list("where state = 'open'", &[]).await?;
    let waits = |one: &&Versioned<Alert>| {
        one.acknowledged_at.is_none() && overlay.about("alert", &one.id.to_string()).is_none()
    };
    Ok(open.iter().filter(waits).count())
}

fn row(alert: &Versioned<Alert>, house: &House, viewer: &Viewer, overlay: &Overlay) -> AlertRow {
    let pending = overlay.about("alert", &alert.id.to_string());
    AlertRow {
        id: alert.id.to_string(),
        version: alert.version,
        number: alert.number.clone(),
        level: alert.level.as_str().to_owned(),
        customer_id: alert.customer.to_string(),
        customer: house.customer(alert.customer),
        contract: house.contract(alert.contract),
        line_id: alert.line.to_string(),
        sla: house.sla(alert.line),
        month: alert.window.clone(),
        month_name: month_name(&alert.window),
        text: alert.headline(),
        detail: alert.detail(),
        raised: Moment::utc(alert.raised_at),
        detected_after: alert.time_to_detect_seconds.map(lasting),
        acknowledged: acknowledged(alert, house),
        ended: alert.resolution.map(|how| how.words().to_owned()),
        queued: pending.map(|one| one.stage.word().to_owned()),
        acknowledge: may_acknowledge(alert, viewer, pending.is_some()).into(),
    }
}

fn acknowledged(alert: &Alert, house: &House) -> Option<String> {
    let (by, at) = (alert.acknowledged_by?, alert.acknowledged_at?);
    let mut text = format!("{}, {}", house.who(Some(by)), Moment::utc(at).utc);
    if let Some(note) = &alert.note {
        text.push_str(": ");
        text.push_str(note);
    }
    Some(text)
}

fn may_acknowledge(alert: &Alert, viewer: &Viewer, pending: bool) -> Result<(), Problem> {
    policy::require(&viewer.actor, Permission::Review)?;
    let why = if alert.state == AlertState::Resolved {
        format!("{} has ended; there is nothing to look after", alert.number)
    } else if alert.acknowledged_at.is_some() || pending {
        format!("somebody looks after {} already", alert.number)
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::WrongState, why))
}
