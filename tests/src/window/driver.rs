//! The two programs between a test and the webview: tauri-driver, and WebKitWebDriver behind it.

use super::{GLANCE, PATIENCE, Result, WindowError, io};
use rustix::process::{Pid, Signal, kill_process_group};
use std::net::TcpListener;
use std::path::Path;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// Both programs, and what they start; they end with it, also where a test fails.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts both and waits until both listen: tauri-driver drops a session that WebKitWebDriver
    /// is not there to take.
    pub(super) async fn start(home: &Path) -> Result<Self> {
        let (port, native) = (free_port()?, free_port()?);
        let log = io("the driver's log", std::fs::File::create(home.join("driver.log")))?;
        let errors = io("the driver's log", log.try_clone())?;
        let child = Command::new("tauri-driver")
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            // With the renderer off, pictures hang; without a bus, no other run is disturbed.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "0")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/dev/null")
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn();
        let driver = Self { child: io("tauri-driver", child)?, port };
        listens("tauri-driver", port).await?;
        listens("WebKitWebDriver", native).await?;
        Ok(driver)
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends both, and waits until they have ended.
    pub(super) async fn end(&mut self) -> std::io::Result<()> {
        self.kill();
        self.child.wait().await.map(drop)
    }

    fn kill(&self) {
        if let Some(group) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> Result<u16> {
    let listener = io("a free port", TcpListener::bind(("127.0.0.1", 0)))?;
    Ok(io("a free port", listener.local_addr())?.port())
}

async fn listens(program: &str, port: u16) -> Result<()> {
    let ready = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            sleep(GLANCE).await;
        }
    };
    let absent = |_| WindowError::Absent(program.to_owned(), "nothing".to_owned());
    timeout(PATIENCE, ready).await.map_err(absent)
}
