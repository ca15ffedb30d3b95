//! What is asked of responders (OCSP) before a statement is archived. Nothing here speaks to a network.

use super::answer::structs::{OcspRequest, Request, TbsRequest};
use super::answer::{Answer, Moment, called};
use super::{Revocation, parts};
use crate::chain::path;
use crate::error::StatementError;
use crate::seal::certificate::Certificate;
use crate::stamp::{APART, Token};
use crate::verify::Trust;
use chrono::{DateTime, Utc};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE;
use der::Encode;
use der::asn1::OctetString;
use x509_cert::ext::Extension;

/// A question for a responder: was this certificate taken back?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRequest {
    address: String,
    der: Vec<u8>,
    nonce: Vec<u8>,
    about: Certificate,
    issuer: Certificate,
    at: DateTime<Utc>,
}

impl StatusRequest {
    /// The media type of [`StatusRequest::der`].
    pub const MEDIA_TYPE: &'static str = "application/ocsp-request";
    /// The media type of an answer.
    pub const ANSWER_TYPE: &'static str = "application/ocsp-response";

    fn new(
        address: String,
        (about, issuer): (&Certificate, &Certificate),
        at: DateTime<Utc>,
        random: &[u8; 32],
    ) -> der::Result<Self> {
        let nonce = OctetString::new(&random[..])?.to_der()?;
        let extension = Extension {
            extn_id: ID_PKIX_OCSP_NONCE,
            critical: false,
            extn_value: OctetString::new(nonce.clone())?,
        };
        let requests = vec![Request { about: called(about, issuer)? }];
        let der = OcspRequest { tbs: TbsRequest { requests, extensions: Some(vec![extension]) } };
        let (about, issuer) = (about.clone(), issuer.clone());
        Ok(Self { address, der: der.to_der()?, nonce, about, issuer, at })
    }

    /// Where the certificate says that its issuer's responder is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The bytes to send, [`StatusRequest::MEDIA_TYPE`].
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whose certificate is asked about.
    #[must_use]
    pub fn subject(&self) -> String {
        self.about.subject()
    }

    fn read(
        &self,
        reply: &[u8],
        revocation: &Revocation,
        now: DateTime<Utc>,
    ) -> Result<Answer, String> {
        let answer = Answer::from_der(reply)?;
        let moment = Moment { at: self.at, known: now + APART, apart: APART };
        answer.revoked(&self.about, &self.issuer, moment, &revocation.lists)?;
        match answer.nonce() {
            Some(nonce) if nonce != self.nonce => {
                Err("it answers another question: its number is not the one sent".into())
            }
            // What repeats no number may be from yesterday; then its end says whether it counts.
            None if !answer.ends(&self.about, &self.issuer) => {
                Err("it says neither which question it answers nor until when it holds".into())
            }
            _ => Ok(answer),
        }
    }
}

impl Revocation {
    /// What is to be asked before this stamped statement is archived: about each certificate below the
    /// roots of which no list tells, where its issuer's responder can be found. `random` gives 32 random
    /// bytes at each call.
    ///
    /// # Errors
    /// [`StatementError::Stamp`] when it bears no time stamp or stands under none of the roots.
    pub fn questions(
        &self,
        stamped: &[u8],
        trust: &Trust,
        now: DateTime<Utc>,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Vec<StatusRequest>, StatementError> {
        let unmade = |error| StatementError::Internal(format!("asking a responder: {error}"));
        let (signature, token) = parts(stamped).map_err(StatementError::Stamp)?;
        let at = token.at();
        let leaf = signature.leaf().map_err(StatementError::Stamp)?;
        let pairs = pairs((leaf, signature.certificates()), &token, trust, at);
        let mut questions: Vec<StatusRequest> = Vec::new();
        for (about, issuer) in pairs.map_err(StatementError::Stamp)? {
            let mut lists = self.lists.iter().filter(|list| list.is_of(issuer));
            let told = lists.any(|list| list.tells_of(at, now + APART));
            let Some(address) = about.responder().filter(|_| !told) else { continue };
            if questions.iter().all(|one| one.about != *about) {
                let question = StatusRequest::new(address, (about, issuer), at, &random());
                questions.push(question.map_err(unmade)?);
            }
        }
        Ok(questions)
    }

    /// Takes an answer, when it holds: signed by whoever may, about that certificate, of this time.
    ///
    /// # Errors
    /// [`StatementError::Stamp`] with what does not hold.
    pub fn take(
        &mut self,
        request: &StatusRequest,
        reply: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StatementError> {
        let answer = request.read(reply, self, now).map_err(|why| {
            let why = format!("what {} says of {}: {why}", request.address, request.subject());
            StatementError::Stamp(why)
        })?;
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
        Ok(())
    }
}

/// Each certificate below the roots, of the seal and of its time stamp, with its issuer.
pub(crate) fn pairs<'a>(
    (seal, carried): (&'a Certificate, &'a [Certificate]),
    token: &'a Token,
    trust: &'a Trust,
    at: DateTime<Utc>,
) -> Result<Vec<(&'a Certificate, &'a Certificate)>, String> {
    let mut pairs = Vec::new();
    let stamp = token.leaf();
    for (leaf, carried, roots) in
        [(seal, carried, trust.roots()), (stamp, token.certificates(), trust.stamps())]
    {
        let mut below = leaf;
        for issuer in path(leaf, carried, roots, at)? {
            pairs.push((below, issuer));
            below = issuer;
        }
    }
    Ok(pairs)
}
