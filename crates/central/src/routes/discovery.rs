//! Who is there: the one route without a token.

use crate::app::App;
use axum::{Json, extract::State};
use makegood_domain::wire::WIRE_VERSION;
use serde_json::{Value, json};

/// `GET /v1/discovery`: name, company, wire versions, whether it is a demo, and the time here.
pub async fn discovery(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "name": "makegood-central",
        "version": env!("CARGO_PKG_VERSION"),
        "company": app.config().company,
        "wire": [WIRE_VERSION],
        "demo": app.config().demo,
        "now": app.store().clock().now(),
    }))
}
