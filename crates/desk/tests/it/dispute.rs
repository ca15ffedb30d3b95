//! What customers dispute, from desk to desk: whose it is, by when, and what they were told.

use crate::{
    delivery::{became, row, sealed},
    house::{GMBH, House},
};
use makegood_central::import;
use makegood_desk::{
    Desk,
    delivery::SaidEntry,
    screens::{DeadlineTab, DisputeRow, Page},
};
use makegood_domain::Code;
use serde_json::json;
use std::time::Duration;

/// Dana is the GmbH's manager from now on.
async fn managed(house: &House) {
    let document = json!({ "format": "makegood/import/1", "customers": [{
        "key": "NW-DE", "group": "NW", "name": GMBH, "country": "DE", "locale": "en-GB",
        "time_zone": "Europe/Berlin", "csm": "dana",
    }] });
    let hands =
        import::Hands { proposed_by: house.person("root"), approved_by: Some(house.person("lee")) };
    import::apply(house.app.store(), hands, document.to_string().as_bytes()).await.unwrap();
}

async fn disputed(desk: &Desk, by: &str, on: &str, note: &str) {
    let statement_id = row(desk).await.id.unwrap();
    let (by_name, on, note) = (by.to_owned(), on.to_owned(), note.to_owned());
    let entry = SaidEntry { statement_id, by_name, on, accepted: false, note };
    desk.record_acknowledgement(entry).await.unwrap();
    desk.sync_now().await.unwrap();
}

async fn open(desk: &Desk) -> Vec<DisputeRow> {
    desk.deadlines(Some(DeadlineTab::Disputes), &Page::default()).await.unwrap().disputes
}

/// In step, as it stands: what is soon, of one's own.
async fn soon(desk: &Desk) -> (Vec<bool>, usize) {
    desk.sync_now().await.unwrap();
    let soon = open(desk).await.iter().map(|one| one.soon).collect();
    (soon, desk.nav_counts().await.unwrap().deadlines)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_lies_with_the_customers_manager_and_the_next_due_comes_first() {
    let house = House::open().await;
    let sam = sealed(&house).await;
    house.clock.advance(Duration::from_secs(2 * 86_400));
    disputed(&sam, "B. Nobody", "2026-11-11", "before it was dana's").await;
    managed(&house).await;
    disputed(&sam, "H. Vogt", "2026-11-10", "ten minutes more").await;
    disputed(&sam, "K. Lenz", "2026-11-09", "it was down all night").await;
    let dana = house.desk("dana").await;
    let rows = open(&dana).await;
    let dues: Vec<_> = rows.iter().map(|one| (one.due.as_str(), one.due_in.as_str())).collect();
    assert_eq!(
        dues,
        [
            ("23 Nov 2026", "in 12 days"),
            ("24 Nov 2026", "in 13 days"),
            ("25 Nov 2026", "in 14 days")
        ]
    );
    let first = &rows[0];
    assert_eq!(first.title, "ST-2026-10-0001, revision 1");
    assert_eq!((first.month.as_str(), first.month_name.as_str()), ("2026-10", "October 2026"));
    assert_eq!((first.customer.as_str(), first.said.as_str()), (GMBH, "it was down all night"));
    assert_eq!((first.owner.as_str(), first.said_by.as_str()), ("dana", "K. Lenz, 9 Nov 2026"));
    assert!(first.mine && first.answer.enabled && first.queued.is_none() && !first.soon);
    assert_eq!((rows[2].owner.as_str(), rows[2].mine), ("nobody", false));
    let page = dana.deadlines(Some(DeadlineTab::Disputes), &Page::first(2)).await.unwrap();
    assert_eq!((page.counts.disputes, page.rows.len()), (3, 0));
    assert_eq!((page.disputes.len(), page.disputes[0].id == first.id), (2, true));
    let rest = Page { after: page.next, ..Page::first(2) };
    let rest = dana.deadlines(Some(page.tab), &rest).await.unwrap();
    assert_eq!((&rest.disputes[..], rest.next), (&rows[2..], None));
    let told = became(&dana).await.said;
    let standing: Vec<_> = told.iter().filter_map(|one| one.dispute.as_deref()).collect();
    assert!(standing.contains(&"dana answers by 23 Nov 2026"), "{standing:?}");

    // Whoever may not propose credits answers none.
    let ines = house.desk("ines").await;
    assert!(!open(&ines).await[0].answer.enabled);
    let refused = ines.answer_dispute(&first.id, first.version, true, "they are").await;
    assert_eq!(refused.unwrap_err().code, Code::RoleMissing);

    // It is soon a week before, by the customer's own days: in Berlin midnight has passed.
    let noa = house.desk("noa").await;
    house.clock.advance(Duration::from_secs(4 * 86_400 + 14 * 3_600));
    assert_eq!(soon(&dana).await, (vec![false, false, false], 0), "23:15 in Berlin");
    house.clock.advance(Duration::from_secs(3_600));
    assert_eq!(soon(&dana).await, (vec![true, false, false], 1), "0:15 in Berlin");
    assert_eq!(soon(&noa).await, (vec![true, false, false], 0), "it is not hers");
    house.clock.advance(Duration::from_secs(5 * 86_400));
    assert_eq!(soon(&dana).await, (vec![true, true, true], 2), "one of them is nobody's");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_answer_waits_offline_is_given_once_and_by_who_saw_the_latest() {
    let house = House::open().await;
    let sam = sealed(&house).await;
    house.clock.advance(Duration::from_secs(86_400));
    disputed(&sam, "H. Vogt", "2026-11-10", "ten minutes more").await;
    disputed(&sam, "K. Lenz", "2026-11-09", "it was down all night").await;
    let (dana, noa) = (house.desk("dana").await, house.desk("noa").await);
    let [first, second] = open(&dana).await.try_into().unwrap();
    house.wire.set_up(false);
    assert_eq!(dana.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    dana.answer_dispute(&first.id, first.version, true, "  the probe was wrong \n").await.unwrap();
    let queued = open(&dana).await.remove(0);
    // The desk tries at once, and whether a try arrived it can't know.
    assert!(matches!(queued.queued.as_deref(), Some("Queued" | "Sending")), "{queued:?}");
    assert!(!queued.answer.enabled, "one answer is enough");
    let waits = dana.outbox().await.unwrap().rows.remove(0);
    assert_eq!(waits.what, "Answer what K. Lenz disputes about ST-2026-10-0001");
    assert!(waits.target.contains(GMBH), "{waits:?}");
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    assert_eq!(open(&dana).await.iter().map(|one| &one.id).collect::<Vec<_>>(), [&second.id]);
    let left = dana.deadlines(Some(DeadlineTab::Running), &Page::default()).await.unwrap();
    assert_eq!((left.counts.disputes, left.counts.running), (1, left.rows.len()));
    let told = became(&dana).await.said;
    let words: Vec<_> = told.iter().filter_map(|one| one.dispute.as_deref()).collect();
    let right = "They are right: the probe was wrong (dana, 10 Nov 2026)";
    assert!(words.contains(&right), "{words:?}");
    // Somebody who looked before it was answered decides again.
    noa.answer_dispute(&first.id, first.version, false, "it stands").await.unwrap();
    noa.sync_now().await.unwrap();
    let stale = noa.outbox().await.unwrap().rows.remove(0);
    assert_eq!(stale.problem.unwrap().code, Code::Stale);
    // Decided again it is about what is there now: the answer that was given.
    noa.retry_command(&stale.id, &stale.again.unwrap().seen).await.unwrap();
    noa.sync_now().await.unwrap();
    let refused = noa.outbox().await.unwrap().rows.remove(0);
    assert_eq!(refused.problem.unwrap().code, Code::WrongState);
}
