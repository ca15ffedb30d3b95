//! Tables of customers, fees and monthly revenue.

use super::{Answer, State};
use makegood_desk::{
    screens::Page,
    table::{TableInForce, TablePreview, TableTaken},
};

#[tauri::command]
pub(crate) async fn try_table(
    desk: State<'_>,
    table: String,
    text: String,
) -> Answer<TablePreview> {
    desk.try_table(&table, &text).await
}

#[tauri::command]
pub(crate) async fn take_table(desk: State<'_>, table: String, text: String) -> Answer<TableTaken> {
    desk.take_table(&table, &text).await
}

#[tauri::command]
pub(crate) async fn table_in_force(
    desk: State<'_>,
    table: String,
    page: Option<Page>,
) -> Answer<TableInForce> {
    desk.table_in_force(&table, &page.unwrap_or_default()).await
}
