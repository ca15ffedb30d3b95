//! Many files written whole while others are made: a disk is waited for, and a processor need not.

use super::{Part, StatementError, named, settle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// While one thread waits for the disk, the other puts its files down.
const THREADS: usize = 2;
/// How many files of a folder a thread puts down before it waits for the folder, once for all of them.
const AT_ONCE: usize = 8;
/// How many files may wait. Whoever makes them faster than the disk takes them waits, too, so that the
/// memory they need does not grow.
const ROOM: usize = 8;

/// Threads that write files. Dropped, they finish what they were given first.
#[derive(Debug)]
pub struct Writers {
    files: Option<SyncSender<Waiting>>,
    threads: Vec<JoinHandle<()>>,
}

struct Waiting {
    path: PathBuf,
    bytes: Vec<u8>,
    done: Box<dyn FnOnce(Result<(), StatementError>) + Send>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Writers {
    /// Starts them.
    ///
    /// # Errors
    /// [`StatementError::Internal`] where the system has no thread to give.
    pub fn start() -> Result<Self, StatementError> {
        let (files, waiting) = sync_channel(ROOM);
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |_| {
            let waiting = Arc::clone(&waiting);
            Builder::new().name("writer".to_owned()).spawn(move || write(&waiting))
        };
        let threads = (0..THREADS).map(start).collect::<Result<_, _>>();
        let threads =
            threads.map_err(|error| StatementError::Internal(format!("no writer: {error}")))?;
        Ok(Self { files: Some(files), threads })
    }

    /// Writes a file as [`super::write_whole`] does, and calls `done` once it lies whole on the disk under
    /// its name, or with why it does not. Waits while many others wait. No two files of one name may be
    /// under way.
    ///
    /// # Errors
    /// [`StatementError::Internal`] when the writers have stopped; `done` is not called then.
    pub fn write(
        &self,
        path: PathBuf,
        bytes: Vec<u8>,
        done: impl FnOnce(Result<(), StatementError>) + Send + 'static,
    ) -> Result<(), StatementError> {
        let stopped = || StatementError::Internal("the writers have stopped".to_owned());
        let files = self.files.as_ref().ok_or_else(stopped)?;
        files.send(Waiting { path, bytes, done: Box::new(done) }).map_err(|_| stopped())
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        self.files = None;
        for thread in self.threads.drain(..) {
            // One that failed has told nobody that its files are done.
            let _ = thread.join();
        }
    }
}

fn write(waiting: &Mutex<Receiver<Waiting>>) {
    loop {
        let taken: Vec<_> = {
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(first) = waiting.recv() else { return };
            std::iter::once(first).chain(waiting.try_iter().take(AT_ONCE - 1)).collect()
        };
        write_all(taken);
    }
}

/// All are written before the disk is waited for: it takes what has been written meanwhile with the first.
/// Then each gets its name, then each folder is waited for once; and only then is anybody told.
fn write_all(files: Vec<Waiting>) {
    let mut folders: BTreeMap<PathBuf, std::io::Result<()>> = BTreeMap::new();
    let parts =
        files.into_iter().map(|one| (Part::write(&one.path, &one.bytes), one.path, one.done));
    let parts: Vec<_> = parts.collect();
    let mut written = Vec::with_capacity(parts.len());
    for (part, path, done) in parts {
        let there = part.and_then(Part::name);
        if there.is_ok() {
            folders.insert(folder(&path), Ok(()));
        }
        written.push((path, there, done));
    }
    for (folder, settled) in &mut folders {
        *settled = settle(folder);
    }
    for (path, there, done) in written {
        let settled = match folders.get(&folder(&path)) {
            Some(Err(error)) => Err(named(&path, error)),
            _ => Ok(()),
        };
        done(there.and(settled));
    }
}

fn folder(path: &Path) -> PathBuf {
    super::folder(path).to_owned()
}
