//! What came back from central: it stays in sight until its author has looked, with what they typed.

use crate::{
    house::House,
    outbox::{applied, goodwill, outbox, put, rows, start},
    work::breach,
};
use chrono::TimeDelta;
use makegood_desk::{
    Desk, Ground,
    breach::Review,
    outbox::{EntryState, OutboxRow},
};
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

async fn review(desk: &Desk, told: &str, note: Option<&str>) {
    let nw1 = breach(desk, "NW-1").await;
    desk.review_breach(Review {
        breach_id: nw1.id,
        version: nw1.version,
        root_cause: "Hardware".to_owned(),
        narratives: [("en".to_owned(), told.to_owned())].into(),
        note: note.map(str::to_owned),
    })
    .await
    .unwrap();
}

fn typed(row: &OutboxRow) -> Vec<(&str, &str, Option<&str>)> {
    let all = row.typed.iter();
    all.map(|one| (one.label.as_str(), one.text.as_str(), one.now.as_deref())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_review_that_came_back_is_readable_beside_a_colleagues_and_written_again_by_hand() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    house.wire.set_up(false);
    goodwill(&dana, "The quarter's busiest night".to_owned()).await;
    review(&dana, "A disk failed, and its spare was missing.", Some("the spare!")).await;
    let waiting = rows(&dana).await;
    assert_eq!(
        typed(&waiting[0]),
        [("Amount", "€20.00", None), ("Reason", "The quarter's busiest night", None)]
    );
    assert_eq!((waiting[1].typed.len(), &waiting[1].review), (3, &None));
    // Noa's line is another.
    let ground =
        Ground { clock: house.clock.clone(), random: Random::system(), hold: TimeDelta::zero() };
    let noa = Desk::open(&house.folder.path().join("elsewhere"), ground).unwrap();
    noa.connect(&house.running.url(), house.token("noa")).await.unwrap();
    noa.sync_now().await.unwrap();
    review(&noa, "A disk failed.", None).await;
    noa.sync_now().await.unwrap();
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();

    let back = rows(&dana).await;
    assert_eq!((back[0].state.as_str(), back[0].typed.len()), ("confirmed", 0), "it is in effect");
    let back = &back[1];
    assert_eq!(back.state, "stale");
    assert_eq!(
        typed(back),
        [
            ("Root cause", "Hardware", None),
            (
                "Customer reads, English",
                "A disk failed, and its spare was missing.",
                Some("A disk failed.")
            ),
            ("Internal note", "the spare!", None),
        ]
    );
    let nw1 = breach(&dana, "NW-1").await;
    assert_eq!((back.review.as_ref(), &back.again), (Some(&nw1.id), &None));
    let blind = dana.retry_command(&back.id, &nw1.version.to_string()).await.unwrap_err();
    assert_eq!(blind.code, Code::WrongState);
    assert!(blind.message.contains("open the breach"), "{blind}");
    assert_eq!(breach(&dana, "NW-1").await.narratives[0].text, "A disk failed.");
}
