//! Who delivers evidence.

use super::{Answer, State};
use makegood_desk::source::SourceRow;

#[tauri::command]
pub(crate) async fn sources(desk: State<'_>) -> Answer<Vec<SourceRow>> {
    desk.sources().await
}
