//! TLS, so that nothing crosses a network in the clear.

use axum::serve::Listener;
use makegood_domain::{Code, Problem};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a peer may take to shake hands.
const PATIENCE: Duration = Duration::from_secs(10);

/// The certificate that central shows, with its key.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate with its chain, and its private key, both PEM.
    ///
    /// # Errors
    /// [`Code::File`] when a file can't be read; [`Code::KeyInvalid`] when they don't fit together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, Problem> {
        let unreadable = |path: &Path, why: String| {
            Problem::new(Code::File, format!("{}: {why}; give a PEM file", path.display()))
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(certificate, error.to_string()))?;
        let key_der = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| unreadable(key, error.to_string()))?;
        let invalid = |error: rustls::Error| {
            let why = format!("{} and {}: {error}", certificate.display(), key.display());
            Problem::new(Code::KeyInvalid, format!("{why}; give a certificate and its own key"))
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key_der))
            .map_err(invalid)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// A listener whose connections have shaken hands. One that dawdles holds up no other.
#[derive(Debug)]
pub(crate) struct Secured {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl Secured {
    pub(crate) fn new(listener: TcpListener, address: SocketAddr, tls: Tls) -> Self {
        let (shaken, ready) = mpsc::channel(64);
        let acceptor = TlsAcceptor::from(tls.0);
        tokio::spawn(async move {
            let mut listener = listener;
            loop {
                let (stream, peer) = tokio::select! {
                    accepted = Listener::accept(&mut listener) => accepted,
                    () = shaken.closed() => return,
                };
                let (acceptor, shaken) = (acceptor.clone(), shaken.clone());
                tokio::spawn(async move {
                    let handshake = tokio::time::timeout(PATIENCE, acceptor.accept(stream));
                    if let Ok(Ok(stream)) = handshake.await {
                        // The receiver is gone when central ends; so is the connection then.
                        let _ = shaken.send((stream, peer)).await;
                    }
                });
            }
        });
        Self { ready, address }
    }
}

impl Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task ends after this listener alone.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
