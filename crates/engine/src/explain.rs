//! Explain: the steps from evidence to money, as data and in words.

use crate::case::Line;
use crate::credits::{Award, AwardedBy, Condition, Credit, rounding};
use crate::decimal::Decimal;
use crate::exclusions::Admission;
use crate::fraction::{Fraction, compare, hundredfold, whole};
use crate::frame::Unmeasured;
use crate::measures::{Measure, Uptime};
use crate::outcome::Judged;
use crate::terms::{ExclusionKind, ObjectiveIs};
use crate::trace::{LineTrace, OutageTrace, Paid};
use crate::window::{Span, Window, WindowKind};
use crate::zone::Zone;
use chrono::{Datelike, NaiveDate};
use num_rational::BigRational;

mod english;
mod german;
mod shared;
mod step;
mod words;

pub use crate::measures::Unit;
pub(crate) use shared::share_out;
pub use step::{Step, WindowName};
pub use words::{Language, Words, words};

/// What a window of this label is called.
#[must_use]
pub fn name(window: &Window, label: &str, span: &Span) -> WindowName {
    let last = span.end_day.pred_opt().unwrap_or(span.end_day);
    let year = label.get(..4).and_then(|year| year.parse().ok()).unwrap_or(last.year());
    let number = |at: usize| label.get(at..).and_then(|text| text.parse().ok()).unwrap_or(1);
    match window.kind {
        WindowKind::Month { .. } => WindowName::Month(year, number(5)),
        WindowKind::Quarter { .. } => WindowName::Quarter(year, number(6)),
        WindowKind::Year { .. } => WindowName::Year(year),
        WindowKind::Rolling { .. } => WindowName::Days(span.days(), last),
    }
}

/// The days of a window that are not 24 h long, with their seconds.
#[must_use]
pub fn uneven_days(zone: &Zone, span: &Span) -> Vec<(NaiveDate, i64)> {
    let segments = zone.segments(span.from.timestamp(), span.to.timestamp());
    let mut days: Vec<NaiveDate> = Vec::new();
    for segment in segments.iter().skip(1) {
        let day = zone.local(crate::instant::from_seconds(segment.from)).date();
        days.extend([day.pred_opt(), Some(day)].into_iter().flatten());
    }
    days.sort_unstable();
    days.dedup();
    days.retain(|day| (span.first_day..span.end_day).contains(day));
    let length = |day: NaiveDate| {
        let next = day.succ_opt().unwrap_or(day);
        zone.day_start(next).timestamp() - zone.day_start(day).timestamp()
    };
    days.into_iter().map(|day| (day, length(day))).filter(|(_, length)| *length != 86_400).collect()
}

/// The steps of one line, in the order in which a reader follows them.
pub(crate) fn steps(line: &Line, trace: &LineTrace, judged: &Judged) -> Vec<Step> {
    let terms = &line.terms;
    let zone = &terms.window.time_zone;
    let mut steps = vec![Step::Window {
        name: name(&terms.window, &trace.label, &trace.span),
        zone: zone.name().to_owned(),
        days: trace.span.days(),
        seconds: trace.span.seconds(),
        uneven: uneven_days(zone, &trace.span),
    }];
    // Of what was not under contract at all there is nothing to tell but that.
    if trace.inactive_seconds > 0 && trace.unmeasured != Some(Unmeasured::Inactive) {
        let treatment = terms.partial_period;
        steps.push(Step::Inactive { seconds: trace.inactive_seconds, treatment });
    }
    if trace.out_of_hours_seconds > 0 && trace.unmeasured.is_none() {
        steps.push(Step::OutOfHours { seconds: trace.out_of_hours_seconds });
    }
    let unit = Unit::of(&terms.measure);
    excluded(&mut steps, trace, zone, unit);
    counted(&mut steps, line, trace, unit);
    if let Some(why) = trace.unmeasured {
        steps.push(Step::NotMeasured { why });
    }
    if let (Some(round), Some(compared)) = (terms.round_attainment, &judged.compared) {
        let compared = Fraction::new(hundredfold(&compared.exact()));
        steps.push(Step::Rounded { compared, decimals: round.decimals });
    }
    if let Some(met) = judged.met {
        let above = terms.objective_is == ObjectiveIs::Above;
        steps.push(Step::Compared { objective: terms.objective.clone(), above, met });
    }
    money(&mut steps, line, trace);
    steps
}

/// More admitted exclusions of one kind, or outages that don't wholly count, are told as one.
const TOLD_SINGLY: usize = 4;

fn excluded(steps: &mut Vec<Step>, trace: &LineTrace, zone: &Zone, unit: Unit) {
    for (_, kind) in ExclusionKind::WORDS {
        let of_kind = || trace.exclusions.iter().filter(move |exclusion| exclusion.kind == kind);
        let admitted: Vec<_> = of_kind().filter(|e| e.excused_seconds > 0).collect();
        let seconds = admitted.iter().map(|e| e.excused_seconds).sum();
        let treatment = admitted.first().and_then(|exclusion| exclusion.treatment);
        if let (Some(treatment), true) = (treatment, unit == Unit::Seconds) {
            if admitted.len() > TOLD_SINGLY {
                steps.push(Step::ExcludedMany { kind, count: admitted.len(), seconds, treatment });
            } else {
                steps.extend(admitted.iter().map(|exclusion| Step::Excluded {
                    kind,
                    from: zone.local(exclusion.from),
                    to: zone.local(exclusion.to),
                    seconds: exclusion.excused_seconds,
                    treatment,
                }));
            }
        }
        let window = trace.span.from..trace.span.to;
        let refused = of_kind().filter(|e| e.admission != Admission::Admitted);
        let refused = refused.filter(|e| e.from < window.end && e.to > window.start);
        steps.extend(refused.take(TOLD_SINGLY).map(|exclusion| Step::NotAdmitted {
            kind,
            from: zone.local(exclusion.from),
            to: zone.local(exclusion.to),
            admission: exclusion.admission.clone(),
        }));
    }
    if unit != Unit::Seconds && trace.excused != Fraction::whole(0) {
        steps.push(Step::Excused { unit, amount: trace.excused.clone() });
    }
}

fn counted(steps: &mut Vec<Step>, line: &Line, trace: &LineTrace, unit: Unit) {
    if trace.unknown_seconds > 0 {
        let treatment = line.terms.no_data;
        steps.push(Step::Unknown { seconds: trace.unknown_seconds, treatment });
    }
    let Some(attainment) = &trace.attainment else { return };
    let less = *trace.total.ratio() < whole(trace.span.seconds());
    match &line.terms.window.counted_as {
        Some(length) => steps.push(Step::FixedTotal { length: length.clone() }),
        None => steps.push(Step::Counted { unit, total: trace.total.clone(), less }),
    }
    if unit == Unit::Seconds {
        let window = (trace.span.from, trace.span.to);
        let inside = |outage: &OutageTrace| {
            (outage.to.min(window.1) - outage.from.max(window.0)).num_seconds()
        };
        let pieces: Vec<_> = trace.bad_pieces.iter().filter(|p| !p.unknown).cloned().collect();
        steps.push(Step::Outages {
            count: trace.outages.len(),
            lasted: trace.outages.iter().map(inside).sum(),
            beyond: trace.outages.iter().any(|outage| inside(outage) < lasted(outage)),
            counted: trace.outages.iter().map(|outage| outage.counted_seconds).sum(),
            bad: Fraction::new(crate::measures::uptime::weighted(&pieces).exact()),
        });
        if let Measure::Uptime(uptime) = &line.terms.measure {
            let zone = &line.terms.window.time_zone;
            let cut = trace.outages.iter().filter(|outage| outage.counted_seconds < lasted(outage));
            steps.extend(cut.take(TOLD_SINGLY).map(|outage| one_outage(outage, uptime, zone)));
        }
    } else {
        steps.push(Step::Bad { unit, bad: trace.bad.clone() });
    }
    steps.push(Step::Attainment {
        unit,
        total: trace.total.clone(),
        bad: trace.bad.clone(),
        attainment: attainment.clone(),
    });
}

/// Its whole length in seconds.
fn lasted(outage: &OutageTrace) -> i64 {
    outage.to.timestamp() - outage.from.timestamp()
}

fn one_outage(outage: &OutageTrace, uptime: &Uptime, zone: &Zone) -> Step {
    let told = outage.counted_seconds
        + outage.excused_seconds
        + outage.unknown_seconds
        + outage.outside_seconds;
    Step::Outage {
        from: zone.local(outage.from),
        to: zone.local(outage.to),
        counted: outage.counted_seconds,
        excused: outage.excused_seconds,
        unknown: outage.unknown_seconds,
        outside: outage.outside_seconds,
        cut: if outage.short { 0 } else { lasted(outage) - told },
        shorter_than: uptime.min_outage.clone().filter(|_| outage.short),
    }
}

fn money(steps: &mut Vec<Step>, line: &Line, trace: &LineTrace) {
    let paid = &trace.paid;
    let Some(credit) = &line.terms.credit else { return };
    let percent = paid.awarded.percent.clone();
    let share = percent.clone().unwrap_or_else(|| Fraction::whole(0));
    steps.push(match (&paid.awarded.by, &credit.award) {
        (AwardedBy::NotMeasured, _) => return,
        (AwardedBy::Tier(index), Award::Tiers(tiers)) => {
            let Some(tier) = tiers.get(*index) else { return };
            let not_below = nearest_bound(tiers, trace.compared.as_ref(), &tier.when);
            Step::Tier { when: tier.when.clone(), not_below, award: tier.award.clone(), percent }
        }
        (AwardedBy::Prorata, Award::Prorata(prorata)) => Step::Prorata {
            multiple: prorata.multiple.clone(),
            excess: prorata.of == crate::credits::ProrataOf::Excess,
            percent: share,
        },
        (AwardedBy::Per { count, .. }, Award::Per(per)) => Step::Per {
            first: per.first.clone(),
            every: per.every.clone(),
            each: per.percent.clone(),
            count: count.clone(),
            percent: share,
        },
        (by, _) => Step::NoAward { by: by.clone() },
    });
    let currency = paid.currency;
    if *paid.awarded.amount.ratio() > BigRational::default() {
        steps.push(Step::Fee { fee: paid.fee.clone(), currency });
    }
    for capped in paid.capped.iter().filter(|capped| capped.lowered) {
        if let Some(cap) = credit.caps.get(capped.index) {
            steps.push(Step::Cap { cap: cap.clone(), limit: capped.limit.clone(), currency });
        }
    }
    if let Some(step) = rounded(credit, paid) {
        steps.push(step);
    }
    if let (true, Some(minimum)) = (paid.too_small, &credit.minimum_over) {
        steps.push(Step::TooSmall { minimum: minimum.clone(), currency });
    }
    steps.push(Step::Credit { credit: paid.credit.clone(), currency, form: credit.form });
}

/// The amount after caps, where it is no whole number of minor units.
fn rounded(credit: &Credit, paid: &Paid) -> Option<Step> {
    let mut lowered = paid.capped.iter().filter(|capped| capped.lowered);
    let amount = lowered.next_back().map_or(&paid.awarded.amount, |capped| &capped.limit);
    let currency = paid.currency;
    let minor = rounding::to_minor(amount.ratio(), credit.rounding, currency);
    let whole = Fraction::new(rounding::to_amount(&minor, currency));
    let (exact, rounding) = (whole == *amount, credit.rounding);
    (!exact).then_some(Step::RoundedCredit { credit: whole, currency, rounding })
}

/// Of the tiers for worse service, the highest bound that attainment did not fall below.
fn nearest_bound(
    tiers: &[crate::credits::Tier],
    compared: Option<&Fraction>,
    when: &Condition,
) -> Option<Decimal> {
    let (compared, Condition::Below(own)) = (compared?, when) else { return None };
    let bounds = tiers.iter().filter_map(|tier| match &tier.when {
        Condition::Below(bound) if bound.compare(own).is_lt() => Some(bound),
        _ => None,
    });
    let above = bounds.filter(|bound| compare(bound.value(), compared.ratio()).is_le());
    above.max_by(|left, right| left.compare(right)).cloned()
}
