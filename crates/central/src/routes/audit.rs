//! `GET /v1/audit/{position}`: one event, with what its author saw.

use super::{Named, schema};
use crate::{
    app::App,
    audit::{self, Position, Shown},
    auth::{self, Asker},
    problem::Refusal,
};
use axum::{Json, extract::State};
use makegood_domain::{Code, Problem, person::Permission};

/// Takes the position as receipts print it, `A-123`. An event of nobody in particular is for those
/// who may see every customer.
///
/// # Errors
/// No right to read, or outside the scope; no such event.
#[utoipa::path(
    get, path = "/v1/audit/{position}",
    params(("position" = String, Path, description = "As receipts print it", example = "A-1")),
    responses((status = 200, body = schema::Shown))
)]
pub async fn event(
    State(app): State<App>,
    asker: Asker,
    Named(position): Named,
) -> Result<Json<Shown>, Refusal> {
    let actor = asker.require(Permission::Read)?;
    let none = |why: String| Problem::new(Code::NotFound, why);
    let place: Position = position.parse().map_err(none)?;
    let mut conn = app.store().reading().await?;
    let shown = audit::show(&mut conn, place).await?;
    let shown = shown.ok_or_else(|| none(format!("there is no event A-{}", place.0)))?;
    match shown.event.customer {
        Some(customer) => auth::in_scope(actor, customer, "this event")?,
        None => auth::every_customer(actor)?,
    }
    Ok(Json(shown))
}
