//! A seal's key: held in memory, or in a token that never gives it away.

use super::certificate::Certificate;
use super::kind::{Described, Kind, not_sealing};
use super::token::Token;
use crate::error::StatementError;
use der::asn1::UintRef;
use der::{Decode, Sequence};
use p256::ecdsa::signature::Signer;
use p256::pkcs8::{DecodePrivateKey, PrivateKeyInfoRef};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;

/// Signed once, to learn which certificate belongs to a key. It is no DER, so that it can never
/// stand for the attributes of a statement.
const PROBE: &[u8] = b"makegood: which certificate belongs to this key?";

/// A key of a kind that seals.
pub(crate) enum Key {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(Box<KeyPair>),
    Token(Token),
}

/// RFC 8017, A.1.2.
#[derive(Sequence)]
struct RsaPrivateKey<'a> {
    version: u8,
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
    private: UintRef<'a>,
    first: UintRef<'a>,
    second: UintRef<'a>,
    first_exponent: UintRef<'a>,
    second_exponent: UintRef<'a>,
    coefficient: UintRef<'a>,
}

impl Key {
    /// A key out of a PKCS#12 file, PKCS#8.
    pub(super) fn held(pkcs8: &[u8]) -> Result<Self, StatementError> {
        let refused = |found: &str| StatementError::Key(not_sealing("its private key", found));
        let unread = |_| refused("no key that can be read");
        let info = PrivateKeyInfoRef::from_der(pkcs8).map_err(unread)?;
        let inner = info.private_key.as_bytes();
        let rsa = RsaPrivateKey::from_der(inner).ok();
        let kind = Kind::of(Described {
            algorithm: info.algorithm.oid,
            curve: info.algorithm.parameters_oid().ok(),
            modulus: rsa.as_ref().map(|key| key.modulus.as_bytes()),
        });
        let odd =
            |error: &dyn std::fmt::Display| refused(&format!("one that can't be used ({error})"));
        match kind.map_err(|found| refused(&found))? {
            Kind::P256 => {
                DecodePrivateKey::from_pkcs8_der(pkcs8).map(Self::P256).map_err(|error| odd(&error))
            }
            Kind::P384 => {
                DecodePrivateKey::from_pkcs8_der(pkcs8).map(Self::P384).map_err(|error| odd(&error))
            }
            Kind::Rsa => KeyPair::from_der(inner)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| odd(&error)),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::P256(_) => Kind::P256,
            Self::P384(_) => Kind::P384,
            Self::Rsa(_) => Kind::Rsa,
            Self::Token(token) => token.kind(),
        }
    }

    /// The signature over `message` that its kind makes; of ECDSA in DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StatementError> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::DerSignature = key.sign(message);
                Ok(signature.as_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::DerSignature = key.sign(message);
                Ok(signature.as_bytes().to_vec())
            }
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // Asked for by the interface; this padding draws nothing from it.
                let unused = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &unused, message, &mut signature).map_err(|_| {
                    self.refuse("its RSA key's numbers do not fit together; export it anew")
                })?;
                Ok(signature)
            }
            Self::Token(token) => token.sign(message),
        }
    }

    /// The certificate among these that belongs to the key, and the others.
    pub(crate) fn pick(
        &self,
        certificates: Vec<Certificate>,
    ) -> Result<(Certificate, Vec<Certificate>), StatementError> {
        let (signature, algorithm) = (self.sign(PROBE)?, self.kind().signature().oid);
        let (mut own, others): (Vec<_>, Vec<_>) = certificates
            .into_iter()
            .partition(|one| one.vouches(algorithm, PROBE, &signature).is_ok());
        match own.pop() {
            Some(leaf) => Ok((leaf, others)),
            None => Err(self.refuse("none of its certificates matches its private key")),
        }
    }

    /// Why what holds the key can't seal.
    pub(crate) fn refuse(&self, why: impl Into<String>) -> StatementError {
        match self {
            Self::P256(_) | Self::P384(_) | Self::Rsa(_) => StatementError::Key(why.into()),
            Self::Token(_) => StatementError::Token(why.into()),
        }
    }
}
