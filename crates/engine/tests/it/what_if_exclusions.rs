//! What-if of an exclusion, worked out by hand.

use crate::northwind;
use crate::what_if::{ORDERS, answer, change};
use makegood_engine::distance::minutes;
use makegood_engine::what_if::{
    Answer, Change, NoAnswers, Question, Side, What, ask, side_by_side,
};
use makegood_engine::{Evidence, Outage};
use std::ops::ControlFlow;

#[test]
fn northwind_s_maintenance_side_by_side() {
    let sides = side_by_side(&northwind::case(), 0, 0).unwrap();
    let told = |side: &Side| {
        let percent = side.attainment.as_ref().unwrap().percent();
        let parts = [&side.total, &side.bad, &side.excused].map(minutes).join(" ");
        format!("{percent} {parts} {} {}", side.credit.amount(), side.owed.amount())
    };
    assert_eq!(told(&sides.not_admitted), "99.863534 44700.00 61.00 0.00 1,200.00 1,200.00");
    assert_eq!(told(&sides.removed.unwrap()), "99.885880 44690.00 51.00 10.00 1,200.00 1,200.00");
    assert_eq!(told(&sides.up.unwrap()), "99.885906 44700.00 51.00 10.00 1,200.00 1,200.00");

    // The late outage of the story, 45 minutes: with the maintenance excused or not it is 25 %.
    let mut late = northwind::case();
    let at = |text: &str| makegood_engine::instant::parse_instant(text).unwrap();
    let outage = Outage::new(at("2026-10-21T07:00:00Z"), at("2026-10-21T07:45:00Z"));
    late.lines[0].evidence.outages.push(outage);
    let sides = side_by_side(&late, 0, 0).unwrap();
    assert_eq!(told(&sides.not_admitted), "99.762863 44700.00 106.00 0.00 3,000.00 3,000.00");
    assert_eq!(told(&sides.removed.unwrap()), "99.785186 44690.00 96.00 10.00 3,000.00 3,000.00");

    // The terms don't say how a kind is treated that they don't know; a fixed total takes no
    // removed time.
    let line = &mut late.lines[0];
    line.terms.window.counted_as =
        Some(makegood_engine::duration::Duration::parse("730h").unwrap());
    line.terms.exclusions.clear();
    let sides = side_by_side(&late, 0, 0).unwrap();
    assert_eq!(sides.removed.unwrap_err().path, "lines[0].terms.window.counted_as");
    assert_eq!(told(&sides.up.unwrap()), "99.780821 43800.00 96.00 10.00 3,000.00 3,000.00");
    assert_eq!(side_by_side(&late, 0, 2).unwrap_err().path, "lines[0].evidence.exclusions[2]");
    assert_eq!(side_by_side(&late, 1, 0).unwrap_err().path, "lines[1]");
}

#[test]
fn an_exclusion_admitted_or_not() {
    let cases = [northwind::case()];
    let percent = |index: usize, admitted: bool| {
        let period = "2026-10".to_owned();
        let what = What::Exclusion { period, index, admitted };
        let answers = answer(&cases, vec![change(ORDERS, what)], false);
        answers.windows[0].as_ref().unwrap().lines[0].1.would_be.percent().unwrap()
    };
    assert_eq!(percent(0, true), "99.885880");
    assert_eq!(percent(0, false), "99.863534");
    assert_eq!(percent(1, false), "99.885880");
    // Had it been notified in time, half an hour without an outage were out: 51 of 44,660 minutes.
    assert_eq!(percent(1, true), "99.885803");
}

#[test]
fn what_is_asked_of_an_exclusion_is_asked_of_its_window_alone() {
    // September has no exclusion at all.
    let mut september = northwind::case();
    september.period = "2026-09".to_owned();
    september.lines[0].evidence = Evidence::default();
    let cases = [northwind::case(), september];
    let exclusion = |period: &str, index: usize, admitted: bool| {
        let period = period.to_owned();
        change(ORDERS, What::Exclusion { period, index, admitted })
    };
    let percents = |changes: Vec<Change>| -> Vec<_> {
        let windows = answer(&cases, changes, false).windows.into_iter();
        let percent = |window: Answer| window.lines[0].1.would_be.percent().unwrap();
        windows.map(|window| window.map(percent).map_err(|refusal| refusal.path)).collect()
    };
    let whole = || Ok("100.000000".to_owned());
    let without = percents(vec![exclusion("2026-10", 0, false)]);
    assert_eq!(without, [Ok("99.863534".to_owned()), whole()]);
    // What is asked last holds.
    let again = percents(vec![exclusion("2026-10", 1, false), exclusion("2026-10", 1, true)]);
    assert_eq!(again, [Ok("99.885803".to_owned()), whole()]);
    // October has two.
    for admitted in [true, false] {
        let third = percents(vec![exclusion("2026-10", 2, admitted)]);
        assert_eq!(third, [Err("lines[0].evidence.exclusions[2]".to_owned()), whole()]);
    }
    // Of a window that is not there nothing can be asked.
    let changes = vec![exclusion("2026-11", 0, true)];
    let question = Question { contracts: vec![&cases], changes, chained: false };
    match ask(&question, 1, &mut |_| ControlFlow::Continue(())) {
        Err(NoAnswers::Refused(refusal)) => assert_eq!(refusal.path, "changes[0]"),
        other => panic!("{other:?}"),
    }
}
