//! The measures of slots computed a second time, slot by slot, straight from the format's words.

use crate::second_by_second::{at, excused, is_active, is_in_hours};
use chrono::{DateTime, Duration, Utc};
use makegood_engine::case::{Active, Line};
use makegood_engine::decimal::Decimal;
use makegood_engine::fraction::Fraction;
use makegood_engine::measures::{BadWhen, Idle, Measure, Metric, SlotsMeasure};
use makegood_engine::terms::{ExclusionKind, NoData, PartialPeriod, Treatment};
use makegood_engine::{Case, Exclusion, SlotRun, Slots, compute};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;

const DAY: i64 = 86_400;

/// What became of a slot before its own numbers are looked at.
enum Place<'a> {
    Uncounted,
    Good,
    Removed,
    Up,
    Unknown,
    Observed(&'a SlotRun),
}

/// Total, bad and excused.
type Figures = (BigRational, BigRational, BigRational);

fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(number.into())
}

/// The entry of each whole slot of the window, laid out one by one.
fn laid(line: &Line, from: DateTime<Utc>, slot: i64, slots: usize) -> Vec<Option<SlotRun>> {
    let mut laid: Vec<Option<SlotRun>> = vec![None; slots + 1];
    let mut next = 0_usize;
    for run in line.evidence.slots.iter() {
        if let Some(start) = run.start {
            next = usize::try_from((start - from).num_seconds() / slot).unwrap();
        }
        for _ in 0..run.count {
            laid[next] = Some(run.clone());
            next += 1;
        }
    }
    // The last, shorter slot is not counted.
    laid.truncate(slots);
    laid
}

fn by_hand(line: &Line, from: DateTime<Utc>, to: DateTime<Utc>) -> Figures {
    let slot = line.terms.measure.slot().unwrap().signed_seconds();
    let length = (to - from).num_seconds();
    let seconds: Vec<_> = (0..length).map(|n| from + Duration::seconds(n)).collect();
    let active: Vec<bool> = seconds.iter().map(|at| is_active(line, *at)).collect();
    let excused = excused(line, &seconds, &active);
    let count = usize::try_from(length / slot).unwrap();
    let laid = laid(line, from, slot, count);
    let place = |n: usize| {
        let first = n * usize::try_from(slot).unwrap();
        if !is_in_hours(line, seconds[first]) {
            return Place::Uncounted;
        }
        match (active[first], line.terms.partial_period, excused[first], &laid[n]) {
            (false, PartialPeriod::Up, ..) => Place::Good,
            (false, ..) => Place::Uncounted,
            (_, _, Some(Treatment::Removed), _) => Place::Removed,
            (_, _, Some(Treatment::Up), _) => Place::Up,
            (_, _, None, None) => Place::Unknown,
            (_, _, None, Some(run)) => Place::Observed(run),
        }
    };
    let places: Vec<Place> = (0..count).map(place).collect();
    match &line.terms.measure {
        Measure::Requests(_) => events(&places, &laid),
        Measure::Slots(measure) => {
            let bad = bad_slots(measure, &laid);
            rates(line, &places, measure.idle, |n, _| whole(i64::from(bad[n])))
        }
        Measure::MeanErrorRate(measure) => rates(line, &places, measure.idle, |_, run| {
            let requests = run.requests.unwrap();
            if requests == 0 {
                return BigRational::zero();
            }
            BigRational::new(run.errors.unwrap().into(), requests.into())
        }),
        Measure::Uptime(_) => panic!("it has no slots"),
    }
}

fn events(places: &[Place], laid: &[Option<SlotRun>]) -> Figures {
    let (mut total, mut bad, mut excused) = (whole(0), whole(0), whole(0));
    for (place, run) in places.iter().zip(laid) {
        let number = |pick: fn(&SlotRun) -> Option<u128>| {
            whole(run.as_ref().and_then(pick).unwrap_or_default())
        };
        let requests = number(|run| run.requests);
        match place {
            Place::Uncounted | Place::Unknown => {}
            Place::Good => total += requests,
            Place::Removed => excused += requests,
            Place::Up => {
                total += &requests;
                excused += requests;
            }
            Place::Observed(_) => {
                total += requests;
                bad += number(|run| run.errors);
            }
        }
    }
    (total, bad, excused)
}

/// Which slots are bad by their numbers, in runs that are long enough.
fn bad_slots(measure: &SlotsMeasure, laid: &[Option<SlotRun>]) -> Vec<bool> {
    let BadWhen { metric, is, than } = &measure.bad_when;
    let is_bad = |run: &SlotRun| {
        let requests = run.requests.unwrap_or_default();
        if measure.min_requests.is_some_and(|least| requests < least) {
            return false;
        }
        let value = match metric {
            Metric::Value => run.value.as_ref().unwrap().ratio(),
            Metric::ErrorPercent if requests == 0 => return false,
            Metric::ErrorPercent => {
                BigRational::new(BigInt::from(run.errors.unwrap()) * 100, requests.into())
            }
        };
        is.holds(value.cmp(&than.ratio()))
    };
    let bad: Vec<bool> = laid.iter().map(|run| run.as_ref().is_some_and(is_bad)).collect();
    let least = usize::try_from(measure.min_run.unwrap_or(1)).unwrap();
    let runs = bad.chunk_by(|a, b| a == b);
    runs.flat_map(|run| vec![run[0] && run.len() >= least; run.len()]).collect()
}

/// Slots that are counted, and the sum of how bad each was.
fn rates(
    line: &Line,
    places: &[Place],
    idle: Idle,
    rate: impl Fn(usize, &SlotRun) -> BigRational,
) -> Figures {
    let (mut total, mut bad, mut excused) = (whole(0), whole(0), whole(0));
    for (n, place) in places.iter().enumerate() {
        match place {
            Place::Uncounted => {}
            Place::Good => total += whole(1),
            Place::Removed => excused += whole(1),
            Place::Up => {
                total += whole(1);
                excused += whole(1);
            }
            Place::Unknown => match line.terms.no_data {
                NoData::Removed => {}
                NoData::Up => total += whole(1),
                NoData::Down => {
                    total += whole(1);
                    bad += BigRational::one();
                }
            },
            Place::Observed(run) if run.requests == Some(0) && idle == Idle::Removed => {}
            Place::Observed(run) => {
                total += whole(1);
                bad += rate(n, run);
            }
        }
    }
    (total, bad, excused)
}

const MEASURES: [&str; 8] = [
    r#"{"requests": {"slot": "SLOT"}}"#,
    r#"{"mean_error_rate": {"slot": "SLOT"}}"#,
    r#"{"mean_error_rate": {"slot": "SLOT", "idle": "removed"}}"#,
    r#"{"slots": {"slot": "SLOT", "bad_when": {"metric": "error_percent", "is": ">", "than": "5"}}}"#,
    r#"{"slots": {"slot": "SLOT", "bad_when": {"metric": "error_percent", "is": ">=", "than": "50"}, "min_run": 2, "idle": "removed"}}"#,
    r#"{"slots": {"slot": "SLOT", "bad_when": {"metric": "error_percent", "is": "<", "than": "0.25"}, "min_requests": 6}}"#,
    r#"{"slots": {"slot": "SLOT", "bad_when": {"metric": "error_percent", "is": "<=", "than": "-1"}, "min_run": 3}}"#,
    r#"{"slots": {"slot": "SLOT", "bad_when": {"metric": "value", "is": ">=", "than": "2.5"}, "min_run": 2, "min_requests": 3}}"#,
];

const TERMS: &str = r#"{"objective": "99", "window": {"rolling": "1d", "time_zone": "Europe/Berlin"},
  "measure": MEASURE, HOURS "exclusions": {
    "planned_maintenance": {"treatment": "removed", "cap": "2h", "cap_per": "window"},
    "third_party": {"treatment": "up", "cap": "3h", "cap_per": "year"},
    "other": {"treatment": "up", "min_notice": "1h"}},
  "no_data": "NO_DATA", "partial_period": "PARTIAL",
  "credit": {"tiers": [{"below": "99", "percent": "10"}]}}"#;

const HOURS: [&str; 3] = [
    "",
    r#""service_hours": [{"days": ["sun"], "from": "01:30", "to": "22:10"}],"#,
    r#""service_hours": [{"days": ["sat", "sun"], "from": "02:15", "to": "02:45"}],"#,
];

/// Entries of few slots each, some after a gap: how many, requests, errors, value, gap.
type Entries = Vec<(u64, u128, u128, i8, u8)>;

fn entries() -> impl Strategy<Value = Entries> {
    let most = prop::sample::select(vec![0, 7, 40, 1 << 33, u128::MAX]);
    let numbers = most.prop_flat_map(|most| (0..=most, 0..=most));
    let gap = prop::sample::select(vec![0, 0, 0, 1, 3]);
    let one = (prop::sample::select(vec![1, 1, 1, 1, 4]), numbers, -3..9_i8, gap);
    let one = one.prop_map(|(n, (a, b), value, gap)| (n, a.max(b), a.min(b), value, gap));
    prop::collection::vec(one, 0..60)
}

/// Lays entries into as many slots as there are.
fn evidence(entries: &Entries, slot: i64, is_value: bool) -> Slots {
    let all = (25 * 3_600 + slot - 1) / slot;
    let mut next = 0_i64;
    let mut slots = Slots::default();
    for (count, requests, errors, value, gap) in entries {
        next += i64::from(*gap);
        let count = (*count).min(u64::try_from((all - next).max(0)).unwrap());
        if count == 0 {
            break;
        }
        slots.push(SlotRun {
            start: (*gap > 0).then(|| at(next * slot)),
            count,
            requests: Some(*requests),
            errors: Some(*errors),
            value: is_value.then(|| Decimal::parse_signed(&format!("{value}.5")).unwrap()),
        });
        next += i64::try_from(count).unwrap();
    }
    slots
}

fn case() -> impl Strategy<Value = Case> {
    let kinds = [
        ExclusionKind::PlannedMaintenance,
        ExclusionKind::ThirdParty,
        ExclusionKind::Other,
        ExclusionKind::ForceMajeure,
    ];
    let exclusion = (prop::sample::select(kinds.to_vec()), -9_000..DAY, 1..9_000_i64, 0..7_200_i64);
    let exclusions = prop::collection::vec(exclusion, 0..5);
    let active = prop::option::weighted(0.3, (-DAY..DAY, 1..DAY));
    let pick = |words: &[&'static str]| prop::sample::select(words.to_vec());
    let words = (
        pick(&MEASURES),
        pick(&["5m", "30m", "7m", "61m", "1h"]),
        pick(&HOURS),
        pick(&["removed", "up", "down"]),
        pick(&["prorate", "up"]),
    );
    (words, entries(), exclusions, active).prop_map(|(words, entries, exclusions, active)| {
        let (measure, slot, hours, no_data, partial) = words;
        let terms = TERMS
            .replace("MEASURE", &measure.replace("SLOT", slot))
            .replace("HOURS", hours)
            .replace("NO_DATA", no_data)
            .replace("PARTIAL", partial);
        let text = format!(
            r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-10-25",
                "lines": [{{"sla": "A", "fee": "1.00", "evidence": {{"slots": []}}, "terms": {terms}}}]}}"#
        );
        let mut case = Case::parse_file(text.as_bytes()).unwrap().remove(0);
        let line = &mut case.lines[0];
        let slot = line.terms.measure.slot().unwrap().signed_seconds();
        line.evidence.slots = evidence(&entries, slot, measure.contains("value"));
        let exclusions = exclusions.into_iter();
        line.evidence.exclusions = exclusions
            .map(|(kind, from, length, notice)| Exclusion {
                kind,
                from: at(from),
                to: at(from + length),
                notified_at: Some(at(from - notice)),
            })
            .collect();
        line.active =
            active.map(|(from, n)| Active { from: Some(at(from)), to: Some(at(from + n)) });
        case
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_1_a_day_of_25_hours_counted_slot_by_slot_is_the_same(case in case()) {
        let computed = compute(&case).unwrap();
        let (line, result) = (&case.lines[0], &computed.result.lines[0]);
        let (total, bad, excused) = by_hand(line, computed.span.from, computed.span.to);
        let text = |value: &BigRational| Fraction::new(value.clone()).decimal_or_fraction();
        if result.attainment.is_none() && !line.active.is_none_or(|active| active.from < Some(at(25 * 3_600)) && active.to > Some(at(0))) {
            // Never under contract: nothing is reckoned.
            return Ok(());
        }
        prop_assert_eq!(&result.excused, &text(&excused));
        if total.is_zero() {
            prop_assert_eq!(&result.attainment, &None);
            return Ok(());
        }
        prop_assert_eq!((&result.total, &result.bad), (&text(&total), &text(&bad)));
        let attainment = (&total - &bad) / &total;
        prop_assert_eq!(result.attainment.as_ref().map(Fraction::ratio), Some(&attainment));
        let percent = Fraction::new(attainment.clone()).percent();
        prop_assert_eq!(result.percent.as_ref(), Some(&percent));
        prop_assert_eq!(result.met, Some(attainment >= BigRational::new(99.into(), 100.into())));
    }
}
