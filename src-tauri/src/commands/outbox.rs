//! Decisions that wait to be sent, and what became of those that were.

use super::{Answer, State};
use makegood_desk::Queued;
use makegood_desk::outbox::OutboxView;

#[tauri::command]
pub(crate) async fn outbox(desk: State<'_>) -> Answer<OutboxView> {
    desk.outbox().await
}

#[tauri::command]
pub(crate) async fn cancel_commands(desk: State<'_>, ids: Vec<String>) -> Answer<u64> {
    desk.cancel_commands(&ids).await
}

#[tauri::command]
pub(crate) async fn retry_command(desk: State<'_>, id: String, seen: String) -> Answer<Queued> {
    desk.retry_command(&id, &seen).await
}

#[tauri::command]
pub(crate) async fn discard_command(desk: State<'_>, id: String) -> Answer<()> {
    desk.discard_command(&id).await
}
