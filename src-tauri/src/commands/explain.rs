//! How a figure came about, recomputed here.

use super::{Answer, State};
use makegood_desk::explain;

#[tauri::command]
pub(crate) async fn explain(
    desk: State<'_>,
    settlement_id: String,
    line_id: String,
    key: Option<String>,
) -> Answer<explain::Explanation> {
    desk.explain(&settlement_id, &line_id, key.as_deref()).await
}
