//! Central as one value: its store, its settings, and where its secrets come from.

use crate::{
    feed::Following,
    identity::{Identity, Provider},
    limit::{Gate, Limits, Timeouts},
    message::Channel,
    metrics::Metrics,
    snapshot::Snapshots,
    store::Store,
};
use makegood_domain::{Clock, Code, Problem, id::Ids, random::Random};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, watch};

/// Desks that are sent all rows from the beginning at the same time.
const BEGINNING: usize = 16;

/// What the house decides about its central.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the company that runs it, as desks show it.
    pub company: String,
    /// Whether this is the demo.
    pub demo: bool,
    /// Days after a window's end until its measurement is locked.
    pub grace_days: u16,
    /// How often the schedule looks for windows to open, close and lock; `None`: only by hand.
    pub schedule: Option<Duration>,
    /// What one caller may take.
    pub limits: Limits,
    /// How long central waits.
    pub timeouts: Timeouts,
    /// Who says who people are; `None`: tokens are issued here, by hand.
    pub provider: Option<Provider>,
    /// Where alerts are told outside.
    pub channels: Vec<Channel>,
    /// Address of a PostgreSQL streaming replica for long reads, where there is one.
    pub replica: Option<String>,
    /// In which folder ready mirrors are kept; `None`: the system's for temporary files.
    pub snapshots: Option<PathBuf>,
    /// Days for which a tombstone is kept: a desk that was away for longer begins anew.
    pub tombstone_days: u16,
}

impl Config {
    /// The settings of an ordinary house.
    #[must_use]
    pub fn new(company: impl Into<String>) -> Self {
        Self {
            company: company.into(),
            demo: false,
            grace_days: 3,
            schedule: Some(Duration::from_secs(60)),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            provider: None,
            channels: Vec::new(),
            replica: None,
            snapshots: None,
            tombstone_days: 90,
        }
    }
}

/// A central. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    store: Store,
    config: Config,
    random: Random,
    identity: Option<Identity>,
    stopping: watch::Sender<bool>,
    gate: Gate,
    metrics: Metrics,
    snapshots: Snapshots,
    beginning: Semaphore,
    following: Following,
}

impl App {
    /// Opens central over the database at `url` (`sqlite:PATH` or `postgres://…`). `random` makes
    /// ids; tokens always come from the operating system's generator.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`] when the database can't be reached or brought up to date;
    /// [`makegood_domain::Code::Invalid`] for an identity provider that can't be one.
    pub async fn open(
        url: &str,
        clock: Clock,
        random: Random,
        config: Config,
    ) -> Result<Self, Problem> {
        let identity = config.provider.clone().map(Identity::new).transpose()?;
        let mut store = Store::connect(url, clock.clone(), Ids::new(clock, random)).await?;
        if let Some(replica) = &config.replica {
            store = store.with_replica(replica)?;
        }
        let (stopping, _) = watch::channel(false);
        let (gate, metrics) = (Gate::new(config.limits), Metrics::new());
        let random = Random::system();
        let snapshots = Snapshots::new(config.snapshots.clone());
        let beginning = Semaphore::new(BEGINNING);
        let parts = Parts {
            store,
            config,
            random,
            identity,
            stopping,
            gate,
            metrics,
            snapshots,
            beginning,
            following: Following::new(),
        };
        Ok(Self(Arc::new(parts)))
    }

    /// Everything that is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The house's settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Who says who people are, where a provider does.
    pub(crate) fn provider(&self) -> Option<&Identity> {
        self.0.identity.as_ref()
    }

    /// The operating system's randomness, for secrets.
    pub(crate) fn random(&self) -> &Random {
        &self.0.random
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    pub(crate) fn snapshots(&self) -> &Snapshots {
        &self.0.snapshots
    }

    /// The places in which ready mirrors are cut: whoever holds all of them holds that up.
    #[must_use]
    pub fn cutting(&self) -> Arc<Semaphore> {
        Arc::clone(self.0.snapshots.cutting())
    }

    /// A place among those who are sent all rows from the beginning, for as long as it is held.
    ///
    /// # Errors
    /// [`Code::Busy`] when every place is taken.
    pub(crate) fn begin_sending(&self) -> Result<Beginning, Problem> {
        if let Ok(place) = self.0.beginning.try_acquire() {
            place.forget();
            return Ok(Beginning(self.clone()));
        }
        let why = "many desks ask for everything at this moment; go on in some seconds";
        Err(Problem::new(Code::Busy, why))
    }

    /// What is read for many desks at once.
    pub(crate) fn following(&self) -> &Following {
        &self.0.following
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Turns true when central is asked to end: whoever waits for news answers then.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }
}

/// A place among those who are sent everything; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Beginning(App);

impl Drop for Beginning {
    fn drop(&mut self) {
        self.0.0.beginning.add_permits(1);
    }
}
