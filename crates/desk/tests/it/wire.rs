//! The wire between desks and central, which a test can cut: a proxy over real sockets.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// After so long a packet that was lost is sent again.
const SENT_AGAIN: Duration = Duration::from_millis(400);

/// A wire; clones are the same one.
#[derive(Clone)]
pub(crate) struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    central: Mutex<SocketAddr>,
    up: watch::Sender<bool>,
    /// Bytes that may still come back before every connection breaks.
    left: AtomicUsize,
    /// Bytes a second that come back; 0: as fast as they can.
    pace: AtomicUsize,
    /// Each so many pieces that come back one is lost; 0: none is.
    losing: AtomicUsize,
    /// Pieces that have come back.
    pieces: AtomicUsize,
    /// Commands reach central, their answers never arrive.
    loses_answers: AtomicBool,
    /// Asked for ready mirrors, central finds that the desk is of another release.
    other_release: AtomicBool,
    /// Whatever is asked, central finds that the desk speaks a version that it does not know.
    other_wire: AtomicBool,
    /// How often it fell silent: nothing comes back any more on connections from before.
    silences: AtomicUsize,
    /// From which byte on ready mirrors were asked for; 0: from the first.
    snapshots: Mutex<Vec<u64>>,
}

impl Wire {
    /// A wire to central.
    pub(crate) async fn to(central: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            central: Mutex::new(central),
            up: watch::Sender::new(true),
            left: AtomicUsize::new(usize::MAX),
            pace: AtomicUsize::new(0),
            losing: AtomicUsize::new(0),
            pieces: AtomicUsize::new(0),
            loses_answers: AtomicBool::new(false),
            other_release: AtomicBool::new(false),
            other_wire: AtomicBool::new(false),
            silences: AtomicUsize::new(0),
            snapshots: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *shared.up.borrow() {
                    let central = *shared.central.lock().unwrap();
                    tokio::spawn(carry(client, central, Arc::clone(&shared)));
                }
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads to another central from now on.
    pub(crate) fn lead_to(&self, central: SocketAddr) {
        *self.state.central.lock().unwrap() = central;
    }

    /// Cuts it, or mends it.
    pub(crate) fn set_up(&self, up: bool) {
        self.state.up.send_replace(up);
    }

    /// Breaks every connection once this many bytes have come back.
    pub(crate) fn break_after(&self, bytes: usize) {
        self.state.left.store(bytes, Ordering::SeqCst);
    }

    /// Lets so many bytes a second come back, each piece a tenth of a second late; 0: no limit.
    pub(crate) fn slow_down(&self, bytes_a_second: usize) {
        self.state.pace.store(bytes_a_second, Ordering::SeqCst);
    }

    /// Loses a packet of each so many pieces (of up to 16 kB) that come back; 0: none. As TCP has it,
    /// what comes after waits until it has been sent again.
    pub(crate) fn lose_one_of(&self, pieces: usize) {
        self.state.losing.store(pieces, Ordering::SeqCst);
    }

    /// Lets commands through and loses their answers.
    pub(crate) fn lose_answers(&self, lose: bool) {
        self.state.loses_answers.store(lose, Ordering::SeqCst);
    }

    /// Makes the desk one whose mirrors have other tables than central's.
    pub(crate) fn be_of_another_release(&self, other: bool) {
        self.state.other_release.store(other, Ordering::SeqCst);
    }

    /// Makes the desk one that speaks another version than central.
    pub(crate) fn speak_another_version(&self, other: bool) {
        self.state.other_wire.store(other, Ordering::SeqCst);
    }

    /// Lets nothing more come back on any connection that is open, nor tells that it won't.
    pub(crate) fn fall_silent(&self) {
        self.state.silences.fetch_add(1, Ordering::SeqCst);
    }

    /// From which byte on ready mirrors were asked for since the last time.
    pub(crate) fn snapshots(&self) -> Vec<u64> {
        std::mem::take(&mut self.state.snapshots.lock().unwrap())
    }
}

/// Notes what a ready mirror is asked for with, and changes what is asked where it is to be refused.
fn overhear(asked: &mut [u8], state: &State) {
    let text = String::from_utf8_lossy(asked).into_owned();
    let wire = text.split_once("makegood-wire: ");
    if let (true, Some((before, _))) = (state.other_wire.load(Ordering::SeqCst), wire) {
        asked[before.len() + "makegood-wire: ".len()] = b'9';
    }
    if !text.starts_with("GET /v1/sync/snapshot") {
        return;
    }
    let range = text.split_once("range: bytes=").and_then(|(_, rest)| rest.split_once('-'));
    state.snapshots.lock().unwrap().push(range.map_or(0, |(from, _)| from.parse().unwrap()));
    if let (true, Some((before, _))) =
        (state.other_release.load(Ordering::SeqCst), text.split_once("schema="))
    {
        asked[before.len() + "schema=".len()] = b'9';
    }
}

async fn carry(mut client: TcpStream, central: SocketAddr, state: Arc<State>) {
    let Ok(mut server) = TcpStream::connect(central).await else { return };
    let mut up = state.up.subscribe();
    let (mut asked, mut answered) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let mut loses = false;
    let born = state.silences.load(Ordering::SeqCst);
    loop {
        tokio::select! {
            () = cut(&mut up) => return,
            read = client.read(&mut asked) => {
                let Ok(size @ 1..) = read else { return };
                let is_command = asked[..size].starts_with(b"POST /v1/commands");
                loses |= is_command && state.loses_answers.load(Ordering::SeqCst);
                overhear(&mut asked[..size], &state);
                if server.write_all(&asked[..size]).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let is_silent = state.silences.load(Ordering::SeqCst) != born;
                let Ok(size @ 1..) = read else {
                    // Nor is the end told.
                    while is_silent && matches!(client.read(&mut asked).await, Ok(1..)) {}
                    return;
                };
                let pace = state.pace.load(Ordering::SeqCst);
                if let Some(milliseconds) = (1000 * size).checked_div(pace) {
                    let late = Duration::from_millis(100 + milliseconds as u64);
                    tokio::time::sleep(late).await;
                }
                let piece = state.pieces.fetch_add(1, Ordering::SeqCst) + 1;
                if piece.checked_rem(state.losing.load(Ordering::SeqCst)) == Some(0) {
                    tokio::time::sleep(SENT_AGAIN).await;
                }
                if state.silences.load(Ordering::SeqCst) != born { continue }
                let left = state.left.load(Ordering::SeqCst);
                if loses || left < size {
                    let _ = client.write_all(&answered[..left.min(size) * usize::from(!loses)]).await;
                    return;
                }
                if left != usize::MAX {
                    state.left.fetch_sub(size, Ordering::SeqCst);
                }
                if client.write_all(&answered[..size]).await.is_err() { return }
            }
        }
    }
}

async fn cut(up: &mut watch::Receiver<bool>) {
    let _ = up.wait_for(|up| !up).await.is_ok();
}
