//! A customer's own log beside what was measured: Northwind's, worked out by hand.

use crate::northwind;
use makegood_engine::{
    Case, Outage, Unknown, claimed::claimed, instant::parse_instant, interval::Intervals,
    outcome::outcome,
};

fn at(text: &str) -> i64 {
    parse_instant(&format!("2026-10-{text}:00Z")).unwrap().timestamp()
}

fn log(stretches: &[(&str, &str)]) -> Intervals {
    Intervals::merge(stretches.iter().map(|(from, to)| (at(from), at(to))))
}

/// Minutes of each part, in the order of the fields.
fn minutes(case: &Case, log: &Intervals) -> [i64; 7] {
    let found = claimed(case, log).unwrap();
    let parts = found.lines[0].clone().unwrap();
    let each = [
        parts.agreed,
        parts.disputed,
        parts.excused,
        parts.too_short,
        parts.unobserved,
        parts.outside,
        parts.not_in_log,
    ];
    each.map(|one| one.size() / 60)
}

/// What they would get if the log were right: percent in millionths, credit in cents.
fn if_right(case: &Case, log: &Intervals) -> (u32, String) {
    let found = claimed(case, log).unwrap().if_right;
    (found.lines[0].millionths.unwrap(), found.credit.to_string())
}

#[test]
fn each_minute_of_a_log_is_in_one_part() {
    let case = northwind::case();
    // Measured: 14 October 01:12 to 02:13 UTC, of which 01:55 to 02:05 is excused.
    let exact = log(&[("14T01:12", "14T02:13")]);
    assert_eq!(minutes(&case, &exact), [51, 0, 10, 0, 0, 0, 0]);
    assert_eq!(if_right(&case, &exact), (99_885_880, "120000".to_owned()));
    // They saw it later and longer, and another one; September is not October's matter.
    let more = log(&[("14T01:20", "14T02:20"), ("21T09:00", "21T09:45")]);
    let more = more.union(&Intervals::one(at("01T00:00") - 86_400, at("01T00:00") - 82_800));
    assert_eq!(minutes(&case, &more), [43, 52, 10, 0, 0, 60, 8]);
    // 51 + 52 of 44,690 minutes: below 99.8 %, 25 %.
    assert_eq!(if_right(&case, &more), (99_769_523, "300000".to_owned()));
    assert_eq!(minutes(&case, &Intervals::default()), [0, 0, 0, 0, 0, 0, 51]);
}

#[test]
fn what_nobody_measured_is_no_dispute() {
    let mut case = northwind::case();
    let unknown = |from: &str, to: &str| Unknown {
        from: parse_instant(&format!("2026-10-{from}:00Z")).unwrap(),
        to: parse_instant(&format!("2026-10-{to}:00Z")).unwrap(),
    };
    case.lines[0].evidence.unknown = vec![unknown("21T09:00", "21T10:00")];
    let theirs = log(&[("21T08:30", "21T09:45")]);
    assert_eq!(minutes(&case, &theirs), [0, 30, 0, 0, 45, 0, 51]);
    let right = if_right(&case, &theirs);
    // It is the same as if it had been measured so.
    let outage = |from: &str, to: &str| {
        let at = |text: &str| parse_instant(&format!("2026-10-{text}:00Z")).unwrap();
        Outage::new(at(from), at(to))
    };
    case.lines[0].evidence.outages.push(outage("21T08:30", "21T09:45"));
    case.lines[0].evidence.unknown = vec![unknown("21T09:45", "21T10:00")];
    let computed = outcome(&case).unwrap();
    assert_eq!(right, (computed.lines[0].millionths.unwrap(), computed.credit.to_string()));
}
