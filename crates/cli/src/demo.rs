//! `makegood demo`: the main job without a window, as the people of the demo company.
//!
//! Whatever is done is looked up in the local copy before it is decided, and every decision bears
//! an id that central answers once: killed at any moment and started again, nothing happens twice.

mod cast;
mod story;

use crate::{say, statement};
use cast::Cast;
use clap::Args;
use makegood_demo::Demo as Company;
use makegood_domain::{Code, Problem, person::Role, statement::StatementOf};
use makegood_statement::{Trust, verify};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use story::{CUSTOMERS, MONTH};

/// Do the main job on the demo company, without a window. Killed and started again on the same
/// folder, it goes on where it was.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the company, the desks and the statements are kept
    #[arg(long, value_name = "DIR", default_value = "makegood-demo")]
    out: PathBuf,
    /// Keep central open afterwards, and say how to reach it, until Ctrl+C
    #[arg(long)]
    hold_open: bool,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        std::fs::create_dir_all(&self.out).map_err(|error| say::file(&self.out, &error))?;
        say::step(
            "Opening the demo company (40 customers, 36 months; the first time takes a while)",
        );
        let company = Company::start(&self.out.join("central"), &|done, total| {
            say::step(&format!("  {done}/{total} months"));
        })
        .await?;
        let cast = Cast::gather(&company, &self.out.join("desk"))?;
        story::tell(&cast).await?;
        let files = self.statements(&cast).await?;
        let good = self.report(&cast, &files).await?;
        if self.hold_open {
            say::line(&format!("Central: {} (Ctrl+C ends it)", company.address()));
            tokio::signal::ctrl_c().await.map_err(|error| {
                Problem::new(Code::Internal, format!("no signal can be waited for: {error}"))
            })?;
        }
        cast.leave().await?;
        company.stop().await?;
        Ok(say::verdict(good))
    }

    /// Issues what is not issued yet, and puts each file into the folder.
    async fn statements(&self, cast: &Cast) -> Result<Vec<PathBuf>, Problem> {
        let folder = self.out.join("statements");
        std::fs::create_dir_all(&folder).map_err(|error| say::file(&folder, &error))?;
        let (desk, who) = cast.someone(Role::AccountManager, 0).await?;
        desk.sync_now().await?;
        let mut files = Vec::new();
        for (at, (name, language)) in CUSTOMERS.into_iter().enumerate() {
            let customer = story::customer(&desk, name).await?;
            let mut sealed = statement::written(&desk, &customer, MONTH).await?;
            if sealed.is_empty() {
                let place = format!("{}/{}", at + 1, CUSTOMERS.len());
                say::step(&format!("{who} issues the SLA statement {MONTH} of {name} ({place})"));
                let whole = (customer.as_str(), StatementOf::Customer);
                sealed.push(statement::issue(&desk, whole, MONTH, language).await?);
            }
            for path in sealed {
                files.push(PathBuf::from(statement::copy(&path, &folder)?));
            }
        }
        let trust = self.out.join("desk").join("demo").join("seal").join("trust.pem");
        statement::copy(&trust, &folder)?;
        Ok(files)
    }

    /// Verifies every statement and sums the credits up.
    async fn report(&self, cast: &Cast, files: &[PathBuf]) -> Result<bool, Problem> {
        let folder = self.out.join("statements");
        let trust = roots(&folder.join("trust.pem"))?;
        let now = cast.clock().now();
        let mut good = true;
        for path in files {
            let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
            let found = verify(&bytes, &trust, now);
            good &= found.is_valid();
            say::line(&format!("{}: {}", path.display(), found.words));
        }
        for row in story::decided(cast).await? {
            say::line(&row);
        }
        say::line(&format!(
            "Statements and the root that they are verified with: {}",
            folder.display()
        ));
        Ok(good)
    }
}

fn roots(path: &Path) -> Result<Trust, Problem> {
    let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
    Trust::from_file(&bytes).map_err(|why| Problem::new(Code::KeyInvalid, why))
}
