//! The seal: an organisation's key and certificate, and how a statement is signed with them
//! (PAdES baseline B-B), or sealed and time-stamped (B-T).

pub(crate) mod certificate;
pub(crate) mod cms;
mod key;
pub(crate) mod kind;
mod token;
pub(crate) mod update;

pub use token::{TokenKey, TokenName};

use crate::error::StatementError;
use crate::pdf::Id;
use crate::stamp::StampRequest;
use crate::verify::Trust;
use certificate::{Certificate, NotVouched};
use chrono::{DateTime, Utc};
use cms::Signed;
use key::Key;
use p12_keystore::Pkcs12Archive;
use sha2::{Digest, Sha256};
use token::Token;
use update::Update;

/// Room for the signature, in bytes: a B-B signature with its chain takes about 2 KB. A longer one
/// gets more, see [`room`].
const ROOM: usize = 6 * 1024;
/// … and with a time stamp and the certificates of its authority.
pub(crate) const STAMPED_ROOM: usize = 12 * 1024;

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
    key: Key,
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
    /// Opens a PKCS#12 file: one key (RSA of 2048, 3072 or 4096 bits, P-256 or P-384), the
    /// certificate that belongs to it, and the certificates above that one.
    ///
    /// # Errors
    /// [`StatementError::Password`] when the password is wrong; [`StatementError::Key`], by name,
    /// when the file is not PKCS#12, holds no key, a key of another kind, no certificate that
    /// matches the key, or one that is not meant for signing documents.
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
        let key = Key::held(bag.key.as_der())?;
        let certificates = archive
            .certs
            .iter()
            .map(|bag| Certificate::from_der(bag.cert.as_der()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StatementError::Key(format!("a certificate in it: {error}")))?;
        Self::new(key, certificates)
    }

    /// Opens a key in a PKCS#11 token. Its certificates come from the token and from `beside`, a
    /// file in PEM (one or several) or in DER. The PIN is tried once; where this process has the
    /// token open already, it is not asked for again.
    ///
    /// # Errors
    /// [`StatementError::Pin`] when the PIN is wrong, or the token is locked or about to lock;
    /// [`StatementError::Token`], by name, when the module can't be loaded, there is no such token
    /// or key, the key is of a kind that does not seal, or no certificate matches it or may sign.
    pub fn from_token(
        place: &TokenKey,
        pin: &str,
        beside: Option<&[u8]>,
    ) -> Result<Self, StatementError> {
        let (token, inside) = Token::open(place, pin)?;
        let mut certificates = match beside {
            Some(file) => certificate::read_file(file).map_err(|error| {
                StatementError::Token(format!("the certificates beside it: {error}"))
            })?,
            None => Vec::new(),
        };
        // A token may hold other people's certificates, too: what can't be read is none of ours.
        for der in inside {
            certificates.extend(Certificate::from_der(&der));
        }
        Self::new(Key::Token(token), certificates)
    }

    fn new(key: Key, certificates: Vec<Certificate>) -> Result<Self, StatementError> {
        let (leaf, others) = key.pick(certificates)?;
        if let Err(why) = leaf.may_seal() {
            let why = format!(
                "its certificate is that of {}, and {why}; ask whoever issued it for one that is for \
                 signing documents",
                leaf.subject()
            );
            return Err(key.refuse(why));
        }
        let chain = above(&leaf, others);
        Ok(Self { key, leaf, chain })
    }

    /// Who the seal says sealed: the certificate's subject.
    #[must_use]
    pub fn subject(&self) -> String {
        self.leaf.subject()
    }

    /// Whether the password or PIN with which it was opened has proved right. A token that this process has
    /// open already is not asked: its PIN may have been any, and is not to be kept.
    #[must_use]
    pub fn secret_is_proven(&self) -> bool {
        match &self.key {
            Key::Token(token) => token.asked(),
            Key::P256(_) | Key::P384(_) | Key::Rsa(_) => true,
        }
    }

    /// SHA-256 of the seal's certificate, hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.leaf.der()))
    }

    /// Looks whether the certificate is valid at `at`; asked before a run begins.
    ///
    /// # Errors
    /// [`StatementError::Key`] or [`StatementError::Token`] when it has expired or is not yet valid.
    pub fn check(&self, at: DateTime<Utc>) -> Result<(), StatementError> {
        self.leaf.valid_at(at).map_err(|why| self.key.refuse(why))
    }

    /// Seals a statement. `at` is the signing time that the seal states. The result begins with
    /// exactly the unsigned bytes; the same input gives the same result, but where a key on a curve
    /// lies in a token: each of its signatures is another.
    ///
    /// # Errors
    /// [`StatementError::Key`] or [`StatementError::Token`] when the certificate is not valid at
    /// `at`, or the token does not answer; [`StatementError::Internal`] when the signature could not be made.
    pub fn sign(&self, unsigned: &Unsigned, at: DateTime<Utc>) -> Result<Vec<u8>, StatementError> {
        let (update, signed) = self.made(unsigned, at, 0)?;
        let whole = signed.encode(None)?;
        update.fill(&whole).ok_or_else(|| {
            self.key.refuse("its chain of certificates is too long to be sealed with")
        })
    }

    /// Seals a statement that an authority shall stamp with the time: [`Unstamped::ask`] makes the
    /// question for it, [`Unstamped::stamp`] takes its answer. Without that there is no file.
    ///
    /// # Errors
    /// As [`Seal::sign`].
    pub fn sign_to_stamp(
        &self,
        unsigned: &Unsigned,
        at: DateTime<Utc>,
    ) -> Result<Unstamped, StatementError> {
        let (update, signed) = self.made(unsigned, at, STAMPED_ROOM - ROOM)?;
        Ok(Unstamped { update, signed })
    }

    fn made(
        &self,
        unsigned: &Unsigned,
        at: DateTime<Utc>,
        beside: usize,
    ) -> Result<(Update, Signed), StatementError> {
        self.check(at)?;
        let room = room(&self.leaf, &self.chain) + beside;
        let update = Update::new(unsigned, &self.leaf.common_name(), at, room);
        let signed = self.sign_parts(&update.covered())?;
        Ok((update, signed))
    }

    /// Signs these bytes, one part after the other.
    pub(crate) fn sign_parts(&self, parts: &[&[u8]]) -> Result<Signed, StatementError> {
        cms::sign(&self.key, &self.leaf, &self.chain, parts)
    }
}

/// A statement that is sealed, and waits for its time stamp.
pub struct Unstamped {
    update: Update,
    signed: Signed,
}

impl std::fmt::Debug for Unstamped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unstamped").finish_non_exhaustive()
    }
}

impl Unstamped {
    /// What to ask an authority (RFC 3161). `random` comes from the domain's one source of
    /// randomness; `policy` is the authority's, where one is wanted: `1.3.6.1.4.1.4146.2.3`.
    ///
    /// # Errors
    /// [`StatementError::Field`] when the policy is no object identifier.
    pub fn ask(
        &self,
        random: &[u8; 32],
        policy: Option<&str>,
    ) -> Result<StampRequest, StatementError> {
        StampRequest::new(self.signed.kind().hash(), &[self.signed.signature()], random, policy)
    }

    /// Takes the answer, when it holds: asked just this and just now (within five minutes of
    /// `now`), signed by an authority under `roots` that is meant for time stamps alone.
    ///
    /// # Errors
    /// [`StatementError::Stamp`] with what does not hold.
    pub fn stamp(
        self,
        request: &StampRequest,
        reply: &[u8],
        roots: &Trust,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, StatementError> {
        let token = request.accept(reply, roots, now).map_err(StatementError::Stamp)?;
        let whole = self.signed.encode(Some(&token))?;
        self.update.fill(&whole).ok_or_else(too_long)
    }
}

/// A time stamp that a file has no room for.
pub(crate) fn too_long() -> StatementError {
    let why = "with its certificates it is longer than a statement has room for";
    StatementError::Stamp(why.into())
}

/// The room that a seal takes without a time stamp. Besides its certificates it holds a signature and
/// an issuer's name, which are shorter than the certificate that they belong to.
fn room(leaf: &Certificate, chain: &[Certificate]) -> usize {
    let carried: usize = chain.iter().map(|one| one.der().len()).sum();
    (2 * leaf.der().len() + carried + 1024).next_multiple_of(1024).max(ROOM)
}

/// The certificates that stand between this one and its root, which is not carried along.
fn above(leaf: &Certificate, mut others: Vec<Certificate>) -> Vec<Certificate> {
    others.retain(|one| !one.is_self_signed());
    let mut chain: Vec<Certificate> = Vec::new();
    loop {
        let below = chain.last().unwrap_or(leaf);
        let issued = |one: &Certificate| {
            below.names_issuer(one) && below.signed_by(one) != Err(NotVouched::Wrong)
        };
        let Some(next) = others.iter().position(issued) else {
            return chain;
        };
        chain.push(others.swap_remove(next));
    }
}
