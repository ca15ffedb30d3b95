//! A month's statements, sent in one go: each as its own message, held where nobody is confirmed.

use super::{
    known_role,
    plan::AddressBook,
    run::{self, Run, State},
};
use crate::{desk::Desk, mail::MailView};
use makegood_domain::{Problem, customer::Customer, person::Permission, policy};
use makegood_mirror::screens;
use serde::Serialize;
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
    /// Which are held until somebody is confirmed: the customers' names.
    pub held: Vec<String>,
    /// How many are on their way already, or may have gone out.
    pub under_way: usize,
    /// How many were sealed at another desk, and are sent from there.
    pub elsewhere: usize,
    /// How this desk's mail stands.
    pub mail: MailView,
}

impl Desk {
    /// What sending all of a month's statements would come to that were never sent.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Invalid`] for a role that is none; [`makegood_domain::Code::Database`].
    pub async fn month_sending(&self, month: &str, role: &str) -> Result<MonthSending, Problem> {
        self.month(month, role, false).await
    }

    /// Puts them on their way. Again, it sends none twice: what is under way or on record is left alone.
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`]; as [`Desk::month_sending`].
    pub async fn send_month(&self, month: &str, role: &str) -> Result<MonthSending, Problem> {
        self.month(month, role, true).await
    }

    async fn month(&self, month: &str, role: &str, go: bool) -> Result<MonthSending, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::IssueStatement)?;
        let role = known_role(role)?;
        let _turn = inside.mail.turn.lock().await;
        let mut reader = inside.mirror().reader().await?;
        let mut sending = MonthSending {
            month: month.to_owned(),
            leave: 0,
            held: Vec::new(),
            under_way: 0,
            elsewhere: 0,
            mail: inside.mail_view().await?,
        };
        for statement in screens::unsent(&mut reader, month).await? {
            let key = statement.id.to_string();
            let runs = run::of(&inside.profile, &key).await?;
            if runs.iter().any(|run| run.state != State::Dropped) {
                sending.under_way += 1;
                continue;
            }
            if inside.file_of(&key).await.is_err() {
                sending.elsewhere += 1;
                continue;
            }
            let book = AddressBook::read(&mut reader, &statement, role).await?;
            let problem = book.speaks_against(&[]);
            match &problem {
                None => sending.leave += 1,
                Some(_) => {
                    let customer = statement.customer.to_string();
                    sending.held.push(reader.get::<Customer>(&customer).await?.row.name);
                }
            }
            if go {
                let state = if problem.is_some() { State::Held } else { State::Prepared };
                let run = Run::new(&statement, role, inside.ids.make(), inside.now());
                inside.stand(&run, state, problem).await?;
            }
        }
        inside.wake.notify_one();
        Ok(sending)
    }
}
