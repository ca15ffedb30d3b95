//! Tables: a head that is repeated on every page, rows that are never torn apart.

use super::canvas::{CRIMSON, Canvas, GREY, INK, Length, RULE, Style, px};
use super::flow::{Flow, LABEL, LEFT, Line, RIGHT, TABLE};
use super::room;
use crate::error::StatementError;

/// A column: its head, its width, and whether its figures end at its right edge.
pub(crate) struct Column {
    pub(crate) head: String,
    pub(crate) width: Length,
    pub(crate) right: bool,
}

impl Column {
    pub(crate) fn left(head: String, width: i32) -> Self {
        Self { head, width: px(width), right: false }
    }

    pub(crate) fn right(head: String, width: i32) -> Self {
        Self { head, width: px(width), right: true }
    }

    fn of_width((column, width): (&Self, &Length)) -> Self {
        Self { head: column.head.clone(), width: *width, right: column.right }
    }
}

/// What stands before a word: never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Met,
    Missed,
    NotMeasured,
}

impl Mark {
    pub(crate) fn of(met: Option<bool>) -> Self {
        match met {
            Some(true) => Self::Met,
            Some(false) => Self::Missed,
            None => Self::NotMeasured,
        }
    }

    /// Draws it in a square of this size.
    pub(crate) fn draw(self, canvas: &mut Canvas, x: Length, y: Length, size: Length) {
        let centre = (x + size / 2, y + size / 2);
        canvas.artifact(|canvas| match self {
            Self::Missed => canvas.fill(CRIMSON, x, y, size, size),
            Self::Met => canvas.disc(INK, centre, size / 2, false),
            Self::NotMeasured => canvas.disc(GREY, centre, size * 2 / 5, true),
        });
    }
}

/// A cell.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) style: Style,
    pub(crate) mark: Option<Mark>,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: TABLE, mark: None }
    }

    pub(crate) fn bold(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: TABLE.bold(), mark: None }
    }

    /// A result, with its mark.
    pub(crate) fn result(text: String, mark: Mark) -> Self {
        let style = match mark {
            Mark::Missed => TABLE.bold().ink(CRIMSON),
            Mark::Met => TABLE,
            Mark::NotMeasured => TABLE.ink(GREY),
        };
        Self { text, style, mark: Some(mark) }
    }
}

/// Room between columns.
const GAP: Length = px(12);
/// Room above and below a row's text.
const PADDING: Length = px(8);
/// Room that a mark and its gap take.
pub(super) const MARK: Length = px(15);
/// What an elastic column keeps.
const LEAST: Length = px(120);

/// A table as it is set.
struct Table {
    columns: Vec<Column>,
    /// How much smaller its letters are than those of other tables.
    smaller: i32,
}

/// Widens the columns whose words would be broken otherwise, at the cost of the elastic one as long
/// as that keeps [`LEAST`].
pub(crate) fn fit(
    flow: &mut Flow,
    columns: &mut [Column],
    rows: &[Vec<Cell>],
    elastic: usize,
) -> Result<(), StatementError> {
    for at in (0..columns.len()).filter(|at| *at != elastic) {
        let mut wanted = flow.canvas.width(&LABEL, &columns[at].head)?;
        for cell in rows.iter().filter_map(|row| row.get(at)) {
            let mark = if cell.mark.is_some() { MARK } else { 0 };
            wanted = wanted.max(mark + flow.canvas.width(&cell.style, &cell.text)?);
        }
        let more = wanted - columns[at].width;
        if more > 0 && columns[elastic].width - more >= LEAST {
            columns[at].width += more;
            columns[elastic].width -= more;
        }
    }
    Ok(())
}

/// Draws a table; `strong_last` sets the last row off as the sum of those above.
pub(crate) fn draw(
    flow: &mut Flow,
    columns: &[Column],
    rows: &[Vec<Cell>],
    strong_last: bool,
) -> Result<(), StatementError> {
    let room = room::make(flow, columns, rows)?;
    let columns: Vec<Column> = columns.iter().zip(&room.widths).map(Column::of_width).collect();
    let table = Table { columns, smaller: room.smaller };
    flow.canvas.tree.open("Table");
    let first = rows.first().map(|row| table.broken(flow, row)).transpose()?;
    table.head(flow, false, first.map_or(0, |(_, height)| height))?;
    for (at, row) in rows.iter().enumerate() {
        let (cells, height) = table.broken(flow, row)?;
        // A sum never stands alone on a page.
        let with_sum = strong_last && at + 2 == rows.len();
        let kept = if with_sum { TABLE.leading + PADDING * 2 } else { 0 };
        if flow.need(height + px(1) + kept) {
            table.head(flow, true, height)?;
        }
        if strong_last && at + 1 == rows.len() {
            flow.y -= px(1);
            flow.rule(INK, px(1));
        }
        flow.canvas.tree.open("TR");
        let top = flow.y + PADDING;
        let mut x = LEFT;
        for (number, ((cell, lines), column)) in
            row.iter().zip(&cells).zip(&table.columns).enumerate()
        {
            flow.canvas.tree.open(if number == 0 { "TH" } else { "TD" });
            if number == 0 {
                flow.canvas.tree.scope("Row");
            }
            draw_cell(flow, cell, lines, column, (x, top))?;
            flow.canvas.tree.close();
            x += column.width + GAP;
        }
        flow.canvas.tree.close();
        flow.y += height;
        flow.rule(RULE, px(1));
    }
    flow.canvas.tree.close();
    Ok(())
}

impl Table {
    /// The lines of a row's cells, and how high the row is.
    fn broken(
        &self,
        flow: &mut Flow,
        row: &[Cell],
    ) -> Result<(Vec<Vec<Line>>, Length), StatementError> {
        let mut cells: Vec<Vec<Line>> = Vec::with_capacity(row.len());
        for (cell, column) in row.iter().zip(&self.columns) {
            let room = column.width - if cell.mark.is_some() { MARK } else { 0 };
            cells.push(flow.lines(&[(cell.style.smaller(self.smaller), &cell.text)], room)?);
        }
        let tallest = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        Ok((cells, TABLE.leading * i32::try_from(tallest).unwrap_or(1) + PADDING * 2))
    }

    /// Draws the head, on the page of the row that follows; one that is drawn again on a later page is
    /// not read again.
    fn head(&self, flow: &mut Flow, again: bool, follows: Length) -> Result<(), StatementError> {
        let label = LABEL.smaller(self.smaller);
        let mut heads: Vec<Vec<Line>> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            heads.push(flow.lines(&[(label, &column.head)], column.width)?);
        }
        let tallest = i32::try_from(heads.iter().map(Vec::len).max().unwrap_or(1)).unwrap_or(1);
        let height = LABEL.leading * tallest;
        flow.need(height + px(8) + follows);
        let bottom = flow.y + height;
        flow.canvas.furniture(again);
        flow.canvas.tree.open_if(!again, "TR");
        let mut x = LEFT;
        for (lines, column) in heads.iter().zip(&self.columns) {
            flow.canvas.tree.open_if(!again, "TH");
            if !again {
                flow.canvas.tree.scope("Column");
            }
            let mut y = bottom - LABEL.leading * i32::try_from(lines.len()).unwrap_or(1);
            for line in lines {
                let mut left = x;
                if column.right {
                    let text = line.first().map_or("", |(_, text)| text.as_str());
                    left = x + column.width - flow.canvas.width(&label, text)?;
                }
                flow.draw_line(line, left, y)?;
                y += LABEL.leading;
            }
            flow.canvas.tree.close_if(!again);
            x += column.width + GAP;
        }
        flow.canvas.tree.close_if(!again);
        flow.canvas.furniture(false);
        flow.y = bottom + px(5);
        flow.rule(INK, px(1));
        Ok(())
    }
}

fn draw_cell(
    flow: &mut Flow,
    cell: &Cell,
    lines: &[Line],
    column: &Column,
    (x, top): (Length, Length),
) -> Result<(), StatementError> {
    let mut y = top;
    let mut left = x;
    if let Some(mark) = cell.mark {
        mark.draw(&mut flow.canvas, x, top + px(4), px(9));
        left += MARK;
    }
    for line in lines {
        if column.right {
            let mut width = 0;
            for (style, text) in line {
                width += flow.canvas.width(style, text)?;
            }
            left = x + column.width - width;
        }
        flow.draw_line(line, left, y)?;
        y += cell.style.leading;
    }
    Ok(())
}

/// Width that is left for a column that takes the rest, in pixels of the design.
pub(crate) fn rest(taken: &[i32]) -> i32 {
    let gaps = i32::try_from(taken.len()).unwrap_or(0) * (GAP / px(1));
    (RIGHT - LEFT) / px(1) - taken.iter().sum::<i32>() - gaps
}
