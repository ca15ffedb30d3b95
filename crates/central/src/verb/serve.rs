//! `makegood-central serve`, and the settings it stands on.

use clap::Args;
use makegood_central::{
    App,
    config::{Flaw, Log, Settings, TlsFiles},
    identity::Provider,
    serve, serve_tls,
};
use makegood_domain::{Clock, Code, Problem, random::Random};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;

/// What a start may say otherwise than the settings.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Address and port to listen on. Anything but this machine asks for TLS.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Certificate with its chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Name of the company, as desks show it.
    #[arg(long)]
    company: Option<String>,
    /// Days after a month's end until its measurement is locked.
    #[arg(long)]
    grace_days: Option<u16>,
    #[command(flatten)]
    provider: Option<Provider>,
}

/// Serves until it is interrupted.
///
/// # Errors
/// [`Code::Invalid`], [`Code::File`], [`Code::KeyInvalid`], [`Code::Database`].
pub(crate) async fn run(mut settings: Settings, flags: Flags) -> Result<(), Problem> {
    let house = &mut settings.house;
    house.company = flags.company.unwrap_or(std::mem::take(&mut house.company));
    house.grace_days = flags.grace_days.unwrap_or(house.grace_days);
    house.provider = flags.provider.or(house.provider.take());
    settings.listen = flags.listen.unwrap_or(settings.listen);
    if let (Some(certificate), Some(key)) = (flags.tls_certificate, flags.tls_key) {
        settings.tls = Some(TlsFiles { certificate, key });
    }
    if settings.house.company.trim().is_empty() {
        let why = "the company has no name; write it into the settings or give --company";
        return Err(Problem::new(Code::Invalid, why).at("company"));
    }
    start_log(&settings.log, settings.log.json);
    settings.house.replica = settings.replica_address()?;
    let (tls, house) = (settings.tls()?, settings.house.clone());
    let app = App::open(&settings.address()?, Clock::system(), Random::system(), house).await?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        let listen = settings.listen;
        let why = format!("{listen} can't be listened on: {error}; free it or choose another");
        Problem::new(Code::File, why)
    })?;
    let running = match tls {
        Some(tls) => serve_tls(listener, app, tls)?,
        None => serve(listener, app)?,
    };
    tracing::info!("central answers at {}", running.url());
    interrupted().await;
    tracing::info!("ending: what is under way is answered first");
    running.stop().await
}

/// Writes the log to standard error; `RUST_LOG` wins over the level of the settings.
pub(crate) fn start_log(log: &Log, json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(&log.level));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        lines.json().flatten_event(true).with_span_list(false).init();
    } else {
        lines.init();
    }
}

/// Prints every flaw of the settings in `file`, and of the files they name.
///
/// # Errors
/// [`Code::Invalid`] when there is one; [`Code::File`] when the settings can't be read.
pub(crate) fn check(file: &Path) -> Result<(), Problem> {
    let place = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Problem::new(Code::File, format!("{place}: {error}; name a file that can be read"))
    })?;
    let flaws = match Settings::parse(&text) {
        Err(flaws) => flaws.iter().map(Flaw::to_string).collect(),
        Ok(settings) => flaws_outside(&settings),
    };
    if flaws.is_empty() {
        println!("{place}: nothing is wrong");
        return Ok(());
    }
    for flaw in &flaws {
        eprintln!("{place}: {flaw}");
    }
    let why = format!("{place} has {} to put right, see above", flaws.len());
    Err(Problem::new(Code::Invalid, why))
}

fn flaws_outside(settings: &Settings) -> Vec<String> {
    let mut flaws = Vec::new();
    if settings.house.company.is_empty() {
        flaws.push("company is missing; write the name that desks show".to_owned());
    }
    flaws.extend(settings.address().err().map(|problem| problem.message));
    flaws.extend(settings.replica_address().err().map(|problem| problem.message));
    flaws.extend(settings.tls().err().map(|problem| problem.message));
    for channel in &settings.house.channels {
        let flaw = channel.check().err();
        flaws.extend(flaw.map(|problem| format!("{}: {}", channel.name, problem.message)));
    }
    flaws
}

/// Waits for an interrupt, or for the end that a service manager asks for.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut end) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        return;
    }
    // Without signals there is nothing to wait for but the process's end.
    let _ = tokio::signal::ctrl_c().await;
}
