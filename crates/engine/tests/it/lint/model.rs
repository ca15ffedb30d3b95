//! What is said of a table beside what it does: every outcome that a small window can have is
//! computed. The tiers that are called dead can be left out together, and of the others none.

use super::places;
use makegood_engine::credits::AwardedBy;
use makegood_engine::{Case, Terms, compute, lint};
use proptest::prelude::*;
use serde_json::{Value, json};

const DEAD: [&str; 5] = [
    "tier_never_holds",
    "tier_duplicated",
    "tier_pays_less",
    "tier_shadowed",
    "tier_lost_between_slots",
];

/// What one outcome came to.
struct Outcome {
    met: bool,
    internal_met: Option<bool>,
    holds: bool,
    credit: String,
}

/// A day in which of so many slots, or seconds of service hours, this many are bad at once.
fn outcome(terms: &Value, bad: u64) -> Outcome {
    let slots = terms["measure"].get("slots").is_some();
    let evidence = if slots {
        let run = |count: u64, value: &str| json!({"count": count, "value": value});
        let runs = [run(bad, "9"), run(24 - bad, "1")];
        json!({"slots": runs.iter().filter(|run| run["count"] != 0).collect::<Vec<_>>()})
    } else if bad == 0 {
        json!({"outages": []})
    } else {
        let to = format!("2026-10-14T10:{:02}:{:02}Z", bad / 60, bad % 60);
        json!({"outages": [{"from": "2026-10-14T10:00:00Z", "to": to}]})
    };
    let case = json!({"format": "makegood/case/1", "contract": {"currency": "EUR"},
        "period": "2026-10-14",
        "lines": [{"sla": "API", "fee": "100", "terms": terms, "evidence": evidence}]});
    let text = case.to_string();
    let case =
        Case::parse_file(text.as_bytes()).unwrap_or_else(|r| panic!("{r}: {text}")).remove(0);
    let computed = compute(&case).unwrap();
    let (line, trace) = (&computed.result.lines[0], &computed.lines[0]);
    let holds = matches!(trace.paid.awarded.by, AwardedBy::Tier(_));
    let credit = computed.result.credit.clone();
    Outcome { met: line.met.unwrap(), internal_met: line.internal_met.flatten(), holds, credit }
}

/// All outcomes of such a day: 24 slots, or 61 seconds of service hours.
fn outcomes(terms: &Value) -> Vec<Outcome> {
    let most = if terms["measure"].get("slots").is_some() { 24 } else { 60 };
    (0..=most).map(|bad| outcome(terms, bad)).collect()
}

fn bound() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0", "4", "4.17", "50", "90", "91.6", "91.7", "95", "95.8", "95.83", "95.9", "96", "98.4",
        "98.3", "99", "100",
    ])
}

fn tier(conditions: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let percent = prop::sample::select(vec!["5", "10", "10", "25"]);
    let length = prop::sample::select(vec!["0s", "1s", "5s", "30s", "59s", "1m", "1m1s"]);
    (prop::sample::select(conditions), bound(), length, percent).prop_map(
        |(condition, bound, length, percent)| {
            let value = if condition.starts_with("downtime") { length } else { bound };
            json!({condition: value, "percent": percent})
        },
    )
}

fn tables(
    measure: impl Strategy<Value = Value>,
    conditions: &'static [&'static str],
) -> impl Strategy<Value = Value> {
    let round = (0..=2_u32, prop::sample::select(vec!["half_up", "half_even", "floor"]));
    let round = prop::option::weighted(0.4, round);
    let is = prop::sample::select(vec!["at_least", "above"]);
    let tiers = prop::collection::vec(tier(conditions), 1..5);
    let parts = (measure, bound(), prop::option::of(bound()), is, round, tiers);
    parts.prop_map(|(measure, objective, internal, is, round, tiers)| {
        let mut terms = json!({"objective": objective, "objective_is": is,
            "window": {"rolling": "1d"}, "measure": measure,
            "credit": {"tiers": tiers, "cap": {"percent": "100"}}});
        let larger = |text: &&str| {
            let ratio = |text| makegood_engine::decimal::Decimal::parse(text).unwrap().ratio();
            ratio(text) > ratio(objective)
        };
        if let Some(internal) = internal.filter(larger) {
            terms["internal_objective"] = internal.into();
        }
        if let Some((decimals, mode)) = round {
            terms["round_attainment"] = json!({"decimals": decimals, "mode": mode});
        }
        if terms["measure"].get("uptime").is_some() {
            let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            terms["service_hours"] = json!([{"days": days, "from": "10:00", "to": "10:01"}]);
        }
        terms
    })
}

fn slots() -> impl Strategy<Value = Value> {
    prop::option::of(1..5_u64).prop_map(|run| {
        let bad_when = json!({"metric": "value", "is": ">", "than": "5"});
        let mut measure = json!({"slots": {"slot": "1h", "bad_when": bad_when}});
        if let Some(run) = run {
            measure["slots"]["min_run"] = run.into();
        }
        measure
    })
}

/// The outcomes of these terms with only some of their tiers; nothing is paid without any.
fn only(terms: &Value, kept: impl Fn(usize) -> bool) -> Vec<Outcome> {
    let mut less = terms.clone();
    let tiers = terms["credit"]["tiers"].as_array().unwrap().iter().enumerate();
    let tiers: Vec<&Value> = tiers.filter(|(index, _)| kept(*index)).map(|(_, t)| t).collect();
    if tiers.is_empty() {
        less.as_object_mut().unwrap().remove("credit");
    } else {
        less["credit"]["tiers"] = json!(tiers);
    }
    outcomes(&less)
}

fn credits(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome.credit.as_str()).collect()
}

/// What is found, and what of it concerns a place.
struct Said(Vec<(String, &'static str)>);

impl Said {
    fn of(terms: &Value) -> Self {
        Self(places(&lint::terms(&Terms::parse(&terms.to_string()).unwrap())))
    }

    fn has(&self, path: &str, codes: &[&str]) -> bool {
        let below = |at: &str| at == path || at.starts_with(&format!("{path}."));
        self.0.iter().any(|(at, code)| below(at) && codes.contains(code))
    }

    fn dead(&self, index: usize) -> bool {
        self.has(&format!("credit.tiers[{index}]"), &DEAD)
    }
}

/// Nothing is said of slots that does not happen, and nothing that does is left unsaid.
fn exactly(terms: &Value) {
    let said = Said::of(terms);
    let outcomes = outcomes(terms);
    let due = only(terms, |index| !said.dead(index));
    assert_eq!(credits(&due), credits(&outcomes), "{}: {:?}", terms, said.0);
    let tiers = terms["credit"]["tiers"].as_array().unwrap().len();
    for index in (0..tiers).filter(|index| !said.dead(*index)) {
        let without = only(terms, |other| other != index && !said.dead(other));
        assert_ne!(credits(&without), credits(&due), "{} of {}: {:?}", index, terms, said.0);
        let alone = only(terms, |other| other == index);
        let pays = alone.iter().any(|outcome| outcome.met && outcome.holds);
        let path = format!("credit.tiers[{index}]");
        assert_eq!(said.has(&path, &["tier_pays_when_met"]), pays, "{}: {:?}", terms, said.0);
    }
    let gap = outcomes.iter().any(|outcome| !outcome.met && outcome.credit == "0.00");
    let any = (0..tiers).any(|index| !said.dead(index));
    assert_eq!(said.has("credit.tiers", &["miss_pays_nothing"]), any && gap, "{terms}");
    let (all, none) = (outcomes.iter().all(|o| o.met), outcomes.iter().all(|o| !o.met));
    assert_eq!(said.has("objective", &["objective_always_met"]), all, "{terms}");
    assert_eq!(said.has("objective", &["objective_never_met"]), none, "{terms}");
    if terms.get("internal_objective").is_some() {
        let same = outcomes.iter().all(|outcome| outcome.internal_met == Some(outcome.met));
        let codes = ["internal_not_tighter", "internal_without_buffer"];
        assert_eq!(said.has("internal_objective", &codes), same, "{terms}");
    }
}

#[test]
fn halves_that_go_to_the_even_neighbour_are_told_apart() {
    // 9 bad of 24 are 62.5 %, which becomes 62; 3 are 87.5 %, which becomes 88.
    for (first, second) in [("63", "62"), ("88", "87")] {
        let bad_when = json!({"metric": "value", "is": ">", "than": "5"});
        exactly(&json!({"objective": first, "window": {"rolling": "1d"},
            "measure": {"slots": {"slot": "1h", "bad_when": bad_when}},
            "round_attainment": {"decimals": 0, "mode": "half_even"},
            "credit": {"tiers": [
                {"below": first, "percent": "5"}, {"below": second, "percent": "10"}]}}));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn of_slots_exactly_what_never_happens_is_called_so(
        terms in tables(slots(), &["below", "at_or_below"])
    ) {
        exactly(&terms);
    }

    /// A percentage and a duration are not compared, so that here something may be left unsaid.
    #[test]
    fn of_downtime_nothing_is_called_dead_that_matters(
        terms in tables(
            Just(json!({"uptime": {}})),
            &["below", "at_or_below", "downtime_over", "downtime_at_least"],
        )
    ) {
        let said = Said::of(&terms);
        let outcomes = outcomes(&terms);
        let due = only(&terms, |index| !said.dead(index));
        prop_assert_eq!(credits(&due), credits(&outcomes), "{}: {:?}", terms, said.0);
        let tiers = terms["credit"]["tiers"].as_array().unwrap().len();
        for index in (0..tiers).filter(|index| !said.dead(*index)) {
            let alone = only(&terms, |other| other == index);
            let pays = alone.iter().any(|outcome| outcome.met && outcome.holds);
            let path = format!("credit.tiers[{index}]");
            prop_assert!(!pays || said.has(&path, &["tier_pays_when_met"]), "{}: {:?}", terms, said.0);
        }
        let gap = outcomes.iter().any(|outcome| !outcome.met && outcome.credit == "0.00");
        let any = (0..tiers).any(|index| !said.dead(index));
        let found = said.has("credit.tiers", &["miss_pays_nothing"]);
        prop_assert!(found || !(any && gap), "{}: {:?}", terms, said.0);
    }
}
