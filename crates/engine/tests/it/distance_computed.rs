//! Distance against computing what it says would happen.

use crate::cases;
use crate::properties::uptime_case;
use chrono::{DateTime, Duration, Utc};
use makegood_engine::compute::Computed;
use makegood_engine::credits::{Award, Condition};
use makegood_engine::distance::{
    Ahead, Costs, Ladder, Like, LookBack, OpenWindow, Step, Unanswered, Unit, When,
};
use makegood_engine::fraction::Fraction;
use makegood_engine::{Case, Outage, compute};
use num_rational::BigRational;
use proptest::prelude::*;

/// The case as it was known then, and bad from then on until an instant.
fn bad_until(case: &Case, as_of: DateTime<Utc>, until: DateTime<Utc>) -> Computed {
    let mut case = case.clone();
    for line in &mut case.lines {
        let evidence = &mut line.evidence;
        evidence.outages.retain(|outage| outage.from < as_of);
        evidence.outages.iter_mut().for_each(|outage| outage.to = outage.to.min(as_of));
        evidence.unknown.retain(|unknown| unknown.from < as_of);
        evidence.unknown.iter_mut().for_each(|unknown| unknown.to = unknown.to.min(as_of));
    }
    if as_of < until {
        case.lines[0].evidence.outages.push(Outage::new(as_of, until));
    }
    compute(&case).unwrap()
}

fn tier_holds(condition: &Condition, computed: &Computed, line: usize) -> bool {
    let trace = &computed.lines[line];
    let compared = trace.compared.as_ref().unwrap().ratio();
    let seconds = |length: &makegood_engine::duration::Duration| {
        BigRational::from_integer(length.seconds().into())
    };
    match condition {
        Condition::Below(bound) => *compared < bound.ratio(),
        Condition::AtOrBelow(bound) => *compared <= bound.ratio(),
        Condition::DowntimeOver(length) => *trace.bad.ratio() > seconds(length),
        Condition::DowntimeAtLeast(length) => *trace.bad.ratio() >= seconds(length),
    }
}

type Holds<'a> = Box<dyn Fn(&Computed) -> bool + 'a>;

/// The steps of a line, each with how to see from a computation whether it holds.
fn steps<'a>(
    case: &'a Case,
    index: usize,
    costs: &'a Costs,
    now: &Computed,
) -> Vec<(&'a Step, Holds<'a>)> {
    let mut all: Vec<(&Step, Holds)> =
        vec![(&costs.objective, Box::new(move |c| c.result.lines[index].met == Some(false)))];
    if let Some(step) = &costs.internal {
        let missed = move |c: &Computed| c.result.lines[index].internal_met == Some(Some(false));
        all.push((step, Box::new(missed)));
    }
    let award = case.lines[index].terms.credit.as_ref().map(|credit| &credit.award);
    match (&costs.ladder, award) {
        (Ladder::Tiers(steps), Some(Award::Tiers(tiers))) => {
            for (step, tier) in steps.iter().zip(tiers) {
                all.push((step, Box::new(move |c| tier_holds(&tier.when, c, index))));
            }
        }
        // The next stretch is there when more is awarded; caps may keep it from being paid.
        (Ladder::Per(step), _) => {
            let award = move |computed: &Computed| {
                computed.lines[index].paid.awarded.percent.as_ref().unwrap().clone()
            };
            let before = award(now);
            all.push((step, Box::new(move |c| award(c) > before)));
        }
        _ => {}
    }
    all
}

fn check_ahead(
    ahead: &Ahead,
    holds: &dyn Fn(&Computed) -> bool,
    then: &dyn Fn(DateTime<Utc>) -> Computed,
    (as_of, horizon): (DateTime<Utc>, DateTime<Utc>),
) {
    let bad = |computed: &Computed| computed.lines[0].bad.ratio().clone();
    let now = bad(&then(as_of));
    match ahead.when {
        When::At(until) => {
            let (reached, before) = (then(until), then(until - Duration::seconds(1)));
            assert!(holds(&reached) && !holds(&before), "{ahead:?}");
            assert_eq!(reached.result.lines[0].credit, ahead.credit.to_decimal_string());
            assert_eq!(reached.result.credit, ahead.owed.to_decimal_string());
            assert!(bad(&reached) - &now >= *ahead.more.ratio(), "{ahead:?}");
            assert!(bad(&before) - &now <= *ahead.more.ratio(), "{ahead:?}");
        }
        When::NotInWindow => {
            let most = then(horizon);
            assert!(!holds(&most), "{ahead:?}");
            assert!(bad(&most) - &now <= *ahead.more.ratio(), "{ahead:?}");
        }
        When::Unknown => panic!("{ahead:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn bad_just_so_long_makes_the_step_hold_and_a_second_less_does_not(
        case in uptime_case(),
        second in -86_400..32 * 86_400_i64,
    ) {
        let as_of: DateTime<Utc> = "2026-10-01T00:00:00Z".parse().unwrap();
        let as_of = as_of + Duration::seconds(second);
        let open = OpenWindow::at(&case, as_of).unwrap();
        let then = |until: DateTime<Utc>| bad_until(&case, as_of, until);
        let now = then(as_of);
        let costs = match open.costs(0) {
            Ok(costs) => costs,
            Err(Unanswered::NotMeasured(why)) => {
                prop_assert_eq!(now.lines[0].unmeasured, Some(why));
                return Ok(());
            }
            Err(why) => panic!("{why}"),
        };
        prop_assert_eq!(&now.result.lines[0].credit, &costs.credit.to_decimal_string());
        prop_assert_eq!(&now.result.credit, &costs.owed.to_decimal_string());
        for (step, holds) in steps(&case, 0, &costs, &now) {
            match step {
                Step::Holds => prop_assert!(holds(&now)),
                Step::Never => prop_assert!(!holds(&now)),
                Step::Ahead(ahead) => {
                    prop_assert!(!holds(&now));
                    let horizon = now.span.to.max(as_of) + Duration::days(60);
                    check_ahead(ahead, &holds, &then, (as_of, horizon));
                }
            }
        }
    }

    #[test]
    fn the_days_of_a_window_add_up(case in uptime_case(), days in 1..31_i64) {
        let start = compute(&case).unwrap().span.from;
        let bad = |day: i64, back: LookBack| {
            let open = OpenWindow::at(&case, start + Duration::days(day)).unwrap();
            match open.burn_rate(0, &back) {
                Ok(rate) => rate.bad.ratio().clone(),
                Err(_) => BigRational::from_integer(0.into()),
            }
        };
        // An outage that is cut where one looks from may be too short to count; so nothing is
        // looked at that is.
        let mut runs = compute(&case).unwrap().lines.remove(0).outages.into_iter();
        let cut = |day: i64| start + Duration::days(day);
        prop_assume!(runs.all(|run| (1..=days).all(|day| run.to <= cut(day) || run.from >= cut(day))));
        let day = LookBack::Last(makegood_engine::duration::Duration::parse("1d").unwrap());
        let sum: BigRational = (1..=days).map(|number| bad(number, day.clone())).sum();
        prop_assert_eq!(sum, bad(days, LookBack::SoFar));
    }
}

/// After the end of a window and of all that was observed.
fn long_after(case: &Case) -> DateTime<Utc> {
    let evidence = case.lines.iter().map(|line| &line.evidence);
    let ends = evidence.flat_map(|evidence| {
        let outages = evidence.outages.iter().map(|outage| outage.to);
        outages.chain(evidence.unknown.iter().map(|unknown| unknown.to))
    });
    let end = ends.max().unwrap_or_default().max(compute(case).unwrap().span.to);
    end + Duration::days(400)
}

#[test]
fn law_1_a_window_that_has_ended_stands_where_it_was_computed() {
    let mut measured = 0;
    for case in cases::valid() {
        let computed = compute(&case).unwrap();
        let open = OpenWindow::at(&case, long_after(&case)).unwrap();
        let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
        assert_eq!(forecast.owed.unwrap().to_decimal_string(), computed.result.credit);
        for (index, line) in computed.result.lines.iter().enumerate() {
            let Some(attainment) = &line.attainment else {
                let why = computed.lines[index].unmeasured.unwrap();
                assert_eq!(forecast.lines[index], Err(Unanswered::NotMeasured(why)));
                assert_eq!(open.costs(index), Err(Unanswered::NotMeasured(why)));
                continue;
            };
            measured += 1;
            let told = forecast.lines[index].as_ref().unwrap();
            assert_eq!((&told.attainment, Some(told.met)), (attainment, line.met));
            assert_eq!(told.internal_met, line.internal_met.flatten());
            assert_eq!(told.credit.to_decimal_string(), line.credit);
            let trace = &computed.lines[index];
            assert_eq!((&told.total, &told.bad), (&trace.total, &trace.bad));
            let costs = open.costs(index).unwrap();
            for (step, holds) in steps(&case, index, &costs, &computed) {
                assert_eq!(*step == Step::Holds, holds(&computed), "{:?} {step:?}", case.id);
            }
        }
    }
    assert!(measured > 250, "only {measured} lines");
}

#[test]
fn one_more_bad_event_or_slot_decides() {
    let mut decided = 0;
    for case in cases::valid() {
        let computed = compute(&case).unwrap();
        let open = OpenWindow::at(&case, long_after(&case)).unwrap();
        for (index, line) in case.lines.iter().enumerate() {
            let Some(totals) = line.evidence.totals else { continue };
            let Ok(costs) = open.costs(index) else { continue };
            for (step, holds) in steps(&case, index, &costs, &computed) {
                let Step::Ahead(ahead) = step else { continue };
                let whole: u128 = ahead.whole.to_string().parse().unwrap();
                let with = |more: u128| {
                    let mut worse = case.clone();
                    let totals = makegood_engine::Totals {
                        requests: totals.requests + more,
                        errors: totals.errors + more,
                    };
                    worse.lines[index].evidence.totals = Some(totals);
                    compute(&worse).unwrap()
                };
                let then = with(whole);
                assert!(holds(&then) && !holds(&with(whole - 1)), "{:?} {ahead:?}", case.id);
                assert_eq!(then.result.credit, ahead.owed.to_decimal_string());
                assert_eq!(then.result.lines[index].credit, ahead.credit.to_decimal_string());
                decided += 1;
            }
        }
    }
    assert!(decided > 10, "only {decided} steps");
}

#[test]
fn a_window_of_slots_can_be_asked_about_at_any_time() {
    for case in cases::valid() {
        let span = compute(&case).unwrap().span;
        for tenth in [-1, 0, 3, 7, 9] {
            let as_of = span.from + Duration::seconds(span.seconds() / 10 * tenth + 17);
            let open = OpenWindow::at(&case, as_of).unwrap();
            for (index, line) in case.lines.iter().enumerate() {
                if Unit::of(&line.terms.measure) == Unit::Seconds {
                    continue;
                }
                let Ok(distance) = open.distance(index) else { continue };
                let last = distance.objective.by_day.last();
                assert!(last.is_none_or(|(_, left)| *left == distance.objective.left));
                let costs = open.costs(index).unwrap();
                let overdrawn = distance.objective.left < Fraction::whole(0);
                if line.terms.round_attainment.is_none() {
                    let at_least =
                        line.terms.objective_is == makegood_engine::terms::ObjectiveIs::AtLeast;
                    assert!(!at_least || overdrawn == (costs.objective == Step::Holds));
                }
                let forecast = open.forecast(&Like::Last(LookBack::SoFar)).unwrap();
                if let Ok(told) = &forecast.lines[index] {
                    assert!(told.bad >= distance.bad && told.total >= distance.total);
                }
            }
        }
    }
}

/// Five percent for each hour begun, after an hour that costs nothing.
#[test]
fn a_time_of_grace_is_no_step() {
    let mut all = cases::valid();
    let mut case =
        all.remove(all.iter().position(|c| c.id.as_deref() == Some("vendor-s07")).unwrap());
    case.lines[0].evidence.outages.clear();
    let from = compute(&case).unwrap().span.from;
    let costs = OpenWindow::at(&case, from).unwrap().costs(0).unwrap();
    let Ladder::Per(Step::Ahead(ahead)) = &costs.ladder else { panic!("{:?}", costs.ladder) };
    assert_eq!(ahead.when, When::At(from + Duration::seconds(3_601)));
    assert_ne!(ahead.credit.minor(), 0);
}
