//! Tokens over HTTP: one administrator issues, another confirms, either revokes (law 5).

use super::{Body, id, json};
use crate::{app::App, auth::Asker, problem::Refusal};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use makegood_domain::{
    Code, Problem,
    id::{PersonId, TokenId},
    person::{Permission, TokenKind},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What token is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    person: PersonId,
    kind: TokenKind,
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
pub async fn confirm(
    State(app): State<App>,
    asker: Asker,
    Path(token): Path<String>,
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
pub async fn revoke(
    State(app): State<App>,
    asker: Asker,
    Path(token): Path<String>,
) -> Result<StatusCode, Refusal> {
    let actor = asker.require(Permission::Administer)?;
    let token: TokenId = id(&token, "token")?;
    let mut tx = app.store().begin(Some(actor.person)).await?;
    tx.revoke_token(token).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
