//! Sources: who delivers evidence, and how each is doing.

use crate::store::{Store, source};
use makegood_domain::{Problem, id::PersonId, source::SourceStatus};

/// Every source as it stands now, by name.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn statuses(store: &Store) -> Result<Vec<SourceStatus>, Problem> {
    let sources = source::all(&mut *store.reading().await?).await?;
    let now = store.clock().now();
    Ok(sources.iter().map(|source| source.status(now)).collect())
}

/// Keeps that something went wrong with a source: what `by` sent was refused, or central's question
/// was.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn failed(
    store: &Store,
    by: Option<PersonId>,
    name: &str,
    problem: &Problem,
) -> Result<(), Problem> {
    let mut tx = store.begin(by).await?;
    tx.lock("evidence").await?;
    tx.source_failed(name, problem).await?;
    tx.commit().await?;
    Ok(())
}
