//! Sources: who delivers evidence, and how each is doing. Some push; others central asks.

pub mod prometheus;

use crate::{
    ingest::{self, Report},
    store::{Lock, Store, source},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::PersonId,
    source::{LATE_AFTER, SourceKind, SourceStatus},
};
use makegood_engine::duration::Duration;
use prometheus::Settings;
use serde::Deserialize;

/// How often in a row a source is asked that has more to say, before the others have their turn.
const TURNS_IN_A_ROW: usize = 24;

/// A source as it is defined.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    kind: SourceKind,
    late_after: Option<String>,
    #[serde(default)]
    settings: serde_json::Value,
}

/// Defines a source, or changes its settings; its name. Where it has got to stays.
///
/// # Errors
/// [`Code::Invalid`] with the path; [`Code::Database`].
pub async fn put(store: &Store, bytes: &[u8]) -> Result<String, Problem> {
    let refuse = |path: &str, why: &str| {
        Problem::new(Code::Invalid, format!("{path}: {why}")).at(path.to_owned())
    };
    let definition: Definition = ingest::document(bytes, "the source")?;
    if definition.name.trim().is_empty() {
        return Err(refuse("name", "a source has a name"));
    }
    let late_after = definition.late_after.as_deref().map(|text| {
        let read = Duration::parse(text).map(|read| read.signed_seconds());
        match read {
            Ok(seconds) if seconds > 0 => Ok(seconds),
            Ok(_) => Err(refuse("late_after", "a source is late after more than nothing")),
            Err(why) => Err(refuse("late_after", &why)),
        }
    });
    let late_after = late_after.transpose()?;
    let mut tx = store.begin(None).await?;
    tx.lock(Lock::Evidence).await?;
    let known = source::by_name(tx.conn(), &definition.name).await?;
    let usual = match definition.kind {
        SourceKind::Push if definition.settings.as_object().is_some_and(|it| !it.is_empty()) => {
            return Err(refuse("settings", "one that pushes has none"));
        }
        SourceKind::Push => LATE_AFTER,
        SourceKind::Prometheus => {
            let settings = Settings::read(&definition.settings)?;
            let before = known.as_ref().filter(|known| known.kind == SourceKind::Prometheus);
            let slot = before.map(|known| Settings::read(&known.settings)).transpose()?;
            if slot.is_some_and(|before| before.slot != settings.slot) {
                let why = "its slots have another length on record; define another source";
                return Err(refuse("settings.slot", why));
            }
            settings.late_after()
        }
    };
    if known.as_ref().is_some_and(|known| known.kind != definition.kind) {
        return Err(refuse("kind", "a source of that name is of another kind; name it otherwise"));
    }
    let settings = match definition.kind {
        SourceKind::Push => serde_json::json!({}),
        SourceKind::Prometheus => definition.settings,
    };
    let late_after = late_after.unwrap_or(usual);
    tx.put_source(&definition.name, definition.kind, &settings, late_after).await?;
    tx.commit().await?;
    Ok(definition.name)
}

/// Every source as it stands now, by name.
///
/// # Errors
/// [`Code::Database`].
pub async fn statuses(store: &Store) -> Result<Vec<SourceStatus>, Problem> {
    let sources = source::all(&mut *store.reading().await?).await?;
    let now = store.clock().now();
    Ok(sources.iter().map(|source| source.status(now)).collect())
}

/// Keeps that something went wrong with a source: what `by` sent was refused, or central's question
/// was.
///
/// # Errors
/// [`Code::Database`].
pub async fn failed(
    store: &Store,
    by: Option<PersonId>,
    name: &str,
    problem: &Problem,
) -> Result<(), Problem> {
    let mut tx = store.begin(by).await?;
    tx.lock(Lock::Evidence).await?;
    tx.source_failed(name, problem).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks every source that is to be asked for what is due. One that fails holds up no other: what
/// went wrong is kept with it.
///
/// # Errors
/// [`Code::Database`].
pub async fn ask(store: &Store) -> Result<(), Problem> {
    let sources = source::all(&mut *store.reading().await?).await?;
    for source in sources.iter().filter(|source| source.kind == SourceKind::Prometheus) {
        let now = store.clock().now();
        for _ in 0..TURNS_IN_A_ROW {
            match turn(store, &source.name, None, now).await {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(problem) => {
                    tracing::warn!(code = problem.code.as_str(), "a source was asked in vain");
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Asks one source for all that is due up to `until`; with `again`, once more from there on, for
/// what has come late or was corrected. What it came to.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for one that pushes; whatever went wrong, which is kept
/// with the source.
pub async fn run(
    store: &Store,
    name: &str,
    again: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Result<Report, Problem> {
    let (mut report, mut again) = (Report::default(), again);
    while let Some(turn) = turn(store, name, again, until).await? {
        again = again.map(|_| turn.to);
        report.added += turn.report.added;
        report.corrected += turn.report.corrected;
        report.repeated += turn.report.repeated;
        report.ignored = report.ignored.max(turn.report.ignored);
    }
    Ok(report)
}

async fn turn(
    store: &Store,
    name: &str,
    again: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Result<Option<prometheus::Turn>, Problem> {
    let source = source::by_name(&mut *store.reading().await?, name).await?;
    let source = source.ok_or_else(|| {
        Problem::new(Code::NotFound, format!("there is no source {name:?}; define it first"))
    })?;
    if source.kind != SourceKind::Prometheus {
        let why = format!("{name} pushes what it has, and is not asked");
        return Err(Problem::new(Code::Invalid, why));
    }
    let turned = prometheus::turn(store, &source, again, until).await;
    if let Err(problem) = &turned {
        failed(store, None, name, problem).await?;
    }
    turned
}
