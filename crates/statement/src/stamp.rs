//! Time stamps (RFC 3161): what an authority is asked, and whether its answer holds. Nothing here
//! speaks to a network.

mod structs;
mod token;

use crate::error::StatementError;
use crate::seal::kind::Hash;
use crate::verify::Trust;
use chrono::{DateTime, TimeDelta, Utc};
use const_oid::ObjectIdentifier;
use der::asn1::{Int, OctetString};
use der::{Decode, Encode};
use structs::{MessageImprint, TimeStampReq, TimeStampResp};
pub(crate) use token::Token;

/// How far the clocks of an authority and of whoever seals may lie apart.
pub(crate) const APART: TimeDelta = TimeDelta::minutes(5);

/// A question for a time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRequest {
    der: Vec<u8>,
    /// What it is for.
    imprint: MessageImprint,
    policy: Option<ObjectIdentifier>,
    nonce: Int,
}

impl StampRequest {
    /// The media type of [`StampRequest::der`].
    pub const MEDIA_TYPE: &'static str = "application/timestamp-query";
    /// The media type of an answer.
    pub const ANSWER_TYPE: &'static str = "application/timestamp-reply";

    /// Asks for these bytes, one part after the other.
    pub(crate) fn new(
        hash: Hash,
        parts: &[&[u8]],
        random: &[u8; 32],
        policy: Option<&str>,
    ) -> Result<Self, StatementError> {
        let policy = match policy {
            None => None,
            Some(text) => Some(ObjectIdentifier::new(text).map_err(|_| {
                let why = format!("{text:?} is no object identifier, such as 1.3.6.1.4.1.4146.2.3");
                StatementError::field("policy", why)
            })?),
        };
        let unmade = |error| StatementError::Internal(format!("asking for a time stamp: {error}"));
        // A positive number of 16 bytes.
        let mut nonce = random[..16].to_vec();
        nonce[0] = nonce[0] & 0x7f | 0x40;
        let nonce = Int::new(&nonce).map_err(unmade)?;
        let imprint = MessageImprint {
            hash_algorithm: hash.identifier(),
            hashed_message: OctetString::new(hash.of(parts)).map_err(unmade)?,
        };
        let request = TimeStampReq {
            version: 1,
            message_imprint: imprint.clone(),
            req_policy: policy,
            nonce: nonce.clone(),
            cert_req: true,
        };
        let der = request.to_der().map_err(unmade)?;
        Ok(Self { der, imprint, policy, nonce })
    }

    /// The bytes to send, [`StampRequest::MEDIA_TYPE`].
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The time stamp in an answer, once all of it holds.
    pub(crate) fn accept(
        &self,
        reply: &[u8],
        roots: &Trust,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, String> {
        let reply = TimeStampResp::from_der(reply)
            .map_err(|error| format!("the answer is none of RFC 3161: {error}"))?;
        // 0: granted; 1: granted, with changes, which the checks below would find.
        if !matches!(reply.status.status.as_bytes(), [0 | 1]) {
            let said = reply.status.status_string.unwrap_or_default().join("; ");
            let said = if said.is_empty() { "without a reason" } else { &said };
            return Err(format!("the authority refused: {said}"));
        }
        let token = reply.token.ok_or("the answer holds none")?;
        let token = token.to_der().map_err(|error| error.to_string())?;
        let read = Token::read(&token)?;
        read.answers(&self.imprint)?;
        if read.nonce() != Some(&self.nonce) {
            return Err("it answers another question: its number is not the one sent".into());
        }
        if self.policy.is_some_and(|policy| policy != read.policy()) {
            return Err(format!(
                "it was given under the policy {}, not the one asked",
                read.policy()
            ));
        }
        read.genuine()?;
        read.anchored(roots.roots())?;
        if (read.at() - now).abs() > APART {
            let (at, minutes) = (read.at().format("%Y-%m-%d %H:%M UTC"), APART.num_minutes());
            return Err(format!(
                "its time, {at}, lies more than {minutes} minutes from this machine's"
            ));
        }
        Ok(token)
    }
}
