//! How a figure came about, recomputed here.

use super::{Answer, State};
use makegood_desk::explain;

#[tauri::command]
pub(crate) async fn explain(
    desk: State<'_>,
    settlement_id: String,
    sla: String,
    key: Option<String>,
) -> Answer<explain::Explanation> {
    desk.explain(&settlement_id, &sla, key.as_deref()).await
}
