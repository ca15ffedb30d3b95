//! Tables as spreadsheets export them (CSV, RFC 4180): rows, by the names of their columns.

use crate::{Code, Problem};
use std::collections::BTreeMap;

/// Rows that one table may have.
const MOST: usize = 100_000;

/// A table that was read.
#[derive(Debug)]
pub struct Rows {
    columns: BTreeMap<String, usize>,
    records: Vec<(u64, csv::StringRecord)>,
    comma_parts_decimals: bool,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    columns: &'r BTreeMap<String, usize>,
    record: &'r csv::StringRecord,
    line: u64,
}

impl Rows {
    /// Reads comma or semicolon separated values with a line of names. A semicolon is what
    /// spreadsheets write where the comma parts decimals.
    ///
    /// # Errors
    /// [`Code::TextInvalid`]; [`Code::TooLarge`]; [`Code::Invalid`] at the line and the column that
    /// can't be so.
    pub fn read(bytes: &[u8], required: &[&str], optional: &[&str]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let place = format!("byte {}", error.valid_up_to());
            let why = format!("the table is not UTF-8 at {place}; save it as CSV UTF-8");
            Problem::new(Code::TextInvalid, why).at(place)
        })?;
        let text = text.trim_start_matches('\u{feff}');
        if let Some(at) = text.find('\0') {
            let why = "the table holds a U+0000; save it as CSV UTF-8";
            return Err(Problem::new(Code::TextInvalid, why).at(format!("byte {at}")));
        }
        if let Some(at) = text.find('\u{fffd}') {
            // What a reader puts where the bytes were of another encoding.
            let line = format!("line {}", text[..at].matches('\n').count() + 1);
            let why = format!("{line}: letters were lost; save the table as CSV UTF-8");
            return Err(Problem::new(Code::TextInvalid, why).at(line));
        }
        let head = text.lines().next().unwrap_or_default();
        let delimiter = if head.contains(';') && !head.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let columns =
            columns(reader.headers().map_err(|error| unreadable(&error))?, required, optional)?;
        let mut records = Vec::new();
        for record in reader.into_records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, |at| line_of(text, at));
            if records.len() == MOST {
                let why = format!("more than {MOST} rows; send the table in parts");
                return Err(Problem::new(Code::TooLarge, why).at(format!("line {line}")));
            }
            // A row of nothing is what a spreadsheet leaves below the last one.
            if record.iter().any(|cell| !cell.is_empty()) {
                records.push((line, record));
            }
        }
        Ok(Self { columns, records, comma_parts_decimals: delimiter == b';' })
    }

    /// Whether who wrote the table parts decimals by a comma, as its semicolons tell: there a point may
    /// part thousands.
    #[must_use]
    pub fn comma_parts_decimals(&self) -> bool {
        self.comma_parts_decimals
    }

    /// Whether the table has a column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Each row.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let columns = &self.columns;
        self.records.iter().map(move |(line, record)| Row { columns, record, line: *line })
    }
}

/// The line on which a record begins: its position is where the one before ended, and empty lines
/// may lie between.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let from = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let between = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.line() + between.filter(|byte| **byte == b'\n').count() as u64
}

fn columns(
    head: &csv::StringRecord,
    required: &[&str],
    optional: &[&str],
) -> Result<BTreeMap<String, usize>, Problem> {
    let mut columns = BTreeMap::new();
    for (at, name) in head.iter().enumerate() {
        let name = name.to_lowercase().replace(' ', "_");
        if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
            let known = [required, optional].concat().join(", ");
            return Err(refuse(1, &name, &format!("there is no such column; it may be {known}")));
        }
        if columns.insert(name.clone(), at).is_some() {
            return Err(refuse(1, &name, "the column stands there twice"));
        }
    }
    match required.iter().find(|name| !columns.contains_key(**name)) {
        Some(missing) => Err(refuse(1, missing, "the column is missing")),
        None => Ok(columns),
    }
}

fn unreadable(error: &csv::Error) -> Problem {
    let at =
        error.position().map_or_else(|| "line 1".to_owned(), |at| format!("line {}", at.line()));
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the first line has {expected_len}")
        }
        other => format!("{other:?}"),
    };
    Problem::new(Code::Invalid, format!("{at}: {why}")).at(at)
}

impl<'r> Row<'r> {
    /// Its line in the file, from 1.
    #[must_use]
    pub fn line(self) -> u64 {
        self.line
    }

    /// The text of a cell; nothing where it is empty or the table has no such column.
    #[must_use]
    pub fn get(self, column: &str) -> Option<&'r str> {
        let text = self.record.get(*self.columns.get(column)?)?;
        (!text.is_empty()).then_some(text)
    }

    /// The text of a cell that has to be there.
    ///
    /// # Errors
    /// [`Code::Invalid`] where it is empty.
    pub fn required(self, column: &str) -> Result<&'r str, Problem> {
        self.get(column).ok_or_else(|| refuse(self.line, column, "the cell is empty"))
    }
}

/// What is wrong with a cell, by its line and column.
#[must_use]
pub fn refuse(line: u64, column: &str, why: &str) -> Problem {
    let at = format!("line {line}, {column}");
    Problem::new(Code::Invalid, format!("{at}: {why}")).at(at)
}
