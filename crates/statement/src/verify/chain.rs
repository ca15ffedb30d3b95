//! From the seal's certificate up to one that is trusted.

use super::{Checks, Trust};
use crate::seal::certificate::{Certificate, NotVouched};
use crate::seal::cms::Signature;
use chrono::{DateTime, Utc};

/// How many certificates may stand above one another.
const LONGEST: usize = 8;

/// Checks the certificate's usage, its validity when it sealed, and its chain.
pub(super) fn check(
    signature: &Signature,
    trust: &Trust,
    sealed_at: DateTime<Utc>,
    now: DateTime<Utc>,
    checks: &mut Checks,
) {
    let Ok(leaf) = signature.leaf() else {
        return;
    };
    let usage = match leaf.unknown_critical() {
        Some(extension) => Err(format!("it has a critical extension {extension}, unknown here")),
        None if leaf.may_sign() => Ok("signing documents".to_owned()),
        None => Err("its usage is not signing documents".to_owned()),
    };
    checks.add("usage", "The certificate is meant for sealing", usage);
    let validity = leaf.valid_at(sealed_at).map(|()| match leaf.valid_at(now) {
        Ok(()) => format!("sealed {}", sealed_at.format("%Y-%m-%d %H:%M UTC")),
        Err(since) => format!(
            "sealed {}, by the seal's own time; seen from today, {since}",
            sealed_at.format("%Y-%m-%d %H:%M UTC")
        ),
    });
    checks.add("validity", "The certificate was valid when it sealed", validity);
    const NAME: &str = "The seal's issuer is trusted";
    if trust.roots.is_empty() {
        checks.skip("chain", NAME, "no trusted certificate was given to compare with");
    } else {
        checks.add("chain", NAME, climb(leaf, signature.certificates(), trust, sealed_at));
    }
}

fn climb(
    leaf: &Certificate,
    carried: &[Certificate],
    trust: &Trust,
    at: DateTime<Utc>,
) -> Result<String, String> {
    if trust.roots.iter().any(|root| root.der() == leaf.der()) {
        return Ok("the seal's own certificate is trusted".into());
    }
    let mut current = leaf;
    for below in 0..LONGEST {
        if let Some(root) = above(current, &trust.roots)? {
            check_issuer(root, below, at)?;
            return Ok(format!("issued under {}", root.subject()));
        }
        let between = above(current, carried)?.filter(|issuer| !issuer.is_self_signed());
        let Some(issuer) = between else {
            let name = current.issuer();
            return Err(format!("{name} is not among the trusted certificates"));
        };
        check_issuer(issuer, below, at)?;
        current = issuer;
    }
    Err(format!("more than {LONGEST} certificates stand above one another"))
}

/// The certificate that issued `below`, if it is among these.
fn above<'a>(
    below: &Certificate,
    among: &'a [Certificate],
) -> Result<Option<&'a Certificate>, String> {
    for issuer in among.iter().filter(|issuer| below.names_issuer(issuer)) {
        match below.signed_by(issuer) {
            Ok(()) => return Ok(Some(issuer)),
            Err(NotVouched::Wrong) => {}
            Err(NotVouched::Unsupported(algorithm)) => {
                return Err(format!(
                    "{} signs with {algorithm}, which this version can't check",
                    issuer.subject()
                ));
            }
        }
    }
    Ok(None)
}

fn check_issuer(issuer: &Certificate, below: usize, at: DateTime<Utc>) -> Result<(), String> {
    if let Some(extension) = issuer.unknown_critical() {
        return Err(format!("{} has an unknown critical extension {extension}", issuer.subject()));
    }
    if !issuer.may_issue() {
        return Err(format!("{} may not issue certificates", issuer.subject()));
    }
    if issuer.path_limit().is_some_and(|limit| below > limit) {
        return Err(format!("{} may not have so many authorities below it", issuer.subject()));
    }
    issuer.valid_at(at)
}
