//! Ready mirrors for desks that begin: cut once for all who see the same within some minutes, and kept for
//! whoever breaks off in the middle. The changes since cover the rest.

use crate::{
    app::App,
    store::{feed, snapshot::Moment},
};
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{Code, Problem, person::Scope, wire::Part};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tempfile::{TempDir, TempPath};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// A file is given to whoever begins within this time.
const FRESH: TimeDelta = TimeDelta::minutes(5);
/// … and to whoever goes on with it, after a connection that broke or a lid that was closed, within this.
const KEPT: TimeDelta = TimeDelta::hours(12);
/// Bytes of all files together, packed; beyond it the oldest go.
const MOST_BYTES: u64 = 4 << 30;
/// Files that are cut at the same time.
const AT_ONCE: usize = 2;
/// … and those that wait for their turn, with them.
const MOST_QUEUED: usize = 64;
/// Desks that wait for one; the others come back later.
const MOST_WAITING: usize = 64;
/// How hard it is packed: a third level is half as large as none and costs less than sending it.
const LEVEL: i32 = 3;

/// A packed mirror file. It is deleted when nobody holds it any more.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Where it lies.
    pub(crate) path: TempPath,
    /// Its length.
    pub(crate) bytes: u64,
    /// SHA-256 of its bytes.
    pub(crate) digest: [u8; 32],
    /// What it holds.
    pub(crate) moment: Moment,
    ready_at: DateTime<Utc>,
}

/// After so long a database that does not answer any more gives its place to others.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(3600);

impl Snapshot {
    /// By which a desk goes on with the very same bytes.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", hex::encode(self.digest))
    }
}

/// Of one scope and part.
#[derive(Debug, Default)]
struct Slot {
    kept: Vec<Arc<Snapshot>>,
    /// What is being cut, or waits for its turn; closed: nothing is.
    coming: Option<Coming>,
}

type Key = (String, Part);
type Made = Result<Arc<Snapshot>, Problem>;
/// All who ask for the same wait for the same; it comes whether they stay or not.
type Coming = watch::Receiver<Option<Made>>;

/// Every snapshot that is kept.
#[derive(Debug)]
pub(crate) struct Snapshots {
    within: Option<PathBuf>,
    folder: OnceLock<TempDir>,
    slots: Mutex<BTreeMap<Key, Slot>>,
    cutting: Arc<Semaphore>,
    queued: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Snapshots {
    /// Keeps them in a folder of their own within `within`, or within the system's temporary one.
    pub(crate) fn new(within: Option<PathBuf>) -> Self {
        Self {
            within,
            folder: OnceLock::new(),
            slots: Mutex::default(),
            cutting: Arc::new(Semaphore::new(AT_ONCE)),
            queued: Arc::new(Semaphore::new(MOST_QUEUED)),
            waiting: Semaphore::new(MOST_WAITING),
        }
    }

    pub(crate) fn cutting(&self) -> &Arc<Semaphore> {
        &self.cutting
    }

    /// The snapshot that `etag` names, where it is still kept; otherwise one that is fresh, cut now
    /// if need be. Whoever has waited for it as long as the house allows comes back later: a desk
    /// hangs up on who says nothing.
    ///
    /// # Errors
    /// [`Code::Busy`], [`Code::Database`], [`Code::DiskFull`], [`Code::File`]; [`Code::NotReady`]
    /// when central is ending.
    pub(crate) async fn get(
        &self,
        app: &App,
        scope: &Scope,
        part: Part,
        etag: Option<&str>,
    ) -> Made {
        let epoch = app.store().meta("epoch").await?;
        let horizon = feed::horizon(&mut *app.store().reading().await?).await?;
        let now = app.store().clock().now();
        let key = (name(scope)?, part);
        let mut coming = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = slots.entry(key.clone()).or_default();
            slot.kept.retain(|one| {
                let Moment { epoch: of, seq, .. } = &one.moment;
                now - one.ready_at < KEPT && epoch.as_ref() == Some(of) && *seq >= horizon
            });
            let named = slot.kept.iter().find(|one| etag == Some(one.etag().as_str()));
            let fresh = slot.kept.last().filter(|one| now - one.ready_at < FRESH);
            if let Some(found) = named.or(fresh) {
                return Ok(Arc::clone(found));
            }
            match slot.coming() {
                Some(coming) => coming,
                None => {
                    let queued = Arc::clone(&self.queued).try_acquire_owned();
                    let queued = queued.map_err(|_| busy())?;
                    let (told, coming) = watch::channel(None);
                    slot.coming = Some(coming.clone());
                    tokio::spawn(make(app.clone(), key, scope.clone(), told, queued));
                    coming
                }
            }
        };
        let _waits = self.waiting.try_acquire().map_err(|_| busy())?;
        let made = coming.wait_for(Option::is_some);
        match tokio::time::timeout(app.config().timeouts.cut, made).await {
            Ok(Ok(made)) => made.clone().unwrap_or_else(|| Err(ending())),
            Ok(Err(_)) => Err(ending()),
            Err(_) => Err(busy()),
        }
    }

    /// Keeps what was made for who comes later, and forgets what nobody will go on with, and the
    /// oldest where all are too much.
    fn keep(&self, key: Key, made: &Made, now: DateTime<Utc>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(made) = made {
            slots.entry(key).or_default().kept.push(Arc::clone(made));
        }
        let mut ages = Vec::new();
        slots.retain(|_, slot| {
            slot.kept.retain(|one| now - one.ready_at < KEPT);
            // One that is over holds its file.
            slot.coming = slot.coming();
            ages.extend(slot.kept.iter().map(|one| (one.ready_at, one.bytes)));
            !slot.kept.is_empty() || slot.coming().is_some()
        });
        ages.sort_unstable();
        let mut all: u64 = ages.iter().map(|(_, bytes)| bytes).sum();
        for (oldest, bytes) in ages {
            if all <= MOST_BYTES {
                break;
            }
            all -= bytes;
            for slot in slots.values_mut() {
                slot.kept.retain(|one| one.ready_at > oldest);
            }
        }
    }

    /// Where there is no room for it, what is kept for whoever broke off makes some.
    async fn cut_with_room(
        &self,
        app: &App,
        scope: &Scope,
        part: Part,
    ) -> Result<Snapshot, Problem> {
        match self.cut(app, scope, part).await {
            Err(problem) if problem.code == Code::DiskFull && self.forget_all() => {
                self.cut(app, scope, part).await
            }
            other => other,
        }
    }

    /// Keeps none any more; whether there were any.
    fn forget_all(&self) -> bool {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = slots.values_mut().map(|slot| std::mem::take(&mut slot.kept).len());
        kept.sum::<usize>() > 0
    }

    async fn cut(&self, app: &App, scope: &Scope, part: Part) -> Result<Snapshot, Problem> {
        let _place = self.cutting.acquire().await.map_err(|_| ending())?;
        let folder = self.folder()?;
        let file = hex::encode(app.random().bytes32().get(..12).unwrap_or_default());
        let named = |ending: &str| {
            let path = folder.join(format!("{file}.{ending}"));
            TempPath::try_from_path(path).map_err(|error| refused(&error))
        };
        let (plain, path) = (named("db")?, named("zst")?);
        let moment = tokio::time::timeout(LONGEST, app.store().cut(scope, part, &plain));
        let moment = moment.await.map_err(|_| {
            let why = "a ready mirror was not read within an hour; does the database answer?";
            Problem::new(Code::TimedOut, why)
        })??;
        let packing = tokio::task::spawn_blocking(move || {
            let (digest, bytes) = pack(&plain, &path)?;
            Ok::<_, io::Error>((path, digest, bytes))
        });
        let (path, digest, bytes) = packing
            .await
            .map_err(|error| Problem::new(Code::Internal, format!("packing failed: {error}")))?
            .map_err(|error| refused(&error))?;
        tracing::info!(part = part.as_str(), bytes, "a snapshot was cut");
        // One that takes longer to cut than it is fresh would otherwise never be given to anybody.
        let ready_at = app.store().clock().now();
        Ok(Snapshot { path, bytes, digest, moment, ready_at })
    }

    fn folder(&self) -> Result<&Path, Problem> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder.path());
        }
        // A folder of its own that nobody else can enter; it goes with this process.
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("makegood-snapshots-");
        let made = match &self.within {
            Some(within) => builder.tempdir_in(within),
            None => builder.tempdir(),
        };
        Ok(self
            .folder
            .get_or_init({
                let made = made.map_err(|error| refused(&error))?;
                || made
            })
            .path())
    }
}

impl Slot {
    fn coming(&self) -> Option<Coming> {
        self.coming.clone().filter(|coming| coming.has_changed().is_ok())
    }
}

/// Makes one and tells whoever waits for it; ends with central.
async fn make(
    app: App,
    key: Key,
    scope: Scope,
    told: watch::Sender<Option<Made>>,
    _queued: OwnedSemaphorePermit,
) {
    let (snapshots, mut stopping) = (app.snapshots(), app.stopping());
    let made = tokio::select! {
        // First, so that none begins once central is ending.
        biased;
        _ = stopping.wait_for(|stop| *stop) => Err(ending()),
        made = snapshots.cut_with_room(&app, &scope, key.1) => made.map(Arc::new),
    };
    if let Err(problem) = &made {
        tracing::warn!(code = problem.code.as_str(), "no snapshot was cut: {}", problem.message);
    }
    snapshots.keep(key, &made, app.store().clock().now());
    told.send_replace(Some(made));
}

/// Whoever sees the same customers is given the same file.
fn name(scope: &Scope) -> Result<String, Problem> {
    Ok(hex::encode(Sha256::digest(crate::store::to_json(scope)?)))
}

fn busy() -> Problem {
    Problem::new(
        Code::Busy,
        "a ready mirror is being cut, or many desks ask for one at this moment; go on in some \
         seconds",
    )
}

fn ending() -> Problem {
    Problem::new(Code::NotReady, "central is ending; go on when it answers again")
}

fn refused(error: &io::Error) -> Problem {
    let code = if error.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::File };
    Problem::new(code, format!("a snapshot could not be written: {error}"))
}

/// Packs a file into another; the digest and the length of what came out.
fn pack(from: &Path, into: &Path) -> io::Result<([u8; 32], u64)> {
    let mut plain = File::open(from)?;
    let out = Hashing { file: File::create(into)?, hash: Sha256::new(), bytes: 0 };
    let mut packing = zstd::stream::write::Encoder::new(out, LEVEL)?;
    packing.set_pledged_src_size(Some(plain.metadata()?.len()))?;
    io::copy(&mut plain, &mut packing)?;
    let out = packing.finish()?;
    Ok((out.hash.finalize().into(), out.bytes))
}

struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.file.write(data)?;
        self.hash.update(data.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
