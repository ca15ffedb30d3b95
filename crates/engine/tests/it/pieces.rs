//! Outages laid over each other: pieces of time, each with the largest impact that held in it.

use chrono::{DateTime, Utc};
use makegood_engine::Outage;
use makegood_engine::decimal::Decimal;
use makegood_engine::measures::uptime::merge;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn outage((from, to): (i64, i64), impact: &str) -> Outage {
    Outage { from: at(from), to: at(to), impact: Decimal::parse(impact).unwrap() }
}

fn pieces(outages: &[Outage]) -> Vec<(i64, i64)> {
    merge(outages).iter().map(|piece| (piece.from, piece.to)).collect()
}

#[test]
fn neighbours_of_one_impact_are_one_piece_and_others_are_not() {
    let joined = [outage((0, 10), "0.5"), outage((10, 20), "0.5")];
    assert_eq!(pieces(&joined), [(0, 20)]);
    let apart = [outage((0, 10), "0.5"), outage((11, 20), "0.5")];
    assert_eq!(pieces(&apart), [(0, 10), (11, 20)]);
    let different = [outage((0, 10), "0.5"), outage((10, 20), "0.25")];
    assert_eq!(pieces(&different), [(0, 10), (10, 20)]);
    // The larger one covers the smaller as long as both hold.
    let over = [outage((0, 20), "0.5"), outage((5, 10), "1")];
    assert_eq!(pieces(&over), [(0, 5), (5, 10), (10, 20)]);
}

#[test]
fn an_outage_of_no_length_is_none_and_no_piece_is_empty() {
    let none = [outage((5, 5), "0.5"), outage((10, 20), "0.25")];
    assert_eq!(pieces(&none), [(10, 20)]);
    let same = [outage((0, 10), "0.5"), outage((0, 10), "0.25"), outage((0, 10), "0.5")];
    assert_eq!(pieces(&same), [(0, 10)]);
}
