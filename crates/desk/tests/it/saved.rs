//! The house once more, from a copy of its central: for tests that need it many times over.

use crate::{
    house::{House, Issued, central},
    wire::Wire,
};
use makegood_central::{
    backup::{self, Tokens},
    serve,
};
use makegood_domain::{
    Clock,
    audit::AuditEvent,
    customer::Customer,
    id::CustomerId,
    note::Note,
    person::{Person, Scope, TokenKind},
    random::Random,
};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// People whose desks are saved with it, in step.
const SEATED: [&str; 4] = ["dana", "noa", "ines", "lee"];

/// A central's file, desks, and who has a token there.
pub(crate) struct Saved {
    folder: TempDir,
    clock: Clock,
    tokens: BTreeMap<&'static str, Issued>,
}

impl Saved {
    pub(crate) async fn make() -> Self {
        let house = House::open().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("central.db");
        house.see("dana", Scope::Customers(house.customers().await.into())).await;
        for name in SEATED {
            house.desk(name).await.leave().await.unwrap();
            forget_address(&house.profile(name)).await;
            copy(&house.folder.path().join(name), &folder.path().join(name));
        }
        backup::backup(house.app.store(), &file).await.unwrap();
        Self { folder, clock: house.clock.clone(), tokens: house.tokens.clone() }
    }

    /// A house of its own, at the instant at which it was saved.
    pub(crate) async fn open(&self) -> House {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("central.db");
        std::fs::copy(self.folder.path().join("central.db"), &file).unwrap();
        for name in SEATED {
            copy(&self.folder.path().join(name), &folder.path().join(name));
        }
        let clock = Clock::fixed(self.clock.now());
        let app = central(&file, &clock).await;
        let running = serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), app.clone()).unwrap();
        let wire = Wire::to(running.address()).await;
        House { app, wire, clock, folder, tokens: self.tokens.clone(), running }
    }
}

/// The house once more is at another address, and the same.
async fn forget_address(profile: &Path) {
    let file = SqliteConnectOptions::new().filename(profile.join("user.db"));
    let mut user = file.connect().await.unwrap();
    sqlx::query("delete from setting where key = 'central'").execute(&mut user).await.unwrap();
    user.close().await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

impl House {
    /// Northwind's two customers: GmbH, Inc.
    pub(crate) async fn customers(&self) -> [CustomerId; 2] {
        let mut conn = self.app.store().reading().await.unwrap();
        let all = makegood_central::store::list::<Customer>(&mut conn, "1 = 1", &[]).await.unwrap();
        ["NW-DE", "NW-US"].map(|key| all.iter().find(|one| one.row.key == key).unwrap().row.id)
    }

    /// Writes so many notes about Northwind GmbH at central, each of so many random bytes in hex.
    pub(crate) async fn notes(&self, count: usize, bytes: usize) {
        let customer = self.customers().await[0];
        let random = Random::system();
        let mut tx = self.app.store().begin(None).await.unwrap();
        for _ in 0..count {
            let text =
                (0..bytes.div_ceil(8)).map(|_| format!("{:016x}", random.integer())).collect();
            let note = Note {
                id: self.app.store().ids().make(),
                customer,
                subject_entity: "customer".to_owned(),
                subject: customer.to_string(),
                visibility: "internal".to_owned(),
                language: "en".to_owned(),
                text,
                by: self.person("lee"),
                at: self.clock.now(),
            };
            tx.put(&note).await.unwrap();
        }
        let about = ("test", "notes");
        tx.audit("test.noted", about, Some(customer), serde_json::json!({}));
        tx.commit().await.unwrap();
    }

    /// Somebody sees these customers from now on.
    pub(crate) async fn see(&self, name: &str, scope: Scope) {
        let id = self.person(name).to_string();
        let mut conn = self.app.store().reading().await.unwrap();
        let person = makegood_central::store::get::<Person>(&mut conn, id).await.unwrap().unwrap();
        drop(conn);
        self.app.put_person(&person.row, &scope).await.unwrap();
    }

    /// Central ends, and another one goes on from the backup at `from`, under the same address.
    pub(crate) async fn restore(&mut self, from: &Path) {
        // A name that no central has open: SQLite would take the other's shared memory for its own.
        let number = std::fs::read_dir(self.folder.path()).unwrap().count();
        let to = self.folder.path().join(format!("restored-{number}.db"));
        backup::restore((from, &to), &self.clock, Tokens::Keep).await.unwrap();
        let app = central(&to, &self.clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = serve(listener, app.clone()).unwrap();
        self.wire.lead_to(running.address());
        self.wire.set_up(false);
        self.wire.set_up(true);
        let (before, ended) =
            (std::mem::replace(&mut self.app, app), std::mem::replace(&mut self.running, running));
        ended.stop().await.unwrap();
        before.store().close().await;
    }

    /// Central ends, and lets go of its file: thousands of houses in a process would not fit else.
    pub(crate) async fn close(self) {
        self.running.stop().await.unwrap();
        self.app.store().close().await;
    }

    /// Gives somebody another token, good from the present of `clock` on.
    pub(crate) async fn issue_anew(&mut self, name: &'static str, clock: Clock) {
        let app = central(&self.folder.path().join("central.db"), &clock).await;
        let (person, kind) = (self.person(name), TokenKind::Session);
        let token = app.issue_token(None, person, kind, 60).await.unwrap();
        self.tokens.insert(name, Issued { person, id: token.id, text: token.text });
        app.store().close().await;
    }

    /// Central's server ends; its store stays open to look into.
    pub(crate) async fn end(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let idle = serve(listener, self.app.clone()).unwrap();
        std::mem::replace(&mut self.running, idle).stop().await.unwrap();
    }

    /// The file of somebody's present mirror.
    pub(crate) async fn mirror(&self, name: &str) -> PathBuf {
        let folder = self.profile(name);
        let options = SqliteConnectOptions::new().filename(folder.join("user.db"));
        let mut user = options.connect().await.unwrap();
        let sql = "select value from setting where key = 'mirror'";
        let file: String = sqlx::query_scalar(sql).fetch_one(&mut user).await.unwrap();
        user.close().await.unwrap();
        folder.join(file)
    }

    /// How often something that somebody did is on record.
    pub(crate) async fn audited_of(&self, action: &str, name: &str) -> usize {
        let mut conn = self.app.store().reading().await.unwrap();
        let sql = "select id from audit_event where action = $1 and instr(body, $2) > 0";
        let id = self.person(name).to_string();
        let args = [action, &id].map(makegood_central::store::Arg::text);
        makegood_central::store::fetch(&mut conn, sql, &args).await.unwrap().len()
    }

    /// What is on record of something that was done.
    pub(crate) async fn events(&self, action: &str) -> Vec<AuditEvent> {
        let mut conn = self.app.store().reading().await.unwrap();
        let sql = "select body from audit_event where action = $1 order by position";
        let args = [makegood_central::store::Arg::text(action)];
        let rows = makegood_central::store::fetch(&mut conn, sql, &args).await.unwrap();
        let body = |row| makegood_central::store::text(row, 0).unwrap();
        rows.iter().map(|row| serde_json::from_str(&body(row)).unwrap()).collect()
    }

    /// How often something is on record.
    pub(crate) async fn audited(&self, action: &str) -> usize {
        let mut conn = self.app.store().reading().await.unwrap();
        let sql = "select id from audit_event where action = $1";
        let args = [makegood_central::store::Arg::text(action)];
        makegood_central::store::fetch(&mut conn, sql, &args).await.unwrap().len()
    }
}
