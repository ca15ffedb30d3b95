//! Customers, their groups, and our legal entities.

use super::{Arg, Tx, Versioned, fetch, fetch_optional, list, missing, placeholders, text};
use makegood_domain::{
    Problem,
    customer::{Customer, LegalEntity},
    id::{CustomerGroupId, CustomerId},
    person::Person,
};
use sqlx::AnyConnection;
use std::collections::BTreeSet;

/// Customers that are asked for at once.
const AT_ONCE: usize = 500;

/// The key of a customer group.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn group_key(
    conn: &mut AnyConnection,
    id: CustomerGroupId,
) -> Result<Option<String>, Problem> {
    let sql = "select key from customer_group where id = $1";
    let row = fetch_optional(conn, sql, &[Arg::text(id)]).await?;
    row.map(|row| text(&row, 0)).transpose()
}

/// The groups of these customers, in order.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn groups_of(
    conn: &mut AnyConnection,
    customers: &BTreeSet<CustomerId>,
) -> Result<BTreeSet<CustomerGroupId>, Problem> {
    let customers: Vec<&CustomerId> = customers.iter().collect();
    let mut groups = BTreeSet::new();
    for some in customers.chunks(AT_ONCE) {
        let sql = format!(
            "select distinct customer_group from customer where id in {}",
            placeholders(1, some.len(), 1)
        );
        let args: Vec<Arg> = some.iter().map(Arg::text).collect();
        for row in fetch(conn, &sql, &args).await? {
            groups.insert(text(&row, 0)?.parse().map_err(|_| missing("id of a group"))?);
        }
    }
    Ok(groups)
}

/// The customer with this key.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_key(
    conn: &mut AnyConnection,
    key: &str,
) -> Result<Option<Versioned<Customer>>, Problem> {
    Ok(list(conn, "key = $1", &[Arg::text(key)]).await?.pop())
}

/// Our legal entity with this key.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn legal_entity_by_key(
    conn: &mut AnyConnection,
    key: &str,
) -> Result<Option<Versioned<LegalEntity>>, Problem> {
    Ok(list(conn, "key = $1", &[Arg::text(key)]).await?.pop())
}

/// The person whom the identity provider calls `subject`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn owner_by_subject(
    conn: &mut AnyConnection,
    subject: &str,
) -> Result<Option<Versioned<Person>>, Problem> {
    Ok(list(conn, "subject = $1 order by id", &[Arg::text(subject)]).await?.pop())
}

impl Tx {
    /// The group with this key and its name: renamed where `name` is given, made where it is not
    /// there.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn customer_group(
        &mut self,
        key: &str,
        name: Option<&str>,
    ) -> Result<(CustomerGroupId, String), Problem> {
        let id: CustomerGroupId = self.store().ids().make();
        let sql = "insert into customer_group (id, key, name) values ($1, $2, $3) \
                   on conflict (key) do nothing";
        self.execute(sql, &[Arg::text(id), Arg::text(key), Arg::text(name.unwrap_or(key))]).await?;
        if let Some(name) = name {
            let sql = "update customer_group set name = $1 where key = $2";
            self.execute(sql, &[Arg::text(name), Arg::text(key)]).await?;
        }
        let sql = "select id, name from customer_group where key = $1";
        let rows = self.fetch(sql, &[Arg::text(key)]).await?;
        let row = rows.first().ok_or_else(|| super::missing("customer group"))?;
        Ok((super::id(&text(row, 0)?)?, text(row, 1)?))
    }
}
