//! Revocation lists (RFC 5280): whether a certificate was taken back, and when.

use crate::seal::certificate::Certificate;
use chrono::{DateTime, Utc};
use der::{Decode, Encode};
use x509_cert::crl::CertificateList;
use x509_cert::time::Time;

/// A list with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    der: Vec<u8>,
    parsed: CertificateList,
}

impl List {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, der::Error> {
        Ok(Self { der: der.to_vec(), parsed: CertificateList::from_der(der)? })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it is the whole list of this issuer, signed by it.
    pub(crate) fn is_of(&self, issuer: &Certificate) -> bool {
        let tbs = &self.parsed.tbs_cert_list;
        // A delta, or the list of only some certificates, says so in a critical extension.
        let plain = !tbs.crl_extensions.iter().flatten().any(|extension| extension.critical);
        let named = tbs.issuer == *issuer.parsed().tbs_certificate().subject();
        plain && named && issuer.may_list() && self.is_signed_by(issuer)
    }

    fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let algorithm = &self.parsed.signature_algorithm;
        let signature = self.parsed.signature.as_bytes().unwrap_or_default();
        let same = *algorithm == self.parsed.tbs_cert_list.signature;
        let message = self.parsed.tbs_cert_list.to_der();
        message
            .is_ok_and(|message| same && issuer.vouches(algorithm.oid, &message, signature).is_ok())
    }

    /// Whether it tells of this instant: it was made by `known`, and holds at least until `at`.
    pub(crate) fn tells_of(&self, at: DateTime<Utc>, known: DateTime<Utc>) -> bool {
        let tbs = &self.parsed.tbs_cert_list;
        instant(tbs.this_update) <= known && tbs.next_update.is_some_and(|next| at <= instant(next))
    }

    /// When the certificate was taken back, if it was.
    pub(crate) fn revoked(&self, certificate: &Certificate) -> Option<DateTime<Utc>> {
        let serial = certificate.parsed().tbs_certificate().serial_number();
        let entries = self.parsed.tbs_cert_list.revoked_certificates.iter().flatten();
        let mut found = entries.filter(|entry| entry.serial_number == *serial);
        found.next().map(|entry| instant(entry.revocation_date))
    }
}

fn instant(time: Time) -> DateTime<Utc> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
