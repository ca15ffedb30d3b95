//! What was reached and granted in the quarter and the year so far.

use super::paper::Sheaf;
use chrono::{DateTime, Utc};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    credit::{Credit, CreditKind, Decision},
    id::ContractId,
    settlement::Settlement,
};
use makegood_engine::money::Money;
use makegood_statement::{Period, Reached, ToDate, ToDateLine};

/// The stretches that are longer than the period, and hold more than it.
pub(super) fn stretches(sheaves: &[Sheaf<'_>], period: &Period) -> Vec<ToDate> {
    let labels = longer(&period.label);
    let told = labels.into_iter().map(|label| stretch(sheaves, label));
    let holds_more = |stretch: &ToDate| stretch.lines.iter().any(|line| line.windows.len() > 1);
    told.filter(holds_more).collect()
}

/// `2026-11` → `2026-Q4`, `2026`; `2026-Q4` → `2026`.
fn longer(label: &str) -> Vec<String> {
    let Some((year, rest)) = label.split_once('-') else {
        return Vec::new();
    };
    let month: Option<u32> = rest.parse().ok();
    let quarter = month.map(|month| format!("{year}-Q{}", month.div_ceil(3)));
    quarter.into_iter().chain([year.to_owned()]).collect()
}

fn stretch(sheaves: &[Sheaf<'_>], label: String) -> ToDate {
    let mut lines = Vec::new();
    let mut granted: Vec<Money> = Vec::new();
    for sheaf in sheaves {
        lines.extend(lines_of(sheaf, &label));
        for credit in sheaf.shelf.credits.iter().filter(|one| counts(sheaf, one, &label)) {
            let same = granted.iter_mut().find(|s| s.currency() == credit.amount.currency());
            match same {
                // A sum that no amount holds is not told at all.
                Some(sum) => match sum.checked_add(credit.amount) {
                    Ok(all) => *sum = all,
                    Err(_) => return ToDate { label, lines, granted: Vec::new() },
                },
                None => granted.push(credit.amount),
            }
        }
    }
    ToDate { label, lines, granted }
}

/// One for each contract and name of an SLA of the document, over all versions of its terms.
fn lines_of(sheaf: &Sheaf<'_>, label: &str) -> Vec<ToDateLine> {
    let shelf = sheaf.shelf;
    let mut found: Vec<(ToDateLine, Vec<&Attainment>)> = Vec::new();
    let stated = sheaf.settlements.iter().flat_map(|one| one.lines.iter().map(|line| line.line));
    for line in stated.filter_map(|id| shelf.lines.iter().find(|line| line.id == id)) {
        let number = shelf.contracts.iter().find(|one| one.id == line.contract);
        let contract = number.map(|one| one.number.clone()).unwrap_or_default();
        if found.iter().any(|(have, _)| have.contract == contract && have.sla == line.name) {
            continue;
        }
        let versions = shelf
            .lines
            .iter()
            .filter(|one| one.contract == line.contract && one.name == line.name)
            .map(|one| one.id);
        let versions: Vec<_> = versions.collect();
        let windows = shelf.attainments.iter().filter(|one| {
            one.state == WindowState::Locked
                && versions.contains(&one.line)
                && one.ends_in(label)
                && last(sheaf, line.contract).is_some_and(|last| one.to <= last)
        });
        let told = ToDateLine { contract, sla: line.name.clone(), windows: vec![], is_time: false };
        found.push((told, windows.collect()));
    }
    let fill = |(mut line, windows): (ToDateLine, Vec<&Attainment>)| {
        // Only uptime has an allowance in seconds.
        line.is_time = windows.iter().any(|one| one.allowance.is_some());
        line.windows = windows.into_iter().map(reached).collect();
        line
    };
    found.into_iter().map(fill).collect()
}

/// When the last window of a contract ends that the document is about: by the contract's own zone, which need
/// not be that of the document's period.
fn last(sheaf: &Sheaf<'_>, contract: ContractId) -> Option<DateTime<Utc>> {
    let own = sheaf.settlements.iter().filter(|one| one.contract == contract);
    own.map(|one| one.to).max()
}

fn reached(attainment: &Attainment) -> Reached {
    Reached {
        attainment: attainment.attainment.clone(),
        total: attainment.total.clone(),
        bad: attainment.bad.clone(),
        met: attainment.met,
    }
}

/// Whether a credit was granted for a window of the stretch. Goodwill rests on no window's figures.
fn counts(sheaf: &Sheaf<'_>, credit: &Credit, label: &str) -> bool {
    let Some(last) = last(sheaf, credit.contract) else { return false };
    let ended = |one: &Settlement| one.to <= last && one.ends_in(label);
    let ended = |id| sheaf.shelf.settlements.iter().any(|one| one.id == id && ended(one));
    credit.decision == Decision::Approved
        && credit.kind != CreditKind::Goodwill
        && credit.settlement.is_some_and(ended)
}

#[cfg(test)]
mod tests {
    use super::longer;

    #[test]
    fn a_month_lies_in_a_quarter_and_a_year() {
        assert_eq!(longer("2026-11"), ["2026-Q4", "2026"]);
        assert_eq!(longer("2026-01"), ["2026-Q1", "2026"]);
        assert_eq!(longer("2026-Q4"), ["2026"]);
        assert!(longer("2026").is_empty());
    }
}
