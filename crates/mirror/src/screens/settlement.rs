//! Settlements, found as people name them: by contract number and window.

use crate::{Reader, Versioned};
use makegood_domain::{Code, Problem, contract::Contract, settlement::Settlement};

/// The settlement of the contract with this number in the window of this label.
///
/// # Errors
/// [`Code::NotFound`], naming what is missing; [`Code::Database`].
pub async fn settlement(
    reader: &mut Reader,
    contract: &str,
    window: &str,
) -> Result<Versioned<Settlement>, Problem> {
    let missing = |what: String| {
        let why = "not in the local copy; sync, or ask whose scope it lies in";
        Problem::new(Code::NotFound, format!("{what} is {why}"))
    };
    let contracts = reader.list::<Contract>("where number = $1 order by key", &[contract]).await?;
    let found = contracts.into_iter().next();
    let found = found.ok_or_else(|| missing(format!("contract {contract:?}")))?;
    let key = found.row.id.to_string();
    let settled = "where contract = $1 and json_extract(body, '$.window') = $2";
    let settled = reader.list::<Settlement>(settled, &[&key, window]).await?;
    settled
        .into_iter()
        .next()
        .ok_or_else(|| missing(format!("a settlement of {contract} in {window:?}")))
}
