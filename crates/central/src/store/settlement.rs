//! Settlements, their lines, and every revision with its case.

use super::{Arg, Tx, fetch, fetch_optional, list, text};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{ContractId, CustomerId, SettlementId},
    settlement::Settlement,
};
use sqlx::AnyConnection;

/// Which kind of window a label belongs to, by its form: `day` (`2026-04-30`), `month`, `quarter`
/// (`2026-Q1`) or `year`.
#[must_use]
pub fn window_kind(label: &str) -> &'static str {
    match label.len() {
        4 => "year",
        7 if label.contains('Q') => "quarter",
        7 => "month",
        _ => "day",
    }
}

/// A contract's settlements, each at its current revision, by the beginning of their windows.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_contract(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<Settlement>, Problem> {
    let args = [Arg::text(customer), Arg::text(contract)];
    let rows = list(conn, "customer = $1 and contract = $2 order by from_at, id", &args).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}

/// Whether anything is settled that ends after an instant.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn any_after(conn: &mut AnyConnection, at: DateTime<Utc>) -> Result<bool, Problem> {
    let sql = "select 1 from settlement where to_at > $1 limit 1";
    Ok(fetch_optional(conn, sql, &[Arg::Int(at.timestamp())]).await?.is_some())
}

/// The case of a settlement at a revision: the calculation file, internal edition, with result.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn case_text(
    conn: &mut AnyConnection,
    customer: CustomerId,
    settlement: SettlementId,
    revision: i64,
) -> Result<Option<String>, Problem> {
    let sql = "select case_text from settlement_case \
               where customer = $1 and settlement = $2 and revision = $3";
    let args = [Arg::text(customer), Arg::text(settlement), Arg::Int(revision)];
    fetch(conn, sql, &args).await?.first().map(|row| text(row, 0)).transpose()
}

/// A settlement as it stood at a revision.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn at_revision(
    conn: &mut AnyConnection,
    customer: CustomerId,
    settlement: SettlementId,
    revision: i64,
) -> Result<Option<Settlement>, Problem> {
    let sql = "select body from settlement_case \
               where customer = $1 and settlement = $2 and revision = $3";
    let args = [Arg::text(customer), Arg::text(settlement), Arg::Int(revision)];
    let row = super::fetch_optional(conn, sql, &args).await?;
    row.map(|row| super::from_json(&text(&row, 0)?)).transpose()
}

impl Tx {
    /// Keeps a revision of a settlement as it stands, with its case and its lines. A revision, once
    /// kept, never changes (law 4).
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn keep_revision(
        &mut self,
        settlement: &Settlement,
        case_text: &str,
    ) -> Result<(), Problem> {
        let sql = "insert into settlement_case (customer, settlement, revision, hash, case_text, body) \
                   values ($1, $2, $3, $4, $5, $6)";
        let args = [
            Arg::text(settlement.customer),
            Arg::text(settlement.id),
            Arg::Int(settlement.revision),
            Arg::text(&settlement.case_hash),
            Arg::text(case_text),
            Arg::Text(super::to_json(settlement)?),
        ];
        self.execute(sql, &args).await?;
        for some in settlement.lines.chunks(90) {
            let mut args = Vec::with_capacity(some.len() * 9);
            for line in some {
                args.extend([
                    Arg::text(settlement.customer),
                    Arg::text(settlement.id),
                    Arg::Int(settlement.revision),
                    Arg::text(line.line),
                    Arg::Int(line.own.minor()),
                    Arg::Int(line.allocated.minor()),
                    Arg::text(line.own.currency()),
                    Arg::text(&line.fee),
                    Arg::text(&line.fee_trace),
                ]);
            }
            let sql = format!(
                "insert into settlement_line (customer, settlement, revision, line, own_minor, \
                 allocated_minor, currency, fee, fee_trace) values {}",
                super::placeholders(some.len(), 9, 1)
            );
            self.execute(&sql, &args).await?;
        }
        Ok(())
    }
}
