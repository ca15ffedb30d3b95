//! The seal that this desk signs with, and the roots that it trusts.

use crate::{
    desk::Desk,
    problem::file,
    profile::{private_file, private_folder},
    seat::Inside,
};
use chrono::TimeDelta;
use makegood_domain::{Code, Problem};
use makegood_statement::{Seal, Trust, authority, write_whole};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The demo's PKCS#12 guards nothing, and says so in its certificate.
const DEMO_PASSWORD: &str = "demo";
/// The largest PKCS#12 and root file that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Where the seal lies, and the seal itself once it is open. The password is not kept.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    open: Mutex<Option<Arc<Seal>>>,
}

impl Keys {
    /// Keys beside the profiles: `seal.p12` and `trust.pem` in `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, open: Mutex::new(None) }
    }

    fn set(&self, seal: Seal) -> Arc<Seal> {
        let seal = Arc::new(seal);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&seal));
        seal
    }

    fn get(&self) -> Option<Arc<Seal>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file with the roots, PEM.
    pub(crate) fn trust_file(&self) -> PathBuf {
        self.folder.join("trust.pem")
    }
}

impl Inside {
    /// The seal to sign with. The demo makes its own on first use.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when there is none; [`Code::KeyPassword`]; [`Code::File`].
    pub(crate) fn seal(&self) -> Result<Arc<Seal>, Problem> {
        if let Some(seal) = self.keys.get() {
            return Ok(seal);
        }
        let who = self.who();
        if !who.demo {
            return Err(Problem::new(
                Code::KeyInvalid,
                "no seal is open: choose the PKCS#12 file and give its password",
            ));
        }
        let path = self.keys.folder.join("seal.p12");
        if !path.exists() {
            self.make_demo_seal(&who.company, &path)?;
        }
        let seal = Seal::from_pkcs12(&read(&path)?, DEMO_PASSWORD)?;
        Ok(self.keys.set(seal))
    }

    /// The roots that this desk trusts: of its own seal, and nobody else's.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when no root is known; [`Code::File`].
    pub(crate) fn trust(&self) -> Result<Trust, Problem> {
        read_trust(&self.keys.trust_file())
    }

    fn make_demo_seal(&self, company: &str, path: &Path) -> Result<(), Problem> {
        private_folder(&self.keys.folder)?;
        let now = self.now();
        let random = &self.ground.random;
        let (from, to) = (now - TimeDelta::days(400), now + TimeDelta::days(3650));
        let made = authority::make(company, DEMO_PASSWORD, from, to, || random.bytes32())?;
        // The key last: where it is, the root is, too.
        write_whole(&self.keys.trust_file(), made.root_pem.as_bytes())?;
        write_whole(path, &made.pkcs12)?;
        private_file(path)
    }
}

impl Desk {
    /// Opens the seal in a PKCS#12 file. The password is not kept; the seal is, until the seat is
    /// left. `trust` is a PEM file with the root above it.
    ///
    /// # Errors
    /// [`Code::KeyPassword`], [`Code::KeyInvalid`], [`Code::File`].
    pub async fn open_seal(
        &self,
        pkcs12: &Path,
        password: &str,
        trust: &Path,
    ) -> Result<String, Problem> {
        let inside = self.inside().await?;
        let seal = Seal::from_pkcs12(&read(pkcs12)?, password)?;
        seal.check(inside.now())?;
        let roots = read(trust)?;
        read_trust(trust)?;
        private_folder(&inside.keys.folder)?;
        write_whole(&inside.keys.trust_file(), &roots)?;
        Ok(inside.keys.set(seal).subject())
    }
}

/// Reads a PEM file of roots.
///
/// # Errors
/// [`Code::File`]; [`Code::KeyInvalid`] when it holds none.
pub fn read_trust(path: &Path) -> Result<Trust, Problem> {
    Trust::from_file(&read(path)?)
        .map_err(|why| Problem::new(Code::KeyInvalid, format!("{}: {why}", path.display())))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let size = std::fs::metadata(path).map_err(|error| file(path, &error))?.len();
    if size > MOST_BYTES {
        let why = format!("{}: far too large for a key", path.display());
        return Err(Problem::new(Code::KeyInvalid, why));
    }
    std::fs::read(path).map_err(|error| file(path, &error))
}
