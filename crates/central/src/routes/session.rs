//! Signing in and out.

use super::{Body, json};
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

/// What the identity provider gave the desk.
#[derive(Debug, Deserialize)]
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
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    auth::check_wire(&headers)?;
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
pub async fn close(State(app): State<App>, asker: Asker) -> Result<StatusCode, Refusal> {
    let mut tx = app.store().begin(Some(asker.0.person)).await?;
    tx.revoke_token(asker.0.token).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
