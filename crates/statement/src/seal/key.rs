//! A seal's key: held in memory, or in a token that never gives it away.

use super::certificate::Certificate;
use super::token::Token;
use crate::error::StatementError;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ID_EC_PUBLIC_KEY, ID_RSASSA_PSS, RSA_ENCRYPTION, SECP_256_R_1,
    SECP_384_R_1, SECP_521_R_1,
};
use const_oid::db::rfc8410::ID_ED_25519;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

/// Signed once, to learn which certificate belongs to a key. It is no DER, so that it can never
/// stand for the attributes of a statement.
const PROBE: &[u8] = b"makegood: which certificate belongs to this key?";

/// A P-256 key.
pub(crate) enum Key {
    Held(SigningKey),
    Token(Token),
}

impl Key {
    /// ECDSA over SHA-256 of `message`, DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StatementError> {
        match self {
            Self::Held(key) => {
                let signature: DerSignature = key.sign(message);
                Ok(signature.as_bytes().to_vec())
            }
            Self::Token(token) => token.sign(message),
        }
    }

    /// The certificate among these that belongs to the key, and the others.
    pub(crate) fn pick(
        &self,
        certificates: Vec<Certificate>,
    ) -> Result<(Certificate, Vec<Certificate>), StatementError> {
        let signature = self.sign(PROBE)?;
        let (mut own, others): (Vec<_>, Vec<_>) = certificates
            .into_iter()
            .partition(|one| one.vouches(ECDSA_WITH_SHA_256, PROBE, &signature).is_ok());
        match own.pop() {
            Some(leaf) => Ok((leaf, others)),
            None => Err(self.refuse("none of its certificates matches its private key")),
        }
    }

    /// Why what holds the key can't seal.
    pub(crate) fn refuse(&self, why: impl Into<String>) -> StatementError {
        match self {
            Self::Held(_) => StatementError::Key(why.into()),
            Self::Token(_) => StatementError::Token(why.into()),
        }
    }
}

/// What a key of this kind is told that is none of those which seal here.
pub(super) fn not_sealing(kind: &str) -> String {
    format!("{kind}; this version seals with P-256 keys alone, so have such a one certified")
}

/// A kind of key in words: `an RSA key`, `a P-521 key`.
pub(super) fn kind(algorithm: ObjectIdentifier, curve: Option<ObjectIdentifier>) -> String {
    let known = match (algorithm, curve) {
        (RSA_ENCRYPTION, _) => "an RSA key",
        (ID_RSASSA_PSS, _) => "an RSA-PSS key",
        (ID_ED_25519, _) => "an Ed25519 key",
        (ID_EC_PUBLIC_KEY, Some(SECP_256_R_1)) => "a P-256 key",
        (ID_EC_PUBLIC_KEY, Some(SECP_384_R_1)) => "a P-384 key",
        (ID_EC_PUBLIC_KEY, Some(SECP_521_R_1)) => "a P-521 key",
        (ID_EC_PUBLIC_KEY, Some(curve)) => return format!("a key on the curve {curve}"),
        _ => return format!("a key of the kind {algorithm}"),
    };
    known.to_owned()
}
