//! How much a caller may ask for, how fast, and how long central waits for it.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// After so many requests, callers who have been quiet are forgotten.
const SWEEP: u32 = 1024;

/// So many requests a second, and so many more at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second, in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once, when none came before.
    pub burst: NonZeroU32,
}

/// What one caller may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests with one token.
    pub token: Rate,
    /// Requests from one address (of IPv6: from one /64), with whatever token or none.
    pub address: Rate,
    /// Requests with one token that are answered at the same time.
    pub at_once: u32,
    /// Connections that are open at the same time.
    pub connections: u32,
    /// … of which one address may hold so many.
    pub connections_per_address: u32,
}

const fn number(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token: Rate { per_second: number(50), burst: number(500) },
            address: Rate { per_second: number(200), burst: number(2000) },
            at_once: 32,
            connections: 1024,
            connections_per_address: 256,
        }
    }
}

/// How long central waits for a caller, and a caller for central.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For a request's headers, whole; also for the next request on a connection.
    pub headers: Duration,
    /// For the next piece of a request's body.
    pub body: Duration,
    /// For an answer to be ready, from the request's first line on.
    pub answer: Duration,
    /// For a ready mirror that is being cut: whoever asked for it comes back then.
    pub cut: Duration,
    /// For the caller to take the next piece of an answer.
    pub taking: Duration,
    /// For what is under way, when central ends.
    pub ending: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(20),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(300),
            cut: Duration::from_secs(20),
            taking: Duration::from_secs(30),
            ending: Duration::from_secs(60),
        }
    }
}

/// Counts what each key holds at present.
#[derive(Debug)]
pub(crate) struct Holding<K>(Arc<Mutex<BTreeMap<K, u32>>>);

impl<K: Ord + Clone> Holding<K> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// One more for `key`, given back when it is dropped; `None`: it holds `most` already.
    pub(crate) fn take(&self, key: K, most: u32) -> Option<Held<K>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(key.clone()).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Held { key, all: Arc::clone(&self.0) })
    }
}

/// One of what a key holds.
#[derive(Debug)]
pub(crate) struct Held<K: Ord> {
    key: K,
    all: Arc<Mutex<BTreeMap<K, u32>>>,
}

impl<K: Ord> Drop for Held<K> {
    fn drop(&mut self) {
        let mut held = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                held.remove(&self.key);
            }
        }
    }
}

/// Lets requests in at the rate that the house allows.
pub(crate) struct Gate {
    limits: Limits,
    tokens: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    answering: Holding<String>,
    since_sweep: AtomicU32,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn quota(rate: Rate) -> Quota {
    Quota::per_second(rate.per_second).allow_burst(rate.burst)
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            tokens: RateLimiter::keyed(quota(limits.token)),
            addresses: RateLimiter::keyed(quota(limits.address)),
            answering: Holding::new(),
            since_sweep: AtomicU32::new(0),
        }
    }

    /// Lets a request in, from an address and with the hash of a token; held while it is answered.
    ///
    /// # Errors
    /// How long to wait before the next one.
    pub(crate) fn enter(
        &self,
        address: Option<IpAddr>,
        token: Option<String>,
    ) -> Result<Option<Held<String>>, Duration> {
        self.sweep();
        if let Some(address) = address {
            wait(&self.addresses, &network(address))?;
        }
        let Some(token) = token else { return Ok(None) };
        wait(&self.tokens, &token)?;
        let held = self.answering.take(token, self.limits.at_once);
        held.map(Some).ok_or(Duration::from_secs(1))
    }

    fn sweep(&self) {
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) >= SWEEP {
            self.since_sweep.store(0, Ordering::Relaxed);
            self.tokens.retain_recent();
            self.addresses.retain_recent();
        }
    }
}

fn wait<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Duration> {
    limiter.check_key(key).map_err(|until| until.wait_time_from(limiter.clock().now()))
}

/// Whoever has an IPv6 address has a whole network of them.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(own) => {
            let bits = u128::from(own) & !u128::from(u64::MAX);
            own.to_ipv4_mapped().map_or(IpAddr::V6(Ipv6Addr::from(bits)), IpAddr::V4)
        }
    }
}
