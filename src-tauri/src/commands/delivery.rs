//! Sending statements, and what became of it.

use super::{Answer, Asked, State};
use makegood_desk::Queued;
use makegood_desk::delivery::DeliveryPlan;
use makegood_desk::delivery::MonthSending;
use makegood_desk::delivery::SaidEntry;
use makegood_desk::delivery::SendMonth;
use makegood_desk::delivery::SendStatement;

#[tauri::command]
pub(crate) async fn delivery_plan(
    desk: State<'_>,
    statement_id: String,
    role: String,
) -> Answer<DeliveryPlan> {
    desk.delivery_plan(&statement_id, &role).await
}

#[tauri::command]
pub(crate) async fn send_statement(desk: State<'_>, asked: Asked<SendStatement>) -> Answer<String> {
    desk.send_statement(asked.0).await
}

#[tauri::command]
pub(crate) async fn month_sending(
    desk: State<'_>,
    month: String,
    role: String,
) -> Answer<MonthSending> {
    desk.month_sending(&month, &role).await
}

#[tauri::command]
pub(crate) async fn send_month(desk: State<'_>, asked: Asked<SendMonth>) -> Answer<MonthSending> {
    desk.send_month(&asked.0).await
}

#[tauri::command]
pub(crate) async fn settle_delivery(desk: State<'_>, id: String, arrived: bool) -> Answer<()> {
    desk.settle_delivery(&id, arrived).await
}

#[tauri::command]
pub(crate) async fn drop_delivery(desk: State<'_>, id: String) -> Answer<()> {
    desk.drop_delivery(&id).await
}

#[tauri::command]
pub(crate) async fn add_statement_file(
    desk: State<'_>,
    statement_id: String,
    path: String,
) -> Answer<String> {
    let kept = desk.add_statement_file(&statement_id, path.trim().as_ref()).await?;
    Ok(kept.display().to_string())
}

#[tauri::command]
pub(crate) async fn export_statement(
    desk: State<'_>,
    statement_id: String,
    folder: String,
) -> Answer<String> {
    let path = desk.export_statement(&statement_id, folder.trim().as_ref()).await?;
    Ok(path.display().to_string())
}

#[tauri::command]
pub(crate) async fn record_bounce(
    desk: State<'_>,
    id: String,
    version: i64,
    address: String,
    reason: String,
) -> Answer<Queued> {
    desk.record_bounce(&id, version, &address, &reason).await
}

#[tauri::command]
pub(crate) async fn record_acknowledgement(
    desk: State<'_>,
    asked: Asked<SaidEntry>,
) -> Answer<Queued> {
    desk.record_acknowledgement(asked.0).await
}
