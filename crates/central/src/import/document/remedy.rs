//! How a credit reaches the customer, as a document says it.

use super::super::invalid;
use makegood_domain::{
    Problem,
    contract::{PartialBase, RemedyMode, RemedyRule},
    credit::CreditForm,
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
    pub form: Option<CreditForm>,
}

/// The rule of a line: what the document says of it, else what is on record, else what its terms do. Where those
/// ask for a claim, the customer is told of it; crediting without being asked is for the house to say.
pub(in super::super) fn rule(
    said: Option<&Remedy>,
    on_record: Option<&RemedyRule>,
    terms: &Terms,
) -> RemedyRule {
    if let Some(on_record) = on_record {
        let Some(said) = said else { return on_record.clone() };
        return RemedyRule {
            mode: said.mode,
            claim_within_days: said.claim_within_days,
            expires_after_days: said.expires_after_days,
            partial_base: said.partial_base,
            form: said.form.unwrap_or(on_record.form),
        };
    }
    let credit = terms.credit.as_ref();
    let claim = credit.and_then(|credit| credit.claim.as_ref()).filter(|claim| claim.required);
    let within = claim.and_then(|claim| claim.within.as_ref()?.whole_days()?.try_into().ok());
    let (mode, claim_within_days) = match said {
        Some(said) if said.mode == RemedyMode::Proactive => (said.mode, said.claim_within_days),
        Some(said) => (said.mode, said.claim_within_days.or(within)),
        None if claim.is_some() => (RemedyMode::Invite, within),
        None => (RemedyMode::Proactive, None),
    };
    RemedyRule {
        mode,
        claim_within_days,
        expires_after_days: said.and_then(|said| said.expires_after_days),
        partial_base: said.map_or(PartialBase::Whole, |said| said.partial_base),
        form: said.and_then(|said| said.form).unwrap_or_else(|| form_of(terms)),
    }
}

/// As the terms have it: what a line does not say of its own.
fn form_of(terms: &Terms) -> CreditForm {
    terms.credit.as_ref().map(|credit| credit.form.into()).unwrap_or_default()
}

/// Refuses another form than the terms of a new line have: the customer reads them.
pub(in super::super) fn same_form(
    said: Option<&Remedy>,
    terms: &Terms,
    path: &str,
) -> Result<(), Problem> {
    let own = form_of(terms);
    match said.and_then(|said| said.form) {
        Some(form) if form != own => {
            let (own, form) = (own.as_str(), form.as_str());
            let message =
                format!("the terms' credit has the form {own}: write {form} there, or {own} here");
            Err(invalid(&format!("{path}.remedy.form"), &message))
        }
        _ => Ok(()),
    }
}

impl Remedy {
    /// Checks it beside the terms; `path` is its line's.
    pub(super) fn check(&self, terms: &Terms, path: &str) -> Result<(), Problem> {
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
