//! The outbox by itself: what is put down stays, in order, until it is answered.

use chrono::{DateTime, TimeDelta, Utc};
use makegood_desk::{
    outbox::{EntryState, Outbox, Put},
    profile::Profile,
};
use makegood_domain::{
    Clock, Code, Problem,
    command::{Answer, Command, Outcome, Receipt, Verb},
    id::Ids,
    random::Random,
};
use std::collections::BTreeMap;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_500_000, 0).unwrap()
}

fn put(ids: &Ids, clock: &Clock, hold: TimeDelta) -> Put {
    let verb = Verb::ReturnCredit { credit: ids.make(), reason: "wrong month".to_owned() };
    Put {
        command: Command { id: ids.make(), decided_at: clock.now(), verb, base: vec![] },
        what: "Return CR-311".to_owned(),
        subject: "Northwind GmbH · NW-1".to_owned(),
        hold,
    }
}

fn applied(command: &Command, seq: i64) -> Answer {
    let receipt = Receipt {
        number: "A-1".to_owned(),
        at: start(),
        seq,
        audit_hash: String::new(),
        given: BTreeMap::new(),
    };
    Answer { id: command.id, duplicate: false, outcome: Outcome::Applied { receipt } }
}

async fn outbox(folder: &std::path::Path, clock: &Clock) -> Outbox {
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
    let due = again.due().await.unwrap();
    assert_eq!(due, puts.iter().map(|put| put.command.clone()).collect::<Vec<_>>());

    // Sent, but the answer was lost with the process: they are sent again under the same ids.
    assert_eq!(again.sending(due.clone()).await.unwrap(), due);
    let third = outbox(folder.path(), &clock).await;
    assert_eq!(third.due().await.unwrap(), due);
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
    assert_eq!(outbox.due().await.unwrap(), vec![]);
    outbox.discard(held.command.id).await.unwrap();
    assert_eq!(outbox.due().await.unwrap(), vec![after.command.clone()]);

    outbox.sending(vec![after.command.clone()]).await.unwrap();
    let refused = outbox.discard(after.command.id).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongState);
    // Taken back while the batch was being made: it does not leave.
    assert_eq!(outbox.sending(vec![held.command]).await.unwrap(), vec![]);
}

#[tokio::test]
async fn an_answer_is_kept_and_the_overlay_goes_once_the_mirror_has_passed_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(3));
    let outbox = outbox(folder.path(), &clock).await;
    let good = put(&ids, &clock, TimeDelta::zero());
    let bad = put(&ids, &clock, TimeDelta::zero());
    outbox.put(&[good.clone(), bad.clone()]).await.unwrap();
    let due = outbox.due().await.unwrap();
    outbox.sending(due).await.unwrap();
    let problem = Problem::new(Code::OwnProposal, "you proposed CR-311");
    let refusal = Outcome::Forbidden { problem: problem.clone() };
    let refusal = Answer { id: bad.command.id, duplicate: false, outcome: refusal };
    outbox.answered(&[applied(&good.command, 40), refusal]).await.unwrap();

    assert_eq!(outbox.pending(39).await.unwrap().len(), 1);
    assert_eq!(outbox.pending(40).await.unwrap(), vec![]);
    let counts = outbox.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.returned), (0, 1));
    let entry = outbox.entry(bad.command.id).await.unwrap();
    assert_eq!(entry.state, EntryState::Refused);
    assert!(
        matches!(entry.answer.unwrap().outcome, Outcome::Forbidden { problem: p } if p == problem)
    );
    outbox.discard(bad.command.id).await.unwrap();
    assert_eq!(outbox.recent().await.unwrap().len(), 1);
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
    for back in [TimeDelta::seconds(1), TimeDelta::days(3650)] {
        let earlier = Clock::fixed(start() - back);
        let outbox = outbox(folder.path(), &earlier).await;
        assert_eq!(outbox.due().await.unwrap(), all, "{back}");
        assert_eq!(outbox.next_due().await.unwrap(), Some(earlier.now()));
    }
}
