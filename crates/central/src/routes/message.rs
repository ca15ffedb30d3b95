//! What is told outside, and what became of it.

use super::Asked;
use crate::{
    app::App,
    auth::{self, Asker},
    problem::Refusal,
    store::message::{self, Message, State as Stands},
};
use axum::{Json, extract::State};
use makegood_domain::{Code, Problem, id::MessageId, person::Permission};
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
