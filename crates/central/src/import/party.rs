//! Legal entities, groups and customers of an import.

use super::{Known, difference, document::Document, invalid};
use crate::store::{Lock, Stored, Tx, credit, customer, policy};
use makegood_domain::{
    Code, Problem,
    credit::Credit,
    customer::{Customer, LegalEntity, Letterhead},
    id::{CustomerGroupId, CustomerId, PersonId},
};
use serde_json::json;
use std::collections::BTreeSet;

/// Writes an entity; where it changed, that is counted and put on record.
pub(super) async fn put<T: Stored>(tx: &mut Tx, row: &T, known: &mut Known) -> Result<(), Problem> {
    let version = tx.put(row).await?;
    if tx.has_changed(row) {
        known.changed += 1;
        let entity = T::ENTITY.as_str();
        let detail = json!({ "version": version });
        tx.audit(&format!("{entity}.imported"), (entity, &row.key()), row.customer(), detail);
    }
    Ok(())
}

pub(super) async fn put_legal_entities(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<(), Problem> {
    for (at, entity) in document.legal_entities.iter().enumerate() {
        if let Some((field, why)) = entity.letterhead.as_ref().and_then(Letterhead::flaw) {
            return Err(invalid(&format!("legal_entities[{at}].letterhead.{field}"), &why));
        }
        let found = customer::legal_entity_by_key(tx.conn(), &entity.key).await?;
        let row = LegalEntity {
            id: found.map_or_else(|| tx.store().ids().make(), |found| found.row.id),
            key: entity.key.clone(),
            name: entity.name.clone(),
            address: entity.address.clone(),
            legal_lines: entity.legal_lines.clone(),
            functional_currency: entity.functional_currency.clone(),
            locale: entity.locale.clone(),
            seal: entity.seal.clone(),
            letterhead: entity.letterhead.clone(),
        };
        difference::put(tx, &row, known).await?;
    }
    Ok(())
}

pub(super) async fn put_customers(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<Vec<Moved>, Problem> {
    let mut moved = Vec::new();
    for group in &document.groups {
        tx.customer_group(&group.key, Some(&group.name)).await?;
    }
    for (at, new) in document.customers.iter().enumerate() {
        let path = format!("customers[{at}]");
        let (group, group_name) = match &new.group {
            Some(key) => tx.customer_group(key, None).await?,
            None => tx.customer_group(&new.key, Some(&new.name)).await?,
        };
        let csm = owner(tx, new.csm.as_deref(), &format!("{path}.csm")).await?;
        let path = format!("{path}.account_manager");
        let account_manager = owner(tx, new.account_manager.as_deref(), &path).await?;
        let found = customer::by_key(tx.conn(), &new.key).await?.map(|found| found.row);
        let row = Customer {
            id: found.as_ref().map_or_else(|| tx.store().ids().make(), |found| found.id),
            key: new.key.clone(),
            group,
            group_name,
            name: new.name.clone(),
            address: new.address.clone(),
            country: new.country.clone(),
            locale: new.locale.clone(),
            time_zone: new.time_zone.clone(),
            segment: new.segment.clone(),
            churned_on: new.churned_on,
            csm,
            account_manager,
        };
        difference::put(tx, &row, known).await?;
        known.customers.insert(row.key.clone(), row.id);
        moved.push(Moved { from: found.map_or(row.group, |before| before.group), to: row });
    }
    Ok(moved)
}

/// A customer as it is now, and the group that it was in.
pub(super) struct Moved {
    from: CustomerGroupId,
    to: Customer,
}

/// Takes the groups of everybody whom the document concerns, in one order for everybody and before any number is drawn.
pub(super) async fn lock(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
    moved: &[Moved],
) -> Result<(), Problem> {
    let hits = document.incidents.iter().flat_map(|incident| &incident.hits);
    let keys = document.contracts.iter().map(|one| &one.customer);
    let keys = keys.chain(hits.map(|one| &one.customer));
    let keys = keys.chain(document.exclusions.iter().map(|one| &one.customer));
    let mut customers: BTreeSet<CustomerId> = moved.iter().map(|one| one.to.id).collect();
    for key in keys {
        // One that is not known is refused where it stands.
        customers.extend(customer_id(tx, known, key, "").await.ok());
    }
    let mut groups = customer::groups_of(tx.conn(), &customers).await?;
    groups.extend(moved.iter().map(|one| one.from));
    for group in groups {
        tx.lock(Lock::Group(group)).await?;
    }
    Ok(())
}

/// What goes with customers who have another group or another manager.
pub(super) async fn hand_over(tx: &mut Tx, moved: &[Moved]) -> Result<(), Problem> {
    for one in moved {
        if one.from != one.to.group {
            move_credits(tx, &one.to, one.from).await?;
        }
        tx.hand_over(one.to.id, one.to.csm).await?;
    }
    Ok(())
}

/// A customer's credits go with it: from now on they count in its new group's months (law 5).
async fn move_credits(
    tx: &mut Tx,
    customer: &Customer,
    before: CustomerGroupId,
) -> Result<(), Problem> {
    let mut months = BTreeSet::new();
    for credit in credit::of_customer(tx.conn(), customer.id).await? {
        months.extend(credit.row.group_month.clone());
        tx.put(&Credit { group: customer.group, ..credit.row }).await?;
    }
    let Ok(policy) = policy::in_force(tx.conn()).await else { return Ok(()) };
    let policy = policy::version(tx.conn(), policy.version).await?;
    for month in months {
        for group in [before, customer.group] {
            tx.recount(group, &month, &policy).await?;
        }
    }
    Ok(())
}

/// The person with this subject.
pub(super) async fn owner(
    tx: &mut Tx,
    subject: Option<&str>,
    path: &str,
) -> Result<Option<PersonId>, Problem> {
    let Some(subject) = subject else { return Ok(None) };
    let found = customer::owner_by_subject(tx.conn(), subject).await?;
    let message =
        format!("nobody is called {subject:?} by the identity provider; add the person first");
    found.map(|person| Some(person.row.id)).ok_or_else(|| invalid(path, &message))
}

/// The customer with this key, in the document or the store.
pub(super) async fn customer_id(
    tx: &mut Tx,
    known: &mut Known,
    key: &str,
    path: &str,
) -> Result<CustomerId, Problem> {
    if let Some(id) = known.customers.get(key) {
        return Ok(*id);
    }
    let found = customer::by_key(tx.conn(), key).await?;
    let id = found.map(|customer| customer.row.id).ok_or_else(|| {
        let message = format!("{path}: no customer has the key {key:?}; import the customer first");
        Problem::new(Code::CustomerUnknown, message).at(path)
    })?;
    known.customers.insert(key.to_owned(), id);
    Ok(id)
}
