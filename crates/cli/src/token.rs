//! `makegood tokens`, `make-token` and `revoke-token`: one's own tokens, and those made for scripts.

use crate::{say, sign_in, sync::Place};
use clap::Args;
use makegood_desk::token::{TokenRow, TokenWanted};
use makegood_domain::Problem;
use std::{path::PathBuf, process::ExitCode};

/// List your sessions and personal tokens, the newest first.
#[derive(Debug, Args)]
pub(crate) struct Tokens {
    #[command(flatten)]
    place: Place,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Make a personal token for a script: it may do a part of what you may, and decides nothing. Sign in for
/// it; a personal token makes no other.
#[derive(Debug, Args)]
pub(crate) struct MakeToken {
    #[command(flatten)]
    place: Place,
    /// What it is for
    #[arg(long)]
    name: String,
    /// What it may do, as often as needed; `makegood tokens` lists what a token of yours can
    #[arg(long, value_name = "PERMISSION", required = true)]
    may: Vec<String>,
    /// Which customer alone it sees, by name or id, as often as needed; otherwise all whom you see, also later ones
    #[arg(long, value_name = "CUSTOMER")]
    customer: Vec<String>,
    /// How many days it lives, 1 to 365
    #[arg(long, default_value_t = 90)]
    days: u16,
    /// Where its text goes, readable by you alone; central never tells it again
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
}

/// End one of your sessions or tokens at once.
#[derive(Debug, Args)]
pub(crate) struct RevokeToken {
    #[command(flatten)]
    place: Place,
    /// Which: its id, as `makegood tokens` shows it
    id: String,
}

impl Tokens {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let found = self.place.desk().await?.tokens().await?;
        if self.json {
            say::json(&found)?;
            return Ok(ExitCode::SUCCESS);
        }
        found.rows.iter().for_each(line);
        say::step(&format!("A personal token of yours can: {}", found.verbs.join(", ")));
        Ok(ExitCode::SUCCESS)
    }
}

impl MakeToken {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let (desk, customers) = match self.customer.is_empty() {
            true => (self.place.desk().await?, None),
            // By their names they are looked up in the local copy.
            false => (self.place.synced().await?, Some(self.customer)),
        };
        let wanted = TokenWanted { name: self.name, verbs: self.may, customers, days: self.days };
        let made = desk.make_token(wanted).await?;
        if let Err(problem) = sign_in::write(&self.into, &made.text) {
            // One whose text nobody has is of no use to anybody.
            let _ = desk.revoke_token(&made.id).await;
            return Err(problem);
        }
        say::line(&format!("{}, until {} UTC", made.id, made.ends.utc));
        Ok(ExitCode::SUCCESS)
    }
}

impl RevokeToken {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        self.place.desk().await?.revoke_token(&self.id).await?;
        say::line(&format!("{} is revoked", self.id));
        Ok(ExitCode::SUCCESS)
    }
}

fn line(one: &TokenRow) {
    let name = one.name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
    let may = match one.verbs.as_slice() {
        [] => "all that you may".to_owned(),
        some => some.join(", "),
    };
    let whom = match one.customers {
        None => String::new(),
        Some(1) => ", 1 customer".to_owned(),
        Some(many) => format!(", {many} customers"),
    };
    let used =
        one.used.as_ref().map_or_else(|| "never used".to_owned(), |day| format!("used {day}"));
    let here = if one.current { ", this one" } else { "" };
    say::line(&format!(
        "{} {}{name}: {may}{whom}, until {} UTC, {used}{here}",
        one.id, one.kind, one.ends.utc
    ));
}
