//! Customers, and finding anything by its name or number.

use super::{Answer, State};
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn customers(
    desk: State<'_>,
    page: Option<screens::Page>,
) -> Answer<screens::CustomerList> {
    desk.customers(&page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn customer(desk: State<'_>, id: String) -> Answer<screens::Customer> {
    desk.customer(&id).await
}

#[tauri::command]
pub(crate) async fn search(desk: State<'_>, text: String) -> Answer<Vec<screens::SearchHit>> {
    desk.search(&text).await
}
