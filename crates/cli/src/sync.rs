//! `makegood sync`: a profile brought up to date, for cron.

use crate::say;
use chrono::TimeDelta;
use clap::Args;
use makegood_desk::{Desk, Ground};
use makegood_domain::{Clock, Problem, random::Random};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Where a desk keeps its files, and which central it belongs to.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The desk's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: PathBuf,
    /// Central's address: `https://…`, or `http://…` on this machine
    #[arg(long, value_name = "URL")]
    central: String,
    /// A file with the token; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
}

impl Place {
    /// Sits down there.
    pub(crate) async fn desk(&self) -> Result<Desk, Problem> {
        let token = secret(&self.token_file)?;
        let ground =
            Ground { clock: Clock::system(), random: Random::system(), hold: TimeDelta::zero() };
        let desk = Desk::open(&self.profile, ground)?;
        let session = desk.connect(&self.central, &token).await?;
        if let Some(person) = session.person {
            say::step(&format!("{}, {}", person.name, person.role_name));
        }
        Ok(desk)
    }

    /// Sits down there, and brings the desk in step with central.
    pub(crate) async fn synced(&self) -> Result<Desk, Problem> {
        let desk = self.desk().await?;
        say::step("Syncing");
        desk.sync_now().await?;
        Ok(desk)
    }
}

/// Bring a profile up to date with central.
#[derive(Debug, Args)]
pub(crate) struct Sync {
    #[command(flatten)]
    place: Place,
    /// Ask central for its digest, too, and compare
    #[arg(long)]
    prove: bool,
}

impl Sync {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.place.desk().await?;
        say::step("Syncing");
        let state = desk.sync_now().await?;
        say::line(&format!("{}: {}", state.text, state.detail));
        if !self.prove {
            return Ok(ExitCode::SUCCESS);
        }
        let agrees = desk.mirror_agrees().await?;
        say::line(if agrees {
            "The local copy equals central."
        } else {
            "The local copy differs from central."
        });
        Ok(say::verdict(agrees))
    }
}

/// Reads a secret from a file, or from standard input.
pub(crate) fn secret(path: &Path) -> Result<String, Problem> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.map(|text| text.trim().to_owned()).map_err(|error| say::file(path, &error))
}
