//! Settlements, found as people name them: by contract number and window.

use crate::{Reader, Versioned, named::only};
use makegood_domain::{Problem, contract::Contract, settlement::Settlement};

/// The settlement of the contract with this number, or this id, in the window of this label; or with this id.
///
/// # Errors
/// As [`only`]; [`makegood_domain::Code::Database`].
pub async fn settlement(
    reader: &mut Reader,
    contract: &str,
    window: &str,
) -> Result<Versioned<Settlement>, Problem> {
    let called = "where number = $1 or key = $1 order by key";
    let contracts = reader.list::<Contract>(called, &[contract]).await?;
    let found = only("contract", contract, contracts, |one| one.row.id.to_string())?;
    let key = found.row.id.to_string();
    let settled = "where contract = $1 and (json_extract(body, '$.window') = $2 or key = $2)";
    let settled = reader.list::<Settlement>(settled, &[&key, window]).await?;
    let what = format!("settlement of {contract} in");
    only(&what, window, settled, |one| one.row.id.to_string())
}
