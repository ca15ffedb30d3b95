//! Changes that wait for a second person.

use super::{Answer, Asked, State};
use makegood_desk::proposal::{ProposalDecision, ProposalRow, ProposalView};

#[tauri::command]
pub(crate) async fn proposals(desk: State<'_>) -> Answer<Vec<ProposalRow>> {
    desk.proposals().await
}

#[tauri::command]
pub(crate) async fn proposal(desk: State<'_>, id: String) -> Answer<ProposalView> {
    desk.proposal(&id).await
}

#[tauri::command]
pub(crate) async fn decide_proposal(
    desk: State<'_>,
    said: Asked<ProposalDecision>,
) -> Answer<ProposalView> {
    desk.decide_proposal(said.0).await
}
