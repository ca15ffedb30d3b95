//! Alerts at the desk: one person looks after it, and the others see that.

use crate::house::House;
use makegood_desk::screens::Page;

#[tokio::test]
async fn who_looks_after_an_alert_is_seen_at_every_desk() {
    let house = House::open().await;
    house.down("2026-11-09T08:05:00Z", "2026-11-09T08:15:00Z").await;
    let dana = house.desk("dana").await;
    let open = dana.alerts(&Page::default()).await.unwrap().open;
    let one = open.iter().find(|one| one.contract == "NW-1").expect("ten minutes are too many");
    assert!(dana.nav_counts().await.unwrap().alerts > 0);
    let note = Some("ingress is being looked at".to_owned());
    dana.acknowledge_alert(&one.id, one.version, note).await.unwrap();
    dana.sync_now().await.unwrap();
    let noa = house.desk("noa").await;
    let seen = noa.alerts(&Page::default()).await.unwrap().open;
    let seen = seen.iter().find(|other| other.id == one.id).expect("it lasts");
    let by = seen.acknowledged.as_deref().unwrap();
    assert!(by.starts_with("dana, ") && by.ends_with("ingress is being looked at"), "{by}");
    assert!(!seen.acknowledge.enabled, "somebody does already");
}
