//! Whether central runs, is ready, and what it tells about itself: never whom or how much.

use crate::{
    ground::grounds,
    house::{House, houses, open, seat},
};
use makegood_domain::person::{Role, Scope};
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, LazyLock, Mutex},
};

async fn status(house: &House, path: &str) -> u16 {
    house.http.get(house.url(path)).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn central_is_ready_while_its_database_is_there_and_of_its_release() {
    for house in houses().await {
        assert_eq!((status(&house, "/healthz").await, status(&house, "/readyz").await), (200, 200));
        let newer = "insert into _sqlx_migrations \
                     (version, description, success, checksum, execution_time) \
                     select 9999, description, success, checksum, execution_time \
                     from _sqlx_migrations where version = 1";
        let mut tx = house.app.store().begin(None).await.unwrap();
        tx.execute(newer, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let answer = house.http.get(house.url("/readyz")).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "not_ready");
        house.app.store().close().await;
        assert_eq!((status(&house, "/healthz").await, status(&house, "/readyz").await), (200, 503));
    }
}

#[tokio::test]
async fn metrics_count_requests_commands_and_windows_without_a_name() {
    for house in houses().await {
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        house.send(&house.anna, &command).await;
        house.send(&house.anna, &command).await;
        status(&house, "/v1/nowhere/Northwind").await;
        let text = house.get(&house.root, "/metrics").await.text().await.unwrap();
        for line in [
            "makegood_commands_total{outcome=\"applied\"} 1",
            "makegood_commands_total{outcome=\"duplicate\"} 1",
            "makegood_requests_total{method=\"POST\",route=\"/v1/commands\",status=\"200\"} 2",
            "makegood_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
            "makegood_request_duration_seconds_count{method=\"POST\",route=\"/v1/commands\"} 2",
            "makegood_windows{state=\"locked\"}",
            "makegood_feed_position ",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("Northwind") && !text.contains("NW-"), "{text}");
        let some = Scope::Customers([house.inc].into());
        let ines = seat(&house.app, "Ines", Role::Csm, some).await;
        assert_eq!(house.get(&ines, "/metrics").await.status(), 403);
    }
}

/// Everything that the tests of this process log from here on. A subscriber of one thread alone
/// would miss lines whose places others reached first.
static LOGGED: LazyLock<Kept> = LazyLock::new(|| {
    let kept = Kept::default();
    let writer = kept.clone();
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
    lines.with_writer(move || writer.clone()).init();
    kept
});

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_log_line_tells_the_request_and_neither_name_nor_amount_nor_token() {
    LazyLock::force(&LOGGED);
    for house in houses().await {
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        house.send(&house.anna, &command).await;
        let goodwill = json!({
            "credit": house.app.store().ids().make::<makegood_domain::id::CreditId>(),
            "contract": house.nw1.contract, "window": "2026-10", "reason": "Kestrel apologised",
            "amount": { "minor": "987654", "currency": "EUR" },
        });
        house.send(&house.anna, &house.command("propose_goodwill", goodwill, &[])).await;
        let request = house.http.post(house.url("/v1/import")).bearer_auth(&house.root.token);
        let refused = request.body(r#"{"format": "Kestrel 987654"}"#).send().await.unwrap();
        let id = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(refused.status(), 422);
        house.running.stop().await.unwrap();
        let text = LOGGED.text();
        let line: Value = text
            .lines()
            .filter(|line| line.contains(&id) && line.contains("answered"))
            .map(|line| serde_json::from_str(line).unwrap())
            .next()
            .unwrap_or_else(|| panic!("{id} has no line in {text}"));
        assert_eq!((&line["span"]["route"], &line["status"]), (&json!("/v1/import"), &json!(422)));
        for secret in ["Northwind", "Kestrel", "987654", "9876.54", &house.anna.token] {
            assert!(!text.contains(secret), "{secret} is in the log");
        }
    }
}

#[tokio::test]
async fn central_that_is_ending_is_not_ready() {
    for ground in grounds("2026-11-09T08:15:00Z").await {
        let app = open(&ground).await;
        let router = makegood_central::routes::router(app.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = makegood_central::serve(listener, app).unwrap();
        running.stop().await.unwrap();
        let request = axum::http::Request::get("/readyz").body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
        assert_eq!(answer.status(), 503);
    }
}
