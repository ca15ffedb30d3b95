//! The distance of measures of slots and events, worked out by hand.

use crate::distance::{ahead, at, fraction, june, length, tiers};
use chrono::NaiveDate;
use makegood_engine::distance::{
    Like, LookBack, Note, OpenWindow, Step, TotalOf, Unanswered, Unit, When,
};

#[test]
fn slots_are_counted_in_slots() {
    let terms = r#""objective": "99", "measure": {"slots": {"slot": "1h", "min_run": 2, "idle": "good",
          "bad_when": {"metric": "error_percent", "is": ">", "than": "5"}}},
        "service_hours": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "08:00", "to": "18:00"}],
        "credit": {"tiers": [{"below": "99", "percent": "10"}, {"below": "95", "percent": "25"}]}"#;
    // Ten slots a day for thirty days. On the 2nd a lone bad slot, which does not count; on the 4th
    // two from seven to nine, of which one is in service hours. At half past nine the running slot
    // is not known yet.
    let slots = r#""slots": [{"count": 33, "requests": 100, "errors": 0}, {"requests": 100, "errors": 6},
        {"count": 45, "requests": 100, "errors": 5}, {"count": 2, "requests": 100, "errors": 99},
        {"requests": 100, "errors": 100}, {"count": 638, "requests": 100, "errors": 100}]"#;
    let open = OpenWindow::at(&june(terms, slots), at("2026-06-04T09:30:00Z")).unwrap();
    let distance = open.distance(0).unwrap();
    assert_eq!((distance.unit, distance.total_of), (Unit::Slots, TotalOf::Window));
    assert_eq!((distance.total, distance.bad), (fraction("300"), fraction("1")));
    assert_eq!(
        (distance.objective.allowed, distance.objective.left),
        (fraction("3"), fraction("2"))
    );
    let by_day: Vec<String> =
        distance.objective.by_day.iter().map(|(_, left)| left.to_string()).collect();
    assert_eq!(by_day, ["3", "3", "3", "2"]);
    assert_eq!(distance.objective.by_day[3].0, NaiveDate::from_ymd_opt(2026, 6, 4).unwrap());
    let costs = open.costs(0).unwrap();
    assert_eq!(costs.notes, [Note::MinRun(2)]);
    let first = ahead(&tiers(&costs)[0]);
    assert_eq!((first.more.to_string(), first.whole.to_string()), ("2".into(), "3".into()));
    assert_eq!(first.when, When::At(at("2026-06-04T12:00:00Z")));
    assert_eq!(first.credit.amount(), "100.00");
    // 15 bad ones are just 95 %: nine more on the 4th, and six on the 5th, are one too many.
    let second = ahead(&tiers(&costs)[1]);
    assert_eq!(
        (second.whole.to_string(), second.when),
        ("15".into(), When::At(at("2026-06-05T14:00:00Z")))
    );
    // Of the 31 slots so far one was bad.
    let rate = open.burn_rate(0, &LookBack::SoFar).unwrap();
    assert_eq!((rate.total, rate.objective), (fraction("31"), Some(fraction("100/31"))));
    let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
    let line = forecast.lines[0].as_ref().unwrap();
    assert_eq!((line.bad.to_string(), line.credit.amount()), ("300/31".into(), "100.00".into()));
}

#[test]
fn a_bad_slot_that_waits_for_its_run_is_reckoned_with() {
    let terms = r#""objective": "99", "measure": {"slots": {"slot": "1d", "min_run": 3,
          "bad_when": {"metric": "value", "is": ">=", "than": "-0.5"}}}"#;
    let slots = r#""slots": [{"count": 8, "value": "-0.6"}, {"count": 2, "value": "-0.5"}]"#;
    let missed = |as_of: &str| {
        let open = OpenWindow::at(&june(terms, slots), at(as_of)).unwrap();
        assert_eq!(open.distance(0).unwrap().bad, fraction("0"));
        let costs = open.costs(0).unwrap();
        (ahead(&costs.objective).whole.clone(), ahead(&costs.objective).when)
    };
    // Two days wait for a third, which is running.
    let third = (fraction("1"), When::At(at("2026-06-12T00:00:00Z")));
    assert_eq!(missed("2026-06-11T00:00:00Z"), third);
    assert_eq!(missed("2026-06-11T23:59:59Z"), third);
    // That one nobody observed: it takes three more.
    let anew = (fraction("1"), When::At(at("2026-06-15T00:00:00Z")));
    assert_eq!(missed("2026-06-12T00:00:00Z"), anew);
}

#[test]
fn requests_are_counted_in_events() {
    let terms = r#""objective": "99", "internal_objective": "99.5", "measure": {"requests": {"slot": "1h"}},
        "credit": {"tiers": [{"below": "99", "percent": "10"}, {"at_or_below": "98", "percent": "25"}]}"#;
    let slots = r#""slots": [{"count": 24, "requests": 1000, "errors": 5}, {"count": 12, "requests": 500, "errors": 10},
        {"count": 684, "requests": 9, "errors": 9}]"#;
    let open = OpenWindow::at(&june(terms, slots), at("2026-06-02T12:00:00Z")).unwrap();
    let distance = open.distance(0).unwrap();
    assert_eq!((distance.unit, distance.total_of), (Unit::Events, TotalOf::SoFar));
    assert_eq!((distance.total, distance.bad), (fraction("30000"), fraction("240")));
    assert_eq!(distance.objective.left, fraction("60"));
    let by_day: Vec<String> =
        distance.objective.by_day.iter().map(|(_, left)| left.to_string()).collect();
    assert_eq!(by_day, ["120", "60"]);
    let costs = open.costs(0).unwrap();
    assert_eq!(costs.internal, Some(Step::Holds));
    // 29,760 good ones are just 99 % of 30,060.606…, and just 98 % of 30,367.347….
    let first = ahead(&tiers(&costs)[0]);
    assert_eq!((first.more.to_string(), first.whole.to_string()), ("2000/33".into(), "61".into()));
    assert_eq!((first.when, first.credit.amount()), (When::Unknown, "100.00".into()));
    assert_eq!(ahead(&tiers(&costs)[1]).whole, fraction("368"));
    // Of the last twelve hours' 6,000, 120 were bad.
    let rate = open.burn_rate(0, &LookBack::Last(length("12h"))).unwrap();
    assert_eq!((rate.objective, rate.internal), (Some(fraction("2")), Some(fraction("4"))));
    // 684 more hours like the last twelve.
    let forecast = open.forecast(&Like::Last(LookBack::Last(length("12h")))).unwrap();
    let line = forecast.lines[0].as_ref().unwrap();
    assert_eq!((line.total.to_string(), line.bad.to_string()), ("372000".into(), "7080".into()));
    assert_eq!(forecast.owed.unwrap().amount(), "100.00");

    let totals = r#""totals": {"requests": 30000, "errors": 240}"#;
    let terms = terms.replace(r#"{"slot": "1h"}"#, "{}");
    let open = OpenWindow::at(&june(&terms, totals), at("2026-06-02T12:00:00Z")).unwrap();
    assert_eq!(open.distance(0).unwrap().objective.left, fraction("60"));
    assert_eq!(open.distance(0).unwrap().objective.by_day, []);
    assert_eq!(ahead(&tiers(&open.costs(0).unwrap())[0]).whole, fraction("61"));
    assert_eq!(open.burn_rate(0, &LookBack::SoFar).unwrap().objective, Some(fraction("4/5")));
    let last = LookBack::Last(length("12h"));
    assert_eq!(open.burn_rate(0, &last), Err(Unanswered::NoTimes));
    assert_eq!(open.forecast(&Like::Last(last)).unwrap().lines[0], Err(Unanswered::NoTimes));
}

#[test]
fn the_first_event_may_be_all_that_it_takes_and_a_good_one_is_never_undone() {
    let terms = r#""objective": "99", "objective_is": "above", "measure": {"requests": {"slot": "1h", "idle": "good"}},
        "credit": {"tiers": [{"at_or_below": "98", "percent": "10"}, {"at_or_below": "0", "percent": "25"},
            {"below": "0", "percent": "50"}]}"#;
    let costs = |slots: &str| {
        let case = june(terms, &format!(r#""slots": [{slots}]"#));
        OpenWindow::at(&case, at("2026-06-02T00:00:00Z")).unwrap().costs(0).unwrap()
    };
    // Nothing has happened: one bad event brings 100 % down to 0 %.
    let none = costs("");
    assert_eq!(ahead(&none.objective).whole, fraction("1"));
    let whole = |step: &Step| ahead(step).whole.to_string();
    assert_eq!((whole(&tiers(&none)[0]), whole(&tiers(&none)[1])), ("1".into(), "1".into()));
    assert_eq!(tiers(&none)[2], Step::Never);
    // 49 good ones are 98 % of 50, and never 0 %.
    let some = costs(r#"{"requests": 49, "errors": 0}"#);
    assert_eq!((whole(&some.objective), whole(&tiers(&some)[0])), ("1".into(), "1".into()));
    assert_eq!(tiers(&some)[1..], [Step::Never, Step::Never]);
}

#[test]
fn what_is_bad_in_addition_is_one_more_event() {
    let terms = r#""objective": "50", "measure": {"requests": {"slot": "1h"}}, "credit": {"tiers": [
        {"below": "50", "percent": "10"}, {"below": "49", "percent": "25"}]}"#;
    let case = june(terms, r#""slots": [{"requests": 100, "errors": 0}]"#);
    let costs = OpenWindow::at(&case, at("2026-06-02T00:00:00Z")).unwrap().costs(0).unwrap();
    // 100 of 201 are good: 49.75 %.
    let first = ahead(&tiers(&costs)[0]);
    assert_eq!((first.whole.to_string(), first.credit.amount()), ("101".into(), "100.00".into()));
    // 100 of 205: 48.78 %.
    let second = ahead(&tiers(&costs)[1]);
    assert_eq!((second.whole.to_string(), second.credit.amount()), ("105".into(), "250.00".into()));
}

#[test]
fn a_window_that_ended_without_an_event_is_forecast_as_it_is_judged() {
    let forecast = |idle: &str| {
        let terms = format!(
            r#""objective": "99", "measure": {{"requests": {{"slot": "1h", "idle": "{idle}"}}}}"#
        );
        let case = june(&terms, r#""slots": [{"count": 720, "requests": 0, "errors": 0}]"#);
        let open = OpenWindow::at(&case, at("2026-07-01T00:00:00Z")).unwrap();
        open.forecast(&Like::Last(LookBack::SoFar)).unwrap().lines.remove(0)
    };
    let good = forecast("good").unwrap();
    assert_eq!((good.attainment, good.met), (fraction("1"), true));
    let nothing = makegood_engine::Unmeasured::Nothing;
    assert_eq!(forecast("removed"), Err(Unanswered::NotMeasured(nothing)));
}

#[test]
fn the_rest_is_good_and_then_bad_by_whatever_makes_a_slot_so() {
    let bound = |metric: &str, is: &str, than: &str, more: &str| {
        let terms = format!(
            r#""objective": "99", "measure": {{"slots": {{"slot": "1d", {more}
                "bad_when": {{"metric": "{metric}", "is": "{is}", "than": "{than}"}}}}}}"#
        );
        june(&terms, r#""slots": []"#)
    };
    let start = at("2026-06-01T00:00:00Z");
    for is in [">", ">=", "<", "<="] {
        for (metric, than, more) in [
            ("value", "-7.5", ""),
            ("value", "7.5", r#""min_requests": 10,"#),
            ("error_percent", "7.5", r#""min_run": 1,"#),
        ] {
            let open = OpenWindow::at(&bound(metric, is, than, more), start).unwrap();
            let distance = open.distance(0).unwrap();
            assert_eq!((distance.bad, distance.total), (fraction("0"), fraction("30")));
            // One day of thirty is more than 1 %.
            let costs = open.costs(0).unwrap();
            let tomorrow = When::At(at("2026-06-02T00:00:00Z"));
            assert_eq!(ahead(&costs.objective).when, tomorrow, "{metric} {is} {than}");
            assert_eq!(costs.notes, []);
        }
    }
}

/// What is not known yet is left out, and yet no entry that breaks a rule is.
#[test]
fn entries_to_come_are_refused_as_ever() {
    let terms = r#""objective": "99", "measure": {"requests": {"slot": "1h"}}"#;
    let refused = |starts: &[&str]| {
        let entry = |start: &&str| {
            format!(r#"{{"start": "2026-06-{start}:00Z", "count": 2, "requests": 1, "errors": 0}}"#)
        };
        let entries: Vec<String> = starts.iter().map(entry).collect();
        let case = june(terms, &format!(r#""slots": [{}]"#, entries.join(", ")));
        let as_of = at("2026-06-02T00:00:00Z");
        OpenWindow::at(&case, as_of).err().map(|refusal| refusal.path)
    };
    let place = |entry: usize| Some(format!("lines[0].evidence.slots[{entry}].start"));
    assert_eq!(refused(&["01T00:00", "03T00:00", "03T02:00"]), None);
    assert_eq!(refused(&["01T00:00", "03T00:30"]), place(1));
    assert_eq!(refused(&["01T00:00", "01T01:00"]), place(1));
    assert_eq!(refused(&["01T00:00", "03T00:00", "02T12:00"]), place(2));
}

#[test]
fn error_rates_are_counted_in_slots_by_their_rate() {
    let line = |idle: &str| {
        let terms = format!(
            r#""objective": "99", "measure": {{"mean_error_rate": {{"slot": "1h", "idle": "{idle}"}}}},
            "credit": {{"tiers": [{{"below": "99", "percent": "10"}}]}}"#
        );
        let slots = r#""slots": [{"count": 10, "requests": 2, "errors": 1}, {"count": 10, "requests": 0, "errors": 0}]"#;
        OpenWindow::at(&june(&terms, slots), at("2026-06-01T20:00:00Z")).unwrap()
    };
    // 1 % of 720 slots; five were bad.
    let open = line("good");
    assert_eq!(open.distance(0).unwrap().objective.left, fraction("2.2"));
    let costs = open.costs(0).unwrap();
    let step = ahead(&costs.objective);
    assert_eq!(
        (step.more.to_string(), step.when),
        ("11/5".into(), When::At(at("2026-06-01T23:00:00Z")))
    );
    let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
    assert_eq!(forecast.lines[0].as_ref().unwrap().attainment, fraction("3/4"));
    // Idle slots don't count: only what has happened is known, and half of it was bad.
    let open = line("removed");
    assert_eq!(open.distance(0).unwrap().total_of, TotalOf::SoFar);
    assert_eq!(open.distance(0).unwrap().objective.left, fraction("-4.9"));
    let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
    let line = forecast.lines[0].as_ref().unwrap();
    assert_eq!((line.total.to_string(), line.bad.to_string()), ("360".into(), "180".into()));
}

#[test]
fn law_3_a_sum_of_rates_too_long_to_reckon_with_is_rounded_up() {
    let entries: Vec<String> = (0..720)
        .map(|number| format!(r#"{{"requests": {}, "errors": 3}}"#, 1_009 + 14 * number))
        .collect();
    let terms = r#""objective": "99.9", "internal_objective": "99.91",
        "measure": {"mean_error_rate": {"slot": "1h"}}"#;
    let case = june(terms, &format!(r#""slots": [{}]"#, entries.join(", ")));
    let open = OpenWindow::at(&case, at("2026-07-01T00:00:00Z")).unwrap();
    let exact = makegood_engine::compute(&case).unwrap().lines.remove(0).bad;
    assert!(exact.to_string().len() > 1_300);
    let told = open.distance(0).unwrap();
    assert!(told.bad.to_string().len() < 30);
    let more = told.bad.ratio() - exact.ratio();
    assert!(more > *fraction("0").ratio() && more < *fraction("0.000001").ratio());
    assert_eq!(told.objective.by_day.last().unwrap().1, told.objective.left);
    // When a step holds is decided exactly, however long the fraction.
    let computed = makegood_engine::compute(&case).unwrap();
    let costs = open.costs(0).unwrap();
    assert_eq!(costs.objective == Step::Holds, computed.result.lines[0].met == Some(false));
}

/// Only what is cut off in binary places and would be long as a fraction is rounded up.
#[test]
fn a_sum_of_rates_that_need_not_be_rounded_is_exact() {
    let bad = |no_data: &str, slots: usize, numbers: &dyn Fn(usize) -> (usize, usize)| {
        let entry = |number: usize| {
            let (requests, errors) = numbers(number);
            format!(r#"{{"requests": {requests}, "errors": {errors}}}"#)
        };
        let entries: Vec<String> = (0..slots).map(entry).collect();
        let terms = format!(
            r#""objective": "99", "no_data": "{no_data}", "measure": {{"mean_error_rate": {{"slot": "1h"}}}}"#
        );
        let case = june(&terms, &format!(r#""slots": [{}]"#, entries.join(", ")));
        let open = OpenWindow::at(&case, at("2026-07-01T00:00:00Z")).unwrap();
        open.distance(0).unwrap().bad
    };
    // One number of requests: 720 times three thousandths.
    assert_eq!(bad("removed", 720, &|_| (1_000, 3)), fraction("2.16"));
    // Many, and half of each fails.
    assert_eq!(bad("removed", 720, &|n| (2 * n + 2, n + 1)), fraction("360"));
    // What nobody observed is wholly bad, and nothing is lost of it.
    let long = |n: usize| (1_009 + 14 * n, 3);
    let (removed, down) = (bad("removed", 700, &long), bad("down", 700, &long));
    assert!(removed.to_string().len() < 30);
    assert_eq!(down.ratio() - removed.ratio(), *fraction("20").ratio());
}
