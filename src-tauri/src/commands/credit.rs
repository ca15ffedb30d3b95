//! SLA credits: the queue, one with its policy, and every decision about it.

use super::{Answer, Asked, State};
use makegood_desk::Queued;
use makegood_desk::credit::{CreditSeen, GoodwillProposal};
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn credits(
    desk: State<'_>,
    tab: screens::CreditTab,
    page: Option<screens::Page>,
) -> Answer<screens::Credits> {
    desk.credits(tab, &page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn credit(desk: State<'_>, id: String) -> Answer<screens::CreditDetail> {
    desk.credit(&id).await
}

#[tauri::command]
pub(crate) async fn credits_selection(
    desk: State<'_>,
    ids: Vec<String>,
) -> Answer<screens::Selection> {
    desk.credits_selection(&ids).await
}

#[tauri::command]
pub(crate) async fn propose_credit(desk: State<'_>, seen: Asked<CreditSeen>) -> Answer<Queued> {
    desk.propose_credit(seen.0).await
}

#[tauri::command]
pub(crate) async fn propose_goodwill(
    desk: State<'_>,
    proposal: Asked<GoodwillProposal>,
) -> Answer<Queued> {
    desk.propose_goodwill(proposal.0).await
}

#[tauri::command]
pub(crate) async fn approve_credits(
    desk: State<'_>,
    items: Vec<CreditSeen>,
) -> Answer<Vec<Queued>> {
    desk.approve_credits(items).await
}

#[tauri::command]
pub(crate) async fn return_credit(
    desk: State<'_>,
    id: String,
    version: i64,
    reason: String,
) -> Answer<Queued> {
    desk.return_credit(&id, version, &reason).await
}
