//! A mirror is read by its indexes, whichever way it came to be.

use crate::{
    northwind::{House, id},
    rollup::rows,
};
use makegood_domain::{
    customer::Customer,
    wire::{Change, Entity},
};
use makegood_mirror::{
    Mirror,
    snapshot::{Cut, Row},
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two statements of screens: names by id, and what somebody may propose.
const STATEMENTS: [&str; 2] = [
    "explain query plan select key, name from customer where key in (select value from json_each('[]'))",
    "explain query plan select count(*) from credit
     where tab in ('drafted', 'returned', 'awaiting', 'second')
       and tab in ('drafted', 'returned') and claim in ('not_needed', 'filed')
       and key not in (select value from json_each('[]'))",
];

/// Northwind with very many customers, and a credit of each.
fn changes() -> Vec<Change> {
    let mut house = House::new();
    for number in 10..2_010 {
        let customer = Customer {
            id: id(3, number),
            key: format!("C-{number}"),
            name: format!("Customer {number}"),
            address: vec!["Long Street 1".repeat(20)],
            ..house.first()
        };
        house.put(&customer, 1);
        let mut credit = house.credits[0].clone();
        credit.id = id(13, number);
        credit.number = format!("CR-{number}");
        credit.customer = customer.id;
        house.put(&credit, 1);
    }
    house.changes()
}

/// How each statement is read through the mirror's own connections.
async fn plans(path: &Path) -> Vec<String> {
    let mut plans = Vec::new();
    for sql in STATEMENTS {
        plans.extend(rows(path, sql).await);
    }
    plans
}

/// As central cuts it.
async fn ready(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("ready.db");
    let changes = changes();
    let mut cut = Cut::begin(&path).await.expect("begins");
    for entity in Entity::ALL {
        let of = changes.iter().filter(|change| change.entity == entity);
        let mut some: Vec<Row> = of
            .map(|change| Row {
                key: change.key.clone(),
                customer: change.customer.map(|one| one.to_string()),
                version: change.version,
                body: change.row.as_ref().expect("a row").text().to_owned(),
            })
            .collect();
        some.sort_by(|one, other| one.key.cmp(&other.key));
        cut.add(entity, &some).await.expect("adds");
    }
    cut.finish().await.expect("is whole");
    path
}

#[tokio::test]
async fn rows_are_read_as_those_of_a_ready_mirror() {
    let folder = tempfile::tempdir().expect("a folder");
    let wanted = plans(&ready(&folder).await).await;
    assert!(wanted.iter().any(|step| step.contains("customer_named")), "{wanted:#?}");
    assert!(wanted.iter().any(|step| step.contains("credit_waiting")), "{wanted:#?}");
    let path = folder.path().join("filled.db");
    let mirror = Mirror::create(&path).await.expect("opens");
    mirror.fill().await.expect("is ready for rows");
    mirror.apply(&changes(), "c3.e.1.20").await.expect("applies");
    mirror.filled().await.expect("is built");
    assert_eq!(plans(&path).await, wanted);
}

#[tokio::test]
async fn a_mirror_that_began_empty_is_read_as_a_ready_one_once_it_has_grown() {
    let folder = tempfile::tempdir().expect("a folder");
    let wanted = plans(&ready(&folder).await).await;
    let path = folder.path().join("grown.db");
    let mirror = Mirror::create(&path).await.expect("opens");
    assert!(known(&path).await.is_empty(), "nothing is said of tables that have no rows yet");
    for page in changes().chunks(500) {
        mirror.apply(page, "c3.e.1.20").await.expect("applies");
    }
    assert_ne!(plans(&path).await, wanted);
    mirror.look_again().await.expect("looks");
    assert_eq!(plans(&path).await, wanted);
    let once = known(&path).await;
    mirror.look_again().await.expect("has nothing to look at");
    mirror.close().await;
    // Whoever opens it does so, too.
    run(&path, "delete from sqlite_stat1 where tbl = 'credit'").await;
    assert_ne!(plans(&path).await, wanted);
    Mirror::open(&path).await.expect("opens").close().await;
    assert_eq!(plans(&path).await, wanted);
    assert_eq!(known(&path).await, once);
}

/// What is known of each index.
async fn known(path: &Path) -> Vec<String> {
    let sql = "select name from sqlite_schema where name = 'sqlite_stat1'";
    if rows(path, sql).await.is_empty() {
        return Vec::new();
    }
    rows(path, "select tbl, idx, stat from sqlite_stat1 order by tbl, idx").await
}

#[tokio::test]
async fn an_upgraded_mirror_is_read_as_a_ready_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let wanted = plans(&ready(&folder).await).await;
    // One that page after page has filled, and one that came ready from an older central.
    let path = folder.path().join("paged.db");
    let mirror = Mirror::create(&path).await.expect("opens");
    mirror.apply(&changes(), "c3.e.1.20").await.expect("applies");
    mirror.close().await;
    let whole = beside(&path).await;
    for path in [path, ready_before(&folder).await] {
        let older =
            "drop index customer_named; drop index contract_named; drop index sla_line_named;
                     drop index credit_amount; drop index if exists run_named;
                     drop index settlement_undecided; drop index attainment_unlocked;
                     drop index customer_folded; drop index named_folded; drop index run_place;
                     alter table settlement rename column undecided to decided;
                     alter table credit drop column month;
                     drop index customer_churned; alter table contract drop column folded;
                     alter table customer drop column folded;
                     alter table customer drop column folded_group;
                     alter table customer drop column churned_on;
                     alter table named drop column folded;
                     alter table run drop column folded;
                     create index settlement_open on settlement (month) where decided = 0;
                     create index customer_name on customer (name, key);
                     create index named_title on named (kind, lower(title));
                     create index run_place on run (month, rank, name, customer);
                     alter table place add column customer text not null default '';
                     create index place_customer on place (customer, month) where status < 3;
                     delete from _sqlx_migrations where version > 8";
        run(&path, older).await;
        assert_ne!(plans(&path).await, wanted);
        let mirror = Mirror::open(&path).await.expect("is upgraded");
        assert_eq!(plans(&path).await, wanted);
        mirror.close().await;
        assert_eq!(beside(&path).await, whole);
    }
}

/// What the last migration has filled anew.
async fn beside(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for sql in [
        "select key, folded, folded_group, churned_on from customer order by key",
        "select key, folded from contract order by key",
        "select key, undecided from settlement order by key",
        "select key, month from credit order by key",
        "select kind, key, folded, content from named order by kind, key",
        "select * from run order by month, customer",
    ] {
        found.extend(rows(path, sql).await);
    }
    found
}

async fn ready_before(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("older.db");
    std::fs::copy(folder.path().join("ready.db"), &path).expect("is copied");
    path
}

async fn run(path: &Path, sql: &'static str) {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("runs");
    conn.close().await.expect("closes");
}
