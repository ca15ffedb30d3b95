//! What a statement says of one contract in one window.

use super::paper::{Shelf, missing};
use makegood_domain::{
    Problem,
    contract::{Contract, SlaLine},
    credit::{Claim, CreditKind, Decision},
    settlement::{Settlement, SettlementLine},
};
use makegood_statement::{Clauses, ContractPart, CreditState, Language, LinePart, TrendPoint};
use std::collections::BTreeMap;

/// How many windows the chart shows.
const TREND: usize = 12;

/// What is printed of a settlement.
pub(super) fn part(
    shelf: &Shelf,
    settlement: &Settlement,
    contract: &Contract,
    case: makegood_engine::Case,
    revision: i64,
    language: Language,
) -> Result<ContractPart, Problem> {
    let mut lines = Vec::with_capacity(settlement.lines.len());
    for stated in &settlement.lines {
        let line = shelf.lines.iter().find(|one| one.id == stated.line);
        let line = line.ok_or_else(|| missing("SLA line", &stated.line))?;
        lines.push(line_part(shelf, settlement, stated, line, language));
    }
    let mut notes: Vec<&str> = settlement
        .lines
        .iter()
        .map(|line| line.fee_trace.as_str())
        .filter(|trace| trace.contains('÷'))
        .collect();
    notes.dedup();
    Ok(ContractPart {
        number: contract.number.clone(),
        customer: None,
        file_name: file_name(&contract.number, &settlement.window, revision),
        case,
        revision: u32::try_from(revision).unwrap_or(1),
        fee_note: (!notes.is_empty()).then(|| notes.join("; ")),
        lines,
    })
}

/// `NW-1-2026-10-r1.json`; what is neither letter nor digit in a contract's number becomes `_`.
fn file_name(number: &str, window: &str, revision: i64) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' })
            .collect()
    };
    format!("{}-{}-r{revision}.json", safe(number), safe(window))
}

fn line_part(
    shelf: &Shelf,
    settlement: &Settlement,
    stated: &SettlementLine,
    line: &SlaLine,
    language: Language,
) -> LinePart {
    let breach =
        shelf.breaches.iter().find(|one| one.line == line.id && one.window == settlement.window);
    let hit =
        breach.and_then(|breach| shelf.hits.iter().find(|hit| hit.breaches.contains(&breach.id)));
    let narrative = hit.and_then(|hit| {
        hit.narratives.get(language.tag()).or_else(|| hit.narratives.get("en")).cloned()
    });
    LinePart {
        sla: line.name.clone(),
        product: line.product.clone(),
        about: line.scope.clone(),
        clauses: Clauses {
            objective: line.clauses.objective.clone(),
            exclusions: line.clauses.exclusions.clone(),
            credit: line.clauses.credit.clone(),
        },
        credit: credit_state(shelf, settlement, stated),
        narrative,
        root_cause: hit.and_then(|hit| hit.root_cause.clone()),
        trend: trend(shelf, settlement, line),
    }
}

/// What became of a line's part of the settlement's credit.
fn credit_state(shelf: &Shelf, settlement: &Settlement, stated: &SettlementLine) -> CreditState {
    if stated.allocated.minor() == 0 {
        return CreditState::None;
    }
    let credit = shelf.credits.iter().find(|one| {
        one.settlement == Some(settlement.id)
            && one.kind == CreditKind::Contractual
            && one.decision != Decision::Cancelled
    });
    match credit.map(|credit| (credit.decision, credit.claim, credit.claim_until)) {
        Some((Decision::Approved, ..)) => CreditState::Granted,
        Some((Decision::NotGranted, ..)) => CreditState::NotGranted,
        Some((_, Claim::Lapsed | Claim::Late, _)) => CreditState::Lapsed,
        Some((_, Claim::Invited, Some(until))) => CreditState::OnRequest { until },
        _ => CreditState::Pending,
    }
}

/// The last twelve windows of this contract's line of this name, over all versions of its terms.
fn trend(shelf: &Shelf, settlement: &Settlement, line: &SlaLine) -> Vec<TrendPoint> {
    let named: Vec<_> = shelf
        .lines
        .iter()
        .filter(|one| one.contract == line.contract && one.name == line.name)
        .map(|one| one.id)
        .collect();
    let points: BTreeMap<_, _> = shelf
        .attainments
        .iter()
        .filter(|one| named.contains(&one.line) && one.to <= settlement.to)
        .map(|one| (one.from, one))
        .collect();
    let skipped = points.len().saturating_sub(TREND);
    points
        .into_values()
        .skip(skipped)
        .map(|one| TrendPoint {
            label: one.window.clone(),
            percent: one.percent.clone(),
            met: one.met,
        })
        .collect()
}

/// Of the windows of one line, only the last shows the trend.
pub(super) fn keep_last_trends(contracts: &mut [ContractPart]) {
    for at in 0..contracts.len() {
        let (before, after) = contracts.split_at_mut(at + 1);
        let Some(part) = before.last_mut() else { continue };
        for line in &mut part.lines {
            let again = |later: &ContractPart| {
                later.number == part.number && later.lines.iter().any(|one| one.sla == line.sla)
            };
            if after.iter().any(again) {
                line.trend.clear();
            }
        }
    }
}
