//! How the figures came about, what to note, and how to verify.

use super::canvas::{GREY, INK, Length, Style, px};
use super::flow::{Flow, LABEL, LEFT, MEASURE, MONO, RIGHT, SMALL, TEXT};
use crate::document::{CreditState, Document, Kind, Language};
use crate::error::StatementError;
use crate::figures::{Figures, Settled};
use crate::words::Words;
use makegood_engine::explain::{self, Step};

/// More lines than this: only those that missed or owe are explained; the rest is in the
/// calculation files.
const EXPLAIN_ALL: usize = 2;

/// Draws the numbered rows for each line that has something to explain.
pub(crate) fn calculations(flow: &mut Flow, lines: &[Figures<'_>]) -> Result<(), StatementError> {
    let mut told: Vec<&Figures<'_>> = Vec::new();
    for line in lines {
        // What has a credit by itself, and nothing of what is owed, tells why.
        let owes = line.has_credit() || line.own.minor() != 0;
        if lines.len() <= EXPLAIN_ALL || line.is_missed() || owes {
            let measured = measured_steps(line);
            let before = told
                .iter()
                .find(|before| !measured.is_empty() && measured_steps(before) == measured);
            calculation(flow, line, before.copied())?;
            told.push(line);
        }
    }
    Ok(())
}

/// The steps up to attainment.
fn measured_steps<'a>(line: &Figures<'a>) -> &'a [Step] {
    let steps = &line.trace.steps;
    let end = steps.iter().position(|step| matches!(step, Step::Attainment { .. }));
    end.map_or(&[], |end| &steps[..=end])
}

/// A numbered row.
struct Said {
    sentence: String,
    figure: String,
}

fn rows(line: &Figures<'_>, before: Option<&Figures<'_>>, words: Words) -> Vec<Said> {
    let language = match words.language {
        Language::En => explain::Language::En,
        Language::De => explain::Language::De,
    };
    let mut rows = Vec::new();
    let mut steps = line.trace.steps.as_slice();
    if let (Some(before), Some(figure)) = (before, line.attainment(words)) {
        steps = &steps[measured_steps(line).len()..];
        let sla = before.name(words);
        let values = [("contract", before.contract()), ("sla", &sla)];
        rows.push(Said { sentence: words.fill("step_as_before", &values), figure });
    }
    // "No credit" need not be followed by a credit of nothing.
    if let [.., Step::NoAward { .. }, Step::Credit { .. }] = steps {
        steps = &steps[..steps.len() - 1];
    }
    for step in steps {
        let said = explain::words(step, language);
        rows.push(Said { sentence: said.sentence, figure: said.figure });
    }
    // What became of the credit is known here, not to the engine.
    if let (Some(last), true) = (rows.last_mut(), line.has_credit()) {
        let key = match line.part.credit {
            CreditState::None | CreditState::Granted => return rows,
            CreditState::OnRequest { .. } => "step_on_request",
            CreditState::Pending => "step_pending",
            CreditState::NotGranted => "step_not_granted",
            CreditState::Lapsed => "step_lapsed",
            CreditState::InParts => "step_in_parts",
        };
        let date = match line.part.credit {
            CreditState::OnRequest { until } => words.date(until),
            _ => String::new(),
        };
        last.sentence = words.fill(key, &[("date", &date)]);
    }
    rows
}

fn calculation(
    flow: &mut Flow,
    line: &Figures<'_>,
    before: Option<&Figures<'_>>,
) -> Result<(), StatementError> {
    let words = flow.words;
    let sla = line.name(words);
    let title = words.fill("calculation", &[("contract", line.contract()), ("sla", &sla)]);
    let rows = rows(line, before, words);
    // The rows stand together, where a page holds them.
    let together = i32::try_from(rows.len().min(12)).unwrap_or(12);
    flow.heading(&title, px(31) * together + px(24))?;
    for (at, said) in rows.iter().enumerate() {
        let last = at + 1 == rows.len();
        let style = if last { TEXT.bold() } else { TEXT };
        let figure_width = flow.canvas.width(&TEXT.bold(), &said.figure)?;
        let room = MEASURE - px(32) - figure_width - px(24);
        let broken = flow.lines(&[(style, &said.sentence)], room)?;
        let height = TEXT.leading * i32::try_from(broken.len()).unwrap_or(1);
        flow.need(height + px(12));
        if last {
            flow.y -= px(1);
            flow.rule(INK, px(1));
        }
        flow.y += px(5);
        let top = flow.y;
        flow.canvas.tree.open("P");
        flow.canvas.text(&TEXT.ink(GREY), LEFT, top, &(at + 1).to_string())?;
        flow.draw_lines(&broken, LEFT + px(32))?;
        let figure_top = flow.y - TEXT.leading;
        flow.canvas.text_right(&TEXT.bold(), RIGHT, figure_top, &said.figure)?;
        flow.canvas.tree.close();
        flow.y += px(5);
        if !last {
            flow.hairline();
        }
    }
    if let Some(note) = &line.part.fee_note {
        flow.y += px(4);
        let note = super::fee::told(note, words);
        flow.paragraph(&[(LABEL, &words.fill("fee_note", &[("note", &note)]))])?;
    }
    Ok(())
}

/// What the document is, and is not.
pub(crate) fn please_note(flow: &mut Flow, kind: &Kind) -> Result<(), StatementError> {
    let words = flow.words;
    let notes = match kind {
        Kind::Statement => ["note_tax", "note_correction"],
        Kind::CreditNotice(_) => ["notice_tax", "notice_correction"],
    };
    flow.heading(&words.say("please_note"), px(60))?;
    flow.paragraph(&[(TEXT, &words.say(notes[0]))])?;
    flow.space(px(6));
    flow.paragraph(&[(TEXT, &words.say(notes[1]))])
}

/// Draws the box with the fingerprints; it is torn over pages only where it is longer than one.
pub(crate) fn verification(
    flow: &mut Flow,
    document: &Document,
    settled: &[Settled<'_>],
) -> Result<(), StatementError> {
    let words = flow.words;
    let rows = verification_rows(document, settled, words);
    flow.space(px(28));
    let inset = px(20);
    let label_room = px(156);
    let value_left = LEFT + inset + label_room + px(12);
    let value_room = RIGHT - inset - value_left;
    let mut broken = Vec::with_capacity(rows.len());
    let mut height = px(20) + TEXT.leading + px(8);
    for row in &rows {
        let mut labels = Vec::new();
        for label in &row.label {
            labels.extend(flow.lines(&[(LABEL, label)], label_room)?);
        }
        // A fingerprint stands in two lines of four groups.
        let room = if row.style.face == MONO.face { px(250) } else { value_room };
        let values = flow.lines(&[(row.style, &row.value)], room)?;
        let tall = stack(&labels, LABEL).max(stack(&values, row.style)) + px(8);
        height += tall;
        broken.push((labels, values, tall));
    }
    height += px(14);
    flow.need(height);
    let mut top = flow.y;
    flow.y += px(18);
    flow.canvas.tree.open("H2");
    flow.canvas.text(&TEXT.bold(), LEFT + inset, flow.y, &words.say("verification"))?;
    flow.canvas.tree.close();
    flow.y += TEXT.leading + px(8);
    flow.canvas.tree.open("L");
    for (labels, values, tall) in &broken {
        if flow.y + tall > flow.bottom - px(8) {
            let bottom = flow.bottom - px(4);
            frame(flow, top, bottom);
            flow.need(flow.bottom);
            top = flow.y;
            flow.y += px(14);
        }
        let start = flow.y;
        flow.canvas.tree.open("LI");
        flow.canvas.tree.open("Lbl");
        flow.draw_lines(labels, LEFT + inset)?;
        flow.canvas.tree.close();
        flow.y = start;
        flow.canvas.tree.open("LBody");
        flow.draw_lines(values, value_left)?;
        flow.canvas.tree.close();
        flow.canvas.tree.close();
        flow.y = start + tall;
    }
    flow.canvas.tree.close();
    flow.y += px(10);
    let bottom = flow.y;
    frame(flow, top, bottom);
    Ok(())
}

/// What stands in the box.
fn verification_rows(document: &Document, settled: &[Settled<'_>], words: Words) -> Vec<Row> {
    let seal = seal_name(&document.seal_name, words);
    let value = [("seal", seal.as_str()), ("person", &document.released_by)];
    let mut rows: Vec<Row> = vec![Row {
        label: vec![words.say("sealed_by")],
        value: words.fill("sealed_value", &value),
        style: SMALL,
    }];
    for one in settled {
        rows.push(Row {
            label: vec![one.part.file_name.clone(), words.say("fingerprint")],
            value: fingerprint(&one.sha256),
            style: MONO,
        });
    }
    for (label, value) in
        [("this_document", "this_document_value"), ("to_verify", "to_verify_value")]
    {
        rows.push(Row { label: vec![words.say(label)], value: words.say(value), style: SMALL });
    }
    rows
}

/// `Fjordline Cloud GmbH, key 2026-A`, in the statement's language.
fn seal_name(name: &str, words: Words) -> String {
    match name.rsplit_once(", key ") {
        Some((issuer, "without a name")) => words.fill("seal_unnamed", &[("issuer", issuer)]),
        Some((issuer, key)) => words.fill("seal_key", &[("issuer", issuer), ("key", key)]),
        None => name.to_owned(),
    }
}

struct Row {
    label: Vec<String>,
    value: String,
    style: Style,
}

fn stack(lines: &[super::flow::Line], style: Style) -> Length {
    style.leading * i32::try_from(lines.len()).unwrap_or(1)
}

fn frame(flow: &mut Flow, top: Length, bottom: Length) {
    let ink = flow.inks.rule;
    flow.canvas.artifact(|canvas| {
        canvas.outline(ink, [LEFT, top, MEASURE, bottom - top], px(1));
    });
}

/// A hash in groups of eight digits.
fn fingerprint(hash: &str) -> String {
    let digits: Vec<char> = hash.chars().collect();
    digits.chunks(8).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
