//! Contracts and SLA lines that somebody is writing.

use super::{Answer, Asked, State};
use makegood_desk::draft::{
    Authoring, DraftChange, DraftPast, DraftRow, DraftStart, DraftView, TermsTemplate,
};

#[tauri::command]
pub(crate) async fn authoring(desk: State<'_>) -> Answer<Authoring> {
    desk.authoring().await
}

#[tauri::command]
pub(crate) async fn terms_template(desk: State<'_>, id: String) -> Answer<TermsTemplate> {
    desk.terms_template(&id).await
}

#[tauri::command]
pub(crate) async fn drafts(desk: State<'_>) -> Answer<Vec<DraftRow>> {
    desk.drafts().await
}

#[tauri::command]
pub(crate) async fn draft(desk: State<'_>, id: String) -> Answer<DraftView> {
    desk.draft(&id).await
}

#[tauri::command]
pub(crate) async fn draft_past(desk: State<'_>, id: String) -> Answer<DraftPast> {
    desk.draft_past(&id).await
}

#[tauri::command]
pub(crate) async fn begin_draft(desk: State<'_>, start: Asked<DraftStart>) -> Answer<DraftView> {
    desk.begin_draft(start.0).await
}

#[tauri::command]
pub(crate) async fn change_draft(desk: State<'_>, change: Asked<DraftChange>) -> Answer<DraftView> {
    desk.change_draft(change.0).await
}

#[tauri::command]
pub(crate) async fn discard_draft(desk: State<'_>, id: String, revision: i64) -> Answer<()> {
    desk.discard_draft(&id, revision).await
}

#[tauri::command]
pub(crate) async fn propose_draft(desk: State<'_>, id: String, revision: i64) -> Answer<DraftView> {
    desk.propose_draft(&id, revision).await
}
