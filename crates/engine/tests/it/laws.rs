//! What holds for any case that the format allows.

use crate::{outcome, random};
use makegood_engine::allocate::allocate;
use makegood_engine::case::{Active, Combine};
use makegood_engine::check::{Verdict, check};
use makegood_engine::credits::{Award, Cap, Credit, Prorata, ProrataOf, ProrataWhen};
use makegood_engine::decimal::Decimal;
use makegood_engine::fraction::Fraction;
use makegood_engine::json::Json;
use makegood_engine::measures::{Comparison, Measure};
use makegood_engine::money::Rounding;
use makegood_engine::result::CaseResult;
use makegood_engine::terms::{NoData, Treatment};
use makegood_engine::{Case, SlotRun, compute};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

fn case() -> impl Strategy<Value = Case> {
    random::case().prop_map(|tree| Case::from_tree(&tree).unwrap())
}

fn result(case: &Case) -> CaseResult {
    compute(case).unwrap().result
}

fn attainments(case: &Case) -> Vec<Option<Fraction>> {
    result(case).lines.into_iter().map(|line| line.attainment).collect()
}

/// All keys of the tree.
fn keys(tree: &Json, found: &mut BTreeSet<String>) {
    match tree {
        Json::List(items) => items.iter().for_each(|item| keys(item, found)),
        Json::Object(members) => {
            for (key, value) in members {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        _ => {}
    }
}

/// The keys of the format but for those of results.
pub(crate) const KEYS: &str = "format id title source contract period lines currency combine cap customer number sla terms \
    evidence fee active history maintenance_used from to credit objective objective_is internal_objective window \
    measure service_hours holidays exclusions no_data partial_period round_attainment decimals mode calendar \
    anchor_day year_starts_in rolling time_zone counted_as uptime min_outage whole_minutes slots slot bad_when \
    metric is than min_requests min_run idle mean_error_rate requests days planned_maintenance \
    emergency_maintenance force_majeure customer_caused third_party beta_feature other treatment min_notice \
    cap_per kind notified_at outages unknown impact count errors value start totals tiers prorata per \
    minimum_over rounding form claim below at_or_below downtime_over downtime_at_least percent amount multiple \
    of when every first after months required within";

#[test]
fn random_cases_hold_every_key_of_the_format() {
    let mut found = BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..300 {
        keys(&random::case().new_tree(&mut runner).unwrap().current(), &mut found);
    }
    let known: BTreeSet<String> = KEYS.split_whitespace().map(ToOwned::to_owned).collect();
    assert_eq!(found, known);
}

/// The tree with the members of each object in another order.
fn turned(tree: &Json, by: usize) -> Json {
    match tree {
        Json::List(items) => Json::List(items.iter().map(|item| turned(item, by)).collect()),
        Json::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(key, value)| (key.clone(), turned(value, by))).collect();
            members.reverse();
            let by = by % members.len().max(1);
            members.rotate_left(by);
            Json::Object(members)
        }
        leaf => leaf.clone(),
    }
}

/// The most that the caps of a credit let pass, in minor units.
fn most(case: &Case, index: usize, credit: &Credit) -> Option<BigInt> {
    let line = &case.lines[index];
    let limit = |cap: &Cap| match cap {
        Cap::Amount(amount) => amount.ratio(),
        Cap::Percent(percent) => line.fee.ratio() * percent.percent(),
        Cap::Rolling { percent, .. } => {
            let fees: BigRational = line.history.iter().map(|entry| entry.fee.ratio()).sum();
            let credits: BigRational = line.history.iter().map(|entry| entry.credit.ratio()).sum();
            ((line.fee.ratio() + fees) * percent.percent() - credits).max(BigRational::default())
        }
    };
    let digits = u32::from(case.contract.currency.minor_digits());
    let least = credit.caps.iter().map(limit).min()?;
    Some(credit.rounding.scaled(&least, digits))
}

fn minor(case: &Case, credit: &str) -> BigInt {
    let digits = u32::from(case.contract.currency.minor_digits());
    Rounding::Floor.scaled(Fraction::parse(credit).unwrap().ratio(), digits)
}

/// Each entry of many slots as so many entries, where they are few.
fn expanded(case: &Case) -> Case {
    let mut expanded = case.clone();
    for line in &mut expanded.lines {
        let runs = line.evidence.slots.iter().flat_map(|run| {
            let count = if run.count > 400 { 1 } else { usize::try_from(run.count).unwrap() };
            let count_of_each = if run.count > 400 { run.count } else { 1 };
            (0..count).map(move |n| SlotRun {
                start: run.start.filter(|_| n == 0),
                count: count_of_each,
                ..run.clone()
            })
        });
        line.evidence.slots = runs.collect();
    }
    expanded
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_an_amount_add_up_to_it_and_are_less_than_a_unit_off(
        total in prop_oneof![0..1_000_i64, 0..=i64::MAX],
        weights in prop::collection::vec(prop_oneof![2 => 0..5_i64, 1 => 0..=i64::MAX], 1..9),
    ) {
        let parts = allocate(total, &weights);
        let sum: i128 = weights.iter().copied().map(i128::from).sum();
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().copied().map(i128::from).sum::<i128>(), if sum == 0 { 0 } else { total.into() });
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!(*part >= 0 && (*weight > 0 || *part == 0));
            let off = BigInt::from(*part) * sum - BigInt::from(total) * *weight;
            prop_assert!(sum == 0 || off.magnitude() < BigInt::from(sum).magnitude());
        }
    }

    #[test]
    fn a_valid_case_reads_back_and_checks(tree in random::case(), by in 0..9_usize) {
        let case = Case::from_tree(&tree).unwrap();
        let written = case.to_json();
        let read = Case::parse_file(written.as_bytes()).unwrap().remove(0);
        prop_assert_eq!(&read, &case);
        prop_assert_eq!(read.to_json(), written);
        // Keys may stand in any order.
        prop_assert_eq!(&Case::from_tree(&turned(&tree, by)).unwrap(), &case);
        let stated = case.with_result(&result(&case));
        prop_assert_eq!(check(&stated), Verdict::Pass);
        prop_assert_eq!(Case::parse_file(stated.to_json().as_bytes()).unwrap().remove(0), stated);
    }

    #[test]
    fn law_1_the_lean_way_says_what_the_full_one_says_of_any_case(case in case()) {
        outcome::assert_same(&case);
    }

    #[test]
    fn law_11_the_customer_edition_of_any_case_computes_the_same(case in case()) {
        let edition = case.customer_edition();
        let text = edition.to_json();
        prop_assert!(!text.contains("\"internal_objective\"") && !text.contains("\"source\""));
        let mut whole = result(&case);
        whole.lines.iter_mut().for_each(|line| line.internal_met = None);
        prop_assert_eq!(result(&edition), whole);
    }

    #[test]
    fn what_is_bad_and_what_is_owed_stay_within_their_bounds(case in case()) {
        let computed = compute(&case).unwrap();
        let lines = case.lines.iter().zip(&computed.lines).zip(&computed.result.lines);
        let mut credits = Vec::new();
        for (index, ((line, trace), result)) in lines.enumerate() {
            let owed = minor(&case, &result.credit);
            prop_assert!(owed >= BigInt::default());
            if let Some(most) = line.terms.credit.as_ref().and_then(|c| most(&case, index, c)) {
                prop_assert!(owed <= most, "{} is more than {}", owed, most);
            }
            credits.push(owed);
            let Some(attainment) = &result.attainment else {
                prop_assert_eq!((result.met, &*result.total, &*result.bad), (None, "0", "0"));
                continue;
            };
            let (total, bad) = (trace.total.ratio(), trace.bad.ratio());
            let idle = *total == BigRational::default();
            prop_assert!(idle || line.terms.window.counted_as.is_some() || bad <= total);
            let share = if idle { BigRational::from_integer(1.into()) } else { (total - bad) / total };
            prop_assert_eq!(attainment.ratio(), &share.max(BigRational::default()));
            // Cut off, never rounded up.
            let shown = Fraction::parse(result.percent.as_ref().unwrap()).unwrap();
            let exact = attainment.ratio() * BigInt::from(100);
            prop_assert!(shown.ratio() <= &exact);
            prop_assert!(exact - shown.ratio() < BigRational::new(1.into(), 1_000_000.into()));
        }
        let combined = match case.contract.combine {
            Combine::Sum => credits.iter().sum(),
            Combine::Highest => credits.iter().max().unwrap().clone(),
        };
        let owed = minor(&case, &computed.result.credit);
        prop_assert!(owed <= combined);
        prop_assert!(owed == combined || !case.contract.caps.is_empty());
    }

    #[test]
    fn a_prorata_award_is_in_lowest_terms_what_plain_fractions_make_of_it(
        case in case(),
        multiple in "[1-9][0-9]?(\\.[0-9]{1,3})?",
        excess in any::<bool>(),
    ) {
        let mut case = case;
        let multiple = Decimal::parse(&multiple).unwrap();
        let of = if excess { ProrataOf::Excess } else { ProrataOf::Downtime };
        let prorata = Prorata { multiple: multiple.clone(), of, when: ProrataWhen::Always };
        for line in &mut case.lines {
            let award = Award::Prorata(prorata.clone());
            line.terms.credit = Some(Credit { award, ..Credit::tiers(Vec::new()) });
        }
        for (line, trace) in case.lines.iter().zip(&compute(&case).unwrap().lines) {
            let Some(attainment) = &trace.attainment else { continue };
            let most = if excess { line.terms.objective.percent() } else { BigRational::from_integer(1.into()) };
            let share = (most - attainment.ratio()).max(BigRational::default()) * multiple.ratio();
            let awarded = &trace.paid.awarded;
            // As text: fractions are equal in any terms.
            let percent = Fraction::new(&share * BigInt::from(100));
            prop_assert_eq!(awarded.percent.as_ref().unwrap().to_string(), percent.to_string());
            let amount = Fraction::new(share * line.fee.ratio());
            prop_assert_eq!(awarded.amount.to_string(), amount.to_string());
        }
    }

    #[test]
    fn the_order_of_what_has_times_does_not_matter(case in case()) {
        let mut other = case.clone();
        for line in &mut other.lines {
            line.evidence.outages.reverse();
            line.evidence.unknown.reverse();
            line.evidence.exclusions.reverse();
            line.history.reverse();
        }
        prop_assert_eq!(result(&other), result(&case));
        // What is combined comes to the same in any order.
        other.lines.reverse();
        prop_assert_eq!(result(&other).credit, result(&case).credit);
    }

    #[test]
    fn a_run_of_slots_is_as_many_slots(case in case()) {
        prop_assert_eq!(result(&expanded(&case)), result(&case));
    }

    #[test]
    fn a_contract_that_covers_the_window_is_as_good_as_one_without_an_end(case in case()) {
        let mut covered = case.clone();
        for line in &mut covered.lines {
            line.active = None;
        }
        let whole = result(&covered);
        for line in &mut covered.lines {
            let span = line.terms.window.span(&case.period).unwrap();
            line.active = Some(Active { from: Some(span.from), to: Some(span.to) });
        }
        prop_assert_eq!(result(&covered), whole);
    }

    #[test]
    fn more_errors_never_raise_attainment(case in case(), place in 0..30_usize) {
        let worse_is_bad = |line: &&mut makegood_engine::Line| match &line.terms.measure {
            Measure::Slots(slots) => {
                matches!(slots.bad_when.is, Comparison::Greater | Comparison::GreaterOrEqual)
                    && slots.bad_when.metric == makegood_engine::measures::Metric::ErrorPercent
            }
            Measure::Uptime(_) => false,
            _ => line.evidence.totals.is_none(),
        };
        let mut worse = case.clone();
        for line in worse.lines.iter_mut().filter(worse_is_bad) {
            let runs = line.evidence.slots.iter().enumerate();
            let failed = runs.map(|(n, run)| SlotRun {
                errors: if n == place { run.requests } else { run.errors },
                ..run
            });
            line.evidence.slots = failed.collect();
        }
        for (worse, before) in attainments(&worse).iter().zip(&attainments(&case)) {
            prop_assert!(worse <= before);
        }
    }

    #[test]
    fn an_exclusion_that_counts_as_up_never_lowers_any_attainment(case in case()) {
        let mut case = case;
        for line in &mut case.lines {
            // Unknown time that was left out comes in when it is excused as up.
            line.terms.no_data = NoData::Up;
            line.terms.exclusions.values_mut().for_each(|rule| rule.treatment = Treatment::Up);
        }
        let mut without = case.clone();
        without.lines.iter_mut().for_each(|line| line.evidence.exclusions.clear());
        for (with, without) in attainments(&case).iter().zip(&attainments(&without)) {
            prop_assert!(with >= without);
        }
    }
}

#[test]
fn what_exceeds_an_allowance_is_written_in_lowest_terms() {
    let text = r#"{"format": "makegood/case/1", "contract": {"currency": "EUR"}, "period": "2026-Q2",
        "lines": [{"sla": "A", "fee": "1.00", "evidence": {"outages":
            [{"from": "2026-04-01T00:00:00Z", "to": "2026-04-01T03:00:00Z"}]},
        "terms": {"objective": "99.9", "window": {"calendar": "quarter"}, "measure": {"uptime": {}},
            "credit": {"prorata": {"multiple": "1", "of": "excess"}}}}]}"#;
    let line = result(&Case::parse_file(text.as_bytes()).unwrap()[0]).lines.remove(0);
    // 999/1000 less 2181/2184 is 17/45500.
    assert_eq!(line.attainment.unwrap().to_string(), "727/728");
    assert_eq!(line.credit_percent.as_deref(), Some("17/455"));
}
