//! The first page's upper half: to whom, about what, and the verdict at a glance.

use super::canvas::{INK, Length, px};
use super::flow::{Flow, LABEL, LEFT, MEASURE, RIGHT, SMALL, TEXT, TITLE, VERDICT};
use super::table::Mark;
use crate::document::{Document, Scope};
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use chrono::TimeDelta;
use makegood_engine::zone::Zone;

/// Where the right half begins.
pub(crate) const HALF: Length = px(402);

/// Draws the cover block.
pub(crate) fn draw(
    flow: &mut Flow,
    document: &Document,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let words = flow.words;
    head(flow, document, "title", |flow| facts(flow, document, settled, lines))?;
    verdict(flow, document, settled, lines, mixed)?;
    if let Some(change) = &document.change {
        flow.space(px(16));
        let text = words.fill("change", &[("change", change)]);
        flow.paragraph(&[(TEXT, &text)])?;
    }
    Ok(())
}

/// Title, address, and facts at the right of it.
pub(crate) fn head(
    flow: &mut Flow,
    document: &Document,
    title: &str,
    facts: impl FnOnce(&mut Flow) -> Result<(), StatementError>,
) -> Result<(), StatementError> {
    let words = flow.words;
    let period = words.period(&document.period.label);
    let title = words.fill(title, &[("period", &period)]);
    let title = flow.lines(&[(TITLE.ink(flow.inks.heading), &title)], MEASURE)?;
    flow.canvas.tree.open("H1");
    flow.draw_lines(&title, LEFT)?;
    flow.canvas.tree.close();
    flow.space(px(32));
    let top = flow.y;
    flow.canvas.tree.open("P");
    for line in &document.recipient {
        let broken = flow.lines(&[(TEXT, line)], px(300))?;
        flow.draw_lines(&broken, LEFT)?;
    }
    flow.canvas.tree.close();
    let left_end = flow.y;
    flow.y = top;
    facts(flow)?;
    flow.y = flow.y.max(left_end) + px(32);
    Ok(())
}

fn facts(
    flow: &mut Flow,
    document: &Document,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
) -> Result<(), StatementError> {
    let words = flow.words;
    let zone = zone(document)?;
    let period = period(document, words)?;
    let mut contracts: Vec<&str> = settled.iter().map(|one| one.part.number.as_str()).collect();
    contracts.sort_unstable();
    contracts.dedup();
    let contracts_key = if contracts.len() == 1 { "contract_one" } else { "contracts" };
    let mut facts = vec![
        ("period", period),
        (contracts_key, covered(document, &contracts, words)),
        ("measured", measured(flow, document, lines, &zone)),
        ("issued", issued(document, words)?),
    ];
    if let Some(before) = &document.supersedes {
        facts.push(("supersedes", revision_of(before, words)));
    }
    list(flow, facts)
}

/// `ST-2026-10-0412, revision 1`, in the statement's language.
fn revision_of(statement: &str, words: Words) -> String {
    match statement.rsplit_once(", revision ") {
        Some((number, revision)) => {
            words.fill("revision_of", &[("number", number), ("revision", revision)])
        }
        None => statement.to_owned(),
    }
}

/// Facts below one another, in the right half.
pub(crate) fn list(flow: &mut Flow, facts: Vec<(&str, String)>) -> Result<(), StatementError> {
    let words = flow.words;
    flow.canvas.tree.open("L");
    for (key, value) in facts {
        let label = words.say(key);
        let room = RIGHT - HALF - px(92);
        let broken = flow.lines(&[(SMALL, &value)], room)?;
        flow.canvas.tree.open("LI");
        flow.canvas.tree.open("Lbl");
        flow.canvas.text(&LABEL, HALF, flow.y + px(2), &label)?;
        flow.canvas.tree.close();
        flow.canvas.tree.open("LBody");
        flow.y += px(2);
        flow.draw_lines(&broken, HALF + px(92))?;
        flow.y += px(2);
        flow.canvas.tree.close();
        flow.canvas.tree.close();
    }
    flow.canvas.tree.close();
    Ok(())
}

/// The period's days, and its zone.
pub(crate) fn period(document: &Document, words: Words) -> Result<String, StatementError> {
    let zone = zone(document)?;
    let first = zone.local(document.period.from).date();
    let last = zone.local(document.period.to).date().pred_opt().unwrap_or(first);
    Ok(format!("{}, {}", words.date_range(first, last), document.period.zone))
}

/// When it was issued, and by whom.
pub(crate) fn issued(document: &Document, words: Words) -> Result<String, StatementError> {
    let date = words.date(zone(document)?.local(document.issued_at).date());
    let values = [("date", date.as_str()), ("person", &document.released_by)];
    Ok(words.fill("issued_value", &values))
}

/// More contracts than this are not named on the cover.
const NAMED: usize = 12;

/// The contracts, and whether they are all of the customer's.
fn covered(document: &Document, contracts: &[&str], words: Words) -> String {
    match (document.scope, contracts) {
        (Scope::Contract, [contract]) => words.fill("scope_contract", &[("contract", contract)]),
        (Scope::Group, _) if contracts.len() > NAMED => words.say("scope_group"),
        (_, contracts) if contracts.len() > NAMED => {
            words.fill("contracts_many", &[("count", &words.decimal(&contracts.len().to_string()))])
        }
        (_, contracts) => contracts.join(", "),
    }
}

/// How long the period is, with a note where a clock change makes a day longer or shorter.
fn measured(flow: &Flow, document: &Document, lines: &[Figures<'_>], zone: &Zone) -> String {
    let words = flow.words;
    let period = (document.period.from, document.period.to);
    if lines.iter().any(|line| (line.trace.span.from, line.trace.span.to) != period) {
        return windows(document, lines, words);
    }
    let seconds = document.period.to.timestamp() - document.period.from.timestamp();
    let shift = zone.offset_seconds(document.period.to) - zone.offset_seconds(document.period.from);
    let key = match shift {
        -3600 => "measured_25",
        3600 => "measured_23",
        _ => "measured_minutes",
    };
    words.fill(key, &[("minutes", &words.count(seconds / 60))])
}

/// How many windows were measured; where all end before the period does, when the last one did.
fn windows(document: &Document, lines: &[Figures<'_>], words: Words) -> String {
    let mut labels: Vec<&str> = lines.iter().map(|line| line.trace.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    let count = words.count(i64::try_from(labels.len()).unwrap_or(0));
    let last = lines.iter().map(|line| &line.trace.span).max_by_key(|span| span.to);
    let Some(last) = last.filter(|last| document.period.to - last.to > OWN_ZONES) else {
        return match labels.len() {
            1 => words.say("measured_many_one"),
            _ => words.fill("measured_many", &[("windows", &count)]),
        };
    };
    let last = words.date(last.end_day.pred_opt().unwrap_or(last.end_day));
    match labels.len() {
        1 => words.fill("measured_until_one", &[("date", &last)]),
        _ => words.fill("measured_until", &[("windows", &count), ("date", &last)]),
    }
}

/// By so much at most the end of a window in a zone of its own is another than the period's.
const OWN_ZONES: TimeDelta = TimeDelta::days(2);

/// The verdict between two rules; credits at its right, never summed over granted and not.
fn verdict(
    flow: &mut Flow,
    document: &Document,
    settled: &[Settled<'_>],
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    flow.rule(INK, px(2));
    let top = flow.y + px(16);
    let count = |met| lines.iter().filter(|line| line.result.met == Some(met)).count();
    let (met, missed) = (count(true), count(false));
    // What nobody measured is not called met (law 3): then the mark is not, either.
    let mark = match missed {
        0 if met > 0 && met == lines.len() => Mark::Met,
        0 => Mark::NotMeasured,
        _ => Mark::Missed,
    };
    mark.draw(&mut flow.canvas, LEFT, top + px(9), px(12));
    let text_left = LEFT + px(20);
    let room = px(276);
    let says = sentence(flow, met, missed, lines.len());
    flow.y = top;
    let head = flow.lines(&[(VERDICT, &says)], room)?;
    flow.canvas.tree.open("P");
    flow.draw_lines(&head, text_left)?;
    flow.canvas.tree.close();
    flow.y += px(2);
    for note in notes(flow, document, lines)? {
        let broken = flow.lines(&[(TEXT, &note)], room)?;
        flow.canvas.tree.open("P");
        flow.draw_lines(&broken, text_left)?;
        flow.canvas.tree.close();
    }
    let left_end = flow.y;
    flow.y = top;
    super::owed::draw(flow, settled, lines, mixed)?;
    flow.y = flow.y.max(left_end) + px(14);
    flow.rule(INK, px(1));
    Ok(())
}

/// Of so many service levels, so many were met and so many missed; the others nobody measured.
fn sentence(flow: &Flow, met: usize, missed: usize, count: usize) -> String {
    let words = flow.words;
    let lower = |value: usize| words.number_word(value).to_lowercase();
    match (met, missed, count) {
        (0, 0, _) => words.say("nothing_measured"),
        (1, 0, 1) => words.say("all_met_one"),
        (met, 0, count) if met == count => words.fill("all_met", &[("count", &lower(count))]),
        (met, 0, count) => {
            let key = if met == 1 { "met_some_one" } else { "met_some" };
            let (met, count) = (words.number_word(met), lower(count));
            words.fill(key, &[("met", &met), ("count", &count)])
        }
        (_, 1, 1) => words.say("missed_only"),
        (_, missed, count) => {
            let key = if missed == 1 { "missed_one" } else { "missed" };
            let (missed, count) = (words.number_word(missed), lower(count));
            words.fill(key, &[("missed", &missed), ("count", &count)])
        }
    }
}

fn notes(
    flow: &Flow,
    document: &Document,
    lines: &[Figures<'_>],
) -> Result<Vec<String>, StatementError> {
    let words = flow.words;
    let zone = zone(document)?;
    let mut notes = Vec::new();
    let missed: Vec<&Figures<'_>> =
        lines.iter().filter(|line| line.is_missed() && line.is_time()).collect();
    // Only where all missed lines tell the same story can one sentence tell it.
    let first = missed.first().filter(|first| {
        missed.iter().all(|line| {
            line.trace.outages == first.trace.outages && line.result.bad == first.result.bad
        })
    });
    if let Some(line) = first {
        let counted: Vec<_> =
            line.trace.outages.iter().filter(|outage| outage.counted_seconds > 0).collect();
        let (bad, allowed) = (line.bad(words), words.decimal(&line.allowed()));
        if line.trace.bad_pieces.iter().any(|piece| piece.unknown) {
            let values = [("counted", bad.as_str()), ("allowed", &allowed)];
            notes.push(words.fill("counted_plain", &values));
        } else if let [outage] = counted.as_slice() {
            let day = words.day(zone.local(outage.from).date());
            let values = [("date", day.as_str()), ("counted", &bad), ("allowed", &allowed)];
            notes.push(words.fill("counted_once", &values));
        } else if !counted.is_empty() {
            let count = words.count(i64::try_from(counted.len()).unwrap_or(0));
            notes.push(words.fill("counted_many", &[("count", &count), ("counted", &bad)]));
        }
    }
    let open = lines.iter().filter(|line| line.result.met.is_none()).count();
    if open > 0 && open < lines.len() {
        let key = if open == 1 { "not_measured_lines_one" } else { "not_measured_lines" };
        notes.push(words.fill(key, &[("count", &words.number_word(open))]));
    }
    notes.extend(unknown(lines, words));
    Ok(notes)
}

/// How long nobody measured, and for how many lines, where it is not all of them alike.
fn unknown(lines: &[Figures<'_>], words: Words) -> Option<String> {
    let times = || lines.iter().map(|line| line.trace.unknown_seconds).filter(|time| *time > 0);
    let most = times().max()?;
    let length = words.length(most);
    let count = |value: usize| words.number_word(value).to_lowercase();
    let (some, all) = (count(times().count()), count(lines.len()));
    let everywhere = times().count() == lines.len() && times().all(|time| time == most);
    Some(match times().count() {
        _ if everywhere => words.fill("unknown_summary", &[("length", &length)]),
        1 => words.fill("unknown_some_one", &[("all", &all), ("length", &length)]),
        _ => {
            let values = [("count", some.as_str()), ("all", &all), ("length", &length)];
            words.fill("unknown_some", &values)
        }
    })
}

/// The period's time zone.
pub(crate) fn zone(document: &Document) -> Result<Zone, StatementError> {
    Zone::named(&document.period.zone)
        .map_err(|message| StatementError::field("period.zone", message))
}
