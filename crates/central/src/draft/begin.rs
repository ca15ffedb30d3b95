//! What an amendment starts from: the contract as it is in force, as the next version's document.

use crate::{
    import::document::{self, Treatment},
    store::{self, contract},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    contract::{Charge, Contract, PartialBase, SlaLine},
    customer::{Customer, LegalEntity},
    id::ContractId,
};
use makegood_engine::instant::write_instant;
use serde_json::{Value, json};
use sqlx::AnyConnection;

/// Which contract is amended, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amend {
    /// The contract.
    pub contract: ContractId,
    /// From when the next version counts.
    pub valid_from: DateTime<Utc>,
    /// What it does to a window that is running then.
    pub treatment: Treatment,
}

/// The next version of a contract as a document: the lines of the present one with their terms,
/// clauses, remedies and the charges that go on.
pub(super) async fn amended(conn: &mut AnyConnection, amend: &Amend) -> Result<String, Problem> {
    let mut contract = in_force(conn, amend.contract, Some(amend.valid_from)).await?;
    let version = &mut contract["versions"][0];
    version["number"] = json!(version["number"].as_i64().unwrap_or_default() + 1);
    version["valid_from"] = json!(write_instant(amend.valid_from));
    version["treatment"] = json!(amend.treatment.as_str());
    let document = json!({ "format": document::FORMAT, "contracts": [contract] });
    serde_json::to_string_pretty(&document).map_err(|error| {
        Problem::new(Code::Internal, format!("the draft can't be written: {error}"))
    })
}

/// A contract as a document has it: its present version, with what is charged from an instant on
/// (else from the version's beginning).
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Database`].
pub(crate) async fn in_force(
    conn: &mut AnyConnection,
    id: ContractId,
    charged_from: Option<DateTime<Utc>>,
) -> Result<Value, Problem> {
    let absent = || Problem::new(Code::NotFound, format!("there is no contract {id}"));
    let owner = contract::by_id(conn, id).await?.ok_or_else(absent)?;
    let of = store::get::<Customer>(conn, owner.customer).await?;
    let of = of.ok_or_else(|| store::missing("customer"))?.row;
    let ours = store::get::<LegalEntity>(conn, owner.legal_entity).await?;
    let ours = ours.ok_or_else(|| store::missing("legal entity"))?.row;
    let versions = contract::versions(conn, owner.customer, owner.id).await?;
    let last = versions.last().ok_or_else(|| store::missing("contract version"))?;
    let from = charged_from.unwrap_or(last.valid_from);
    let mut lines = Vec::new();
    for line in contract::lines(conn, owner.customer, owner.id).await? {
        if line.row.version == last.id {
            lines.push(line_of(conn, &line.row, from).await?);
        }
    }
    let version = json!({
        "number": last.number, "valid_from": write_instant(last.valid_from), "lines": lines,
    });
    Ok(contract_of(&owner, &of, &ours, &version))
}

fn contract_of(owner: &Contract, of: &Customer, ours: &LegalEntity, version: &Value) -> Value {
    let mut contract = json!({
        "customer": of.key, "number": owner.number, "legal_entity": ours.key,
        "currency": owner.currency, "combine": owner.combine,
        "auto_renew": owner.auto_renew, "versions": [version],
    });
    if let Some(cap) = &owner.cap {
        contract["cap"] = cap.clone();
    }
    if let Some(day) = owner.renews_on {
        contract["renews_on"] = json!(day);
    }
    if let Some(hash) = &owner.document_hash {
        contract["document_hash"] = json!(hash);
    }
    contract
}

async fn line_of(
    conn: &mut AnyConnection,
    line: &SlaLine,
    from: DateTime<Utc>,
) -> Result<Value, Problem> {
    let (source, service) = store::series::names(conn, line.series).await?;
    let charges = contract::charges(conn, line.customer, line.id).await?;
    let goes_on = |charge: &&Charge| charge.to.is_none_or(|to| to > from.date_naive());
    let charges: Vec<Value> = charges.iter().filter(goes_on).map(charge_of).collect();
    let mut remedy = json!({ "mode": line.remedy.mode, "form": line.remedy.form });
    if let Some(days) = line.remedy.expires_after_days {
        remedy["expires_after_days"] = json!(days);
    }
    if line.remedy.partial_base != PartialBase::Whole {
        remedy["partial_base"] = json!(line.remedy.partial_base);
    }
    if let Some(days) = line.remedy.claim_within_days {
        remedy["claim_within_days"] = json!(days);
    }
    let mut written = json!({
        "name": line.name, "product": line.product,
        "series": { "source": source, "service": service },
        "terms": line.terms, "clauses": line.clauses, "remedy": remedy, "charges": charges,
    });
    if !line.termination.is_empty() {
        written["termination"] = json!(line.termination);
    }
    if let Some(scope) = &line.scope {
        written["scope"] = json!(scope);
    }
    Ok(written)
}

fn charge_of(charge: &Charge) -> Value {
    let mut one = json!({
        "amount": charge.amount, "frequency": charge.frequency,
        "in_advance": charge.in_advance, "from": charge.from,
    });
    if let Some(to) = charge.to {
        one["to"] = json!(to);
    }
    one
}
