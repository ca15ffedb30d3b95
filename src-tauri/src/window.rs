//! The one window.

use makegood_desk::{Desk, Event};
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Its label, which the capabilities name.
const LABEL: &str = "main";

/// Some Linux machines show blank windows unless WebKit's DMA-BUF renderer is off, and WebKit reads
/// that from the environment when it starts. So the program starts itself again with it, unless
/// somebody has decided already.
#[cfg(target_os = "linux")]
pub(crate) fn steady_renderer() {
    use std::os::unix::process::CommandExt;
    const SETTING: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SETTING).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(SETTING, "1")
        .exec();
    tracing::warn!("the renderer stays as it is: {error}");
}

/// Elsewhere the webview needs no such care.
#[cfg(not(target_os = "linux"))]
pub(crate) fn steady_renderer() {}

/// Opens the window.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(if crate::demo::is_asked_for() { "Makegood (demo)" } else { "Makegood" })
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .center()
        .build()?;
    Ok(())
}

/// Brings the window to the front: somebody has started the program a second time.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // A window manager may refuse; then it stays where it is.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Opens the profile of whoever sat here when the program ended, before there is a window to show it.
pub(crate) fn come_back(app: &AppHandle) {
    // What went wrong is said when they sign in on the first screen.
    if let Err(problem) = tauri::async_runtime::block_on(app.state::<Desk>().come_back()) {
        tracing::warn!("nobody comes back: {}", problem.message);
    }
}

/// Passes on what the desk tells, for as long as there is a desk.
pub(crate) fn follow(app: &AppHandle, mut events: Receiver<Event>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let told = match events.recv().await {
                Ok(Event::Sync(state)) => app.emit("sync", state),
                Ok(Event::Progress(progress)) => app.emit("progress", progress),
                Ok(Event::DeviceCode(code)) => app.emit("device_code", code),
                // Whoever has missed some looks again.
                Ok(Event::Changed) | Err(RecvError::Lagged(_)) => app.emit("changed", ()),
                Err(RecvError::Closed) => return,
            };
            if let Err(error) = told {
                tracing::warn!("the window was not told: {error}");
            }
        }
    });
}
