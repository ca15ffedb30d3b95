//! The approval matrix, and what a customer group has used of its limit (law 5).

use super::{Arg, Tx, int, list, text};
use makegood_domain::{Code, Currency, Problem, id::CustomerGroupId, policy::Policy};
use rust_decimal::Decimal;
use sqlx::AnyConnection;

/// The matrix in force.
///
/// # Errors
/// [`Code::WrongState`] while there is none; [`Code::Database`].
pub async fn in_force(conn: &mut AnyConnection) -> Result<Policy, Problem> {
    let newest = list::<Policy>(conn, "1 = 1", &[]).await?;
    newest.into_iter().map(|found| found.row).max_by_key(|policy| policy.version).ok_or_else(|| {
        Problem::new(
            Code::WrongState,
            "there is no approval matrix yet; an administrator proposes one by POST /v1/policy, and while \
             central is being set up whoever runs it says `makegood-central policy put`",
        )
    })
}

/// A version of the matrix: the one that a credit was frozen under, with the rates that it lacks.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Database`].
pub async fn version(conn: &mut AnyConnection, version: i64) -> Result<Policy, Problem> {
    let all = list::<Policy>(conn, "1 = 1", &[]).await?;
    let all: Vec<Policy> = all.into_iter().map(|found| found.row).collect();
    let found = all.iter().find(|policy| policy.version == version);
    found.map(|policy| policy.completed(&all)).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("there is no approval matrix v{version}"))
    })
}

/// A sum that is more than a number holds.
pub(crate) fn out_of_range() -> Problem {
    Problem::new(Code::Invalid, "the group's total is out of range; ask finance")
}

impl Tx {
    /// What the group's credits that were proposed in `month` come to, by the rates of `policy`:
    /// every kind, contract and currency. The caller holds the group's lock, so that nobody adds to
    /// it meanwhile.
    ///
    /// # Errors
    /// [`Code::Invalid`] where the matrix has no rate; [`Code::Database`].
    pub async fn group_total(
        &mut self,
        group: CustomerGroupId,
        month: &str,
        policy: &Policy,
    ) -> Result<Decimal, Problem> {
        // In two parts, so that no sum of theirs is more than an integer holds.
        let sql = "select currency, cast(sum(abs(amount_minor) / 1000000000) as bigint), \
                   cast(sum(abs(amount_minor) % 1000000000) as bigint) from credit \
                   where customer_group = $1 and group_month = $2 \
                   and decision in ('proposed', 'approved_once', 'approved') group by currency";
        let mut total = Decimal::ZERO;
        for row in self.fetch(sql, &[Arg::text(group), Arg::text(month)]).await? {
            let currency: Currency = Currency::parse(&text(&row, 0)?)
                .ok_or_else(|| Problem::new(Code::Internal, "a credit is in no known currency"))?;
            let minor = i128::from(int(&row, 1)?) * 1_000_000_000 + i128::from(int(&row, 2)?);
            let weight = policy.weight_of(minor, currency)?;
            total = total.checked_add(weight).ok_or_else(out_of_range)?;
        }
        Ok(total)
    }

    /// Counts a group's month anew where nobody decides: what can't be added up is left as it is.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn recount(
        &mut self,
        group: CustomerGroupId,
        month: &str,
        policy: &Policy,
    ) -> Result<(), Problem> {
        match self.group_total(group, month, policy).await {
            Ok(used) => self.put_group_month(group, month, policy, used).await,
            Err(problem) if problem.code == Code::Invalid => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    /// Writes down what a group has used of its limit in a month.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn put_group_month(
        &mut self,
        group: CustomerGroupId,
        month: &str,
        policy: &Policy,
        used: Decimal,
    ) -> Result<(), Problem> {
        let sql = "insert into group_month (customer_group, month, policy_version, used) \
                   values ($1, $2, $3, $4) on conflict (customer_group, month) do update set \
                   policy_version = excluded.policy_version, used = excluded.used";
        let args = [
            Arg::text(group),
            Arg::text(month),
            Arg::Int(policy.version),
            Arg::text(used.normalize()),
        ];
        self.execute(sql, &args).await?;
        Ok(())
    }
}
