//! Calculation files, as central computed them.

use super::id;
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store,
};
use axum::{
    extract::{Path, Query, State},
    http::header,
    response::IntoResponse,
};
use makegood_domain::{
    Code, Problem, id::SettlementId, person::Permission, settlement::Settlement,
};
use serde::Deserialize;

/// Which revision; the present one without it.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    revision: Option<i64>,
}

/// `GET /v1/settlements/{id}/case?revision=`: the internal edition, with its result.
///
/// # Errors
/// No right to read, or outside the scope; no such settlement or revision.
pub async fn case(
    State(app): State<App>,
    asker: Asker,
    Path(settlement): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<impl IntoResponse, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let key: SettlementId = id(&settlement, "settlement")?;
    let mut conn = app.store().reading().await?;
    let none = || Problem::new(Code::NotFound, format!("there is no settlement {key}"));
    let found = store::get::<Settlement>(&mut conn, key).await?.ok_or_else(none)?.row;
    auth::in_scope(actor, found.customer, "this settlement")?;
    let revision = wanted.revision.unwrap_or(found.revision);
    let text = store::settlement::case_text(&mut conn, found.customer, key, revision).await?;
    let text = text.ok_or_else(|| {
        let why = format!("there is no revision {revision}; the present one is {}", found.revision);
        Problem::new(Code::NotFound, why)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}
