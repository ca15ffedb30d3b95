//! A central, Dana's desk, and what should be at both.

use super::{APPROVERS, CREDITED, SLOTS, Step, view};
use crate::{
    house::House,
    saved::Saved,
    work::{self, seen},
};
use makegood_desk::{Desk, credit::CreditSeen, screens::BreachCredit};
use makegood_domain::{
    Money,
    credit::{Credit, Decision},
    id::{CustomerId, NoteId},
    note::Note,
    person::Scope,
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Dana at another computer.
const ANEW: &str = "dana anew";

/// What is at central, as pure data.
#[derive(Debug, Clone, Default)]
struct Model {
    notes: BTreeMap<usize, String>,
    sees: BTreeSet<CustomerId>,
}

pub(super) struct World {
    house: House,
    desk: Option<Desk>,
    model: Model,
    backup: Option<(PathBuf, Model)>,
    backups: usize,
    ids: Vec<NoteId>,
    customers: [CustomerId; 2],
    /// Whom Dana has been allowed to see since her desk was in step last.
    saw: BTreeSet<CustomerId>,
    /// Where her desk has stood.
    stood: Option<String>,
    answers: BTreeMap<String, String>,
    /// What Dana has put down, by command.
    put_down: BTreeSet<String>,
    /// Who decided when they had seen which amount of which credit.
    seen: BTreeSet<(String, String, String)>,
    /// Who has looked at a credit, and what they saw.
    looking: Option<(&'static str, Desk, CreditSeen)>,
}

impl World {
    pub(super) async fn begin(saved: &Saved) -> Self {
        let house = saved.open().await;
        let customers = house.customers().await;
        let ids = (0..SLOTS).map(|_| house.app.store().ids().make()).collect();
        let model = Model { sees: customers.into(), ..Model::default() };
        let desk = Some(house.desk("dana").await);
        let saw = model.sees.clone();
        Self {
            house,
            desk,
            model,
            backup: None,
            backups: 0,
            ids,
            customers,
            saw,
            stood: None,
            answers: BTreeMap::new(),
            put_down: BTreeSet::new(),
            seen: BTreeSet::new(),
            looking: None,
        }
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    fn customer(&self, slot: usize) -> CustomerId {
        self.customers[slot % 2]
    }

    pub(super) async fn take(&mut self, step: &Step) {
        match step {
            Step::Write { slot, text } => self.write(*slot, Some(format!("note {text}"))).await,
            Step::Delete { slot } => self.write(*slot, None).await,
            Step::Measure { day, minutes } => {
                self.down(&format!("2026-11-{day:02}"), *minutes).await;
            }
            Step::Revise { day, minutes } => {
                self.down(&format!("2026-10-{day:02}"), *minutes).await;
            }
            Step::See { gmbh, inc } => self.see([*gmbh, *inc]).await,
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
                    self.saw.extend(&model.sees);
                    self.model = model;
                    self.answers.clear();
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
            Step::Crash => self.reopen(async |_| ()).await,
            Step::Again => {
                let Some(before) = self.stood.clone() else { return };
                self.reopen(async |mirror| view::stand_at(mirror, &before).await).await;
            }
            Step::Damage { place } => {
                self.reopen(async |mirror| view::damage(mirror, *place)).await;
            }
            Step::OtherWire => {
                self.reopen(async |mirror| view::be_of_wire(mirror, 1).await).await;
            }
            Step::OtherTables => {
                self.reopen(async |mirror| view::be_of_later_release(mirror).await).await;
            }
            Step::Propose { of } => {
                let Some(credit) = credit(self.desk(), *of).await else { return };
                if ["drafted", "returned"].contains(&credit.state.as_str()) {
                    let asked = self.sees("dana", &credit);
                    if let Ok(queued) = self.desk().propose_credit(asked).await {
                        self.put_down.insert(queued.command_id);
                    }
                }
            }
            Step::Return { of } => self.return_credit(*of).await,
            Step::Look { of, by } => self.look(*of, APPROVERS[*by]).await,
            Step::Approve { of, by } => self.approve(*of, APPROVERS[*by]).await,
        }
    }

    async fn see(&mut self, sees: [bool; 2]) {
        let sees = sees.into_iter().zip(self.customers);
        self.model.sees = sees.filter(|(sees, _)| *sees).map(|(_, id)| id).collect();
        self.saw.extend(&self.model.sees);
        self.house.see("dana", Scope::Customers(self.model.sees.clone())).await;
    }

    /// The platform was down on this day, which nobody had told so far.
    async fn down(&self, day: &str, minutes: u32) {
        let to = format!("{day}T{:02}:{:02}:00Z", 14 + minutes / 60, minutes % 60);
        self.house.down(&format!("{day}T14:00:00Z"), &to).await;
    }

    /// What somebody decides by.
    fn sees(&mut self, by: &str, credit: &BreachCredit) -> CreditSeen {
        let seen = seen(credit);
        self.saw_and_decided(by, &seen);
        seen
    }

    fn saw_and_decided(&mut self, by: &str, CreditSeen { id, amount_minor, .. }: &CreditSeen) {
        let person = self.house.person(by).to_string();
        self.seen.insert((person, id.clone(), amount_minor.clone()));
    }

    async fn look_away(&mut self) {
        if let Some((_, desk, _)) = self.looking.take() {
            desk.leave().await.unwrap();
        }
    }

    async fn return_credit(&mut self, of: usize) {
        self.look_away().await;
        let lee = self.house.desk("lee").await;
        if let Some(credit) = credit(&lee, of).await.filter(|one| one.state == "proposed") {
            let _ = lee.return_credit(&credit.id, credit.version, "which clause?").await;
            lee.sync_now().await.unwrap();
        }
        lee.leave().await.unwrap();
    }

    /// One of the approvers looks at a credit that is open; where nobody has proposed it, Noa does.
    async fn look(&mut self, of: usize, by: &'static str) {
        self.look_away().await;
        let noa = self.house.desk("noa").await;
        if let Some(credit) = credit(&noa, of).await.filter(|one| one.state == "drafted") {
            noa.propose_credit(self.sees("noa", &credit)).await.unwrap();
            noa.sync_now().await.unwrap();
        }
        noa.leave().await.unwrap();
        let desk = self.house.desk(by).await;
        let open = ["proposed", "approved_once"];
        match credit(&desk, of).await.filter(|it| open.contains(&it.state.as_str())) {
            Some(credit) => self.looking = Some((by, desk, seen(&credit))),
            None => drop(desk.leave().await.unwrap()),
        }
    }

    /// Whoever has looked decides by what they saw then; else somebody looks, and decides by that.
    async fn approve(&mut self, of: usize, by: &'static str) {
        if self.looking.is_none() {
            self.look(of, by).await;
        }
        let Some((who, desk, asked)) = self.looking.take() else { return };
        self.saw_and_decided(who, &asked);
        let _ = desk.approve_credits(vec![asked]).await;
        desk.sync_now().await.unwrap();
        desk.leave().await.unwrap();
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
        self.saw = self.model.sees.clone();
        let expected: BTreeMap<String, String> = self
            .model
            .notes
            .iter()
            .filter(|(slot, _)| self.saw.contains(&self.customer(**slot)))
            .map(|(slot, text)| (self.ids[*slot].to_string(), text.clone()))
            .collect();
        let mirror = self.house.mirror("dana").await;
        assert_eq!(view::notes(&mirror).await, expected);
        assert!(self.desk().mirror_agrees().await.unwrap());
        self.stood = view::position(&mirror).await;
        self.decided_once().await;
    }

    /// Law 6: what has been answered stays as it was answered, and took effect once.
    async fn decided_once(&mut self) {
        let outbox = self.desk().outbox().await.unwrap();
        assert_eq!(outbox.waiting, 0, "{outbox:?}");
        let mut confirmed = 0;
        for row in &outbox.rows {
            assert!(["confirmed", "stale", "refused"].contains(&row.state.as_str()), "{row:?}");
            let state = format!("{} {:?}", row.state, row.receipt);
            let before = self.answers.insert(row.id.clone(), state.clone());
            assert!(before.is_none_or(|before| before == state), "{row:?}");
            confirmed += usize::from(row.state == "confirmed");
        }
        let done = self.house.audited_of("credit.proposed", "dana").await;
        // What a restore took back was sent again, and is done or has come back.
        assert_eq!(done, confirmed, "proposals on record, and confirmed: {outbox:?}");
    }

    /// What holds after every step, in step or not.
    pub(super) async fn holds(&self) {
        // Law 6: nothing that was put down is lost, and nothing took effect that nobody put down.
        let rows = self.desk().outbox().await.unwrap().rows;
        let here: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
        assert!(self.put_down.is_subset(&here), "{:?} were put down: {rows:?}", self.put_down);
        let put_down = rows.len();
        let done = self.house.audited_of("credit.proposed", "dana").await;
        assert!(done <= put_down, "{done} proposals on record, {put_down} put down");
        // Law 9: nobody is here whom Dana was not allowed to see.
        let mirror = self.house.mirror("dana").await;
        let strangers: Vec<_> = view::customers(&mirror).await;
        let allowed: BTreeSet<String> = self.saw.iter().map(ToString::to_string).collect();
        assert!(strangers.iter().all(|one| allowed.contains(one)), "{strangers:?} {allowed:?}");
        self.four_eyes().await;
        self.by_what_was_seen().await;
    }

    /// Law 7: no amount was decided about that nobody saw who decided.
    async fn by_what_was_seen(&self) {
        for action in ["credit.proposed", "credit.approved_once", "credit.approved"] {
            for event in self.house.events(action).await {
                let amount: Money = serde_json::from_value(event.detail["amount"].clone()).unwrap();
                let person = event.person.map(|person| person.to_string()).unwrap_or_default();
                let decided = (person, event.subject.clone(), amount.minor().to_string());
                assert!(self.seen.contains(&decided), "{event:?}: {:?}", self.seen);
            }
        }
    }

    /// Law 5: whoever approved is not who proposed, and nobody did twice; above the limit there are two.
    async fn four_eyes(&self) {
        let mut conn = self.house.app.store().reading().await.unwrap();
        let credits =
            makegood_central::store::list::<Credit>(&mut conn, "1 = 1", &[]).await.unwrap();
        drop(conn);
        let mut alone = 0;
        for credit in credits.iter().map(|one| &one.row) {
            let approved =
                credit.approvals.rsplit(|one| one.decision != Decision::Approved).next().unwrap();
            let hands: BTreeSet<_> = approved.iter().map(|one| one.person).collect();
            assert_eq!(hands.len(), approved.len(), "{credit:?}");
            assert!(credit.proposed_by.iter().all(|by| !hands.contains(by)), "{credit:?}");
            let decided = credit.decision == Decision::Approved;
            assert!(!decided || !hands.is_empty(), "{credit:?}");
            alone += usize::from(decided && hands.len() == 1);
        }
        // Each of October's two is below the limit, both are not.
        assert!(alone <= 1, "{credits:?}");
    }

    /// At rest the desk holds what one that begins anew would hold, to the last column.
    pub(super) async fn end(mut self) {
        self.look_away().await;
        self.sync().await;
        self.holds().await;
        let dana = self.house.tokens["dana"].clone();
        self.house.tokens.insert(ANEW, dana);
        let fresh = self.house.seat(ANEW).await;
        fresh.sync_now().await.unwrap();
        let [kept, anew] = [self.house.mirror("dana").await, self.house.mirror(ANEW).await];
        view::compare(&kept, &anew).await;
        fresh.leave().await.unwrap();
        self.desk().leave().await.unwrap();
        self.house.close().await;
    }

    /// Drops the desk, does something to its mirror's file, and opens it again.
    async fn reopen(&mut self, meanwhile: impl AsyncFnOnce(&Path)) {
        self.desk.take().unwrap().leave().await.unwrap();
        // Asked now, when nobody replaces it any more.
        let path = self.house.mirror("dana").await;
        meanwhile(&path).await;
        self.desk = Some(self.house.seat("dana").await);
    }
}

/// October's credit of a contract, where the desk shows one.
async fn credit(desk: &Desk, of: usize) -> Option<BreachCredit> {
    // A mirror that is damaged, and not fetched anew yet, shows nothing.
    work::find_breach(desk, CREDITED[of]).await.ok().flatten().and_then(|breach| breach.credit)
}
