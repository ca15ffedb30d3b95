//! `POST /v1/commands`: what people decided, in order.

use super::{Body, json, schema};
use crate::{app::App, auth::Asker, command, problem::Refusal};
use axum::{Json, extract::State};
use makegood_domain::{Code, Problem, command::Answer, id::CommandId};
use serde_json::Value;

/// Most commands of one batch.
const MOST: usize = 500;

/// Takes a batch; one answer for each, in order. Only when central itself fails is the whole batch
/// answered with a problem: what took effect before is then a duplicate the next time (law 6).
///
/// # Errors
/// A body that is no array of commands with ids; more than one batch may hold; the database.
#[utoipa::path(
    post, path = "/v1/commands", request_body = Vec<schema::Command>,
    responses((status = 200, body = Vec<schema::Answer>))
)]
pub async fn commands(
    State(app): State<App>,
    asker: Asker,
    body: Body,
) -> Result<Json<Vec<Answer>>, Refusal> {
    let batch: Vec<Value> = json(body)?;
    if batch.len() > MOST {
        let why = format!("{} changes at once; send at most {MOST}", batch.len());
        return Err(Refusal(Problem::new(Code::TooLarge, why)));
    }
    let ids = batch.iter().enumerate().map(|(at, raw)| command_id(at, raw));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let mut answers = Vec::with_capacity(batch.len());
    for (id, raw) in ids.into_iter().zip(batch) {
        let answer = command::answer(&app, &asker.0, id, raw).await?;
        app.metrics().command(&answer);
        answers.push(answer);
    }
    Ok(Json(answers))
}

fn command_id(at: usize, raw: &Value) -> Result<CommandId, Problem> {
    raw.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()).ok_or_else(|| {
        Problem::new(Code::Invalid, "a change needs an id, a UUID").at(format!("[{at}].id"))
    })
}
