//! Where a person's profile lies: each address of a central has one of its own.
//!
//! A central that is put back elsewhere, so that somebody can try something, knows the same people by
//! the same ids. What is decided there must never be sent to the other one, nor what waits for the other
//! one be sent there.

use crate::{
    delivery, desk::Desk, outbox::Outbox, profile::Profile, seat::Inside, session::Session,
    statement,
};
use makegood_domain::{Clock, Code, Problem};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// Under this name a profile keeps the address that its decisions are for.
const ADDRESS: &str = "central";

/// What lies in a person's profile of another address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Elsewhere {
    /// The other address.
    pub address: String,
    /// How many decisions wait there to be sent.
    pub waiting: u32,
    /// How many came back, and wait for their author.
    pub returned: u32,
}

/// The folder of a profile, by the folder that the person alone would have.
pub(super) async fn folder(person: PathBuf, address: &str) -> Result<PathBuf, Problem> {
    match address_of(&person).await? {
        Some(other) if other != address => Ok(beside(&person, address)),
        _ => Ok(person),
    }
}

/// Notes whom what is decided in a profile is for.
pub(super) async fn note(profile: &Profile, address: &str) -> Result<(), Problem> {
    profile.set(ADDRESS, address).await
}

fn beside(person: &Path, address: &str) -> PathBuf {
    let mut name = person.file_name().unwrap_or_default().to_owned();
    name.push("@");
    name.push(&hex::encode(Sha256::digest(address))[..12]);
    person.with_file_name(name)
}

/// The person's own folder, of one that lies beside it.
fn first(folder: &Path) -> Option<PathBuf> {
    let (person, _) = folder.file_name()?.to_str()?.split_once('@')?;
    Some(folder.with_file_name(person))
}

async fn address_of(folder: &Path) -> Result<Option<String>, Problem> {
    if !folder.join("user.db").exists() {
        return Ok(None);
    }
    let profile = Profile::open(folder).await?;
    let address = profile.setting(ADDRESS).await;
    profile.close().await;
    address
}

async fn look(folder: &Path, clock: &Clock) -> Result<Option<Elsewhere>, Problem> {
    if !folder.join("user.db").exists() {
        return Ok(None);
    }
    let profile = Profile::open(folder).await?;
    let found = async {
        let counts = Outbox::new(profile.clone(), clock.clone()).counts().await?;
        let address = profile.setting(ADDRESS).await?;
        let told =
            |address| Elsewhere { address, waiting: counts.waiting, returned: counts.returned };
        Ok(address.map(told))
    }
    .await;
    profile.close().await;
    found
}

impl Inside {
    /// Refuses where something is open here that its person would lose sight of.
    async fn is_at_rest(&self) -> Result<(), Problem> {
        let counts = self.outbox.counts().await?;
        let why = if counts.waiting > 0 {
            "decisions wait here to be sent; let them leave, or discard them, first"
        } else if counts.returned > 0 {
            "decisions came back here; decide them again, or discard them, first"
        } else if !statement::run::open(&self.profile).await?.is_empty() {
            "SLA statements are on their way here; let them be sealed first"
        } else if !delivery::run::open(&self.profile).await?.is_empty() {
            "messages are on their way here; let them leave, or drop them, first"
        } else {
            return Ok(());
        };
        Err(Problem::new(Code::WrongState, why))
    }
}

impl Desk {
    /// What lies in the profile that this person had first, where that is of another address.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn elsewhere(&self) -> Result<Option<Elsewhere>, Problem> {
        let inside = self.inside().await?;
        match first(inside.profile.folder()) {
            Some(folder) => look(&folder, &inside.ground.clock).await,
            None => Ok(None),
        }
    }

    /// Goes on in the profile that this person had first: central has moved to the present address, and
    /// what waits there is sent there. Whoever's session is not kept signs in once more. Files that were sealed
    /// in the present profile stay in its folder; they can be added to the other one.
    ///
    /// # Errors
    /// [`Code::WrongState`] where there is none, or where something is open in the present one, which nobody
    /// would come back to; [`Code::ProfileBusy`] while somebody works in the first one; [`Code::Database`].
    pub async fn take_along(&self) -> Result<Session, Problem> {
        let inside = self.inside().await?;
        let Some(folder) = first(inside.profile.folder()) else {
            let why = "this is the profile that you had first; nothing lies elsewhere";
            return Err(Problem::new(Code::WrongState, why));
        };
        inside.is_at_rest().await?;
        let address = inside.central.address().to_owned();
        let profile = Profile::open(&folder).await?;
        let taken = match profile.lock()? {
            Some(lock) => note(&profile, &address).await.map(|()| lock),
            None => {
                let why =
                    "another window or program works in the profile that you had first; close it";
                Err(Problem::new(Code::ProfileBusy, why))
            }
        };
        profile.close().await;
        // Whoever sits down there next takes the lock anew.
        drop(taken?);
        drop(inside);
        self.leave().await?;
        self.come_back().await
    }
}
