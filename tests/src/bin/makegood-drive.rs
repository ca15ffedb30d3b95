//! `make run` on a machine without a display: opens the application in a virtual one, does the main
//! job there, and says where its pictures, the signed statement and the data lie.

use makegood_tests::main_job::main_job;
use makegood_tests::window::{Window, WindowError, built};
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match drive().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error[window]: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn drive() -> Result<(), WindowError> {
    let out = built()?.join("run");
    let window = Window::open(&out.join("home"), &out.join("pictures"), &[]).await?;
    let done = main_job(&window).await?;
    println!("Did the main job in the real window:");
    for picture in &done.pictures {
        println!("  picture    {}", picture.display());
    }
    println!("  statement  {}", done.statement.display());
    println!("  data       {}", done.data.display());
    window.close().await
}
