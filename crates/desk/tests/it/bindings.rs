//! The types that the front end reads are generated from the desk's, and committed.

use makegood_desk::{
    Progress, Queued, SyncState,
    breach::Review,
    checklist::{Checklist, ClosingMonth, LockOutcome, WindowSeen},
    claim::ClaimLog,
    contact::{ContactEntry, ContactImport},
    credit::{CreditSeen, GoodwillProposal},
    delivery::{DeliveryPlan, MonthSending, SaidEntry, SendMonth, SendStatement},
    draft::{Authoring, DraftChange, DraftPast, DraftRow, DraftStart, DraftView, TermsTemplate},
    exclusion::{ExclusionEffect, ExclusionProposal},
    explain::Explanation,
    mail::{MailSettings, MailView},
    message::Messages,
    outbox::{DecideAgain, OutboxView},
    person::{DelegationEntry, People, PersonEntry},
    proposal::{ProposalDecision, ProposalRow, ProposalView},
    seal::{SealChoice, SealView},
    session::{Elsewhere, Session},
    sign_in::{DeviceCode, Welcome},
    source::SourceRow,
    statement::{BatchPlan, Preview, StatementBatch, StatementRun, VerificationView},
    table::{TableInForce, TablePreview, TableTaken},
    token::{TokenList, TokenMade, TokenWanted},
};
use std::{collections::BTreeMap, fs, path::Path};
use ts_rs::{Config, ExportError, TS};

fn export(root: &Path) -> Result<(), ExportError> {
    // The types name their folder from a crate's own, as the front end lies beside the crates.
    let here = root.join("crates/desk/bindings");
    let config = Config::new().with_out_dir(here).with_large_int("number");
    Session::export_all(&config)?;
    Elsewhere::export_all(&config)?;
    Welcome::export_all(&config)?;
    DeviceCode::export_all(&config)?;
    TokenList::export_all(&config)?;
    TokenWanted::export_all(&config)?;
    TokenMade::export_all(&config)?;
    Authoring::export_all(&config)?;
    TermsTemplate::export_all(&config)?;
    DraftRow::export_all(&config)?;
    DraftView::export_all(&config)?;
    DraftPast::export_all(&config)?;
    DraftStart::export_all(&config)?;
    DraftChange::export_all(&config)?;
    ProposalRow::export_all(&config)?;
    ProposalView::export_all(&config)?;
    ProposalDecision::export_all(&config)?;
    ExclusionEffect::export_all(&config)?;
    Checklist::export_all(&config)?;
    ClosingMonth::export_all(&config)?;
    LockOutcome::export_all(&config)?;
    WindowSeen::export_all(&config)?;
    SourceRow::export_all(&config)?;
    People::export_all(&config)?;
    PersonEntry::export_all(&config)?;
    DelegationEntry::export_all(&config)?;
    Messages::export_all(&config)?;
    TableInForce::export_all(&config)?;
    TablePreview::export_all(&config)?;
    TableTaken::export_all(&config)?;
    SyncState::export_all(&config)?;
    Progress::export_all(&config)?;
    Queued::export_all(&config)?;
    OutboxView::export_all(&config)?;
    DecideAgain::export_all(&config)?;
    Explanation::export_all(&config)?;
    VerificationView::export_all(&config)?;
    Preview::export_all(&config)?;
    StatementRun::export_all(&config)?;
    SealChoice::export_all(&config)?;
    SealView::export_all(&config)?;
    BatchPlan::export_all(&config)?;
    StatementBatch::export_all(&config)?;
    Review::export_all(&config)?;
    ExclusionProposal::export_all(&config)?;
    ClaimLog::export_all(&config)?;
    ContactEntry::export_all(&config)?;
    ContactImport::export_all(&config)?;
    DeliveryPlan::export_all(&config)?;
    SendStatement::export_all(&config)?;
    MonthSending::export_all(&config)?;
    SendMonth::export_all(&config)?;
    SaidEntry::export_all(&config)?;
    MailSettings::export_all(&config)?;
    MailView::export_all(&config)?;
    CreditSeen::export_all(&config)?;
    GoodwillProposal::export_all(&config)
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), read(&entry.path())))
        .collect()
}

/// `MAKEGOOD_BINDINGS=write` writes them.
#[test]
fn the_front_ends_types_are_those_of_the_desk() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if std::env::var("MAKEGOOD_BINDINGS").as_deref() == Ok("write") {
        export(root).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    export(folder.path()).unwrap();
    let committed = files(&root.join("ui/src/bindings"));
    let generated = files(&folder.path().join("ui/src/bindings"));
    let stale: Vec<&String> = generated
        .iter()
        .filter(|(name, text)| committed.get(*name) != Some(text))
        .map(|(name, _)| name)
        .collect();
    assert!(
        generated.len() > 15 && stale.is_empty(),
        "run with MAKEGOOD_BINDINGS=write: {stale:?}"
    );
}
