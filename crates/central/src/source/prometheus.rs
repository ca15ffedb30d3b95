//! Prometheus: central asks it, slot by slot, for the counters of good and of all requests.
//!
//! A turn asks for the slots that are finished and settled from the cursor on, at most so many. What
//! they say and the cursor are kept in one transaction. A slot that nobody sampled is not written.

mod aside;
mod count;
mod server;

use crate::{
    import::document::Instant,
    ingest::{Adding, Block, Push, Report},
    outgoing,
    store::{self, Store, series, source::Reached},
};
use chrono::{DateTime, Utc};
use count::{Asked, Counted, Labels};
use makegood_domain::{Code, Problem, series::SeriesName, source::Source};
use makegood_engine::duration::Duration;
use reqwest::Url;
use serde::Deserialize;
use server::Server;
use std::path::PathBuf;

/// What stands in a query for the range that is asked for.
const RANGE: &str = "$range";
const DAY: i64 = 86_400;

/// The settings as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    good: String,
    total: String,
    label: String,
    path_label: Option<String>,
    region_label: Option<String>,
    slot: String,
    from: Instant,
    #[serde(default = "two_minutes")]
    settled_after: String,
    #[serde(default = "five_minutes")]
    look_back: String,
    #[serde(default = "twelve")]
    slots_per_turn: u16,
    token_file: Option<PathBuf>,
}

fn two_minutes() -> String {
    "2m".to_owned()
}

fn five_minutes() -> String {
    "5m".to_owned()
}

fn twelve() -> u16 {
    12
}

/// What is asked, and of whom.
#[derive(Debug)]
pub(crate) struct Settings {
    url: Url,
    good: String,
    total: String,
    labels: Labels,
    /// Length of a slot, in seconds: a divisor of a day.
    pub(crate) slot: i64,
    from: i64,
    /// Seconds after a slot's end until its samples are all there.
    settled_after: i64,
    /// Seconds before the first slot in which a counter's last sample is looked for.
    look_back: i64,
    slots_per_turn: i64,
    token_file: Option<PathBuf>,
}

fn invalid(path: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("settings.{path}: {why}")).at(format!("settings.{path}"))
}

/// An answer that central can't count with.
fn unusable(why: &str) -> Problem {
    Problem::new(Code::SourceAnswer, why)
}

fn seconds(path: &str, text: &str, least: i64) -> Result<i64, Problem> {
    let read = Duration::parse(text).map_err(|why| invalid(path, &why))?.signed_seconds();
    if (least..=DAY).contains(&read) {
        return Ok(read);
    }
    Err(invalid(path, &format!("{text} is not between {least}s and 24h")))
}

impl Settings {
    /// Reads a source's settings.
    pub(crate) fn read(value: &serde_json::Value) -> Result<Self, Problem> {
        let written: Written = serde_path_to_error::deserialize(value)
            .map_err(|error| invalid(&error.path().to_string(), &error.inner().to_string()))?;
        let slot = seconds("slot", &written.slot, 1)?;
        if DAY % slot != 0 {
            return Err(invalid("slot", "a day is no whole number of such slots"));
        }
        for (path, query) in [("good", &written.good), ("total", &written.total)] {
            if !query.contains(RANGE) {
                let why = "write the range as $range, such as requests_total[$range]";
                return Err(invalid(path, why));
            }
        }
        let parts = [("path_label", &written.path_label), ("region_label", &written.region_label)];
        let named = parts.into_iter().filter_map(|(key, label)| Some((key, label.as_ref()?)));
        for (key, label) in [("label", &written.label)].into_iter().chain(named) {
            if label.is_empty() {
                let what = match key {
                    "label" => "customers",
                    "path_label" => "paths",
                    _ => "regions",
                };
                return Err(invalid(key, &format!("name the label that tells {what} apart")));
            }
        }
        if !(1..=288).contains(&written.slots_per_turn) {
            return Err(invalid("slots_per_turn", "a turn asks for 1 to 288 slots"));
        }
        let from = written.from.0.timestamp();
        Ok(Self {
            url: address(&written.url)?,
            good: written.good,
            total: written.total,
            labels: Labels {
                service: written.label,
                path: written.path_label,
                region: written.region_label,
            },
            slot,
            from: from + (slot - from.rem_euclid(slot)) % slot,
            settled_after: seconds("settled_after", &written.settled_after, 0)?,
            look_back: seconds("look_back", &written.look_back, 1)?,
            slots_per_turn: i64::from(written.slots_per_turn),
            token_file: written.token_file,
        })
    }

    /// From which lag on the source is late, where its definition says nothing.
    pub(crate) fn late_after(&self) -> i64 {
        self.settled_after + 3 * self.slot + 60
    }

    /// The finished and settled slots from `from` on, at most a turn's worth.
    fn due(&self, from: i64, until: i64) -> Option<Asked> {
        let count = (until - self.settled_after - from).div_euclid(self.slot);
        let count = count.min(self.slots_per_turn);
        (count > 0).then_some(Asked { from, slot: self.slot, count })
    }
}

fn address(text: &str) -> Result<Url, Problem> {
    // Without the text: it may hold a password.
    let refuse = |why: &str| invalid("url", why);
    let url = Url::parse(&format!("{}/", text.trim_end_matches('/')))
        .map_err(|_| refuse("write it as https://prometheus.example.com"))?;
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err(refuse("name a token_file; a password here would be seen"))
        }
        _ if outgoing::is_safe(&url) => Ok(url),
        "http" => Err(refuse("http:// lets others on the way change the figures; use https://")),
        _ => Err(refuse("write it as https://prometheus.example.com")),
    }
}

/// What a turn came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Until where it asked.
    pub to: DateTime<Utc>,
    /// What was kept; ignored are values of the label that belong to no SLA line.
    pub report: Report,
}

/// Asks for what is due from the cursor on (or once more, from `again` on), up to `until`; `None`:
/// nothing is due, or somebody else has asked meanwhile.
pub(super) async fn turn(
    store: &Store,
    source: &Source,
    again: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Result<Option<Turn>, Problem> {
    let settings = Settings::read(&source.settings)?;
    let cursor = source.cursor.map_or(settings.from, |cursor| cursor.timestamp());
    let from = again.map_or(cursor, |again| {
        let again = again.timestamp();
        (again - again.rem_euclid(settings.slot)).clamp(settings.from.min(cursor), cursor)
    });
    let until = until.min(store.clock().now()).timestamp();
    let Some(asked) = settings.due(from, until) else { return Ok(None) };
    let server = Server::new(&settings)?;
    let range = format!("{}s", settings.slot * asked.count + settings.look_back);
    let (total, good) =
        (settings.total.replace(RANGE, &range), settings.good.replace(RANGE, &range));
    let (total, good) =
        tokio::try_join!(server.samples(&total, asked.to()), server.samples(&good, asked.to()))?;
    let counted = count::count(asked, &settings.labels, &total, &good)?;
    keep(store, source, (asked, again.is_some()), counted).await
}

/// Keeps what was counted together with the cursor.
async fn keep(
    store: &Store,
    source: &Source,
    (asked, again): (Asked, bool),
    mut counted: Counted,
) -> Result<Option<Turn>, Problem> {
    let push = Push { store, by: None, source: &source.name, dry_run: false };
    let mut adding = Adding::begin(&push).await?;
    let stored = store::source::by_name(adding.tx.conn(), &source.name).await?;
    // What is asked for once more lies before the cursor, wherever that has gone.
    let same = |stored: &Source| {
        (again || stored.cursor == source.cursor) && stored.settings == source.settings
    };
    if !stored.is_some_and(|stored| same(&stored)) {
        return Ok(None);
    }
    let named = series::under_contract(adding.tx.conn(), &source.name).await?;
    let is_named = |name: &SeriesName| named.contains(&name.service);
    let strangers = counted.of.keys().filter(|name| !name.is_part() && !is_named(name)).count();
    let ignored = i64::try_from(strangers).unwrap_or(i64::MAX);
    counted.of.retain(|name, _| is_named(name));
    counted.unlabelled.retain(|name, _| is_named(name));
    counted.cut.retain(|name, _| is_named(name));
    let set_aside = aside::set_aside(&mut adding.tx, &source.name, &mut counted).await?;
    let block = |(name, stretches): (SeriesName, _)| {
        let path = name.service.clone();
        Block { path, name, observed_at: None, stretches }
    };
    adding.add_slots(counted.of.into_iter().map(block).collect()).await?;
    let to = store::instant(asked.to())?;
    let seen_until = counted.seen_until.map(store::instant).transpose()?;
    let reached =
        Reached { seen_until, cursor: Some(to), ignored, set_aside, ..Reached::default() };
    adding.reaches(reached);
    adding.report.ignored = strangers;
    let report = adding.finish("late evidence: slots").await?;
    Ok(Some(Turn { to, report }))
}
