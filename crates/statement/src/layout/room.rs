//! Room for the words of a table: no figure breaks inside, nor does a word, as long as there is any way.

use super::canvas::{Length, Style, px};
use super::flow::{Flow, LABEL, TABLE};
use super::table::{Cell, Column, MARK};
use crate::error::StatementError;

/// A name that is longer than this may break where nothing else helps.
const LONGEST_NAME: Length = px(110);
/// The smallest letters, in so many pixels less than those of other tables.
const LEAST: i32 = 5;

/// How a table is set.
pub(super) struct Room {
    /// The columns' widths.
    pub(super) widths: Vec<Length>,
    /// How much smaller its letters are.
    pub(super) smaller: i32,
}

/// The widest piece of each column that must not break: the first where no word does, the second where
/// long names do.
struct Need {
    words: Length,
    figures: Length,
}

/// Widens the columns whose words would break at the cost of those that have room to spare; where none
/// has, the letters get smaller.
pub(super) fn make(
    flow: &mut Flow,
    columns: &[Column],
    rows: &[Vec<Cell>],
) -> Result<Room, StatementError> {
    let mut needs = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        needs.push(need(flow, column, rows.iter().filter_map(|row| row.get(at)))?);
    }
    let widths: Vec<Length> = columns.iter().map(|column| column.width).collect();
    let no_word = |need: &Need| need.words;
    let no_figure = |need: &Need| need.figures;
    for (least, of) in [(3, no_word as fn(&Need) -> Length), (LEAST, no_figure)] {
        for smaller in 0..=least {
            let scaled = |need: &Need| of(need) / TABLE.size * (TABLE.size - px(smaller)) + px(1);
            let scaled: Vec<Length> = needs
                .iter()
                .map(|need| if smaller == 0 { of(need) } else { scaled(need) })
                .collect();
            if let Some(widths) = share(&widths, &scaled) {
                return Ok(Room { widths, smaller });
            }
        }
    }
    Ok(Room { widths, smaller: LEAST })
}

fn need<'c>(
    flow: &mut Flow,
    column: &Column,
    cells: impl Iterator<Item = &'c Cell>,
) -> Result<Need, StatementError> {
    let words = widest(flow, &LABEL, &column.head)?;
    let mut need = Need { words, figures: words };
    for cell in cells {
        let mark = if cell.mark.is_some() { MARK } else { 0 };
        let words = mark + widest(flow, &cell.style, &cell.text)?;
        need.words = need.words.max(words);
        // What ends at the right edge is a figure with its unit.
        let figures = match column.right {
            true => words,
            false => words.min(LONGEST_NAME),
        };
        need.figures = need.figures.max(figures);
    }
    Ok(need)
}

/// The widest word.
fn widest(flow: &mut Flow, style: &Style, text: &str) -> Result<Length, StatementError> {
    let mut widest = 0;
    for part in text.split([' ', '\n']) {
        widest = widest.max(flow.canvas.width(style, part)?);
    }
    Ok(widest)
}

/// Widths of the same sum that give each column what it needs; the others lose in proportion to what they
/// have to spare. `None`: it does not suffice.
fn share(widths: &[Length], needs: &[Length]) -> Option<Vec<Length>> {
    let over = |over: Length| i64::from(over.max(0));
    let each = || widths.iter().zip(needs);
    let missing: i64 = each().map(|(width, need)| over(need - width)).sum();
    let spare: i64 = each().map(|(width, need)| over(width - need)).sum();
    if missing > spare {
        return None;
    }
    let mut given = 0;
    let mut wider = 0;
    let after = each().map(|(width, need)| {
        if need > width {
            return *need;
        }
        // In running sums, so that what is cut off is not lost.
        wider += over(width - need);
        let until = if spare == 0 { 0 } else { (wider * missing + spare - 1) / spare };
        let less = until - given;
        given = until;
        width - Length::try_from(less).unwrap_or(0)
    });
    Some(after.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_column_lacks_the_others_give_in_proportion() {
        assert_eq!(share(&[100, 100, 100], &[100, 90, 10]), Some(vec![100, 100, 100]));
        assert_eq!(share(&[100, 100, 100], &[120, 80, 20]), Some(vec![120, 96, 84]));
        assert_eq!(share(&[100, 100, 100], &[200, 50, 50]), Some(vec![200, 50, 50]));
        assert_eq!(share(&[100, 100, 100], &[201, 50, 50]), None);
    }
}
