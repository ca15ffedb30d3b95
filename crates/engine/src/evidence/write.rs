//! Writing evidence.

use super::{Evidence, Exclusion, Outage, SlotRun, Totals, Unknown};
use crate::build::{Build, list};
use crate::instant::write_instant;
use crate::json::Json;
use crate::measures::Measure;

/// The evidence of a line with this measure, as a tree.
pub(crate) fn evidence(evidence: &Evidence, measure: &Measure) -> Json {
    let uptime = matches!(measure, Measure::Uptime(_));
    let slots = !uptime && evidence.totals.is_none();
    let some = |filled: bool, tree: &dyn Fn() -> Json| filled.then(tree);
    Build::default()
        .maybe("outages", some(uptime, &|| list(&evidence.outages, outage)))
        .maybe("unknown", some(!evidence.unknown.is_empty(), &|| list(&evidence.unknown, unknown)))
        .maybe(
            "slots",
            some(slots, &|| Json::List(evidence.slots.iter().map(|slots| run(&slots)).collect())),
        )
        .maybe("totals", evidence.totals.map(totals))
        .maybe(
            "exclusions",
            some(!evidence.exclusions.is_empty(), &|| list(&evidence.exclusions, exclusion)),
        )
        .object()
}

fn outage(outage: &Outage) -> Json {
    Build::default()
        .text("from", &write_instant(outage.from))
        .text("to", &write_instant(outage.to))
        .maybe_text("impact", Some(&outage.impact).filter(|impact| impact.as_str() != "1"))
        .object()
}

fn unknown(unknown: &Unknown) -> Json {
    Build::default()
        .text("from", &write_instant(unknown.from))
        .text("to", &write_instant(unknown.to))
        .object()
}

fn run(slots: &SlotRun) -> Json {
    Build::default()
        .maybe_text("start", slots.start.map(write_instant))
        .maybe_number("count", (slots.count != 1).then_some(slots.count))
        .maybe_number("requests", slots.requests)
        .maybe_number("errors", slots.errors)
        .maybe_text("value", slots.value.as_ref())
        .object()
}

fn totals(totals: Totals) -> Json {
    Build::default().number("requests", &totals.requests).number("errors", &totals.errors).object()
}

fn exclusion(exclusion: &Exclusion) -> Json {
    Build::default()
        .text("kind", exclusion.kind.as_str())
        .text("from", &write_instant(exclusion.from))
        .text("to", &write_instant(exclusion.to))
        .maybe_text("notified_at", exclusion.notified_at.map(write_instant))
        .object()
}
