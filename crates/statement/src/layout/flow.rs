//! Text flowing down the pages: lines are broken, pages are turned.

use super::canvas::{Canvas, FAINT, GREY, INK, Ink, Length, Style, px};
use super::sheet::Sheet;
use crate::error::StatementError;
use crate::font::{Face, as_set};
use crate::words::Words;

/// Left edge of the text.
pub(crate) const LEFT: Length = px(76);
/// Width of the text.
pub(crate) const MEASURE: Length = px(642);
/// Right edge of the text.
pub(crate) const RIGHT: Length = LEFT + MEASURE;
/// Where text begins on a page.
const TOP: Length = px(136);

pub(crate) const TITLE: Style = Style::new(Face::Regular, 32, 40, INK);
pub(crate) const VERDICT: Style = Style::new(Face::Regular, 20, 28, INK);
pub(crate) const TEXT: Style = Style::new(Face::Regular, 14, 20, INK);
pub(crate) const TABLE: Style = Style::new(Face::Regular, 13, 18, INK);
pub(crate) const SMALL: Style = Style::new(Face::Regular, 12, 16, INK);
pub(crate) const LABEL: Style = Style::new(Face::Regular, 12, 16, GREY);
pub(crate) const MONO: Style = Style::new(Face::Mono, 11, 18, INK);

/// A piece of a paragraph in one style.
pub(crate) type Span<'a> = (Style, &'a str);

/// A broken line: pieces in their styles.
pub(crate) type Line = Vec<(Style, String)>;

/// The pages, and how far down the current one is.
pub(crate) struct Flow {
    pub(crate) canvas: Canvas,
    pub(crate) words: Words,
    pub(crate) y: Length,
    /// Where text ends on a page.
    pub(crate) bottom: Length,
    /// The colours of the house that issues it.
    pub(crate) inks: Inks,
}

/// The colours of a letterhead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inks {
    /// Of title, headings and the issuer's name.
    pub(crate) heading: Ink,
    /// Of the rules that frame the page.
    pub(crate) rule: Ink,
}

impl Flow {
    pub(crate) fn new(words: Words, sheet: Sheet, inks: Inks) -> Self {
        let bottom = sheet.foot(1) - px(20);
        Self { canvas: Canvas::new(sheet), words, y: TOP, bottom, inks }
    }

    /// Makes sure that this much fits; else turns the page. Says whether it did.
    pub(crate) fn need(&mut self, height: Length) -> bool {
        if self.y + height <= self.bottom || self.y == TOP {
            return false;
        }
        self.canvas.turn_page();
        self.y = TOP;
        true
    }

    /// Leaves room, but not at the top of a page.
    pub(crate) fn space(&mut self, height: Length) {
        if self.y != TOP {
            self.y += height;
        }
    }

    /// A rule over the whole measure.
    pub(crate) fn rule(&mut self, ink: Ink, line: Length) {
        let y = self.y;
        self.canvas.artifact(|canvas| canvas.fill(ink, LEFT, y, MEASURE, line));
        self.y += line;
    }

    /// A section's heading, kept with what follows it.
    pub(crate) fn heading(&mut self, text: &str, follows: Length) -> Result<(), StatementError> {
        self.space(px(32));
        let lines = self.lines(&[(TEXT.bold().ink(self.inks.heading), text)], MEASURE)?;
        let height = TEXT.leading * i32::try_from(lines.len()).unwrap_or(1);
        self.need(height + px(12) + follows);
        self.canvas.tree.open("H2");
        let drawn = self.draw_lines(&lines, LEFT);
        self.canvas.tree.close();
        self.y += px(12);
        drawn
    }

    /// A smaller heading inside a section.
    pub(crate) fn subheading(&mut self, text: &str, follows: Length) -> Result<(), StatementError> {
        self.space(px(14));
        let style = SMALL.bold();
        let lines = self.lines(&[(style, text)], MEASURE)?;
        self.need(style.leading + px(10) + follows);
        self.canvas.tree.open("H3");
        let drawn = self.draw_lines(&lines, LEFT);
        self.canvas.tree.close();
        self.y += px(10);
        drawn
    }

    /// A paragraph over the whole measure, which may run over pages.
    pub(crate) fn paragraph(&mut self, spans: &[Span<'_>]) -> Result<(), StatementError> {
        let lines = self.lines(spans, MEASURE)?;
        // Neither a first nor a last line stands alone on a page.
        let leading = spans.first().map_or(0, |(style, _)| style.leading);
        self.need(leading * if lines.len() > 1 { 2 } else { 1 });
        self.canvas.tree.open("P");
        let mut drawn = Ok(());
        for (at, line) in lines.iter().enumerate() {
            if at > 0 && at + 2 == lines.len() {
                self.need(leading * 2);
            }
            self.need(leading);
            drawn = drawn.and_then(|()| self.draw_line(line, LEFT, self.y));
            self.y += leading;
        }
        self.canvas.tree.close();
        drawn
    }

    /// Several paragraphs, parted by blank lines.
    pub(crate) fn paragraphs(&mut self, style: Style, text: &str) -> Result<(), StatementError> {
        for (at, part) in text.split("\n\n").filter(|part| !part.trim().is_empty()).enumerate() {
            if at > 0 {
                self.space(px(8));
            }
            self.paragraph(&[(style, part)])?;
        }
        Ok(())
    }

    /// Draws lines below one another at `x`; moves down.
    pub(crate) fn draw_lines(&mut self, lines: &[Line], x: Length) -> Result<(), StatementError> {
        for line in lines {
            self.draw_line(line, x, self.y)?;
            self.y += line.first().map_or(0, |(style, _)| style.leading);
        }
        Ok(())
    }

    /// Draws one line.
    pub(crate) fn draw_line(
        &mut self,
        line: &Line,
        x: Length,
        y: Length,
    ) -> Result<(), StatementError> {
        let mut x = x;
        for (style, text) in line {
            x += self.canvas.text(style, x, y, text)?;
        }
        Ok(())
    }

    /// Breaks text into lines of at most this width. Spaces part words; a word that is wider than
    /// a line is cut.
    pub(crate) fn lines(
        &mut self,
        spans: &[Span<'_>],
        width: Length,
    ) -> Result<Vec<Line>, StatementError> {
        let mut lines: Vec<Line> = Vec::new();
        let mut line: Line = Vec::new();
        let mut used = 0;
        for (style, text) in spans {
            // Before it is cut: a letter and its mark stay together.
            let text = as_set(text);
            let space = self.canvas.width(style, " ")?;
            let mut glued = !text.starts_with([' ', '\n']);
            for word in text.split([' ', '\n', '\r']).filter(|word| !word.is_empty()) {
                let gap = if line.is_empty() || glued { 0 } else { space };
                let mut wide = self.canvas.width(style, word)?;
                if !line.is_empty() && used + gap + wide > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                let mut rest = word.to_owned();
                while used == 0 && wide > width {
                    let (head, tail) = self.cut(style, &rest, width)?;
                    lines.push(vec![(*style, head)]);
                    rest = tail;
                    wide = self.canvas.width(style, &rest)?;
                }
                if used > 0 && gap > 0 {
                    push(&mut line, style, " ");
                    used += gap;
                }
                push(&mut line, style, &rest);
                used += wide;
                glued = false;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        Ok(lines)
    }

    /// As many letters as fit, and the rest.
    fn cut(
        &mut self,
        style: &Style,
        word: &str,
        width: Length,
    ) -> Result<(String, String), StatementError> {
        let mut at = 0;
        for (start, letter) in word.char_indices() {
            let end = start + letter.len_utf8();
            if start > 0 && self.canvas.width(style, &word[..end])? > width {
                break;
            }
            at = end;
        }
        // After a hyphen, where there is one.
        let head = &word[..at];
        let at = head.rfind('-').filter(|hyphen| *hyphen > 0).map_or(at, |hyphen| hyphen + 1);
        Ok((word[..at].to_owned(), word[at..].to_owned()))
    }

    /// A faint rule between rows.
    pub(crate) fn hairline(&mut self) {
        self.rule(FAINT, px(1));
    }
}

fn push(line: &mut Line, style: &Style, text: &str) {
    match line.last_mut() {
        Some((last, have)) if last.face == style.face && last.ink == style.ink => {
            have.push_str(text);
        }
        _ => line.push((*style, text.to_owned())),
    }
}
