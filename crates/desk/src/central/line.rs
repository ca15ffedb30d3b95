//! The line to central. Whoever closes a lid finds every connection dead on opening it again, and the other
//! end says nothing: what waits on one is given up as soon as the clock tells, and none is used again.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use makegood_domain::{Clock, Code, Problem};
use reqwest::{Client, RequestBuilder, Response, redirect};
use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How often whoever waits looks at the clock.
const LOOK: Duration = Duration::from_secs(1);
/// By so much the clock may go on between two looks while the machine is awake.
const ASLEEP: TimeDelta = TimeDelta::seconds(30);
/// … and while what came is taken in.
const BUSY: TimeDelta = TimeDelta::minutes(5);
/// How long a central that is there says nothing at most.
const SILENT: Duration = Duration::from_secs(super::LONG_POLL as u64 + 15);

/// A line on which requests go out. Cheap to clone; clones share its connections.
#[derive(Debug, Clone)]
pub(super) struct Line {
    // As it is shown.
    address: Arc<str>,
    connections: Arc<Mutex<Connections>>,
    // Without one nobody stays on the line for long.
    clock: Option<Clock>,
    by_proxy: bool,
}

/// Connections, and when one of them was last known to be of use.
#[derive(Debug)]
struct Connections {
    client: Client,
    used: DateTime<Utc>,
}

impl Line {
    /// A line to `address`, over the system's proxy or past it.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] where no connection can be made at all.
    pub(super) fn new(address: &str, by_proxy: bool) -> Result<Self, Problem> {
        let connections = Connections { client: client(by_proxy)?, used: DateTime::UNIX_EPOCH };
        let connections = Arc::new(Mutex::new(connections));
        Ok(Self { address: address.into(), connections, clock: None, by_proxy })
    }

    /// … by which it is known when the machine was asleep.
    pub(super) fn by(self, clock: Clock) -> Self {
        self.open().used = clock.now();
        Self { clock: Some(clock), ..self }
    }

    /// What a request is made with: connections from before the machine fell asleep are left alone.
    pub(super) fn client(&self) -> Client {
        let mut connections = self.open();
        let Some(now) = self.now() else { return connections.client.clone() };
        if now - connections.used > ASLEEP
            && let Ok(client) = client(self.by_proxy)
        {
            connections.client = client;
        }
        connections.used = now;
        connections.client.clone()
    }

    /// Sends a request, and waits for the beginning of what comes back.
    ///
    /// # Errors
    /// As [`Reply::chunk`].
    pub(super) async fn call(&self, request: RequestBuilder) -> Result<Reply, Problem> {
        let mut wait = Wait { clock: self.clock.clone(), seen: self.now(), asleep: false };
        let address = Arc::clone(&self.address);
        match wait.until(request.send()).await? {
            Ok(response) => Ok(Reply { response, address, wait }),
            Err(error) => Err(unreachable(&address, &error)),
        }
    }

    fn open(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        self.clock.as_ref().map(Clock::now)
    }
}

/// What comes back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) response: Response,
    /// Whose it is, as it is shown.
    pub(super) address: Arc<str>,
    wait: Wait,
}

impl Reply {
    /// The next piece; `None`: it is all here.
    ///
    /// # Errors
    /// [`Code::CentralUnreachable`] when the connection broke, or the machine was asleep meanwhile.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let came = self.wait.until(self.response.chunk()).await?;
        came.map_err(|error| unreachable(&self.address, &error))
    }
}

/// Waiting for one reply, from its request on: the machine may fall asleep between two pieces, too.
#[derive(Debug)]
struct Wait {
    clock: Option<Clock>,
    seen: Option<DateTime<Utc>>,
    // From then on only what is here already is taken.
    asleep: bool,
}

impl Wait {
    async fn until<T>(&mut self, coming: impl Future<Output = T>) -> Result<T, Problem> {
        let (mut coming, before) = (pin!(coming), self.seen);
        self.seen = self.now();
        // Taking in what came before may have taken its time.
        self.asleep |= self.slept(before, BUSY);
        loop {
            tokio::select! {
                biased;
                came = &mut coming => {
                    self.seen = self.now();
                    return Ok(came);
                }
                () = tokio::time::sleep(LOOK) => {
                    let now = self.now();
                    let before = std::mem::replace(&mut self.seen, now);
                    self.asleep |= self.slept(before, ASLEEP);
                    if self.asleep {
                        let why = "this computer was asleep meanwhile: whether central was reached is not known";
                        return Err(Problem::new(Code::CentralUnreachable, why));
                    }
                }
            }
        }
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        self.clock.as_ref().map(Clock::now)
    }

    fn slept(&self, before: Option<DateTime<Utc>>, longest: TimeDelta) -> bool {
        before.zip(self.seen).is_some_and(|(before, now)| now - before > longest)
    }
}

fn client(by_proxy: bool) -> Result<Client, Problem> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(SILENT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("makegood-desk/", env!("CARGO_PKG_VERSION")));
    if !by_proxy {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Problem::new(Code::CentralUnreachable, format!("no connection can be made: {error}"))
    })
}

fn unreachable(address: &str, error: &reqwest::Error) -> Problem {
    let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
    Problem::new(
        Code::CentralUnreachable,
        format!("{address} can't be reached ({why}); changes wait here until it can"),
    )
}
