//! Law 10: the chain shows where it was touched.

use makegood_domain::{
    Clock,
    audit::{AuditEvent, Break, BreakKind, GENESIS, first_break},
    id::Ids,
    random::Random,
};
use serde_json::json;

fn chain(length: i64) -> Vec<AuditEvent> {
    let clock = Clock::fixed("2026-11-09T12:00:00Z".parse().unwrap());
    let ids = Ids::new(clock.clone(), Random::seeded(10));
    let mut events: Vec<AuditEvent> = Vec::new();
    for position in 1..=length {
        let previous = events.last().map_or(GENESIS.to_owned(), |event| event.hash.clone());
        let mut event = AuditEvent {
            id: ids.make(),
            position,
            at: clock.now(),
            person: Some(ids.make()),
            customer: None,
            action: "credit.approved".into(),
            entity: "credit".into(),
            subject: format!("{position}"),
            detail: json!({"amount": "1200.00"}),
            previous,
            hash: String::new(),
        };
        event.hash = event.computed_hash();
        events.push(event);
    }
    events
}

#[test]
fn law_10_an_untouched_chain_has_no_break() {
    assert_eq!(first_break(&chain(20)), None);
    assert_eq!(first_break(&[]), None);
}

#[test]
fn law_10_a_changed_a_missing_and_a_swapped_event_are_found_where_they_are() {
    let broken = |position, kind| Some(Break { position, kind });
    let mut changed = chain(20);
    changed[6].detail = json!({"amount": "1200.01"});
    assert_eq!(first_break(&changed), broken(7, BreakKind::Altered));

    let mut missing = chain(20);
    missing.remove(6);
    assert_eq!(first_break(&missing), broken(7, BreakKind::Missing));

    let mut swapped = chain(20);
    swapped.swap(6, 7);
    assert_eq!(first_break(&swapped), broken(7, BreakKind::Missing));

    let mut twice = chain(20);
    twice[7] = twice[6].clone();
    assert_eq!(first_break(&twice), broken(8, BreakKind::OutOfOrder));

    // Whoever alters an event and gives it its new hash breaks the link of the next.
    let mut replaced = chain(20);
    replaced[6].detail = json!({"amount": "1200.01"});
    replaced[6].hash = replaced[6].computed_hash();
    assert_eq!(first_break(&replaced), broken(7, BreakKind::Replaced));

    // An instant finer than was ever written is no part of the hash, and still found.
    let mut finer = chain(20);
    finer[6].at += chrono::TimeDelta::milliseconds(500);
    assert_eq!(first_break(&finer), broken(7, BreakKind::Altered));
}

#[test]
fn law_10_moving_text_between_fields_changes_the_hash() {
    let event = &chain(1)[0];
    let moved = AuditEvent {
        action: "credit.approvedcredit".into(),
        entity: String::new(),
        ..event.clone()
    };
    assert_ne!(event.computed_hash(), moved.computed_hash());
}
