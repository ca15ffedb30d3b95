//! Missed lines: the inbox, one with its evidence, and its review.

use super::{Answer, Asked, State};
use makegood_desk::Queued;
use makegood_desk::breach::Review;
use makegood_desk::screens;

#[tauri::command]
pub(crate) async fn breach_inbox(
    desk: State<'_>,
    tab: screens::BreachTab,
    page: Option<screens::Page>,
) -> Answer<screens::BreachInbox> {
    desk.breach_inbox(tab, &page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn breach(desk: State<'_>, id: String) -> Answer<screens::Breach> {
    desk.breach(&id).await
}

#[tauri::command]
pub(crate) async fn snooze_breach(
    desk: State<'_>,
    breach_id: String,
    version: i64,
    until: String,
    reason: String,
) -> Answer<Queued> {
    desk.snooze_breach(&breach_id, version, &until, &reason).await
}

#[tauri::command]
pub(crate) async fn review_breach(desk: State<'_>, review: Asked<Review>) -> Answer<Queued> {
    desk.review_breach(review.0).await
}
