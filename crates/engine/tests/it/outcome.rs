//! The lean way and the full one say the same; columns and entries are the same slots; a mean of
//! error rates is judged exactly where its bounds can't tell.

use crate::cases;
use makegood_engine::fraction::Fraction;
use makegood_engine::money::Rounding;
use makegood_engine::outcome::outcome;
use makegood_engine::terms::RoundAttainment;
use makegood_engine::{Case, SlotRun, Slots, compute};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

/// What both ways say of a case, in the same words.
pub(crate) fn assert_same(case: &Case) {
    let (full, lean) = match (compute(case), outcome(case)) {
        (Ok(full), Ok(lean)) => (full.result, lean),
        (full, lean) => {
            assert_eq!(full.map(|_| ()), lean.map(|_| ()));
            return;
        }
    };
    let digits = u32::from(case.contract.currency.minor_digits());
    let money = |minor: &BigInt| makegood_engine::fraction::written(minor, digits);
    assert_eq!(full.credit, money(&lean.credit));
    assert_eq!(full.lines.len(), lean.lines.len());
    for (full, lean) in full.lines.iter().zip(&lean.lines) {
        let percent = lean
            .millionths
            .map(|millionths| makegood_engine::fraction::written(&BigInt::from(millionths), 6));
        assert_eq!((&full.percent, full.met), (&percent, lean.met), "{}", full.sla);
        // Never flattering: what is shown is the exact fraction, cut off.
        assert_eq!(full.percent, full.attainment.as_ref().map(Fraction::percent));
        assert_eq!(full.internal_met.flatten(), lean.internal_met);
        assert_eq!(full.credit, money(&lean.credit));
    }
}

#[test]
fn law_1_the_lean_way_says_what_the_full_one_says() {
    let all = cases::valid();
    assert!(all.len() > 200);
    all.iter().for_each(assert_same);
}

const MEASURES: [&str; 3] = [
    r#"{"requests": {"slot": "6h"}}"#,
    r#"{"slots": {"slot": "6h", "bad_when": {"metric": "error_percent", "is": ">=", "than": "2.5"}}}"#,
    r#"{"mean_error_rate": {"slot": "6h"}}"#,
];

/// A line of slots of six hours in April 2026, of which there are 120.
fn case(measure: &str, objective: &str, slots: Slots) -> Case {
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-04",
            "lines": [{{"sla": "API", "fee": "1000.00", "evidence": {{"slots": []}},
            "terms": {{"objective": "{objective}", "window": {{"calendar": "month"}},
            "measure": {measure}, "credit": {{"tiers": [
            {{"below": "99.9", "percent": "10"}}, {{"at_or_below": "97.5", "percent": "25"}}]}}}}}}]}}"#
    );
    let mut case = Case::parse_file(text.as_bytes()).unwrap().remove(0);
    case.lines[0].evidence.slots = slots;
    case
}

fn met(case: &Case) -> bool {
    outcome(case).unwrap().lines[0].met.unwrap()
}

#[test]
fn a_mean_at_its_bound_is_judged_by_its_fraction() {
    let mean = MEASURES[2];
    // 119 good slots and one of which a third, or a little more, is bad: 3 does not divide any
    // power of two, so no bound in binary places is exact.
    let of = |requests, errors| -> Slots {
        let first = SlotRun::of_requests(1, requests, errors);
        [first, SlotRun::of_requests(119, 10, 0)].into_iter().collect()
    };
    // 120 slots, a sum of 3/10: exactly 99.75 %.
    let exactly = case(mean, "99.75", of(10, 3));
    assert!(met(&exactly));
    assert_eq!(outcome(&exactly).unwrap().lines[0].millionths, Some(99_750_000));
    assert!(!met(&case(mean, "99.75", of(1_000_000_000_000_000, 300_000_000_000_001))));
    assert!(met(&case(mean, "99.75", of(1_000_000_000_000_000, 299_999_999_999_999))));
    // The same below the bound: what is shown is cut off, not rounded to it.
    let below = case(mean, "99.75", of(1_000_000_000_000_000, 300_000_000_000_001));
    assert_eq!(outcome(&below).unwrap().lines[0].millionths, Some(99_749_999));
    for case in [exactly, below] {
        assert_same(&case);
    }
}

#[test]
fn a_run_of_rates_is_cut_off_as_often_as_it_has_slots() {
    // Ninety slots of a third are thirty of 120: exactly 75 %, which no power of two says.
    let runs = [SlotRun::of_requests(90, 3, 1), SlotRun::of_requests(30, 7, 0)];
    let mut case = case(MEASURES[2], "75", runs.into_iter().collect());
    assert!(met(&case));
    case.lines[0].terms.objective_is = makegood_engine::terms::ObjectiveIs::Above;
    assert!(!met(&case));
}

/// Numbers of requests of 128 bits, each another one: 31,250 of them have four million bits.
#[test]
fn a_mean_is_reckoned_up_to_four_million_bits_and_refused_beyond() {
    let measured = |slots: Slots| {
        let mut case = case(MEASURES[2], "80", slots);
        let text = r#"{"objective": "80", "window": {"calendar": "year"},
            "measure": {"mean_error_rate": {"slot": "5m"}}}"#;
        case.lines[0].terms = makegood_engine::Terms::parse(text).unwrap();
        case.period = "2026".to_owned();
        outcome(&case).map(|outcome| outcome.lines[0].millionths)
    };
    let seventh = |requests: u128| SlotRun::of_requests(1, requests, requests / 7);
    let mut slots: Slots = (0..31_250).map(|n| seventh(u128::MAX - n)).collect();
    assert_eq!(measured(slots.clone()), Ok(Some(85_714_285)));
    // One number twice has one denominator, and a slot without an error has none.
    slots.push(seventh(u128::MAX));
    assert_eq!(measured(slots.clone()), Ok(Some(85_714_285)));
    slots.push(SlotRun::of_requests(1, 1, 0));
    assert!(measured(slots.clone()).is_ok());
    // One bit more.
    slots.push(SlotRun::of_requests(1, 1, 1));
    assert_eq!(measured(slots).unwrap_err().path, "lines[0].evidence.slots");
}

#[test]
fn a_rounded_mean_is_rounded_from_its_fraction() {
    // A sum of 6/10 over 120 slots: 99.5 % exactly, a half when no decimal is kept.
    let runs = [SlotRun::of_requests(1, 10, 6), SlotRun::of_requests(119, 7, 0)];
    let mut half = case(MEASURES[2], "100", runs.into_iter().collect());
    for (mode, is_met) in
        [(Rounding::HalfUp, true), (Rounding::HalfEven, true), (Rounding::Floor, false)]
    {
        half.lines[0].terms.round_attainment = Some(RoundAttainment { decimals: 0, mode });
        assert_eq!(met(&half), is_met, "{mode:?}");
        assert_same(&half);
    }
}

#[test]
fn a_slot_stands_to_its_bound_as_the_terms_compare() {
    // 4, 5 and 6 % of errors, no request at all, and fewer than the ten that it takes.
    let numbers = [(100, 4), (100, 5), (100, 6), (0, 0), (9, 0), (9, 9)];
    for (is, bad) in [(">", 1), (">=", 2), ("<", 1), ("<=", 2)] {
        let measure = format!(
            r#"{{"slots": {{"slot": "6h", "min_requests": 10,
                "bad_when": {{"metric": "error_percent", "is": "{is}", "than": "5"}}}}}}"#
        );
        // The same beside a number of more than 32 bits, which makes the column a wide one.
        for wide in [100, 100 << 40] {
            let runs = numbers.map(|(all, bad)| SlotRun::of_requests(1, all, bad));
            let five = [SlotRun::of_requests(1, wide, wide / 20)];
            let case = case(&measure, "99", runs.into_iter().chain(five).collect());
            let more = i32::from(is.ends_with('='));
            let result = compute(&case).unwrap().result;
            assert_eq!(result.lines[0].bad, (bad + more).to_string(), "{is} {wide}");
        }
    }
}

#[test]
fn what_is_no_pair_of_columns_is_named() {
    assert_eq!(Slots::of_counts(vec![5, 5], vec![0, 6]), Err(1));
    assert_eq!(Slots::of_counts(vec![5, 5], vec![0]), Err(1));
    assert_eq!(Slots::of_counts(vec![5], vec![0, 0]), Err(1));
    let columns = Slots::of_counts(vec![5, 6], vec![0, 6]).unwrap();
    let pushed: Slots =
        [SlotRun::of_requests(1, 5, 0), SlotRun::of_requests(1, 6, 6)].into_iter().collect();
    assert_eq!(columns, pushed);
    assert_eq!((columns.len(), columns.is_empty()), (2, false));
    assert!(Slots::default().is_empty());
}

/// Requests of all sizes, errors at most as many.
fn counts() -> impl Strategy<Value = (u128, u128)> {
    let most = prop::sample::select(vec![0_u128, 7, 1_000, 1 << 31, 1 << 40, 1 << 70, u128::MAX]);
    most.prop_flat_map(|most| (0..=most, 0..=most)).prop_map(|(a, b)| (a.max(b), a.min(b)))
}

fn runs() -> impl Strategy<Value = Vec<SlotRun>> {
    let run = (counts(), prop::sample::select(vec![1_u64, 1, 1, 2, 5]));
    let run =
        run.prop_map(|((requests, errors), count)| SlotRun::of_requests(count, requests, errors));
    prop::collection::vec(run, 1..24)
}

/// The mean of error rates, added one by one.
fn mean(runs: &[SlotRun]) -> BigRational {
    let mut slots = BigInt::from(0);
    let mut sum = BigRational::default();
    for run in runs {
        slots += run.count;
        let requests = run.requests.unwrap();
        if requests > 0 {
            let rate = BigRational::new(run.errors.unwrap().into(), requests.into());
            sum += rate * BigInt::from(run.count);
        }
    }
    BigRational::from_integer(1.into()) - sum / slots
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_come_back_from_columns(runs in runs()) {
        let slots: Slots = runs.iter().cloned().collect();
        prop_assert_eq!(slots.iter().collect::<Vec<_>>(), runs);
    }

    #[test]
    fn a_run_is_the_same_as_its_slots(runs in runs(), measure in prop::sample::select(MEASURES.to_vec())) {
        let single = |run: &SlotRun| {
            let count = usize::try_from(run.count).unwrap();
            vec![SlotRun { count: 1, ..run.clone() }; count]
        };
        let expanded: Slots = runs.iter().flat_map(single).collect();
        let (runs, expanded) = (case(measure, "99.9", runs.into()), case(measure, "99.9", expanded));
        prop_assert_eq!(compute(&runs).unwrap().result, compute(&expanded).unwrap().result);
        assert_same(&runs);
        assert_same(&expanded);
    }

    #[test]
    fn the_exact_mean_is_the_sum_of_its_rates(runs in runs()) {
        let case = case(MEASURES[2], "99.9", runs.clone().into());
        let attainment = compute(&case).unwrap().result.lines[0].attainment.clone().unwrap();
        prop_assert_eq!(attainment.ratio(), &mean(&runs));
    }
}

#[test]
fn more_requests_than_a_machine_word_holds_add_up() {
    let most = u128::MAX.to_string();
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-04",
            "lines": [{{"sla": "API", "fee": "1000.00", "evidence": {{"slots": [
            {{"start": "2026-04-01T00:00:00Z", "count": 2, "requests": {most}, "errors": 0}}]}},
            "terms": {{"objective": "99", "window": {{"calendar": "month"}},
            "measure": {{"requests": {{"slot": "6h"}}}},
            "credit": {{"tiers": [{{"below": "99", "percent": "10"}}]}}}}}}]}}"#
    );
    match Case::parse_file(text.as_bytes()) {
        Ok(cases) => {
            let result = compute(&cases[0]).unwrap().result;
            assert_eq!(
                result.lines[0].total,
                (BigInt::from(u128::MAX) * BigInt::from(2)).to_string()
            );
            assert_same(&cases[0]);
        }
        // Refused by its path is as good: it never wraps.
        Err(refusal) => assert!(refusal.path.ends_with("requests"), "{refusal}"),
    }
}
