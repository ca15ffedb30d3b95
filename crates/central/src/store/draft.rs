//! Drafts: contracts and SLA lines that somebody is writing.

use super::{Arg, Tx, contract, fetch, from_json, list, text, to_json};
use makegood_domain::{
    Problem,
    customer::{Customer, LegalEntity},
    draft::Draft,
    id::DraftId,
};
use serde_json::{Value, json};
use sqlx::AnyConnection;

/// Numbers of drafts come after this one.
const FIRST_NUMBER: i64 = 0;

/// A draft by its id.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn get(conn: &mut AnyConnection, id: DraftId) -> Result<Option<Draft>, Problem> {
    let rows = fetch(conn, "select body from draft where id = $1", &[Arg::text(id)]).await?;
    rows.first().map(|row| from_json(&text(row, 0)?)).transpose()
}

/// The drafts that were changed last, whatever became of them; at most `limit`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn newest(conn: &mut AnyConnection, limit: i64) -> Result<Vec<Draft>, Problem> {
    let sql = "select body from draft where state <> 'discarded' \
               order by changed_at desc, id desc limit $1";
    let rows = fetch(conn, sql, &[Arg::Int(limit)]).await?;
    rows.iter().map(|row| from_json(&text(row, 0)?)).collect()
}

/// What a draft can name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Key and name of our legal entities, with the currency they keep their books in.
    pub legal_entities: Vec<Value>,
    /// Key and name of customers.
    pub customers: Vec<Value>,
    /// Contracts: id, number, customer's key and name, currency, number of the present version.
    pub contracts: Vec<Value>,
    /// Series: source and service.
    pub series: Vec<Value>,
}

/// What a draft can name, each in order of its name.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn choices(conn: &mut AnyConnection) -> Result<Choices, Problem> {
    let entities = list::<LegalEntity>(conn, "1 = 1 order by key", &[]).await?;
    let mut customers: Vec<Customer> =
        list::<Customer>(conn, "1 = 1", &[]).await?.into_iter().map(|one| one.row).collect();
    customers.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let mut contracts = contract::all(conn).await?;
    contracts.sort_by(|a, b| (&a.number, a.id).cmp(&(&b.number, b.id)));
    let owner = |id| customers.iter().find(|customer| customer.id == id);
    let contracts = contracts.iter().map(|one| {
        let owner = owner(one.customer);
        json!({
            "id": one.id, "number": one.number, "currency": one.currency,
            "customer": owner.map(|owner| &owner.key), "name": owner.map(|owner| &owner.name),
            "version": one.version_number,
        })
    });
    let contracts = contracts.collect();
    let sql = "select source, service from series where path = '' order by source, service";
    let rows = fetch(conn, sql, &[]).await?;
    let series =
        rows.iter().map(|row| Ok(json!({ "source": text(row, 0)?, "service": text(row, 1)? })));
    Ok(Choices {
        legal_entities: entities
            .into_iter()
            .map(|one| json!({
                "key": one.row.key, "name": one.row.name, "currency": one.row.functional_currency,
            }))
            .collect(),
        customers: customers
            .iter()
            .map(|one| json!({ "key": one.key, "name": one.name, "time_zone": one.time_zone }))
            .collect(),
        contracts,
        series: series.collect::<Result<_, Problem>>()?,
    })
}

impl Tx {
    /// The number of the next draft.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn draft_number(&mut self) -> Result<String, Problem> {
        Ok(format!("D-{}", self.draw("draft", FIRST_NUMBER).await?))
    }

    /// Adds a draft, or writes its next revision; `false` where somebody has written that meanwhile.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn put_draft(&mut self, draft: &Draft) -> Result<bool, Problem> {
        let sql = "insert into draft (id, number, revision, state, changed_at, body) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set \
                   revision = excluded.revision, state = excluded.state, \
                   changed_at = excluded.changed_at, body = excluded.body \
                   where draft.revision = excluded.revision - 1 and draft.state = 'open'";
        let args = [
            Arg::text(draft.id),
            Arg::text(&draft.number),
            Arg::Int(draft.revision),
            Arg::text(draft.state.as_str()),
            Arg::Int(draft.changed_at.timestamp()),
            Arg::Text(to_json(draft)?),
        ];
        Ok(self.execute(sql, &args).await? == 1)
    }
}
