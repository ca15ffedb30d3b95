//! Serving: a listener, the routes, the schedule, and an orderly end.

use crate::{
    app::App,
    close::{self, Until},
    routes,
};
use makegood_domain::{Code, Problem};
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle};

/// A central that serves. Dropped, it goes on until its runtime ends; [`Running::stop`] ends it.
#[derive(Debug)]
pub struct Running {
    app: App,
    address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
    schedule: Option<JoinHandle<()>>,
}

/// Serves `app` on `listener`.
///
/// # Errors
/// [`Code::Internal`] when the listener has no address.
pub fn serve(listener: TcpListener, app: App) -> Result<Running, Problem> {
    let address = listener
        .local_addr()
        .map_err(|error| Problem::new(Code::Internal, format!("the listener is gone: {error}")))?;
    let router = routes::router(app.clone());
    let mut stopping = app.stopping();
    let server = tokio::spawn(
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                // An error means that the app is gone, and then there is nothing to serve.
                let _ = stopping.wait_for(|stop| *stop).await;
            })
            .into_future(),
    );
    let schedule = app.config().schedule.map(|every| tokio::spawn(keep_time(app.clone(), every)));
    Ok(Running { app, address, server, schedule })
}

/// Opens, closes and locks windows as time passes.
async fn keep_time(app: App, every: std::time::Duration) {
    let mut stopping = app.stopping();
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let until = Until { now: app.store().clock().now(), grace_days: app.config().grace_days };
        match close::turn(app.store(), None, until).await {
            Ok(report) => {
                for (contract, why) in report.failed {
                    tracing::error!(contract, "the schedule could not go on: {why}");
                }
            }
            Err(problem) => {
                tracing::error!(code = problem.code.as_str(), "the schedule: {}", problem.message);
            }
        }
    }
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
        format!("http://{}", self.address)
    }

    /// The central that is served.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers what is under way, takes no more, and ends.
    ///
    /// # Errors
    /// [`Code::Internal`] when serving had failed.
    pub async fn stop(self) -> Result<(), Problem> {
        self.app.stop();
        if let Some(schedule) = self.schedule {
            // It ends by itself, between two turns; when it had failed there is nothing to end.
            let _ = schedule.await;
        }
        let failed = |why: String| Problem::new(Code::Internal, format!("serving failed: {why}"));
        self.server
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))
    }
}
