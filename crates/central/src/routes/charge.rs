//! What is charged for SLA lines: the fees that credits are reckoned from.

use super::{After, Asked, no_place};
use crate::{
    app::App,
    auth::Asker,
    problem::Refusal,
    store::charge::{self, InForce, Place},
};
use axum::{Json, extract::State};
use makegood_domain::{Problem, person::Permission};
use serde::Serialize;
use utoipa::ToSchema;

/// Charges that are looked at for a page.
const PAGE: usize = 200;

/// A page of charges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charges {
    charges: Vec<InForce>,
    /// Give it as `after` for the next page; absent on the last. A page may be short.
    next: Option<String>,
}

/// `GET /v1/charges?after=`: what is charged for SLA lines now or will be, in one's scope; for those who
/// hand tables in.
///
/// # Errors
/// No right to import; a place that no page gave.
#[utoipa::path(get, path = "/v1/charges", params(After), responses((status = 200, body = Charges)))]
pub async fn list(
    State(app): State<App>,
    asker: Asker,
    Asked(wanted): Asked<After>,
) -> Result<Json<Charges>, Refusal> {
    let actor = asker.require(Permission::Import)?;
    let store = app.store();
    let when = (store.clock().now(), PAGE);
    let after = wanted.after.as_deref().map(place).transpose()?;
    let mut conn = store.reading().await?;
    let (charges, next) = charge::in_force(&mut conn, &actor.scope, after, when).await?;
    Ok(Json(Charges { charges, next: next.map(written) }))
}

fn written((customer, id): Place) -> String {
    format!("{customer}/{id}")
}

fn place(after: &str) -> Result<Place, Problem> {
    let place = after
        .split_once('/')
        .and_then(|(customer, id)| Some((customer.parse().ok()?, id.parse().ok()?)));
    place.ok_or_else(|| no_place(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_page_is_read_as_it_was_written() {
        let [customer, id] = [1, 2].map(|n| format!("01900000-0000-7000-8000-00000000000{n}"));
        let text = format!("{customer}/{id}");
        let read = place(&text).unwrap();
        assert_eq!((read.0.to_string(), read.1.to_string()), (customer, id));
        assert_eq!(written(read), text);
    }
}
