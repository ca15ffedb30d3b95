//! The seal that this desk signs with.

use super::{Answer, State};
use makegood_desk::seal::{SealChoice, SealView};

#[tauri::command]
pub(crate) async fn seal(desk: State<'_>) -> Answer<SealView> {
    desk.seal().await
}

#[tauri::command]
pub(crate) async fn choose_seal(
    desk: State<'_>,
    choice: SealChoice,
    secret: String,
    keep: bool,
) -> Answer<SealView> {
    desk.choose_seal(&choice, &secret, keep).await
}

#[tauri::command]
pub(crate) async fn unlock_seal(desk: State<'_>, secret: String) -> Answer<SealView> {
    desk.unlock_seal(&secret).await
}
