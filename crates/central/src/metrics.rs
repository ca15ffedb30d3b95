//! Figures about central itself, for Prometheus: no customer, no name, no amount.

use crate::store::{self, Store};
use makegood_domain::{
    Code, Problem,
    command::{Answer, Outcome},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::time::Duration;

type Labels = Vec<(&'static str, String)>;

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    commands: Family<Labels, Counter>,
    windows: Family<Labels, Gauge>,
    messages: Family<Labels, Gauge>,
    feed: Gauge,
}

/// From 5 ms to 20 s: longer than a desk waits for news is slow.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 13))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("makegood");
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(buckets),
            commands: Family::default(),
            windows: Family::default(),
            messages: Family::default(),
            feed: Gauge::default(),
            registry: Registry::default(),
        };
        let told = "Requests by route and status";
        registry.register("requests", told, metrics.requests.clone());
        let told = "Seconds until an answer began; a request for news waits on purpose";
        registry.register("request_duration_seconds", told, metrics.durations.clone());
        registry.register("commands", "Commands by outcome", metrics.commands.clone());
        registry.register("windows", "Windows of SLA lines by state", metrics.windows.clone());
        let told = "Messages that did not arrive by channel and state";
        registry.register("messages", told, metrics.messages.clone());
        registry.register("feed_position", "The last change's place", metrics.feed.clone());
        Self { registry, ..metrics }
    }

    /// A request was answered. `route` is the pattern, never the path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        // Anybody can invent a method; each would be a row of its own.
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
        let method = if known.contains(&method) { method } else { "other" };
        let place = vec![("method", method.to_owned()), ("route", route.to_owned())];
        self.durations.get_or_create(&place).observe(took.as_secs_f64());
        let mut labels = place;
        labels.push(("status", status.to_string()));
        self.requests.get_or_create(&labels).inc();
    }

    /// A command was answered.
    pub(crate) fn command(&self, answer: &Answer) {
        let outcome = match &answer.outcome {
            _ if answer.duplicate => "duplicate",
            Outcome::Applied { .. } => "applied",
            Outcome::Stale { .. } => "stale",
            Outcome::Forbidden { .. } => "forbidden",
            Outcome::Invalid { .. } => "invalid",
        };
        self.commands.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
    }

    /// Everything, as Prometheus reads it.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub(crate) async fn text(&self, store: &Store) -> Result<String, Problem> {
        let mut conn = store.reading().await?;
        self.feed.set(store::feed::last_seq(&mut conn).await?);
        self.windows.clear();
        for (state, count) in store::attainment::by_state(&mut conn).await? {
            self.windows.get_or_create(&vec![("state", state)]).set(count);
        }
        self.messages.clear();
        for (channel, state, count) in store::message::counts(&mut conn).await? {
            self.messages.get_or_create(&vec![("channel", channel), ("state", state)]).set(count);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)
            .map_err(|error| Problem::new(Code::Internal, format!("no metrics: {error}")))?;
        Ok(text)
    }
}
