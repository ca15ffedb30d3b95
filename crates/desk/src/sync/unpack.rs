//! A packed mirror becomes a file while it arrives: once its last byte is here there is little left
//! to do.

use bytes::Bytes;
use makegood_domain::{Code, Problem};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, Read as _, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::JoinHandle,
};
use zstd::stream::write::Decoder;

/// Pieces that may wait to be unpacked.
const WAITING: usize = 64;
/// Unpacked bytes that are written at once, while the next are unpacked.
const PIECE: usize = 1 << 20;

/// A file that is being unpacked. Dropped before [`Unpacking::finish`], what was written is of no use.
#[derive(Debug)]
pub(super) struct Unpacking {
    pieces: Sender<Bytes>,
    written: Arc<AtomicU64>,
    done: JoinHandle<io::Result<[u8; 32]>>,
}

impl Unpacking {
    /// Begins with the `had` bytes that an earlier attempt left at `packed`.
    pub(super) fn begin(packed: &Path, had: u64, into: &Path) -> Self {
        let (pieces, arriving) = mpsc::channel(WAITING);
        let (packed, into) = (packed.to_owned(), into.to_owned());
        let written = Arc::<AtomicU64>::default();
        let done = tokio::task::spawn_blocking({
            let written = Arc::clone(&written);
            move || unpack(&packed, had, (&into, &written), arriving)
        });
        Self { pieces, written, done }
    }

    /// How many bytes of the file are there.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Goes on with what has arrived; false: no more of it is of use, and [`Unpacking::finish`] says why.
    pub(super) async fn add(&self, piece: Bytes) -> bool {
        self.pieces.send(piece).await.is_ok()
    }

    /// Waits until the file is whole.
    ///
    /// # Errors
    /// What can't be read, unpacked or written, or has another SHA-256 than `digest`.
    pub(super) async fn finish(self, digest: &[u8]) -> Result<io::Result<()>, Problem> {
        drop(self.pieces);
        let hash = self
            .done
            .await
            .map_err(|error| Problem::new(Code::Internal, format!("unpacking failed: {error}")))?;
        Ok(hash.and_then(|hash| if hash == digest { Ok(()) } else { Err(altered()) }))
    }
}

/// How many bytes come out of a packed file, as its beginning says.
pub(super) fn unpacked_size(packed: &Path) -> Option<u64> {
    let mut head = Vec::new();
    File::open(packed).ok()?.take(64).read_to_end(&mut head).ok()?;
    zstd::zstd_safe::get_frame_content_size(&head).ok()?
}

fn altered() -> io::Error {
    let why = "the download was damaged; it is fetched again";
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The SHA-256 of what is packed.
fn unpack(
    packed: &Path,
    had: u64,
    (into, written): (&Path, &AtomicU64),
    mut arriving: Receiver<Bytes>,
) -> io::Result<[u8; 32]> {
    // Room may have been set aside for it, which is its own.
    let into = File::options().write(true).create(true).truncate(false).open(into)?;
    let here = if had > 0 { Some(File::open(packed)?.take(had)) } else { None };
    thread::scope(|scope| {
        let (pieces, ready) = sync_channel(2);
        let writing = scope.spawn(move || write(&into, written, &ready));
        let hash = read(here, &mut arriving, Unpacked { pieces, open: Vec::new() });
        // Why it could not be written is known there alone.
        writing.join().map_err(|_| io::Error::other("writing failed"))??;
        hash
    })
}

fn read(
    here: Option<impl io::Read>,
    arriving: &mut Receiver<Bytes>,
    into: Unpacked,
) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut decoder = Decoder::new(into)?;
    let mut take = |piece: &[u8]| {
        hash.update(piece);
        decoder.write_all(piece).map_err(|_| altered())
    };
    if let Some(mut here) = here {
        let mut piece = vec![0; PIECE];
        while let read @ 1.. = here.read(&mut piece)? {
            take(piece.get(..read).unwrap_or_default())?;
        }
    }
    while let Some(piece) = arriving.blocking_recv() {
        take(&piece)?;
    }
    decoder.flush().map_err(|_| altered())?;
    Ok(hash.finalize().into())
}

fn write(
    mut into: &File,
    written: &AtomicU64,
    ready: &std::sync::mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    ready.iter().try_for_each(|piece| {
        into.write_all(&piece)?;
        written.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok(())
    })
}

/// Hands on what was unpacked, in large pieces.
struct Unpacked {
    pieces: SyncSender<Vec<u8>>,
    open: Vec<u8>,
}

impl Write for Unpacked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.extend_from_slice(bytes);
        if self.open.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.open, Vec::with_capacity(PIECE));
        self.pieces.send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
mod tests {
    use super::*;

    /// Unpacks `bytes`, of which `had` are there already, and tells what came out.
    async fn unpacked(bytes: &[u8], had: usize, digest: &[u8]) -> io::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let (packed, into) = (folder.path().join("packed"), folder.path().join("plain"));
        // What stands after them is not of this attempt.
        std::fs::write(&packed, [&bytes[..had], b"more"].concat())?;
        let unpacking = Unpacking::begin(&packed, had as u64, &into);
        for piece in bytes[had..].chunks(7_001) {
            unpacking.add(Bytes::copy_from_slice(piece)).await;
        }
        unpacking.finish(digest).await.unwrap()?;
        std::fs::read(&into)
    }

    #[tokio::test]
    async fn what_arrived_in_pieces_is_what_was_packed_and_a_changed_byte_is_found() {
        let plain: Vec<u8> = (0..3_000_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let packed = zstd::encode_all(&*plain, 1).unwrap();
        let digest = Sha256::digest(&packed);
        for had in [0, 1, packed.len() / 2, packed.len() - 1, packed.len()] {
            assert!(unpacked(&packed, had, &digest).await.unwrap() == plain, "{had} bytes");
        }
        for at in [packed.len() / 3, packed.len() - 1] {
            let mut changed = packed.clone();
            changed[at] ^= 1;
            let error = unpacked(&changed, packed.len() / 2, &digest).await.unwrap_err();
            assert!(error.to_string().contains("the download was damaged"), "{error}");
        }
        let short = unpacked(&packed[..packed.len() - 1], 0, &digest).await.unwrap_err();
        assert!(short.to_string().contains("the download was damaged"), "{short}");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let unpacking = Unpacking::begin(Path::new("none"), 0, &folder.path().join("none/plain"));
        for _ in 0..2 * WAITING {
            unpacking.add(Bytes::from_static(b"lost")).await;
        }
        assert!(!unpacking.add(Bytes::from_static(b"lost")).await);
        let error = unpacking.finish(&[]).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        if !Path::new("/dev/full").exists() {
            println!("no /dev/full here: a full disk was not tried");
            return;
        }
        let unpacking = Unpacking::begin(Path::new("none"), 0, Path::new("/dev/full"));
        let packed = zstd::encode_all(&*vec![7; 4 * PIECE], 1).unwrap();
        unpacking.add(packed.into()).await;
        let error = unpacking.finish(&[]).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
