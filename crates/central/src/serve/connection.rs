//! Connections: how many there may be, and how long each may dawdle.

use crate::{
    app::Config,
    front::Peer,
    limit::{Held, Holding, Limits, Timeouts, network},
    tls::Tls,
};
use axum::Router;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use std::{
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

/// How long to wait when the machine has no connection to give (no file descriptors, say).
const BREATH: Duration = Duration::from_millis(100);

/// Where connections come in.
pub(super) struct Door {
    listener: TcpListener,
    room: Room,
    limits: Limits,
    places: Arc<Semaphore>,
    held: Holding<IpAddr>,
}

/// What every connection needs.
#[derive(Clone)]
struct Room {
    tls: Option<TlsAcceptor>,
    router: Router,
    timeouts: Timeouts,
}

/// What a connection holds while it lasts.
struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_address: Held<IpAddr>,
}

impl Door {
    pub(super) fn new(
        listener: TcpListener,
        tls: Option<Tls>,
        router: Router,
        config: &Config,
    ) -> Self {
        let Config { limits, timeouts, .. } = *config;
        let tls = tls.map(|tls| tls.acceptor());
        let places = usize::try_from(limits.connections).unwrap_or(usize::MAX);
        Self {
            listener,
            room: Room { tls, router, timeouts },
            limits,
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            held: Holding::new(),
        }
    }

    /// Takes connections until central is asked to end, then waits for those that are being
    /// answered.
    pub(super) async fn open(self, mut stopping: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let ending = self.room.timeouts.ending;
        loop {
            tokio::select! {
                // An error means that the app is gone, and then there is nothing to serve.
                _ = stopping.wait_for(|stop| *stop) => break,
                (stream, peer, place) = self.next() => {
                    let (room, watcher) = (self.room.clone(), graceful.watcher());
                    tokio::spawn(async move {
                        room.serve(stream, peer, watcher).await;
                        drop(place);
                    });
                }
            }
        }
        // Closes the listener: whoever comes now is refused at once.
        drop(self);
        if tokio::time::timeout(ending, graceful.shutdown()).await.is_err() {
            tracing::warn!(seconds = ending.as_secs(), "ended with answers still under way");
        }
    }

    /// The next connection that has a place. Where there is none, the next waits outside.
    async fn next(&self) -> (TcpStream, SocketAddr, Place) {
        loop {
            let Ok(of_all) = Arc::clone(&self.places).acquire_owned().await else {
                // Nobody closes it.
                std::future::pending::<()>().await;
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let most = self.limits.connections_per_address;
                    if let Some(of_address) = self.held.take(network(peer.ip()), most) {
                        let place = Place { _of_all: of_all, _of_address: of_address };
                        return (stream, peer, place);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

impl Room {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.timeouts.taking));
        let stream = Box::pin(stream);
        match &self.tls {
            None => self.answer(stream, peer, watcher).await,
            Some(acceptor) => {
                let handshake = acceptor.accept(stream);
                if let Ok(Ok(stream)) =
                    tokio::time::timeout(self.timeouts.handshake, handshake).await
                {
                    self.answer(Box::pin(stream), peer, watcher).await;
                }
            }
        }
    }

    async fn answer<S>(&self, stream: Pin<Box<S>>, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let router = TowerToHyperService::new(self.router.clone());
        let answering = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            router.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.timeouts.headers)
            .serve_connection(TokioIo::new(stream), answering);
        // It ended as the caller wanted, or broke off: nobody is left to tell.
        let _ = watcher.watch(connection).await;
    }
}
