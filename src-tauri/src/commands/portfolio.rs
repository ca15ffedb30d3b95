//! The portfolio, and one line of it.

use super::{Answer, State};
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn portfolio(
    desk: State<'_>,
    month: Option<String>,
    view: Option<screens::PortfolioView>,
    page: Option<screens::Page>,
) -> Answer<screens::Portfolio> {
    desk.portfolio(month.as_deref(), view.unwrap_or_default(), &page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn line_detail(
    desk: State<'_>,
    line_id: String,
    month: String,
) -> Answer<screens::LineDetail> {
    desk.line_detail(&line_id, &month).await
}
