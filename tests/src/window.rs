//! The desktop application in its own webview, driven through WebDriver.

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{sleep, timeout};

mod driver;

use driver::Driver;

/// How long a screen may take to show something before the run gives up: the demo's history has to
/// be made within it, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often a screen is looked at while something is awaited.
const GLANCE: Duration = Duration::from_millis(50);

/// What went wrong, in words that name the screen's element or the process.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// A process, a file or a port.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// WebDriver refused.
    #[error("{0}: {1}")]
    Driver(String, fantoccini::error::CmdError),
    /// The session did not start.
    #[error("the application's window does not open: {0}")]
    Session(#[from] fantoccini::error::NewSessionError),
    /// Something never came to the screen.
    #[error("still no {0}. On screen: {1}")]
    Absent(String, String),
}

type Result<T> = std::result::Result<T, WindowError>;

fn io<T>(what: &str, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| WindowError::Io(what.to_owned(), error))
}

/// One running application with a home folder of its own.
#[derive(Debug)]
pub struct Window {
    client: Client,
    driver: Driver,
    home: PathBuf,
    shots: PathBuf,
}

/// The folder that Cargo builds into, found from the running program.
///
/// # Errors
/// When the running program cannot tell where it lies.
pub fn built() -> Result<PathBuf> {
    let exe = io("the running program", std::env::current_exe())?;
    let folder = exe.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(if folder.ends_with("deps") { folder.join("..") } else { folder })
}

impl Window {
    /// Opens the application with `home` as its home folder; pictures go to `shots`.
    ///
    /// # Errors
    /// When tauri-driver, WebKitWebDriver or the application does not start.
    pub async fn open(home: &Path, shots: &Path, arguments: &[&str]) -> Result<Self> {
        io("the folder for pictures", std::fs::create_dir_all(shots))?;
        io("the home folder", std::fs::create_dir_all(home))?;
        let driver = Driver::start(home).await?;
        let application = built()?.join("makegood-desktop");
        let application = io(
            "makegood-desktop (build it with `cargo build -p makegood-desktop`)",
            application.canonicalize(),
        )?;
        let options = json!({ "application": application, "args": arguments });
        let capabilities = Capabilities::from_iter([("tauri:options".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.address()).await?;
        Ok(Self { client, driver, home: home.to_path_buf(), shots: shots.to_path_buf() })
    }

    /// The application's home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Makes the window so large, in CSS pixels.
    ///
    /// # Errors
    /// When the window manager or WebDriver refuses.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let done = self.client.set_window_size(width, height).await;
        done.map_err(|error| WindowError::Driver("resizing".to_owned(), error))
    }

    /// Waits until an element with this `data-testid` is on screen.
    ///
    /// # Errors
    /// When it never comes.
    pub async fn see(&self, id: &str) -> Result<Element> {
        self.see_css(&test_id(id)).await
    }

    /// Waits until an element that this CSS selector finds is on screen.
    ///
    /// # Errors
    /// When it never comes.
    pub async fn see_css(&self, css: &str) -> Result<Element> {
        let look = async {
            loop {
                if let Ok(element) = self.client.find(Locator::Css(css)).await
                    && element.is_displayed().await.unwrap_or(false)
                {
                    return element;
                }
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(element) => Ok(element),
            Err(_) => Err(self.absent(css).await),
        }
    }

    /// Waits until the page's text holds all of these.
    ///
    /// # Errors
    /// When one never comes; it is named.
    pub async fn read(&self, texts: &[&str]) -> Result<()> {
        let mut missing = Vec::new();
        let look = async {
            loop {
                let page = self.text().await.unwrap_or_default();
                missing = texts.iter().filter(|text| !page.contains(**text)).collect();
                if missing.is_empty() {
                    return;
                }
                sleep(GLANCE).await;
            }
        };
        if timeout(PATIENCE, look).await.is_err() {
            return Err(self.absent(&format!("{missing:?}")).await);
        }
        Ok(())
    }

    /// Waits until what the selector finds holds all of these words.
    ///
    /// # Errors
    /// When it never does.
    pub async fn shows(&self, css: &str, words: &[&str]) -> Result<()> {
        const FIND: &str = "const [css, words] = arguments;
            return words.every((w) => document.querySelector(css)?.innerText.includes(w) ?? false)";
        let arguments = vec![json!(css), json!(words)];
        let look = async {
            while self.run(FIND, arguments.clone()).await.ok() != Some(Value::Bool(true)) {
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.absent(&format!("{words:?} in {css}")).await),
        }
    }

    /// Waits until no element with this `data-testid` is there any more.
    ///
    /// # Errors
    /// When one stays.
    pub async fn gone(&self, id: &str) -> Result<()> {
        let css = test_id(id);
        let look = async {
            while !self.client.find_all(Locator::Css(&css)).await.is_ok_and(|all| all.is_empty()) {
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.absent(&format!("screen without {id}")).await),
        }
    }

    /// Clicks the element with this `data-testid` as soon as it is there and enabled.
    ///
    /// # Errors
    /// When it never comes or stays disabled.
    pub async fn click(&self, id: &str) -> Result<()> {
        self.click_css(&test_id(id)).await
    }

    /// Clicks what this CSS selector finds first, as soon as it is there and enabled.
    ///
    /// # Errors
    /// When it never comes or stays disabled.
    pub async fn click_css(&self, css: &str) -> Result<()> {
        let press = async {
            loop {
                // A screen may be drawn anew between finding and clicking: then it is found again.
                if let Ok(element) = self.client.find(Locator::Css(css)).await
                    && enabled(&element).await
                    && element.click().await.is_ok()
                {
                    return;
                }
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, press).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.absent(&format!("{css} to click")).await),
        }
    }

    /// Clicks the first element whose `data-testid` begins so and whose text or title holds all words.
    ///
    /// # Errors
    /// When there never is one.
    pub async fn pick(&self, id: &str, words: &[&str]) -> Result<()> {
        self.pick_css(&format!("[data-testid^='{id}']"), words).await
    }

    /// Clicks the first element that the selector finds and whose text or title holds all words.
    ///
    /// # Errors
    /// When there never is one.
    pub async fn pick_css(&self, css: &str, words: &[&str]) -> Result<()> {
        const FIND: &str = "const [css, words] = arguments;
            const all = [...document.querySelectorAll(css)];
            const it = all.find((e) => words.every((w) => `${e.innerText} ${e.title}`.includes(w)));
            if (it) it.click();
            return it !== undefined";
        let arguments = vec![json!(css), json!(words)];
        let look = async {
            while self.run(FIND, arguments.clone()).await.ok() != Some(Value::Bool(true)) {
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.absent(&format!("{css} with {words:?}")).await),
        }
    }

    /// Replaces what stands in a field: again, until all of it stands there. Keys that are sent while
    /// a busy page is being drawn can be lost.
    ///
    /// # Errors
    /// When the field never comes, or never holds it.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let filled = async {
            loop {
                let field = self.see(id).await?;
                let typed = async {
                    field.clear().await?;
                    field.send_keys(text).await?;
                    field.prop("value").await
                };
                let holds = typed.await;
                let holds =
                    holds.map_err(|error| WindowError::Driver(format!("filling {id}"), error))?;
                if holds.as_deref() == Some(text) {
                    return Ok(());
                }
                sleep(GLANCE).await;
            }
        };
        match timeout(PATIENCE, filled).await {
            Ok(filled) => filled,
            Err(_) => Err(self.absent(&format!("{text:?} in {id}")).await),
        }
    }

    /// Chooses an option of a `select` by its value.
    ///
    /// # Errors
    /// When the field or the value is not there.
    pub async fn choose(&self, id: &str, value: &str) -> Result<()> {
        let field = self.see(id).await?;
        let chosen = field.select_by_value(value).await;
        chosen.map_err(|error| WindowError::Driver(format!("choosing {value} in {id}"), error))
    }

    /// Types keys at whatever has the focus.
    ///
    /// # Errors
    /// When WebDriver refuses.
    pub async fn keys(&self, keys: &str) -> Result<()> {
        let typed = async { self.client.active_element().await?.send_keys(keys).await };
        typed.await.map_err(|error| WindowError::Driver(format!("typing {keys:?}"), error))
    }

    /// Runs a script in the page and returns what it returns.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let answer = self.client.execute(script, arguments).await;
        answer.map_err(|error| WindowError::Driver("a script".to_owned(), error))
    }

    /// Runs a script that hands its result to its last argument.
    ///
    /// # Errors
    /// When the script throws or never answers.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let answer = self.client.execute_async(script, arguments).await;
        answer.map_err(|error| WindowError::Driver("a script".to_owned(), error))
    }

    /// The page's text, as it is on screen.
    ///
    /// # Errors
    /// When WebDriver refuses.
    pub async fn text(&self) -> Result<String> {
        let text = self.run("return document.body.innerText", Vec::new()).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Takes a picture of the window, and says where it lies.
    ///
    /// # Errors
    /// When WebDriver or the disk refuses.
    pub async fn picture(&self, name: &str) -> Result<PathBuf> {
        let png = self.client.screenshot().await;
        let png = png.map_err(|error| WindowError::Driver(format!("picture {name}"), error))?;
        let path = self.shots.join(format!("{name}.png"));
        io("a picture", std::fs::write(&path, png))?;
        Ok(path)
    }

    /// Closes the window and everything that was started for it.
    ///
    /// # Errors
    /// When the session cannot be ended.
    pub async fn close(mut self) -> Result<()> {
        let closed = self.client.clone().close().await;
        io("tauri-driver", self.driver.end().await)?;
        closed.map_err(|error| WindowError::Driver("closing".to_owned(), error))
    }

    async fn absent(&self, what: &str) -> WindowError {
        // A dialog first: where there is one, it says why nothing goes on.
        const SEEN: &str =
            "const all = [...document.querySelectorAll('dialog[open]'), document.body];
            return all.map((e) => e.innerText).join('\\n--\\n')";
        let page = self.run(SEEN, Vec::new()).await.unwrap_or_default();
        let page = page.as_str().unwrap_or_default();
        // The picture is a courtesy: what is missing is the error.
        let seen = match self.picture("failed").await {
            Ok(path) => format!("{page} (picture: {})", path.display()),
            Err(_) => page.to_owned(),
        };
        WindowError::Absent(what.to_owned(), seen)
    }
}

/// A button that is disabled stays reachable, so that its reason can be read.
async fn enabled(element: &Element) -> bool {
    let disabled = element.attr("aria-disabled").await.unwrap_or_default();
    disabled.as_deref() != Some("true") && element.is_enabled().await.unwrap_or(false)
}

fn test_id(id: &str) -> String {
    format!("[data-testid='{id}']")
}
