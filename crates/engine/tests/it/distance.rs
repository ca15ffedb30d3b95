//! Distance worked out by hand.

use crate::northwind;
use chrono::{DateTime, Duration, Utc};
use makegood_engine::distance::{
    Ahead, Costs, Ladder, Like, LookBack, Note, OpenWindow, Step, TotalOf, Unanswered, Unit, When,
    bad_minutes, minutes,
};
use makegood_engine::fraction::Fraction;
use makegood_engine::instant::parse_instant;
use makegood_engine::{Case, Outage, Terms, Unknown};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).unwrap()
}

pub(crate) fn fraction(text: &str) -> Fraction {
    Fraction::parse(text).unwrap()
}

pub(crate) fn length(text: &str) -> makegood_engine::duration::Duration {
    makegood_engine::duration::Duration::parse(text).unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-10-14T12:00:00Z")
}

pub(crate) fn ahead(step: &Step) -> &Ahead {
    let Step::Ahead(ahead) = step else { panic!("{step:?}") };
    ahead
}

pub(crate) fn tiers(costs: &Costs) -> &[Step] {
    let Ladder::Tiers(steps) = &costs.ladder else { panic!("{costs:?}") };
    steps
}

/// A line of June 2026 in UTC, which has 2,592,000 seconds, with these terms and this evidence.
pub(crate) fn june(terms: &str, evidence: &str) -> Case {
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-06",
          "lines": [{{"sla": "API", "fee": "1000.00", "terms": {{"window": {{"calendar": "month"}}, {terms}}},
            "evidence": {{{evidence}}}}}]}}"#
    );
    Case::parse_file(text.as_bytes()).unwrap().remove(0)
}

#[test]
fn northwind_at_noon_is_2303_seconds_from_the_second_tier() {
    let open = OpenWindow::at(&northwind::case(), noon()).unwrap();
    let distance = open.distance(0).unwrap();
    assert_eq!((distance.unit, distance.total_of), (Unit::Seconds, TotalOf::Window));
    assert_eq!(distance.objective.left, fraction("-378.6"));
    let costs = open.costs(0).unwrap();
    assert_eq!(
        (costs.credit.amount(), costs.owed.amount()),
        ("1,200.00".into(), "1,200.00".into())
    );
    assert_eq!((&costs.objective, &costs.internal), (&Step::Holds, &Some(Step::Holds)));
    assert_eq!(tiers(&costs)[0], Step::Holds);
    let next = ahead(&tiers(&costs)[1]);
    // 0.2 % of 2,681,400 s are 5,362.8 s, of which 3,060 s are used up.
    assert_eq!((&next.more, &next.whole), (&fraction("2302.8"), &fraction("2303")));
    assert_eq!(minutes(&next.more), "38.38");
    assert_eq!(next.when, When::At(at("2026-10-14T12:38:23Z")));
    assert_eq!(next.credit.amount(), "3,000.00");
    assert_eq!(costs.next(), Some(next));
    assert_eq!(costs.notes, []);
}

#[test]
fn northwind_burns_its_allowance_more_than_twice_too_fast() {
    let open = OpenWindow::at(&northwind::case(), noon()).unwrap();
    let rate = |look_back| open.burn_rate(0, &look_back).unwrap();
    // 326 hours less ten minutes, of which 51 minutes are bad.
    let so_far = rate(LookBack::SoFar);
    assert_eq!((so_far.total, so_far.bad), (fraction("1173000"), fraction("3060")));
    assert_eq!(so_far.objective, Some(fraction("60/23")));
    assert_eq!(so_far.internal, Some(fraction("120/23")));
    let last = |text| rate(LookBack::Last(length(text))).objective.unwrap();
    assert_eq!(last("1h"), fraction("0"));
    assert_eq!(last("6h"), fraction("0"));
    assert_eq!(last("12h"), fraction("5100/71"));
    assert_eq!(last("1d"), fraction("5100/143"));
    // No further back than the window.
    assert_eq!(rate(LookBack::Last(length("30d"))).from, at("2026-09-30T22:00:00Z"));
}

#[test]
fn northwind_s_month_ends_as_the_rest_of_it_is_like() {
    let case = northwind::case();
    let open = OpenWindow::at(&case, noon()).unwrap();
    let forecast = |like: &Like| open.forecast(like).unwrap();
    let last = |text| forecast(&Like::Last(LookBack::Last(length(text))));
    let quiet = last("6h");
    let line = quiet.lines[0].as_ref().unwrap();
    assert_eq!((line.attainment.percent().as_str(), line.met), ("99.885880", false));
    assert_eq!(quiet.owed.unwrap().amount(), "1,200.00");

    // 51 of the last 1,430 minutes were bad, and 1,508,400 s are to come.
    let day = last("1d");
    let line = day.lines[0].as_ref().unwrap();
    assert_eq!(line.bad, fraction("8130420/143"));
    assert_eq!(bad_minutes(&line.bad), "947.61");
    assert_eq!(minutes(&line.left), "\u{2212}902.92");
    assert_eq!(line.attainment.percent(), "97.879611");
    assert_eq!((line.credit.amount(), line.internal_met), ("3,000.00".into(), Some(false)));

    let so_far = forecast(&Like::Last(LookBack::SoFar));
    let line = so_far.lines[0].as_ref().unwrap();
    assert_eq!(line.bad, fraction("160884/23"));
    assert_eq!(so_far.owed.unwrap().amount(), "3,000.00");
}

fn october_2025(outage: &str) -> Case {
    let mut earlier = northwind::case();
    earlier.period = "2025-10".to_owned();
    let line = &mut earlier.lines[0];
    line.evidence.exclusions.clear();
    let old = Outage::new(at("2025-10-05T00:00:00Z"), at("2025-10-05T09:00:00Z"));
    let start = at(outage);
    line.evidence.outages = vec![old, Outage::new(start, start + Duration::minutes(30))];
    // Today's terms judge it.
    line.terms = Terms::parse(
        r#"{"objective": "50", "window": {"calendar": "year"}, "measure": {"uptime": {}}}"#,
    )
    .unwrap();
    earlier
}

#[test]
fn the_rest_may_be_like_that_of_the_year_before() {
    let open = OpenWindow::at(&northwind::case(), noon()).unwrap();
    let mut earlier = october_2025("2025-10-20T10:00:00Z");
    let forecast = open.forecast(&Like::Earlier(&earlier)).unwrap();
    let line = forecast.lines[0].as_ref().unwrap();
    assert_eq!(line.like_from, at("2025-10-14T12:00:00Z"));
    assert_eq!(line.like_to, at("2025-10-31T23:00:00Z"));
    assert_eq!(line.bad, fraction("4860"));
    assert_eq!(forecast.owed.unwrap().amount(), "1,200.00");

    // Law 3: what nobody observed was not up. Half of it is unknown, so twice as much is bad.
    let unknown = Unknown { from: at("2025-10-23T05:30:00Z"), to: at("2025-11-02T00:00:00Z") };
    earlier.lines[0].evidence.unknown = vec![unknown];
    let forecast = open.forecast(&Like::Earlier(&earlier)).unwrap();
    assert_eq!(forecast.lines[0].as_ref().unwrap().bad, fraction("6660"));
    assert_eq!(forecast.owed.unwrap().amount(), "3,000.00");

    earlier.lines[0].sla = "Another".to_owned();
    let forecast = open.forecast(&Like::Earlier(&earlier)).unwrap();
    assert_eq!(forecast.lines[0], Err(Unanswered::NoEarlierLine));
    assert_eq!(forecast.owed, None);
}

#[test]
fn law_3_nothing_observed_is_nothing_to_go_by() {
    let mut case = northwind::case();
    let unknown = Unknown { from: at("2026-10-14T11:00:00Z"), to: noon() };
    case.lines[0].evidence.unknown = vec![unknown];
    let open = OpenWindow::at(&case, noon()).unwrap();
    let last = LookBack::Last(length("1h"));
    assert_eq!(open.burn_rate(0, &last), Err(Unanswered::NothingToGoBy));
    let forecast = open.forecast(&Like::Last(last)).unwrap();
    assert_eq!((&forecast.lines[0], forecast.owed), (&Err(Unanswered::NothingToGoBy), None));
}

#[test]
fn exactly_at_the_bound_is_what_the_terms_say() {
    let start = at("2026-06-01T00:00:00Z");
    let step = |terms: &str| {
        let case = june(&format!(r#""measure": {{"uptime": {{}}}}, {terms}"#), r#""outages": []"#);
        OpenWindow::at(&case, start).unwrap().costs(0).unwrap()
    };
    let figures = |step: &Step| {
        let ahead = ahead(step);
        (ahead.more.to_string(), ahead.whole.to_string())
    };
    let pair = |more: &str, whole: &str| (more.to_owned(), whole.to_owned());
    // 0.1 % of the month are 2,592 s.
    assert_eq!(figures(&step(r#""objective": "99.9""#).objective), pair("2592", "2593"));
    let above = step(r#""objective": "99.9", "objective_is": "above""#);
    assert_eq!(figures(&above.objective), pair("2592", "2592"));
    let table = step(
        r#""objective": "99.9", "credit": {"tiers": [
            {"below": "99.9", "percent": "5"}, {"at_or_below": "99.9", "percent": "6"},
            {"downtime_over": "1h", "percent": "7"}, {"downtime_at_least": "1h", "percent": "8"},
            {"below": "0", "percent": "100"}, {"at_or_below": "0", "percent": "99"},
            {"at_or_below": "100", "percent": "1"}]}"#,
    );
    let steps = tiers(&table);
    assert_eq!(figures(&steps[0]), pair("2592", "2593"));
    assert_eq!(figures(&steps[1]), pair("2592", "2592"));
    assert_eq!(figures(&steps[2]), pair("3600", "3601"));
    assert_eq!(figures(&steps[3]), pair("3600", "3600"));
    assert_eq!(steps[4], Step::Never);
    assert_eq!(figures(&steps[5]), pair("2592000", "2592000"));
    assert_eq!(steps[6], Step::Holds);
    assert_eq!(
        (table.credit.amount(), table.next().unwrap().credit.amount()),
        ("10.00".into(), "60.00".into())
    );
    // At 99.85 % half to even gives 99.8 %, at 99.75 % it gives 99.8 %, too.
    let rounded = |objective: &str, mode: &str| {
        let round = format!(r#""round_attainment": {{"decimals": 1, "mode": "{mode}"}}"#);
        figures(&step(&format!(r#""objective": "{objective}", {round}"#)).objective)
    };
    assert_eq!(rounded("99.9", "half_up"), pair("3888", "3889"));
    assert_eq!(rounded("99.9", "half_even"), pair("3888", "3888"));
    assert_eq!(rounded("99.8", "half_even"), pair("6480", "6481"));
    assert_eq!(rounded("99.9", "floor"), pair("2592", "2593"));
    assert_eq!(rounded("99.85", "floor"), pair("2592", "2593"));
}

#[test]
fn a_running_outage_is_reckoned_with() {
    let running = |measure: &str| {
        let terms = format!(
            r#""objective": "99.9", "measure": {{"uptime": {measure}}},
               "credit": {{"tiers": [{{"downtime_at_least": "10m", "percent": "10"}}]}}"#
        );
        let outage =
            r#""outages": [{"from": "2026-06-10T10:00:00Z", "to": "2026-06-10T10:01:30Z"}]"#;
        let open = OpenWindow::at(&june(&terms, outage), at("2026-06-10T10:01:30Z")).unwrap();
        let costs = open.costs(0).unwrap();
        let step = ahead(&tiers(&costs)[0]).clone();
        (step.more.to_string(), step.when, costs.notes)
    };
    let ten_minutes = When::At(at("2026-06-10T10:10:00Z"));
    assert_eq!(running("{}"), ("510".to_owned(), ten_minutes, vec![]));
    // Half a minute does not count yet, and will.
    let whole = running(r#"{"whole_minutes": true}"#);
    assert_eq!(whole, ("540".to_owned(), ten_minutes, vec![Note::WholeMinutes]));
    // Nothing of it counts yet, and all of it will.
    let long = running(r#"{"min_outage": "20m"}"#);
    let twenty_minutes = When::At(at("2026-06-10T10:20:00Z"));
    assert_eq!(long, ("600".to_owned(), twenty_minutes, vec![Note::MinOutage(length("20m"))]));
}

/// An outage that must be long to count at all may have to outlast the window.
#[test]
fn a_running_outage_may_come_to_count_after_the_window() {
    let terms = r#""objective": "99.9", "measure": {"uptime": {"min_outage": "20m"}}"#;
    let outage = r#""outages": [{"from": "2026-06-10T10:00:00Z", "to": "2026-06-10T10:35:00Z"}]"#;
    let when = |as_of: &str| {
        let open = OpenWindow::at(&june(terms, outage), at(as_of)).unwrap();
        ahead(&open.costs(0).unwrap().objective).when
    };
    // 2,592 s are allowed, 2,100 used. The ten minutes to the end are enough, once they are twenty.
    assert_eq!(when("2026-06-30T23:50:00Z"), When::At(at("2026-07-01T00:10:00Z")));
    // Eight minutes are 480 s: too few, however long it lasts.
    assert_eq!(when("2026-06-30T23:52:00Z"), When::NotInWindow);
}

#[test]
fn per_and_prorata_tell_their_next_step() {
    let costs = |credit: &str, down: &str| {
        let terms = format!(
            r#""objective": "99.9", "measure": {{"uptime": {{}}}}, "credit": {{{credit}}}"#
        );
        let outage = format!(r#""outages": [{{"from": "2026-06-10T10:00:00Z", "to": "{down}"}}]"#);
        let case = june(&terms, &outage);
        OpenWindow::at(&case, at("2026-06-11T00:00:00Z")).unwrap().costs(0).unwrap()
    };
    let per = |down: &str| {
        let credit = r#""per": {"every": "30m", "percent": "5", "count": "started",
            "first": {"after": "1h", "percent": "10"}}"#;
        let Ladder::Per(step) = costs(credit, down).ladder else { panic!() };
        let ahead = ahead(&step);
        (ahead.more.to_string(), ahead.whole.to_string(), ahead.credit.amount())
    };
    let figures = |more: &str, whole: &str, credit: &str| {
        (more.to_owned(), whole.to_owned(), credit.to_owned())
    };
    // Missing the objective after 43.2 minutes pays nothing yet; one hour does.
    assert_eq!(per("2026-06-10T10:30:00Z"), figures("1800", "1800", "100.00"));
    assert_eq!(per("2026-06-10T11:00:00Z"), figures("0", "1", "150.00"));
    assert_eq!(per("2026-06-10T11:10:00Z"), figures("1200", "1201", "200.00"));
    // Without a first one, the miss itself pays for the two that have begun.
    let credit = r#""per": {"every": "30m", "percent": "5", "count": "started"}"#;
    let Ladder::Per(step) = costs(credit, "2026-06-10T10:20:00Z").ladder else { panic!() };
    assert_eq!(
        (ahead(&step).more.to_string(), ahead(&step).credit.amount()),
        ("1392".into(), "100.00".into())
    );

    let prorata = |of: &str, when: &str| {
        let credit = format!(
            r#""prorata": {{"multiple": "10", "of": "{of}", "when": "{when}"}}, "cap": {{"amount": "12.00"}}"#
        );
        let Ladder::Prorata { from, each } = costs(&credit, "2026-06-10T10:30:00Z").ladder else {
            panic!()
        };
        (from, each)
    };
    // €1,000 × 10 ÷ 2,592,000 s.
    let each = fraction("5/1296");
    assert_eq!(prorata("downtime", "always"), (Step::Holds, each.clone()));
    let (from, grows) = prorata("downtime", "missed");
    assert_eq!((ahead(&from).more.to_string(), &grows), ("792".into(), &each));
    // 2,593 s are €10.00.
    assert_eq!(ahead(&from).credit.amount(), "10.00");
    let (from, grows) = prorata("excess", "missed");
    assert_eq!((ahead(&from).whole.to_string(), grows), ("793".into(), each));
    assert_eq!(ahead(&from).credit.amount(), "0.00");
}

#[test]
fn a_fixed_total_is_judged_and_the_real_time_looked_back_on() {
    let mut case = june(
        r#""objective": "99.9", "measure": {"uptime": {}}"#,
        r#""outages": [{"from": "2026-06-03T00:00:00Z", "to": "2026-06-03T00:14:24Z"}]"#,
    );
    case.lines[0].terms.window.counted_as = Some(length("700h"));
    case.lines[0].terms.no_data = makegood_engine::terms::NoData::Up;
    let open = OpenWindow::at(&case, at("2026-06-11T00:00:00Z")).unwrap();
    assert_eq!(open.distance(0).unwrap().objective.left, fraction("1656"));
    // A thousandth of ten days was down, and will be of the other twenty.
    assert_eq!(open.burn_rate(0, &LookBack::SoFar).unwrap().objective, Some(fraction("1")));
    let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
    let line = forecast.lines[0].as_ref().unwrap();
    assert_eq!((line.bad.to_string(), line.total.to_string()), ("2592".into(), "2520000".into()));
    assert!(!line.met);
    case.lines[0].terms.objective = makegood_engine::decimal::Decimal::from_integer(100);
    let open = OpenWindow::at(&case, at("2026-06-11T00:00:00Z")).unwrap();
    assert_eq!(open.burn_rate(0, &LookBack::SoFar).unwrap().objective, None);
}

/// What was left at the end of each day that has begun, in seconds.
fn left_by_day(case: &Case, as_of: &str) -> Vec<String> {
    let distance = OpenWindow::at(case, at(as_of)).unwrap().distance(0).unwrap();
    distance.objective.by_day.iter().map(|(_, left)| left.to_string()).collect()
}

#[test]
fn a_day_s_bad_time_ends_with_the_day() {
    let terms = r#""objective": "99.5", "measure": {"uptime": {}}"#;
    let outages = r#""outages": [{"from": "2026-06-02T22:00:00Z", "to": "2026-06-03T00:30:00Z"},
        {"from": "2026-06-04T12:00:00Z", "to": "2026-06-04T12:10:00Z"}]"#;
    let case = june(terms, outages);
    // 0.5 % of the month are 12,960 s. Two hours are the 2nd's, and half an hour is the 3rd's.
    let midnight = left_by_day(&case, "2026-06-05T00:00:00Z");
    assert_eq!(midnight, ["12960", "5760", "3960", "3360"]);
    // The 3rd begins with its first second.
    assert_eq!(left_by_day(&case, "2026-06-03T00:00:00Z"), ["12960", "5760"]);
    assert_eq!(left_by_day(&case, "2026-06-03T00:00:01Z"), ["12960", "5760", "5759"]);
    // How it went day by day is all that is left out of the shorter answer.
    let open = OpenWindow::at(&case, at("2026-06-05T00:00:00Z")).unwrap();
    let (mut told, now) = (open.distance(0).unwrap(), open.distance_now(0).unwrap());
    told.objective.by_day.clear();
    assert_eq!(told, now);
}

#[test]
fn days_are_told_for_a_year_and_not_beyond_it() {
    let days = |length: &str| {
        let mut case = june(r#""objective": "99", "measure": {"uptime": {}}"#, r#""outages": []"#);
        let length = self::length(length);
        case.lines[0].terms.window.kind = makegood_engine::window::WindowKind::Rolling { length };
        case.period = "2026-06-30".to_owned();
        left_by_day(&case, "2026-07-01T00:00:00Z").len()
    };
    assert_eq!((days("366d"), days("367d"), days("400d")), (366, 0, 0));
}
