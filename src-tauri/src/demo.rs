//! The embedded demo: a company of its own, on this computer only.

use makegood_demo::Demo;
use makegood_desk::session::{DemoAccess, DemoPerson};
use makegood_desk::{Desk, Progress};
use makegood_domain::{Code, Problem};
use std::path::PathBuf;
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::Mutex;

/// The demo's central, once somebody has asked for it.
pub(crate) struct Embedded {
    folder: PathBuf,
    app: AppHandle,
    running: Mutex<Option<Demo>>,
}

impl Embedded {
    /// A demo that would keep its files in `folder`.
    pub(crate) fn new(folder: PathBuf, app: AppHandle) -> Self {
        Self { folder, app, running: Mutex::new(None) }
    }

    /// Starts it unless it runs, and says how to sit down at it.
    pub(crate) async fn start(&self) -> Result<DemoAccess, Problem> {
        let mut running = self.running.lock().await;
        let demo = match running.take() {
            Some(demo) => demo,
            None => self.seed().await?,
        };
        let access = access(&demo);
        *running = Some(demo);
        Ok(access)
    }

    /// Ends it, forgets everything that was done in it, and starts it again.
    pub(crate) async fn start_anew(&self) -> Result<DemoAccess, Problem> {
        if let Some(demo) = self.running.lock().await.take() {
            demo.stop().await?;
        }
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).map_err(|error| {
                Problem::new(Code::File, format!("{}: {error}", self.folder.display()))
            })?;
        }
        self.start().await
    }

    async fn seed(&self) -> Result<Demo, Problem> {
        let tell = |done: usize, total: usize| {
            let progress = Progress {
                job: "demo".to_owned(),
                done: u64::try_from(done).unwrap_or(u64::MAX),
                total: u64::try_from(total).ok(),
                text: format!("Preparing the demo, {done} of {total}"),
            };
            // Nobody looking is no error.
            let _ = self.app.emit("progress", progress);
        };
        Demo::start(&self.folder, &tell).await
    }
}

fn access(demo: &Demo) -> DemoAccess {
    let people = demo.people().iter().cloned().map(|person| DemoPerson {
        id: person.id,
        name: person.name,
        role: person.role,
        token: person.token,
    });
    DemoAccess { address: demo.address(), people: people.collect(), clock: demo.clock().clone() }
}

/// Whether the command line asks for the demo.
pub(crate) fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--demo")
}

/// The demo that the command line asks for is an application of its own, with a folder of its own: beside a Makegood that is
/// open it opens a window of its own, in place of bringing that one, and what is in it, to the front.
pub(crate) fn set_apart(context: &mut tauri::Context) {
    context.config_mut().identifier.push_str(".demo");
}

/// Sits down at the demo without being asked on the first screen: `--demo` on the command line.
pub(crate) fn open_at_once(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (desk, demo) = (app.state::<Desk>(), app.state::<Embedded>());
        let opened = async { desk.start_demo(demo.start().await?).await };
        // What went wrong is said when somebody asks for the demo on the first screen.
        if let Err(problem) = opened.await {
            tracing::warn!("the demo does not start: {}", problem.message);
        }
    });
}
