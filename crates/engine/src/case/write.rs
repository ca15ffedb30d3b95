//! Writing cases.

use super::{Active, Case, Contract, FORMAT, HistoryEntry, Line, read};
use crate::build::{Build, list};
use crate::credits;
use crate::evidence;
use crate::instant::write_instant;
use crate::json::Json;
use crate::result::Stated;

pub(super) fn case(case: &Case) -> Json {
    Build::default()
        .text("format", FORMAT)
        .maybe_text("id", case.id.as_ref())
        .maybe_text("title", case.title.as_ref())
        .maybe_text("source", case.source.as_ref())
        .put("contract", contract(&case.contract))
        .text("period", &case.period)
        .put("lines", list(&case.lines, line))
        .maybe("result", case.result.as_ref().map(Stated::to_tree))
        .maybe_text("invalid", case.invalid.as_ref())
        .object()
}

fn contract(contract: &Contract) -> Json {
    Build::default()
        .text("currency", &contract.currency)
        .word("combine", &contract.combine, &read::COMBINE)
        .maybe("cap", credits::write::caps(&contract.caps))
        .maybe_text("customer", contract.customer.as_ref())
        .maybe_text("number", contract.number.as_ref())
        .object()
}

fn line(line: &Line) -> Json {
    let used = (!line.maintenance_used.is_empty()).then(|| {
        let kinds = line.maintenance_used.iter();
        kinds.fold(Build::default(), |all, (kind, used)| all.text(kind.as_str(), used)).object()
    });
    Build::default()
        .text("sla", &line.sla)
        .put("terms", line.terms.to_tree())
        .put("evidence", evidence::write::evidence(&line.evidence, &line.terms.measure))
        .text("fee", &line.fee)
        .maybe("active", line.active.map(active))
        .maybe("history", (!line.history.is_empty()).then(|| list(&line.history, entry)))
        .maybe("maintenance_used", used)
        .object()
}

fn active(active: Active) -> Json {
    Build::default()
        .maybe_text("from", active.from.map(write_instant))
        .maybe_text("to", active.to.map(write_instant))
        .object()
}

fn entry(entry: &HistoryEntry) -> Json {
    Build::default()
        .text("period", &entry.period)
        .text("fee", &entry.fee)
        .text("credit", &entry.credit)
        .object()
}
