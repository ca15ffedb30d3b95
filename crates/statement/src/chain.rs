//! From a certificate up to one that is trusted.

use crate::seal::certificate::{Certificate, NotVouched};
use chrono::{DateTime, Utc};

/// How many certificates may stand above one another.
const LONGEST: usize = 8;

/// Climbs from a certificate to one of the roots. Answers with how it is trusted.
pub(crate) fn climb(
    leaf: &Certificate,
    carried: &[Certificate],
    roots: &[Certificate],
    at: DateTime<Utc>,
) -> Result<String, String> {
    Ok(match path(leaf, carried, roots, at)?.as_slice() {
        [.., root] => format!("issued under {}", root.subject()),
        [] => "its own certificate is trusted".to_owned(),
    })
}

/// The certificates above one, up to one of the roots, over those carried along; each must have been
/// valid at `at` and allowed to issue. None, where the certificate itself is a root.
pub(crate) fn path<'a>(
    leaf: &'a Certificate,
    carried: &'a [Certificate],
    roots: &'a [Certificate],
    at: DateTime<Utc>,
) -> Result<Vec<&'a Certificate>, String> {
    let mut path = Vec::new();
    if roots.iter().any(|root| root.der() == leaf.der()) {
        return Ok(path);
    }
    let mut current = leaf;
    for below in 0..LONGEST {
        if let Some(root) = above(current, roots)? {
            check_issuer(root, below, at)?;
            path.push(root);
            return Ok(path);
        }
        let between = above(current, carried)?.filter(|issuer| !issuer.is_self_signed());
        let Some(issuer) = between else {
            let name = current.issuer();
            return Err(format!("{name} is not among the trusted certificates"));
        };
        check_issuer(issuer, below, at)?;
        path.push(issuer);
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
