//! What travels reads back as it was written.

use makegood_domain::{
    Clock, Code, Currency, Money, Problem,
    command::{Answer, Base, Command, Outcome, Receipt, Verb},
    id::Ids,
    random::Random,
    wire::{Cursor, Entity, Frame},
};
use std::collections::BTreeMap;

fn ids() -> Ids {
    Ids::new(Clock::fixed("2026-11-09T12:00:00Z".parse().unwrap()), Random::seeded(6))
}

#[test]
fn a_cursor_reads_back_and_any_other_text_is_none() {
    let cursor =
        Cursor { epoch: "e1f0".into(), scope_revision: 3, schema: 2, seq: 9_001, begun: 12 };
    assert_eq!(cursor.to_string(), "c2.e1f0.3.9001.12");
    assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor.clone()));
    // As the release before wrote it.
    let before = Cursor { schema: 1, begun: 0, ..cursor };
    assert_eq!(Cursor::parse("c1.e1f0.3.9001"), Some(before));
    for text in
        ["", "c1", "c1.e.1", "c1.e.1.2.x", "c1.e.1.2.3.4", "1.e.1.2", "cx.e.1.2", "c1.e.one.2"]
    {
        assert_eq!(Cursor::parse(text), None, "{text:?}");
    }
}

#[test]
fn every_entity_has_one_name_and_reads_back() {
    for entity in Entity::ALL {
        assert_eq!(Entity::parse(entity.as_str()), Some(entity));
        assert_eq!(serde_json::to_value(entity).unwrap(), entity.as_str());
    }
    assert_eq!(Entity::parse("invoice"), None);
}

#[test]
fn a_command_reads_back_and_an_unknown_argument_is_refused() {
    let ids = ids();
    let eur = Currency::parse("EUR").unwrap();
    let command = Command {
        id: ids.make(),
        decided_at: "2026-11-09T12:00:00Z".parse().unwrap(),
        verb: Verb::ApproveCredit { credit: ids.make(), amount: Money::new(120_000, eur) },
        base: vec![Base { entity: "credit".into(), key: "k".into(), version: 4 }],
    };
    let mut value = serde_json::to_value(&command).unwrap();
    assert_eq!(value["kind"], "approve_credit");
    assert_eq!(value["args"]["amount"]["minor"], "120000");
    assert_eq!(serde_json::from_value::<Command>(value.clone()).unwrap(), command);
    value["args"]["amount_in_words"] = "a lot".into();
    assert!(serde_json::from_value::<Command>(value).is_err());
}

#[test]
fn an_answer_reads_back_with_its_receipt_or_its_problem() {
    let ids = ids();
    let receipt = Receipt {
        number: "A-12".into(),
        at: "2026-11-09T12:00:00Z".parse().unwrap(),
        seq: 12,
        audit_hash: "00".into(),
        given: BTreeMap::from([("number".into(), "ST-2026-10-0001".into())]),
    };
    for outcome in [
        Outcome::Applied { receipt },
        Outcome::Stale { problem: Problem::new(Code::Stale, "changed").with_current(1.into()) },
        Outcome::Forbidden { problem: Problem::new(Code::OwnProposal, "yours") },
        Outcome::Invalid { problem: Problem::new(Code::WrongState, "not now").at("args") },
    ] {
        let answer = Answer { id: ids.make(), duplicate: true, outcome };
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
    }
}

#[test]
fn frames_are_told_apart_by_their_first_key() {
    let frames = [Frame::Page { rows: 2 }, Frame::End { cursor: "c".into(), more: false, now: 0 }];
    for frame in frames {
        let text = serde_json::to_string(&frame).unwrap();
        assert!(text.starts_with("{\"frame\":"), "{text}");
        assert_eq!(serde_json::from_str::<Frame>(&text).unwrap(), frame);
    }
}
