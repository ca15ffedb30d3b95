//! What a new revision says otherwise than the one before: each figure that moved, and why (law 4).

use crate::seat::Inside;
use makegood_domain::{
    Code, Problem,
    statement::{Statement, again},
};
use makegood_engine::{
    Case, compute,
    explain::Language as Figures,
    fraction::Fraction,
    result::{CaseResult, LineResult},
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
            let both = ((&then, result(&then)?), (&here, result(&here)?));
            moved.extend(difference(both, &now.period, figures));
        }
        let reason = match language {
            Language::En => reason.to_owned(),
            Language::De => reason.split("; ").map(in_german).collect::<Vec<_>>().join("; "),
        };
        if moved.is_empty() {
            return Ok(reason);
        }
        let more = moved.len().saturating_sub(MOST);
        moved.truncate(MOST);
        match (more, language) {
            (0, _) => {}
            (more, Language::De) => moved.push(format!("und {more} weitere")),
            (more, Language::En) => moved.push(format!("and {more} more")),
        }
        Ok(format!("{reason}. {}", moved.join("; ")))
    }
}

/// Central's reasons are English; names and instants in them stay as they are.
fn in_german(reason: &str) -> String {
    const WORDS: [(&str, &str); 8] = [
        (again::SETTLED, "seither wurde mehr abgerechnet"),
        (again::DECIDED, "seither wurde über Gutschriften entschieden"),
        (again::OTHERS, "jetzt über andere Verträge"),
        (again::TRANSLATED, "jetzt in einer anderen Sprache"),
        ("late evidence", "später eingegangene Messdaten"),
        ("evidence withdrawn", "zurückgezogene Messdaten"),
        ("evidence added and withdrawn", "ergänzte und zurückgezogene Messdaten"),
        ("exclusion admitted", "anerkannter Ausschluss"),
    ];
    let known = WORDS.iter().find_map(|(en, de)| Some((de, reason.strip_prefix(en)?)));
    known.map_or_else(|| reason.to_owned(), |(de, rest)| format!("{de}{rest}"))
}

fn result(case: &Case) -> Result<CaseResult, Problem> {
    compute(case).map(|computed| computed.result).map_err(|refusal| {
        let why = format!("{}: {}", refusal.path, refusal.message);
        Problem::new(Code::CentralAnswer, why)
    })
}

/// So many figures are named; the calculation files tell of the others.
const MOST: usize = 40;

/// Of a contract's window: each line's percentage, and what is owed.
fn difference(
    ((then, before), (here, now)): ((&Case, CaseResult), (&Case, CaseResult)),
    period: &str,
    figures: Figures,
) -> Vec<String> {
    let mut contract = here.contract.number.clone().unwrap_or_default();
    if here.period != period {
        contract.push_str(&format!(" {}", here.period));
    }
    let percent =
        |text: Option<&String>| text.map_or_else(|| "–".to_owned(), |text| figures.percent(text));
    let mut moved = Vec::new();
    // An amendment may have split or joined a line since: then there is nothing to compare it with.
    let alone =
        |lines: &[LineResult], name: &str| lines.iter().filter(|one| one.sla == name).count() == 1;
    for line in now.lines.iter().filter(|line| alone(&now.lines, &line.sla)) {
        let earlier = before.lines.iter().find(|one| one.sla == line.sla);
        let Some(earlier) = earlier.filter(|one| alone(&before.lines, &one.sla)) else { continue };
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
