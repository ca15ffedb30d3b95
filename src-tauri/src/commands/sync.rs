//! How the desk stands with central.

use super::{Answer, State};
use makegood_desk::SyncState;
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn sync_state(desk: State<'_>) -> Answer<SyncState> {
    desk.sync_state().await
}

#[tauri::command]
pub(crate) async fn sync_now(desk: State<'_>) -> Answer<SyncState> {
    desk.sync_now().await
}

#[tauri::command]
pub(crate) async fn nav_counts(desk: State<'_>) -> Answer<screens::NavCounts> {
    desk.nav_counts().await
}
