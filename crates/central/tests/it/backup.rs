//! A backup is made while central serves; after a restore every desk begins again.

use crate::{
    ground::database_on,
    house::{House, houses, open},
    kill::Central,
};
use makegood_central::{
    App, Config, audit,
    backup::{self, Tokens},
    serve,
    store::{Dialect, Store, get},
};
use makegood_domain::{Code, note::Note, random::Random};
use serde_json::{Value, json};
use std::{path::Path, process::Command};
use tokio::net::TcpListener;

fn central(database: &str, arguments: &[&str]) -> (bool, String) {
    let program = env!("CARGO_BIN_EXE_makegood-central");
    let done = Command::new(program).args(["--database", database]).args(arguments).output();
    let done = done.unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The same people at a central over another database.
async fn moved(mut house: House, url: String) -> House {
    house.ground.url = url;
    let app = open(&house.ground).await;
    house.ground.store = app.store().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = serve(listener, app.clone()).unwrap();
    House { app, running, ..house }
}

async fn cursor(house: &House) -> String {
    let text = house.get(&house.anna, "/v1/sync/changes").await.text().await.unwrap();
    let (_, rest) = text.rsplit_once("\"cursor\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn code(house: &House, cursor: &str) -> (u16, Value) {
    let answer = house.get(&house.anna, &format!("/v1/sync/changes?cursor={cursor}")).await;
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let document = serde_json::from_str(&text).unwrap_or(Value::Null);
    (status, document["code"].clone())
}

async fn propose(house: &House) {
    let command = house.about("propose_credit", house.nw1.credit, json!({})).await;
    assert_eq!(house.send(&house.anna, &command).await["outcome"], "applied");
}

/// Writes until it is told to stop; how many changes it made.
async fn write_meanwhile(house: &House, mut stop: tokio::sync::oneshot::Receiver<()>) -> usize {
    let mut count = 0;
    while stop.try_recv().is_err() {
        let mut tx = house.app.store().begin(None).await.unwrap();
        tx.audit("test.noted", ("test", "meanwhile"), None, json!({ "count": count }));
        tx.commit().await.unwrap();
        count += 1;
        tokio::task::yield_now().await;
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_made_while_serving_is_restored_under_a_new_epoch() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue; // its own tools: below
        }
        let folder = tempfile::tempdir().unwrap();
        let [copy, target] = ["backup.db", "central.db"].map(|name| folder.path().join(name));
        let (copy, target) = (copy.display().to_string(), target.display().to_string());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (url, to) = (house.ground.url.clone(), copy.clone());
        let copying = tokio::task::spawn_blocking(move || {
            let made = central(&url, &["backup", &to]);
            let _ = stop.send(());
            made
        });
        let (written, made) = tokio::join!(write_meanwhile(&house, stopped), copying);
        let made = made.unwrap();
        assert!(made.0, "{}", made.1);
        assert!(written > 0, "others wrote while it was made");
        let head = made.1.rsplit_once("A-").map(|(_, head)| format!("A-{}", head.trim())).unwrap();
        assert!(!central(&house.ground.url, &["backup", &copy]).0, "it is not written over");
        is_for_its_owner_alone(Path::new(&copy));

        // What happens after the backup is lost by the restore, and desks that saw it begin again.
        propose(&house).await;
        let seen = cursor(&house).await;
        assert_eq!(code(&house, &seen).await.0, 200);
        let url = format!("sqlite:{target}");
        let done = central(&url, &["restore", "--keep-tokens", &copy]);
        assert!(done.0, "{}", done.1);
        assert!(
            !central(&url, &["restore", "--keep-tokens", &copy]).0,
            "what is there is not written over"
        );
        let house = moved(house, url).await;
        // The feed is as long as the desk's cursor again: the epoch alone tells them apart.
        propose(&house).await;
        assert_eq!(code(&house, &seen).await, (410, json!("cursor_gone")));
        let fresh = cursor(&house).await;
        assert_eq!(code(&house, &fresh).await.0, 200);
        let store = house.app.store();
        let whole = audit::verify(store, 1, &[head.parse().unwrap()]).await.unwrap();
        let at: audit::Position = format!("A-{}", whole.to).parse().unwrap();
        let last = audit::show(&mut store.reading().await.unwrap(), at).await.unwrap().unwrap();
        assert_eq!(last.event.action, "credit.proposed");
        let at: audit::Position = format!("A-{}", whole.to - 1).parse().unwrap();
        let restored = audit::show(&mut store.reading().await.unwrap(), at).await.unwrap().unwrap();
        assert_eq!(restored.event.action, "central.restored");
    }
}

#[cfg(unix)]
fn is_for_its_owner_alone(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(not(unix))]
fn is_for_its_owner_alone(_: &Path) {}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_leaves_nothing() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let clock = house.app.store().clock();
        let refused =
            async || backup::restore((&from, &to), clock, Tokens::End).await.unwrap_err().code;
        assert_eq!(refused().await, Code::File, "there is no such file");
        std::fs::write(&from, "no database at all, by its first bytes").unwrap();
        assert_eq!(refused().await, Code::Database);
        std::fs::write(&from, "").unwrap();
        assert_eq!(refused().await, Code::Database, "an empty database is not central's");
        // A copy of the file alone lacks what still stands in the log beside it.
        let live = backup::file_of(&house.ground.url).unwrap();
        let error = backup::restore((&live, &to), clock, Tokens::End).await.unwrap_err();
        assert!(error.message.contains("-wal"), "{}", error.message);
        // An altered record is no record.
        std::fs::remove_file(&from).unwrap();
        let mut tx = house.app.store().begin(None).await.unwrap();
        let sql = "update audit_event set action = 'x' where position = 3";
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let error = backup::backup(house.app.store(), &from).await.unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (Code::VerificationFailed, Some("A-3")));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_backup_is_not_put_back_beside_the_log_of_a_central_that_was_killed() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (copy, to) = (at("backup.db"), at("central.db"));
        let whole = backup::backup(house.app.store(), &copy).await.unwrap();
        Central::start(&format!("sqlite:{}", to.display())).kill();
        std::fs::rename(&to, at("old.db")).unwrap();
        let log = std::fs::metadata(at("central.db-wal")).unwrap();
        assert!(log.len() > 0, "it holds what the database lacks");
        let clock = house.app.store().clock();
        for left in ["central.db-wal", "central.db-shm"] {
            let error = backup::restore((&copy, &to), clock, Tokens::End).await.unwrap_err();
            assert_eq!(error.code, Code::File);
            assert!(error.message.contains(left), "{}", error.message);
            let error = backup::backup(house.app.store(), &to).await.unwrap_err();
            assert!(error.message.contains(left), "{}", error.message);
            assert!(!to.exists());
            std::fs::rename(at(left), at(&left.replace("central", "old"))).unwrap();
        }
        // What an attempt that was killed left is its own.
        std::fs::copy(at("old.db-wal"), at("central.db.part-wal")).unwrap();
        std::fs::copy(at("old.db-shm"), at("central.db.part-shm")).unwrap();
        let restored = backup::restore((&copy, &to), clock, Tokens::End).await.unwrap();
        assert_eq!(restored.whole.head, whole.head);
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left = left.map(|one| one.unwrap().file_name().into_string().unwrap());
        assert!(!left.into_iter().any(|name| name.contains("part")));
    }
}

#[tokio::test]
async fn postgresql_is_copied_with_its_own_tools_and_restore_renews_the_epoch() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Sqlite {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let dump = folder.path().join("central.dump");
        let refused = backup::backup(house.app.store(), &dump).await.unwrap_err();
        assert!(refused.message.contains("pg_dump"), "{}", refused.message);
        let run = |program: &str, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let file = dump.display().to_string();
        run("pg_dump", &["--format=custom", "--file", &file, "--dbname", &house.ground.url]);
        propose(&house).await;
        let server = std::env::var("MAKEGOOD_TEST_POSTGRES").unwrap();
        let url = database_on(&server).await;
        run("pg_restore", &["--no-owner", "--dbname", &url, &file]);
        let seen = cursor(&house).await;
        let done = central(&url, &["restore", "--keep-tokens"]);
        assert!(done.0, "{}", done.1);
        let house = moved(house, url).await;
        // The feed is as long as the desk's cursor again: the epoch alone tells them apart.
        propose(&house).await;
        assert_eq!(code(&house, &seen).await, (410, json!("cursor_gone")));
    }
}

/// A note that is written to the end of what is stored of it: its version.
async fn written(house: &House, text: &str) -> i64 {
    let customer = house.gmbh;
    let note = Note {
        id: "01900000-0000-7000-8000-00000000a0a0".parse().unwrap(),
        customer,
        subject_entity: "customer".to_owned(),
        subject: customer.to_string(),
        visibility: "internal".to_owned(),
        language: "en".to_owned(),
        text: text.to_owned(),
        by: house.anna.person,
        at: house.app.store().clock().now(),
    };
    let mut tx = house.app.store().begin(None).await.unwrap();
    tx.put(&note).await.unwrap();
    tx.audit("test.noted", ("note", "a0a0"), Some(customer), json!({}));
    tx.commit().await.unwrap();
    let mut conn = house.app.store().reading().await.unwrap();
    get::<Note>(&mut conn, note.id).await.unwrap().unwrap().version
}

#[tokio::test]
async fn law_7_what_is_written_after_a_restore_bears_no_version_of_what_was_lost() {
    for house in houses().await {
        // As if the backup held the first of these, and the rest was lost.
        let kept = written(&house, "kept").await;
        let lost = kept + 1_000_000;
        house.app.store().renew_epoch(false).await.unwrap();
        let changed = written(&house, "changed").await;
        assert!(changed > lost, "{changed}");
        // … or held none of them, and it comes anew.
        let mut tx = house.app.store().begin(None).await.unwrap();
        let id = "01900000-0000-7000-8000-00000000a0a0";
        tx.delete::<Note>(Some(house.gmbh), id).await.unwrap();
        tx.audit("test.noted", ("note", "a0a0"), Some(house.gmbh), json!({}));
        tx.commit().await.unwrap();
        let again = written(&house, "again").await;
        assert!(again > changed + 1, "above its tombstone: {again}");
    }
}

#[tokio::test]
async fn numbers_that_a_restore_may_have_lost_are_not_given_again() {
    for house in houses().await {
        let draw = async |counter: &str, start: i64| {
            let mut tx = house.app.store().begin(None).await.unwrap();
            let drawn = tx.draw(counter, start).await.unwrap();
            tx.commit().await.unwrap();
            drawn
        };
        assert_eq!(draw("statement 2026-10", 0).await, 1);
        let credit = draw("credit", 300).await;
        let seq = draw("feed", 0).await;
        house.app.store().renew_epoch(false).await.unwrap();
        assert!(draw("statement 2026-10", 0).await > 10_000, "of a counter in the backup");
        assert!(draw("statement 2026-11", 0).await > 10_000, "of one that began after it");
        assert!(draw("credit", 300).await > credit + 10_000);
        assert!(draw("feed", 0).await < seq + 100, "a place in the feed is no number");
        house.app.store().renew_epoch(false).await.unwrap();
        assert!(draw("statement 2026-12", 0).await > 20_000, "restored twice");
        house.ground.clock.advance(std::time::Duration::from_hours(5));
        house.app.store().renew_epoch(false).await.unwrap();
        assert!(draw("statement 2027-01", 0).await > 300_000, "five hours later than that");
    }
}

#[tokio::test]
async fn what_was_revoked_after_a_backup_does_not_become_good_by_its_restore() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        backup::backup(house.app.store(), &at("backup.db")).await.unwrap();
        let clock = house.app.store().clock();
        for (to, tokens, code) in [("ended.db", Tokens::End, 401), ("kept.db", Tokens::Keep, 200)] {
            let restored = backup::restore((&at("backup.db"), &at(to)), clock, tokens).await;
            assert_eq!(restored.unwrap().ended > 0, tokens == Tokens::End);
            let url = format!("sqlite:{}", at(to).display());
            let config = Config { schedule: None, ..Config::new("Fjordline Cloud") };
            let app = App::open(&url, clock.clone(), Random::system(), config).await.unwrap();
            let router = makegood_central::routes::router(app);
            let request = axum::http::Request::get("/v1/sync/scope")
                .header("authorization", format!("Bearer {}", house.anna.token));
            let request = request.body(axum::body::Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
            assert_eq!(answer.status().as_u16(), code, "{to}");
        }
    }
}

#[test]
fn where_there_is_no_central_nothing_is_copied_checked_or_made() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("typo.db").display());
    let to = folder.path().join("nightly.db").display().to_string();
    let id = "018f0000-0000-7000-8000-000000000000";
    for verb in [
        vec!["backup", &to],
        vec!["restore"],
        vec!["audit", "verify"],
        vec!["source", "list"],
        vec!["token", "revoke", id],
    ] {
        let (ok, said) = central(&url, &verb);
        assert!(!ok && said.contains("there is no central at sqlite:"), "{verb:?}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_newer_release_leaves_the_tables_of_the_one_that_serves_as_they_are() {
    for house in houses().await {
        if house.app.store().dialect() == Dialect::Postgres {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("before-upgrade.db");
        let mut tx = house.app.store().begin(None).await.unwrap();
        let sql = "delete from _sqlx_migrations \
                   where version = (select max(version) from _sqlx_migrations)";
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let (ok, said) = central(&house.ground.url, &["backup", &to.display().to_string()]);
        assert!(ok, "{said}");
        for verb in [&["audit", "verify"], &["source", "list"]] {
            let (ok, said) = central(&house.ground.url, verb);
            assert!(!ok && said.contains("another release"), "{said}");
        }
        assert!(!house.app.store().is_current().await.unwrap());
        let (clock, ids) = (house.app.store().clock(), house.app.store().ids().clone());
        let copy = format!("sqlite:{}", to.display());
        let copy = Store::present(&copy, clock.clone(), ids).await.unwrap();
        assert!(!copy.is_current().await.unwrap());
    }
}

/// Central runs as the owner of its folder, and root puts its backups back.
#[cfg(unix)]
#[tokio::test]
async fn what_root_puts_back_or_sets_up_belongs_to_the_owner_of_its_folder() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    const CENTRAL: u32 = 61_234;
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("state")).unwrap();
        if house.app.store().dialect() == Dialect::Postgres
            || chown(at("state"), Some(CENTRAL), Some(CENTRAL)).is_err()
        {
            continue; // only root gives anything away
        }
        let owner = |name: &str| {
            let of = std::fs::metadata(at(name)).unwrap();
            (of.uid(), of.gid(), of.mode() & 0o777)
        };
        backup::backup(house.app.store(), &at("backup.db")).await.unwrap();
        backup::backup(house.app.store(), &at("state/backup.db")).await.unwrap();
        assert_eq!(owner("state/backup.db").0, owner("backup.db").0, "a copy stays its maker's");
        let clock = house.app.store().clock();
        let (from, to) = (at("backup.db"), at("state/central.db"));
        backup::restore((&from, &to), clock, Tokens::End).await.unwrap();
        assert_eq!(owner("state/central.db"), (CENTRAL, CENTRAL, 0o600));
        let url = format!("sqlite:{}", at("state/new.db").display());
        let (ok, said) = central(&url, &["policy", "put", "--version", "1", "--limit", "EUR 9.00"]);
        assert!(ok, "{said}");
        assert_eq!(owner("state/new.db"), (CENTRAL, CENTRAL, 0o600));
    }
}
