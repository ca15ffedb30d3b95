//! A statement on its way: asked for, numbered, written, sealed on record. Every step is written
//! down before the next begins, so that a desk that was killed goes on where it was.

use crate::{
    problem::{database, unreadable},
    profile::Profile,
};
use makegood_domain::{
    Code, Problem,
    id::{CommandId, CustomerId, SettlementId, StatementId},
    statement::StatementOf,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A statement on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) statement: StatementId,
    pub(crate) customer: CustomerId,
    pub(crate) of: StatementOf,
    pub(crate) period: String,
    pub(crate) language: String,
    pub(crate) issue: CommandId,
    pub(crate) seal: Option<CommandId>,
    pub(crate) step: Step,
    /// The feed's position that shows the number, from its receipt.
    pub(crate) seq: i64,
    /// Relative to the profile's folder.
    pub(crate) file: Option<PathBuf>,
    pub(crate) sha256: Option<String>,
    pub(crate) problem: Option<Problem>,
}

impl Run {
    /// Whether it is of this, and on its way.
    pub(crate) fn is_open(&self, of: StatementOf) -> bool {
        self.of == of && !matches!(self.step, Step::Sealed | Step::Failed)
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Central is asked for a number.
    Asked,
    /// It has one; the file is to be written.
    Numbered,
    /// The file is written and verified; its hash goes to central.
    Written,
    /// The hash is on record.
    Sealed,
    /// Central refused, or the number was given back.
    Failed,
}

impl Step {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Numbered => "numbered",
            Self::Written => "written",
            Self::Sealed => "sealed",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Asked, Self::Numbered, Self::Written, Self::Sealed, Self::Failed]
            .into_iter()
            .find(|step| step.as_str() == text)
    }
}

/// What was written: the file, its hash, and the hash of each embedded calculation file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Relative to the profile's folder.
    pub(crate) file: PathBuf,
    pub(crate) sha256: String,
    /// What verifying it found.
    pub(crate) verdict: String,
    pub(crate) cases: Vec<(SettlementId, String)>,
}

/// Begins a run, in the transaction that puts its command into the outbox.
pub(crate) async fn begin(
    tx: &mut SqliteConnection,
    profile: &Profile,
    run: &Run,
) -> Result<(), Problem> {
    sqlx::query(
        "insert into statement_run
           (statement, customer, period, language, issue_command, of_what, state)
         values ($1, $2, $3, $4, $5, $6, 'asked')",
    )
    .bind(run.statement.to_string())
    .bind(run.customer.to_string())
    .bind(&run.period)
    .bind(&run.language)
    .bind(run.issue.to_string())
    .bind(serde_json::to_string(&run.of).ok().filter(|_| !run.of.is_customer()))
    .execute(tx)
    .await
    .map(|_| ())
    .map_err(|error| database(profile.folder(), &error))
}

/// The runs that are not over, the oldest first.
pub(crate) async fn open(profile: &Profile) -> Result<Vec<Run>, Problem> {
    let rows = sqlx::query(
        "select * from statement_run where state not in ('sealed', 'failed') order by rowid",
    )
    .fetch_all(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    rows.iter().map(read).collect()
}

/// The runs of a customer's period, whatever they are of, the oldest first.
pub(crate) async fn of(
    profile: &Profile,
    customer: &str,
    period: &str,
) -> Result<Vec<Run>, Problem> {
    let rows = sqlx::query(
        "select * from statement_run where customer = $1 and period = $2 order by rowid",
    )
    .bind(customer)
    .bind(period)
    .fetch_all(profile.pool())
    .await
    .map_err(|error| database(profile.folder(), &error))?;
    rows.iter().map(read).collect()
}

/// One run.
pub(crate) async fn find(profile: &Profile, statement: &str) -> Result<Option<Run>, Problem> {
    let row = sqlx::query("select * from statement_run where statement = $1")
        .bind(statement)
        .fetch_optional(profile.pool())
        .await
        .map_err(|error| database(profile.folder(), &error))?;
    row.as_ref().map(read).transpose()
}

/// Central gave the number.
pub(crate) async fn numbered(profile: &Profile, run: &Run, seq: i64) -> Result<(), Problem> {
    sqlx::query(
        "update statement_run set state = 'numbered', receipt_seq = $2 where statement = $1",
    )
    .bind(run.statement.to_string())
    .bind(seq)
    .execute(profile.pool())
    .await
    .map(|_| ())
    .map_err(|error| database(profile.folder(), &error))
}

/// The file is there; in the transaction that puts the seal's command into the outbox.
pub(crate) async fn written(
    tx: &mut SqliteConnection,
    profile: &Profile,
    run: &Run,
    seal: CommandId,
    written: &Written,
) -> Result<(), Problem> {
    sqlx::query(
        "update statement_run set state = 'written', seal_command = $2, file = $3, sha256 = $4,
                verdict = $5, problem = null where statement = $1",
    )
    .bind(run.statement.to_string())
    .bind(seal.to_string())
    .bind(written.file.to_string_lossy())
    .bind(&written.sha256)
    .bind(&written.verdict)
    .execute(tx)
    .await
    .map(|_| ())
    .map_err(|error| database(profile.folder(), &error))
}

/// The number is given back; in the transaction that puts that command into the outbox.
pub(crate) async fn failed(
    tx: &mut SqliteConnection,
    profile: &Profile,
    run: &Run,
    problem: &Problem,
) -> Result<(), Problem> {
    sqlx::query("update statement_run set state = 'failed', problem = $2 where statement = $1")
        .bind(run.statement.to_string())
        .bind(serde_json::to_string(problem).ok())
        .execute(tx)
        .await
        .map(|_| ())
        .map_err(|error| database(profile.folder(), &error))
}

/// What becomes of a number that central was put back to before.
pub(crate) enum Recalled {
    /// It is asked for again.
    Again,
    /// Nothing rests on it.
    Leave,
    /// There is a file that tells of it.
    Over {
        /// The command that records the file's hash, where it was put down.
        seal: Option<CommandId>,
        /// What its author is told.
        problem: Problem,
    },
}

/// Central was put back to before it gave the number that `issue` asked for. Without a file the run asks
/// again; with one it is over: the next number may be another, and the file stays as somebody may have it.
pub(crate) async fn recalled(
    tx: &mut SqliteConnection,
    profile: &Profile,
    issue: CommandId,
) -> Result<Recalled, Problem> {
    let failed = |error| database(profile.folder(), &error);
    let row = sqlx::query("select * from statement_run where issue_command = $1")
        .bind(issue.to_string())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
    let Some(run) = row.as_ref().map(read).transpose()? else { return Ok(Recalled::Again) };
    let (step, file, problem) = match run.step {
        Step::Asked => return Ok(Recalled::Again),
        Step::Failed => return Ok(Recalled::Leave),
        Step::Numbered => (Step::Asked, None, None),
        Step::Written | Step::Sealed => {
            let file = run.file.map(|file| set_aside(profile, &file, run.statement));
            let at = file.as_ref().map(|file| profile.folder().join(file).display().to_string());
            let why = format!(
                "central was restored to before this SLA statement had its number; issue it again. The \
                 file that was sealed lies at {}: whoever has it should be told",
                at.unwrap_or_default()
            );
            (Step::Failed, file, Some(Problem::new(Code::WrongState, why)))
        }
    };
    sqlx::query(
        "update statement_run set state = $2, file = $3, problem = $4, receipt_seq = null
         where statement = $1",
    )
    .bind(run.statement.to_string())
    .bind(step.as_str())
    .bind(file.map(|file| file.to_string_lossy().into_owned()))
    .bind(problem.as_ref().and_then(|problem| serde_json::to_string(problem).ok()))
    .execute(tx)
    .await
    .map_err(failed)?;
    Ok(match problem {
        Some(problem) => Recalled::Over { seal: run.seal, problem },
        None => Recalled::Again,
    })
}

/// Gives a file a name that no other statement's will have; where it lies then.
fn set_aside(profile: &Profile, file: &Path, statement: StatementId) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let aside = file.with_file_name(format!("{stem}-{statement}.pdf"));
    let (from, to) = (profile.folder().join(file), profile.folder().join(&aside));
    // It was moved before, where this was cut off.
    if std::fs::rename(from, &to).is_ok() || to.exists() { aside } else { file.to_owned() }
}

/// The run waits for something: its step stays what it is.
pub(crate) async fn stuck(profile: &Profile, run: &Run, problem: &Problem) -> Result<(), Problem> {
    sqlx::query("update statement_run set problem = $2 where statement = $1")
        .bind(run.statement.to_string())
        .bind(serde_json::to_string(problem).ok())
        .execute(profile.pool())
        .await
        .map(|_| ())
        .map_err(|error| database(profile.folder(), &error))
}

/// The run is over.
pub(crate) async fn at(
    profile: &Profile,
    run: &Run,
    step: Step,
    problem: Option<&Problem>,
) -> Result<(), Problem> {
    let problem = problem.and_then(|problem| serde_json::to_string(problem).ok());
    sqlx::query("update statement_run set state = $2, problem = $3 where statement = $1")
        .bind(run.statement.to_string())
        .bind(step.as_str())
        .bind(problem)
        .execute(profile.pool())
        .await
        .map(|_| ())
        .map_err(|error| database(profile.folder(), &error))
}

fn read(row: &SqliteRow) -> Result<Run, Problem> {
    let what = "a statement's run";
    fn id<T: FromStr<Err: Display>>(text: &str) -> Result<T, Problem> {
        text.parse().map_err(|error| unreadable("a statement's run", &error))
    }
    let step: &str = row.get("state");
    let seal: Option<&str> = row.get("seal_command");
    let problem: Option<&str> = row.get("problem");
    let of: Option<&str> = row.get("of_what");
    let of = of.map(serde_json::from_str).transpose().map_err(|error| unreadable(what, &error))?;
    Ok(Run {
        statement: id(row.get("statement"))?,
        customer: id(row.get("customer"))?,
        of: of.unwrap_or_default(),
        period: row.get("period"),
        language: row.get("language"),
        issue: id(row.get("issue_command"))?,
        seal: seal.map(id).transpose()?,
        step: Step::parse(step).ok_or_else(|| unreadable(what, &step))?,
        seq: row.get::<Option<i64>, _>("receipt_seq").unwrap_or(0),
        file: row.get::<Option<String>, _>("file").map(PathBuf::from),
        sha256: row.get("sha256"),
        problem: problem.and_then(|text| serde_json::from_str(text).ok()),
    })
}
