//! `makegood sign-out`: ends a session at central.

use crate::{say, sync::secret};
use clap::Args;
use makegood_desk::sign_in;
use makegood_domain::{Code, Problem};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// End the session of a token file, and delete the file.
#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// Central's address: `https://…`, or `http://…` on this machine
    #[arg(long, value_name = "URL")]
    central: String,
    /// The file with the token; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
}

impl SignOut {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        match sign_in::sign_out(&self.central, &secret(&self.token_file)?).await {
            // It has ended already.
            Err(problem) if matches!(problem.code, Code::TokenInvalid | Code::TokenExpired) => {}
            other => other?,
        }
        if self.token_file != Path::new("-") {
            std::fs::remove_file(&self.token_file)
                .map_err(|error| say::file(&self.token_file, &error))?;
        }
        say::line("Signed out");
        Ok(ExitCode::SUCCESS)
    }
}
