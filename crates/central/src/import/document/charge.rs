//! What is charged for a line, as a document says it.

use chrono::NaiveDate;
use makegood_domain::{
    contract::{self, Frequency},
    id::{ChargeId, CustomerId, SlaLineId},
};
use serde::Deserialize;

/// What is charged for a line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Charge {
    pub amount: String,
    pub frequency: Frequency,
    #[serde(default)]
    pub in_advance: bool,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Charge {
    /// As the domain's entity.
    #[must_use]
    pub fn of(&self, id: ChargeId, (customer, line): (CustomerId, SlaLineId)) -> contract::Charge {
        contract::Charge {
            id,
            line,
            customer,
            kind: "recurring".to_owned(),
            amount: self.amount.clone(),
            frequency: self.frequency,
            in_advance: self.in_advance,
            from: self.from,
            to: self.to,
        }
    }
}
