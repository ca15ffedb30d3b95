//! What an exclusion would do, for whoever is to decide it.

use super::{Named, id};
use crate::{
    app::App,
    auth::{self, Asker},
    effect::{self, Effect},
    problem::Refusal,
    store,
};
use axum::{Json, extract::State};
use makegood_domain::{Code, Problem, exclusion::Exclusion, id::ExclusionId, person::Permission};

/// `GET /v1/exclusions/{id}/effect`: whether the terms would admit it, and each window that it touches
/// with it and without.
///
/// # Errors
/// No right to read, or outside the scope; no such exclusion.
#[utoipa::path(
    get, path = "/v1/exclusions/{id}/effect",
    params(("id" = String, Path, format = Uuid, description = "The exclusion")),
    responses((status = 200, body = Vec<Effect>))
)]
pub async fn effect(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
) -> Result<Json<Vec<Effect>>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let key: ExclusionId = id(&key, "exclusion")?;
    let found = {
        let mut conn = app.store().reading().await?;
        store::get::<Exclusion>(&mut conn, key).await?
    };
    let none = || Problem::new(Code::NotFound, format!("there is no exclusion {key}"));
    let exclusion = found.ok_or_else(none)?.row;
    auth::in_scope(actor, exclusion.customer, "this exclusion")?;
    Ok(Json(effect::effect(app.store(), &exclusion).await?))
}
