//! When an allowance is used up at a rate, and since when that rate has been bad, worked out by hand.

use crate::distance::{at, fraction, june, length};
use makegood_engine::distance::{Like, LookBack, OpenWindow, Unanswered, UsedUp};

const TERMS: &str = r#""objective": "99", "internal_objective": "99.5", "measure": {"uptime": {}}"#;

fn so_far() -> Like<'static> {
    Like::Last(LookBack::SoFar)
}

#[test]
fn an_hour_a_day_uses_up_seven_hours_in_a_week() {
    let outage = r#""outages": [{"from": "2026-06-01T06:00:00Z", "to": "2026-06-01T07:00:00Z"}]"#;
    let open = OpenWindow::at(&june(TERMS, outage), at("2026-06-02T00:00:00Z")).unwrap();
    // 25,920 s are allowed, 3,600 used: 24 × 22,320 s later, and by the internal one 24 × 9,360 s.
    let used_up = open.used_up(0, &so_far()).unwrap();
    assert_eq!(used_up.objective, Some(at("2026-06-08T04:47:59Z")));
    assert_eq!(used_up.internal, Some(at("2026-06-04T14:23:59Z")));
    let forecast = open.forecast(&so_far()).unwrap();
    assert!(!forecast.lines[0].as_ref().unwrap().met);
    assert_eq!(open.bad_since(0, &LookBack::SoFar), Ok(Some(at("2026-06-01T06:00:00Z"))));
    let hour = LookBack::Last(length("17h30m"));
    assert_eq!(open.bad_since(0, &hour), Ok(Some(at("2026-06-01T06:30:00Z"))));
    assert_eq!(open.bad_since(0, &LookBack::Last(length("17h"))), Ok(None));
    // Nothing of it in the last hours: it lasts.
    let quiet = Like::Last(LookBack::Last(length("6h")));
    assert_eq!(open.used_up(0, &quiet), Ok(UsedUp { objective: None, internal: None }));
}

#[test]
fn what_is_used_up_already_ended_at_the_present() {
    let outage = r#""outages": [{"from": "2026-06-01T00:00:00Z", "to": "2026-06-02T00:00:00Z"}]"#;
    let present = at("2026-06-03T00:00:00Z");
    let open = OpenWindow::at(&june(TERMS, outage), present).unwrap();
    let used_up = open.used_up(0, &so_far()).unwrap();
    assert_eq!(used_up, UsedUp { objective: Some(present), internal: Some(present) });
}

#[test]
fn an_allowance_that_grows_with_events_is_used_up_by_a_rate_above_it_alone() {
    let terms = r#""objective": "99", "measure": {"requests": {"slot": "1h"}}"#;
    let slots = r#""slots": [{"count": 40, "requests": 1000, "errors": 0},
        {"count": 2, "requests": 1000, "errors": 60}]"#;
    let open = OpenWindow::at(&june(terms, slots), at("2026-06-02T18:00:00Z")).unwrap();
    assert_eq!(open.distance(0).unwrap().objective.left, fraction("300"));
    assert_eq!(open.bad_since(0, &LookBack::SoFar), Ok(Some(at("2026-06-02T16:00:00Z"))));
    assert_eq!(open.used_up(0, &so_far()).unwrap().objective, None);
    // 50 more than allowed in each hour: 300 are gone with the sixth, which begins at 23:00.
    let bad = Like::Last(LookBack::Last(length("2h")));
    assert_eq!(open.used_up(0, &bad).unwrap().objective, Some(at("2026-06-02T23:00:00Z")));
}

#[test]
fn a_total_of_events_does_not_say_when() {
    let terms = r#""objective": "99", "measure": {"requests": {}}"#;
    let totals = r#""totals": {"requests": 30000, "errors": 240}"#;
    let open = OpenWindow::at(&june(terms, totals), at("2026-06-02T12:00:00Z")).unwrap();
    assert_eq!(open.used_up(0, &so_far()), Err(Unanswered::NoTimes));
    assert_eq!(open.bad_since(0, &LookBack::SoFar), Err(Unanswered::NoTimes));
}
