//! From a certificate up to one that is trusted.

use crate::seal::certificate::{Certificate, NotVouched};
use chrono::{DateTime, Utc};

/// How many certificates may stand above one another.
const LONGEST: usize = 8;

/// Climbs from a certificate over those carried along to one of the roots; each that issued
/// another must have been valid at `at` and allowed to. Answers with how it is trusted.
pub(crate) fn climb(
    leaf: &Certificate,
    carried: &[Certificate],
    roots: &[Certificate],
    at: DateTime<Utc>,
) -> Result<String, String> {
    if roots.iter().any(|root| root.der() == leaf.der()) {
        return Ok("its own certificate is trusted".into());
    }
    let mut current = leaf;
    for below in 0..LONGEST {
        if let Some(root) = above(current, roots)? {
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
    if let Some(extension) = issuer.unknown_critical(&[]) {
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
