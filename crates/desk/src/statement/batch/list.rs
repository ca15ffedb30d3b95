//! The signed list of what a run released.

use super::record::{self, Batch, Ended};
use crate::{keys::Sealer, profile::private_folder, seat::Inside};
use makegood_domain::{Code, Problem, statement::Statement};
use makegood_statement::{BatchList, BatchMissing, BatchStatement, write_whole};
use std::path::PathBuf;

/// Writes the list beside the files, and its signature beside it; where it lies in the profile's
/// folder. There is none of a run that released nothing.
pub(super) async fn write(
    inside: &Inside,
    batch: &Batch,
    sealer: &Sealer,
) -> Result<Option<PathBuf>, Problem> {
    let (mut released, mut missing) = (Vec::new(), Vec::new());
    let mut reader = inside.mirror().reader().await?;
    for one in record::ended(&inside.profile, &batch.id).await? {
        let file = one.file.as_ref().and_then(|file| file.file_name());
        // Whoever has left since is no longer in sight, and nor is what was sealed for them.
        let statement = match &one.statement {
            Some(id) => reader.find::<Statement>(id).await?,
            None => None,
        };
        let (Some(file), Some(statement)) = (file, statement) else {
            missing.push(left_out(one));
            continue;
        };
        let file = file.to_string_lossy().into_owned();
        released.push(BatchStatement {
            customer: one.customer,
            number: statement.row.number,
            revision: statement.row.revision,
            file,
            sha256: one.sha256,
            verdict: one.verdict,
        });
    }
    drop(reader);
    if released.is_empty() {
        return Ok(None);
    }
    let what = (batch.period.clone(), inside.who().person.name);
    let list = BatchList::new(what, (batch.made_at, inside.now()), released, missing);
    let short = batch.id.rsplit('-').next().unwrap_or_default();
    let name = format!("list-{}-{short}.json", batch.period);
    let relative = PathBuf::from("statements").join(&batch.period).join(name);
    let path = inside.profile.folder().join(&relative);
    let seal = sealer.seal.clone();
    let written = tokio::task::spawn_blocking(move || -> Result<(), Problem> {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let (bytes, signature) = list.sign(&seal)?;
        // The signature first: a list that is there can be verified.
        write_whole(&path.with_extension("json.p7s"), &signature)?;
        Ok(write_whole(&path, &bytes)?)
    });
    written.await.map_err(|_| Problem::new(Code::Internal, "writing the list stopped"))??;
    Ok(Some(relative))
}

fn left_out(one: Ended) -> BatchMissing {
    let reason = match (one.problem, one.statement) {
        (Some(problem), _) => problem.message,
        (None, Some(_)) if one.file.is_some() => "it is no longer in sight here".to_owned(),
        (None, Some(_)) => "its number was given back".to_owned(),
        (None, None) => "the run was cancelled before its turn".to_owned(),
    };
    BatchMissing { customer: one.customer, reason }
}
