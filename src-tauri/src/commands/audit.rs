//! The audit chain, as this desk sees it.

use super::{Answer, State};
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn audit_log(desk: State<'_>) -> Answer<screens::AuditLog> {
    desk.audit_log().await
}
