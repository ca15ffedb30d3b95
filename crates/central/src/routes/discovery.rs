//! Who is there: the one route without a token.

use super::schema::Discovery;
use crate::app::App;
use axum::{Json, extract::State};
use makegood_domain::wire::{WIRE_BEFORE, WIRE_VERSION};
use serde_json::{Value, json};

/// `GET /v1/discovery`: name, company, wire versions, whether it is a demo, the time here, and where
/// people sign in (`null`: nowhere, they are given tokens).
#[utoipa::path(get, path = "/v1/discovery", responses((status = 200, body = Discovery)))]
pub async fn discovery(State(app): State<App>) -> Json<Value> {
    let sign_in = app.config().provider.as_ref().map(|provider| {
        json!({
            "issuer": provider.issuer, "client_id": provider.client_id, "scopes": provider.scopes(),
        })
    });
    Json(json!({
        "name": "makegood-central",
        "version": env!("CARGO_PKG_VERSION"),
        "company": app.config().company,
        "wire": [WIRE_BEFORE, WIRE_VERSION],
        "demo": app.config().demo,
        "sign_in": sign_in,
        "now": app.store().clock().now(),
    }))
}
