//! Who is known here: what each may do, for whom, in whose place, and when they last came in.

use crate::{
    access::{self, Known},
    app::App,
    auth::{self, Asker},
    problem::Refusal,
};
use axum::{Json, extract::State};
use makegood_domain::person::Permission;

/// `GET /v1/people`: everybody, for whoever administers.
///
/// # Errors
/// No right to administer; a scope that holds some customers only.
#[utoipa::path(get, path = "/v1/people", responses((status = 200, body = Vec<Known>)))]
pub async fn people(State(app): State<App>, asker: Asker) -> Result<Json<Vec<Known>>, Refusal> {
    auth::every_customer(asker.require(Permission::Administer)?)?;
    Ok(Json(access::people(app.store()).await?))
}
