//! Which file the profile's mirror is. Whoever holds the lock replaces it; everybody else only opens it.

use crate::{event::Event, profile::Profile, seat::Inside};
use makegood_domain::{Code, Problem};
use makegood_mirror::Mirror;
use std::path::PathBuf;

/// A new, empty mirror under a new name, made the current one.
pub(super) async fn empty(profile: &Profile) -> Result<Mirror, Problem> {
    let path = profile.new_mirror_file().await?;
    let mirror = Mirror::create(&path).await?;
    profile.switch_mirror(&path).await?;
    Ok(mirror)
}

/// The profile's mirror, where there is one that can be used as it is.
///
/// # Errors
/// [`Code::DiskFull`]: one that is sound can't be opened either.
pub(crate) async fn present(profile: &Profile) -> Result<Option<Mirror>, Problem> {
    match file(profile).await? {
        Some(path) => usable(Mirror::see(&path).await),
        None => Ok(None),
    }
}

async fn file(profile: &Profile) -> Result<Option<PathBuf>, Problem> {
    Ok(profile.mirror_file().await?.filter(|path| path.exists()))
}

fn usable(opened: Result<Mirror, Problem>) -> Result<Option<Mirror>, Problem> {
    match opened {
        Ok(mirror) => Ok(Some(mirror)),
        Err(problem) if problem.code == Code::DiskFull => Err(problem),
        Err(problem) => {
            tracing::warn!(code = %problem.code, "the local copy can't be used: {}", problem.message);
            Ok(None)
        }
    }
}

/// Shows the profile's mirror, or an empty one in the place of one that can't be used: now that nobody
/// else is at it.
pub(super) async fn own(inside: &Inside) -> Result<(), Problem> {
    let current = inside.profile.mirror_file().await?;
    if current.is_some_and(|path| path == inside.mirror().path()) {
        return Ok(());
    }
    let opened = match file(&inside.profile).await? {
        Some(path) => usable(Mirror::open(&path).await)?,
        None => None,
    };
    let mirror = match opened {
        Some(mirror) => mirror,
        None => empty(&inside.profile).await?,
    };
    inside.set_mirror(mirror);
    inside.tell(Event::Changed);
    Ok(())
}
