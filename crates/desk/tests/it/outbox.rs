//! The outbox by itself: what is put down stays, in order, until it is answered.

use crate::{
    house::House,
    work::{self, breach, credit, seen},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_desk::{
    Desk, Ground, Link,
    breach::Review,
    credit::GoodwillProposal,
    outbox::{EntryState, Outbox, OutboxRow, Put},
    profile::Profile,
};
use makegood_domain::{
    Clock, Code, Money, Problem,
    command::{Answer, Command, Outcome, Receipt, Verb},
    credit::Credit,
    id::Ids,
    person::Scope,
    random::Random,
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::collections::BTreeMap;

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_500_000, 0).unwrap()
}

pub(crate) fn put(ids: &Ids, clock: &Clock, hold: TimeDelta) -> Put {
    let verb = Verb::ReturnCredit { credit: ids.make(), reason: "wrong month".to_owned() };
    Put {
        command: Command { id: ids.make(), decided_at: clock.now(), verb, base: vec![] },
        what: "Return CR-311".to_owned(),
        subject: "Northwind GmbH · NW-1".to_owned(),
        hold,
    }
}

pub(crate) fn applied(command: &Command, seq: i64) -> Answer {
    let receipt = Receipt {
        number: "A-1".to_owned(),
        at: start(),
        seq,
        audit_hash: String::new(),
        given: BTreeMap::new(),
    };
    Answer { id: command.id, duplicate: false, outcome: Outcome::Applied { receipt } }
}

pub(crate) async fn outbox(folder: &std::path::Path, clock: &Clock) -> Outbox {
    Outbox::new(Profile::open(folder).await.unwrap(), clock.clone())
}

#[tokio::test]
async fn law_6_what_was_put_down_is_there_after_a_restart_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(1));
    let puts: Vec<_> = (0..5).map(|_| put(&ids, &clock, TimeDelta::zero())).collect();
    outbox(folder.path(), &clock).await.put(&puts).await.unwrap();

    let again = outbox(folder.path(), &clock).await;
    let due = again.due(0).await.unwrap().commands;
    assert_eq!(due, puts.iter().map(|put| put.command.clone()).collect::<Vec<_>>());

    // Sent, but the answer was lost with the process: they are sent again under the same ids.
    assert_eq!(again.sending(due.clone()).await.unwrap(), due);
    let third = outbox(folder.path(), &clock).await;
    assert_eq!(third.due(0).await.unwrap().commands, due);
}

#[tokio::test]
async fn a_held_decision_can_be_taken_back_until_it_leaves_and_nothing_overtakes_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(2));
    let outbox = outbox(folder.path(), &clock).await;
    let held = put(&ids, &clock, TimeDelta::seconds(8));
    let after = put(&ids, &clock, TimeDelta::zero());
    outbox.put(&[held.clone(), after.clone()]).await.unwrap();
    assert_eq!(outbox.due(0).await.unwrap().commands, vec![]);
    outbox.discard(held.command.id).await.unwrap();
    assert_eq!(outbox.due(0).await.unwrap().commands, vec![after.command.clone()]);

    outbox.sending(vec![after.command.clone()]).await.unwrap();
    let refused = outbox.discard(after.command.id).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState);
    // Taken back while the batch was being made: it does not leave.
    assert_eq!(outbox.sending(vec![held.command]).await.unwrap(), vec![]);
}

#[tokio::test]
async fn what_is_held_stays_so_for_eight_seconds_at_least_and_is_taken_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(6));
    let outbox = outbox(folder.path(), &clock).await;
    let [left, held, other] = [0, 8, 8].map(|wait| put(&ids, &clock, TimeDelta::seconds(wait)));
    outbox.put(&[left.clone(), held.clone(), other.clone()]).await.unwrap();
    // A clock is put back by a second every day; by more, nobody knows how long that holds.
    for (back, leave) in [(1, 1), (60, 3)] {
        let clock = Clock::fixed(start() - TimeDelta::seconds(back));
        let profile = Profile::open(folder.path()).await.unwrap();
        let due = Outbox::new(profile, clock).due(0).await.unwrap();
        assert_eq!(due.commands.len(), leave, "{back}");
    }
    // The clock is cut to the second: put down at its end, they were so for seven by now.
    clock.advance(std::time::Duration::from_secs(8));
    let due = outbox.due(0).await.unwrap().commands;
    assert_eq!(due, vec![left.command.clone()]);
    assert_eq!(outbox.sending(due.clone()).await.unwrap(), due);

    let all = [&left, &held, &other].map(|put| put.command.id);
    assert_eq!(outbox.take_back(&all).await.unwrap(), 2);
    assert_eq!(outbox.take_back(&all).await.unwrap(), 0);
    assert_eq!(outbox.entry(left.command.id).await.unwrap().state, EntryState::Sent);
}

#[cfg(unix)]
#[tokio::test]
async fn a_profile_is_its_owners_alone_and_one_process_syncs_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::open(&folder.path().join("p")).await.unwrap();
    for entry in std::fs::read_dir(profile.folder()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    let lock = profile.lock().unwrap();
    assert!(lock.is_some());
    assert!(profile.lock().unwrap().is_none());
    drop(lock);
    assert!(profile.lock().unwrap().is_some());
}

#[tokio::test]
async fn law_6_a_clock_that_was_put_back_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(3));
    let puts = [put(&ids, &clock, TimeDelta::zero()), put(&ids, &clock, TimeDelta::seconds(8))];
    outbox(folder.path(), &clock).await.put(&puts).await.unwrap();
    let all: Vec<_> = puts.iter().map(|put| put.command.clone()).collect();
    for back in [TimeDelta::seconds(3), TimeDelta::days(3650)] {
        let earlier = Clock::fixed(start() - back);
        let outbox = outbox(folder.path(), &earlier).await;
        assert_eq!(outbox.due(0).await.unwrap().commands, all, "{back}");
        assert_eq!(outbox.next_due(|_| true).await.unwrap(), Some(earlier.now()));
    }
}

#[tokio::test]
async fn a_letter_is_bounded_by_its_bytes_and_a_larger_decision_travels_alone() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(4));
    let of = |kilobytes: usize| {
        let mut put = put(&ids, &clock, TimeDelta::zero());
        let reason = "why ".repeat(kilobytes << 8);
        put.command.verb = Verb::ReturnCredit { credit: ids.make(), reason };
        put
    };
    let outbox = outbox(folder.path(), &clock).await;
    outbox.put(&[200, 200, 200, 2000, 1].map(of)).await.unwrap();
    let (mut after, mut letters) = (0, vec![]);
    loop {
        let letter = outbox.due(after).await.unwrap();
        if letter.commands.is_empty() {
            break;
        }
        after = letter.until;
        letters.push(letter.commands.len());
    }
    assert_eq!(letters, [2, 1, 1, 1]);
}

/// The rows of an outbox, the oldest first.
pub(crate) async fn rows(desk: &Desk) -> Vec<OutboxRow> {
    let mut rows = desk.outbox().await.unwrap().rows;
    rows.reverse();
    rows
}

pub(crate) async fn states(desk: &Desk) -> Vec<String> {
    rows(desk).await.into_iter().map(|row| row.state).collect()
}

pub(crate) async fn goodwill(desk: &Desk, reason: String) {
    let contract_id = breach(desk, "NW-1").await.contract_id;
    let (month, amount) = (work::MONTH.to_owned(), "20".to_owned());
    let goodwill = GoodwillProposal { contract_id, month, amount, reason };
    desk.propose_goodwill(goodwill).await.unwrap();
}

/// Makes central's database refuse what a trigger says, or takes that back.
async fn central_refuses(house: &House, sql: &'static str) {
    let file = house.folder.path().join("central.db");
    let mut central = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::query(sql).execute(&mut central).await.unwrap();
    central.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_more_than_central_takes_at_once_goes_in_several_letters() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    house.wire.set_up(false);
    for _ in 0..70 {
        // 16 kB each.
        goodwill(&dana, "\u{1d11e}".repeat(4000)).await;
    }
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, vec!["confirmed"; 70]);
    assert_eq!(house.audited("credit.goodwill_proposed").await, 70);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_decision_that_is_too_large_comes_back_and_keeps_nobody() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let nw1 = breach(&dana, "NW-1").await;
    house.wire.set_up(false);
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    dana.review_breach(Review {
        breach_id: nw1.id,
        version: nw1.version,
        root_cause: "Hardware".to_owned(),
        narratives: BTreeMap::new(),
        note: Some("a whole log, pasted\n".repeat(60_000)),
    })
    .await
    .unwrap();
    goodwill(&dana, "And the one after it".to_owned()).await;
    house.notes(1, 10).await;
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed", "refused", "confirmed"]);
    let why = rows(&dana).await.remove(1).problem.unwrap();
    assert_eq!(why.code, Code::TooLarge);
    assert!(why.message.contains("fewer words"), "{why}");
    assert!(dana.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_central_fails_over_waits_with_what_rests_on_it_and_keeps_nothing_else() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let nw1 = breach(&dana, "NW-1").await;
    house.wire.set_up(false);
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    for no_day in ["2026-11-31", "tomorrow"] {
        let refused = dana.snooze_breach(&nw1.id, nw1.version, no_day, "it is late").await;
        assert_eq!(refused.unwrap_err().path.as_deref(), Some("until"));
    }
    let until = (house.clock.now() + TimeDelta::days(2)).date_naive().to_string();
    dana.snooze_breach(&nw1.id, nw1.version, &until, "it is late").await.unwrap();
    let review = Review {
        breach_id: nw1.id,
        version: nw1.version,
        root_cause: "Hardware".to_owned(),
        narratives: BTreeMap::new(),
        note: None,
    };
    dana.review_breach(review).await.unwrap();
    goodwill(&dana, "And the one after it".to_owned()).await;
    let refuse = "create trigger refuse before update on breach when new.state = 'snoozed'
                  begin select raise(abort, 'out of order'); end";
    central_refuses(&house, refuse).await;
    house.notes(1, 10).await;
    house.wire.set_up(true);
    for _ in 0..2 {
        assert_eq!(dana.sync_now().await.unwrap_err().code, Code::Database);
        assert_eq!(states(&dana).await, ["confirmed", "sent", "sent", "confirmed"]);
        assert!(dana.mirror_agrees().await.unwrap());
        let state = dana.sync_state().await.unwrap();
        assert_eq!((state.state, state.detail.as_str()), (Link::Online, "2 changes waiting"));
        let troubles =
            rows(&dana).await.into_iter().filter_map(|row| Some((row.what, row.problem?)));
        let [(what, trouble), (rests, why)] = &troubles.collect::<Vec<_>>()[..] else {
            panic!("its author is not told why it waits");
        };
        assert!(what.starts_with("Snooze") && rests.starts_with("Review"), "{what} {rests}");
        assert!(why.message.contains("an earlier change about the same thing"), "{why}");
        assert_eq!(trouble.code, Code::Database);
        assert!(trouble.message.contains("sent again at every sync"), "{trouble}");
    }
    central_refuses(&house, "drop trigger refuse").await;
    dana.sync_now().await.unwrap();
    assert_eq!(states(&dana).await, ["confirmed", "confirmed", "stale", "confirmed"]);
    assert_eq!(rows(&dana).await.remove(1).problem, None);
    assert_eq!(house.audited("breach.snoozed").await, 1);
}

#[tokio::test]
async fn law_6_the_new_decision_takes_the_old_ones_place_or_neither_changes() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(5));
    let outbox = outbox(folder.path(), &clock).await;
    let [old, waiting, new] = [(); 3].map(|()| put(&ids, &clock, TimeDelta::zero()));
    outbox.put(std::slice::from_ref(&old)).await.unwrap();
    outbox.sending(vec![old.command.clone()]).await.unwrap();
    let problem = Problem::new(Code::Stale, "it changed");
    let answer =
        Answer { id: old.command.id, duplicate: false, outcome: Outcome::Stale { problem } };
    outbox.answered(&[answer]).await.unwrap();
    outbox.put(std::slice::from_ref(&waiting)).await.unwrap();

    // What waits is not decided again: it would skip the time in which it can be taken back.
    let refused = outbox.replace(waiting.command.id, &new).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState);
    // An id that is taken stands for a disk that is full.
    assert!(outbox.replace(old.command.id, &waiting).await.is_err());
    assert_eq!(outbox.entry(old.command.id).await.unwrap().state, EntryState::Stale);
    assert_eq!(outbox.recent().await.unwrap().len(), 2);
    outbox.replace(old.command.id, &new).await.unwrap();
    assert_eq!(outbox.entry(old.command.id).await.unwrap().state, EntryState::Discarded);
    assert_eq!(outbox.entry(new.command.id).await.unwrap().state, EntryState::Queued);
    let twice = outbox.replace(old.command.id, &put(&ids, &clock, TimeDelta::zero())).await;
    assert_eq!(twice.unwrap_err().code, Code::WrongState);
}

/// Central has another amount for a credit from now on.
pub(crate) async fn amend(house: &House, id: &str, euros: &str) {
    let mut tx = house.app.store().begin(None).await.unwrap();
    let mut credit = tx.get::<Credit>(id).await.unwrap().unwrap().row;
    credit.amount = Money::parse_decimal(euros, credit.amount.currency()).unwrap();
    tx.put(&credit).await.unwrap();
    tx.audit("test.amended", ("credit", id), Some(credit.customer), serde_json::json!({}));
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_deciding_again_is_about_what_was_seen_and_can_be_taken_back() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    work::propose(&dana, "NW-1").await;
    let hold = TimeDelta::seconds(8);
    let ground = Ground { clock: house.clock.clone(), random: Random::system(), hold };
    let lee = Desk::open(&house.folder.path().join("lee"), ground).unwrap();
    lee.connect(&house.wire.url(), house.token("lee")).await.unwrap();
    lee.sync_now().await.unwrap();
    let nw1 = credit(&lee, "NW-1").await;
    lee.approve_credits(vec![seen(&nw1)]).await.unwrap();
    amend(&house, &nw1.id, "1300").await;
    house.clock.advance(std::time::Duration::from_secs(9));
    lee.sync_now().await.unwrap();
    let stale = rows(&lee).await.remove(0);
    assert!(stale.state == "stale" && stale.what.ends_with(", €1,200.00"), "{stale:?}");
    let again = stale.again.unwrap();
    assert_eq!(again.amount.as_deref(), Some("€1,300.00"));

    // It changes once more while lee looks.
    amend(&house, &nw1.id, "1400").await;
    lee.sync_now().await.unwrap();
    let refused = lee.retry_command(&stale.id, &again.seen).await.unwrap_err();
    assert_eq!(refused.code, Code::Stale);
    assert_eq!(states(&lee).await, ["stale"]);
    let again = rows(&lee).await.remove(0).again.unwrap();
    assert_eq!(again.amount.as_deref(), Some("€1,400.00"));
    lee.retry_command(&stale.id, &again.seen).await.unwrap();
    lee.sync_now().await.unwrap();
    let held = rows(&lee).await.remove(0);
    assert!(held.state == "queued" && held.send_at.is_some(), "{held:?}");
    assert!(held.what.ends_with(", €1,400.00") && held.again.is_none(), "{held:?}");
    let too_early = lee.retry_command(&held.id, &again.seen).await.unwrap_err();
    assert_eq!(too_early.code, Code::WrongState);
    house.clock.advance(std::time::Duration::from_secs(9));
    lee.sync_now().await.unwrap();
    assert_eq!(states(&lee).await, ["confirmed"]);
    assert_eq!(credit(&lee, "NW-1").await.state, "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_is_gone_can_only_be_discarded() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let nw1 = credit(&dana, "NW-1").await;
    dana.return_credit(&nw1.id, nw1.version, "not mine to return").await.unwrap();
    dana.sync_now().await.unwrap();
    let refused = rows(&dana).await.remove(0);
    let again = refused.again.unwrap();
    let inc = house.customers().await[1];
    house.see("dana", Scope::Customers([inc].into())).await;
    dana.sync_now().await.unwrap();
    assert_eq!(rows(&dana).await[0].again, None);
    let gone = dana.retry_command(&refused.id, &again.seen).await.unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
    assert_eq!(states(&dana).await, ["refused"]);
}
