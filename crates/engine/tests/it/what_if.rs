//! What-if, worked out by hand.

use crate::{cases, northwind};
use makegood_engine::allocate::allocate;
use makegood_engine::case::{Case, HistoryEntry};
use makegood_engine::compute;
use makegood_engine::credits::{Award, Condition, Tier, TierAward};
use makegood_engine::decimal::Decimal;
use makegood_engine::terms::{ExclusionKind, Terms, Treatment};
use makegood_engine::what_if::{Answers, Change, NoAnswers, Pair, Progress, Question, What, ask};
use std::ops::ControlFlow;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

pub(crate) fn change(sla: &str, what: What) -> Change {
    Change { sla: sla.to_owned(), what }
}

pub(crate) fn answer(cases: &[Case], changes: Vec<Change>, chained: bool) -> Answers {
    let question = Question { contracts: vec![cases], changes, chained };
    ask(&question, 1, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// What each window owes: as it was, as it would be.
fn owed(answers: &Answers) -> Vec<Pair<String>> {
    let windows = answers.windows.iter().map(|answer| answer.as_ref().unwrap().owed);
    let text = |pair: Pair<makegood_engine::money::Money>| Pair {
        was: pair.was.to_decimal_string(),
        would_be: pair.would_be.to_decimal_string(),
    };
    windows.map(text).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<Pair<String>> {
    let pair = |(was, would_be): &(&str, &str)| Pair {
        was: (*was).to_owned(),
        would_be: (*would_be).to_owned(),
    };
    list.iter().map(pair).collect()
}

pub(crate) const ORDERS: &str = "Orders API availability";

/// Northwind's October in euros and in dollars.
fn two_currencies() -> Vec<Case> {
    let euro = northwind::case();
    let mut dollar = northwind::case();
    dollar.contract.currency = makegood_engine::money::Currency::parse("USD").unwrap();
    dollar.lines[0].fee = decimal("8000.00");
    vec![euro, dollar]
}

#[test]
fn other_terms_over_the_same_evidence() {
    let cases = two_currencies();
    let ask = |what: What| answer(&cases, vec![change(ORDERS, what)], false);
    // 99.885880 % meets 99.88 %, but the table alone decides what is paid.
    let looser = ask(What::Objective(decimal("99.88")));
    let totals = &looser.totals;
    assert_eq!((totals.windows, totals.refused), (2, 0));
    assert_eq!(totals.measured, Pair { was: 2, would_be: 2 });
    assert_eq!(totals.missed, Pair { was: 2, would_be: 0 });
    assert_eq!(owed(&looser), pairs(&[("1200.00", "1200.00"), ("800.00", "800.00")]));
    let line = &looser.windows[0].as_ref().unwrap().lines[0];
    assert_eq!(line.1.was.percent().as_deref(), Some("99.885880"));
    assert_eq!((line.1.was.met, line.1.would_be.met), (Some(false), Some(true)));
    assert_eq!(line.1.would_be.internal_met, Some(false));
    // An internal objective that is no longer larger falls away.
    let tighter = ask(What::Objective(decimal("99.95")));
    assert_eq!(tighter.windows[0].as_ref().unwrap().lines[0].1.would_be.internal_met, None);

    let tier = |bound: &str, percent: &str| Tier {
        when: Condition::Below(decimal(bound)),
        award: TierAward::Percent(decimal(percent)),
    };
    let award = Award::Tiers(vec![tier("99.95", "5"), tier("99.89", "20")]);
    let award = ask(What::Award(Box::new(award)));
    assert_eq!(owed(&award), pairs(&[("1200.00", "2400.00"), ("800.00", "1600.00")]));
    let euro = makegood_engine::money::Currency::parse("EUR").unwrap();
    assert_eq!(award.totals.owed.len(), 2);
    assert_eq!(award.totals.owed[&euro].would_be.amount(), "2,400.00");

    let fee = ask(What::Fee(decimal("999.95")));
    assert_eq!(owed(&fee), pairs(&[("1200.00", "100.00"), ("800.00", "100.00")]));
    let free = ask(What::Credit(None));
    assert_eq!(owed(&free), pairs(&[("1200.00", "0.00"), ("800.00", "0.00")]));
    let (kind, treatment) = (ExclusionKind::PlannedMaintenance, Treatment::Up);
    let up = ask(What::Treatment { kind, treatment });
    let percent = up.windows[1].as_ref().unwrap().lines[0].1.would_be.percent();
    assert_eq!(percent.as_deref(), Some("99.885906"));
    let whole = r#"{"objective": "99.9", "window": {"calendar": "month", "time_zone": "Europe/Berlin"},
        "measure": {"uptime": {"min_outage": "2h"}}}"#;
    let whole = ask(What::Terms(Box::new(Terms::parse(whole).unwrap())));
    assert_eq!(whole.totals.missed, Pair { was: 2, would_be: 0 });
}

#[test]
fn what_can_t_be_is_refused_in_its_place() {
    let slots = cases::valid()
        .into_iter()
        .find(|case| case.lines.iter().any(|line| line.terms.measure.as_str() == "slots"));
    let slots = slots.unwrap();
    let sla = slots.lines[0].sla.clone();
    let mut uptime = northwind::case();
    uptime.lines[0].sla.clone_from(&sla);
    let cases = [uptime, slots];
    let refused = |what: What| {
        let answers = answer(&cases, vec![change(&sla, what)], false);
        assert_eq!(answers.totals.windows + answers.totals.refused, 2);
        let windows = answers.windows.into_iter();
        windows.map(|window| window.err().map(|refusal| refusal.path)).collect::<Vec<_>>()
    };
    let path = |path: &str| Some(path.to_owned());
    let terms = northwind::case().lines.remove(0).terms;
    assert_eq!(refused(What::Terms(Box::new(terms))), [None, path("lines[0].terms.measure")]);
    let award = Award::Tiers(vec![Tier {
        when: Condition::DowntimeOver(makegood_engine::duration::Duration::parse("1h").unwrap()),
        award: TierAward::Percent(decimal("10")),
    }]);
    let paths = refused(What::Award(Box::new(award)));
    assert_eq!(paths[0], None);
    assert!(paths[1].as_ref().unwrap().starts_with("lines[0].terms.credit.tiers[0]"), "{paths:?}");
    assert_eq!(refused(What::Objective(decimal("101")))[0], path("lines[0].terms.objective"));

    let nobody = Question {
        contracts: vec![&cases],
        changes: vec![change("Nobody's", What::Credit(None))],
        chained: false,
    };
    let Err(NoAnswers::Refused(refusal)) = ask(&nobody, 1, &mut |_| ControlFlow::Continue(()))
    else {
        panic!()
    };
    assert_eq!(refusal.path, "changes[0]");
}

/// January to April: all miss but March; a rolling cap of 20 %.
fn four_months() -> Vec<Case> {
    let month = |number: usize, down: bool| {
        let outage = format!(
            r#"{{"from": "2026-{number:02}-03T00:00:00Z", "to": "2026-{number:02}-03T02:00:00Z"}}"#
        );
        let text = format!(
            r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-{number:02}",
            "lines": [{{"sla": "API", "fee": "1000.00",
              "terms": {{"objective": "99.9", "window": {{"calendar": "month"}}, "measure": {{"uptime": {{}}}},
                "credit": {{"tiers": [{{"below": "99.9", "percent": "10"}}], "cap": {{"percent": "20", "months": 12}}}}}},
              "evidence": {{"outages": [{}]}}}}]}}"#,
            if down { outage.as_str() } else { "" }
        );
        Case::parse_file(text.as_bytes()).unwrap().remove(0)
    };
    let mut cases: Vec<Case> = Vec::new();
    let mut history: Vec<HistoryEntry> = Vec::new();
    for number in 1..=4 {
        let mut case = month(number, number != 3);
        case.lines[0].history.clone_from(&history);
        let credit = decimal(&compute(&case).unwrap().result.credit);
        history.push(HistoryEntry { period: case.period.clone(), fee: decimal("1000"), credit });
        cases.push(case);
    }
    cases
}

fn thirty_percent() -> Vec<Change> {
    let award = Award::Tiers(vec![Tier {
        when: Condition::Below(decimal("99.9")),
        award: TierAward::Percent(decimal("30")),
    }]);
    vec![change("API", What::Award(Box::new(award)))]
}

#[test]
fn a_chain_carries_what_would_have_been_paid_into_the_rolling_cap() {
    let cases = four_months();
    // January may be 20 % of 1,000. February 20 % of 2,000 less what January was: €100, or €200.
    let apart = answer(&cases, thirty_percent(), false);
    let was_would_be =
        [("100.00", "200.00"), ("100.00", "300.00"), ("0.00", "0.00"), ("100.00", "300.00")];
    assert_eq!(owed(&apart), pairs(&was_would_be));
    let chained = answer(&cases, thirty_percent(), true);
    let was_would_be =
        [("100.00", "200.00"), ("100.00", "200.00"), ("0.00", "0.00"), ("100.00", "300.00")];
    assert_eq!(owed(&chained), pairs(&was_would_be));
    // With fees of 500: January 100; February 20 % of 1,000 less 100; April of 2,000 less 200.
    let mut changes = thirty_percent();
    changes.push(change("API", What::Fee(decimal("500"))));
    let cheaper = answer(&cases, changes, true);
    let would_be: Vec<String> = owed(&cheaper).into_iter().map(|pair| pair.would_be).collect();
    assert_eq!(would_be, ["100.00", "100.00", "0.00", "150.00"]);
}

#[test]
fn a_chain_keeps_what_does_not_change() {
    let mut cases = four_months();
    // What was approved of January is not what was computed; no change leaves it alone.
    cases[1].lines[0].history[0].credit = decimal("395.50");
    let unchanged = answer(&cases, Vec::new(), true);
    let was_would_be =
        [("100.00", "100.00"), ("4.50", "4.50"), ("0.00", "0.00"), ("100.00", "100.00")];
    assert_eq!(owed(&unchanged), pairs(&was_would_be));

    let mut late = four_months();
    late.swap(0, 1);
    let answers = answer(&late, thirty_percent(), true);
    assert_eq!(answers.windows[1].as_ref().unwrap_err().path, "period");
    // February looks back on a January that can't be computed.
    let mut broken = four_months();
    broken[0].lines[0].terms.measure =
        makegood_engine::measures::Measure::Requests(makegood_engine::measures::Requests {
            slot: None,
            idle: makegood_engine::measures::Idle::Good,
        });
    let what = What::Terms(Box::new(four_months()[0].lines[0].terms.clone()));
    let answers = answer(&broken, vec![change("API", what)], true);
    let paths: Vec<&str> =
        answers.windows.iter().map(|window| window.as_ref().unwrap_err().path.as_str()).collect();
    assert_eq!(paths[..2], ["lines[0].terms.measure", "lines[0].history[0]"]);
    assert_eq!(answers.totals.refused, 4);
}

#[test]
fn a_chain_of_several_lines_carries_each_line_s_part() {
    let mut cases = four_months();
    cases.truncate(2);
    for case in &mut cases {
        let mut second = case.lines[0].clone();
        second.sla = "Web".to_owned();
        case.lines.push(second);
        case.contract.caps = vec![makegood_engine::credits::Cap::Amount(decimal("150.01"))];
    }
    for line in &mut cases[1].lines {
        line.history[0].credit = decimal("75.00");
    }
    // January: 100 + 100, or 200 + 100, capped at 150.01. The API's part of that is 75.01, or
    // 100.01; so its February may be 400 − 100.01.
    let mut changes = thirty_percent();
    changes.push(change("API", What::Fee(decimal("1000.00"))));
    let answers = answer(&cases, changes, true);
    let february = &answers.windows[1].as_ref().unwrap().lines[0].1;
    assert_eq!(february.was.credit.amount(), "100.00");
    assert_eq!(february.would_be.credit.amount(), "299.99");

    // Where only the highest pays, the first of the highest has all of it: 400 less 200.
    for case in &mut cases {
        case.contract.caps.clear();
        case.contract.combine = makegood_engine::case::Combine::Highest;
    }
    let answers = answer(&cases, thirty_percent(), true);
    let february = answers.windows[1].as_ref().unwrap();
    assert_eq!(february.lines[0].1.would_be.credit.amount(), "200.00");
    assert_eq!(february.lines[1].1.would_be.credit.amount(), "100.00");
    assert_eq!(february.owed.would_be.amount(), "200.00");
}

#[test]
fn parts_add_up_exactly() {
    assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
    assert_eq!(allocate(7, &[0, 5, 5]), [0, 4, 3]);
    assert_eq!(allocate(0, &[0, 0]), [0, 0]);
    assert_eq!(allocate(120_000, &[120_000]), [120_000]);
    assert_eq!(allocate(i64::MAX, &[i64::MAX, 0]), [i64::MAX, 0]);
}

/// All shared cases, each a contract of its own.
fn book() -> Vec<Case> {
    let mut cases = cases::valid();
    cases.iter_mut().for_each(|case| case.result = None);
    cases
}

#[test]
fn law_1_however_many_threads_the_answers_are_the_same() {
    let cases = book();
    let what = What::Objective(decimal("99.97"));
    let change = change(&cases[0].lines[0].sla, what);
    let question = |chained: bool| Question {
        contracts: cases.chunks(if chained { 1 } else { 50 }).collect(),
        changes: vec![change.clone()],
        chained,
    };
    for chained in [false, true] {
        let question = question(chained);
        let asked = |workers: usize| {
            let mut steps: Vec<Progress> = Vec::new();
            let answers = ask(&question, workers, &mut |progress| {
                steps.push(progress);
                ControlFlow::Continue(())
            });
            assert!(steps.is_sorted_by(|a, b| a.done < b.done));
            let end = Progress { done: cases.len(), of: cases.len() };
            assert_eq!(steps.last(), Some(&end));
            answers.unwrap()
        };
        let serial = asked(0);
        assert_eq!(serial.windows.len(), cases.len());
        for (answer, case) in serial.windows.iter().zip(&cases) {
            let Ok(answer) = answer else { continue };
            assert_eq!(answer.period, case.period);
            let was = answer.owed.was.to_decimal_string();
            assert_eq!(was, compute(case).unwrap().result.credit);
        }
        assert!(serial.totals.missed.would_be > serial.totals.missed.was);
        for workers in [1, 2, 7, 1_000] {
            assert_eq!(asked(workers), serial);
        }
    }
}

#[test]
fn whoever_watches_may_stop_it() {
    let cases = book();
    for workers in [1, 4] {
        let question = Question { contracts: vec![&cases], changes: Vec::new(), chained: false };
        let mut calls = 0;
        let answers = ask(&question, workers, &mut |progress| {
            calls += 1;
            if progress.done > 40 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let why = answers.unwrap_err();
        assert_eq!(why, NoAnswers::Stopped);
        assert_eq!(why.to_string(), "stopped before all windows were computed");
        assert!(calls >= 3);
    }
}

#[test]
fn a_question_without_changes_changes_nothing() {
    let cases = book();
    let answers = answer(&cases, Vec::new(), false);
    assert_eq!(answers.totals.refused, 0);
    for answer in answers.windows {
        let answer = answer.unwrap();
        assert_eq!(answer.owed.was, answer.owed.would_be);
        assert!(answer.lines.iter().all(|(_, line)| line.was == line.would_be));
    }
}
