//! What an import would change, field by field, in the words of its readers: ids are not shown.
//! What money rests on is marked: it takes a second person (law 5).

use super::{Known, party};
use crate::store::{Stored, Tx, customer, series};
use makegood_domain::{
    Problem,
    contract::{Charge, Contract, ContractVersion, SlaLine},
    customer::{Customer, LegalEntity},
    exclusion::{Exclusion, ExclusionState},
    id::{CustomerGroupId, CustomerId, PersonId, SeriesId},
    incident::{Hit, Incident},
    person::Person,
    proposal::Difference,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How an entity is shown to whoever decides about it.
pub(super) trait Shown {
    /// The thing.
    fn subject(&self) -> String;
    /// The customer that it is about, where `subject` does not say so.
    fn whose(&self) -> Option<CustomerId> {
        None
    }
    /// The series that it is about.
    fn series(&self) -> Option<SeriesId> {
        None
    }
    /// The group that it is in; others may bear its name.
    fn group(&self) -> Option<CustomerGroupId> {
        None
    }
    /// The people in it, by field.
    fn people(&self) -> Vec<(&'static str, Option<PersonId>)> {
        Vec::new()
    }
    /// Its fields; what is made by central itself is left out.
    fn fields(&self) -> Value;
    /// Whether money rests on a field of it; of a new one, or of one that is there. By default on
    /// none.
    fn drives(&self, _field: &str, _is_new: bool) -> bool {
        false
    }
}

impl Shown for LegalEntity {
    fn subject(&self) -> String {
        format!("legal entity {}", self.key)
    }
    fn fields(&self) -> Value {
        json!({
            "name": self.name, "address": self.address, "legal_lines": self.legal_lines,
            "functional_currency": self.functional_currency, "locale": self.locale,
            "seal": self.seal,
            "letterhead": self.letterhead.as_ref().map(|letterhead| json!({
                // A logo is told by its fingerprint: nobody reads a drawing's text.
                "logo": letterhead.logo.as_ref().map(|logo| hex::encode(Sha256::digest(logo))),
                "heading": letterhead.heading, "rule": letterhead.rule, "paper": letterhead.paper,
            })),
        })
    }
    /// Which key seals what is owed.
    fn drives(&self, field: &str, is_new: bool) -> bool {
        !is_new && matches!(field, "functional_currency" | "seal")
    }
}

impl Shown for Customer {
    fn subject(&self) -> String {
        format!("customer {}", self.key)
    }
    fn fields(&self) -> Value {
        json!({
            "group": self.group_name, "name": self.name, "address": self.address,
            "country": self.country, "locale": self.locale, "time_zone": self.time_zone,
            "segment": self.segment, "churned_on": self.churned_on,
        })
    }
    fn group(&self) -> Option<CustomerGroupId> {
        Some(self.group)
    }
    fn people(&self) -> Vec<(&'static str, Option<PersonId>)> {
        vec![("csm", self.csm), ("account_manager", self.account_manager)]
    }
    /// The approval limit is the group's: another group would be another limit.
    fn drives(&self, field: &str, is_new: bool) -> bool {
        !is_new && matches!(field, "group" | "group_key")
    }
}

impl Shown for Incident {
    fn subject(&self) -> String {
        format!("incident {}", self.number)
    }
    fn fields(&self) -> Value {
        json!({
            "title": self.title, "began_at": self.began_at, "ended_at": self.ended_at,
            "root_cause": self.root_cause, "detected_at": self.detected_at,
            "events": self.events.len(),
        })
    }
}

impl Shown for Hit {
    fn whose(&self) -> Option<CustomerId> {
        Some(self.customer)
    }
    fn subject(&self) -> String {
        "a customer's hit".to_owned()
    }
    fn fields(&self) -> Value {
        json!({ "root_cause": self.root_cause, "narratives": self.narratives })
    }
}

impl Shown for Exclusion {
    fn whose(&self) -> Option<CustomerId> {
        Some(self.customer)
    }
    fn series(&self) -> Option<SeriesId> {
        Some(self.series)
    }
    fn subject(&self) -> String {
        format!("{} {} – {}", self.kind.replace('_', " "), self.from, self.to)
    }
    fn fields(&self) -> Value {
        json!({ "state": self.state, "notified_at": self.notified_at, "clause": self.clause })
    }
    /// What somebody proposes, somebody else will decide; what comes decided is money.
    fn drives(&self, _: &str, _: bool) -> bool {
        self.state == ExclusionState::Admitted
    }
}

/// A contract, as it differs.
pub(super) async fn of_contract(
    tx: &mut Tx,
    known: &mut Known,
    before: Option<&Contract>,
    after: &Contract,
) -> Result<(), Problem> {
    let before = match before {
        Some(contract) => Some(fields_of_contract(tx, contract).await?),
        None => None,
    };
    let fields = fields_of_contract(tx, after).await?;
    let about = known.label(after).to_owned();
    let drives = |field: &str| !matches!(field, "renews_on" | "auto_renew" | "document_hash");
    known.differences.extend(Difference::between(&about, before.as_ref(), &fields, drives));
    Ok(())
}

async fn fields_of_contract(tx: &mut Tx, contract: &Contract) -> Result<Value, Problem> {
    let entity = crate::store::get::<LegalEntity>(tx.conn(), contract.legal_entity).await?;
    let customer = crate::store::get::<Customer>(tx.conn(), contract.customer).await?;
    Ok(json!({
        "customer": customer.map(|customer| customer.row.key),
        "legal_entity": entity.map(|entity| entity.row.key), "currency": contract.currency,
        "combine": contract.combine, "cap": contract.cap, "version": contract.version_number,
        "renews_on": contract.renews_on, "auto_renew": contract.auto_renew,
        "document_hash": contract.document_hash,
    }))
}

/// A version of a contract, as it differs.
pub(super) fn of_version(
    known: &mut Known,
    owner: &Contract,
    before: Option<&ContractVersion>,
    after: &ContractVersion,
) {
    let fields = |version: &ContractVersion| json!({ "valid_from": version.valid_from, "valid_to": version.valid_to, "treatment": version.treatment });
    let subject = format!("{}, version {}", known.label(owner), after.number);
    let (before, after) = (before.map(fields), fields(after));
    known.differences.extend(Difference::between(&subject, before.as_ref(), &after, |_| true));
}

/// A line, as it differs.
pub(super) async fn of_line(
    tx: &mut Tx,
    known: &mut Known,
    owner: &Contract,
    before: Option<&SlaLine>,
    after: &SlaLine,
) -> Result<(), Problem> {
    let before = match before {
        Some(line) => Some(fields_of_line(tx, line).await?),
        None => None,
    };
    let fields = fields_of_line(tx, after).await?;
    let subject = format!("{}, {}", known.label(owner), after.name);
    let drives = |field: &str| !matches!(field, "product" | "clauses");
    known.differences.extend(Difference::between(&subject, before.as_ref(), &fields, drives));
    Ok(())
}

async fn fields_of_line(tx: &mut Tx, line: &SlaLine) -> Result<Value, Problem> {
    Ok(json!({
        "product": line.product, "terms": line.terms, "clauses": line.clauses,
        "series": series::name(tx.conn(), line.series).await?, "scope": line.scope,
        "remedy": line.remedy, "termination": line.termination, "active_from": line.active_from, "active_to": line.active_to,
    }))
}

/// A charge, as it differs.
pub(super) fn of_charge(
    known: &mut Known,
    (owner, version, line): (&Contract, i64, &SlaLine),
    before: Option<&Charge>,
    after: &Charge,
) {
    let fields = |charge: &Charge| {
        json!({
            "amount": format!("{} {}", owner.currency, charge.amount),
            "in_advance": charge.in_advance, "to": charge.to,
        })
    };
    let label = known.label(owner);
    let subject = format!(
        "{label}, version {version}, {}, {} from {}",
        line.name,
        after.frequency.as_str(),
        after.from
    );
    let (before, after) = (before.map(fields), fields(after));
    known.differences.extend(Difference::between(&subject, before.as_ref(), &after, |_| true));
}

/// Writes an entity; where it changed, that is counted, put on record, and noted as a difference.
pub(super) async fn put<T: Stored + Shown>(
    tx: &mut Tx,
    row: &T,
    known: &mut Known,
) -> Result<(), Problem> {
    let before = match tx.get::<T>(row.key()).await? {
        Some(found) => Some(fields(tx, &found.row).await?),
        None => None,
    };
    party::put(tx, row, known).await?;
    let mut subject = row.subject();
    if let Some(key) = row.whose().and_then(|customer| known.key_of(customer)) {
        subject = format!("{key}, {subject}");
    }
    let fields = fields(tx, row).await?;
    let is_new = before.is_none();
    let drives = |field: &str| row.drives(field, is_new);
    known.differences.extend(Difference::between(&subject, before.as_ref(), &fields, drives));
    Ok(())
}

/// The fields of an entity, with the names of what it names.
async fn fields<T: Shown>(tx: &mut Tx, row: &T) -> Result<Value, Problem> {
    let mut fields = row.fields();
    if let Some(id) = row.series() {
        fields["series"] = json!(series::name(tx.conn(), id).await?);
    }
    if let Some(id) = row.group() {
        fields["group_key"] = json!(customer::group_key(tx.conn(), id).await?);
    }
    for (field, id) in row.people() {
        let Some(id) = id else { continue };
        let person = crate::store::get::<Person>(tx.conn(), id).await?;
        fields[field] = json!(person.map(|found| found.row.subject));
    }
    Ok(fields)
}
