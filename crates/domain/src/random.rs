//! The one source of randomness: the operating system's, or a seed in tests and the demo.

use sha2::{Digest, Sha256};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Gives random bytes. Cheap to clone; clones of a seeded source share its position.
#[derive(Debug, Clone)]
pub struct Random(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Seeded { seed: u64, position: Arc<AtomicU64> },
}

impl Random {
    /// The operating system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A reproducible stream for tests and the demo. Never for keys or tokens that guard anything.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, position: Arc::new(AtomicU64::new(0)) })
    }

    /// Thirty-two random bytes.
    ///
    /// # Panics
    /// Never in practice: a machine whose operating system has no randomness can't run safely, and
    /// the process aborts rather than go on with predictable ids.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
    pub fn bytes32(&self) -> [u8; 32] {
        match &self.0 {
            Source::System => {
                let mut bytes = [0; 32];
                if getrandom::fill(&mut bytes).is_err() {
                    std::process::abort();
                }
                bytes
            }
            Source::Seeded { seed, position } => {
                let at = position.fetch_add(1, Ordering::SeqCst);
                Sha256::new()
                    .chain_update(b"makegood seeded")
                    .chain_update(seed.to_be_bytes())
                    .chain_update(at.to_be_bytes())
                    .finalize()
                    .into()
            }
        }
    }

    /// A random integer.
    #[must_use]
    pub fn integer(&self) -> u64 {
        let bytes = self.bytes32();
        u64::from_be_bytes([
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
        ])
    }
}
