//! What an import changes in windows that have begun: an amendment that takes effect earlier, a
//! corrected charge. They are computed anew, and what is locked gets a revision (law 4).

use super::Known;
use crate::{
    close::{self, Touched},
    store::Tx,
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    id::{CustomerId, SeriesId},
};
use std::collections::{BTreeMap, BTreeSet};

/// Time of a series that counts differently for one customer.
#[derive(Debug)]
pub(super) struct Correction {
    customer: CustomerId,
    touched: Touched,
    reason: String,
}

impl Known {
    /// From `from` until now, this customer's windows over the series are to be computed anew.
    pub(super) fn correct(
        &mut self,
        (customer, series): (CustomerId, SeriesId),
        (from, now): (DateTime<Utc>, DateTime<Utc>),
        reason: impl Into<String>,
    ) {
        if from < now {
            let touched = Touched { series, part: None, from, to: now };
            self.corrections.push(Correction { customer, touched, reason: reason.into() });
        }
    }
}

/// Computes anew what has been corrected: a customer's contracts together, so that a window gets one
/// revision.
pub(super) async fn revise(tx: &mut Tx, known: &Known) -> Result<(), Problem> {
    let mut by_customer: BTreeMap<CustomerId, Vec<&Correction>> = BTreeMap::new();
    for correction in &known.corrections {
        by_customer.entry(correction.customer).or_default().push(correction);
    }
    close::lock_customers(tx, &by_customer.keys().copied().collect()).await?;
    for (customer, corrections) in by_customer {
        let touched: Vec<Touched> = corrections.iter().map(|one| one.touched).collect();
        let reasons: BTreeSet<&str> = corrections.iter().map(|one| one.reason.as_str()).collect();
        let reason = reasons.into_iter().collect::<Vec<_>>().join("; ");
        close::revise(tx, Some(customer), &touched, &reason).await?;
    }
    Ok(())
}
