//! The real application, in its real webview, driven by WebDriver.

use makegood_tests::main_job::main_job;
use makegood_tests::window::{Window, built};
use std::path::PathBuf;
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
