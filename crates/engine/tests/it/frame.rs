//! What of a window is measured at all, and why not where it is not.

use makegood_engine::case::Active;
use makegood_engine::instant::parse_instant;
use makegood_engine::outcome::outcome;
use makegood_engine::terms::PartialPeriod;
use makegood_engine::{Case, SlotRun, Unmeasured, compute};

const UPTIME: &str = r#"{"uptime": {}}"#;
const MEAN: &str = r#"{"mean_error_rate": {"slot": "1h"}}"#;

/// April 2026 in UTC, under contract from and to these days.
fn case(measure: &str, partial: PartialPeriod, active: Option<(&str, &str)>) -> Case {
    let evidence = if measure == UPTIME {
        r#"{"outages": [{"from": "2026-04-02T00:00:00Z", "to": "2026-04-02T12:00:00Z"}], "exclusions":
            [{"kind": "other", "from": "2026-04-02T00:00:00Z", "to": "2026-04-02T01:00:00Z"}]}"#
    } else {
        r#"{"slots": [{"count": 720, "requests": 10, "errors": 0}]}"#
    };
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-04",
            "lines": [{{"sla": "A", "fee": "100.00", "evidence": {evidence},
            "terms": {{"objective": "99", "window": {{"calendar": "month"}}, "measure": {measure},
            "exclusions": {{"other": {{"treatment": "up"}}}},
            "credit": {{"tiers": [{{"below": "99", "percent": "10"}}]}}}}}}]}}"#
    );
    let mut case = Case::parse_file(text.as_bytes()).unwrap().remove(0);
    let instant = |day: &str| parse_instant(&format!("{day}T00:00:00Z"));
    case.lines[0].terms.partial_period = partial;
    case.lines[0].active = active.map(|(from, to)| Active { from: instant(from), to: instant(to) });
    case
}

/// Why nothing was measured, and what was excused all the same.
fn why(case: &Case) -> (Option<Unmeasured>, String) {
    let computed = compute(case).unwrap();
    let line = &computed.result.lines[0];
    assert_eq!(line.attainment.is_none(), computed.lines[0].unmeasured.is_some());
    if line.attainment.is_none() {
        let nothing = (line.met, line.percent.as_ref(), line.total.as_str(), line.bad.as_str());
        assert_eq!(nothing, (None, None, "0", "0"));
        assert_eq!(line.credit, "0.00");
    }
    (computed.lines[0].unmeasured, line.excused.clone())
}

#[test]
fn a_part_of_a_window_is_measured_or_not_as_the_terms_say() {
    let half = Some(("2026-04-01", "2026-04-16"));
    let whole = Some(("2026-03-01", "2026-06-01"));
    let not = PartialPeriod::NotMeasured;
    assert_eq!(why(&case(UPTIME, not, half)), (Some(Unmeasured::Partial), "0".to_owned()));
    assert_eq!(why(&case(UPTIME, not, whole)), (None, "3600".to_owned()));
    assert_eq!(why(&case(UPTIME, not, None)), (None, "3600".to_owned()));
    assert_eq!(why(&case(UPTIME, PartialPeriod::Prorate, half)), (None, "3600".to_owned()));
    // Half a month counts half: eleven hours of 360 are bad.
    let computed = compute(&case(UPTIME, PartialPeriod::Prorate, half)).unwrap();
    assert_eq!(computed.result.lines[0].percent.as_deref(), Some("96.944444"));
    let computed = compute(&case(UPTIME, PartialPeriod::Up, half)).unwrap();
    assert_eq!(computed.result.lines[0].percent.as_deref(), Some("98.472222"));
}

#[test]
fn a_window_without_a_contract_is_not_measured_whatever_the_terms_say() {
    let before = Some(("2026-05-01", "2026-06-01"));
    for partial in [PartialPeriod::Prorate, PartialPeriod::Up, PartialPeriod::NotMeasured] {
        for measure in [UPTIME, MEAN] {
            let found = why(&case(measure, partial, before));
            assert_eq!(found, (Some(Unmeasured::Inactive), "0".to_owned()), "{partial:?}");
        }
    }
}

#[test]
fn slots_that_reach_past_the_window_are_refused_measured_or_not() {
    let mut inactive = case(MEAN, PartialPeriod::Up, Some(("2026-05-01", "2026-06-01")));
    inactive.lines[0].evidence.slots.push(SlotRun::of_requests(1, 1, 0));
    for refusal in [compute(&inactive).unwrap_err(), outcome(&inactive).unwrap_err()] {
        assert_eq!(
            refusal.to_string(),
            "lines[0].evidence.slots[1]: reaches past the window's end"
        );
    }
}

#[test]
fn numbers_beyond_all_use_are_compared_exactly() {
    let slots = r#"{"slots": {"slot": "1h", "bad_when": {"metric": "error_percent", "is": ">=", "than": "2.5"}}}"#;
    let most = u128::MAX / 40;
    // A fortieth is 2.5 %; one event less is not.
    for (requests, errors, met) in
        [(most * 40, most, false), (most * 40, most - 1, true), (u128::MAX, most, true)]
    {
        let mut case = case(slots, PartialPeriod::Prorate, None);
        case.lines[0].evidence.slots =
            [SlotRun::of_requests(9, requests, errors), SlotRun::of_requests(711, 1, 0)]
                .into_iter()
                .collect();
        assert_eq!(outcome(&case).unwrap().lines[0].met, Some(met), "{errors} of {requests}");
    }
}
