//! What your service tells outside.

use super::{Answer, State};
use makegood_desk::{message::Messages, screens::Page};

#[tauri::command]
pub(crate) async fn resend_message(desk: State<'_>, id: String) -> Answer<()> {
    desk.resend_message(&id).await
}

#[tauri::command]
pub(crate) async fn messages(
    desk: State<'_>,
    state: String,
    page: Option<Page>,
) -> Answer<Messages> {
    desk.messages(&state, &page.unwrap_or_default()).await
}
