//! The one file of settings: TOML, read as a whole, so that every flaw in it is told at once.

mod channel;
mod section;

use crate::{
    app::Config,
    identity::Provider,
    limit::{Limits, Rate, Timeouts},
    tls::Tls,
};
use makegood_domain::{Code, Problem};
use section::{Reading, Section};
use std::{
    fmt, fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// What is wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: usize,
    /// The setting, why it can't be so, and the way out.
    pub message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Where the address of the database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In the settings.
    Address(String),
    /// In a file of its own, because it holds a password.
    File(PathBuf),
}

impl Database {
    fn address(&self) -> Result<String, Problem> {
        let path = match self {
            Self::Address(address) => return Ok(address.clone()),
            Self::File(path) => path,
        };
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let address = text.trim();
        if address.lines().count() == 1 && is_address(address) {
            return Ok(address.to_owned());
        }
        // What stands there may be a password: it is not repeated.
        let why = "it holds no address; write sqlite:PATH or postgres://HOST/NAME on one line";
        Err(Problem::new(Code::File, format!("{}: {why}", path.display())))
    }
}

/// Certificate and key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A line of JSON each, or text for people.
    pub json: bool,
    /// From which level on: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
}

/// All settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where everything is kept.
    pub database: Database,
    /// Where a streaming replica answers, where there is one.
    pub replica: Option<Database>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// With what to encrypt.
    pub tls: Option<TlsFiles>,
    /// How to log.
    pub log: Log,
    /// What the house decides.
    pub house: Config,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: Database::Address("sqlite:makegood-central.db".to_owned()),
            replica: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            log: Log { json: true, level: "info".to_owned() },
            house: Config::new(""),
        }
    }
}

impl Settings {
    /// Reads the text of the file; what it does not say keeps its default.
    ///
    /// # Errors
    /// Every flaw, by its line.
    pub fn parse(text: &str) -> Result<Self, Vec<Flaw>> {
        let mut settings = Self::default();
        let mut reading = Reading::new(text);
        let mut file = reading.file();
        settings.read_top(&mut file, &mut reading);
        settings.read_tls(&mut file, &mut reading);
        let house = &mut settings.house;
        read_limits(&mut file, &mut reading, &mut house.limits);
        read_timeouts(&mut file, &mut reading, &mut house.timeouts);
        settings.read_log(&mut file, &mut reading);
        settings.read_identity(&mut file, &mut reading);
        settings.house.channels = channel::read(&mut file, &mut reading);
        reading.close(file);
        reading.finish().map(|()| settings)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`Code::File`]; [`Code::Invalid`] with every flaw.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        Self::parse(&text).map_err(|flaws| {
            let lines: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            let place = path.display().to_string();
            Problem::new(Code::Invalid, format!("{place}:\n{}", lines.join("\n"))).at(place)
        })
    }

    /// The address of the database, with its password where it has one.
    ///
    /// # Errors
    /// [`Code::File`] when the file that holds it can't be read or holds something else.
    pub fn address(&self) -> Result<String, Problem> {
        self.database.address().map_err(|problem| {
            let message = format!("{}; --database-file names another one", problem.message);
            Problem { message, ..problem }
        })
    }

    /// The address of the replica, where there is one.
    ///
    /// # Errors
    /// As [`Settings::address`].
    pub fn replica_address(&self) -> Result<Option<String>, Problem> {
        self.replica.as_ref().map(Database::address).transpose()
    }

    /// Certificate and key, read and held against each other; `None`: central speaks in the clear.
    ///
    /// # Errors
    /// As [`Tls::read`].
    pub fn tls(&self) -> Result<Option<Tls>, Problem> {
        self.tls.as_ref().map(|files| Tls::read(&files.certificate, &files.key)).transpose()
    }

    fn read_top<'t>(&mut self, file: &mut Section<'t>, reading: &mut Reading<'t>) {
        self.database = read_database(file, reading, "database").unwrap_or(self.database.clone());
        self.replica = read_database(file, reading, "replica");
        if let Some((_, listen)) = reading.take(file, "listen") {
            self.listen = listen;
        }
        if let Some((line, company)) = reading.take::<String>(file, "company") {
            if company.trim().is_empty() {
                reading.flaw(line, "company: it is empty; write the name that desks show");
            }
            self.house.company = company;
        }
        if let Some((line, days)) = reading.take(file, "grace_days") {
            if days > 366 {
                reading.flaw(line, "grace_days: more than a year; write 0 to 366");
            }
            self.house.grace_days = days;
        }
        if let Some((line, days)) = reading.take(file, "tombstone_days") {
            if !(7..=3660).contains(&days) {
                reading.flaw(line, "tombstone_days: write 7 (a week away) to 3660");
            }
            self.house.tombstone_days = days;
        }
        if let Some((_, folder)) = reading.take(file, "snapshots") {
            self.house.snapshots = Some(folder);
        }
    }

    fn read_tls<'t>(&mut self, file: &mut Section<'t>, reading: &mut Reading<'t>) {
        let Some(mut tls) = reading.section(file, "tls") else {
            if !self.listen.ip().is_loopback() {
                let why = "listen: others can reach it, and tokens would cross the network in the \
                           clear; add [tls] with certificate and key, or listen on 127.0.0.1";
                reading.flaw(reading.line_of("listen"), why);
            }
            return;
        };
        let certificate = reading.required(&mut tls, "certificate", "name the PEM file");
        let key = reading.required(&mut tls, "key", "name the PEM file of the private key");
        if let (Some(certificate), Some(key)) = (certificate, key) {
            self.tls = Some(TlsFiles { certificate, key });
        }
        reading.close(tls);
    }

    fn read_identity<'t>(&mut self, file: &mut Section<'t>, reading: &mut Reading<'t>) {
        let Some((line, provider)) = reading.take::<Provider>(file, "identity") else { return };
        if let Err(problem) = provider.check() {
            reading.flaw(line, &problem.message);
        }
        self.house.provider = Some(provider);
    }

    fn read_log<'t>(&mut self, file: &mut Section<'t>, reading: &mut Reading<'t>) {
        let Some(mut log) = reading.section(file, "log") else { return };
        if let Some((line, format)) = reading.take::<String>(&mut log, "format") {
            match format.as_str() {
                "json" => self.log.json = true,
                "text" => self.log.json = false,
                other => reading.flaw(line, &format!("log.format: {other:?}; write json or text")),
            }
        }
        if let Some((line, level)) = reading.take::<String>(&mut log, "level") {
            if !["error", "warn", "info", "debug", "trace"].contains(&level.as_str()) {
                let why = format!("log.level: {level:?}; write error, warn, info, debug or trace");
                reading.flaw(line, &why);
            }
            self.log.level = level;
        }
        reading.close(log);
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let why = format!("{}: {error}; name a file that central can read", path.display());
    Problem::new(Code::File, why)
}

fn is_address(text: &str) -> bool {
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
}

/// A password in the settings would be read by whoever reads the settings.
fn flaw_of_address(address: &str, key: &str) -> Option<String> {
    if !is_address(address) {
        return Some("it is no address; write sqlite:PATH or postgres://HOST/NAME".to_owned());
    }
    let authority = address.split_once("://").map_or("", |(_, rest)| rest);
    let login = authority.split(['/', '?']).next().and_then(|host| host.rsplit_once('@'));
    let in_login = login.is_some_and(|(login, _)| login.contains(':'));
    let in_query = address.split(['?', '&']).skip(1).any(|part| part.starts_with("password="));
    (in_login || in_query).then(|| {
        let why = "it holds a password; put the address into a file of its own, and name it as";
        format!("{why} {key}_file")
    })
}

/// The address under `key`, or the file of its own under `key_file`.
fn read_database<'t>(
    file: &mut Section<'t>,
    reading: &mut Reading<'t>,
    key: &str,
) -> Option<Database> {
    let address = reading.take::<String>(file, key);
    let in_file = reading.take::<PathBuf>(file, &format!("{key}_file"));
    match (address, in_file) {
        (Some((line, _)), Some(_)) => {
            reading.flaw(line, &format!("{key}: {key}_file says the same; keep one of them"));
            None
        }
        (Some((line, address)), None) => {
            if let Some(why) = flaw_of_address(&address, key) {
                reading.flaw(line, &format!("{key}: {why}"));
            }
            Some(Database::Address(address))
        }
        (None, Some((_, path))) => Some(Database::File(path)),
        (None, None) => None,
    }
}

fn read_limits<'t>(file: &mut Section<'t>, reading: &mut Reading<'t>, limits: &mut Limits) {
    let Some(mut section) = reading.section(file, "limits") else { return };
    read_rate(&mut section, reading, "token", &mut limits.token);
    read_rate(&mut section, reading, "address", &mut limits.address);
    reading.count(&mut section, "token_at_once", &mut limits.at_once);
    reading.count(&mut section, "connections", &mut limits.connections);
    let of_address = &mut limits.connections_per_address;
    reading.count(&mut section, "connections_per_address", of_address);
    reading.close(section);
}

fn read_rate<'t>(
    limits: &mut Section<'t>,
    reading: &mut Reading<'t>,
    whose: &str,
    rate: &mut Rate,
) {
    if let Some((_, value)) = reading.take(limits, &format!("{whose}_per_second")) {
        rate.per_second = value;
    }
    if let Some((_, value)) = reading.take(limits, &format!("{whose}_burst")) {
        rate.burst = value;
    }
}

fn read_timeouts<'t>(file: &mut Section<'t>, reading: &mut Reading<'t>, timeouts: &mut Timeouts) {
    let Some(mut section) = reading.section(file, "timeouts") else { return };
    for (key, longest, timeout) in [
        ("handshake_seconds", 60, &mut timeouts.handshake),
        ("headers_seconds", 60, &mut timeouts.headers),
        ("body_seconds", 600, &mut timeouts.body),
        // A desk waits up to half a minute for news.
        ("answer_seconds", 3600, &mut timeouts.answer),
        ("taking_seconds", 600, &mut timeouts.taking),
        ("ending_seconds", 600, &mut timeouts.ending),
    ] {
        let least = if key == "answer_seconds" { 40 } else { 1 };
        if let Some((line, seconds)) = reading.take::<u64>(&mut section, key) {
            if !(least..=longest).contains(&seconds) {
                let why = format!("timeouts.{key}: {seconds}; write {least} to {longest}");
                reading.flaw(line, &why);
            }
            *timeout = Duration::from_secs(seconds);
        }
    }
    reading.close(section);
}
