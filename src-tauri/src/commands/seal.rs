//! The seal that this desk signs with.

use super::{Answer, State};
use makegood_desk::seal::{SealChoice, SealView};

#[tauri::command]
pub(crate) async fn seal(desk: State<'_>) -> Answer<SealView> {
    // Where the keychain does not give the password it is asked for.
    match desk.unlock_kept_seal().await {
        Ok(seal) => Ok(seal),
        Err(_) => desk.seal().await,
    }
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
