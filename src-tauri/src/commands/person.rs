//! People: what each may do, and what is proposed about them.

use super::{Answer, Asked, State};
use makegood_desk::{
    person::{DelegationEntry, People, PersonEntry},
    proposal::ProposalRow,
};

#[tauri::command]
pub(crate) async fn people(desk: State<'_>) -> Answer<People> {
    desk.people().await
}

#[tauri::command]
pub(crate) async fn propose_person(
    desk: State<'_>,
    entry: Asked<PersonEntry>,
) -> Answer<ProposalRow> {
    desk.propose_person(entry.0).await
}

#[tauri::command]
pub(crate) async fn propose_delegation(
    desk: State<'_>,
    entry: Asked<DelegationEntry>,
) -> Answer<ProposalRow> {
    desk.propose_delegation(entry.0).await
}

#[tauri::command]
pub(crate) async fn export_access_review(desk: State<'_>, folder: String) -> Answer<String> {
    desk.export_access_review(&folder).await
}
