//! A month's statements, sent in one go: each as its own message, held where nobody is confirmed.

use super::{
    is_over, known_role,
    plan::AddressBook,
    run::{self, Run, State},
};
use crate::{desk::Desk, mail::MailView, seat::Inside};
use makegood_domain::{
    Problem, contact::ContactRole, customer::Customer, person::Permission, policy,
};
use makegood_mirror::{
    Reader,
    screens::{self, Unsent},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;

/// What sending a month's statements comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MonthSending {
    /// `2026-10`.
    pub month: String,
    /// How many leave.
    pub leave: usize,
    /// The ids of the statements that leave or are held: handed back when they are sent.
    pub statements: Vec<String>,
    /// Which are held until somebody is confirmed: the customers' names.
    pub held: Vec<String>,
    /// Which were tried and did not leave: they go again only where that is asked for.
    pub failed: Vec<FailedSending>,
    /// Which may have gone out, and wait for somebody to say whether they did: the customers' names.
    pub perhaps: Vec<String>,
    /// How many are on their way already, or have left.
    pub under_way: usize,
    /// How many were sealed at another desk, and are sent from there.
    pub elsewhere: usize,
    /// How this desk's mail stands.
    pub mail: MailView,
    /// The messages that are on their way now, by their ids.
    #[serde(skip)]
    #[ts(skip)]
    pub messages: Vec<String>,
}

/// A statement that was tried and did not leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct FailedSending {
    /// The statement's id: handed back where it is to be tried again.
    pub statement_id: String,
    /// `ST-2026-10-0412`.
    pub number: String,
    /// The customer's name.
    pub customer: String,
    /// Why it did not.
    pub reason: String,
}

/// What somebody saw of a month's sending, and sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SendMonth {
    /// `2026-10`.
    pub month: String,
    /// What for the contacts are.
    pub role: String,
    /// Those of [`MonthSending::statements`].
    pub statements: Vec<String>,
    /// Of those that were tried and did not leave, which to try again.
    pub retry: Vec<String>,
}

impl MonthSending {
    /// One that is on its way already, has left, or may have.
    fn count(&mut self, run: &Run, customer: String) {
        if !is_over(run.state) {
            self.messages.push(run.delivery.to_string());
        }
        match run.state {
            State::Perhaps => self.perhaps.push(customer),
            _ => self.under_way += 1,
        }
    }

    /// All of it, with `retry` also what was tried and did not leave.
    #[must_use]
    pub fn all(&self, role: &str, retry: bool) -> SendMonth {
        let failed = self.failed.iter().filter(|_| retry);
        SendMonth {
            month: self.month.clone(),
            role: role.to_owned(),
            statements: self.statements.clone(),
            retry: failed.map(|one| one.statement_id.clone()).collect(),
        }
    }
}

/// What is asked about a month.
struct Asked<'a> {
    role: ContactRole,
    /// Which to put on their way, and which of them to try again; nothing: they are only looked at.
    go: Option<(BTreeSet<&'a str>, BTreeSet<&'a str>)>,
}

impl Asked<'_> {
    /// Whether it is about this one, which was tried and did not leave, or never tried.
    fn is_about(&self, statement: &str, failed: bool) -> bool {
        match &self.go {
            None => !failed,
            Some((_, retry)) if failed => retry.contains(statement),
            Some((seen, _)) => seen.contains(statement),
        }
    }
}

fn set(ids: &[String]) -> BTreeSet<&str> {
    ids.iter().map(String::as_str).collect()
}

impl Desk {
    /// What sending all of a month's statements would come to that were never sent.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] for a role that is none; [`makegood_domain::Code::Database`].
    pub async fn month_sending(&self, month: &str, role: &str) -> Result<MonthSending, Problem> {
        self.month(month, &Asked { role: known_role(role)?, go: None }).await
    }

    /// Puts on their way those that were seen, and no other of the month. Again, it sends none twice:
    /// what is under way or on record as sent is left alone, and what failed meanwhile is not tried again.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`]; as [`Desk::month_sending`].
    pub async fn send_month(&self, asked: &SendMonth) -> Result<MonthSending, Problem> {
        let go = Some((set(&asked.statements), set(&asked.retry)));
        self.month(&asked.month, &Asked { role: known_role(&asked.role)?, go }).await
    }

    async fn month(&self, month: &str, asked: &Asked<'_>) -> Result<MonthSending, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::IssueStatement)?;
        let _turn = inside.mail.turn.lock().await;
        let mut reader = inside.mirror().reader().await?;
        let mut sending = MonthSending {
            month: month.to_owned(),
            leave: 0,
            statements: Vec::new(),
            held: Vec::new(),
            failed: Vec::new(),
            perhaps: Vec::new(),
            under_way: 0,
            elsewhere: 0,
            mail: inside.mail_view().await?,
            messages: Vec::new(),
        };
        for one in screens::unsent(&mut reader, month).await? {
            inside.send_of_month(&mut reader, one, asked, &mut sending).await?;
        }
        inside.wake.notify_one();
        Ok(sending)
    }
}

impl Inside {
    /// One of a month's statements.
    async fn send_of_month(
        &self,
        reader: &mut Reader,
        Unsent { statement, failed }: Unsent,
        asked: &Asked<'_>,
        sending: &mut MonthSending,
    ) -> Result<(), Problem> {
        let key = statement.id.to_string();
        let runs = run::of(&self.profile, &key).await?;
        let last = runs.into_iter().rev().find(|run| run.state != State::Dropped);
        let customer = statement.customer.to_string();
        let customer = reader.get::<Customer>(&customer).await?.row.name;
        let stands = last.as_ref().filter(|run| !matches!(run.state, State::Failed | State::Held));
        if let Some(run) = stands {
            sending.count(run, customer);
            return Ok(());
        }
        if self.file_of(&key).await.is_err() {
            sending.elsewhere += 1;
            return Ok(());
        }
        let (waits, tried) = match last {
            Some(run) if run.state == State::Held => (Some(run), None),
            other => (None, other),
        };
        // What failed here may not be on record yet, or never went far enough to be.
        let here = tried.map(|run| run.problem.map_or_else(String::new, |why| why.message));
        let failed = failed.or(here);
        if !asked.is_about(&key, failed.is_some()) {
            // What came since is left to whoever looks next.
            sending.failed.extend(failed.map(|reason| FailedSending {
                statement_id: key,
                number: statement.number,
                customer,
                reason,
            }));
            return Ok(());
        }
        // Of one that its author looked at, whom they saw counts still.
        let same = waits.as_ref().filter(|run| run.role == asked.role);
        let seen = same.map_or(&[][..], |run| &run.seen);
        let problem = AddressBook::read(reader, &statement, asked.role).await?.speaks_against(seen);
        match &problem {
            None => sending.leave += 1,
            Some(_) => sending.held.push(customer),
        }
        sending.statements.push(key);
        match waits {
            // It leaves by itself as soon as nothing is in its way.
            Some(before) if before.role == asked.role => {
                sending.messages.push(before.delivery.to_string());
                return Ok(());
            }
            Some(before) if asked.go.is_some() => {
                self.stand(&before, State::Dropped, None).await?;
            }
            _ => {}
        }
        if asked.go.is_some() {
            let state = if problem.is_some() { State::Held } else { State::Prepared };
            let run = Run::new(&statement, asked.role, self.ids.make(), self.now());
            self.stand(&run, state, problem).await?;
            sending.messages.push(run.delivery.to_string());
        }
        Ok(())
    }
}
