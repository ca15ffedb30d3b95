//! `makegood sync`: a profile brought up to date, for cron.

use crate::say;
use chrono::TimeDelta;
use clap::Args;
use makegood_desk::{CatchUp, Desk, Event, Fill, Ground};
use makegood_domain::{Clock, Problem, random::Random};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    pin::pin,
    process::ExitCode,
};
use tokio::sync::broadcast::{
    Receiver,
    error::{RecvError, TryRecvError},
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
    /// Central has moved to this address: go on with what waits in the profile of its former one
    #[arg(long)]
    moved: bool,
}

impl Place {
    /// Sits down there.
    pub(crate) async fn desk(&self) -> Result<Desk, Problem> {
        Ok(self.seated().await?.0)
    }

    /// … and hears what happens from the beginning on.
    async fn seated(&self) -> Result<(Desk, Receiver<Event>), Problem> {
        let token = secret(&self.token_file)?;
        let ground =
            Ground { clock: Clock::system(), random: Random::system(), hold: TimeDelta::zero() };
        let desk = Desk::open(&self.profile, ground)?;
        let events = desk.subscribe();
        let mut session = desk.connect(&self.central, &token).await?;
        if let Some(other) = desk.elsewhere().await? {
            if self.moved {
                desk.take_along().await?;
                session = desk.connect(&self.central, &token).await?;
            } else {
                say::step(&format!(
                    "What was decided for {} stays there; if central has moved here, call this with --moved",
                    other.address
                ));
            }
        }
        if let Some(person) = session.person {
            say::step(&format!("{}, {}", person.name, person.role_name));
        }
        Ok((desk, events))
    }

    /// Sits down there, and brings the desk in step with central.
    pub(crate) async fn synced(&self) -> Result<Desk, Problem> {
        let (desk, events) = self.seated().await?;
        say::step("Syncing");
        telling(events, desk.sync_now()).await?;
        Ok(desk)
    }
}

/// Does the job, and says meanwhile how far catching up is.
async fn telling<T>(mut events: Receiver<Event>, job: impl Future<Output = T>) -> T {
    let mut job = pin!(job);
    let mut told = Told::default();
    let done = loop {
        tokio::select! {
            done = &mut job => break done,
            event = events.recv() => match event {
                Ok(event) => told.event(&event),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break job.await,
            }
        }
    };
    loop {
        match events.try_recv() {
            Ok(event) => told.event(&event),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return done,
        }
    }
}

/// What was said of catching up.
#[derive(Debug, Default)]
struct Told {
    last: (String, u64),
    whole: BTreeSet<(String, String)>,
}

impl Told {
    fn event(&mut self, event: &Event) {
        if let Event::Sync(state) = event
            && let Some(so_far) = &state.progress
        {
            self.progress(so_far);
        }
    }

    /// A line for each tenth of it, or for so many records, and one for each table that is all here.
    fn progress(&mut self, so_far: &CatchUp) {
        let mark = match so_far.total {
            Some(total) => so_far.done.saturating_mul(10) / total.max(1),
            None => so_far.done / 100_000,
        };
        let here = (so_far.what.clone(), mark);
        if here != self.last && !so_far.is_here {
            // An older central does not say what comes.
            let now = if so_far.now.is_empty() { "" } else { ", " };
            say::step(&format!("{}{now}{}", so_far.text, so_far.now));
            self.last = here;
        }
        for table in so_far.tables.iter().filter(|table| table.state == Fill::Done) {
            if self.whole.insert((so_far.what.clone(), table.name.clone())) {
                say::step(&format!("  {}: {}", table.name, table.text));
            }
        }
        if so_far.is_here {
            say::step(&so_far.text);
        }
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
        let desk = self.place.synced().await?;
        let state = desk.sync_state().await?;
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
