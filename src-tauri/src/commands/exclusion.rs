//! Exclusions: proposed by one person, admitted or refused by another.

use super::{Answer, Asked, State};
use makegood_desk::Queued;
use makegood_desk::exclusion::{ExclusionEffect, ExclusionProposal};

#[tauri::command]
pub(crate) async fn propose_exclusion(
    desk: State<'_>,
    proposal: Asked<ExclusionProposal>,
) -> Answer<Queued> {
    desk.propose_exclusion(proposal.0).await
}

#[tauri::command]
pub(crate) async fn decide_exclusion(
    desk: State<'_>,
    id: String,
    version: i64,
    admit: bool,
    reason: Option<String>,
) -> Answer<Queued> {
    desk.decide_exclusion(&id, version, admit, reason).await
}

#[tauri::command]
pub(crate) async fn exclusion_effect(desk: State<'_>, id: String) -> Answer<Vec<ExclusionEffect>> {
    desk.exclusion_effect(&id).await
}

#[tauri::command]
pub(crate) async fn draft_exclusion_effect(
    desk: State<'_>,
    proposal: Asked<ExclusionProposal>,
) -> Answer<Vec<ExclusionEffect>> {
    desk.draft_exclusion_effect(proposal.0).await
}
