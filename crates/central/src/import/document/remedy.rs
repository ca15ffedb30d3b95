//! How a credit reaches the customer, as a document says it.

use super::super::invalid;
use makegood_domain::{
    Problem,
    contract::{PartialBase, RemedyMode},
};
use makegood_engine::{
    Terms,
    credits::{Award, TierAward},
};
use serde::Deserialize;

/// How a credit reaches the customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of the domain's entity of the same name")]
pub struct Remedy {
    pub mode: RemedyMode,
    pub claim_within_days: Option<u16>,
    pub expires_after_days: Option<u16>,
    #[serde(default)]
    pub partial_base: PartialBase,
    #[serde(default = "invoice")]
    pub form: String,
}

fn invoice() -> String {
    "invoice".to_owned()
}

impl Default for Remedy {
    fn default() -> Self {
        Self {
            mode: RemedyMode::Proactive,
            claim_within_days: None,
            expires_after_days: None,
            partial_base: PartialBase::Whole,
            form: invoice(),
        }
    }
}

impl Remedy {
    /// Checks it beside the terms; `path` is its line's.
    pub(super) fn check(&self, terms: &Terms, path: &str) -> Result<(), Problem> {
        if !["invoice", "service_days", "refund"].contains(&self.form.as_str()) {
            let message = format!("{:?} is none of invoice, service_days, refund", self.form);
            return Err(invalid(&format!("{path}.remedy.form"), &message));
        }
        let tiers = match terms.credit.as_ref().map(|credit| &credit.award) {
            Some(Award::Tiers(tiers)) => tiers.as_slice(),
            _ => &[],
        };
        let in_days = tiers.iter().any(|tier| matches!(tier.award, TierAward::Days(_)));
        if in_days && self.partial_base == PartialBase::ByDays {
            let message = "days of service are days of the whole window's base, which by_days would cut twice; leave it out";
            return Err(invalid(&format!("{path}.remedy.partial_base"), message));
        }
        Ok(())
    }
}
