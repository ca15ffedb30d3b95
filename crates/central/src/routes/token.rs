//! Tokens over HTTP. Anybody makes personal tokens of their own, sees their own and revokes them.
//! For others one administrator issues, another confirms, either revokes (law 5).

use super::{Body, Named, id, json, schema};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store::{self, Lock, token::Held},
    token::Personal,
};
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
/// No right to administer, or a scope that does not hold every customer; nobody by that id; a life out of
/// range.
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
    auth::every_customer(actor)?;
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
/// No right to administer, or a scope that does not hold every customer; no such token; one's own.
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
    auth::every_customer(actor)?;
    let token: TokenId = id(&token, "token")?;
    let mut tx = app.store().begin(Some(actor.person)).await?;
    tx.lock(Lock::Tokens).await?;
    tx.confirm_token(token, actor.person).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/tokens/{id}`: one's own, or anybody's for an administrator. A personal token ends itself alone.
///
/// # Errors
/// Somebody else's without a right to administer; no such token.
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
    let actor = asker.require(Permission::Read)?;
    let token: TokenId = id(&token, "token")?;
    app.revoke_token_as(actor, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/tokens`: one's own sessions and personal tokens that are good still, without their
/// texts, and the id of the one that asks. A personal token sees itself alone.
///
/// # Errors
/// No right to read; the database.
#[utoipa::path(get, path = "/v1/tokens", responses((status = 200, body = schema::TokensHeld)))]
pub async fn own(State(app): State<App>, asker: Asker) -> Result<Json<Value>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let mut conn = app.store().reading().await?;
    let now = app.store().clock().now();
    let mut tokens: Vec<Held> = store::token::held(&mut conn, actor.person, now).await?;
    if actor.token_kind == TokenKind::Personal {
        // A script has no business with what else its owner holds.
        tokens.retain(|held| held.id == actor.token);
    }
    Ok(Json(json!({ "tokens": tokens, "asked_with": actor.token })))
}

/// `POST /v1/tokens/personal`: the text is in this answer and nowhere else.
///
/// # Errors
/// As [`App::make_personal_token`].
#[utoipa::path(
    post, path = "/v1/tokens/personal", request_body = schema::PersonalToken,
    responses((status = 201, body = schema::TokenMade))
)]
pub async fn make(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let actor = asker.require(Permission::Read)?;
    let wanted: Personal = json(body)?;
    let made = app.make_personal_token(actor.token, wanted).await?;
    let answer = json!({ "id": made.id, "token": made.text, "expires_at": made.expires_at });
    Ok((StatusCode::CREATED, Json(answer)))
}
