//! What is left to do before months lock.

use super::{Answer, State};
use makegood_desk::checklist::Checklist;

#[tauri::command]
pub(crate) async fn checklist(desk: State<'_>) -> Answer<Checklist> {
    desk.checklist().await
}
