//! What a statement says of one contract in one window.

use super::paper::{Shelf, missing};
use makegood_domain::{
    Problem,
    contract::{Contract, SlaLine},
    exclusion::ExclusionState,
    settlement::{self, Settlement, ShareState},
};
use makegood_statement::{
    Beyond, Clauses, ContractPart, CreditState, Language, LinePart, Share, TrendPoint,
};
use std::collections::{BTreeMap, BTreeSet};

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
    let outcome = outcome(shelf, settlement);
    let mut lines = Vec::with_capacity(settlement.lines.len());
    for stated in &settlement.lines {
        let line = shelf.lines.iter().find(|one| one.id == stated.line);
        let line = line.ok_or_else(|| missing("SLA line", &stated.line))?;
        let owes = stated.allocated.minor() != 0;
        let credit = if owes { outcome.state } else { CreditState::None };
        let fee_note = Some(stated.fee_trace.clone()).filter(|trace| trace.contains('÷'));
        lines.push(LinePart { credit, fee_note, ..line_part(shelf, settlement, line, language) });
    }
    Ok(ContractPart {
        number: contract.number.clone(),
        customer: None,
        file_name: file_name(&contract.number, &settlement.window, revision),
        case,
        revision: u32::try_from(revision).unwrap_or(1),
        lines,
        shares: outcome.shares,
        beyond: outcome.beyond,
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
            exclusions: clauses_of_exclusions(shelf, settlement, line),
            credit: line.clauses.credit.clone(),
        },
        fee_note: None,
        credit: CreditState::None,
        narrative,
        root_cause: hit.and_then(|hit| hit.root_cause.clone()),
        trend: trend(shelf, settlement, line),
    }
}

/// The clause of each kind of exclusion: the line's; of a kind for which it names none, what was named when the time
/// was excused.
fn clauses_of_exclusions(
    shelf: &Shelf,
    settlement: &Settlement,
    line: &SlaLine,
) -> BTreeMap<String, String> {
    let mut clauses = line.clauses.exclusions.clone();
    let excused = shelf.exclusions.iter().filter(|one| {
        one.series == line.series
            && one.state == ExclusionState::Admitted
            && one.from < settlement.to
            && one.to > settlement.from
    });
    for one in excused {
        if let Some(clause) = &one.clause {
            clauses.entry(one.kind.clone()).or_insert_with(|| clause.clone());
        }
    }
    clauses
}

/// What became of what a settlement owes, as it is printed.
struct Outcome {
    /// Of each line that owes.
    state: CreditState,
    shares: Vec<Share>,
    beyond: Option<Beyond>,
}

fn outcome(shelf: &Shelf, settlement: &Settlement) -> Outcome {
    let outcome = settlement.outcome(&shelf.credits);
    let beyond = outcome.beyond.map(|one| Beyond { amount: one.amount, decided: one.decided });
    let share = |one: &settlement::Share| Share { state: state(one.state), amount: one.amount };
    let shares: Vec<Share> = outcome.shares.iter().map(share).collect();
    match shares.as_slice() {
        [] => Outcome { state: CreditState::None, shares: Vec::new(), beyond },
        [one] => Outcome { state: one.state, shares: Vec::new(), beyond },
        _ => Outcome { state: CreditState::InParts, shares, beyond },
    }
}

fn state(state: ShareState) -> CreditState {
    match state {
        ShareState::Granted => CreditState::Granted,
        ShareState::Pending => CreditState::Pending,
        ShareState::OnRequest { until } => CreditState::OnRequest { until },
        ShareState::Lapsed => CreditState::Lapsed,
        ShareState::NotGranted => CreditState::NotGranted,
    }
}

/// The last twelve windows of this contract's line of this name, over all versions of its terms; of this
/// window, which an amendment may have split, the line's own part.
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
        .filter(|one| one.window != settlement.window || one.line == line.id)
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
                (&later.customer, &later.number) == (&part.customer, &part.number)
                    && later.lines.iter().any(|one| one.sla == line.sla)
            };
            if after.iter().any(again) {
                line.trend.clear();
            }
        }
    }
}

/// Two contracts of one statement may have one number, or numbers that differ in what no file name holds: each
/// case is a file of its own.
pub(super) fn tell_files_apart(contracts: &mut [ContractPart]) {
    let mut taken = BTreeSet::new();
    for part in contracts {
        let (stem, mut more) = (part.file_name.trim_end_matches(".json").to_owned(), 1);
        // Some file systems don't tell large letters from small ones.
        while !taken.insert(part.file_name.to_ascii_lowercase()) {
            more += 1;
            part.file_name = format!("{stem}-{more}.json");
        }
    }
}
