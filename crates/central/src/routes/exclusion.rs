//! What an exclusion would do, for whoever proposes it and whoever is to decide it.

use super::{Body, Named, id, json};
use crate::{
    app::App,
    auth::{self, Asker},
    command::exclusion::Draft,
    effect::{self, Effect},
    problem::Refusal,
    store,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    exclusion::Exclusion,
    id::{BreachId, ExclusionId},
    person::Permission,
};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// An exclusion that nobody has proposed yet.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ExclusionDraft)]
#[serde(deny_unknown_fields)]
pub struct Drafted {
    /// The missed line whose series and customer it concerns.
    #[schema(value_type = String, format = Uuid)]
    breach: BreachId,
    /// A kind that the terms know.
    kind: String,
    /// From (half open).
    from: DateTime<Utc>,
    /// To.
    to: DateTime<Utc>,
    /// When the customer was told.
    notified_at: Option<DateTime<Utc>>,
    /// Clause that allows it.
    clause: Option<String>,
}

/// `POST /v1/exclusions/effect`: the same of an exclusion that is being written. Nothing is stored.
///
/// # Errors
/// What proposing it would be refused for.
#[utoipa::path(
    post, path = "/v1/exclusions/effect", request_body = Drafted,
    responses((status = 200, body = Vec<Effect>))
)]
pub async fn effect_of_draft(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<Json<Vec<Effect>>, Refusal> {
    let actor = asker.require(Permission::ProposeExclusion)?;
    let Drafted { breach, kind, from, to, notified_at, clause } = json(body)?;
    let draft = Draft { breach, kind: &kind, from, to, notified_at, clause: clause.as_deref() };
    let (id, now) = (app.store().ids().make(), app.store().clock().now());
    let exclusion = {
        let mut conn = app.store().reading().await?;
        draft.exclusion(&mut conn, id, actor, now).await?
    };
    Ok(Json(effect::effect(app.store(), &exclusion).await?))
}
