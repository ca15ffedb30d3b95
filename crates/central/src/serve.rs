//! Serving: a listener, the routes, the schedule, and an orderly end.

mod connection;

use crate::{
    app::App,
    close::{self, Until},
    ingest::sealing,
    message::{self, Channel},
    routes, source,
    tls::Tls,
};
use chrono::{DateTime, TimeDelta, Utc};
use connection::Door;
use futures_util::future::join_all;
use makegood_domain::{Code, Problem};
use std::{net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};

/// What happened is told outside within this time.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// A turn's longest time. The end of a month of 50,000 lines takes less than one minute.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A central that serves. Dropped, it goes on until its runtime ends; [`Running::stop`] ends it.
#[derive(Debug)]
pub struct Running {
    app: App,
    address: SocketAddr,
    scheme: &'static str,
    server: JoinHandle<()>,
    /// What goes on by itself: the schedule, and asking sources.
    loops: Vec<JoinHandle<()>>,
}

/// Serves `app` on `listener`, in the clear: to this machine only.
///
/// # Errors
/// [`Code::Invalid`] when others could reach the listener; [`Code::Internal`] when it has no address.
pub fn serve(listener: TcpListener, app: App) -> Result<Running, Problem> {
    let address = address_of(&listener)?;
    if !address.ip().is_loopback() {
        let why = "tokens would cross the network in the clear; give a certificate and its key";
        return Err(Problem::new(Code::Invalid, format!("{address}: {why}")));
    }
    Ok(start(listener, address, None, app))
}

/// Serves `app` on `listener` with TLS.
///
/// # Errors
/// [`Code::Internal`] when the listener has no address.
pub fn serve_tls(listener: TcpListener, app: App, tls: Tls) -> Result<Running, Problem> {
    let address = address_of(&listener)?;
    Ok(start(listener, address, Some(tls), app))
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Problem> {
    listener
        .local_addr()
        .map_err(|error| Problem::new(Code::Internal, format!("the listener is gone: {error}")))
}

fn start(listener: TcpListener, address: SocketAddr, tls: Option<Tls>, app: App) -> Running {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let door = Door::new(listener, tls, routes::router(app.clone()), app.config());
    let server = tokio::spawn(door.open(app.stopping()));
    let loops = app.config().schedule.map_or_else(Vec::new, |every| {
        vec![
            tokio::spawn(keep_time(app.clone(), every)),
            tokio::spawn(ask_sources(app.clone(), every)),
            tokio::spawn(tell(app.clone(), every.min(TOLD_WITHIN))),
        ]
    });
    Running { app, address, scheme, server, loops }
}

/// Asks the sources that don't push, apart from the schedule: one that is slow holds up no window.
async fn ask_sources(app: App, every: Duration) {
    let mut stopping = app.stopping();
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        // What is dropped on the way is rolled back, and asked for again after the next start.
        let asked = tokio::select! {
            asked = in_time(source::ask(app.store())) => asked,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        if let Err(problem) = asked {
            tracing::error!(code = problem.code.as_str(), "the sources: {}", problem.message);
        }
    }
}

/// Tells what happened, apart from the schedule: a receiver that is slow holds up no window, and no other.
async fn tell(app: App, every: Duration) {
    let channels = &app.config().channels;
    let drains = channels.iter().map(|channel| turns(&app, every, Telling::Through(channel)));
    tokio::join!(turns(&app, every, Telling::Spreading(channels)), join_all(drains));
}

/// What is done again and again to tell what happened.
#[derive(Clone, Copy)]
enum Telling<'a> {
    Spreading(&'a [Channel]),
    Through(&'a Channel),
}

async fn turns(app: &App, every: Duration, telling: Telling<'_>) {
    let mut stopping = app.stopping();
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        // What is dropped on the way is told again after the next start, under the same id.
        let turn = async {
            match telling {
                Telling::Spreading(channels) => message::spread(app.store(), channels).await,
                Telling::Through(channel) => message::drain(app.store(), channel).await.map(|_| ()),
            }
        };
        let told = tokio::select! {
            told = in_time(turn) => told,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        if let Err(problem) = told {
            tracing::error!(code = problem.code.as_str(), "messages: {}", problem.message);
        }
    }
}

/// What is asked, if it ends within [`LONGEST`]: a database that has gone without a word would be waited for
/// for ever. What is dropped is rolled back, and begun anew at the next turn.
async fn in_time<T>(asked: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    tokio::time::timeout(LONGEST, asked).await.unwrap_or_else(|_| {
        let why = format!(
            "a turn took longer than {} minutes, and is begun anew",
            LONGEST.as_secs() / 60
        );
        Err(Problem::new(Code::Database, why))
    })
}

/// Opens, closes and locks windows as time passes.
async fn keep_time(app: App, every: Duration) {
    let mut stopping = app.stopping();
    let mut schedule = close::Schedule::default();
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let until = Until { now: app.store().clock().now(), grace_days: app.config().grace_days };
        // What is dropped on the way is rolled back, and done again after the next start.
        let turned = tokio::select! {
            turned = in_time(schedule.turn(app.store(), until)) => turned,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        match turned {
            Ok(None) => {}
            Ok(Some(report)) => {
                for (contract, why) in report.failed {
                    tracing::error!(contract, "the schedule could not go on: {why}");
                }
                tokio::select! {
                    () = after_a_turn(&app, until.now) => (),
                    _ = stopping.wait_for(|stop| *stop) => return,
                }
            }
            Err(problem) => {
                tracing::error!(code = problem.code.as_str(), "the schedule: {}", problem.message);
            }
        }
    }
}

/// What follows once windows have moved on, each within its own time.
async fn after_a_turn(app: &App, now: DateTime<Utc>) {
    let kept = TimeDelta::days(app.config().tombstone_days.into());
    let report = |what: &str, done: Result<(), Problem>| {
        if let Err(problem) = done {
            tracing::error!(code = problem.code.as_str(), "{what}: {}", problem.message);
        }
    };
    let digests = message::digest::turn(app.store(), &app.config().channels);
    report("digests", in_time(digests).await.map(|_| ()));
    report("sealing", in_time(sealing::turn(app.store())).await.map(|_| ()));
    report("tombstones", in_time(app.store().collect_tombstones(now - kept)).await.map(|_| ()));
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a desk is given it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The central that is served.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers what is under way (for as long as the house allows), takes no more, and ends.
    ///
    /// # Errors
    /// [`Code::Internal`] when serving had failed.
    pub async fn stop(self) -> Result<(), Problem> {
        self.app.stop();
        for going_on in self.loops {
            // It ends by itself, between two turns; when it had failed there is nothing to end.
            let _ = going_on.await;
        }
        self.server
            .await
            .map_err(|error| Problem::new(Code::Internal, format!("serving failed: {error}")))
    }
}
