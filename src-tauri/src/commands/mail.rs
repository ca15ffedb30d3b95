//! The mail server that statements are sent by.

use super::{Answer, State};
use makegood_desk::mail::MailSettings;
use makegood_desk::mail::MailView;

#[tauri::command]
pub(crate) async fn mail(desk: State<'_>) -> Answer<MailView> {
    desk.mail().await
}

#[tauri::command]
pub(crate) async fn set_mail(
    desk: State<'_>,
    settings: MailSettings,
    password: Option<String>,
) -> Answer<MailView> {
    desk.set_mail(settings, password.as_deref()).await
}
