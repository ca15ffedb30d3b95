//! `makegood verify`: what anybody can check about a statement (law 11).

use crate::say;
use chrono::{DateTime, Utc};
use clap::Args;
use makegood_desk::keys::read_trust;
use makegood_domain::{Clock, Problem};
use makegood_statement::{Check, Outcome, Trust, Verdict, Verification, verify, verify_batch};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Verify a statement: seal, whole document, embedded calculation files; or the signed list of a run
/// (`.json`, with its `.json.p7s` beside it) and each statement on it. Exits 0 when everything was
/// checked and is right, 1 otherwise, 2 when a file can't be read.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The statements, or the lists of runs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Root certificates that you trust (PEM or DER); without them the seal's origin stays open
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Root certificates of authorities for time stamps that you trust (PEM or DER)
    #[arg(long, value_name = "FILE")]
    stamp_trust: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let stamps = read(self.stamp_trust.as_deref())?;
        let trust = read(self.trust.as_deref())?.with_time_stamps(&stamps);
        let now = Clock::system().now();
        let (mut good, mut stated) = (true, Vec::new());
        for path in &self.files {
            let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
            good &= if path.extension().is_some_and(|one| one == "json") {
                self.list(path, &bytes, &trust, now)?
            } else {
                let found = self.statement(path, &bytes, &trust, now)?;
                let is_valid = found.is_valid();
                stated.extend(Stated::of(path, found));
                is_valid
            };
        }
        if !self.json {
            superseded(&stated);
        }
        Ok(say::verdict(good))
    }

    fn statement(
        &self,
        path: &Path,
        bytes: &[u8],
        trust: &Trust,
        now: DateTime<Utc>,
    ) -> Result<Verification, Problem> {
        let found = verify(bytes, trust, now);
        if self.json {
            return say::json(&found).map(|()| found);
        }
        say::line(&format!("{}: {}", path.display(), found.words));
        found.checks.iter().for_each(told);
        for case in &found.cases {
            let mark = if case.agrees { "ok  " } else { "FAIL" };
            say::line(&format!("  {mark} {} ({}): {}", case.file_name, case.title, case.text));
        }
        Ok(found)
    }

    fn list(
        &self,
        path: &Path,
        bytes: &[u8],
        trust: &Trust,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let beside = path.with_extension("json.p7s");
        let signature = std::fs::read(&beside).map_err(|error| say::file(&beside, &error))?;
        let read = |name: &str| std::fs::read(path.with_file_name(name));
        let found = verify_batch(bytes, &signature, read, trust, now);
        let good = found.verdict == Verdict::Valid;
        if self.json {
            return say::json(&found).map(|()| good);
        }
        say::line(&format!("{}: {}", path.display(), found.words));
        found.checks.iter().for_each(told);
        for file in &found.files {
            say::line(&format!("  {} {}: {}", mark(file.outcome), file.file, file.reason));
        }
        Ok(good)
    }
}

/// A statement that is valid: which one, who sealed it, and its revision.
struct Stated<'p> {
    path: &'p Path,
    number: String,
    sealed_by: Option<String>,
    revision: u32,
}

impl<'p> Stated<'p> {
    fn of(path: &'p Path, found: Verification) -> Option<Self> {
        let valid = found.is_valid();
        let stated = found.statement.filter(|_| valid)?;
        let (number, revision) = stated.split_once(", revision ")?;
        let (number, revision) = (number.to_owned(), revision.parse().ok()?);
        Some(Self { path, number, sealed_by: found.sealed_by, revision })
    }
}

/// Of several revisions of one statement the last one holds.
fn superseded(stated: &[Stated<'_>]) {
    for one in stated {
        let same = |other: &&Stated<'_>| {
            (&other.number, &other.sealed_by) == (&one.number, &one.sealed_by)
        };
        let last = stated.iter().filter(same).map(|other| other.revision).max();
        if let Some(last) = last.filter(|last| *last > one.revision) {
            let (path, number) = (one.path.display(), &one.number);
            say::line(&format!("{path}: superseded by revision {last} of {number}"));
        }
    }
}

fn told(check: &Check) {
    say::line(&format!("  {} {}: {}", mark(check.outcome), check.name, check.reason));
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "ok  ",
        Outcome::Fail => "FAIL",
        Outcome::NotChecked => "not checked:",
    }
}

/// Roots from a file; of none, nobody is trusted.
fn read(path: Option<&Path>) -> Result<Trust, Problem> {
    path.map_or_else(|| Ok(Trust::none()), read_trust)
}
