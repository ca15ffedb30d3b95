//! Statements: the month's run, the pages, issuing and verifying.

use super::{Answer, State};
use makegood_desk::Queued;
use makegood_desk::screens;
use makegood_desk::statement::VerificationView;
use makegood_desk::statement::{BatchPlan, Preview, StatementBatch, StatementRun};
use makegood_domain::{Code, Problem, statement::StatementOf};
use tauri_plugin_opener::OpenerExt;

#[tauri::command]
pub(crate) async fn statement_month(
    desk: State<'_>,
    month: String,
    page: Option<screens::Page>,
) -> Answer<screens::StatementMonth> {
    desk.statement_month(&month, &page.unwrap_or_default()).await
}

#[tauri::command]
pub(crate) async fn statement_preview(
    desk: State<'_>,
    customer_id: String,
    of: StatementOf,
    month: String,
    page: u32,
    language: String,
    statement_id: Option<String>,
) -> Answer<Preview> {
    let whose = (customer_id.as_str(), of);
    desk.statement_preview(whose, &month, page, &language, statement_id.as_deref()).await
}

#[tauri::command]
pub(crate) async fn statement_choices(
    desk: State<'_>,
    customer_id: String,
    month: String,
) -> Answer<Vec<screens::StatementChoice>> {
    desk.statement_choices(&customer_id, &month).await
}

#[tauri::command]
pub(crate) async fn statement_runs(
    desk: State<'_>,
    customer_id: String,
    month: String,
) -> Answer<Vec<StatementRun>> {
    desk.statement_runs(&customer_id, &month).await
}

#[tauri::command]
pub(crate) async fn issue_statement(
    desk: State<'_>,
    customer_id: String,
    of: StatementOf,
    month: String,
    language: String,
) -> Answer<Queued> {
    desk.issue_statement_of(&customer_id, of, &month, &language).await
}

#[tauri::command]
pub(crate) async fn plan_statement_batch(desk: State<'_>, month: String) -> Answer<BatchPlan> {
    desk.plan_statement_batch(&month).await
}

#[tauri::command]
pub(crate) async fn begin_statement_batch(
    desk: State<'_>,
    month: String,
    language: String,
) -> Answer<String> {
    desk.begin_statement_batch(&month, &language).await
}

#[tauri::command]
pub(crate) async fn statement_batch(
    desk: State<'_>,
    month: String,
) -> Answer<Option<StatementBatch>> {
    desk.statement_batch(&month).await
}

#[tauri::command]
pub(crate) async fn pause_statement_batch(desk: State<'_>, id: String) -> Answer<()> {
    desk.pause_statement_batch(&id).await
}

#[tauri::command]
pub(crate) async fn resume_statement_batch(desk: State<'_>, id: String) -> Answer<()> {
    desk.resume_statement_batch(&id).await
}

#[tauri::command]
pub(crate) async fn cancel_statement_batch(desk: State<'_>, id: String) -> Answer<()> {
    desk.cancel_statement_batch(&id).await
}

#[tauri::command]
pub(crate) async fn retry_statement_batch(desk: State<'_>, id: String) -> Answer<()> {
    desk.retry_statement_batch(&id).await
}

/// Shows the folder with a run's files, the signed list selected.
#[tauri::command]
pub(crate) async fn show_statement_list(
    app: tauri::AppHandle,
    desk: State<'_>,
    month: String,
) -> Answer<()> {
    let list = desk.statement_batch(&month).await?.and_then(|batch| batch.list);
    let list = list.ok_or_else(|| {
        Problem::new(Code::NotFound, format!("the run of {month} has no list yet"))
    })?;
    let shown = app.opener().reveal_item_in_dir(&list);
    shown.map_err(|error| Problem::new(Code::File, format!("{list} can't be shown: {error}")))
}

#[tauri::command]
pub(crate) async fn verify_file(desk: State<'_>, path: String) -> Answer<VerificationView> {
    desk.verify_file(path.as_ref()).await
}

#[tauri::command]
pub(crate) async fn verify_statement(desk: State<'_>, id: String) -> Answer<VerificationView> {
    desk.verify_statement(&id).await
}

/// Seals the notice of a granted credit, and shows it in the system's own viewer.
#[tauri::command]
pub(crate) async fn open_credit_notice(
    app: tauri::AppHandle,
    desk: State<'_>,
    number: String,
) -> Answer<()> {
    let path = desk.credit_notice(&number, None, None).await?.display().to_string();
    open(&app, &path)
}

/// In the system's own viewer: whoever doubts this program need not trust its preview.
#[tauri::command]
pub(crate) async fn open_statement(
    app: tauri::AppHandle,
    desk: State<'_>,
    id: String,
) -> Answer<()> {
    let path = desk.statement_path(&id).await?.display().to_string();
    open(&app, &path)
}

fn open(app: &tauri::AppHandle, path: &str) -> Answer<()> {
    let opened = app.opener().open_path(path, None::<&str>);
    opened.map_err(|error| Problem::new(Code::File, format!("{path} can't be opened: {error}")))
}
