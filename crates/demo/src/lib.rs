//! The demo company: a seeded generator, and central embedded for it.
//!
//! Everything goes through central's own doors; nothing writes its tables. The clock starts on
//! 9 November 2026, 08:15 UTC, so that the figures are the same on every day.
#![warn(missing_docs)]

pub mod book;
mod seed;

pub use seed::Progress;

use makegood_central::{App, Config, Running, serve};
use makegood_domain::{Clock, Code, Problem, person::Role, random::Random};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;

/// The seed of the shipped demo.
pub const SEED: u64 = 20_261_109;
/// When its clock starts.
const STARTS_AT: &str = "2026-11-09T08:15:00Z";
/// When its book begins.
const BOOK_BEGINS: &str = "2023-11-01T00:00:00Z";
/// Who runs it.
const COMPANY: &str = "Fjordline Cloud";

/// A demo that runs: central on loopback, and whom one can be there.
#[derive(Debug)]
pub struct Demo {
    running: Running,
    people: Vec<DemoPerson>,
    clock: Clock,
}

/// Somebody of the demo company. Their token guards nothing but invented data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoPerson {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they do.
    pub role: Role,
    /// What opens a session as them.
    pub token: String,
}

impl Demo {
    /// Starts the demo of this folder; the first time, or when the first time was cut short, fills
    /// it from the book.
    ///
    /// # Errors
    /// [`Code::File`] for the folder, [`Code::Database`] for what lies in it.
    pub async fn start(folder: &Path, progress: Progress<'_>) -> Result<Self, Problem> {
        fs::create_dir_all(folder).map_err(|error| file(folder, &error))?;
        let people = match kept(folder)? {
            Some(people) => people,
            None => fill(folder, progress).await?,
        };
        let clock = Clock::starting_at(STARTS_AT.parse().unwrap_or_default());
        let app = open(folder, clock.clone(), Random::system()).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|error| Problem::new(Code::Internal, format!("no loopback port: {error}")))?;
        Ok(Self { running: serve(listener, app)?, people, clock })
    }

    /// Central's address, on loopback.
    #[must_use]
    pub fn address(&self) -> String {
        self.running.url()
    }

    /// Whom one can be; the first is the customer success manager of the story.
    #[must_use]
    pub fn people(&self) -> &[DemoPerson] {
        &self.people
    }

    /// The demo's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The embedded central.
    #[must_use]
    pub fn app(&self) -> &App {
        self.running.app()
    }

    /// Ends central in good order.
    ///
    /// # Errors
    /// [`Code::Internal`] when serving had failed.
    pub async fn stop(self) -> Result<(), Problem> {
        self.running.stop().await
    }
}

async fn open(folder: &Path, clock: Clock, random: Random) -> Result<App, Problem> {
    let config = Config { demo: true, schedule: None, ..Config::new(COMPANY) };
    let url = format!("sqlite:{}", database(folder).display());
    App::open(&url, clock, random, config).await
}

fn database(folder: &Path) -> PathBuf {
    folder.join("central.db")
}

/// The file that says that the demo is filled, and opens its sessions.
fn sessions(folder: &Path) -> PathBuf {
    folder.join("demo-sessions.json")
}

fn kept(folder: &Path) -> Result<Option<Vec<DemoPerson>>, Problem> {
    let path = sessions(folder);
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| {
            let why = format!("{} is damaged ({error}); reset the demo", path.display());
            Problem::new(Code::File, why)
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file(&path, &error)),
    }
}

/// Fills a new database under another name and puts it in place whole: cut short at any moment,
/// the next start begins anew.
async fn fill(folder: &Path, progress: Progress<'_>) -> Result<Vec<DemoPerson>, Problem> {
    let making = folder.join("making");
    if making.exists() {
        fs::remove_dir_all(&making).map_err(|error| file(&making, &error))?;
    }
    fs::create_dir_all(&making).map_err(|error| file(&making, &error))?;
    let clock = Clock::fixed(BOOK_BEGINS.parse().unwrap_or_default());
    let app = open(&making, clock.clone(), Random::seeded(SEED)).await?;
    let mut seeding = seed::Seeding::begin(&app, &clock, SEED).await?;
    seeding.run(progress).await?;
    let people = seeding.sessions().await?;
    app.store().close().await;
    for entry in fs::read_dir(&making).map_err(|error| file(&making, &error))? {
        let from = entry.map_err(|error| file(&making, &error))?.path();
        let to = folder.join(from.file_name().unwrap_or_default());
        fs::rename(&from, &to).map_err(|error| file(&to, &error))?;
    }
    fs::remove_dir_all(&making).map_err(|error| file(&making, &error))?;
    write_private(&sessions(folder), &people)?;
    Ok(people)
}

fn write_private(path: &Path, people: &[DemoPerson]) -> Result<(), Problem> {
    use std::io::Write as _;
    let text = serde_json::to_vec_pretty(people)
        .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&new).map_err(|error| file(&new, &error))?;
    out.write_all(&text).and_then(|()| out.sync_all()).map_err(|error| file(&new, &error))?;
    fs::rename(&new, path).map_err(|error| file(path, &error))
}

fn file(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        Code::File,
        format!("{} can't be used: {error}; check the folder and its rights", path.display()),
    )
}
