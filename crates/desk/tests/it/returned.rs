//! What came back from central: it stays in sight until its author has looked.

use crate::outbox::{applied, outbox, put, start};
use chrono::TimeDelta;
use makegood_desk::outbox::EntryState;
use makegood_domain::{
    Clock, Code, Problem,
    command::{Answer, Command, Outcome},
    id::Ids,
    random::Random,
};

#[tokio::test]
async fn an_answer_is_kept_and_the_overlay_goes_once_the_mirror_has_passed_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(3));
    let outbox = outbox(folder.path(), &clock).await;
    let good = put(&ids, &clock, TimeDelta::zero());
    let bad = put(&ids, &clock, TimeDelta::zero());
    outbox.put(&[good.clone(), bad.clone()]).await.unwrap();
    let due = outbox.due(0).await.unwrap().commands;
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

/// A run of 400 statements writes some 800 decisions; a review that came back before them is still there.
#[tokio::test]
async fn law_6_what_came_back_stays_in_sight_however_much_follows() {
    let clock = Clock::fixed(start());
    let ids = Ids::new(clock.clone(), Random::seeded(1));
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(folder.path(), &clock).await;
    let puts: Vec<_> = (0..250).map(|_| put(&ids, &clock, TimeDelta::zero())).collect();
    outbox.put(&puts).await.unwrap();
    let refused = puts[0].command.id;
    loop {
        let due = outbox.due(0).await.unwrap().commands;
        if due.is_empty() {
            break;
        }
        let answer = |command: &Command| {
            let problem = Problem::new(Code::OwnProposal, "you proposed CR-311");
            let outcome = Outcome::Forbidden { problem };
            match command.id == refused {
                true => Answer { id: refused, duplicate: false, outcome },
                false => applied(command, 40),
            }
        };
        let answers: Vec<_> = due.iter().map(answer).collect();
        outbox.sending(due).await.unwrap();
        outbox.answered(&answers).await.unwrap();
    }
    let recent = outbox.recent().await.unwrap();
    assert_eq!(recent.len(), 201);
    assert_eq!(recent.last().unwrap().command.id, refused);
    assert_eq!(outbox.counts().await.unwrap().in_words().as_deref(), Some("1 came back"));
}
