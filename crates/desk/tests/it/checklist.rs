//! What the desk asks central for each time: what is left before a month locks, what an exclusion would
//! do, how sources are doing.

use crate::{house::House, work::breach};
use makegood_desk::{checklist::WindowSeen, exclusion::ExclusionProposal};
use makegood_domain::Code;

/// Ten minutes of October's outage, told `told`.
fn asked(breach: &str, told: Option<&str>) -> ExclusionProposal {
    ExclusionProposal {
        breach_id: breach.to_owned(),
        kind: "planned_maintenance".to_owned(),
        from: "2026-10-14T03:55:00Z".parse().unwrap(),
        to: "2026-10-14T04:05:00Z".parse().unwrap(),
        notified_at: told.map(|told| told.parse().unwrap()),
        clause: None,
    }
}

/// Dana asks that they be excused; its id.
async fn proposed(house: &House, told: Option<&str>) -> String {
    let dana = house.desk("dana").await;
    let breach = breach(&dana, "NW-1").await;
    dana.propose_exclusion(asked(&breach.id, told)).await.unwrap();
    dana.sync_now().await.unwrap();
    dana.breach(&breach.id).await.unwrap().exclusions.remove(0).id
}

#[tokio::test]
async fn law_7_both_ways_of_an_exclusion_are_seen_before_it_is_decided() {
    let house = House::open().await;
    let id = proposed(&house, Some("2026-10-11T03:55:00Z")).await;
    let ines = house.desk("ines").await;
    let effects = ines.exclusion_effect(&id).await.unwrap();
    let one = effects.iter().find(|one| one.contract == "NW-1").unwrap();
    assert_eq!((one.window.as_str(), one.locked), ("October 2026", true));
    assert!(one.admissible && one.admission == "The terms admit it", "{one:?}");
    assert_eq!(one.excused, "10 min excused");
    assert_eq!(one.without.percent, "99.863534\u{202f}%");
    assert_eq!(one.with.percent, "99.885880\u{202f}%");
    assert_eq!((one.with.verdict.as_str(), one.with.owed.symbol.as_str()), ("missed", "€1,200.00"));
    house.wire.set_up(false);
    let refused = ines.exclusion_effect(&id).await.unwrap_err();
    assert_eq!(refused.code, Code::CentralUnreachable);
}

#[tokio::test]
async fn law_3_an_exclusion_that_nobody_was_told_of_says_so() {
    let house = House::open().await;
    let id = proposed(&house, None).await;
    let effects = house.desk("ines").await.exclusion_effect(&id).await.unwrap();
    let one = effects.iter().find(|one| one.contract == "NW-1").unwrap();
    assert!(!one.admissible, "{one:?}");
    assert_eq!(one.admission, "The terms ask for 48h of notice; none was given");
    assert_eq!((&one.with, one.excused.as_str()), (&one.without, "0 min excused, 10 min not"));
}

#[tokio::test]
async fn a_month_that_closes_says_what_is_left_and_where_it_is_done() {
    let house = House::open().await;
    house.down("2026-11-20T03:00:00Z", "2026-11-20T05:00:00Z").await;
    house.turn("2026-12-02T06:00:00Z").await;
    let dana = house.desk("dana").await;
    let left = dana.checklist().await.unwrap();
    let one =
        left.rows.iter().find(|one| one.contract == "NW-1" && one.what == "unreviewed_breach");
    let one = one.unwrap_or_else(|| panic!("{left:?}"));
    assert_eq!((one.month.as_str(), one.name.as_str()), ("November 2026", "Breach to review"));
    let missed = dana.breach(one.breach_id.as_deref().unwrap()).await.unwrap();
    assert_eq!((missed.contract.as_str(), missed.month.as_str()), ("NW-1", "2026-11"));
    assert!(left.months.iter().any(|month| month.starts_with("November 2026: ")), "{left:?}");
    assert!(one.due_in.starts_with("in ") && one.open.enabled, "{one:?}");
    // Who may not see the sources is not led there.
    let late = left.rows.iter().find(|one| one.what == "late_source").unwrap();
    assert!(!late.open.enabled, "{late:?}");
    assert!(late.open.reason.as_deref().unwrap().contains("administrators"), "{late:?}");
    let theirs = house.desk("root").await.checklist().await.unwrap();
    assert!(theirs.rows.iter().all(|one| one.open.enabled), "{theirs:?}");
    house.turn("2026-12-09T06:00:00Z").await;
    let left = dana.checklist().await.unwrap();
    assert!(left.rows.is_empty() && left.months.is_empty(), "locked: {left:?}");
}

#[tokio::test]
async fn law_7_what_an_exclusion_would_do_is_seen_before_it_is_proposed() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let draft = asked(&breach(&dana, "NW-1").await.id, Some("2026-10-11T03:55:00Z"));
    let before = dana.draft_exclusion_effect(draft.clone()).await.unwrap();
    let late = ExclusionProposal {
        notified_at: Some("2026-10-13T03:55:00Z".parse().unwrap()),
        ..draft.clone()
    };
    let late = dana.draft_exclusion_effect(late).await.unwrap();
    assert_eq!(late[0].admission, "The terms ask for 48h of notice; 1 d were given");
    let backwards = ExclusionProposal { to: draft.from, ..draft };
    let refused = dana.draft_exclusion_effect(backwards).await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    drop(dana);
    let id = proposed(&house, Some("2026-10-11T03:55:00Z")).await;
    let ines = house.desk("ines").await;
    assert_eq!(ines.exclusion_effect(&id).await.unwrap(), before);
}

#[tokio::test]
async fn an_administrator_locks_a_month_by_hand_as_it_was_seen() {
    let house = House::open().await;
    house.down("2026-11-20T03:00:00Z", "2026-11-20T05:00:00Z").await;
    house.turn("2026-12-02T06:00:00Z").await;
    let dana = house.desk("dana").await;
    assert!(!dana.checklist().await.unwrap().lock.enabled);
    let root = house.desk("root").await;
    assert!(root.checklist().await.unwrap().lock.enabled);
    let months = root.closing_months().await.unwrap();
    assert_eq!(months.len(), 1, "{months:?}");
    assert_eq!((months[0].label.as_str(), months[0].name.as_str()), ("2026-11", "November 2026"));
    let one = months[0].windows.iter().find(|one| one.contract == "NW-1").unwrap();
    assert_eq!(one.said, "1 SLA, 1 missed as it stands");
    assert!(one.left.iter().any(|left| left.starts_with("Breach to review: ")), "{one:?}");
    let seen = |seen: &str| WindowSeen {
        contract_id: one.contract_id.clone(),
        label: months[0].label.clone(),
        seen: seen.to_owned(),
    };
    let refused = dana.lock_windows(vec![seen(&one.seen)]).await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
    let outcome = root.lock_windows(vec![seen("another")]).await.unwrap();
    assert_eq!(outcome.locked, 0);
    assert!(outcome.refused[0].contains("has changed since you looked"), "{outcome:?}");
    assert_eq!(root.lock_windows(vec![seen(&one.seen)]).await.unwrap().locked, 1);
    dana.sync_now().await.unwrap();
    let left = dana.checklist().await.unwrap();
    assert!(left.rows.iter().all(|row| row.contract != "NW-1"), "{left:?}");
    house.wire.set_up(false);
    let refused = root.lock_windows(vec![seen(&one.seen)]).await.unwrap_err();
    assert_eq!(refused.code, Code::CentralUnreachable, "nothing of it waits");
}

#[tokio::test]
async fn how_sources_are_doing_is_for_administrators() {
    let house = House::open().await;
    let sources = house.desk("root").await.sources().await.unwrap();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert_eq!(sources[0].name, "prober");
    assert_eq!(sources[0].kind, "Sends what it has");
    assert!(sources[0].succeeded.is_some() && sources[0].problem.is_none(), "{sources:?}");
    let refused = house.desk("dana").await.sources().await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
}
