//! The kinds of keys that seal, and what each of them signs with.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, ID_RSASSA_PSS, ID_SHA_256,
    ID_SHA_384, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1,
    SHA_256_WITH_RSA_ENCRYPTION,
};
use const_oid::db::rfc8410::ID_ED_25519;
use der::asn1::{Any, Null};
use ring::digest::{Algorithm, Context, SHA256, SHA384};
use spki::AlgorithmIdentifierOwned;

/// How long an RSA key's modulus may be, in bits.
const RSA_BITS: [usize; 3] = [2048, 3072, 4096];

/// A kind of key that seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// ECDSA over SHA-256.
    P256,
    /// ECDSA over SHA-384.
    P384,
    /// PKCS#1 v1.5 over SHA-256.
    Rsa,
}

/// A key, as whatever holds it describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described<'a> {
    pub(crate) algorithm: ObjectIdentifier,
    pub(crate) curve: Option<ObjectIdentifier>,
    /// An RSA key's, its most significant byte first.
    pub(crate) modulus: Option<&'a [u8]>,
}

impl Kind {
    /// The kind of a key; else in words what it is instead: `an Ed25519 key`.
    pub(crate) fn of(key: Described<'_>) -> Result<Self, String> {
        match (key.algorithm, key.curve) {
            (ID_EC_PUBLIC_KEY, Some(SECP_256_R_1)) => Ok(Self::P256),
            (ID_EC_PUBLIC_KEY, Some(SECP_384_R_1)) => Ok(Self::P384),
            (RSA_ENCRYPTION, _) => match key.modulus.map(bits) {
                Some(bits) if RSA_BITS.contains(&bits) => Ok(Self::Rsa),
                Some(bits) => Err(format!("an RSA key of {bits} bits")),
                None => Err("an RSA key of a length that it does not tell".to_owned()),
            },
            (ID_RSASSA_PSS, _) => Err("an RSA-PSS key".to_owned()),
            (ID_ED_25519, _) => Err("an Ed25519 key".to_owned()),
            (ID_EC_PUBLIC_KEY, Some(SECP_521_R_1)) => Err("a P-521 key".to_owned()),
            (ID_EC_PUBLIC_KEY, Some(curve)) => Err(format!("a key on the curve {curve}")),
            (algorithm, _) => Err(format!("a key of the kind {algorithm}")),
        }
    }

    /// What it hashes with: the file, what is signed about it, and for its time stamp.
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::P256 | Self::Rsa => Hash::Sha256,
            Self::P384 => Hash::Sha384,
        }
    }

    /// What its signatures are called.
    pub(crate) fn signature(self) -> AlgorithmIdentifierOwned {
        // RFC 5754: with ECDSA there is no parameter, with RSA it is NULL.
        let (oid, parameters) = match self {
            Self::P256 => (ECDSA_WITH_SHA_256, None),
            Self::P384 => (ECDSA_WITH_SHA_384, None),
            Self::Rsa => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::from(Null))),
        };
        AlgorithmIdentifierOwned { oid, parameters }
    }
}

/// What a key is told that is none of those which seal here.
pub(crate) fn not_sealing(whose: &str, found: &str) -> String {
    format!(
        "{whose} is {found}; this version seals with RSA keys of 2048, 3072 or 4096 bits and with \
         P-256 and P-384 keys, so have such a one certified"
    )
}

fn bits(modulus: &[u8]) -> usize {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros());
    (modulus.len() - zeros) * 8 - usize::try_from(first).unwrap_or_default()
}

/// A way of hashing that a kind of key goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
        }
    }

    pub(crate) fn identifier(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: self.oid(), parameters: None }
    }

    /// In words: `SHA-256`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
        }
    }

    /// The hash of these bytes, one part after the other.
    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        let algorithm: &'static Algorithm = match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
        };
        let mut context = Context::new(algorithm);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::{Described, Kind, RSA_ENCRYPTION, bits};

    #[test]
    fn an_rsa_keys_length_counts_from_its_first_set_bit() {
        assert_eq!((bits(&[]), bits(&[0, 0])), (0, 0));
        assert_eq!((bits(&[0, 1]), bits(&[0x80, 0]), bits(&[0x7f, 0])), (1, 16, 15));
        fn of(modulus: Option<&[u8]>) -> Result<Kind, String> {
            Kind::of(Described { algorithm: RSA_ENCRYPTION, curve: None, modulus })
        }
        for (length, first, held) in [(256, 0x80, true), (256, 0x7f, false), (640, 0x80, false)] {
            let mut modulus = vec![0; length];
            modulus[0] = first;
            assert_eq!(of(Some(&modulus)).is_ok(), held, "{length} bytes from {first}");
        }
        assert!(of(None).unwrap_err().contains("does not tell"));
    }
}
