//! Laws 6, 7 and 9 as a property: whatever happens at central, on the wire and at the desk, and in
//! whatever order, a desk that is in step at the end holds what a pure model says, no decision took
//! effect twice, and none that was confirmed is lost.
//!
//! `MAKEGOOD_SEQUENCES` gives another number of sequences than the usual one.

use crate::{
    house::House,
    saved::Saved,
    work::{self, seen},
};
use makegood_desk::Desk;
use makegood_domain::{
    id::{CustomerId, NoteId},
    note::Note,
    person::Scope,
};
use makegood_mirror::Mirror;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Row as _, sqlite::SqliteConnectOptions};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Notes that come and go, each at one of the customers.
const SLOTS: usize = 8;
/// Bytes of a page of the mirror's file.
const PAGE: usize = 4096;

/// What can happen.
#[derive(Debug, Clone)]
enum Step {
    /// A note is written at central, or written anew.
    Write { slot: usize, text: u8 },
    /// … or deleted.
    Delete { slot: usize },
    /// Dana sees these customers from now on.
    See { gmbh: bool, inc: bool },
    /// Time goes on, and every tombstone so far is collected.
    Collect,
    /// Central is backed up.
    BackUp,
    /// … and what was backed up last is put in its place.
    Restore,
    /// The desk asks for what is new, and does what is due.
    Sync,
    /// … and the wire breaks after so many bytes.
    SyncCutOff { after: usize },
    /// … and commands arrive, their answers don't.
    SyncUnanswered,
    /// The desk ends without a word, and is opened again.
    Crash,
    /// … and its mirror was damaged at this place, in thousandths of its length.
    Damage { place: usize },
    /// … and its mirror was of another version of the wire.
    OtherWire,
    /// Dana proposes October's credit of NW-1, if she can.
    Propose,
    /// Somebody of finance returns it, if it is proposed.
    Return,
    /// Somebody of finance approves it, as their desk shows it.
    Approve,
}

fn step() -> impl Strategy<Value = Step> {
    let slot = 0..SLOTS;
    prop_oneof![
        6 => (slot.clone(), any::<u8>()).prop_map(|(slot, text)| Step::Write { slot, text }),
        2 => slot.prop_map(|slot| Step::Delete { slot }),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(gmbh, inc)| Step::See { gmbh, inc }),
        1 => Just(Step::Collect),
        1 => Just(Step::BackUp),
        1 => Just(Step::Restore),
        4 => Just(Step::Sync),
        3 => (0..6_000_usize).prop_map(|after| Step::SyncCutOff { after }),
        1 => Just(Step::SyncUnanswered),
        2 => Just(Step::Crash),
        1 => (0..1000_usize).prop_map(|place| Step::Damage { place }),
        1 => Just(Step::OtherWire),
        2 => Just(Step::Propose),
        1 => Just(Step::Return),
        1 => Just(Step::Approve),
    ]
}

/// What is at central, as pure data.
#[derive(Debug, Clone, Default)]
struct Model {
    notes: BTreeMap<usize, String>,
    sees: BTreeSet<CustomerId>,
}

struct World {
    house: House,
    desk: Option<Desk>,
    model: Model,
    backup: Option<(PathBuf, Model)>,
    backups: usize,
    ids: Vec<NoteId>,
    customers: [CustomerId; 2],
    decided_before: BTreeMap<String, String>,
}

impl World {
    async fn begin(saved: &Saved) -> Self {
        let house = saved.open().await;
        let customers = house.customers().await;
        let ids = (0..SLOTS).map(|_| house.app.store().ids().make()).collect();
        let model = Model { sees: customers.into(), ..Model::default() };
        house.see("dana", Scope::Customers(model.sees.clone())).await;
        let desk = Some(house.seat("dana").await);
        let (backup, decided_before) = (None, BTreeMap::new());
        Self { house, desk, model, backup, backups: 0, ids, customers, decided_before }
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    fn customer(&self, slot: usize) -> CustomerId {
        self.customers[slot % 2]
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Write { slot, text } => self.write(*slot, Some(format!("note {text}"))).await,
            Step::Delete { slot } => self.write(*slot, None).await,
            Step::See { gmbh, inc } => {
                let sees = [*gmbh, *inc].into_iter().zip(self.customers);
                self.model.sees = sees.filter(|(sees, _)| *sees).map(|(_, id)| id).collect();
                self.house.see("dana", Scope::Customers(self.model.sees.clone())).await;
            }
            Step::Collect => {
                self.house.clock.advance(std::time::Duration::from_secs(60));
                let now = self.house.clock.now();
                self.house.app.store().collect_tombstones(now).await.unwrap();
            }
            Step::BackUp => {
                self.backups += 1;
                let to = self.house.folder.path().join(format!("backup-{}.db", self.backups));
                makegood_central::backup::backup(self.house.app.store(), &to).await.unwrap();
                self.backup = Some((to, self.model.clone()));
            }
            Step::Restore => {
                if let Some((from, model)) = self.backup.clone() {
                    self.house.restore(&from).await;
                    self.model = model;
                    self.decided_before.clear();
                }
            }
            Step::Sync => self.sync().await,
            Step::SyncCutOff { after } => {
                self.house.wire.break_after(*after);
                let _ = self.desk().sync_now().await;
                self.house.wire.break_after(usize::MAX);
            }
            Step::SyncUnanswered => {
                self.house.wire.lose_answers(true);
                let _ = self.desk().sync_now().await;
                self.house.wire.lose_answers(false);
            }
            Step::Crash => self.reopen(|_| ()).await,
            Step::Damage { place } => {
                let place = *place;
                self.reopen(|mirror| damage(mirror, place)).await;
            }
            Step::OtherWire => self.reopen_of_other_wire().await,
            Step::Propose => {
                let Some(credit) = self.credit(self.desk()).await else { return };
                if credit.state == "drafted" {
                    let _ = self.desk().propose_credit(seen(&credit)).await;
                }
            }
            Step::Return => {
                let lee = self.house.desk("lee").await;
                if let Some(credit) = self.credit(&lee).await.filter(|c| c.state == "proposed") {
                    let why = "which clause?";
                    let _ = lee.return_credit(&credit.id, credit.version, why).await;
                    lee.sync_now().await.unwrap();
                }
                lee.leave().await.unwrap();
            }
            Step::Approve => {
                let ines = self.house.desk("ines").await;
                if let Some(credit) = self.credit(&ines).await.filter(|c| c.state == "proposed") {
                    let _ = ines.approve_credits(vec![seen(&credit)]).await;
                    ines.sync_now().await.unwrap();
                }
                ines.leave().await.unwrap();
            }
        }
    }

    async fn credit(&self, desk: &Desk) -> Option<makegood_desk::screens::BreachCredit> {
        // A mirror that is damaged, and not fetched anew yet, shows nothing.
        work::find_breach(desk, "NW-1").await.ok().flatten().and_then(|breach| breach.credit)
    }

    async fn write(&mut self, slot: usize, text: Option<String>) {
        let customer = self.customer(slot);
        let id = self.ids[slot];
        let mut tx = self.house.app.store().begin(None).await.unwrap();
        if let Some(text) = &text {
            let note = Note {
                id,
                customer,
                subject_entity: "customer".to_owned(),
                subject: customer.to_string(),
                visibility: "internal".to_owned(),
                language: "en".to_owned(),
                text: text.clone(),
                by: self.house.person("lee"),
                at: self.house.clock.now(),
            };
            tx.put(&note).await.unwrap();
        } else {
            tx.delete::<Note>(Some(customer), id).await.unwrap();
        }
        tx.audit("test.noted", ("note", &id.to_string()), Some(customer), json!({}));
        tx.commit().await.unwrap();
        match text {
            Some(text) => self.model.notes.insert(slot, text),
            None => self.model.notes.remove(&slot),
        };
    }

    /// What is in step holds what the model says, and nothing that it may not.
    async fn sync(&mut self) {
        self.desk().sync_now().await.unwrap();
        let sees = &self.model.sees;
        let expected: BTreeMap<String, String> = self
            .model
            .notes
            .iter()
            .filter(|(slot, _)| sees.contains(&self.customer(**slot)))
            .map(|(slot, text)| (self.ids[*slot].to_string(), text.clone()))
            .collect();
        let mut mirror = self.file().await;
        let mut found = BTreeMap::new();
        for row in sqlx::query("select key, body from note").fetch_all(&mut mirror).await.unwrap() {
            let body: serde_json::Value = serde_json::from_str(row.get(1)).unwrap();
            if body["subject_entity"] == "customer" {
                found.insert(row.get(0), body["text"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(found, expected);
        mirror.close().await.unwrap();
        assert!(self.desk().mirror_agrees().await.unwrap());
        self.decided_once().await;
    }

    /// Law 6: what has been answered stays as it was answered, and took effect once.
    async fn decided_once(&mut self) {
        let outbox = self.desk().outbox().await.unwrap();
        assert_eq!(outbox.waiting, 0, "{outbox:?}");
        let mut confirmed = 0;
        for row in &outbox.rows {
            let state = format!("{} {:?}", row.state, row.receipt);
            let before = self.decided_before.insert(row.id.clone(), state.clone());
            assert!(before.is_none_or(|before| before == state), "{row:?}");
            confirmed += usize::from(row.state == "confirmed");
        }
        let done = self.house.audited("credit.proposed").await;
        // A restore takes back what central had confirmed; it never adds.
        assert!(done <= confirmed, "{done} proposals on record, {confirmed} confirmed");
    }

    async fn file(&self) -> sqlx::SqliteConnection {
        let options =
            SqliteConnectOptions::new().filename(self.house.mirror("dana").await).read_only(true);
        options.connect().await.unwrap()
    }

    /// Drops the desk, does something to its mirror's file, and opens it again.
    async fn reopen(&mut self, meanwhile: impl FnOnce(&Path)) {
        let path = self.house.mirror("dana").await;
        self.desk.take().unwrap().leave().await.unwrap();
        meanwhile(&path);
        self.desk = Some(self.house.seat("dana").await);
    }

    async fn reopen_of_other_wire(&mut self) {
        let path = self.house.mirror("dana").await;
        self.desk.take().unwrap().leave().await.unwrap();
        let mirror = Mirror::open(&path).await;
        if let Ok(mirror) = mirror {
            let cursor = mirror.cursor().await.unwrap_or_default();
            if let Some(cursor) = cursor {
                // One that was damaged before may refuse.
                let _ = mirror.apply(&[], &cursor.replacen("c2.", "c1.", 1)).await;
            }
            mirror.close().await;
        }
        self.desk = Some(self.house.seat("dana").await);
    }
}

/// Writes nonsense over a page of the file, and forgets its log.
fn damage(path: &Path, thousandths: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let page = bytes.len() / PAGE * thousandths / 1000;
    for byte in bytes.iter_mut().skip(page * PAGE).take(PAGE) {
        *byte = !*byte;
    }
    std::fs::write(path, bytes).unwrap();
    for log in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(log);
        let _ = std::fs::remove_file(name);
    }
}

#[test]
fn laws_6_7_and_9_hold_whatever_happens_in_whatever_order() {
    let cases = std::env::var("MAKEGOOD_SEQUENCES").ok().and_then(|text| text.parse().ok());
    let config = ProptestConfig { cases: cases.unwrap_or(300), ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let saved = runtime.block_on(Saved::make());
    let sequences = prop::collection::vec(step(), 1..18);
    let config = ProptestConfig { failure_persistence: None, ..config };
    let run = TestRunner::new(config).run(&sequences, |steps| {
        runtime.block_on(async {
            let mut world = World::begin(&saved).await;
            for step in &steps {
                world.take(step).await;
            }
            world.sync().await;
        });
        Ok(())
    });
    run.unwrap();
}
