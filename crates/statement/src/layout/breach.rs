//! What happened: for each missed line the story, a time line, the outages and what became of
//! them, and the exclusions with clause, notice and minutes.

use super::canvas::px;
use super::cover::zone;
use super::flow::{Flow, LABEL, TEXT};
use super::table::{self, Cell, Column, rest};
use super::timeline;
use crate::document::Document;
use crate::error::StatementError;
use crate::figures::{Figures, whole_up};
use crate::words::{Words, clock};
use chrono::{DateTime, Utc};
use makegood_engine::exclusions::Admission;
use makegood_engine::terms::NoData;
use makegood_engine::trace::{ExclusionTrace, OutageTrace};
use makegood_engine::zone::Zone;

/// Draws the sections. Lines that tell the same story share one.
pub(crate) fn draw(
    flow: &mut Flow,
    document: &Document,
    lines: &[Figures<'_>],
) -> Result<(), StatementError> {
    let zone = zone(document)?;
    let mut groups: Vec<Vec<&Figures<'_>>> = Vec::new();
    for line in lines.iter().filter(|line| line.is_missed() || has_story(line)) {
        match groups.iter_mut().find(|group| same_story(group[0], line)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    for group in groups {
        section(flow, &group, &zone)?;
    }
    Ok(())
}

fn has_story(line: &Figures<'_>) -> bool {
    !line.trace.outages.is_empty()
        || !line.trace.exclusions.is_empty()
        || line.trace.unknown_seconds > 0
}

fn same_story(a: &Figures<'_>, b: &Figures<'_>) -> bool {
    a.result.met == b.result.met
        && a.part.narrative == b.part.narrative
        && a.part.root_cause == b.part.root_cause
        && a.trace.outages == b.trace.outages
        && a.trace.exclusions == b.trace.exclusions
        && a.trace.unknown_seconds == b.trace.unknown_seconds
        && a.line.evidence.unknown == b.line.evidence.unknown
        && a.part.clauses.exclusions == b.part.clauses.exclusions
}

fn section(flow: &mut Flow, group: &[&Figures<'_>], zone: &Zone) -> Result<(), StatementError> {
    let words = flow.words;
    let line = group[0];
    let title = title(group, words, zone);
    // A time line is not torn apart: where it follows at once, the heading goes with it.
    let bare = line.part.narrative.is_none() && line.part.root_cause.is_none();
    let drawn = bare && line.is_missed() && line.is_time();
    flow.heading(&title, if drawn { timeline::TALLEST } else { px(60) })?;
    let mut told = false;
    if let Some(narrative) = &line.part.narrative {
        flow.paragraphs(TEXT, narrative)?;
        told = true;
    }
    if let Some(cause) = &line.part.root_cause {
        flow.space(if told { px(8) } else { 0 });
        flow.paragraph(&[(TEXT, &words.fill("root_cause", &[("text", cause)]))])?;
        told = true;
    }
    if line.is_missed() && line.is_time() {
        flow.space(if told { px(12) } else { 0 });
        timeline::draw(flow, line)?;
    }
    if !line.trace.outages.is_empty() {
        outages(flow, &line.trace.outages, zone)?;
    }
    if !line.trace.exclusions.is_empty() {
        exclusions(flow, line)?;
    }
    if line.trace.unknown_seconds > 0 {
        flow.space(px(10));
        let rule = words.say(match line.line.terms.no_data {
            NoData::Removed => "unknown_removed",
            NoData::Up => "unknown_up",
            NoData::Down => "unknown_down",
        });
        let length = words.length(line.trace.unknown_seconds);
        let text = words.fill("unknown_note", &[("length", &length), ("rule", &rule)]);
        flow.paragraph(&[(LABEL, &text)])?;
    }
    Ok(())
}

fn title(group: &[&Figures<'_>], words: Words, zone: &Zone) -> String {
    let line = group[0];
    let names = super::names(group, words);
    if !line.is_missed() {
        return words.fill("outages_in", &[("lines", &names)]);
    }
    let counted = line.trace.outages.iter().filter(|outage| outage.counted_seconds > 0);
    let days: Vec<_> = counted.map(|outage| zone.local(outage.from).date()).collect();
    let unknown = line.trace.bad_pieces.iter().any(|piece| piece.unknown);
    let same_day = days.first().filter(|first| !unknown && days.iter().all(|day| day == *first));
    match same_day {
        Some(day) => words.fill("missed_section", &[("date", &words.date(*day))]),
        None => words.fill("missed_section_many", &[("lines", &names)]),
    }
}

/// From and to on one line, with the day: `14 Oct, 03:12–04:13`.
fn interval(words: Words, from: DateTime<Utc>, to: DateTime<Utc>, zone: &Zone) -> String {
    let (from, to) = (zone.local(from), zone.local(to));
    let first = format!("{}, {}", words.short_day(from.date()), clock(from));
    if from.date() == to.date() {
        format!("{first}–{}", clock(to))
    } else {
        format!("{first} – {}, {}", words.short_day(to.date()), clock(to))
    }
}

/// The last part of a zone's name: `Berlin`.
fn place(zone: &Zone) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

fn outages(flow: &mut Flow, outages: &[OutageTrace], zone: &Zone) -> Result<(), StatementError> {
    let words = flow.words;
    flow.subheading(&words.say("outages_title"), px(80))?;
    let utc = Zone::utc();
    let local = zone.name() != utc.name();
    let any_unknown = outages.iter().any(|outage| outage.unknown_seconds > 0);
    let mut widths = vec![76, 90, 84];
    if local {
        widths.push(168);
    }
    if any_unknown {
        widths.push(84);
    }
    let mut columns = vec![Column::left(words.say("column_when"), rest(&widths))];
    if local {
        let head = words.fill("column_local", &[("place", &place(zone))]);
        columns.push(Column::left(head, 168));
    }
    columns.push(Column::right(words.say("column_length"), 76));
    columns.push(Column::right(words.say("column_excluded"), 90));
    if any_unknown {
        columns.push(Column::right(words.say("column_unknown"), 84));
    }
    columns.push(Column::right(words.say("column_counted"), 84));
    let length = |seconds: i64| if seconds == 0 { "–".into() } else { words.length(seconds) };
    let rows: Vec<Vec<Cell>> = outages
        .iter()
        .map(|outage| {
            let mut row = vec![Cell::new(interval(words, outage.from, outage.to, &utc))];
            if local {
                row.push(Cell::new(interval(words, outage.from, outage.to, zone)));
            }
            let whole = outage.to.timestamp() - outage.from.timestamp();
            row.push(Cell::new(words.length(whole)));
            row.push(Cell::new(length(outage.excused_seconds)));
            if any_unknown {
                row.push(Cell::new(length(outage.unknown_seconds)));
            }
            row.push(Cell::new(counted(outage, words)));
            row
        })
        .collect();
    table::draw(flow, &columns, &rows, false)
}

/// The seconds that count, and why fewer, where the other columns do not say.
fn counted(outage: &OutageTrace, words: Words) -> String {
    if outage.short {
        return words.say("too_short");
    }
    let length = words.length(outage.counted_seconds);
    match whole_up(&outage.impact) {
        Some(1) if outage.impact.to_string() != "1" => {
            let impact = outage.impact.percent();
            let cut = impact.trim_end_matches('0').trim_end_matches('.');
            format!("{length}, {}", words.percent(cut))
        }
        _ => length,
    }
}

fn exclusions(flow: &mut Flow, line: &Figures<'_>) -> Result<(), StatementError> {
    let words = flow.words;
    flow.subheading(&words.say("exclusions_title"), px(80))?;
    let widths = [132, 44, 82, 90, 100];
    let columns = [
        Column::left(words.say("column_kind"), rest(&widths)),
        Column::left(words.say("column_when"), widths[0]),
        Column::left(words.say("column_clause"), widths[1]),
        Column::left(words.say("column_notice"), widths[2]),
        Column::right(words.say("column_minutes"), widths[3]),
        Column::left(words.say("column_decision"), widths[4]),
    ];
    let utc = Zone::utc();
    let rows: Vec<Vec<Cell>> = line
        .trace
        .exclusions
        .iter()
        .map(|exclusion| {
            let clause = line.part.clauses.exclusions.get(exclusion.kind.as_str()).cloned();
            vec![
                Cell::new(kind(exclusion, words)),
                Cell::new(interval(words, exclusion.from, exclusion.to, &utc)),
                Cell::new(clause.unwrap_or_else(|| words.say("no_clause"))),
                Cell::new(notice(exclusion, words)),
                Cell::new(words.length(exclusion.excused_seconds)),
                Cell::new(decision(exclusion, words)),
            ]
        })
        .collect();
    table::draw(flow, &columns, &rows, false)
}

fn kind(exclusion: &ExclusionTrace, words: Words) -> String {
    words.say(match exclusion.kind.as_str() {
        "planned_maintenance" => "kind_planned_maintenance",
        "emergency_maintenance" => "kind_emergency_maintenance",
        "force_majeure" => "kind_force_majeure",
        "customer_caused" => "kind_customer_caused",
        "third_party" => "kind_third_party",
        "beta_feature" => "kind_beta_feature",
        _ => "kind_other",
    })
}

fn notice(exclusion: &ExclusionTrace, words: Words) -> String {
    match exclusion.notified_at {
        None => words.say("no_notice"),
        Some(at) => {
            let before = exclusion.from.timestamp() - at.timestamp();
            if before <= 0 {
                return words.say("notice_after");
            }
            words.fill("notice_before", &[("length", &words.notice(before))])
        }
    }
}

fn decision(exclusion: &ExclusionTrace, words: Words) -> String {
    match &exclusion.admission {
        Admission::Admitted if exclusion.not_excused_seconds > 0 => {
            let beyond = words.length(exclusion.not_excused_seconds);
            words.fill("admitted_part", &[("beyond", &beyond)])
        }
        Admission::Admitted => words.say("admitted"),
        Admission::NotInTerms => words.say("refused_kind"),
        Admission::NoNotice { needed } => {
            words.fill("refused_no_notice", &[("required", &words.notice(needed.signed_seconds()))])
        }
        Admission::LateNotice { needed, .. } => {
            words.fill("refused_notice", &[("required", &words.notice(needed.signed_seconds()))])
        }
    }
}
