//! `uptime` computed a second time, second by second, straight from the format's words.

use crate::cases;
use chrono::{DateTime, Datelike, Duration, Timelike, Utc};
use makegood_engine::case::{Active, Line};
use makegood_engine::decimal::Decimal;
use makegood_engine::fraction::Fraction;
use makegood_engine::measures::Measure;
use makegood_engine::terms::{CapPer, NoData, PartialPeriod, Treatment};
use makegood_engine::window::WindowKind;
use makegood_engine::{Case, Exclusion, Outage, Unknown, compute};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;

const DAY: i64 = 86_400;

pub(crate) fn at(second: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-10-24T22:00:00Z".parse().unwrap();
    start + Duration::seconds(second)
}

/// What the format's words make of a line: counted seconds, weighted bad seconds, excused seconds.
fn by_hand(line: &Line, from: DateTime<Utc>, to: DateTime<Utc>) -> (i64, BigRational, i64) {
    let seconds: Vec<DateTime<Utc>> =
        (0..(to - from).num_seconds()).map(|n| from + Duration::seconds(n)).collect();
    let active: Vec<bool> = seconds.iter().map(|at| is_active(line, *at)).collect();
    if !active.contains(&true) {
        // Not measured, whatever `partial_period` says.
        return (0, BigRational::zero(), 0);
    }
    let excused = excused(line, &seconds, &active);
    let impact = impacts(line, from, to);
    let (mut counted, mut excused_count) = (0, 0);
    let mut bad: Vec<BigRational> = Vec::new();
    for (n, at) in seconds.iter().enumerate() {
        let mut here = BigRational::zero();
        if is_in_hours(line, *at) {
            let unknown = line.evidence.unknown.iter().any(|u| u.from <= *at && *at < u.to);
            match (active[n], excused[n], unknown, line.terms.no_data) {
                (false, ..) => {
                    counted += i64::from(line.terms.partial_period == PartialPeriod::Up);
                }
                (_, Some(treatment), ..) => {
                    excused_count += 1;
                    counted += i64::from(treatment == Treatment::Up);
                }
                (_, _, true, NoData::Removed) => {}
                (_, _, true, NoData::Up) => counted += 1,
                (_, _, true, NoData::Down) => {
                    counted += 1;
                    here = BigRational::one();
                }
                _ => {
                    counted += 1;
                    here.clone_from(&impact[n]);
                }
            }
        }
        bad.push(here);
    }
    (counted, whole_minutes(line, &bad), excused_count)
}

fn whole_minutes(line: &Line, bad: &[BigRational]) -> BigRational {
    let Measure::Uptime(uptime) = &line.terms.measure else { panic!() };
    let mut sum = BigRational::zero();
    for stretch in bad.split(Zero::is_zero) {
        let kept = if uptime.whole_minutes { stretch.len() / 60 * 60 } else { stretch.len() };
        sum += stretch[..kept].iter().sum::<BigRational>();
    }
    sum
}

pub(crate) fn is_active(line: &Line, at: DateTime<Utc>) -> bool {
    let active = line.active.unwrap_or_default();
    active.from.is_none_or(|from| from <= at) && active.to.is_none_or(|to| at < to)
}

pub(crate) fn is_in_hours(line: &Line, at: DateTime<Utc>) -> bool {
    let Some(hours) = &line.terms.service_hours else { return true };
    let local = line.terms.window.time_zone.local(at);
    let holidays = line.terms.holidays.as_deref().unwrap_or_default();
    let minute = local.hour() * 60 + local.minute();
    !holidays.contains(&local.date())
        && hours.iter().any(|hours| {
            hours.days.contains(&local.weekday())
                && (hours.from_minute..hours.to_minute).contains(&minute)
        })
}

pub(crate) fn excused(
    line: &Line,
    seconds: &[DateTime<Utc>],
    active: &[bool],
) -> Vec<Option<Treatment>> {
    let mut excused = vec![None; seconds.len()];
    for (kind, rule) in &line.terms.exclusions {
        let mut left = rule.cap.as_ref().map_or(i64::MAX, |cap| match cap.per {
            CapPer::Window => cap.length.signed_seconds(),
            CapPer::Year => {
                let used = line.maintenance_used.get(kind).map_or(0, |used| used.signed_seconds());
                cap.length.signed_seconds() - used
            }
        });
        for (n, at) in seconds.iter().enumerate() {
            let covers = |exclusion: &&Exclusion| {
                let early = |needed: i64| {
                    exclusion
                        .notified_at
                        .is_some_and(|notified| (exclusion.from - notified).num_seconds() >= needed)
                };
                exclusion.kind == *kind
                    && exclusion.from <= *at
                    && *at < exclusion.to
                    && rule.min_notice.as_ref().is_none_or(|n| early(n.signed_seconds()))
            };
            let covered = line.evidence.exclusions.iter().any(|exclusion| covers(&exclusion));
            if covered && active[n] && excused[n].is_none() && left > 0 {
                excused[n] = Some(rule.treatment);
                left -= 1;
            }
        }
    }
    excused
}

/// The largest impact at each second of the window, of runs that are long enough.
fn impacts(line: &Line, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<BigRational> {
    let margin = 2 * DAY;
    let length = (to - from).num_seconds();
    let seconds = -margin..length + margin;
    let all: Vec<BigRational> = seconds
        .map(|n| {
            let at = from + Duration::seconds(n);
            let here = line.evidence.outages.iter().filter(|o| o.from <= at && at < o.to);
            here.map(|outage| outage.impact.ratio()).max().unwrap_or_default()
        })
        .collect();
    let Measure::Uptime(uptime) = &line.terms.measure else { panic!() };
    let least = uptime.min_outage.as_ref().map_or(0, |least| least.signed_seconds());
    let mut kept = Vec::with_capacity(all.len());
    for run in all.chunk_by(|a, b| a.is_zero() == b.is_zero()) {
        let short = i64::try_from(run.len()).unwrap() < least;
        let value = |impact: &BigRational| if short { BigRational::zero() } else { impact.clone() };
        kept.extend(run.iter().map(value));
    }
    let start = usize::try_from(margin).unwrap();
    kept[start..start + usize::try_from(length).unwrap()].to_vec()
}

fn intervals(most: usize) -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((-DAY / 4..DAY, 1..7_000_i64), 0..most)
}

fn line() -> impl Strategy<Value = Case> {
    let terms: Vec<Case> = cases::valid()
        .into_iter()
        .filter_map(|mut case| {
            case.lines.retain(|line| matches!(line.terms.measure, Measure::Uptime(_)));
            case.lines.truncate(1);
            let window = &mut case.lines.first_mut()?.terms.window;
            window.counted_as = None;
            let length = makegood_engine::duration::Duration::parse("1d").unwrap();
            window.kind = WindowKind::Rolling { length };
            window.time_zone = makegood_engine::zone::Zone::named("Europe/Berlin").unwrap();
            case.period = "2026-10-25".to_owned();
            (case.lines[0].terms.partial_period != PartialPeriod::NotMeasured).then_some(case)
        })
        .collect();
    let kinds = prop::collection::vec(
        prop::sample::select(makegood_engine::terms::ExclusionKind::WORDS.to_vec()),
        8,
    );
    let active = prop::option::weighted(0.3, (-DAY..DAY, 1..DAY));
    let hours = prop::sample::select(vec![None, Some("08:00"), Some("01:30")]);
    let parts = (intervals(9), intervals(4), intervals(6), kinds, active, hours);
    (prop::sample::select(terms), parts, 0..2_i64, prop::bool::ANY).prop_map(
        |(mut case, (outages, unknown, exclusions, kinds, active, hours), notice, minutes)| {
            let line = &mut case.lines[0];
            let evidence = &mut line.evidence;
            let impacts = ["1", "0.5", "0.3"].map(|text| Decimal::parse(text).unwrap());
            evidence.outages = outages
                .iter()
                .enumerate()
                .map(|(n, (from, length))| Outage {
                    impact: impacts[n % 3].clone(),
                    ..Outage::new(at(*from), at(from + length))
                })
                .collect();
            let unknown = unknown.iter();
            evidence.unknown =
                unknown.map(|(from, n)| Unknown { from: at(*from), to: at(from + n) }).collect();
            let exclusions = exclusions.iter().zip(kinds);
            evidence.exclusions = exclusions
                .map(|((from, length), (_, kind))| Exclusion {
                    kind,
                    from: at(*from),
                    to: at(from + length),
                    notified_at: Some(at(from - notice * 200_000)),
                })
                .collect();
            line.active =
                active.map(|(from, n)| Active { from: Some(at(from)), to: Some(at(from + n)) });
            if let Some(from) = hours {
                let text =
                    format!(r#"[{{"days": ["sat", "sun"], "from": "{from}", "to": "22:00"}}]"#);
                let terms = line.terms.to_json();
                let terms = terms.replacen('{', &format!("{{\"service_hours\": {text},"), 1);
                if let Ok(terms) = makegood_engine::Terms::parse(&terms) {
                    line.terms = terms;
                }
            }
            if let (true, Measure::Uptime(uptime)) = (minutes, &mut line.terms.measure) {
                uptime.whole_minutes = !uptime.whole_minutes;
            }
            case
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_1_a_day_of_25_hours_counted_second_by_second_is_the_same(case in line()) {
        let computed = compute(&case).unwrap();
        let (line, result) = (&case.lines[0], &computed.result.lines[0]);
        let (counted, bad, excused) = by_hand(line, computed.span.from, computed.span.to);
        prop_assert_eq!((computed.span.to - computed.span.from).num_hours(), 25);
        prop_assert_eq!(&result.excused, &excused.to_string());
        if counted == 0 {
            prop_assert_eq!(&result.attainment, &None);
        } else {
            prop_assert_eq!(&result.total, &counted.to_string());
            prop_assert_eq!(&result.bad, &Fraction::new(bad).decimal_or_fraction());
        }
    }
}
