//! What is told outside, and what became of it.

use super::{Asked, Named, id};
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store::message::{self, Message, State as Stands},
};
use axum::{Json, extract::State};
use makegood_domain::{Code, Problem, id::MessageId, person::Permission};
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    /// `waiting`, `sent`, `given_up` or `all`; without it, what did not arrive, or not yet.
    #[param(example = "all")]
    state: Option<String>,
}

impl Wanted {
    fn states(&self) -> Result<Vec<Stands>, Problem> {
        Ok(match self.state.as_deref() {
            None => vec![Stands::Waiting, Stands::GivenUp],
            Some("all") => Stands::ALL.to_vec(),
            Some("waiting") => vec![Stands::Waiting],
            Some("sent") => vec![Stands::Sent],
            Some("given_up") => vec![Stands::GivenUp],
            Some(other) => {
                let why = format!("{other:?} is none of waiting, sent, given_up, all");
                return Err(Problem::new(Code::Invalid, why).at("state"));
            }
        })
    }
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages {
    messages: Vec<Message>,
    /// Give it as `before` for the next page; absent on the last.
    #[schema(value_type = Option<uuid::Uuid>)]
    next: Option<MessageId>,
}

/// `GET /v1/messages?state=&before=`: what waits to be tried again or was given up, or what stands so,
/// newest first; for those who administer.
///
/// # Errors
/// No right to administer; a scope that holds some customers only: messages tell of all; no such state.
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
    let states = wanted.states()?;
    let mut messages = message::page(&mut conn, &states, wanted.before, PAGE + 1).await?;
    let more = messages.len() > PAGE;
    messages.truncate(PAGE);
    let next = messages.last().filter(|_| more).map(|last| last.id);
    Ok(Json(Messages { messages, next }))
}

/// `POST /v1/messages/{id}/resend`: a message that was given up is tried again, under the id that it had,
/// so that a receiver which took it after all knows it.
///
/// # Errors
/// No right to administer; a scope that holds some customers only; no such message; one that waits or has
/// arrived.
#[utoipa::path(
    post, path = "/v1/messages/{id}/resend",
    params(("id" = String, Path, format = Uuid, description = "The message")),
    responses(
        (status = 200, description = "It waits to be tried", body = Message),
        (status = 409, description = "It was not given up"),
    )
)]
pub async fn resend(
    State(app): State<App>,
    asker: Asker,
    Named(key): Named,
) -> Result<Json<Message>, Refusal> {
    let actor = asker.require(Permission::Administer)?;
    auth::every_customer(actor)?;
    let key: MessageId = id(&key, "message")?;
    let absent = || Problem::new(Code::NotFound, format!("there is no message {key}"));
    let mut tx = app.store().begin(Some(actor.person)).await?;
    let before = message::by_id(tx.conn(), key).await?.ok_or_else(absent)?;
    if !tx.resend(key).await? {
        let why = "it waits to be tried, or has arrived; only what was given up is sent again";
        return Err(Refusal(Problem::new(Code::WrongState, why)));
    }
    let detail = json!({
        "channel": before.channel, "kind": before.kind, "attempts": before.attempts,
    });
    tx.audit("message.resent", ("message", &key.to_string()), Some(before.customer), detail);
    let after = message::by_id(tx.conn(), key).await?.ok_or_else(absent)?;
    tx.commit().await?;
    Ok(Json(after))
}
