//! Signing in and out.

use super::{Body, json, schema};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What the identity provider gave the desk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    id_token: String,
    nonce: Option<String>,
}

/// `POST /v1/session`: exchanges an ID token, once, for a session. The session's token is in this
/// answer and nowhere else.
///
/// # Errors
/// As [`App::sign_in`]; a wire version that is not served.
#[utoipa::path(
    post, path = "/v1/session", request_body = Proof,
    responses(
        (status = 201, body = schema::SignedIn),
        (status = 404, description = "This central has no identity provider"),
        (status = 409, description = "The ID token was exchanged already"),
        (status = 502, description = "The provider's answer is not one that a provider gives"),
    )
)]
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    auth::wire(&headers)?;
    let proof: Proof = json(body)?;
    let signed_in = app.sign_in(&proof.id_token, proof.nonce.as_deref()).await?;
    let answer = json!({
        "token": signed_in.token, "id": signed_in.id, "expires_at": signed_in.expires_at,
        "person": signed_in.person.id, "name": signed_in.person.name,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `DELETE /v1/session`: ends the token that it is asked with.
///
/// # Errors
/// No valid token; the database.
#[utoipa::path(
    delete, path = "/v1/session",
    responses((status = 204, description = "The token is worth nothing now"))
)]
pub async fn close(State(app): State<App>, asker: Asker) -> Result<StatusCode, Refusal> {
    let mut tx = app.store().begin(Some(asker.0.person)).await?;
    tx.revoke_token(asker.0.token).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
