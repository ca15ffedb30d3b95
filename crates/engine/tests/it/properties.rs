//! What holds for any terms and any evidence.

use crate::cases;
use chrono::{DateTime, Duration, Utc};
use makegood_engine::case::{Active, Combine, HistoryEntry};
use makegood_engine::credits::{Cap, Credit};
use makegood_engine::decimal::Decimal;
use makegood_engine::fraction::Fraction;
use makegood_engine::interval::Intervals;
use makegood_engine::json::Json;
use makegood_engine::measures::uptime::merge;
use makegood_engine::terms::{ExclusionKind, NoData, Treatment};
use makegood_engine::{Case, Exclusion, Outage, Unknown, compute};
use proptest::prelude::*;

fn at(second: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-10-01T00:00:00Z".parse().unwrap();
    start + Duration::seconds(second)
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

const MONTH: i64 = 31 * 86_400;

fn outages() -> impl Strategy<Value = Vec<Outage>> {
    let impact = prop::sample::select(vec!["1", "1", "0.3", "0.5", "0.05"]);
    let one = (-86_400..MONTH + 86_400, 1..40_000_i64, impact);
    prop::collection::vec(one, 0..12).prop_map(|list| {
        let outage = |(from, length, impact): (i64, i64, &str)| Outage {
            impact: decimal(impact),
            ..Outage::new(at(from), at(from + length))
        };
        list.into_iter().map(outage).collect()
    })
}

fn unknown() -> impl Strategy<Value = Vec<Unknown>> {
    let one = (0..MONTH, 1..20_000_i64);
    prop::collection::vec(one, 0..4).prop_map(|list| {
        list.into_iter().map(|(from, n)| Unknown { from: at(from), to: at(from + n) }).collect()
    })
}

fn exclusions() -> impl Strategy<Value = Vec<Exclusion>> {
    let kind = prop::sample::select(vec![
        ExclusionKind::PlannedMaintenance,
        ExclusionKind::ThirdParty,
        ExclusionKind::Other,
    ]);
    let one = (kind, 0..MONTH, 1..90_000_i64, prop::option::of(0..400_000_i64));
    prop::collection::vec(one, 0..6).prop_map(|list| {
        let exclusion = |(kind, from, length, notice): (_, i64, i64, Option<i64>)| Exclusion {
            kind,
            from: at(from),
            to: at(from + length),
            notified_at: notice.map(|notice| at(from - notice)),
        };
        list.into_iter().map(exclusion).collect()
    })
}

/// Cases of one `uptime` line with the terms of any shared case that has such a line.
pub(crate) fn uptime_case() -> impl Strategy<Value = Case> {
    let terms: Vec<Case> = cases::valid()
        .into_iter()
        .filter_map(|mut case| {
            case.lines.retain(|line| line.terms.measure.as_str() == "uptime");
            case.lines.truncate(1);
            let line = case.lines.first_mut()?;
            line.terms.window.counted_as = None;
            line.terms.window.kind = makegood_engine::window::WindowKind::Month { anchor_day: 1 };
            case.period = "2026-10".to_owned();
            case.result = None;
            Some(case)
        })
        .collect();
    assert!(terms.len() > 50);
    let active = prop::option::weighted(0.2, (0..MONTH, 1..MONTH));
    let parts = (prop::sample::select(terms), outages(), unknown(), exclusions(), active);
    parts.prop_map(|(mut case, outages, unknown, exclusions, active)| {
        let line = &mut case.lines[0];
        line.evidence.outages = outages;
        line.evidence.unknown = unknown;
        line.evidence.exclusions = exclusions;
        line.active = active
            .map(|(from, length)| Active { from: Some(at(from)), to: Some(at(from + length)) });
        case
    })
}

fn attainment(case: &Case) -> Option<Fraction> {
    compute(case).unwrap().result.lines[0].attainment.clone()
}

fn money(text: &str) -> Fraction {
    Fraction::parse(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_downtime_never_raises_attainment(case in uptime_case(), more in outages()) {
        let mut worse = case.clone();
        worse.lines[0].evidence.outages.extend(more);
        prop_assert!(attainment(&worse) <= attainment(&case));
    }

    #[test]
    fn an_exclusion_that_counts_as_up_never_lowers_attainment(case in uptime_case()) {
        let mut case = case;
        let line = &mut case.lines[0];
        // Unknown time that was left out comes in as available when it is excused as up, so
        // only attainment with known time can be compared.
        line.terms.no_data = NoData::Up;
        line.terms.measure = makegood_engine::measures::Measure::uptime();
        line.terms.exclusions.values_mut().for_each(|rule| rule.treatment = Treatment::Up);
        let mut without = case.clone();
        without.lines[0].evidence.exclusions.clear();
        prop_assert!(attainment(&case) >= attainment(&without));
    }

    #[test]
    fn splitting_an_outage_changes_nothing(case in uptime_case(), cut in 1..39_999_i64) {
        let mut split = case.clone();
        let mut parts = Vec::new();
        for outage in &case.lines[0].evidence.outages {
            let middle = outage.from + Duration::seconds(cut);
            if middle < outage.to {
                parts.push(Outage { to: middle, ..outage.clone() });
                parts.push(Outage { from: middle, ..outage.clone() });
            } else {
                parts.push(outage.clone());
            }
        }
        parts.reverse();
        split.lines[0].evidence.outages = parts;
        prop_assert_eq!(compute(&split).unwrap().result, compute(&case).unwrap().result);
    }

    #[test]
    fn merging_is_free_of_order_and_idempotent(outages in outages(), turn in 0..12_usize) {
        let merged = merge(&outages);
        let mut turned = outages;
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        turned.extend(turned.clone());
        prop_assert_eq!(&merge(&turned), &merged);
        let times = |pieces: &[makegood_engine::measures::uptime::Piece]| {
            Intervals::merge(pieces.iter().map(|piece| (piece.from, piece.to)))
        };
        let whole = Intervals::merge(times(&merged).as_slice().iter().copied());
        prop_assert_eq!(whole, times(&merged));
    }

    #[test]
    fn the_parts_of_the_window_add_up(case in uptime_case()) {
        let computed = compute(&case).unwrap();
        let (line, trace) = (&computed.result.lines[0], &computed.lines[0]);
        if let Some(attainment) = &line.attainment {
            prop_assert!(*attainment >= Fraction::whole(0) && *attainment <= Fraction::whole(1));
            let (total, bad) = (trace.total.ratio(), trace.bad.ratio());
            prop_assert_eq!(attainment.ratio(), &((total - bad) / total));
            prop_assert_eq!(line.met.unwrap(), trace.compared.as_ref().unwrap().ratio() >= &case.lines[0].terms.objective.ratio()
                && (case.lines[0].terms.objective_is == makegood_engine::terms::ObjectiveIs::AtLeast
                    || trace.compared.as_ref().unwrap().ratio() != &case.lines[0].terms.objective.ratio()));
        }
        for outage in &trace.outages {
            let length = (outage.to - outage.from).num_seconds();
            let told = outage.counted_seconds + outage.excused_seconds + outage.unknown_seconds
                + outage.outside_seconds;
            prop_assert!(told <= length);
        }
    }

    #[test]
    fn a_credit_is_never_negative_and_never_above_its_cap(
        case in uptime_case(),
        cap in (0..200_u32, 0..50_000_u32, 0..90_000_u32),
    ) {
        let mut case = case;
        let fee = case.lines[0].fee.ratio();
        let amount = Fraction::parse(&format!("{}.{:02}", cap.1 / 100, cap.1 % 100)).unwrap();
        if let Some(credit) = &mut case.lines[0].terms.credit {
            *credit = Credit {
                caps: vec![
                    Cap::Percent(decimal(&cap.0.to_string())),
                    Cap::Amount(decimal(&amount.decimal_or_fraction())),
                    Cap::Rolling { percent: decimal("10"), months: 12 },
                ],
                rounding: makegood_engine::money::Rounding::Floor,
                ..credit.clone()
            };
        }
        case.lines[0].history = vec![HistoryEntry {
            period: "before".to_owned(),
            fee: decimal("100"),
            credit: decimal(&format!("{}.{:02}", cap.2 / 100, cap.2 % 100)),
        }];
        case.contract.combine = Combine::Sum;
        case.contract.caps.clear();
        let computed = compute(&case).unwrap();
        let credit = money(&computed.result.lines[0].credit);
        let share = Fraction::new(fee * decimal(&cap.0.to_string()).percent());
        prop_assert!(credit >= Fraction::whole(0));
        prop_assert!(credit <= share && credit <= amount);
        prop_assert_eq!(money(&computed.result.credit), credit);
    }

    #[test]
    fn reading_what_was_written_is_the_identity(case in uptime_case()) {
        let computed = compute(&case).unwrap().result;
        for case in [case.with_result(&computed), case] {
            let read = Case::parse_file(case.to_json().as_bytes()).unwrap();
            prop_assert_eq!(&read[0], &case);
            prop_assert_eq!(case.validate(), Ok(()));
        }
    }

    #[test]
    fn intervals_are_sets(
        left in prop::collection::vec((0..60_i64, 0..60_i64), 0..8),
        right in prop::collection::vec((0..60_i64, 0..60_i64), 0..8),
        first in 0..40_i64,
    ) {
        let set = |list: &[(i64, i64)]| Intervals::merge(list.iter().copied());
        let (a, b) = (set(&left), set(&right));
        let holds = |set: &Intervals, n: i64| set.as_slice().iter().any(|(from, to)| (*from..*to).contains(&n));
        for n in 0..60 {
            prop_assert_eq!(holds(&a, n), left.iter().any(|(from, to)| (*from..*to).contains(&n)));
            prop_assert_eq!(holds(&a.union(&b), n), holds(&a, n) || holds(&b, n));
            prop_assert_eq!(holds(&a.intersect(&b), n), holds(&a, n) && holds(&b, n));
            prop_assert_eq!(holds(&a.without(&b), n), holds(&a, n) && !holds(&b, n));
        }
        prop_assert_eq!(a.first(first).size(), first.min(a.size()));
        prop_assert_eq!(a.size_within(7, 31), a.intersect(&Intervals::one(7, 31)).size());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _outcome = makegood_engine::check::check_file(&bytes);
    }

    #[test]
    fn any_valid_json_is_read_as_other_readers_do(text in "[\\[\\]{}:,\"\\\\a-f0-9.eEu+ -]{0,40}") {
        let ours = Json::parse(text.as_bytes()).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // The other reader refuses numbers that no binary number holds.
        let beyond = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
        prop_assert!(ours == theirs.is_ok() || (ours && beyond), "{text:?}");
    }

    #[test]
    fn a_case_with_any_one_value_replaced_is_computed_or_refused(
        index in 0..10_000_usize,
        place in 0..200_usize,
        value in 0..20_usize,
    ) {
        let all = mutants();
        let mut tree = all[index % all.len()].clone();
        let count = leaves(&mut tree, usize::MAX, None);
        leaves(&mut tree, place % count.max(1), Some(&absurd(value)));
        let _outcome = makegood_engine::check::check_file(tree.pretty().as_bytes());
    }
}

fn mutants() -> &'static [Json] {
    static ALL: std::sync::OnceLock<Vec<Json>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| cases::valid().iter().map(Case::to_tree).collect())
}

/// Replaces the leaf of this number; gives how many there are.
fn leaves(tree: &mut Json, place: usize, value: Option<&Json>) -> usize {
    fn walk(tree: &mut Json, place: usize, value: Option<&Json>, seen: &mut usize) {
        match tree {
            Json::List(items) => items.iter_mut().for_each(|item| walk(item, place, value, seen)),
            Json::Object(members) => {
                members.iter_mut().for_each(|(_, item)| walk(item, place, value, seen));
            }
            leaf => {
                if let (true, Some(value)) = (*seen == place, value) {
                    *leaf = value.clone();
                }
                *seen += 1;
            }
        }
    }
    let mut seen = 0;
    walk(tree, place, value, &mut seen);
    seen
}

fn absurd(number: usize) -> Json {
    let texts = [
        "0",
        "99999999999999999999999999.99",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "999999999d",
        "1s",
        "0000-01",
        "9999-12",
        "9999-Q4",
        "9999",
        "9999-12-31",
        "0001-01-01",
        "Pacific/Apia",
        "0.000000000000000000000000001",
        "100",
        "-5",
    ];
    match texts.get(number) {
        Some(text) => Json::text(*text),
        None if number == 16 => Json::Number("340282366920938463463374607431768211455".to_owned()),
        None if number == 17 => Json::Number("18446744073709551615".to_owned()),
        None if number == 18 => Json::Null,
        None => Json::Number("1".to_owned()),
    }
}
