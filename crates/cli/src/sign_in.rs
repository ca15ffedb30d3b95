//! `makegood sign-in`: a session at central, its token in a file for the verbs that take one.

use crate::say;
use clap::Args;
use makegood_desk::sign_in::{self, DeviceCode, Opened};
use makegood_domain::{Clock, Problem, random::Random};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Sign in at central's identity provider. The session ends by itself after some hours.
#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// Central's address: `https://…`, or `http://…` on this machine
    #[arg(long, value_name = "URL")]
    central: String,
    /// Where the session's token goes; readable by you alone
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// By a code that you type in on any other machine; otherwise in a browser on this one
    #[arg(long)]
    device: bool,
}

impl SignIn {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let random = Random::system();
        let opened = if self.device {
            sign_in::by_device(&self.central, &random, &Clock::system(), tell).await?
        } else {
            sign_in::by_browser(&self.central, &random, |address| {
                say::step(&format!("Open in a browser on this machine: {address}"));
                Ok(())
            })
            .await?
        };
        // What renews a session is written nowhere, so nobody needs it.
        let Opened { token, name, expires_at, .. } = opened.for_once().await;
        if let Err(problem) = write(&self.token_file, &token) {
            // A session whose token nobody has is of no use to anybody.
            let _ = sign_in::sign_out(&self.central, &token).await;
            return Err(problem);
        }
        say::line(&format!("{name}, until {}", expires_at.format("%Y-%m-%d %H:%M UTC")));
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(code: DeviceCode) {
    say::step(&format!("Open {} in any browser and type in {}", code.address, code.code));
    if let Some(whole) = code.whole {
        say::step(&format!("or open {whole}"));
    }
}

/// Puts a token into a file that its owner alone can read.
pub(crate) fn write(path: &Path, token: &str) -> Result<(), Problem> {
    makegood_statement::write_whole(path, format!("{token}\n").as_bytes())?;
    Ok(())
}
