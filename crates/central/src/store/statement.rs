//! Statements, and what they rest on.

use super::{Arg, Stored, Tx, Versioned, list};
pub use makegood_domain::statement::is_period;
use makegood_domain::{
    Code, Problem,
    attainment::{Attainment, WindowState},
    audit::AuditEvent,
    breach::Breach,
    credit::Credit,
    customer::Customer,
    id::{ContractId, CustomerGroupId, CustomerId, SettlementId},
    settlement::Settlement,
    statement::{Statement, StatementOf},
};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeSet;

/// What a statement tells of: windows of these customers, or of one contract of theirs.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The customers.
    pub customers: Vec<CustomerId>,
    /// The one contract.
    pub contract: Option<ContractId>,
}

impl Ground {
    /// The ground of a statement that stands.
    #[must_use]
    pub fn of(statement: &Statement) -> Self {
        let contract = match statement.of {
            StatementOf::Contract(contract) => Some(contract),
            StatementOf::Customer | StatementOf::Group(_) => None,
        };
        Self { customers: statement.tells_of().to_vec(), contract }
    }

    /// Its rows of a table that names customer and contract.
    async fn rows<T: Stored>(
        &self,
        conn: &mut AnyConnection,
        order: &str,
    ) -> Result<Vec<T>, Problem> {
        let mut args = Vec::new();
        let mut filter = whose(&self.customers, &mut args);
        if let Some(contract) = self.contract {
            args.push(Arg::text(contract));
            filter.push_str(&format!(" and contract = ${}", args.len()));
        }
        let rows = list(conn, &format!("{filter} order by {order}"), &args).await?;
        Ok(rows.into_iter().map(|found: Versioned<T>| found.row).collect())
    }
}

fn whose(customers: &[CustomerId], args: &mut Vec<Arg>) -> String {
    let first = args.len() + 1;
    args.extend(customers.iter().map(Arg::text));
    let numbers: Vec<String> = (first..=args.len()).map(|number| format!("${number}")).collect();
    format!("customer in ({})", numbers.join(", "))
}

/// Its settlements whose window ends in the period, by contract and window.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn settlements(
    conn: &mut AnyConnection,
    ground: &Ground,
    period: &str,
) -> Result<Vec<Settlement>, Problem> {
    let all: Vec<Settlement> = ground.rows(conn, "contract, from_at, id").await?;
    Ok(all.into_iter().filter(|one| one.ends_in(period)).collect())
}

/// All customers of a group.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn group(
    conn: &mut AnyConnection,
    group: CustomerGroupId,
) -> Result<Vec<Customer>, Problem> {
    let found: Vec<Versioned<Customer>> =
        list(conn, "customer_group = $1 order by id", &[Arg::text(group)]).await?;
    Ok(found.into_iter().map(|found| found.row).collect())
}

/// Every revision of the customer's statements of this in the period, oldest first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn of_period(
    conn: &mut AnyConnection,
    customer: CustomerId,
    of: StatementOf,
    period: &str,
) -> Result<Vec<Versioned<Statement>>, Problem> {
    let filter = "customer = $1 and period = $2 and of_kind = $3 and of_id = $4 order by revision";
    let args = [Arg::text(customer), Arg::text(period), Arg::text(of.as_str()), Arg::Text(of.id())];
    list(conn, filter, &args).await
}

/// Notes whom a group's statement tells of: whoever may not see each of them is not sent it.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn keep_readers(tx: &mut Tx, statement: &Statement) -> Result<(), Problem> {
    let sql = "insert into statement_customer (statement, customer) values ($1, $2)";
    for customer in &statement.customers {
        tx.execute(sql, &[Arg::text(statement.id), Arg::text(customer)]).await?;
    }
    Ok(())
}

/// Whom a group's statement tells of, or that of which this tells what became; of anything else nobody.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn readers(
    conn: &mut AnyConnection,
    entity: &str,
    key: &str,
) -> Result<Vec<CustomerId>, Problem> {
    let statement = match entity {
        "statement" => "$1",
        "delivery" => "(select statement from delivery where id = $1)",
        "acknowledgement" => "(select statement from acknowledgement where id = $1)",
        _ => return Ok(Vec::new()),
    };
    let sql = format!("select customer from statement_customer where statement = {statement}");
    let rows = super::fetch(conn, &sql, &[Arg::text(key)]).await?;
    let read = |row: &AnyRow| {
        super::text(row, 0)?.parse().map_err(|error| {
            Problem::new(Code::Internal, format!("a statement names a customer by no id: {error}"))
        })
    };
    rows.iter().map(read).collect()
}

/// Its breaches in these settlements of it.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn breaches(
    conn: &mut AnyConnection,
    ground: &Ground,
    told: &BTreeSet<SettlementId>,
) -> Result<Vec<Breach>, Problem> {
    let mut all: Vec<Breach> = ground.rows(conn, "id").await?;
    all.retain(|one| one.settlement.is_some_and(|id| told.contains(&id)));
    Ok(all)
}

/// Its windows that end in the period and are not locked, by contract.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn unlocked(
    conn: &mut AnyConnection,
    ground: &Ground,
    period: &str,
) -> Result<BTreeSet<(ContractId, String)>, Problem> {
    let all: Vec<Attainment> = ground.rows(conn, "id").await?;
    let open = all.into_iter().filter(|one| one.state != WindowState::Locked);
    let open = open.filter(|one| one.ends_in(period));
    Ok(open.map(|one| (one.contract, one.window)).collect())
}

/// Its credits that a period's statement tells of beside these settlements of it.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn credits(
    conn: &mut AnyConnection,
    ground: &Ground,
    told: &BTreeSet<SettlementId>,
    period: &str,
) -> Result<Vec<Credit>, Problem> {
    let mut all: Vec<Credit> = ground.rows(conn, "id").await?;
    all.retain(|one| one.is_told_with(told, period));
    Ok(all)
}

/// Whether one of these credits was finally decided after the statement was issued: by their places
/// in the audit chain, which are exact where instants are not.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn decided_since(
    conn: &mut AnyConnection,
    statement: &Statement,
    credits: &[Credit],
) -> Result<bool, Problem> {
    let mut args = Vec::new();
    let whose = whose(statement.tells_of(), &mut args);
    // A group's statement is nobody's in particular there.
    let filter = format!(
        "({whose} or customer is null) and action in ('statement.issued', 'credit.approved', \
         'credit.not_granted', 'credit.cancelled') order by position"
    );
    let events: Vec<Versioned<AuditEvent>> = list(conn, &filter, &args).await?;
    let issued = statement.id.to_string();
    let decided = |event: &AuditEvent| credits.iter().any(|c| c.id.to_string() == event.subject);
    Ok(events.iter().skip_while(|event| event.row.subject != issued).any(|e| decided(&e.row)))
}
