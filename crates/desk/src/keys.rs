//! The seal that this desk signs with, and the roots that it trusts.

use crate::{
    desk::Desk,
    problem::file,
    profile::{private_file, private_folder},
    seat::Inside,
    stamp::{Authority, StampPlace},
};
use chrono::TimeDelta;
use makegood_domain::{Code, Problem};
use makegood_statement::{Seal, TokenKey, Trust, authority, write_whole};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The demo's PKCS#12 guards nothing, and says so in its certificate.
const DEMO_PASSWORD: &str = "demo";
/// The largest file of a key, of certificates or of a revocation list that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Where a seal's key lies, as a person chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealPlace {
    /// In a PKCS#12 file, with its certificates; the secret is the file's password.
    File(PathBuf),
    /// In a PKCS#11 token; the secret is its PIN.
    Token {
        /// The key.
        key: TokenKey,
        /// Its certificates (PEM or DER), where the token does not hold them.
        certificates: Option<PathBuf>,
    },
}

impl SealPlace {
    fn open(&self, secret: &str) -> Result<Seal, Problem> {
        match self {
            Self::File(pkcs12) => Ok(Seal::from_pkcs12(&read(pkcs12)?, secret)?),
            Self::Token { key, certificates } => {
                let beside = certificates.as_deref().map(read).transpose()?;
                Ok(Seal::from_token(key, secret, beside.as_deref())?)
            }
        }
    }
}

/// What is sealed with: an open seal, and the authority that stamps what it seals, if any.
#[derive(Debug, Clone)]
pub(crate) struct Sealer {
    pub(crate) seal: Arc<Seal>,
    pub(crate) stamps: Option<Arc<Authority>>,
}

/// Where the seal lies, and the seal itself once it is open. The password is not kept.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    open: Mutex<Option<Sealer>>,
    /// Held while a kept password is tried: it is tried once.
    pub(crate) unlocking: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Keys beside the profiles: `seal.p12` and `trust.pem` in `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, open: Mutex::new(None), unlocking: tokio::sync::Mutex::new(()) }
    }

    fn set(&self, seal: Seal, stamps: Option<Authority>) -> Sealer {
        let sealer = Sealer { seal: Arc::new(seal), stamps: stamps.map(Arc::new) };
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(sealer.clone());
        sealer
    }

    fn get(&self) -> Option<Sealer> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whose seal is open.
    pub(crate) fn subject(&self) -> Option<String> {
        self.get().map(|sealer| sealer.seal.subject())
    }

    /// The file with the roots, PEM.
    pub(crate) fn trust_file(&self) -> PathBuf {
        self.folder.join("trust.pem")
    }

    /// The file with the roots above authorities for time stamps; there is none before one is chosen.
    fn stamp_trust_file(&self) -> PathBuf {
        self.folder.join("stamps.pem")
    }
}

impl Inside {
    /// What to seal with. The demo makes its own on first use.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when there is none; [`Code::KeyPassword`]; [`Code::File`].
    pub(crate) fn sealer(&self) -> Result<Sealer, Problem> {
        if let Some(sealer) = self.keys.get() {
            return Ok(sealer);
        }
        let who = self.who();
        if !who.demo {
            return Err(Problem::new(
                Code::KeyInvalid,
                "no seal is open: choose a PKCS#12 file or a token in the settings (on a terminal with --seal), and give its \
                 password or PIN",
            ));
        }
        let path = self.keys.folder.join("seal.p12");
        if !path.exists() {
            self.make_demo_seal(&who.company, &path)?;
        }
        let seal = Seal::from_pkcs12(&read(&path)?, DEMO_PASSWORD)?;
        Ok(self.keys.set(seal, None))
    }

    /// The roots that this desk trusts: of its own seal and of the authority for time stamps, and
    /// nobody else's.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when no root is known; [`Code::File`].
    pub(crate) fn trust(&self) -> Result<Trust, Problem> {
        let trust = read_trust(&self.keys.trust_file())?;
        let stamps = self.keys.stamp_trust_file();
        Ok(if stamps.exists() { trust.with_time_stamps(&read_trust(&stamps)?) } else { trust })
    }

    /// The same, or nobody where no seal has been chosen yet.
    ///
    /// # Errors
    /// As [`Self::trust`].
    pub(crate) fn known_roots(&self) -> Result<Option<Trust>, Problem> {
        self.keys.trust_file().exists().then(|| self.trust()).transpose()
    }

    /// Whether this desk trusts any authority for time stamps.
    pub(crate) fn knows_stamps(&self) -> bool {
        self.keys.stamp_trust_file().exists()
    }

    fn make_demo_seal(&self, company: &str, path: &Path) -> Result<(), Problem> {
        private_folder(&self.keys.folder)?;
        let now = self.now();
        let odd = |why| Problem::new(Code::Internal, why);
        let random = &self.ground.random;
        let (from, to) = (now - TimeDelta::days(400), now + TimeDelta::days(3650));
        let made = authority::make(company, DEMO_PASSWORD, from, to, || random.bytes32())?;
        // The key last: where it is, the root is, too.
        add_roots(&self.keys.trust_file(), &Trust::from_der([made.root.as_slice()]).map_err(odd)?)?;
        write_whole(path, &made.pkcs12)?;
        private_file(path)
    }
}

impl Desk {
    /// Opens a seal with its password or PIN, which is not kept; the seal is, until the seat is
    /// left. `trust` is a file with the root above it, which is trusted from then on beside those before.
    /// With `stamps`, all that it seals from now on bears a time stamp of that authority, or is not
    /// released.
    ///
    /// # Errors
    /// [`Code::KeyPassword`], [`Code::KeyInvalid`], [`Code::File`]; [`Code::Invalid`] for an
    /// authority's address that is none; [`Code::WrongState`] in the demo.
    pub async fn open_seal(
        &self,
        place: &SealPlace,
        secret: &str,
        trust: &Path,
        stamps: Option<&StampPlace>,
    ) -> Result<String, Problem> {
        Ok(self.opened(place, secret, trust, stamps).await?.subject())
    }

    /// … and the open seal itself.
    pub(crate) async fn opened(
        &self,
        place: &SealPlace,
        secret: &str,
        trust: &Path,
        stamps: Option<&StampPlace>,
    ) -> Result<Arc<Seal>, Problem> {
        let inside = self.inside().await?;
        if inside.who().demo {
            let why = "the demo seals with a key of its own, which says so, and nobody's real seal or time stamp is used in the \
                       demo: connect to your own service first";
            return Err(Problem::new(Code::WrongState, why));
        }
        let (place, secret) = (place.clone(), secret.to_owned());
        // A token takes its time.
        let seal = tokio::task::spawn_blocking(move || place.open(&secret))
            .await
            .map_err(|_| Problem::new(Code::Internal, "opening the seal stopped"))??;
        seal.check(inside.now())?;
        let roots = read_trust(trust)?;
        private_folder(&inside.keys.folder)?;
        add_roots(&inside.keys.trust_file(), &roots)?;
        let stamps = match stamps {
            None => None,
            Some(place) => {
                let authority = Authority::new(place)?;
                add_roots(&inside.keys.stamp_trust_file(), &authority.roots)?;
                Some(authority)
            }
        };
        Ok(inside.keys.set(seal, stamps).seal)
    }
}

/// Adds roots to a file of them. Those before stay: what was sealed or stamped under them is still to
/// be verified.
fn add_roots(path: &Path, more: &Trust) -> Result<(), Problem> {
    let before = if path.exists() { read_trust(path) } else { Ok(Trust::none()) };
    let before = match before {
        // In what can't be read there is nothing to keep.
        Err(problem) if problem.code == Code::KeyInvalid => Trust::none(),
        before => before?,
    };
    Ok(write_whole(path, before.and(more).to_pem()?.as_bytes())?)
}

/// Reads a PEM file of roots.
///
/// # Errors
/// [`Code::File`]; [`Code::KeyInvalid`] when it holds none.
pub fn read_trust(path: &Path) -> Result<Trust, Problem> {
    Trust::from_file(&read(path)?)
        .map_err(|why| Problem::new(Code::KeyInvalid, format!("{}: {why}", path.display())))
}

/// Reads a small file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let size = std::fs::metadata(path).map_err(|error| file(path, &error))?.len();
    if size > MOST_BYTES {
        let why = format!("{}: far too large for a key, certificates or a list", path.display());
        return Err(Problem::new(Code::KeyInvalid, why));
    }
    std::fs::read(path).map_err(|error| file(path, &error))
}
