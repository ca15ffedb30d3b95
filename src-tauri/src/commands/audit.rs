//! The audit chain, as this desk sees it.

use super::{Answer, State};
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn audit_log(
    desk: State<'_>,
    page: Option<screens::Page>,
) -> Answer<screens::AuditLog> {
    desk.audit_log(&page.unwrap_or_default()).await
}
