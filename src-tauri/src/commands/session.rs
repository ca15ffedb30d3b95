//! Who sits at the desk.

use super::{Answer, State};
use crate::demo::Embedded;
use makegood_desk::session::Session;

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
pub(crate) async fn switch_person(desk: State<'_>, person: String) -> Answer<Session> {
    desk.switch_person(&person).await
}

#[tauri::command]
pub(crate) async fn set_theme(desk: State<'_>, theme: String) -> Answer<Session> {
    desk.set_theme(&theme).await
}
