//! TLS, so that nothing crosses a network in the clear.

use makegood_domain::{Code, Problem};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// The certificate that central shows, with its key.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate with its chain, and its private key, both PEM. They are read this once: under systemd the files are
    /// copies made at the start, in which a renewed certificate would never show.
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

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0))
    }
}
