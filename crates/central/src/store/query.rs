//! Statements with numbered placeholders, and the kinds of columns that there are.

use super::refused;
use makegood_domain::{Code, Problem};
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row as _, any::AnyRow, query::Query};

/// A value that goes into a statement. Text with U+0000 is refused: PostgreSQL can't hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// Text.
    Text(String),
    /// An integer.
    Int(i64),
    /// Text that is not there.
    NoText,
    /// An integer that is not there.
    NoInt,
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Arg {
    /// Text.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are copied, and literals are references"
    )]
    pub fn text(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    /// Text, or none.
    #[must_use]
    pub fn opt_text(value: Option<impl ToString>) -> Self {
        value.map_or(Self::NoText, Self::text)
    }

    /// An integer, or none.
    #[must_use]
    pub fn opt_int(value: Option<i64>) -> Self {
        value.map_or(Self::NoInt, Self::Int)
    }
}

type AnyQuery<'q> = Query<'q, Any, sqlx::any::AnyArguments>;

fn bound<'q>(sql: &str, args: &[Arg]) -> Result<AnyQuery<'q>, Problem> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    for arg in args {
        query = match arg {
            Arg::Text(text) if text.contains('\0') => {
                return Err(Problem::new(
                    Code::TextInvalid,
                    "a text holds U+0000, which no text here may; remove it",
                ));
            }
            Arg::Text(text) => query.bind(text.clone()),
            Arg::Int(value) => query.bind(*value),
            Arg::NoText => query.bind(None::<String>),
            Arg::NoInt => query.bind(None::<i64>),
            Arg::Bytes(bytes) => query.bind(bytes.clone()),
        };
    }
    Ok(query)
}

/// Runs a statement; the number of rows it touched.
///
/// # Errors
/// [`Code::Database`].
pub async fn execute(conn: &mut AnyConnection, sql: &str, args: &[Arg]) -> Result<u64, Problem> {
    let done = bound(sql, args)?.execute(conn).await.map_err(refused)?;
    Ok(done.rows_affected())
}

/// All rows of a query.
///
/// # Errors
/// [`Code::Database`].
pub async fn fetch(
    conn: &mut AnyConnection,
    sql: &str,
    args: &[Arg],
) -> Result<Vec<AnyRow>, Problem> {
    bound(sql, args)?.fetch_all(conn).await.map_err(refused)
}

/// The one text of a query that joins what it found; empty where it found nothing. Many rows are read
/// so that need no column of their own: on SQLite each row by itself has its reader wait for another
/// thread.
///
/// # Errors
/// [`Code::Database`].
pub async fn joined(conn: &mut AnyConnection, sql: &str, args: &[Arg]) -> Result<String, Problem> {
    let row = bound(sql, args)?.fetch_one(conn).await.map_err(refused)?;
    Ok(opt_text(&row, 0)?.unwrap_or_default())
}

/// The first row of a query, if there is one.
///
/// # Errors
/// [`Code::Database`].
pub async fn fetch_optional(
    conn: &mut AnyConnection,
    sql: &str,
    args: &[Arg],
) -> Result<Option<AnyRow>, Problem> {
    bound(sql, args)?.fetch_optional(conn).await.map_err(refused)
}

/// The text in a column.
///
/// # Errors
/// [`Code::Database`] when the column holds none.
pub fn text(row: &AnyRow, column: usize) -> Result<String, Problem> {
    row.try_get(column).map_err(refused)
}

/// The integer in a column.
///
/// # Errors
/// [`Code::Database`] when the column holds none.
pub fn int(row: &AnyRow, column: usize) -> Result<i64, Problem> {
    row.try_get(column).map_err(refused)
}

/// The bytes in a column.
///
/// # Errors
/// [`Code::Database`] when the column holds none.
pub fn bytes(row: &AnyRow, column: usize) -> Result<Vec<u8>, Problem> {
    row.try_get(column).map_err(refused)
}

/// The text in a column that may be empty.
///
/// # Errors
/// [`Code::Database`].
pub fn opt_text(row: &AnyRow, column: usize) -> Result<Option<String>, Problem> {
    row.try_get(column).map_err(refused)
}

/// The integer in a column that may be empty.
///
/// # Errors
/// [`Code::Database`].
pub fn opt_int(row: &AnyRow, column: usize) -> Result<Option<i64>, Problem> {
    row.try_get(column).map_err(refused)
}

/// `($1, $2), ($3, $4)` for so many rows of so many columns, counting from `first`.
#[must_use]
pub fn placeholders(rows: usize, columns: usize, first: usize) -> String {
    (0..rows)
        .map(|row| {
            let numbers: Vec<String> =
                (0..columns).map(|column| format!("${}", first + row * columns + column)).collect();
            format!("({})", numbers.join(", "))
        })
        .collect::<Vec<_>>()
        .join(", ")
}
