//! Alerts of running windows.

use super::{Answer, State};
use makegood_desk::Queued;
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn alerts(
    desk: State<'_>,
    page: Option<screens::Page>,
) -> Answer<screens::Alerts> {
    desk.alerts(&page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn acknowledge_alert(
    desk: State<'_>,
    id: String,
    version: i64,
    note: Option<String>,
) -> Answer<Queued> {
    desk.acknowledge_alert(&id, version, note).await
}
