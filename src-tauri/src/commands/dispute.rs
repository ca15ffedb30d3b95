//! Disputes about statements.

use super::{Answer, State};
use makegood_desk::Queued;

#[tauri::command]
pub(crate) async fn answer_dispute(
    desk: State<'_>,
    id: String,
    version: i64,
    upheld: bool,
    answer: String,
) -> Answer<Queued> {
    desk.answer_dispute(&id, version, upheld, &answer).await
}
