//! From minutes to money, step by step, as the engine recomputes it from the calculation file.

use super::{
    exclusion::{ExclusionView, as_claimed},
    found::Found,
};
use crate::{
    Versioned,
    screens::show::{minutes, percent},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::WindowState,
    exclusion::{Exclusion, ExclusionState},
    id::SlaLineId,
    settlement::Settlement,
};
use makegood_engine::{
    case::Case,
    compute::{Computed, compute},
    credits::{Award, Condition},
    fraction::{Fraction, cut},
    money::Money,
    trace::LineTrace,
};
use serde::Serialize;
use ts_rs::TS;

/// A step of the arithmetic: an operator before a figure over a caption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Term {
    /// `51 min`.
    pub figure: String,
    /// `counted`.
    pub caption: String,
    /// `−`, `=`, `→`, `of`; empty before the first.
    pub operator: String,
    /// Key of its explanation: `down`, `percent`, `fee`, `amount`.
    pub explain: Option<String>,
}

/// A calculation file, recomputed here.
#[derive(Debug, Clone)]
pub struct Recomputed {
    /// The calculation file.
    pub case: Case,
    /// What it computes to on this machine.
    pub computed: Computed,
    /// Whose line each of the file's is: an amendment may give a window two of one name.
    lines: Vec<SlaLineId>,
}

impl Recomputed {
    /// Recomputes a settlement's calculation file.
    ///
    /// # Errors
    /// [`Code::CaseInvalid`], naming the place in the file.
    pub fn of(case: Case, settlement: &Settlement) -> Result<Self, Problem> {
        Self::with_lines(case, settlement.lines.iter().map(|line| line.line).collect())
    }

    fn with_lines(case: Case, lines: Vec<SlaLineId>) -> Result<Self, Problem> {
        match compute(&case) {
            Ok(computed) => Ok(Self { case, computed, lines }),
            Err(refusal) => Err(Problem::new(
                Code::CaseInvalid,
                format!("the calculation file can't be recomputed: {refusal}"),
            )),
        }
    }

    /// Where a line stands in the file.
    #[must_use]
    pub fn index(&self, line: SlaLineId) -> Option<usize> {
        self.lines.iter().position(|one| *one == line)
    }

    /// How a line's result came about.
    pub(crate) fn line(&self, line: SlaLineId) -> Option<&LineTrace> {
        self.computed.lines.get(self.index(line)?)
    }

    /// The spans that nobody measured.
    pub(crate) fn unknown(&self, line: SlaLineId) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let line = self.index(line).and_then(|index| self.case.lines.get(index));
        let spans = line.map(|line| line.evidence.unknown.iter().map(|one| (one.from, one.to)));
        spans.map(Iterator::collect).unwrap_or_default()
    }

    /// The same case with another set of exclusions on one line.
    fn with(&self, line: SlaLineId, change: impl FnOnce(&mut Vec<Claimed>)) -> Option<Self> {
        let mut case = self.case.clone();
        let line = case.lines.get_mut(self.index(line)?)?;
        change(&mut line.evidence.exclusions);
        Self::with_lines(case, self.lines.clone()).ok()
    }
}

type Claimed = makegood_engine::evidence::Exclusion;

fn text(value: &Fraction) -> String {
    value.decimal_or_fraction()
}

fn term(operator: &str, figure: String, caption: impl Into<String>, explain: &str) -> Term {
    Term {
        figure,
        caption: caption.into(),
        operator: operator.to_owned(),
        explain: (!explain.is_empty()).then(|| explain.to_owned()),
    }
}

/// What the line pays, as a single figure.
fn money(line: &LineTrace) -> String {
    let currency = line.paid.currency;
    let amount = cut(line.paid.credit.ratio(), u32::from(currency.minor_digits()));
    Money::parse_decimal(&amount, currency).map_or(amount, Money::symbol)
}

/// `61 − 10 = 51 min → 99.885880 % → tier 10 % of €12,000.00 = €1,200.00`. Empty for measures other
/// than minutes, whose steps are in the explanation.
pub(super) fn terms(found: &Found, recomputed: &Recomputed) -> Vec<Term> {
    let own = found.line.id;
    let (Some(index), Some(line)) = (recomputed.index(own), recomputed.line(own)) else {
        return Vec::new();
    };
    let Some(attainment) = line.attainment.as_ref().filter(|_| !line.outages.is_empty()) else {
        return Vec::new();
    };
    let sum = |part: fn(&makegood_engine::trace::OutageTrace) -> i64| {
        line.outages.iter().map(part).sum::<i64>()
    };
    let excluded = sum(|one| one.excused_seconds);
    let inside = sum(|one| (one.to - one.from).num_seconds() - one.outside_seconds);
    let bad = minutes(&text(&line.bad));
    let mut terms = Vec::new();
    if excluded > 0 {
        terms.push(term("", minutes(&inside.to_string()), "measured", "down"));
        terms.push(term("−", minutes(&excluded.to_string()), "excluded", ""));
        let rest = inside - excluded;
        if Fraction::whole(rest) == line.bad {
            terms.push(term("=", format!("{bad} min"), "counted", ""));
        } else {
            terms.push(term("→", format!("{bad} min"), "counted", ""));
        }
    } else {
        terms.push(term("", format!("{bad} min"), "counted", "down"));
    }
    let total = minutes(&text(&line.total));
    let caption = format!("({total} − {bad}) ÷ {total}");
    terms.push(term("→", percent(&attainment.percent()), caption, "percent"));
    terms.extend(award(recomputed, index, line));
    let estimated = found.attainment.state != WindowState::Locked
        || found.credit.as_ref().is_none_or(|credit| !credit.decision.is_final());
    let caption = if estimated { "estimated credit" } else { "SLA credit" };
    terms.push(term("=", money(line), caption, "amount"));
    terms
}

/// The rule that pays, and the credit base.
fn award(recomputed: &Recomputed, index: usize, line: &LineTrace) -> Vec<Term> {
    let paid = &line.paid;
    let base = Money::parse_decimal(paid.fee.as_str(), paid.currency)
        .map_or_else(|_| paid.fee.as_str().to_owned(), Money::symbol);
    let share = paid.awarded.percent.as_ref().map(|share| percent(&text(share)));
    let (name, caption) = match paid.tier() {
        Some(place) => ("tier ", condition(recomputed, index, place)),
        None => ("", "by the contract".to_owned()),
    };
    match share {
        Some(share) => vec![
            term("→", format!("{name}{share}"), caption, ""),
            term("of", base, "credit base", "fee"),
        ],
        None => vec![term("→", format!("{name}fixed"), caption, "")],
    }
}

/// `below 99.9 %`.
fn condition(recomputed: &Recomputed, index: usize, place: usize) -> String {
    let credit = recomputed.case.lines.get(index).and_then(|line| line.terms.credit.as_ref());
    let Some(Award::Tiers(tiers)) = credit.map(|credit| &credit.award) else {
        return String::new();
    };
    match tiers.get(place).map(|tier| &tier.when) {
        Some(Condition::Below(bound)) => format!("below {}", percent(bound.as_str())),
        Some(Condition::AtOrBelow(bound)) => format!("{} or less", percent(bound.as_str())),
        Some(Condition::DowntimeOver(time)) => format!("more than {}", time.as_str()),
        Some(Condition::DowntimeAtLeast(time)) => format!("at least {}", time.as_str()),
        None => String::new(),
    }
}

/// `99.885880 %, €1,200.00`.
fn effect(recomputed: Option<&Recomputed>, line: SlaLineId) -> String {
    let Some(line) = recomputed.and_then(|it| it.line(line)) else { return String::new() };
    let reached = line.attainment.as_ref().map(Fraction::percent);
    let reached = reached.map_or_else(|| "not measured".to_owned(), |text| percent(&text));
    format!("{reached}, {}", money(line))
}

/// Fills in what the line reads with each exclusion, and without it.
pub(super) fn effects(
    views: &mut [ExclusionView],
    exclusions: &[Versioned<Exclusion>],
    recomputed: &Recomputed,
    line: SlaLineId,
) {
    for view in views {
        let stored = exclusions.iter().find(|one| one.id.to_string() == view.id);
        let Some(claimed) = stored.and_then(|one| as_claimed(one)).or_else(|| claimed(view)) else {
            continue;
        };
        let without = recomputed.with(line, |all| all.retain(|one| *one != claimed));
        let with = recomputed.with(line, |all| {
            all.retain(|one| *one != claimed);
            all.push(claimed.clone());
        });
        view.effect_with = effect(with.as_ref(), line);
        view.effect_without = effect(without.as_ref(), line);
    }
}

/// An exclusion that only the outbox knows. Its notice is judged by the terms already.
fn claimed(view: &ExclusionView) -> Option<Claimed> {
    let from: DateTime<Utc> = view.from.at.parse().ok()?;
    Some(Claimed {
        kind: makegood_engine::terms::ExclusionKind::parse(&view.kind)?,
        from,
        to: view.to.at.parse().ok()?,
        notified_at: view.admissible.then(|| from - chrono::TimeDelta::days(3650)),
    })
}

/// `Without the exclusion: 61 of 44,700 min → 99.863534 % → same tier, €1,200.00.`
pub(super) fn counterfactual(
    found: &Found,
    recomputed: &Recomputed,
    exclusions: &[Versioned<Exclusion>],
) -> Option<String> {
    let own = found.line.id;
    let now = recomputed.line(own)?;
    let excusing = now.exclusions.iter().filter(|one| one.excused_seconds > 0).count();
    let proposed: Vec<Claimed> = exclusions
        .iter()
        .filter(|one| one.state == ExclusionState::Proposed)
        .filter_map(|one| as_claimed(one))
        .collect();
    let (lead, other) = if excusing > 0 {
        let lead = if excusing > 1 { "Without any exclusion" } else { "Without the exclusion" };
        (lead, recomputed.with(own, Vec::clear)?)
    } else if proposed.is_empty() {
        return None;
    } else {
        ("With the proposed exclusion", recomputed.with(own, |all| all.extend(proposed))?)
    };
    let line = other.line(own)?;
    let (bad, total) = (minutes(&text(&line.bad)), minutes(&text(&line.total)));
    let reached = percent(&line.attainment.as_ref()?.percent());
    let tier = match (now.paid.tier(), line.paid.tier()) {
        (a, b) if a == b => "same tier".to_owned(),
        (_, Some(_)) => {
            let share = line.paid.awarded.percent.as_ref();
            share.map_or_else(
                || "another tier".to_owned(),
                |it| format!("tier {}", percent(&text(it))),
            )
        }
        (_, None) => "no tier".to_owned(),
    };
    Some(format!("{lead}: {bad} of {total} min → {reached} → {tier}, {}.", money(line)))
}
