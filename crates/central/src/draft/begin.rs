//! What an amendment starts from: the contract as it is in force, as the next version's document.

use crate::{
    import::document::{self, Treatment},
    store::{self, contract},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    contract::{Charge, Contract, ContractVersion, PartialBase, SlaLine},
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

/// The next version of a contract as a document: the lines of the present one that go on, with their terms,
/// clauses, remedies and charges.
pub(super) async fn amended(conn: &mut AnyConnection, amend: &Amend) -> Result<String, Problem> {
    let mut contract = read(conn, amend.contract).await?;
    let from = amend.valid_from;
    let last = contract.versions.pop().ok_or_else(|| store::missing("contract version"))?;
    // A line that ends with its version has no end of its own: the next version is its renewal.
    let own_end = |line: &SlaLine| line.active_to.filter(|to| Some(*to) != last.version.valid_to);
    let goes_on = |line: &SlaLine| own_end(line).is_none_or(|to| to > from);
    let mut lines = Vec::new();
    for (line, charges) in last.lines.iter().filter(|(line, _)| goes_on(line)) {
        // What begins with the version needs no beginning of its own.
        let begins = line.active_from.filter(|begins| *begins > from);
        let line = SlaLine { active_from: begins, active_to: own_end(line), ..line.clone() };
        let charges = charges.iter().filter(|one| one.to.is_none_or(|to| to > from.date_naive()));
        lines.push(line_of(conn, &line, charges).await?);
    }
    let mut version = json!({
        "number": last.version.number + 1, "valid_from": write_instant(from),
        "treatment": amend.treatment.as_str(), "lines": lines,
    });
    if let Some(to) = last.version.valid_to.filter(|to| *to > from) {
        version["valid_to"] = json!(write_instant(to));
    }
    let document = json!({ "format": document::FORMAT, "contracts": [contract.head(&[version])] });
    serde_json::to_string_pretty(&document).map_err(|error| {
        Problem::new(Code::Internal, format!("the draft can't be written: {error}"))
    })
}

/// A contract as a document has it, with all that is on record: told again, it changes nothing.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Database`].
pub(crate) async fn whole(conn: &mut AnyConnection, id: ContractId) -> Result<Value, Problem> {
    let contract = read(conn, id).await?;
    let mut versions = Vec::with_capacity(contract.versions.len());
    for Versioned { version, lines } in &contract.versions {
        let mut written = Vec::with_capacity(lines.len());
        for (line, charges) in lines {
            written.push(line_of(conn, line, charges.iter()).await?);
        }
        let mut one = json!({
            "number": version.number, "valid_from": write_instant(version.valid_from),
            "treatment": version.treatment, "lines": written,
        });
        if let Some(to) = version.valid_to {
            one["valid_to"] = json!(write_instant(to));
        }
        versions.push(one);
    }
    Ok(contract.head(&versions))
}

/// A contract with everything under it.
struct Whole {
    owner: Contract,
    of: Customer,
    ours: LegalEntity,
    versions: Vec<Versioned>,
}

struct Versioned {
    version: ContractVersion,
    lines: Vec<(SlaLine, Vec<Charge>)>,
}

async fn read(conn: &mut AnyConnection, id: ContractId) -> Result<Whole, Problem> {
    let absent = || Problem::new(Code::NotFound, format!("there is no contract {id}"));
    let owner = contract::by_id(conn, id).await?.ok_or_else(absent)?;
    let of = store::get::<Customer>(conn, owner.customer).await?;
    let of = of.ok_or_else(|| store::missing("customer"))?.row;
    let ours = store::get::<LegalEntity>(conn, owner.legal_entity).await?;
    let ours = ours.ok_or_else(|| store::missing("legal entity"))?.row;
    let mut lines = contract::lines(conn, owner.customer, owner.id).await?;
    let mut versions = Vec::new();
    for version in contract::versions(conn, owner.customer, owner.id).await? {
        let mut own = Vec::new();
        for line in lines.extract_if(.., |line| line.row.version == version.id) {
            let charges = contract::charges(conn, owner.customer, line.row.id).await?;
            own.push((line.row, charges));
        }
        versions.push(Versioned { version, lines: own });
    }
    Ok(Whole { owner, of, ours, versions })
}

impl Whole {
    fn head(&self, versions: &[Value]) -> Value {
        contract_of(&self.owner, &self.of, &self.ours, versions)
    }
}

fn contract_of(owner: &Contract, of: &Customer, ours: &LegalEntity, versions: &[Value]) -> Value {
    let mut contract = json!({
        "customer": of.key, "number": owner.number, "legal_entity": ours.key,
        "currency": owner.currency, "combine": owner.combine,
        "auto_renew": owner.auto_renew, "versions": versions,
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
    charges: impl Iterator<Item = &Charge>,
) -> Result<Value, Problem> {
    let (source, service) = store::series::names(conn, line.series).await?;
    let charges: Vec<Value> = charges.map(charge_of).collect();
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
    for (key, at) in [("active_from", line.active_from), ("active_to", line.active_to)] {
        if let Some(at) = at {
            written[key] = json!(write_instant(at));
        }
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
