//! The real application, in its real webview, driven by WebDriver.

use makegood_tests::main_job::{main_job, start_demo};
use makegood_tests::screens;
use makegood_tests::window::{Window, built};
use std::{path::PathBuf, process::Command};
use tempfile::TempDir;

fn shots(name: &str) -> PathBuf {
    built().expect("a build folder").join("../screens").join(name)
}

#[tokio::test]
async fn end_to_end_the_main_job_by_four_people() {
    let home = TempDir::new().expect("a home");
    let window = Window::open(home.path(), &shots("main-job"), &[]).await.expect("a window");
    let done = main_job(&window).await.unwrap_or_else(|error| panic!("{error}"));
    let statement = std::fs::read(&done.statement).expect("the statement lies where it says");
    assert!(statement.starts_with(b"%PDF-"), "{}", done.statement.display());
    window.read(&["Valid"]).await.unwrap_or_else(|error| panic!("{error}"));
    window.close().await.expect("it closes");
}

#[tokio::test]
async fn end_to_end_every_screen_in_both_themes_and_axe_finds_nothing() {
    let home = TempDir::new().expect("a home");
    let window = Window::open(home.path(), &shots("every"), &[]).await.expect("a window");
    start_demo(&window, &mut Vec::new()).await.unwrap_or_else(|error| panic!("{error}"));
    let axe =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).expect("axe is installed with the UI's packages");
    let mut findings = Vec::new();
    for theme in ["light", "dark"] {
        screens::pictures(&window, theme).await.unwrap_or_else(|error| panic!("{error}"));
        for (screen, there) in screens::SCREENS {
            screens::open(&window, screen, there).await.unwrap_or_else(|error| panic!("{error}"));
            let found = screens::axe(&window, &axe).await.expect("axe runs");
            findings.extend(found.into_iter().map(|line| format!("{screen}, {theme}: {line}")));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await.expect("it closes");
}

/// Beside somebody's own Makegood, on the same session's bus, where instances of one application find each other.
const BESIDE: &str = r#"
trap 'kill $one $two 2>/dev/null' EXIT
"$0" & one=$!
until [ -e "$XDG_DATA_HOME/org.makegood.desk" ]; do kill -0 $one || exit 3; sleep 0.2; done
"$0" --demo & two=$!
until [ -e "$XDG_DATA_HOME/org.makegood.desk.demo/demo" ]; do kill -0 $two || exit 4; sleep 0.2; done
kill -0 $one && kill -0 $two && [ ! -e "$XDG_DATA_HOME/org.makegood.desk/demo" ] || exit 5
"#;

#[test]
fn end_to_end_the_demo_beside_an_open_makegood_is_an_application_of_its_own() {
    let home = TempDir::new().expect("a home");
    let application = built().expect("a build folder").join("makegood-desktop");
    let done = Command::new("timeout")
        .args(["120", "dbus-run-session", "--", "sh", "-c", BESIDE])
        .arg(application.canonicalize().expect("it is built"))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .status()
        .expect("it runs");
    assert_eq!(done.code(), Some(0), "4: it handed over to the other one and ended");
}
