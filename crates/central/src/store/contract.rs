//! Contracts, their versions, SLA lines and charges.

use super::{
    Arg, Tx, Versioned, fetch, fetch_optional, from_json, list, opt_text, placeholders, text,
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    contract::{Charge, Contract, ContractVersion, Frequency, SlaLine},
    id::{ContractId, CustomerId, SeriesId, SlaLineId},
};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// How many series or lines are asked for at once.
const AT_ONCE: usize = 500;

/// Whether there is a contract at all.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn any(conn: &mut AnyConnection) -> Result<bool, Problem> {
    Ok(fetch_optional(conn, "select 1 from contract limit 1", &[]).await?.is_some())
}

/// A customer's contract by its number.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_number(
    conn: &mut AnyConnection,
    customer: CustomerId,
    number: &str,
) -> Result<Option<Versioned<Contract>>, Problem> {
    let args = [Arg::text(customer), Arg::text(number)];
    Ok(list(conn, "customer = $1 and number = $2", &args).await?.pop())
}

/// The contracts of this number; customers may number theirs alike.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn numbered(conn: &mut AnyConnection, number: &str) -> Result<Vec<Contract>, Problem> {
    let found = list(conn, "number = $1 order by id", &[Arg::text(number)]).await?;
    Ok(found.into_iter().map(|found| found.row).collect())
}

/// A contract by its id.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_id(conn: &mut AnyConnection, id: ContractId) -> Result<Option<Contract>, Problem> {
    let found = list(conn, "id = $1", &[Arg::text(id)]).await?.pop();
    Ok(found.map(|found: Versioned<Contract>| found.row))
}

/// Every contract, in order of their ids.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn all(conn: &mut AnyConnection) -> Result<Vec<Contract>, Problem> {
    let rows = list(conn, "1 = 1 order by id", &[]).await?;
    Ok(rows.into_iter().map(|row| row.row).collect())
}

/// A contract's versions, in order of their numbers.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn versions(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<ContractVersion>, Problem> {
    let sql = "select body from contract_version where customer = $1 and contract = $2 \
               order by number";
    let rows = fetch(conn, sql, &[Arg::text(customer), Arg::text(contract)]).await?;
    rows.iter().map(|row| from_json(&text(row, 0)?)).collect()
}

/// A contract's lines in all its versions.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn lines(
    conn: &mut AnyConnection,
    customer: CustomerId,
    contract: ContractId,
) -> Result<Vec<Versioned<SlaLine>>, Problem> {
    let args = [Arg::text(customer), Arg::text(contract)];
    list(conn, "customer = $1 and contract = $2 order by id", &args).await
}

/// The contracts that have a line over one of these series, by id: one customer's alone, or everybody's;
/// `settled_after`: those alone of which a window is locked that ends after this instant. `most`: after so
/// many it looks no further.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn over_series(
    conn: &mut AnyConnection,
    series: &BTreeSet<SeriesId>,
    customer: Option<CustomerId>,
    settled_after: Option<DateTime<Utc>>,
    most: usize,
) -> Result<BTreeMap<ContractId, Contract>, Problem> {
    let series: Vec<&SeriesId> = series.iter().collect();
    let mut found = BTreeMap::new();
    for some in series.chunks(AT_ONCE) {
        let mut args: Vec<Arg> = some.iter().map(Arg::text).collect();
        let mut filter = format!(
            "id in (select contract from sla_line where series in {})",
            placeholders(1, some.len(), 1)
        );
        if let Some(at) = settled_after {
            args.push(Arg::Int(at.timestamp()));
            filter.push_str(&format!(
                " and exists (select 1 from settlement where settlement.customer = contract.customer \
                 and settlement.contract = contract.id and settlement.to_at > ${})",
                args.len()
            ));
        }
        if let Some(customer) = customer {
            args.push(Arg::text(customer));
            filter.push_str(&format!(" and customer = ${}", args.len()));
        }
        if most < usize::MAX {
            args.push(Arg::Int(i64::try_from(most).unwrap_or(i64::MAX)));
            filter.push_str(&format!(" order by id limit ${}", args.len()));
        }
        let rows: Vec<Versioned<Contract>> = list(conn, &filter, &args).await?;
        found.extend(rows.into_iter().map(|row| (row.row.id, row.row)));
        if found.len() >= most {
            break;
        }
    }
    Ok(found)
}

/// How long an outage has to be, at least, for lines over some series that say so: each length once.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn shortest_outages(
    conn: &mut AnyConnection,
    series: &BTreeSet<SeriesId>,
) -> Result<BTreeSet<String>, Problem> {
    const KEY: &str = "\"min_outage\":\"";
    let series: Vec<&SeriesId> = series.iter().collect();
    let mut lengths = BTreeSet::new();
    for some in series.chunks(AT_ONCE) {
        let sql = format!(
            "select body from sla_line where series in {} and body like '%{KEY}%'",
            placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            let body = text(&row, 0)?;
            let length = body.split_once(KEY).and_then(|(_, rest)| rest.split_once('"'));
            lengths.extend(length.map(|(length, _)| length.to_owned()));
        }
    }
    Ok(lengths)
}

/// A line's charges.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn charges(
    conn: &mut AnyConnection,
    customer: CustomerId,
    line: SlaLineId,
) -> Result<Vec<Charge>, Problem> {
    let mut found = charges_of(conn, customer, &[line]).await?;
    Ok(found.remove(&line).unwrap_or_default())
}

/// The charges of a customer's lines.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn charges_of(
    conn: &mut AnyConnection,
    customer: CustomerId,
    lines: &[SlaLineId],
) -> Result<BTreeMap<SlaLineId, Vec<Charge>>, Problem> {
    let day = |text: &str| text.parse().map_err(|_| super::missing("day"));
    let mut charges: BTreeMap<SlaLineId, Vec<Charge>> = BTreeMap::new();
    for some in lines.chunks(AT_ONCE) {
        let sql = format!(
            "select id, kind, amount, frequency, in_advance, from_day, to_day, line from charge \
             where customer = $1 and line in {} order by id",
            placeholders(1, some.len(), 2)
        );
        let mut args = vec![Arg::text(customer)];
        args.extend(some.iter().map(Arg::text));
        for row in fetch(conn, &sql, &args).await? {
            let line = super::id(&text(&row, 7)?)?;
            charges.entry(line).or_default().push(Charge {
                id: super::id(&text(&row, 0)?)?,
                line,
                customer,
                kind: text(&row, 1)?,
                amount: text(&row, 2)?,
                frequency: Frequency::parse(&text(&row, 3)?)
                    .ok_or_else(|| super::missing("frequency"))?,
                in_advance: super::int(&row, 4)? == 1,
                from: day(&text(&row, 5)?)?,
                to: opt_text(&row, 6)?.map(|text| day(&text)).transpose()?,
            });
        }
    }
    Ok(charges)
}

impl Tx {
    /// Writes a version of a contract.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn put_contract_version(&mut self, version: &ContractVersion) -> Result<(), Problem> {
        let sql = "insert into contract_version \
                   (customer, id, contract, number, valid_from, valid_to, recorded_at, body) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8) \
                   on conflict (customer, id) do update set valid_to = excluded.valid_to, \
                   body = excluded.body";
        let args = [
            Arg::text(version.customer),
            Arg::text(version.id),
            Arg::text(version.contract),
            Arg::Int(version.number),
            Arg::Int(version.valid_from.timestamp()),
            Arg::opt_int(version.valid_to.map(|to| to.timestamp())),
            Arg::Int(version.recorded_at.timestamp()),
            Arg::Text(super::to_json(version)?),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }

    /// Adds a charge, in the contract's currency, or corrects one.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn put_charge(&mut self, charge: &Charge, currency: &str) -> Result<(), Problem> {
        let sql = "insert into charge (customer, id, line, kind, amount, currency, frequency, \
                   in_advance, from_day, to_day) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                   on conflict (customer, id) do update set amount = excluded.amount, \
                   in_advance = excluded.in_advance, to_day = excluded.to_day";
        let args = [
            Arg::text(charge.customer),
            Arg::text(charge.id),
            Arg::text(charge.line),
            Arg::text(&charge.kind),
            Arg::text(&charge.amount),
            Arg::text(currency),
            Arg::text(charge.frequency.as_str()),
            Arg::Int(i64::from(charge.in_advance)),
            Arg::text(charge.from),
            Arg::opt_text(charge.to),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }
}
