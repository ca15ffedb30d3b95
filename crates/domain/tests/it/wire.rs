//! What travels reads back as it was written.

use makegood_domain::{
    Clock, Code, Currency, Money, Problem,
    command::{Answer, Base, Command, Outcome, Receipt, Verb},
    id::Ids,
    random::Random,
    wire::{
        Body, Change, Cursor, Entity, Frame, LineReader, LineWriter, WIRE_BEFORE, WIRE_VERSION,
    },
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
        assert_eq!(LineReader::default().read(text.as_bytes()).unwrap(), frame);
    }
}

const ID: &str = "0192e4a0-0000-7000-8000-000000000001";
const OTHER: &str = "0192e4a0-0000-7000-8000-000000000002";

/// Every kind of row beside every key and customer, with positions that follow and that don't.
fn changes() -> Vec<Change> {
    let rows = [
        None,
        Some(format!(r#"{{"id":"{ID}","customer":"{OTHER}","met":true}}"#)),
        Some(format!(r#"{{"id":"{ID}","customer":null}}"#)),
        Some(format!(r#"{{"id":"{ID}","customer":"nobody"}}"#)),
        Some(format!(r#"{{"id":"{ID}","name":"x","customer":"{OTHER}"}}"#)),
        Some(format!(r#"{{"customer":"{OTHER}","id":"{ID}"}}"#)),
        Some(r#"{"id":"a\"b","customer":null}"#.to_owned()),
        Some(r#"{"id":"a\\","x":1}"#.to_owned()),
        Some("{}".to_owned()),
        Some(r#"{ "id":"a" }"#.to_owned()),
    ];
    let mut changes = Vec::new();
    let mut seq = 0;
    for (number, row) in rows.iter().enumerate() {
        for key in [ID, OTHER, "a", "a\\", "a\"b", ""] {
            for customer in [None, Some(OTHER), Some(ID)] {
                seq += if number % 2 == 0 { 1 } else { 3 };
                let row = row.clone().map(|text| Body::parse(text).unwrap());
                let customer = customer.map(|text| text.parse().unwrap());
                let key = key.to_owned();
                let entity = Entity::Attainment;
                changes.push(Change { seq, entity, key, customer, version: 7, row });
            }
        }
    }
    changes.push(Change { seq: i64::MAX, ..changes[0].clone() });
    changes.push(Change { seq: i64::MIN, ..changes[0].clone() });
    changes
}

#[test]
fn law_9_what_a_change_leaves_out_is_understood_in_every_version() {
    for wire in [WIRE_BEFORE, WIRE_VERSION] {
        let (mut writer, mut reader) = (LineWriter::new(wire), LineReader::default());
        for change in changes() {
            let mut line = Vec::new();
            writer.write(&Frame::Change(change.clone()), &mut line).unwrap();
            assert_eq!(line.pop(), Some(b'\n'));
            let text = String::from_utf8(line).unwrap();
            assert_eq!(reader.read(text.as_bytes()).unwrap(), Frame::Change(change), "{text}");
        }
    }
}

#[test]
fn a_change_says_nothing_twice_but_to_a_desk_of_the_version_before() {
    let text = format!(r#"{{"id":"{ID}","customer":"{OTHER}"}}"#);
    let row = Some(Body::parse(text.clone()).unwrap());
    let customer = Some(OTHER.parse().unwrap());
    let change =
        Change { seq: 8, entity: Entity::Credit, key: ID.into(), customer, version: 2, row };
    let written = |wire: u32| {
        let (mut writer, mut lines) = (LineWriter::new(wire), Vec::new());
        for seq in [8, 9] {
            writer.write(&Frame::Change(Change { seq, ..change.clone() }), &mut lines).unwrap();
        }
        String::from_utf8(lines).unwrap()
    };
    let rest = format!(r#""version":2,"row":{text}}}"#);
    assert_eq!(
        written(WIRE_VERSION),
        format!(
            "{{\"frame\":\"change\",\"seq\":8,\"entity\":\"credit\",{rest}\n\
             {{\"frame\":\"change\",\"entity\":\"credit\",{rest}\n"
        )
    );
    let long = |seq: i64| {
        format!(
            "{{\"frame\":\"change\",\"seq\":{seq},\"entity\":\"credit\",\"key\":\"{ID}\",\
             \"customer\":\"{OTHER}\",{rest}\n"
        )
    };
    assert_eq!(written(WIRE_BEFORE), long(8) + &long(9));
}

#[test]
fn a_line_that_lacks_something_said_nowhere_is_refused() {
    let lacking = [
        ("seq", r#"{"frame":"change","entity":"credit","key":"k","version":1}"#),
        ("key", r#"{"frame":"change","seq":1,"entity":"credit","version":1,"row":{"x":1}}"#),
        ("entity", r#"{"frame":"change","seq":1,"key":"k","version":1}"#),
        ("version", r#"{"frame":"change","seq":1,"entity":"credit","key":"k"}"#),
        ("rows", r#"{"frame":"page"}"#),
        ("cursor", r#"{"frame":"end","more":false,"now":0}"#),
    ];
    for (what, line) in lacking {
        let error = LineReader::default().read(line.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(&format!("a frame lacks its {what}")), "{error}");
    }
}
