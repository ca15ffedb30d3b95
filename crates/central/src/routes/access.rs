//! The access review over HTTP.

use super::{Asked, schema};
use crate::{
    access,
    app::App,
    auth::{self, Asker},
    problem::Refusal,
};
use axum::{
    Json,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use makegood_domain::{Code, Problem, person::Permission};
use serde::Deserialize;
use utoipa::IntoParams;

/// As what it is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Form {
    /// `json` or `csv`.
    #[param(example = "csv")]
    format: Option<String>,
}

/// `GET /v1/access-review?format=csv`: JSON without a format.
///
/// # Errors
/// No right to administer; another format.
#[utoipa::path(
    get, path = "/v1/access-review", params(Form),
    responses((status = 200, content(
        (Vec<schema::Access> = "application/json"),
        (String = "text/csv"),
    )))
)]
pub async fn review(
    State(app): State<App>,
    asker: Asker,
    Asked(Form { format }): Asked<Form>,
) -> Result<Response, Refusal> {
    let actor = asker.require(Permission::Administer)?;
    auth::every_customer(actor)?;
    let lines = access::review(app.store()).await?;
    match format.as_deref() {
        None | Some("json") => Ok(Json(lines).into_response()),
        Some("csv") => {
            let text = access::csv(&lines)?;
            Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
        }
        Some(other) => {
            let why = format!("{other:?} is no format of the review; ask for json or csv");
            Err(Refusal(Problem::new(Code::Invalid, why).at("format")))
        }
    }
}
