//! `POST /v1/import`: customers, contracts, charges, incidents and exclusions, whole or not at all;
//! what money rests on waits for a second person.

use super::{Asked, Body, schema, whole};
use crate::{
    app::App,
    auth::{self, Asker},
    import::{self, Report, table::Table},
    problem::Refusal,
    proposal::{self, Imported},
};
use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use makegood_domain::{Code, Problem, id::PersonId, person::Permission};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// How it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Mode {
    /// Only say what would differ.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
}

/// `POST /v1/import/{table}`: customers, fees or monthly revenue as CSV, on the same terms.
///
/// # Errors
/// As [`import()`]; no such table; whatever is wrong, by its line and column.
#[utoipa::path(
    post, path = "/v1/import/{table}", params(Mode, ("table" = String, Path, description = "`customers`, `fees` or `mrr`")),
    request_body(content = String, content_type = "text/csv", description = "Comma or semicolon separated, with a line of names"),
    responses(
        (status = 200, description = "It took effect; tried, with its differences", body = Report),
        (status = 202, description = "It waits for a second person", body = schema::Proposal),
    )
)]
pub async fn table(
    State(app): State<App>,
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
    Asked(mode): Asked<Mode>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    let bytes = whole(body)?;
    // What is no UTF-8 is the name of none, either.
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    let table = Table::parse(&name).ok_or_else(|| {
        let why = format!("there is no table {name:?}; send customers, fees or mrr");
        Problem::new(Code::NotFound, why)
    })?;
    let read = import::table::read(&mut *app.store().reading().await?, table, &bytes).await?;
    let taken = take(&app, actor.person, mode, &read.document).await;
    Ok(taken.map_err(|problem| read.told(problem))?)
}

/// Takes one document `makegood/import/1`: 200 where it took effect (or was only tried), 202 where
/// it waits for a second person.
///
/// # Errors
/// No right to import for every customer; whatever is wrong in the document, by its path.
#[utoipa::path(
    post, path = "/v1/import", params(Mode),
    request_body(content = Object, description = "A document `makegood/import/1`"),
    responses(
        (status = 200, description = "It took effect; tried, with its differences", body = Report),
        (status = 202, description = "It waits for a second person", body = schema::Proposal),
    )
)]
pub async fn import(
    State(app): State<App>,
    asker: Asker,
    Asked(mode): Asked<Mode>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Import)?;
    auth::every_customer(actor)?;
    Ok(take(&app, actor.person, mode, &whole(body)?).await?)
}

async fn take(
    app: &App,
    by: PersonId,
    mode: Mode,
    bytes: &[u8],
) -> Result<(StatusCode, Json<Value>), Problem> {
    let store = app.store();
    if mode.dry_run {
        let preview = import::preview(store, by, bytes).await?;
        return Ok((StatusCode::OK, Json(json!(preview))));
    }
    Ok(match proposal::import(store, by, bytes).await? {
        Imported::Applied(report) => (StatusCode::OK, Json(json!(report))),
        Imported::Waiting(made) => (StatusCode::ACCEPTED, Json(super::proposal::shown(&made))),
    })
}
