//! From the seal's certificate up to one that is trusted.

use super::{Checks, Trust};
use crate::chain::climb;
use crate::seal::cms::Signature;
use chrono::{DateTime, Utc};

/// When a seal was made.
pub(crate) struct Times {
    /// As the seal itself says.
    pub(crate) sealed: DateTime<Utc>,
    /// As its time stamp says, at the latest.
    pub(crate) stamped: Option<DateTime<Utc>>,
    pub(crate) now: DateTime<Utc>,
}

/// Checks the certificate's usage, its validity when it sealed, and its chain.
pub(crate) fn check(signature: &Signature, trust: &Trust, times: &Times, checks: &mut Checks) {
    let (sealed_at, now) = (times.sealed, times.now);
    let Ok(leaf) = signature.leaf() else {
        return;
    };
    let usage = leaf.may_seal().map(|()| "signing documents".to_owned());
    checks.add("usage", "The certificate is meant for sealing", usage);
    // A stolen key can state any time; a time stamp can't be had for one that has passed.
    let stamped_at = times.stamped.unwrap_or(sealed_at);
    let validity = leaf.valid_at(sealed_at).and_then(|()| leaf.valid_at(stamped_at)).map(|()| {
        let sealed = sealed_at.format("%Y-%m-%d %H:%M UTC");
        match (leaf.valid_at(now), times.stamped) {
            (Ok(()), _) => format!("sealed {sealed}"),
            (Err(since), None) => {
                format!("sealed {sealed}, by the seal's own time; seen from today, {since}")
            }
            (Err(since), Some(stamped)) => {
                let stamped = stamped.format("%Y-%m-%d %H:%M UTC");
                format!("sealed {sealed}, stamped {stamped}; seen from today, {since}")
            }
        }
    });
    checks.add("validity", "The certificate was valid when it sealed", validity);
    const NAME: &str = "The seal's issuer is trusted";
    if trust.roots.is_empty() {
        checks.skip("chain", NAME, "no trusted certificate was given to compare with");
    } else {
        checks.add("chain", NAME, climb(leaf, signature.certificates(), &trust.roots, stamped_at));
    }
}
