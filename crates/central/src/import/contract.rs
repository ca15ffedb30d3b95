//! Contracts, versions, lines and charges of an import.

use super::{
    Known, charge, difference,
    document::{self, Document, Treatment, remedy},
    invalid, party,
};
use crate::{
    book::{Book, BookLine},
    fee,
    store::{Tx, attainment, contract, customer},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    contract::{Contract, ContractVersion, RemedyRule, SlaLine},
    id::SeriesId,
    termination::TerminationRight,
};
use makegood_engine::money::Currency;
use serde_json::json;
use std::collections::BTreeSet;

pub(super) async fn put_contracts(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<(), Problem> {
    for (at, new) in document.contracts.iter().enumerate() {
        let path = format!("contracts[{at}]");
        put_contract(tx, new, &path, known).await?;
    }
    Ok(())
}

async fn put_contract(
    tx: &mut Tx,
    new: &document::Contract,
    path: &str,
    known: &mut Known,
) -> Result<(), Problem> {
    let customer =
        party::customer_id(tx, known, &new.customer, &format!("{path}.customer")).await?;
    let entity = customer::legal_entity_by_key(tx.conn(), &new.legal_entity).await?;
    let entity = entity.ok_or_else(|| {
        let message =
            format!("no legal entity has the key {:?}; import it first", new.legal_entity);
        invalid(&format!("{path}.legal_entity"), &message)
    })?;
    let found = contract::by_number(tx.conn(), customer, &new.number).await?;
    if found.as_ref().is_some_and(|found| found.row.currency != new.currency) {
        let message = "a contract's currency never changes; give the new one a number of its own";
        return Err(invalid(&format!("{path}.currency"), message));
    }
    let corrections = known.corrections.len();
    let before = found.map(|found| found.row);
    let lines = match &before {
        Some(before) => contract::lines(tx.conn(), before.customer, before.id).await?,
        None => Vec::new(),
    };
    if let Some(before) = &before {
        sums_unchanged(tx, before, new, path).await?;
    }
    let row = Contract {
        id: before.as_ref().map_or_else(|| tx.store().ids().make(), |before| before.id),
        customer,
        legal_entity: entity.row.id,
        number: new.number.clone(),
        currency: new.currency.clone(),
        combine: new.combine,
        cap: new.cap.clone(),
        renews_on: new.renews_on,
        auto_renew: new.auto_renew,
        document_hash: new.document_hash.clone(),
        version_number: new.versions.iter().map(|version| version.number).max().unwrap_or(1),
    };
    party::put(tx, &row, known).await?;
    // Several customers may use one number: whoever decides sees whose it is.
    if contract::numbered(tx.conn(), &row.number).await?.len() > 1 {
        known.labels.insert(row.id, format!("{} of {}", row.number, new.customer));
    }
    difference::of_contract(tx, known, before.as_ref(), &row).await?;
    for (at, version) in new.versions.iter().enumerate() {
        let path = format!("{path}.versions[{at}]");
        put_version(tx, &row, version, &path, known).await?;
    }
    if before.is_some() && known.corrections.len() > corrections {
        let lines = lines.into_iter().map(|line| line.row).collect();
        settled_stay(tx, &row, lines, path).await?;
    }
    Ok(())
}

/// What is locked stays under contract: a window without any line could never be revised. `before`: the lines as
/// they were.
async fn settled_stay(
    tx: &mut Tx,
    owner: &Contract,
    before: Vec<SlaLine>,
    path: &str,
) -> Result<(), Problem> {
    let mut book = Book::load_unlocked(tx.conn(), owner.clone()).await?;
    let settled = |book: &Book| -> Result<BTreeSet<String>, Problem> {
        let dues = book.dues(tx.now())?.into_iter().map(|due| due.label);
        Ok(dues.filter(|label| book.settlements.contains_key(label)).collect())
    };
    let stay = settled(&book)?;
    book.lines.clear();
    for line in before {
        let terms = document::terms(&line.terms)?;
        book.lines.push(BookLine { line, terms, charges: Vec::new() });
    }
    let Some(label) = settled(&book)?.into_iter().find(|label| !stay.contains(label)) else {
        return Ok(());
    };
    let message = format!(
        "{label} of {} is locked, and no line would be under contract in it; let them end after it, or take \
         it back by excluding what was down",
        owner.number
    );
    Err(invalid(&format!("{path}.versions"), &message))
}

/// How a contract adds up its lines has no date: where a window has begun, it would change what is locked.
async fn sums_unchanged(
    tx: &mut Tx,
    before: &Contract,
    new: &document::Contract,
    path: &str,
) -> Result<(), Problem> {
    let field = match () {
        () if before.cap != new.cap => "cap",
        () if before.combine != new.combine => "combine",
        () => return Ok(()),
    };
    if !attainment::any_of_contract(tx.conn(), before.customer, before.id).await? {
        return Ok(());
    }
    let message = "once a window has begun it never changes; a cap can stand in the terms of a new \
                   version's lines, anything else takes a contract with a number of its own";
    Err(invalid(&format!("{path}.{field}"), message))
}

async fn put_version(
    tx: &mut Tx,
    owner: &Contract,
    new: &document::Version,
    path: &str,
    known: &mut Known,
) -> Result<(), Problem> {
    let stored = contract::versions(tx.conn(), owner.customer, owner.id).await?;
    let valid_to = new.valid_to.map(|to| to.0);
    let found = stored.iter().find(|found| found.number == new.number);
    let treatment = found.and_then(|found| Treatment::of_stored(&found.treatment));
    let begins = new.begins(treatment, path)?;
    let version = if let Some(found) = found {
        stays(tx, owner, (found, new), path, known).await?
    } else {
        let version = ContractVersion {
            id: tx.store().ids().make(),
            contract: owner.id,
            customer: owner.customer,
            number: new.number,
            valid_from: new.valid_from.0,
            valid_to,
            recorded_at: tx.now(),
            treatment: new.treatment.unwrap_or_default().as_str().to_owned(),
            proposed_by: Some(known.hands.proposed_by),
            approved_by: known.hands.approved_by,
        };
        if let Some(before) = stored.last() {
            end_version(tx, owner, (before, &version, begins), path, known).await?;
        }
        tx.put_contract_version(&version).await?;
        difference::of_version(known, owner, None, &version);
        known.changed += 1;
        let subject = version.id.to_string();
        let detail = json!({ "contract": owner.id, "number": version.number });
        tx.audit(
            "contract_version.imported",
            ("contract_version", &subject),
            Some(owner.customer),
            detail,
        );
        version
    };
    let ended = stored.iter().any(|other| other.number > version.number);
    for (at, line) in new.lines.iter().enumerate() {
        let path = format!("{path}.lines[{at}]");
        put_line(tx, (owner, &version, begins, ended), line, &path, known).await?;
    }
    Ok(())
}

/// A version on record: it keeps its beginning, and what it did to a window. The last one may end at another
/// instant.
async fn stays(
    tx: &mut Tx,
    owner: &Contract,
    (found, new): (&ContractVersion, &document::Version),
    path: &str,
    known: &mut Known,
) -> Result<ContractVersion, Problem> {
    let refuse = |field: &str, message: &str| Err(invalid(&format!("{path}.{field}"), message));
    if found.valid_from != new.valid_from.0 {
        let message = "a version in force keeps its beginning; add a version with the next number";
        return refuse("valid_from", message);
    }
    if new.treatment.is_some_and(|treatment| treatment.as_str() != found.treatment) {
        let message = format!("what it did to a window stays: {}", found.treatment);
        return refuse("treatment", &message);
    }
    let valid_to = new.valid_to.map(|to| to.0);
    let versions = contract::versions(tx.conn(), owner.customer, owner.id).await?;
    let is_last = versions.last().is_some_and(|last| last.id == found.id);
    if !is_last || found.valid_to == valid_to {
        // Where a later version ended it, it says when.
        return Ok(found.clone());
    }
    let lines = contract::lines(tx.conn(), owner.customer, owner.id).await?;
    let named = |line: &SlaLine| new.lines.iter().any(|one| one.name == line.name);
    let own = lines.iter().map(|line| &line.row).filter(|line| line.version == found.id);
    if let Some(other) = own.into_iter().find(|line| !named(line)) {
        let message = format!(
            "its end is that of all its lines: name {:?}, too, which stays as it is",
            other.name
        );
        return refuse("lines", &message);
    }
    let moved = ContractVersion { valid_to, ..found.clone() };
    tx.put_contract_version(&moved).await?;
    difference::of_version(known, owner, Some(found), &moved);
    known.changed += 1;
    let subject = moved.id.to_string();
    let detail = json!({ "contract": owner.id, "before": found.valid_to, "after": valid_to });
    let about = ("contract_version", subject.as_str());
    tx.audit("contract_version.ended", about, Some(owner.customer), detail);
    Ok(moved)
}

fn amended(owner: &Contract, version: &ContractVersion) -> String {
    format!("{} was amended: version {}", owner.number, version.number)
}

/// A later version ends the one before, and with it the lines of that one.
async fn end_version(
    tx: &mut Tx,
    owner: &Contract,
    (before, next, begins): (&ContractVersion, &ContractVersion, DateTime<Utc>),
    path: &str,
    known: &mut Known,
) -> Result<(), Problem> {
    if next.number != before.number + 1 || next.valid_from <= before.valid_from {
        let message = format!(
            "the version after {} is {}, and begins later",
            before.number,
            before.number + 1
        );
        return Err(invalid(&format!("{path}.number"), &message));
    }
    let lines = contract::lines(tx.conn(), before.customer, before.contract).await?;
    let own = || lines.iter().map(|line| &line.row).filter(|line| line.version == before.id);
    let windows: Result<Vec<_>, _> =
        own().map(|line| document::terms(&line.terms).map(|terms| terms.window)).collect();
    let treatment = Treatment::of_stored(&before.treatment).unwrap_or_default();
    let began = document::counts_from(before.valid_from, treatment, &windows?, path)?;
    if begins < began {
        let message = format!(
            "version {} counts from {began}, and this one would from {begins}: two versions never count at \
             once; let it begin later",
            before.number
        );
        return Err(invalid(&format!("{path}.valid_from"), &message));
    }
    let end = before.valid_to.map_or(next.valid_from, |to| to.min(next.valid_from));
    let ended = ContractVersion { valid_to: Some(end), ..before.clone() };
    tx.put_contract_version(&ended).await?;
    difference::of_version(known, owner, Some(before), &ended);
    for line in own() {
        let to = line.active_to.map_or(begins, |to| to.min(begins));
        known.correct((owner.customer, line.series), (begins, tx.now()), amended(owner, next));
        let ended = SlaLine { active_to: Some(to), ..line.clone() };
        party::put(tx, &ended, known).await?;
        difference::of_line(tx, known, owner, Some(line), &ended).await?;
    }
    Ok(())
}

async fn put_line(
    tx: &mut Tx,
    (owner, version, begins, ended): (&Contract, &ContractVersion, DateTime<Utc>, bool),
    new: &document::Line,
    path: &str,
    known: &mut Known,
) -> Result<(), Problem> {
    let lines = contract::lines(tx.conn(), owner.customer, owner.id).await?;
    let terms = document::terms(&new.terms)?;
    for line in &lines {
        document::one_label(&document::terms(&line.row.terms)?.window, &terms.window, path)?;
    }
    let named = || lines.iter().map(|line| &line.row).filter(|line| line.name == new.name);
    let found = named().find(|line| line.version == version.id).cloned();
    let termination: Vec<TerminationRight> =
        new.termination.iter().map(document::Termination::right).collect();
    let series = tx.series(&new.series.source, &new.series.service).await?;
    let on_record = found.as_ref().map(|found| &found.remedy);
    let remedy = remedy::rule(new.remedy.as_ref(), on_record, &terms);
    // What the versions before have goes on.
    if named().all(|line| line.remedy.form != remedy.form) {
        remedy::same_form(new.remedy.as_ref(), &terms, path)?;
    }
    unchanged(found.as_ref(), new, (&remedy, series, &termination), path)?;
    let id = found.as_ref().map_or_else(|| tx.store().ids().make(), |found| found.id);
    let later = new.active_from.map_or(begins, |from| from.0.max(begins));
    // Where a later version ends this one, it says when.
    let stays = found.as_ref().filter(|_| ended).and_then(|found| found.active_to);
    let own = version.valid_to.filter(|_| stays.is_none());
    let ends = [new.active_to.map(|to| to.0), own, stays];
    let mut row = SlaLine {
        id,
        contract: owner.id,
        customer: owner.customer,
        version: version.id,
        name: new.name.clone(),
        product: new.product.clone().unwrap_or_else(|| new.name.clone()),
        terms: new.terms.clone(),
        clauses: new.clauses.clone(),
        series,
        scope: new.scope.clone(),
        fee: String::new(),
        fee_rule: String::new(),
        remedy,
        termination,
        active_from: Some(later),
        active_to: ends.into_iter().flatten().min(),
    };
    let charges = charge::put_all(tx, (owner, version.number, &row), &new.charges, known).await?;
    let currency = Currency::parse(&owner.currency)
        .ok_or_else(|| invalid(&format!("{path}.currency"), "no ISO 4217 currency"))?;
    let fee = fee::a_month(&row, &charges, currency, tx.now().date_naive())?;
    (row.fee, row.fee_rule) = (fee.amount, fee.trace);
    if let Some((from, reason)) = correction((owner, version), found.as_ref(), &row, later) {
        known.correct((owner.customer, series), (from, tx.now()), reason);
    }
    party::put(tx, &row, known).await?;
    difference::of_line(tx, known, owner, found.as_ref(), &row).await
}

/// From when on what was measured counts otherwise because of a line, and why. A new one counts from `begins`.
fn correction(
    (owner, version): (&Contract, &ContractVersion),
    found: Option<&SlaLine>,
    line: &SlaLine,
    begins: DateTime<Utc>,
) -> Option<(DateTime<Utc>, String)> {
    if let Some(found) = found {
        let reason =
            format!("{} of {} is under contract for another time", line.name, owner.number);
        return moved(found, line).map(|from| (from, reason));
    }
    let reason = match version.number {
        1 => format!("{} of {} came under contract", line.name, owner.number),
        _ => amended(owner, version),
    };
    Some((begins, reason))
}

/// From when on a line in force counts otherwise than before, if it begins or ends at another instant.
fn moved(before: &SlaLine, after: &SlaLine) -> Option<DateTime<Utc>> {
    let first = DateTime::<Utc>::MIN_UTC;
    let began = [before.active_from, after.active_from].map(|from| from.unwrap_or(first));
    let ended = [before.active_to, after.active_to];
    let began = (began[0] != began[1]).then(|| began[0].min(began[1]));
    let ended = (ended[0] != ended[1]).then(|| ended.into_iter().flatten().min());
    began.into_iter().chain(ended.flatten()).min()
}

/// What windows are judged by stands in the version: of a line in force it never changes.
fn unchanged(
    found: Option<&SlaLine>,
    new: &document::Line,
    (remedy, series, termination): (&RemedyRule, SeriesId, &[TerminationRight]),
    path: &str,
) -> Result<(), Problem> {
    let Some(found) = found else { return Ok(()) };
    let (field, what) = match () {
        () if found.terms != new.terms => ("terms", "terms in force never change"),
        () if found.series != series => ("series", "what it is measured by never changes in force"),
        () if found.scope != new.scope => ("scope", "a scope in force never changes"),
        () if found.remedy.partial_base != remedy.partial_base => {
            ("remedy.partial_base", "how much of a base counts never changes in force")
        }
        () if found.termination != termination => ("termination", "rights in force never change"),
        () => return Ok(()),
    };
    let message = format!("{what}; add a version of the contract");
    Err(invalid(&format!("{path}.{field}"), &message))
}
