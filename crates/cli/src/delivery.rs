//! `makegood send`: sealed statements on their way to customers, for a terminal and cron.

use crate::{
    say,
    sync::{Place, secret},
};
use clap::Args;
use makegood_desk::{
    Desk,
    delivery::{MonthSending, SendStatement, SendingOutcome},
    mail::MailSettings,
};
use makegood_domain::{Code, Problem};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};

/// Send a sealed statement, or all of a month that were never sent, to confirmed contacts. Exits 0 when
/// everything is out, 1 when something is held, failed or waits, 2 when it could not begin.
#[derive(Debug, Args)]
pub(crate) struct Send {
    #[command(flatten)]
    place: Place,
    /// All of a month that never left
    #[arg(long, value_name = "YYYY-MM", required_unless_present = "statement")]
    month: Option<String>,
    /// One, by number
    #[arg(long, value_name = "ST-…", conflicts_with = "month")]
    statement: Option<String>,
    /// What for the contacts are: `accounts_payable`, `operations` or `legal`
    #[arg(long, default_value = "accounts_payable")]
    role: String,
    /// Of the month, try those again, too, that were tried and did not leave
    #[arg(long, requires = "month")]
    retry: bool,
    /// Why the statement is sent again, where it was sent before
    #[arg(long, value_name = "REASON", requires = "statement")]
    again: Option<String>,
    /// The sealed file, where it was sealed at another desk: it is taken in if it is the one on record
    #[arg(long, value_name = "FILE", requires = "statement", conflicts_with = "dry_run")]
    file: Option<PathBuf>,
    /// Only say what would be sent
    #[arg(long)]
    dry_run: bool,
    /// Print what became of it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mail: MailOptions,
}

/// The mail server, where the desk has none of its own.
#[derive(Debug, Args)]
struct MailOptions {
    /// The mail server, as its certificate says it; it is kept in the profile
    #[arg(long, value_name = "NAME", requires_all = ["mail_port", "mail_from", "mail_from_name"])]
    mail_server: Option<String>,
    /// Its port
    #[arg(long, value_name = "PORT", requires = "mail_server")]
    mail_port: Option<u16>,
    /// `tls` from the first byte, or `starttls`
    #[arg(long, default_value = "tls", requires = "mail_server")]
    mail_encryption: String,
    /// As whom to sign in there
    #[arg(long, value_name = "NAME", default_value = "", requires = "mail_server")]
    mail_user: String,
    /// Who writes: a mailbox
    #[arg(long, value_name = "ADDRESS", requires = "mail_server")]
    mail_from: Option<String>,
    /// Who writes, as people read it
    #[arg(long, value_name = "NAME", requires = "mail_server")]
    mail_from_name: Option<String>,
    /// Further roots that its certificate may go back to (PEM)
    #[arg(long, value_name = "FILE", default_value = "", requires = "mail_server")]
    mail_roots: String,
    /// A file with the mail server's password; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
}

/// What a machine reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'t> {
    /// Whether everything is out.
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<&'t MonthSending>,
    messages: &'t [SendingOutcome],
}

impl Send {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let desk = self.place.synced().await?;
        match (&self.month, &self.statement) {
            (Some(month), _) => self.month(&desk, month).await,
            (None, number) => self.one(&desk, number.as_deref().unwrap_or_default()).await,
        }
    }

    async fn month(&self, desk: &Desk, month: &str) -> Result<ExitCode, Problem> {
        let mut sending = desk.month_sending(month, &self.role).await?;
        let mut messages = Vec::new();
        if !self.dry_run {
            // What waited leaves as soon as there is a mail server.
            let asked = sending.all(&self.role, self.retry);
            let mut all = sending.messages;
            self.mail.set(desk).await?;
            sending = desk.send_month(&asked).await?;
            let before = all.clone();
            all.extend(sending.messages.iter().filter(|one| !before.contains(one)).cloned());
            messages = followed(desk, &all).await?;
        }
        let out = messages.iter().all(SendingOutcome::is_sent);
        let left = sending.failed.len() + sending.held.len();
        let done = out && left == 0 && !(self.dry_run && sending.leave + sending.under_way > 0);
        if self.json {
            return told(&Told { done, month: Some(&sending), messages: &messages });
        }
        messages.iter().for_each(line);
        if self.dry_run {
            say::line(&format!("{} leave, {} under way", sending.leave, sending.under_way));
            for customer in &sending.held {
                say::line(&format!("{customer}: held until a contact is confirmed"));
            }
        }
        for one in &sending.failed {
            say::line(&format!("{} {}: tried before. {}", one.number, one.customer, one.reason));
        }
        if sending.elsewhere > 0 {
            say::line(&format!("{} were sealed at another desk", sending.elsewhere));
        }
        Ok(say::verdict(done))
    }

    async fn one(&self, desk: &Desk, number: &str) -> Result<ExitCode, Problem> {
        let statement_id = desk.sealed_statement(number).await?;
        if let Some(file) = &self.file {
            desk.add_statement_file(&statement_id, file).await?;
        }
        let role = self.role.clone();
        let plan = desk.delivery_plan(&statement_id, &role).await?;
        if self.dry_run {
            let to: Vec<&str> = plan.to.iter().map(|one| one.address.as_str()).collect();
            say::line(&format!("{}: to {}", plan.title, to.join(", ")));
            plan.left_out.iter().for_each(|one| say::line(&format!("left out: {one}")));
            if !plan.here {
                let why = "its file is at the desk that sealed it: send it from there, or name it by --file";
                return Err(Problem::new(Code::NotFound, why));
            }
            return match plan.held {
                Some(problem) => Err(problem),
                None => Ok(ExitCode::SUCCESS),
            };
        }
        self.mail.set(desk).await?;
        let reason = self.again.clone();
        let asked = SendStatement { statement_id, role, seen: Vec::new(), reason };
        let message = desk.send_statement(asked).await?;
        let messages = followed(desk, &[message]).await?;
        let done = messages.iter().all(SendingOutcome::is_sent);
        if self.json {
            return told(&Told { done, month: None, messages: &messages });
        }
        messages.iter().for_each(line);
        Ok(say::verdict(done))
    }
}

impl MailOptions {
    /// Sets it, where something is said about it.
    async fn set(&self, desk: &Desk) -> Result<(), Problem> {
        let password = self.mail_password_file.as_deref().map(secret).transpose()?;
        let settings = match &self.mail_server {
            Some(server) => MailSettings {
                server: server.clone(),
                port: self.mail_port.unwrap_or_default(),
                encryption: self.mail_encryption.clone(),
                user: self.mail_user.clone(),
                from_name: self.mail_from_name.clone().unwrap_or_default(),
                from_address: self.mail_from.clone().unwrap_or_default(),
                roots: self.mail_roots.clone(),
                keep: false,
            },
            None if password.is_none() => return Ok(()),
            None => desk.mail().await?.settings.ok_or_else(|| {
                let why = "no mail server is set in this profile: name one by --mail-server";
                Problem::new(Code::MailUnset, why)
            })?,
        };
        desk.set_mail(settings, password.as_deref()).await.map(drop)
    }
}

/// Until the next round would take none further.
async fn followed(desk: &Desk, messages: &[String]) -> Result<Vec<SendingOutcome>, Problem> {
    let mut before = usize::MAX;
    loop {
        // A round sends some; what was sent is on record with the next.
        desk.sync_now().await?;
        let outcomes = desk.sending_outcomes(messages).await?;
        let left = outcomes.iter().filter(|one| one.goes_on()).count();
        if left == 0 || left == before {
            desk.sync_now().await?;
            return Ok(outcomes);
        }
        say::step(&format!("{}/{}", messages.len() - left, messages.len()));
        before = left;
    }
}

fn line(one: &SendingOutcome) {
    let to = if one.to.is_empty() { String::new() } else { format!(" to {}", one.to.join(", ")) };
    let why = one.problem.as_ref().map_or_else(String::new, |why| format!(". {}", why.message));
    say::line(&format!("{}-r{} {}: {}{to}{why}", one.number, one.revision, one.customer, one.text));
}

fn told(told: &Told<'_>) -> Result<ExitCode, Problem> {
    say::json(told)?;
    Ok(say::verdict(told.done))
}
