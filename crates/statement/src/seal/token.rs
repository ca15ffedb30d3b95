//! A key in a PKCS#11 token: a smart card, a security module, or SoftHSM.

use super::kind::{Described, Kind, not_sealing};
use crate::error::StatementError;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{
    Attribute, AttributeType, CertificateType, KeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use der::Decode;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What stands before a SHA-256 hash in an RSA signature (DigestInfo, RFC 8017, 9.2).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Where a seal's key lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKey {
    /// The PKCS#11 module: the library of the token's maker.
    pub module: PathBuf,
    /// Which of the module's tokens.
    pub token: TokenName,
    /// Label of the private key.
    pub key: String,
}

/// Which of a module's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenName {
    /// The one with this label.
    Label(String),
    /// The one in this slot.
    Slot(u64),
}

impl TokenName {
    /// Reads a label, or `slot:` and a number.
    ///
    /// # Errors
    /// What is wrong with the number.
    pub fn read(text: &str) -> Result<Self, String> {
        let Some(number) = text.strip_prefix("slot:") else {
            return Ok(Self::Label(text.to_owned()));
        };
        let wrong = |_| format!("{number:?} is no slot: write slot:0, or the token's label");
        number.parse().map(Self::Slot).map_err(wrong)
    }
}

impl std::fmt::Display for TokenName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Label(label) => write!(f, "{label:?}"),
            Self::Slot(slot) => write!(f, "in slot {slot}"),
        }
    }
}

/// An open key in a token.
///
/// One session under a lock, not one for each thread: only the bytes of a hash go through it,
/// laying out and verifying happen outside, many tokens have one processor and few sessions, and a
/// token is left (logged out of) when its last session closes.
pub(crate) struct Token {
    session: Mutex<Session>,
    key: ObjectHandle,
    kind: Kind,
    /// Whether the PIN was tried: a token that this process has open already is not asked.
    asked: bool,
    /// Whether it has an RSA key sign what is hashed already; else it hashes itself.
    takes_hashes: bool,
}

impl Token {
    /// Opens the key, with one try of the PIN; also the certificates in the token, DER.
    pub(super) fn open(
        place: &TokenKey,
        pin: &str,
    ) -> Result<(Self, Vec<Vec<u8>>), StatementError> {
        let module = module(&place.module)?;
        let slot = find_slot(&module, &place.token)?;
        let session = module.open_ro_session(slot).map_err(|error| refused(&error))?;
        let asked = log_in(&module, slot, &session, pin)?;
        let (key, kind) = find_key(&session, &place.key)?;
        let certificates = certificates(&session)?;
        let able = module.get_mechanism_list(slot).map_err(|error| refused(&error))?;
        // A token may list it for unwrapping alone.
        let takes_hashes = able.contains(&MechanismType::RSA_PKCS)
            && module
                .get_mechanism_info(slot, MechanismType::RSA_PKCS)
                .is_ok_and(|info| info.sign());
        Ok((Self { session: Mutex::new(session), key, kind, asked, takes_hashes }, certificates))
    }

    /// Whether the PIN with which it was opened has proved right.
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The signature over `message` that the key's kind makes; of ECDSA in DER.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StatementError> {
        let hash = self.kind.hash().of(&[message]);
        // A token answers with the two numbers of a curve's signature side by side.
        let odd = |_| StatementError::Token("what it answered is no signature of its key".into());
        match self.kind {
            Kind::P256 => {
                let raw = self.ask(&Mechanism::Ecdsa, &hash)?;
                let signature = p256::ecdsa::Signature::from_slice(&raw).map_err(odd)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Kind::P384 => {
                let raw = self.ask(&Mechanism::Ecdsa, &hash)?;
                let signature = p384::ecdsa::Signature::from_slice(&raw).map_err(odd)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Kind::Rsa if self.takes_hashes => {
                self.ask(&Mechanism::RsaPkcs, &[&DIGEST_INFO[..], &hash].concat())
            }
            Kind::Rsa => self.ask(&Mechanism::Sha256RsaPkcs, message),
        }
    }

    fn ask(&self, how: &Mechanism<'_>, message: &[u8]) -> Result<Vec<u8>, StatementError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.sign(how, self.key, message).map_err(|error| refused(&error))
    }
}

/// Why a token does not do what it is asked.
fn refused(error: &Error) -> StatementError {
    let why = match error {
        Error::Pkcs11(
            RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::SessionHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::KeyHandleInvalid,
            _,
        ) => "it was taken out; put it back and open the seal again".to_owned(),
        Error::Pkcs11(RvError::UserNotLoggedIn, _) => {
            "it was closed in the meantime, or asks for its PIN at each signature, which a run \
             can't give; open the seal again, or choose a key without that"
                .to_owned()
        }
        other => format!("its module answers: {other}"),
    };
    StatementError::Token(why)
}

/// The module, loaded once for each process and never unloaded: two seals may come from the same,
/// and a module that is finalized for one is finalized for the other.
fn module(path: &Path) -> Result<Pkcs11, StatementError> {
    static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());
    let failed = |error: &Error| {
        let path = path.display();
        StatementError::Token(format!("the PKCS#11 module {path} can't be loaded: {error}"))
    };
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(module) = loaded.get(&name) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(|error| failed(&error))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(&error)),
    }
    loaded.insert(name, module.clone());
    Ok(module)
}

fn find_slot(module: &Pkcs11, name: &TokenName) -> Result<Slot, StatementError> {
    let slots = module.get_slots_with_initialized_token().map_err(|error| refused(&error))?;
    let mut labels = Vec::new();
    let mut found = Vec::new();
    for slot in slots {
        let Ok(info) = module.get_token_info(slot) else { continue };
        let wanted = match name {
            TokenName::Label(label) => info.label() == label,
            TokenName::Slot(number) => slot.id() == *number,
        };
        if wanted {
            found.push(slot);
        }
        labels.push(format!("{:?} in slot {}", info.label(), slot.id()));
    }
    match (found.as_slice(), labels.is_empty()) {
        ([slot], _) => Ok(*slot),
        ([], true) => Err(StatementError::Token("its module has no token".into())),
        ([], false) => {
            let there = labels.join(", ");
            Err(StatementError::Token(format!("there is no token {name}; there is {there}")))
        }
        _ => Err(StatementError::Token(format!(
            "there are several tokens {name}; name it by its slot"
        ))),
    }
}

/// Tries the PIN once, and not at all where one more failure would lock the token for good. Answers whether
/// it was tried.
fn log_in(
    module: &Pkcs11,
    slot: Slot,
    session: &Session,
    pin: &str,
) -> Result<bool, StatementError> {
    let info = module.get_token_info(slot).map_err(|error| refused(&error))?;
    if info.user_pin_locked() {
        return Err(StatementError::Pin("it is locked; its security officer can unlock it".into()));
    }
    if info.user_pin_final_try() {
        let why = "one more wrong PIN would lock it; open it once with its maker's program first";
        return Err(StatementError::Pin(why.into()));
    }
    match session.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
        Ok(()) => Ok(true),
        // This process has it open already: nothing is given that it does not have, and the PIN may be
        // any.
        Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(false),
        Err(Error::Pkcs11(
            RvError::PinIncorrect | RvError::PinLenRange | RvError::PinInvalid,
            _,
        )) => {
            let why = "it was tried once; type it again, a token locks after a few wrong ones";
            Err(StatementError::Pin(why.into()))
        }
        Err(Error::Pkcs11(RvError::PinLocked, _)) => {
            Err(StatementError::Pin("it is locked; its security officer can unlock it".into()))
        }
        Err(error) => Err(refused(&error)),
    }
}

fn find_key(session: &Session, label: &str) -> Result<(ObjectHandle, Kind), StatementError> {
    let wanted =
        [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(label.as_bytes().to_vec())];
    let found = session.find_objects(&wanted).map_err(|error| refused(&error))?;
    let key = match found.as_slice() {
        [key] => *key,
        [] => return Err(StatementError::Token(format!("it holds no private key {label:?}"))),
        _ => {
            let why =
                format!("it holds several private keys {label:?}; give the seal's its own label");
            return Err(StatementError::Token(why));
        }
    };
    match describe(session, key) {
        Ok(kind) => Ok((key, kind)),
        Err(found) => {
            Err(StatementError::Token(not_sealing(&format!("its key {label:?}"), &found)))
        }
    }
}

/// The kind of a key in a token; else its name.
fn describe(session: &Session, key: ObjectHandle) -> Result<Kind, String> {
    let asked = [AttributeType::KeyType, AttributeType::EcParams, AttributeType::Modulus];
    let (mut algorithm, mut curve, mut modulus) = (None, None, None);
    for stated in session.get_attributes(key, &asked).unwrap_or_default() {
        match stated {
            Attribute::KeyType(KeyType::EC) => algorithm = Some(ID_EC_PUBLIC_KEY),
            Attribute::KeyType(KeyType::RSA) => algorithm = Some(RSA_ENCRYPTION),
            Attribute::EcParams(der) => curve = ObjectIdentifier::from_der(&der).ok(),
            Attribute::Modulus(bytes) => modulus = Some(bytes),
            _ => {}
        }
    }
    let algorithm = algorithm.ok_or("of another kind")?;
    Kind::of(Described { algorithm, curve, modulus: modulus.as_deref() })
}

fn certificates(session: &Session) -> Result<Vec<Vec<u8>>, StatementError> {
    let wanted = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
    ];
    let mut all = Vec::new();
    for object in session.find_objects(&wanted).map_err(|error| refused(&error))? {
        let stated = session.get_attributes(object, &[AttributeType::Value]);
        for attribute in stated.map_err(|error| refused(&error))? {
            if let Attribute::Value(der) = attribute {
                all.push(der);
            }
        }
    }
    Ok(all)
}
