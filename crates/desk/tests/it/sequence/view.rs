//! A mirror's file, looked into and harmed behind the desk's back.

use makegood_domain::wire::Entity;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};
use std::{collections::BTreeMap, path::Path};

/// Bytes of a page of the file.
const PAGE: usize = 4096;

/// What is kept beside the rows; the search index's own numbers are each file's.
const KEPT: [&str; 4] = [
    "select entity, month, class, cast(number as text) from tally where number <> 0",
    "select month, status || ' ' || left_micros || ' ' || title, attainment from place",
    "select month, customer, name || rank || state, state_text || reasons || coalesce(number, '') from run",
    "select kind, key, title, content from named",
];

async fn opened(mirror: &Path) -> Option<SqliteConnection> {
    SqliteConnectOptions::new().filename(mirror).read_only(true).connect().await.ok()
}

/// Notes about customers, by id.
pub(super) async fn notes(mirror: &Path) -> BTreeMap<String, String> {
    let mut file = opened(mirror).await.unwrap();
    let mut found = BTreeMap::new();
    for row in sqlx::query("select key, body from note").fetch_all(&mut file).await.unwrap() {
        let body: serde_json::Value = serde_json::from_str(row.get(1)).unwrap();
        if body["subject_entity"] == "customer" {
            found.insert(row.get(0), body["text"].as_str().unwrap().to_owned());
        }
    }
    file.close().await.unwrap();
    found
}

/// Where it stands.
pub(super) async fn position(mirror: &Path) -> Option<String> {
    let mut file = opened(mirror).await?;
    let found = sqlx::query_scalar("select cursor from position").fetch_optional(&mut file).await;
    file.close().await.unwrap();
    found.ok().flatten()
}

/// Of whom there is anything in it; nobody where it can't be read.
pub(super) async fn customers(mirror: &Path) -> Vec<String> {
    let Some(mut file) = opened(mirror).await else { return Vec::new() };
    let each = Entity::ALL.map(|one| format!("select customer from {}", one.as_str()));
    let sql = format!(
        "select customer from ({}) where customer <> '' group by 1",
        each.join(" union all ")
    );
    let found = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut file).await;
    let _ = file.close().await;
    found.unwrap_or_default()
}

/// Every row of both is the same, with all that is kept beside it.
pub(super) async fn compare(kept: &Path, anew: &Path) {
    let (mut kept, mut anew) = (opened(kept).await.unwrap(), opened(anew).await.unwrap());
    let tables = Entity::ALL.map(|one| format!("select * from {}", one.as_str()));
    for sql in tables.iter().map(String::as_str).chain(KEPT) {
        let (kept, anew) = (rows(&mut kept, sql).await, rows(&mut anew, sql).await);
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|one| !those.contains(one)).cloned().collect::<Vec<_>>()
        };
        let (more, less) = (only(&kept, &anew), only(&anew, &kept));
        assert!(kept == anew, "{sql}: kept {more:#?}, anew {less:#?}");
    }
    kept.close().await.unwrap();
    anew.close().await.unwrap();
}

async fn rows(file: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let found = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(file).await.unwrap();
    let cell = |row: &sqlx::sqlite::SqliteRow, at: usize| {
        let text = row.try_get::<Option<String>, _>(at).map(Option::unwrap_or_default);
        text.unwrap_or_else(|_| row.get::<i64, _>(at).to_string())
    };
    let row = |row: &sqlx::sqlite::SqliteRow| {
        (0..row.len()).map(|at| cell(row, at)).collect::<Vec<_>>().join(" | ")
    };
    let mut rows: Vec<String> = found.iter().map(row).collect();
    rows.sort();
    rows
}

/// Makes it stand elsewhere, where it can be written still.
pub(super) async fn stand_at(mirror: &Path, cursor: &str) {
    change(mirror, "update position set cursor = $1", cursor).await;
}

/// Makes it one of another version of the wire.
pub(super) async fn be_of_wire(mirror: &Path, version: u32) {
    let Some(cursor) = position(mirror).await else { return };
    let (_, rest) = cursor.split_once('.').unwrap();
    stand_at(mirror, &format!("c{version}.{rest}")).await;
}

/// Makes it one that a later release wrote.
pub(super) async fn be_of_later_release(mirror: &Path) {
    let sql =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
               values (9000, $1, true, x'00', 0)";
    change(mirror, sql, "of a later release").await;
}

async fn change(mirror: &Path, sql: &str, bind: &str) {
    let file = SqliteConnectOptions::new().filename(mirror).connect().await;
    let Ok(mut file) = file else { return };
    // One that was damaged before may refuse.
    let _ = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(bind).execute(&mut file).await;
    let _ = file.close().await;
}

/// Writes nonsense over a page of the file, and forgets its log.
pub(super) fn damage(mirror: &Path, thousandths: usize) {
    let mut bytes = std::fs::read(mirror).unwrap();
    let page = bytes.len() / PAGE * thousandths / 1000;
    for byte in bytes.iter_mut().skip(page * PAGE).take(PAGE) {
        *byte = !*byte;
    }
    std::fs::write(mirror, bytes).unwrap();
    for log in ["-wal", "-shm"] {
        let mut name = mirror.as_os_str().to_owned();
        name.push(log);
        let _ = std::fs::remove_file(name);
    }
}
