//! Proposals: changes that wait for a second person.

use super::{Arg, Tx, fetch, from_json, text, to_json};
use makegood_domain::{
    Problem,
    id::ProposalId,
    proposal::{Proposal, ProposalState},
};
use sqlx::AnyConnection;

/// Numbers of proposals come after this one.
const FIRST_NUMBER: i64 = 0;

/// A proposal by its id.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn get(conn: &mut AnyConnection, id: ProposalId) -> Result<Option<Proposal>, Problem> {
    let rows = fetch(conn, "select body from proposal where id = $1", &[Arg::text(id)]).await?;
    rows.first().map(|row| from_json(&text(row, 0)?)).transpose()
}

/// The newest proposals in this state, or in any; at most `limit`.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn newest(
    conn: &mut AnyConnection,
    state: Option<ProposalState>,
    limit: i64,
) -> Result<Vec<Proposal>, Problem> {
    let sql = "select body from proposal where state = $1 or $1 = '' \
               order by proposed_at desc, id desc limit $2";
    let state = state.map_or("", ProposalState::as_str);
    let rows = fetch(conn, sql, &[Arg::text(state), Arg::Int(limit)]).await?;
    rows.iter().map(|row| from_json(&text(row, 0)?)).collect()
}

impl Tx {
    /// The number of the next proposal.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn proposal_number(&mut self) -> Result<String, Problem> {
        Ok(format!("P-{}", self.draw("proposal", FIRST_NUMBER).await?))
    }

    /// Adds a proposal, or writes down what became of it; `false` where somebody has decided it
    /// meanwhile.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn put_proposal(&mut self, proposal: &Proposal) -> Result<bool, Problem> {
        let sql = "insert into proposal (id, number, kind, state, proposed_at, body) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set \
                   state = excluded.state, body = excluded.body where proposal.state = 'proposed'";
        let args = [
            Arg::text(proposal.id),
            Arg::text(&proposal.number),
            Arg::text(proposal.change.kind()),
            Arg::text(proposal.state.as_str()),
            Arg::Int(proposal.proposed_at.timestamp()),
            Arg::Text(to_json(proposal)?),
        ];
        Ok(self.execute(sql, &args).await? == 1)
    }
}
