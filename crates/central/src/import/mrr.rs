//! Monthly recurring revenue: what a customer pays in a month, to see what a missed SLA endangers. No
//! credit rests on it.

use super::{Known, document::Document, invalid, party};
use crate::store::{Tx, mrr};
use makegood_domain::{Problem, proposal::Difference};
use makegood_engine::money::{Currency, Money};
use serde_json::json;

pub(super) async fn put_all(
    tx: &mut Tx,
    document: &Document,
    known: &mut Known,
) -> Result<(), Problem> {
    for (at, new) in document.mrr.iter().enumerate() {
        let path = format!("mrr[{at}]");
        let customer =
            party::customer_id(tx, known, &new.customer, &format!("{path}.customer")).await?;
        if !is_month(&new.month) {
            let why = format!("{:?} is no month; write it as 2026-10", new.month);
            return Err(invalid(&format!("{path}.month"), &why));
        }
        let currency = Currency::parse(&new.currency).ok_or_else(|| {
            let why = format!("{:?} is no currency; write its ISO 4217 code", new.currency);
            invalid(&format!("{path}.currency"), &why)
        })?;
        let amount = Money::parse_decimal(&new.amount, currency)
            .map_err(|error| invalid(&format!("{path}.amount"), &error.to_string()))?;
        if amount.minor() < 0 {
            return Err(invalid(&format!("{path}.amount"), "revenue is at least nothing"));
        }
        let before = mrr::get(tx.conn(), customer, &new.month).await?;
        if before == Some(amount) {
            continue;
        }
        tx.put_mrr(customer, &new.month, amount).await?;
        known.changed += 1;
        let shown = |amount: Money| json!({ "amount": amount.display() });
        let subject = format!("{}, revenue of {}", new.customer, new.month);
        let before = before.map(shown);
        let differences = Difference::between(&subject, before.as_ref(), &shown(amount), |_| false);
        known.differences.extend(differences);
    }
    Ok(())
}

fn is_month(text: &str) -> bool {
    let parsed = format!("{text}-01").parse::<chrono::NaiveDate>();
    text.len() == 7 && parsed.is_ok()
}
