//! What is left to do before months lock, and locking by hand.

use super::{Answer, State};
use makegood_desk::checklist::{Checklist, ClosingMonth, LockOutcome, WindowSeen};

#[tauri::command]
pub(crate) async fn checklist(desk: State<'_>) -> Answer<Checklist> {
    desk.checklist().await
}

#[tauri::command]
pub(crate) async fn closing_months(desk: State<'_>) -> Answer<Vec<ClosingMonth>> {
    desk.closing_months().await
}

#[tauri::command]
pub(crate) async fn lock_windows(desk: State<'_>, windows: Vec<WindowSeen>) -> Answer<LockOutcome> {
    desk.lock_windows(windows).await
}
