//! What is kept beside the rows equals what is counted anew, whatever pages brought.

use crate::northwind::{House, change, id, person, viewer};
use makegood_domain::{
    id::CustomerId,
    person::Scope,
    statement::{Statement, StatementCase, StatementOf, StatementState},
    wire::{Body, Change, Entity},
};
use makegood_mirror::{
    Mirror, Overlay, rollup,
    screens::{self, Page, PortfolioView},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteConnectOptions};
use std::path::Path;

/// Everything that is kept, as texts in a fixed order. Of the search index: what each name finds.
pub(crate) async fn kept(mirror: &Mirror) -> Vec<String> {
    let mut found = Vec::new();
    for sql in [
        "select 'tally', entity, month, class, number from tally where number <> 0 order by 2, 3, 4",
        "select 'place', * from place order by 2, 3, 4, 5, 6",
        "select 'run', * from run order by 2, 3",
        "select 'named', kind, key, title, folded, content, fresh from named order by 2, 3",
        "select 'sought', count(*) from sought",
        "select 'settlement', key, undecided from settlement order by 2",
        "select 'breach', key, left_micros, cause, title, owed, currency from breach order by 2",
    ] {
        found.extend(rows(mirror.path(), sql).await);
    }
    let mut reader = mirror.reader().await.expect("reads");
    for text in ["nor", "aur", "nw-1", "BR-", "cr-31", "ST-2026"] {
        let hits = screens::search(&mut reader, text).await.expect("finds");
        found.extend(hits.into_iter().map(|hit| format!("{text}: {hit:?}")));
    }
    found
}

pub(crate) async fn rows(file: &Path, sql: &'static str) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(file);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("opens");
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&pool).await.expect("reads");
    pool.close().await;
    let cell = |row: &sqlx::sqlite::SqliteRow, at: usize| {
        let text = row.try_get_unchecked::<Option<String>, _>(at).expect("a value");
        text.unwrap_or_else(|| "null".to_owned())
    };
    let line = |row| (0..sqlx::Row::len(row)).map(|at| cell(row, at)).collect::<Vec<_>>().join(" ");
    found.iter().map(line).collect()
}

fn statement(number: u32) -> Statement {
    Statement {
        id: id(19, number),
        number: format!("ST-2026-10-{number}"),
        revision: i64::from(number),
        supersedes: None,
        customer: id(3, 1),
        of: <_>::default(),
        customers: Vec::new(),
        period: "2026-10".to_owned(),
        legal_entity: id(5, 1),
        language: "en".to_owned(),
        template: 1,
        state: StatementState::Sealed,
        issued_at: "2026-11-08T08:00:00Z".parse().expect("an instant"),
        released_by: person(1).id,
        rests_on: vec![StatementCase {
            settlement: id(10, 1),
            revision: 1,
            sha256: "5a".repeat(32),
        }],
        sha256: None,
        audit_head: "5c".repeat(32),
        reason: None,
    }
}

/// The entity as it is at this version; it is gone at every fifth.
fn at_version(told: &Change, version: i64) -> Change {
    let row = told.row.as_ref().expect("a row");
    let mut row: Value = serde_json::from_str(row.text()).expect("JSON");
    let one_of =
        |values: &[Value]| values[usize::try_from(version).expect("small") % values.len()].clone();
    let changes: Vec<(&str, Value)> = match told.entity {
        Entity::Customer => {
            vec![(
                "name",
                one_of(&[json!("Aurora"), json!("Nord"), json!("Northwind"), json!("Nörd")]),
            )]
        }
        Entity::Contract => vec![("number", one_of(&[json!("NW-1"), json!("NW-2b")]))],
        Entity::SlaLine => vec![("name", one_of(&[json!("API"), json!("Web"), json!("Batch")]))],
        Entity::Attainment => vec![
            ("state", one_of(&[json!("open"), json!("closing"), json!("locked")])),
            ("met", one_of(&[json!(true), json!(false), json!(null), json!(true)])),
            ("allowance_left", one_of(&[json!("2678.4"), json!("12"), json!(null), json!("-7/3")])),
            ("settlement", one_of(&[row["settlement"].clone(), json!(null)])),
        ],
        Entity::Breach => vec![
            ("state", one_of(&[json!("to_review"), json!("snoozed"), json!("confirmed")])),
            ("incident", one_of(&[row["incident"].clone(), json!(null)])),
        ],
        Entity::Hit => vec![("breaches", one_of(&[row["breaches"].clone(), json!([])]))],
        Entity::Credit => vec![
            (
                "decision",
                one_of(&[
                    json!("drafted"),
                    json!("proposed"),
                    json!("approved"),
                    json!("cancelled"),
                ]),
            ),
            ("settlement", one_of(&[row["settlement"].clone(), json!(null)])),
            ("kind", one_of(&[json!("contractual"), json!("adjustment"), json!("goodwill")])),
            ("claim", one_of(&[json!("not_needed"), json!("invited"), json!("lapsed")])),
            ("window", one_of(&[json!("2026-10"), json!("2026-Q4"), json!("2026-10-31")])),
        ],
        Entity::Settlement => vec![
            ("revision", json!(version)),
            ("lines", one_of(&[row["lines"].clone(), json!([])])),
        ],
        Entity::Statement => {
            vec![("state", one_of(&[json!("issued"), json!("sealed"), json!("superseded")]))]
        }
        _ => Vec::new(),
    };
    for (field, value) in changes {
        row[field] = value;
    }
    let row = (version % 5 != 4).then(|| Body::of(&row).expect("JSON"));
    Change { version, seq: version, row, ..told.clone() }
}

/// Northwind with statements: what the changes are about.
fn entities() -> Vec<Change> {
    let mut all = House::new().changes();
    all.extend([change(90, &statement(1), 1), change(91, &statement(2), 1)]);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_equals_what_is_counted_anew(
        pages in proptest::collection::vec(
            proptest::collection::vec((0_usize..40, 1_i64..12), 1..12), 1..8),
        begun in 0..3,
    ) {
        let entities = entities();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runs");
        let (kept_so_far, anew) = runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let mirror = Mirror::create(&folder.path().join("m.db")).await.expect("opens");
            // The house is whole before anything changes, or comes in beforehand, or bit by bit.
            if begun == 2 {
                mirror.fill().await.expect("is ready for rows");
            }
            if begun > 0 {
                mirror.apply(&entities, "c1.e.1.1").await.expect("applies");
            }
            let halfway = pages.len() / 2;
            for (at, page) in pages.iter().enumerate() {
                if at == halfway {
                    mirror.filled().await.expect("is built");
                }
                let page: Vec<Change> = page
                    .iter()
                    .map(|(which, version)| at_version(&entities[which % entities.len()], *version + 2))
                    .collect();
                mirror.apply(&page, "c1.e.1.7").await.expect("applies");
            }
            let kept_so_far = kept(&mirror).await;
            rollup::rebuild(&mirror).await.expect("is written anew");
            (kept_so_far, kept(&mirror).await)
        });
        prop_assert_eq!(kept_so_far, anew);
    }
}

#[tokio::test]
async fn a_customer_that_is_renamed_is_listed_and_found_by_its_new_name() {
    let (_folder, mirror) = House::new().mirror().await;
    let told = entities();
    let northwind = id::<CustomerId>(3, 1).to_string();
    let told = told.iter().find(|one| one.entity == Entity::Customer && one.key == northwind);
    let renamed = at_version(told.expect("a customer"), 6);
    mirror.apply(&[renamed], "c1.e.1.99").await.expect("applies");
    let mut reader = mirror.reader().await.expect("reads");
    let hits = screens::search(&mut reader, "northwind g").await.expect("finds");
    assert!(hits.is_empty(), "{hits:?}");
    let hits = screens::search(&mut reader, "ORTHWIN").await.expect("finds");
    let names: Vec<_> = hits.iter().map(|hit| hit.title.as_str()).collect();
    assert_eq!(names, ["Northwind", "Northwind Inc"]);
}

#[tokio::test]
async fn law_9_what_leaves_the_scope_is_neither_counted_nor_found() {
    let (_folder, mirror) = House::new().mirror().await;
    mirror.keep_only(&Scope::Customers([id(3, 2)].into())).await.expect("deletes");
    let mut reader = mirror.reader().await.expect("reads");
    let (dana, all) = (viewer(1), Page::default());
    let screen = screens::portfolio(&mut reader, &dana, None, PortfolioView::AtRisk, &all)
        .await
        .expect("reads");
    assert_eq!((screen.total, screen.summary.breached, screen.rows.len()), (1, 1, 1));
    let hits = screens::search(&mut reader, "northwind").await.expect("finds");
    let names: Vec<_> = hits.iter().map(|hit| hit.title.as_str()).collect();
    assert_eq!(names, ["Northwind Inc"]);
    let run = screens::statement_month(&mut reader, &Overlay::default(), "2026-10", &all).await;
    assert_eq!(run.expect("reads").total, 1);
}

#[tokio::test]
async fn law_9_a_groups_statement_leaves_with_the_first_of_its_customers() {
    let (_folder, mirror) = House::new().mirror().await;
    let (gmbh, inc) = (id(3, 1), id(3, 2));
    let group =
        Statement { of: StatementOf::Group(id(2, 1)), customers: vec![gmbh, inc], ..statement(1) };
    let contract = Statement { of: StatementOf::Contract(id(4, 1)), ..statement(2) };
    let both = [change(9_001, &group, 1), change(9_002, &contract, 1)];
    mirror.apply(&both, "c3.e.1.9002.0").await.expect("applies");
    let held = || async {
        let mut reader = mirror.reader().await.expect("reads");
        let held: Vec<Statement> = reader.every().await.expect("reads");
        held.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    // The run of months is of whole customers: neither counts there.
    let mut reader = mirror.reader().await.expect("reads");
    let (nothing, all) = (Overlay::default(), Page::default());
    let run = screens::statement_month(&mut reader, &nothing, "2026-10", &all).await;
    assert!(run.expect("reads").rows.iter().all(|row| row.number.is_none()));
    let unsent = screens::unsent(&mut reader, "2026-10").await.expect("reads");
    let unsent: Vec<_> = unsent.into_iter().map(|one| one.statement.id).collect();
    assert_eq!(unsent, [contract.id], "a group's goes out by itself alone");
    drop(reader);
    mirror.keep_only(&Scope::Customers([gmbh, inc].into())).await.expect("deletes");
    assert_eq!(held().await, [group.id, contract.id]);
    mirror.keep_only(&Scope::Customers([gmbh].into())).await.expect("deletes");
    assert_eq!(held().await, [contract.id]);
}

#[tokio::test]
async fn a_mirror_of_an_older_version_is_completed_when_it_is_opened() {
    let (_folder, mirror) = House::new().mirror().await;
    let before = kept(&mirror).await;
    let file = mirror.path().to_owned();
    mirror.close().await;
    // As the migration leaves a mirror that has rows: columns empty, nothing kept.
    for sql in [
        "update attainment set status = 0, left_micros = 0",
        "update customer set name = ''",
        "update breach set left_micros = 0, cause = null",
        "delete from tally",
        "delete from place",
        "update rollup set built = 0",
    ] {
        rows(&file, sql).await;
    }
    let mirror = Mirror::open(&file).await.expect("opens");
    assert_eq!(kept(&mirror).await, before);
}
