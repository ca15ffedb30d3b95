//! `makegood verify`: what anybody can check about a statement (law 11).

use crate::say;
use clap::Args;
use makegood_desk::keys::read_trust;
use makegood_domain::{Clock, Code, Problem};
use makegood_statement::{Outcome, Trust, verify};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Verify a statement: seal, whole document, embedded calculation files. Exits 0 when everything
/// was checked and is right, 1 otherwise, 2 when a file can't be read.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The statements
    #[arg(required = true, value_name = "FILE.pdf")]
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
        let mut good = true;
        for path in &self.files {
            let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
            let found = verify(&bytes, &trust, now);
            good &= found.is_valid();
            if self.json {
                let text = serde_json::to_string_pretty(&found).map_err(|error| {
                    Problem::new(Code::Internal, format!("the verdict: {error}"))
                })?;
                say::line(&text);
                continue;
            }
            say::line(&format!("{}: {}", path.display(), found.words));
            for check in &found.checks {
                let mark = match check.outcome {
                    Outcome::Pass => "ok  ",
                    Outcome::Fail => "FAIL",
                    Outcome::NotChecked => "open",
                };
                say::line(&format!("  {mark} {}: {}", check.name, check.reason));
            }
            for case in &found.cases {
                let mark = if case.agrees { "ok  " } else { "FAIL" };
                say::line(&format!("  {mark} {} ({}): {}", case.file_name, case.title, case.text));
            }
        }
        Ok(say::verdict(good))
    }
}

/// Roots from a file; of none, nobody is trusted.
fn read(path: Option<&Path>) -> Result<Trust, Problem> {
    path.map_or_else(|| Ok(Trust::none()), read_trust)
}
