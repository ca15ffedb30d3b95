//! What a new revision says otherwise than the one before: each figure that moved, and why (law 4).

use crate::seat::Inside;
use makegood_domain::{Code, Problem, statement::Statement};
use makegood_engine::{
    Case, compute, explain::Language as Figures, fraction::Fraction, result::CaseResult,
};
use makegood_statement::Language;

impl Inside {
    /// `late evidence. NW-1, API availability 99.885880 % → 99.785186 %; NW-1 €1,200.00 → €3,000.00`.
    ///
    /// # Errors
    /// What a calculation file can have, also that of the revision before.
    pub(super) async fn change(
        &self,
        (before, now): (&Statement, &Statement),
        reason: &str,
        language: Language,
    ) -> Result<String, Problem> {
        let figures = Figures::of_code(language.tag());
        let mut moved = Vec::new();
        for on in &now.rests_on {
            let same = |one: &&makegood_domain::statement::StatementCase| {
                one.settlement == on.settlement && one.revision != on.revision
            };
            let Some(then) = before.rests_on.iter().find(same) else { continue };
            let then = self.case(then.settlement, then.revision).await?;
            let here = self.case(on.settlement, on.revision).await?;
            moved.extend(difference((&then, result(&then)?), (&here, result(&here)?), figures));
        }
        match moved.is_empty() {
            true => Ok(reason.to_owned()),
            false => Ok(format!("{reason}. {}", moved.join("; "))),
        }
    }
}

fn result(case: &Case) -> Result<CaseResult, Problem> {
    compute(case).map(|computed| computed.result).map_err(|refusal| {
        let why = format!("{}: {}", refusal.path, refusal.message);
        Problem::new(Code::CentralAnswer, why)
    })
}

/// Of a contract's window: each line's percentage, and what is owed.
fn difference(
    (then, before): (&Case, CaseResult),
    (here, now): (&Case, CaseResult),
    figures: Figures,
) -> Vec<String> {
    let contract = here.contract.number.as_deref().unwrap_or_default();
    let percent =
        |text: Option<&String>| text.map_or_else(|| "–".to_owned(), |text| figures.percent(text));
    let mut moved = Vec::new();
    for (at, line) in now.lines.iter().enumerate() {
        let Some(earlier) = before.lines.get(at).filter(|one| one.sla == line.sla) else {
            continue;
        };
        if earlier.percent != line.percent {
            let (from, to) = (percent(earlier.percent.as_ref()), percent(line.percent.as_ref()));
            moved.push(format!("{contract}, {} {from} → {to}", line.sla));
        }
    }
    if before.credit != now.credit {
        let money = |case: &Case, text: &str| {
            let amount = Fraction::parse(text);
            amount.map_or_else(|| text.to_owned(), |it| figures.money(&it, case.contract.currency))
        };
        let (from, to) = (money(then, &before.credit), money(here, &now.credit));
        moved.push(format!("{contract} {from} → {to}"));
    }
    moved
}
