//! Who sits at the desk.

use super::{Answer, State};
use crate::demo::Embedded;
use makegood_desk::{
    session::{Elsewhere, Session},
    sign_in::Welcome,
};
use makegood_domain::{Code, Problem};
use tauri_plugin_opener::OpenerExt;

#[tauri::command]
pub(crate) async fn session(desk: State<'_>) -> Answer<Session> {
    desk.session().await
}

#[tauri::command]
pub(crate) async fn start_demo(
    desk: State<'_>,
    demo: tauri::State<'_, Embedded>,
) -> Answer<Session> {
    desk.start_demo(demo.start().await?).await
}

#[tauri::command]
pub(crate) async fn reset_demo(
    desk: State<'_>,
    demo: tauri::State<'_, Embedded>,
) -> Answer<Session> {
    desk.reset_demo().await?;
    desk.start_demo(demo.start_anew().await?).await
}

#[tauri::command]
pub(crate) async fn connect(desk: State<'_>, address: String, token: String) -> Answer<Session> {
    desk.connect(&address, &token).await
}

#[tauri::command]
pub(crate) async fn welcome(desk: State<'_>, address: String) -> Answer<Welcome> {
    desk.welcome(&address).await
}

/// In the system's own browser: this program never sees a password.
#[tauri::command]
pub(crate) async fn sign_in(
    app: tauri::AppHandle,
    desk: State<'_>,
    address: String,
) -> Answer<Session> {
    let open = |url: &str| {
        app.opener().open_url(url, None::<&str>).map_err(|error| {
            let why = format!("no browser can be opened: {error}; sign in by code instead");
            Problem::new(Code::SignInRefused, why)
        })
    };
    desk.sign_in(&address, open).await
}

#[tauri::command]
pub(crate) async fn elsewhere(desk: State<'_>) -> Answer<Option<Elsewhere>> {
    desk.elsewhere().await
}

#[tauri::command]
pub(crate) async fn take_along(desk: State<'_>) -> Answer<Session> {
    desk.take_along().await
}

#[tauri::command]
pub(crate) async fn sign_in_by_device(desk: State<'_>, address: String) -> Answer<Session> {
    desk.sign_in_by_device(&address).await
}

#[tauri::command]
pub(crate) async fn cancel_sign_in(desk: State<'_>) -> Answer<()> {
    desk.cancel_sign_in().await
}

#[tauri::command]
pub(crate) async fn sign_out(desk: State<'_>) -> Answer<Session> {
    desk.sign_out().await
}

#[tauri::command]
pub(crate) async fn switch_person(desk: State<'_>, person: String) -> Answer<Session> {
    desk.switch_person(&person).await
}

#[tauri::command]
pub(crate) async fn set_theme(desk: State<'_>, theme: String) -> Answer<Session> {
    desk.set_theme(&theme).await
}
