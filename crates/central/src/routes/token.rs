//! Tokens over HTTP: one administrator issues, another confirms, either revokes (law 5).

use super::{Body, Named, id, json, schema};
use crate::{app::App, auth::Asker, problem::Refusal};
use axum::{Json, extract::State, http::StatusCode};
use makegood_domain::{
    Code, Problem,
    id::{PersonId, TokenId},
    person::{Permission, TokenKind},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What token is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TokenWanted)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[schema(value_type = String, format = Uuid)]
    person: PersonId,
    #[schema(value_type = schema::TokenKind)]
    kind: TokenKind,
    /// How long it lives.
    #[schema(minimum = 1, maximum = 366)]
    #[serde(default = "a_month")]
    days: i64,
}

fn a_month() -> i64 {
    30
}

/// `POST /v1/tokens`: the text is in this answer and nowhere else. It takes effect when a second
/// administrator has confirmed it.
///
/// # Errors
/// No right to administer; nobody by that id; a life out of range.
#[utoipa::path(
    post, path = "/v1/tokens", request_body = Wanted,
    responses(
        (status = 201, body = schema::Issued),
        (status = 404, description = "Nobody is listed under that id"),
    )
)]
pub async fn issue(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Administer)?;
    let wanted: Wanted = json(body)?;
    let issued =
        app.issue_token(Some(actor.person), wanted.person, wanted.kind, wanted.days).await?;
    let answer = json!({
        "id": issued.id, "token": issued.text, "expires_at": issued.expires_at, "confirmed": false,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `POST /v1/tokens/{id}/confirm`.
///
/// # Errors
/// No right to administer; no such token; one's own.
#[utoipa::path(
    post, path = "/v1/tokens/{id}/confirm",
    params(("id" = String, Path, format = Uuid, description = "The token")),
    responses(
        (status = 204, description = "It is good now"),
        (status = 409, description = "It is confirmed or revoked already"),
    )
)]
pub async fn confirm(
    State(app): State<App>,
    asker: Asker,
    Named(token): Named,
) -> Result<StatusCode, Refusal> {
    let actor = asker.require(Permission::Administer)?;
    if actor.token_kind == TokenKind::Personal {
        return Err(Refusal(Problem::new(
            Code::TokenMayNotApprove,
            "personal tokens never confirm; sign in and decide in person",
        )));
    }
    let token: TokenId = id(&token, "token")?;
    let mut tx = app.store().begin(Some(actor.person)).await?;
    tx.lock("tokens").await?;
    tx.confirm_token(token, actor.person).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/tokens/{id}`.
///
/// # Errors
/// No right to administer; no such token.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}",
    params(("id" = String, Path, format = Uuid, description = "The token")),
    responses((status = 204, description = "It is worth nothing now"))
)]
pub async fn revoke(
    State(app): State<App>,
    asker: Asker,
    Named(token): Named,
) -> Result<StatusCode, Refusal> {
    let actor = asker.require(Permission::Administer)?;
    let token: TokenId = id(&token, "token")?;
    let mut tx = app.store().begin(Some(actor.person)).await?;
    tx.revoke_token(token).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
