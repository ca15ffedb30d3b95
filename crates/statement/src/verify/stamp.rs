//! The time stamp on the seal: a check of its own, with roots of its own.

use super::{Checks, Trust};
use crate::seal::cms::Signature;
use crate::stamp::{APART, Token};
use chrono::{DateTime, Utc};

/// A time stamp that holds.
pub(super) struct Stamped {
    pub(super) at: DateTime<Utc>,
    pub(super) by: String,
}

/// Checks the time stamp, where the seal bears one; `sealed_at` is the time that the seal states.
pub(super) fn check(
    signature: &Signature,
    trust: &Trust,
    sealed_at: Option<DateTime<Utc>>,
    checks: &mut Checks,
) -> Option<Stamped> {
    const NAME: &str = "The time stamp is genuine";
    let bytes = signature.stamp_token()?;
    let token = match Token::read(&bytes) {
        Ok(token) => token,
        Err(reason) => {
            checks.add("time_stamp", NAME, Err(reason));
            return None;
        }
    };
    let (at, by) = (token.at(), token.authority());
    let moment = at.format("%Y-%m-%d %H:%M UTC");
    let held = token.is_for(&[signature.value()]).and_then(|()| token.genuine()).and_then(|()| {
        match sealed_at {
            Some(sealed) if at < sealed - APART => {
                Err(format!("it was given at {moment}, before the seal says it was made"))
            }
            _ => Ok(format!("{moment}, by {by}")),
        }
    });
    let held = checks.add("time_stamp", NAME, held);
    const ANCHORED: &str = "The time stamp's authority is trusted";
    if trust.stamps.is_empty() {
        let why = "no trusted certificate for time stamps was given to compare with";
        checks.skip("time_stamp_chain", ANCHORED, why);
    } else {
        checks.add("time_stamp_chain", ANCHORED, token.anchored(&trust.stamps));
    }
    held.then_some(Stamped { at, by })
}
