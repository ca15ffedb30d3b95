//! What the steps tell, and what they leave out: a step that says nothing is none.

use makegood_engine::Case;
use makegood_engine::compute;
use makegood_engine::decimal::Decimal;
use makegood_engine::explain::{self, Language, Step};
use makegood_engine::fraction::Fraction;
use serde_json::{Value, json};

/// The steps of a line of April 2026 under these terms, on this evidence; `active` where it is not
/// the whole month.
fn steps(terms: &Value, evidence: &Value, active: Option<Value>) -> Vec<Step> {
    let mut line = json!({ "sla": "API", "fee": "1000.00", "evidence": evidence, "terms": terms });
    if let Some(active) = active {
        line["active"] = active;
    }
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-04",
        "lines": [line],
    });
    let case = Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0);
    compute(&case).unwrap().lines.remove(0).steps
}

fn uptime() -> Value {
    json!({
        "objective": "99.9", "window": { "calendar": "month" }, "measure": { "uptime": {} },
        "exclusions": { "planned_maintenance": { "treatment": "removed", "min_notice": "48h" } },
        "credit": { "tiers": [
            { "below": "99.9", "percent": "10" }, { "below": "99.5", "percent": "20" },
            { "below": "99", "percent": "30" },
        ] },
    })
}

fn maintenance(from: &str, to: &str, told: &str) -> Value {
    json!({
        "kind": "planned_maintenance", "notified_at": told,
        "from": format!("2026-{from}:00Z"), "to": format!("2026-{to}:00Z"),
    })
}

fn announced(from: &str, to: &str) -> Value {
    maintenance(from, to, "2026-03-01T00:00:00Z")
}

fn excluded(steps: &[Step]) -> Vec<i64> {
    let seconds = |step: &Step| match step {
        Step::Excluded { seconds, .. } => Some(*seconds),
        _ => None,
    };
    steps.iter().filter_map(seconds).collect()
}

#[test]
fn time_outside_of_the_contract_and_of_the_hours_is_told_where_there_is_any() {
    let none = json!({ "outages": [] });
    let whole = steps(&uptime(), &none, None);
    let is_there = |steps: &[Step], such: fn(&Step) -> bool| steps.iter().any(such);
    assert!(!is_there(&whole, |step| matches!(step, Step::Inactive { .. })));
    assert!(!is_there(&whole, |step| matches!(step, Step::OutOfHours { .. })));
    assert!(!is_there(&whole, |step| matches!(step, Step::Unknown { .. })));
    assert!(is_there(&whole, |step| matches!(step, Step::Counted { less: false, .. })));
    let part = steps(&uptime(), &none, Some(json!({ "from": "2026-04-11T00:00:00Z" })));
    assert!(is_there(&part, |step| matches!(step, Step::Inactive { seconds: 864_000, .. })));
    assert!(is_there(&part, |step| matches!(step, Step::Counted { less: true, .. })));
    let mut hours = uptime();
    hours["service_hours"] =
        json!([{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "00:00", "to": "24:00" }]);
    let hours = steps(&hours, &none, None);
    // Eight days of weekend.
    assert!(is_there(&hours, |step| matches!(step, Step::OutOfHours { seconds: 691_200 })));
    let unseen = json!({ "outages": [], "unknown": [
        { "from": "2026-04-02T00:00:00Z", "to": "2026-04-02T00:05:00Z" },
    ] });
    let unseen = steps(&uptime(), &unseen, None);
    assert!(is_there(&unseen, |step| matches!(step, Step::Unknown { seconds: 300, .. })));
}

#[test]
fn exclusions_that_excuse_are_told_singly_up_to_four_and_the_others_not_at_all() {
    let four = json!({ "outages": [], "exclusions": [
        announced("04-02T00:00", "04-02T00:10"), announced("04-03T00:00", "04-03T00:10"),
        announced("04-04T00:00", "04-04T00:10"), announced("04-05T00:00", "04-05T00:10"),
        // Before the window: it excuses nothing of it.
        announced("03-20T00:00", "03-20T00:10"),
    ] });
    assert_eq!(excluded(&steps(&uptime(), &four, None)), [600; 4]);
    let mut five = four.clone();
    five["exclusions"].as_array_mut().unwrap().push(announced("04-06T00:00", "04-06T00:10"));
    let five = steps(&uptime(), &five, None);
    assert_eq!(excluded(&five), [] as [i64; 0]);
    assert!(
        five.iter().any(|step| matches!(step, Step::ExcludedMany { count: 5, seconds: 3000, .. }))
    );
}

#[test]
fn exclusions_that_are_not_admitted_are_told_where_they_touch_the_window() {
    let late = |from, to| maintenance(from, to, "2026-04-30T23:00:00Z");
    let told = |from, to| {
        let evidence = json!({ "outages": [], "exclusions": [late(from, to)] });
        let steps = steps(&uptime(), &evidence, None);
        steps.iter().filter(|step| matches!(step, Step::NotAdmitted { .. })).count()
    };
    assert_eq!(told("04-10T00:00", "04-10T01:00"), 1);
    assert_eq!(told("03-31T23:00", "04-01T00:01"), 1);
    assert_eq!(told("04-30T23:59", "05-01T01:00"), 1);
    // They end where it begins, or begin where it ends.
    assert_eq!(told("03-31T23:00", "04-01T00:00"), 0);
    assert_eq!(told("05-01T00:00", "05-01T01:00"), 0);
    assert_eq!(told("02-01T00:00", "02-01T01:00"), 0);
    assert_eq!(told("06-01T00:00", "06-01T01:00"), 0);
}

#[test]
fn an_outage_is_told_by_itself_where_it_does_not_wholly_count() {
    let whole = json!({ "outages": [
        { "from": "2026-04-02T00:00:00Z", "to": "2026-04-02T01:00:00Z" },
    ] });
    let told = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Outage { .. }));
    assert!(!told(&steps(&uptime(), &whole, None)));
    let mut part = whole.clone();
    part["exclusions"] = json!([announced("04-02T00:00", "04-02T00:10")]);
    assert!(told(&steps(&uptime(), &part, None)));
}

#[test]
fn slots_tell_what_was_excused_in_their_own_unit() {
    let terms = json!({
        "objective": "99", "window": { "calendar": "month" },
        "measure": { "requests": { "slot": "6h" } },
        "exclusions": { "planned_maintenance": { "treatment": "removed" } },
        "credit": { "tiers": [{ "below": "99", "percent": "10" }] },
    });
    let mut evidence = json!({ "slots": [
        { "start": "2026-04-02T00:00:00Z", "count": 4, "requests": 100, "errors": 1 },
    ] });
    let told = |evidence: &Value| {
        let excused = |step: &Step| match step {
            Step::Excused { amount, .. } => Some(amount.to_string()),
            _ => None,
        };
        steps(&terms, evidence, None).iter().find_map(excused)
    };
    assert_eq!(told(&evidence), None);
    evidence["exclusions"] = json!([announced("04-02T00:00", "04-02T06:00")]);
    assert_eq!(told(&evidence).as_deref(), Some("100"));
}

#[test]
fn the_money_tells_the_step_between_its_bounds_and_the_fee_where_it_takes_one() {
    let lasting = |minutes: u32| {
        let to = format!("2026-04-02T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
        json!({ "outages": [{ "from": "2026-04-02T00:00:00Z", "to": to }] })
    };
    let of = |minutes| steps(&uptime(), &lasting(minutes), None);
    let bounds = |steps: &[Step]| {
        let bound = |step: &Step| match step {
            Step::Tier { when, not_below, .. } => {
                Some((format!("{when:?}"), not_below.as_ref().map(Decimal::to_string)))
            }
            _ => None,
        };
        steps.iter().find_map(bound).map(|(_, bound)| bound)
    };
    let has_fee = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Fee { .. }));
    // Below 99.9, and not below 99.5; then below 99.5, and not below 99; then below all.
    assert_eq!(bounds(&of(60)), Some(Some("99.5".to_owned())));
    assert_eq!(bounds(&of(300)), Some(Some("99".to_owned())));
    assert_eq!(bounds(&of(600)), Some(None));
    assert!(has_fee(&of(60)));
    assert_eq!(bounds(&of(10)), None);
    assert!(!has_fee(&of(10)));
}

#[test]
fn a_prorata_award_says_of_what_it_is_a_share() {
    let excess = |of: &str| {
        let mut terms = uptime();
        terms["credit"] = json!({ "prorata": { "of": of, "multiple": "2" } });
        let evidence = json!({ "outages": [
            { "from": "2026-04-02T00:00:00Z", "to": "2026-04-02T05:00:00Z" },
        ] });
        steps(&terms, &evidence, None).into_iter().find_map(|step| match step {
            Step::Prorata { excess, .. } => Some(excess),
            _ => None,
        })
    };
    assert_eq!(excess("excess"), Some(true));
    assert_eq!(excess("downtime"), Some(false));
}

#[test]
fn nothing_awarded_is_not_too_small_to_be_due() {
    let mut terms = uptime();
    terms["credit"]["minimum_over"] = json!("50.00");
    let lasting = |minutes: u32| {
        let to = format!("2026-04-02T00:{minutes:02}:00Z");
        json!({ "outages": [{ "from": "2026-04-02T00:00:00Z", "to": to }] })
    };
    let too_small = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::TooSmall { .. }));
    assert!(!too_small(&steps(&terms, &lasting(10), None)));
    // 10 % of 1,000.00 is 100.00.
    assert!(!too_small(&steps(&terms, &lasting(59), None)));
    terms["credit"]["minimum_over"] = json!("100.00");
    assert!(too_small(&steps(&terms, &lasting(59), None)));
}

#[test]
fn where_only_the_highest_credit_counts_its_line_pays() {
    let line = |name: &str, minutes: u32| {
        let to = format!("2026-04-02T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
        json!({
            "sla": name, "fee": "1000.00", "terms": uptime(),
            "evidence": { "outages": [{ "from": "2026-04-02T00:00:00Z", "to": to }] },
        })
    };
    let case = json!({
        "format": "makegood/case/1", "period": "2026-04",
        "contract": { "currency": "EUR", "combine": "highest" },
        "lines": [line("a", 60), line("b", 600), line("c", 10)],
    });
    let case = Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0);
    let computed = compute(&case).unwrap();
    assert_eq!(computed.settlement.payer, Some(1));
    assert_eq!(computed.result.credit, "300.00");
}

#[test]
fn outages_are_listed_where_they_touch_the_window_each_with_its_own_impact() {
    let one =
        |from: &str, to: &str, impact: &str| json!({ "from": from, "to": to, "impact": impact });
    let evidence = json!({ "outages": [
        // Ends where the window begins; begins where it ends; reaches over its beginning.
        one("2026-03-31T22:00:00Z", "2026-03-31T23:00:00Z", "1"),
        one("2026-03-31T23:30:00Z", "2026-04-01T00:30:00Z", "0.5"),
        one("2026-04-02T00:00:00Z", "2026-04-02T01:00:00Z", "0.25"),
        one("2026-04-03T00:00:00Z", "2026-04-03T01:00:00Z", "1"),
        one("2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z", "1"),
    ] });
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-04",
        "lines": [{ "sla": "API", "fee": "1000.00", "evidence": evidence, "terms": uptime() }],
    });
    let case = Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0);
    let computed = compute(&case).unwrap();
    let told: Vec<_> = computed.lines[0]
        .outages
        .iter()
        .map(|one| (one.impact.to_string(), one.counted_seconds, one.outside_seconds))
        .collect();
    let own = |impact: &str, counted, outside| (impact.to_owned(), counted, outside);
    assert_eq!(told, [own("1/2", 1800, 1800), own("1/4", 3600, 0), own("1", 3600, 0)]);
}

/// The words of the steps that tell of what kind they are asked for, with their figures.
fn words(steps: &[Step]) -> Vec<String> {
    let said = |step: &Step| {
        let said = explain::words(step, Language::En);
        format!("{} {}", said.sentence, said.figure)
    };
    steps.iter().map(said).collect()
}

/// What each step takes away, in minutes, adds up to what is left.
#[test]
fn time_before_the_contract_and_outside_the_service_hours_is_taken_away_once() {
    let mut terms = uptime();
    terms["partial_period"] = json!("up");
    terms["service_hours"] = json!([{ "days": ["mon", "tue", "wed", "thu", "fri"],
        "from": "08:00", "to": "18:00" }]);
    let active = json!({ "from": "2026-04-16T00:00:00Z" });
    let steps = steps(&terms, &json!({ "outages": [] }), Some(active));
    let out = steps.iter().find_map(|step| match step {
        Step::OutOfHours { seconds } => Some(seconds / 60),
        _ => None,
    });
    let total = steps.iter().find_map(|step| match step {
        Step::Counted { total, .. } => Some(total.clone()),
        _ => None,
    });
    assert_eq!(out, Some(43_200 - 13_200));
    assert_eq!(total, Some(Fraction::whole(13_200 * 60)));
}

#[test]
fn of_what_was_not_measured_no_exclusion_and_no_availability_is_told() {
    let maintained = json!({ "outages": [], "exclusions": [
        announced("04-10T00:00", "04-10T01:00")] });
    let mut terms = uptime();
    terms["partial_period"] = json!("not_measured");
    let part = json!({ "from": "2026-04-02T00:00:00Z" });
    assert_eq!(excluded(&steps(&terms, &maintained, Some(part))), Vec::<i64>::new());
    terms["partial_period"] = json!("up");
    let never = json!({ "from": "2026-05-01T00:00:00Z" });
    let said = words(&steps(&terms, &maintained, Some(never))).join(" | ");
    assert!(said.contains("It was not under contract: nothing is measured."), "{said}");
    assert!(!said.contains("counts as available"), "{said}");
}

#[test]
fn a_first_stretch_and_each_further_one_are_told_with_what_they_are_worth() {
    let mut terms = uptime();
    terms["credit"] = json!({ "per": { "every": "30m", "percent": "5", "count": "started",
        "first": { "after": "15m", "percent": "10" } } });
    let down = |to: &str| {
        let outage =
            json!({ "from": "2026-04-10T00:00:00Z", "to": format!("2026-04-10T{to}:00Z") });
        words(&steps(&terms, &json!({ "outages": [outage] }), None)).join(" | ")
    };
    let hour = down("01:00");
    let told = "10\u{202f}% from 15\u{a0}min of downtime on, and 5\u{202f}% for each further 30\u{a0}min, counted 2 times. \
                20\u{202f}%";
    assert!(hour.contains(told), "{hour}");
    terms["credit"]["per"]["first"]["after"] = json!("50m");
    let outage = json!({ "from": "2026-04-10T00:00:00Z", "to": "2026-04-10T00:45:00Z" });
    let short = words(&steps(&terms, &json!({ "outages": [outage] }), None)).join(" | ");
    assert!(short.contains("Less than 50\u{a0}min of downtime: nothing is due."), "{short}");
}

#[test]
fn a_window_without_a_request_is_told_as_agreed_and_not_divided_by_nothing() {
    let mut terms = uptime();
    terms["measure"] = json!({ "requests": { "idle": "good" } });
    terms["exclusions"] = json!({});
    let none = json!({ "totals": { "requests": 0, "errors": 0 } });
    let said = words(&steps(&terms, &none, None)).join(" | ");
    assert!(said.contains("There was none: that counts as 100\u{202f}%, as agreed."), "{said}");
    assert!(!said.contains("divided by 0"), "{said}");
}
