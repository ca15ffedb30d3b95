//! Contacts: entering, changing, confirming and ending them.

use super::{Answer, Asked, State};
use makegood_desk::Queued;
use makegood_desk::contact::{ContactEntry, ContactImport};

#[tauri::command]
pub(crate) async fn put_contact(desk: State<'_>, asked: Asked<ContactEntry>) -> Answer<Queued> {
    desk.put_contact(asked.0).await
}

#[tauri::command]
pub(crate) async fn confirm_contact(
    desk: State<'_>,
    id: String,
    version: i64,
    address: String,
) -> Answer<Queued> {
    desk.confirm_contact(&id, version, &address).await
}

#[tauri::command]
pub(crate) async fn end_contact(
    desk: State<'_>,
    id: String,
    version: i64,
    reason: String,
) -> Answer<Queued> {
    desk.end_contact(&id, version, &reason).await
}

#[tauri::command]
pub(crate) async fn plan_contacts(desk: State<'_>, table: String) -> Answer<ContactImport> {
    desk.plan_contacts(table.as_bytes()).await
}

#[tauri::command]
pub(crate) async fn import_contacts(desk: State<'_>, table: String) -> Answer<ContactImport> {
    desk.import_contacts(table.as_bytes()).await
}
