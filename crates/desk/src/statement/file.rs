//! The sealed file of a statement: where it lies at this desk, and taking it in from another one.

use super::run;
use crate::{
    desk::Desk,
    event::Event,
    problem::{database, file},
    profile::{Profile, private_folder},
    seat::Inside,
};
use makegood_domain::{Code, Problem, statement::Statement};
use makegood_mirror::{Reader, screens};
use makegood_statement::{Outcome, Trust, Verdict, Verification, verify, write_whole};
use std::path::{Path, PathBuf};

/// The check of who gave a time stamp.
const STAMPED_BY: &str = "time_stamp_chain";

/// The largest file that is looked at; a statement of five hundred outages has less than one.
const MOST_MIB: u64 = 64;

impl Desk {
    /// Takes in the file of a statement that was sealed at another desk; answers where it lies now. It is
    /// taken only if it is the very file whose hash central has on record, and verifies.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a statement that this desk does not see; [`Code::WrongState`] for one that is
    /// not sealed; [`Code::VerificationFailed`] for another file, with its number where it has one;
    /// [`Code::File`].
    pub async fn add_statement_file(
        &self,
        statement_id: &str,
        path: &Path,
    ) -> Result<PathBuf, Problem> {
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let statement = reader.get::<Statement>(statement_id).await?.row;
        let wanted = named(&statement);
        let Some(recorded) = &statement.sha256 else {
            let why = format!("{wanted} is not sealed: there is no file of it yet");
            return Err(Problem::new(Code::WrongState, why));
        };
        let bytes = read(path)?;
        let (roots, now) = (inside.known_roots()?, inside.now());
        let (rootless, stampless) = (roots.is_none(), !inside.knows_stamps());
        let trust = roots.unwrap_or_else(Trust::none);
        let (bytes, verified) = tokio::task::spawn_blocking(move || {
            let verified = verify(&bytes, &trust, now);
            (bytes, verified)
        })
        .await
        .map_err(|_| Problem::new(Code::Internal, "the verification stopped"))?;
        let refused = |why: String| {
            Err(Problem::new(Code::VerificationFailed, format!("{}: {why}", path.display())))
        };
        if verified.sha256 != *recorded {
            return refused(other(&mut reader, &verified, &wanted).await?);
        }
        drop(reader);
        // Where this desk trusts no root there is nothing to compare the seal's with, nor the stamp's.
        let mut open = verified.checks.iter().filter(|one| one.outcome == Outcome::NotChecked);
        let holds = match verified.verdict {
            Verdict::Valid => true,
            Verdict::Unproven => rootless || (stampless && open.all(|one| one.id == STAMPED_BY)),
            Verdict::Invalid => false,
        };
        if !holds {
            return refused(format!("it was not taken in. {}", verified.words));
        }
        let kept = inside.keep(&statement, bytes).await?;
        inside.tell(Event::Changed);
        Ok(kept)
    }
}

impl Inside {
    /// Where the file of a statement lies that was written here, or added.
    ///
    /// # Errors
    /// [`Code::NotFound`] where it is at another desk.
    pub(crate) async fn file_of(&self, statement: &str) -> Result<PathBuf, Problem> {
        let written = run::find(&self.profile, statement).await?.and_then(|run| run.file);
        let file = match written {
            Some(file) => Some(file),
            None => added(&self.profile, statement).await?,
        };
        file.map(|file| self.profile.folder().join(file)).ok_or_else(|| {
            let why = "it was sealed at another desk, and its file is not here; add the file first";
            Problem::new(Code::NotFound, why)
        })
    }

    /// Puts the bytes where statements written here lie, and notes that.
    async fn keep(&self, statement: &Statement, bytes: Vec<u8>) -> Result<PathBuf, Problem> {
        let relative = place(statement);
        let path = self.profile.folder().join(&relative);
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let to = path.clone();
        tokio::task::spawn_blocking(move || write_whole(&to, &bytes))
            .await
            .map_err(|_| Problem::new(Code::Internal, "writing stopped"))??;
        sqlx::query(
            "insert into statement_file (statement, file) values ($1, $2)
             on conflict (statement) do update set file = excluded.file",
        )
        .bind(statement.id.to_string())
        .bind(relative.to_string_lossy())
        .execute(self.profile.pool())
        .await
        .map_err(|error| database(self.profile.folder(), &error))?;
        Ok(path)
    }
}

/// Where the file of a statement is put, relative to the profile's folder.
pub(super) fn place(statement: &Statement) -> PathBuf {
    let name = format!("{}-r{}.pdf", statement.number, statement.revision);
    PathBuf::from("statements").join(&statement.period).join(name)
}

fn named(statement: &Statement) -> String {
    format!("{}, revision {}", statement.number, statement.revision)
}

/// The file of a statement that was added here.
async fn added(profile: &Profile, statement: &str) -> Result<Option<PathBuf>, Problem> {
    let file: Option<String> =
        sqlx::query_scalar("select file from statement_file where statement = $1")
            .bind(statement)
            .fetch_optional(profile.pool())
            .await
            .map_err(|error| database(profile.folder(), &error))?;
    Ok(file.map(PathBuf::from))
}

/// What a file is that is not the wanted one: another statement's, or nobody's.
async fn other(
    reader: &mut Reader,
    verified: &Verification,
    wanted: &str,
) -> Result<String, Problem> {
    let stated = verified.statement.as_deref();
    if let Some((number, _)) = stated.and_then(|stated| stated.split_once(',')) {
        let all = screens::numbered(reader, number).await?;
        // What a file says of itself counts once its hash is on record, too.
        let found = all.iter().find(|one| one.sha256.as_deref() == Some(&verified.sha256));
        if let Some(found) = found {
            return Ok(format!("it is {}, not {wanted}", named(found)));
        }
    }
    let says = match stated {
        Some(stated) => format!("it calls itself {stated}, but its"),
        None => "its".to_owned(),
    };
    Ok(format!(
        "{says} SHA-256 is not the one on record for {wanted}; take the file from the desk that sealed \
         it, or from the message that it went out with"
    ))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let about = std::fs::metadata(path).map_err(|error| file(path, &error))?;
    let refused = |why: &str| Err(Problem::new(Code::File, format!("{}: {why}", path.display())));
    if !about.is_file() {
        return refused("it is not a file; name the sealed PDF");
    }
    if about.len() > MOST_MIB << 20 {
        return refused("it is far too large for a statement");
    }
    std::fs::read(path).map_err(|error| file(path, &error))
}
