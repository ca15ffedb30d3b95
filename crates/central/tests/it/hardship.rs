//! A disk that fills, and a database that goes away: nothing is half done, and central goes on.

use crate::house::{House, houses};
use makegood_central::{
    audit,
    store::{self, Dialect},
};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

/// Lets the database grow to so many pages on every connection there can be; 0: as it is now.
async fn allow_pages(house: &House, most: i64) {
    let mut connections = Vec::new();
    for _ in 0..8 {
        connections.push(house.app.store().reading().await.unwrap());
    }
    for conn in &mut connections {
        let now = store::fetch(conn, "pragma page_count", &[]).await.unwrap();
        let most = if most == 0 { store::int(&now[0], 0).unwrap() } else { most };
        store::fetch(conn, &format!("pragma max_page_count = {most}"), &[]).await.unwrap();
    }
}

async fn push(house: &House, number: usize) -> (u16, Value) {
    let outages: Vec<Value> = (0..60)
        .map(|minute| {
            json!({
                "service": format!("service {number}"),
                "from": format!("2026-11-02T00:{minute:02}:00Z"),
                "to": format!("2026-11-02T00:{minute:02}:30Z"),
            })
        })
        .collect();
    let url = house.url("/v1/evidence/full/outages");
    let request = house.http.post(url).bearer_auth(&house.root.token);
    let answer = request.json(&json!({ "outages": outages })).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn counted(house: &House) -> (i64, i64) {
    let mut conn = house.app.store().reading().await.unwrap();
    let sql = "select cast(count(*) as bigint) from evidence";
    let evidence = store::fetch(&mut conn, sql, &[]).await.unwrap();
    let (events, _) = store::audit::head(&mut conn).await.unwrap();
    (store::int(&evidence[0], 0).unwrap(), events)
}

#[tokio::test]
async fn a_full_disk_refuses_whole_and_what_was_refused_goes_through_later() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue; // its disk is not ours to fill
        }
        allow_pages(&house, 0).await;
        let (mut number, mut before) = (0, counted(&house).await);
        let refused = loop {
            let (status, answer) = push(&house, number).await;
            if status != 200 {
                break (status, answer["code"].clone());
            }
            (number, before) = (number + 1, counted(&house).await);
            assert!(number < 100, "it never fills");
        };
        assert_eq!(refused, (507, json!("disk_full")));
        // That the source began to fail may be on record; of what it sent, nothing is.
        let (evidence, events) = counted(&house).await;
        assert_eq!(evidence, before.0, "nothing of it is there");
        let mut conn = house.app.store().reading().await.unwrap();
        let later = store::audit::events(&mut conn, before.1, 10).await.unwrap();
        drop(conn);
        assert_eq!(i64::try_from(later.len()).unwrap(), events - before.1);
        assert!(later.iter().all(|event| event.action.starts_with("source.")), "{later:?}");
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        let request = house.http.post(house.url("/v1/commands")).bearer_auth(&house.anna.token);
        let answer = request.json(&[&command]).send().await.unwrap();
        let answered = answer.status().as_u16();
        assert!([200, 507].contains(&answered), "{answered}");
        let answer = house.get(&house.anna, "/v1/sync/scope").await;
        assert_eq!(answer.status(), 200, "reading goes on");
        audit::verify(house.app.store(), 1, &[]).await.unwrap();

        allow_pages(&house, 1_000_000).await;
        assert_eq!(push(&house, number).await.0, 200);
        let answer = house.send(&house.anna, &command).await;
        assert_eq!(answer["outcome"], "applied", "{answer}");
        assert_eq!(answer["duplicate"], answered == 200);
        audit::verify(house.app.store(), 1, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_ends_every_connection_is_found_again() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Sqlite {
            continue; // it is in this process
        }
        let store = house.app.store();
        let before = counted(&house).await;
        let mut open = store.begin(None).await.unwrap();
        open.audit("test.noted", ("test", "x"), None, json!({}));
        open.execute("insert into meta (name, value) values ('x', 'y')", &[]).await.unwrap();
        let mut other = AnyConnection::connect(&house.ground.url).await.unwrap();
        let end = "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity \
                   where datname = current_database() and pid <> pg_backend_pid()";
        other.execute(AssertSqlSafe(end)).await.unwrap();
        assert!(open.commit().await.is_err(), "what was under way is gone");
        assert_eq!(counted(&house).await, before);
        assert_eq!(store.meta("x").await.unwrap(), None);
        let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
        assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
        audit::verify(store, 1, &[]).await.unwrap();
    }
}
