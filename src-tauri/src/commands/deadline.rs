//! Deadlines about SLA credits, and what meets them.

use super::{Answer, State};
use makegood_desk::Queued;
use makegood_desk::claim::ClaimLog;
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn deadlines(
    desk: State<'_>,
    tab: Option<screens::DeadlineTab>,
    page: Option<screens::Page>,
) -> Answer<screens::Deadlines> {
    desk.deadlines(tab, &page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn file_claim(
    desk: State<'_>,
    id: String,
    version: i64,
    claimed_on: String,
    log: Option<String>,
) -> Answer<Queued> {
    desk.file_claim(&id, version, &claimed_on, log.as_deref()).await
}

#[tauri::command]
pub(crate) async fn claim_log(desk: State<'_>, id: String, log: String) -> Answer<ClaimLog> {
    desk.claim_log(&id, &log).await
}

#[tauri::command]
pub(crate) async fn admit_late_claim(
    desk: State<'_>,
    id: String,
    version: i64,
    reason: String,
) -> Answer<Queued> {
    desk.admit_late_claim(&id, version, &reason).await
}

#[tauri::command]
pub(crate) async fn close_deadline(
    desk: State<'_>,
    id: String,
    version: i64,
    note: String,
) -> Answer<Queued> {
    desk.close_deadline(&id, version, &note).await
}
