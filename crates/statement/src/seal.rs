//! The seal: an organisation's key and certificate, and how a statement is signed with them
//! (PAdES baseline B-B).

pub(crate) mod certificate;
pub(crate) mod cms;

use crate::error::StatementError;
use crate::pdf::assemble::{pdf_date, seal_field};
use crate::pdf::{Dict, Id, Value, identifier, name, text, write_value};
use certificate::Certificate;
use chrono::{DateTime, Utc};
use p12_keystore::Pkcs12Archive;
use p256::ecdsa::SigningKey;
use p256::pkcs8::DecodePrivateKey;
use sha2::{Digest, Sha256};

/// Room for the signature, in bytes: a B-B signature with its chain takes about 2 KB.
const CONTENTS_ROOM: usize = 6 * 1024;

/// A statement that is laid out and not yet sealed. The same document gives the same bytes.
#[derive(Clone)]
pub struct Unsigned {
    /// The file; the sealed one begins with exactly these bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
    pub(crate) layout: FileLayout,
}

impl std::fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (length, hash) = (self.bytes.len(), hex::encode(self.sha256));
        f.debug_struct("Unsigned").field("bytes", &length).field("sha256", &hash).finish()
    }
}

/// Where in the file the update that seals it attaches.
#[derive(Debug, Clone)]
pub(crate) struct FileLayout {
    pub(crate) root: Id,
    pub(crate) info: Id,
    pub(crate) size: u32,
    pub(crate) xref: usize,
    pub(crate) identifier: Vec<u8>,
    pub(crate) widget: Id,
    pub(crate) first_page: Id,
    pub(crate) struct_parent: usize,
    pub(crate) seal_words: String,
}

/// A key with its certificates, ready to seal.
pub struct Seal {
    key: SigningKey,
    leaf: Certificate,
    /// The certificates between the seal's and the root, which the file carries along.
    chain: Vec<Certificate>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("subject", &self.leaf.subject()).finish_non_exhaustive()
    }
}

impl Seal {
    /// Opens a PKCS#12 file: one P-256 key, the certificate that belongs to it, and the
    /// certificates above that one.
    ///
    /// # Errors
    /// [`StatementError::Password`] when the password is wrong; [`StatementError::Key`], by name,
    /// when the file is not PKCS#12, holds no key, a key that is not P-256, no certificate that
    /// matches the key, or one whose usage does not allow signing.
    pub fn from_pkcs12(file: &[u8], password: &str) -> Result<Self, StatementError> {
        let archive = Pkcs12Archive::from_pkcs12(file, password).map_err(|error| match error {
            p12_keystore::error::Error::MacError(_)
            | p12_keystore::error::Error::Pkcs5Error(_)
            | p12_keystore::error::Error::UnpadError => StatementError::Password,
            other => StatementError::Key(format!("it can't be read: {other}")),
        })?;
        let mut keys = archive.keys.iter();
        let bag = match (keys.next(), keys.next()) {
            (Some(bag), None) => bag,
            (None, _) => return Err(StatementError::Key("it holds no private key".into())),
            (Some(_), Some(_)) => {
                let message = "it holds several private keys; export the seal's alone";
                return Err(StatementError::Key(message.into()));
            }
        };
        let key = SigningKey::from_pkcs8_der(bag.key.as_der()).map_err(|_| {
            let message = "its private key is not a P-256 key, the only kind that this version \
                           seals with";
            StatementError::Key(message.into())
        })?;
        let certificates = archive
            .certs
            .iter()
            .map(|bag| Certificate::from_der(bag.cert.as_der()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StatementError::Key(format!("a certificate in it: {error}")))?;
        Self::new(key, certificates)
    }

    fn new(key: SigningKey, certificates: Vec<Certificate>) -> Result<Self, StatementError> {
        let public = key.verifying_key().to_sec1_point(false);
        let (mut own, mut others): (Vec<_>, Vec<_>) = certificates
            .into_iter()
            .partition(|certificate| certificate.public_point() == Some(public.as_bytes()));
        let leaf = own.pop().ok_or_else(|| {
            StatementError::Key("none of its certificates matches its private key".into())
        })?;
        if !leaf.may_sign() {
            let message = format!("the usage of the certificate {} is not signing", leaf.subject());
            return Err(StatementError::Key(message));
        }
        others.retain(|certificate| !certificate.is_self_signed());
        Ok(Self { key, leaf, chain: others })
    }

    /// Who the seal says sealed: the certificate's subject.
    #[must_use]
    pub fn subject(&self) -> String {
        self.leaf.subject()
    }

    /// SHA-256 of the seal's certificate, hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.leaf.der()))
    }

    /// Looks whether the certificate is valid at `at`; asked before a run begins.
    ///
    /// # Errors
    /// [`StatementError::Key`] when it has expired or is not yet valid.
    pub fn check(&self, at: DateTime<Utc>) -> Result<(), StatementError> {
        self.leaf.valid_at(at).map_err(StatementError::Key)
    }

    /// Seals a statement. `at` is the signing time that the seal states. The result begins with
    /// exactly the unsigned bytes; the same input gives the same result.
    ///
    /// # Errors
    /// [`StatementError::Key`] when the certificate is not valid at `at`;
    /// [`StatementError::Internal`] when the signature could not be made.
    pub fn sign(&self, unsigned: &Unsigned, at: DateTime<Utc>) -> Result<Vec<u8>, StatementError> {
        self.check(at)?;
        let mut update = Update::new(unsigned, &self.leaf.common_name(), at);
        let hash = update.hash();
        let signature = cms::sign(&self.key, &self.leaf, &self.chain, &hash)
            .map_err(|error| StatementError::Internal(format!("signing: {error}")))?;
        update.fill(&signature)?;
        Ok(update.bytes)
    }
}

/// The file with room for its signature.
struct Update {
    bytes: Vec<u8>,
    /// Where the hexadecimal signature begins (at its `<`) and where it has ended.
    gap: (usize, usize),
}

impl Update {
    fn new(unsigned: &Unsigned, signer: &str, at: DateTime<Utc>) -> Self {
        let layout = &unsigned.layout;
        let mut bytes = unsigned.bytes.clone();
        let signature = layout.size;
        let signature_at = bytes.len();
        let date = pdf_date(at);
        bytes.extend(format!("{signature} 0 obj\n").bytes());
        let dict = Dict::new("Sig")
            .with("Filter", name("Adobe.PPKLite"))
            .with("SubFilter", name("ETSI.CAdES.detached"))
            .with("Name", text(signer))
            .with("M", text(&date));
        write_value(&mut bytes, &dict.into());
        bytes.truncate(bytes.len() - 2);
        bytes.extend(b"/ByteRange ");
        let range_at = bytes.len();
        bytes.extend([b' '; RANGE_ROOM]);
        bytes.extend(b"/Contents ");
        let start = bytes.len();
        bytes.push(b'<');
        bytes.extend(vec![b'0'; CONTENTS_ROOM * 2]);
        bytes.push(b'>');
        let end = bytes.len();
        bytes.extend(b">>\nendobj\n");

        let widget_at = bytes.len();
        let field = seal_field(layout.first_page, layout.struct_parent, &layout.seal_words)
            .with("V", Value::Ref(signature));
        bytes.extend(format!("{} 0 obj\n", layout.widget).bytes());
        write_value(&mut bytes, &field.into());
        bytes.extend(b"\nendobj\n");

        let xref = bytes.len();
        let table = format!(
            "xref\n{} 1\n{widget_at:010} 00000 n \n{signature} 1\n{signature_at:010} 00000 n \n",
            layout.widget
        );
        bytes.extend(table.bytes());
        bytes.extend(b"trailer\n");
        let state = identifier(&[unsigned.sha256.as_slice(), date.as_bytes()].concat());
        let trailer = Dict::default()
            .with("Size", i64::from(signature) + 1)
            .with("Root", Value::Ref(layout.root))
            .with("Info", Value::Ref(layout.info))
            .with("ID", vec![Value::Bytes(layout.identifier.clone()), Value::Bytes(state)])
            .with("Prev", i64::try_from(layout.xref).unwrap_or(i64::MAX));
        write_value(&mut bytes, &trailer.into());
        bytes.extend(format!("\nstartxref\n{xref}\n%%EOF\n").bytes());
        let range = format!("[0 {start} {end} {}]", bytes.len() - end);
        bytes[range_at..range_at + range.len()].copy_from_slice(range.as_bytes());
        Self { bytes, gap: (start, end) }
    }

    /// SHA-256 of the whole file but the signature.
    fn hash(&self) -> [u8; 32] {
        let (start, end) = self.gap;
        Sha256::new()
            .chain_update(&self.bytes[..start])
            .chain_update(&self.bytes[end..])
            .finalize()
            .into()
    }

    fn fill(&mut self, signature: &[u8]) -> Result<(), StatementError> {
        if signature.len() > CONTENTS_ROOM {
            let message = "its chain of certificates is too long to be sealed with";
            return Err(StatementError::Key(message.into()));
        }
        let digits = hex::encode(signature);
        let start = self.gap.0 + 1;
        self.bytes[start..start + digits.len()].copy_from_slice(digits.as_bytes());
        Ok(())
    }
}

/// Room for a byte range of four numbers up to ten digits.
const RANGE_ROOM: usize = 40;
