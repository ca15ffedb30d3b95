//! Claims from the desk: NW-2's credit is there until 30 November for whoever asks.

use crate::{
    house::House,
    work::{propose, review},
};
use makegood_desk::{
    Desk,
    screens::{DeadlineRow, DeadlineTab, Page},
};
use makegood_domain::Code;

async fn list(desk: &Desk, tab: DeadlineTab) -> Vec<DeadlineRow> {
    desk.deadlines(Some(tab), &Page::default()).await.unwrap().rows
}

async fn running(desk: &Desk) -> DeadlineRow {
    let mut found = list(desk, DeadlineTab::Running).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn credit_of(row: &DeadlineRow) -> &str {
    row.credit_id.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn a_claim_is_recorded_offline_shown_as_queued_and_then_the_credit_can_be_proposed() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    review(&dana, "NW-2").await;
    let due = running(&dana).await;
    assert_eq!((due.contract.as_str(), due.due_in.as_str()), ("NW-2", "in 21 days"));
    let log = "from,to\n2026-10-14 03:20, 2026-10-14 04:20\n2026-10-21 09:00, 2026-10-21 09:45";
    let seen = dana.claim_log(credit_of(&due), log).await.unwrap();
    assert_eq!(seen.logged, "105.00 min");
    let parts = seen.lines[0].parts.iter().map(|one| (one.kind.as_str(), one.minutes.as_str()));
    assert_eq!(
        parts.collect::<Vec<_>>(),
        [("agreed", "53.00 min"), ("disputed", "52.00 min"), ("not_in_log", "8.00 min")]
    );
    assert_eq!(seen.lines[0].disputed, ["14 Oct 04:13–04:20 UTC", "21 Oct 09:00–09:45 UTC"]);
    assert_eq!((seen.owed.as_str(), seen.owed_if_right.as_str()), ("€1,000.00", "€2,500.00"));
    let wrong = dana.claim_log(credit_of(&due), "from,to\nyesterday, today").await.unwrap_err();
    assert!(wrong.message.contains("line 2"), "{wrong}");
    house.wire.set_up(false);
    let wrong = dana.file_claim(credit_of(&due), due.credit_version, "5 November", None).await;
    assert_eq!(wrong.unwrap_err().code, Code::Invalid);
    dana.file_claim(credit_of(&due), due.credit_version, "2026-11-05", Some(log)).await.unwrap();
    let queued = running(&dana).await;
    // The desk tries at once, and whether a try arrived it can't know.
    assert!(matches!(queued.queued.as_deref(), Some("Queued" | "Sending")), "{queued:?}");
    assert!(!queued.file.enabled, "one claim is enough");
    house.wire.set_up(true);
    dana.sync_now().await.unwrap();
    assert!(list(&dana, DeadlineTab::Running).await.is_empty());
    let met = list(&dana, DeadlineTab::Ended).await.remove(0).ended.unwrap();
    assert!(met.starts_with("claimed in time, 9 Nov 2026"), "{met}");
    // Whoever decides reads what the log came to.
    let notes = crate::work::breach(&dana, "NW-2").await.notes;
    let told = notes.iter().find(|note| note.text.starts_with("The customer's log: 105.00 min."));
    let told = &told.unwrap().text;
    assert!(told.contains("53.00 min as measured, 52.00 min measured as up"), "{told}");
    propose(&dana, "NW-2").await;
    assert_eq!(crate::work::credit(&dana, "NW-2").await.state, "proposed");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_deadline_that_changed_meanwhile_is_decided_again() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let due = running(&dana).await;
    dana.close_deadline(&due.id, due.version + 7, "it was used").await.unwrap();
    dana.sync_now().await.unwrap();
    let stale = dana.outbox().await.unwrap().rows.remove(0);
    assert_eq!(stale.state, "stale");
    dana.retry_command(&stale.id, &stale.again.unwrap().seen).await.unwrap();
    dana.sync_now().await.unwrap();
    // It is about the present version now, and refused for what it is.
    let refused = dana.outbox().await.unwrap().rows.remove(0);
    assert_eq!(refused.problem.unwrap().code, Code::WrongState);
}

#[tokio::test]
async fn law_5_a_late_claim_goes_from_one_desk_to_another() {
    let house = House::open().await;
    house.turn("2026-12-02T08:00:00Z").await;
    let dana = house.desk("dana").await;
    let lapsed = list(&dana, DeadlineTab::Ended).await.remove(0);
    assert!(lapsed.ended.as_ref().unwrap().starts_with("not claimed: lapsed"));
    dana.file_claim(credit_of(&lapsed), lapsed.credit_version, "2026-12-01", None).await.unwrap();
    dana.sync_now().await.unwrap();
    let late = running(&dana).await;
    assert_eq!(late.asks, "admit");
    assert!(!late.admit.enabled && !late.file.enabled, "it is finance's to decide");
    let ines = house.desk("ines").await;
    assert_eq!(ines.nav_counts().await.unwrap().deadlines, 1);
    let late = running(&ines).await;
    assert!(late.admit.enabled, "{:?}", late.admit.reason);
    ines.admit_late_claim(credit_of(&late), late.credit_version, "our notice was lost")
        .await
        .unwrap();
    ines.sync_now().await.unwrap();
    assert_eq!(ines.nav_counts().await.unwrap().deadlines, 0);
    let dana = house.desk("dana").await;
    propose(&dana, "NW-2").await;
}
