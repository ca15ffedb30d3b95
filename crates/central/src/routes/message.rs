//! What is told outside and did not arrive.

use super::Asked;
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store::message::{self, Message},
};
use axum::{Json, extract::State};
use makegood_domain::{id::MessageId, person::Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Messages on a page.
const PAGE: usize = 200;

/// Where a page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The last id of the page before.
    #[param(value_type = Option<uuid::Uuid>)]
    before: Option<MessageId>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages {
    messages: Vec<Message>,
    /// Give it as `before` for the next page; absent on the last.
    #[schema(value_type = Option<uuid::Uuid>)]
    next: Option<MessageId>,
}

/// `GET /v1/messages?before=`: what waits to be tried again or was given up, newest first; for those
/// who administer.
///
/// # Errors
/// No right to administer; a scope that holds some customers only: messages tell of all.
#[utoipa::path(
    get, path = "/v1/messages", params(Wanted),
    responses((status = 200, body = Messages))
)]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Messages>, Refusal> {
    auth::every_customer(asker.require(Permission::Administer)?)?;
    let mut conn = app.store().reading().await?;
    let mut messages = message::not_arrived(&mut conn, wanted.before, PAGE + 1).await?;
    let more = messages.len() > PAGE;
    messages.truncate(PAGE);
    let next = messages.last().filter(|_| more).map(|last| last.id);
    Ok(Json(Messages { messages, next }))
}
