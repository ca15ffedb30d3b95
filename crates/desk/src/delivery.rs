//! Sending statements: to whom, by which words, and what became of it.

mod month;
mod outcome;
mod plan;
mod record;
pub(crate) mod run;
mod step;
mod words;

pub use month::{FailedSending, MonthSending, SendMonth};
pub use outcome::SendingOutcome;
pub use plan::{DeliveryPlan, PlanAddressee};
pub use record::SaidEntry;
pub(crate) use step::advance;

use crate::{breach::reason_given, desk::Desk, problem::file, seat::Inside, statement::language};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    contact::ContactRole,
    contract::Contract,
    customer::{Customer, LegalEntity},
    delivery::{Delivery, DeliveryState},
    id::DeliveryId,
    person::{Permission, Person},
    policy,
    statement::{Statement, StatementOf, StatementState},
};
use makegood_mirror::{Reader, screens};
use plan::{AddressBook, addresses};
use run::{Run, State};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use ts_rs::TS;

/// A statement that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SendStatement {
    /// Which.
    pub statement_id: String,
    /// What for the contacts are.
    pub role: String,
    /// The addresses that were seen; if they differ by then, it is held.
    pub seen: Vec<String>,
    /// Why it is sent again, where it is.
    pub reason: Option<String>,
}

impl Desk {
    /// Puts a statement on its way, or on its way again; answers the delivery's id. It leaves with the
    /// sync, as soon as a confirmed contact is there.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::WrongState`] for one that is not sealed, or is on its way;
    /// [`Code::Invalid`] when it was sent before and no reason is given; [`Code::NotFound`] when its
    /// file is at another desk; [`Code::VerificationFailed`] when its file is not the sealed one.
    pub async fn send_statement(&self, asked: SendStatement) -> Result<String, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::IssueStatement)?;
        let role = known_role(&asked.role)?;
        let _turn = inside.mail.turn.lock().await;
        let mut reader = inside.mirror().reader().await?;
        let statement = reader.get::<Statement>(&asked.statement_id).await?.row;
        let named = format!("{}, revision {}", statement.number, statement.revision);
        let wrong = |why: &str| Err(Problem::new(Code::WrongState, format!("{named} {why}")));
        match statement.state {
            StatementState::Sealed => {}
            StatementState::Superseded => return wrong("was superseded; send the later one"),
            _ => return wrong("is not sealed"),
        }
        inside.sealed_bytes(&statement).await?;
        let book = AddressBook::read(&mut reader, &statement, role).await?;
        let before = latest(&mut reader, &statement).await?;
        drop(reader);
        let runs = run::of(&inside.profile, &asked.statement_id).await?;
        let open = runs.iter().rev().find(|run| !is_over(run.state)).cloned();
        match open.as_ref().map(|run| run.state) {
            None | Some(State::Held) => {}
            Some(State::Perhaps) => return wrong("may have been sent: confirm that first"),
            Some(_) => return wrong("is on its way"),
        }
        // What this desk has sent may not have come back from central yet.
        let ours = runs.iter().rev().find(|run| run.state == State::Sent).map(|run| run.delivery);
        let (resend_of, reason) = match before.or(ours) {
            None => (None, None),
            Some(id) => {
                (Some(id), Some(reason_given(asked.reason.as_deref().unwrap_or_default())?))
            }
        };
        let saw: BTreeSet<&str> = asked.seen.iter().map(String::as_str).collect();
        let changed = !saw.is_empty() && saw != addresses(&book.open);
        if changed {
            let why = "the recipients have changed since you looked; look again, then send it";
            return Err(Problem::new(Code::Stale, why));
        }
        let fresh = Run::new(&statement, role, inside.ids.make(), inside.now());
        // One that was held and is sent to another role begins anew.
        if let Some(held) = &open {
            inside.stand(held, State::Dropped, held.problem.clone()).await?;
        }
        let problem = book.speaks_against(&[]);
        let seen = if problem.is_some() { Vec::new() } else { book.open };
        let state = if problem.is_some() { State::Held } else { State::Prepared };
        let run = Run { seen, resend_of, reason, ..fresh };
        inside.stand(&run, state, problem).await?;
        inside.wake.notify_one();
        Ok(run.delivery.to_string())
    }

    /// Says of a message that may have gone out whether it did. If not, it is sent again, under the same
    /// id.
    ///
    /// # Errors
    /// [`Code::WrongState`] for one of which that is no question; [`Code::NotFound`].
    pub async fn settle_delivery(&self, delivery_id: &str, arrived: bool) -> Result<(), Problem> {
        let inside = self.inside().await?;
        let _turn = inside.mail.turn.lock().await;
        let run = inside.delivery_run(delivery_id).await?;
        if run.state != State::Perhaps {
            let why = "this message does not need confirming";
            return Err(Problem::new(Code::WrongState, why));
        }
        if arrived {
            let mut reader = inside.mirror().reader().await?;
            let statement = reader.get::<Statement>(&run.statement.to_string()).await?.row;
            drop(reader);
            let said = format!("{} says that it arrived", inside.who().person.name);
            let said = Problem::new(Code::MailUnreachable, said);
            inside.told(&statement, &run, (State::Sent, Some(said))).await?;
        } else {
            let again = Run { next_at: inside.now(), attempts: 0, ..run };
            inside.stand(&again, State::Prepared, None).await?;
        }
        inside.wake.notify_one();
        Ok(())
    }

    /// Gives a message up that has not left.
    ///
    /// # Errors
    /// [`Code::WrongState`] once it has, or may have; [`Code::NotFound`].
    pub async fn drop_delivery(&self, delivery_id: &str) -> Result<(), Problem> {
        let inside = self.inside().await?;
        let _turn = inside.mail.turn.lock().await;
        let run = inside.delivery_run(delivery_id).await?;
        if !matches!(run.state, State::Prepared | State::Held) {
            let why = "this message has left, or may have";
            return Err(Problem::new(Code::WrongState, why));
        }
        inside.stand(&run, State::Dropped, None).await
    }
}

fn is_over(state: State) -> bool {
    matches!(state, State::Sent | State::Failed | State::Dropped)
}

fn known_role(text: &str) -> Result<ContactRole, Problem> {
    ContactRole::parse(text).ok_or_else(|| {
        Problem::new(Code::Invalid, format!("no contact is for {text:?}")).at("role")
    })
}

/// The last delivery of a statement that left the house.
async fn latest(reader: &mut Reader, statement: &Statement) -> Result<Option<DeliveryId>, Problem> {
    let all: Vec<Delivery> = reader.of_customer(statement.customer).await?;
    let mut left: Vec<&Delivery> = all
        .iter()
        .filter(|one| one.statement == statement.id && one.state != DeliveryState::Failed)
        .collect();
    left.sort_by_key(|one| (one.at, one.id));
    Ok(left.last().map(|one| one.id))
}

impl Inside {
    async fn delivery_run(&self, delivery: &str) -> Result<Run, Problem> {
        let found = run::find(&self.profile, delivery).await?;
        found
            .ok_or_else(|| Problem::new(Code::NotFound, "this message was not sent from this desk"))
    }

    /// The bytes on the disk, if they are those whose hash is on record.
    ///
    /// # Errors
    /// [`Code::NotFound`] when its file is at another desk; [`Code::File`];
    /// [`Code::VerificationFailed`].
    pub(crate) async fn sealed_bytes(&self, statement: &Statement) -> Result<Vec<u8>, Problem> {
        let path = self.file_of(&statement.id.to_string()).await.map_err(|problem| Problem {
            message: format!("{}: {}", statement.number, problem.message),
            ..problem
        })?;
        let bytes = std::fs::read(&path).map_err(|error| file(&path, &error))?;
        let hash = hex::encode(Sha256::digest(&bytes));
        if statement.sha256.as_deref() == Some(hash.as_str()) {
            return Ok(bytes);
        }
        let why = format!(
            "{} is not the file that was sealed: its SHA-256 differs from the one on record; nothing \
             was sent",
            path.display()
        );
        Err(Problem::new(Code::VerificationFailed, why))
    }

    /// Subject and text, in the statement's language.
    async fn words(&self, statement: &Statement) -> Result<(String, String), Problem> {
        let mut reader = self.mirror().reader().await?;
        let customer = reader.get::<Customer>(&statement.customer.to_string()).await?.row;
        let ours = reader.get::<LegalEntity>(&statement.legal_entity.to_string()).await?.row;
        let by = reader.find::<Person>(&statement.released_by.to_string()).await?;
        let person = by.map_or_else(String::new, |by| by.row.name);
        let signed = [person.as_str(), ours.name.as_str()];
        let of = match statement.of {
            StatementOf::Customer => None,
            StatementOf::Contract(contract) => {
                let found = reader.get::<Contract>(&contract.to_string()).await?.row;
                Some(("of_contract", found.number))
            }
            StatementOf::Group(_) => Some(("of_group", customer.group_name.clone())),
        };
        let of = of.as_ref().map(|(key, name)| (*key, name.as_str()));
        let about = words::About { statement, customer: &customer.name, of, signed };
        Ok(words::words(language(&statement.language)?, &about))
    }

    /// When something waits to leave: a decision, or a message.
    pub(crate) async fn next_due(&self) -> Result<Option<DateTime<Utc>>, Problem> {
        let actor = self.actor();
        let decision =
            self.outbox.next_due(|verb| policy::token_carries(&actor, verb).is_ok()).await?;
        // Of what its token leaves out another session sees to the messages.
        let message = match policy::confined(&actor, Permission::IssueStatement) {
            Ok(()) => run::next_at(&self.profile, self.now()).await?,
            Err(_) => None,
        };
        Ok(match (decision, message) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        })
    }

    /// Lays beside a statement what is on its way here.
    pub(crate) async fn lay_run(&self, row: &mut screens::StatementRow) -> Result<(), Problem> {
        let (Some(id), Some(delivery)) = (&row.id, &mut row.delivery) else { return Ok(()) };
        let runs = run::of(&self.profile, id).await?;
        let Some(last) = runs.into_iter().rev().find(|run| run.state != State::Dropped) else {
            return Ok(());
        };
        if last.state == State::Sent {
            return Ok(());
        }
        // A failure that is on record is shown there.
        if last.state == State::Failed
            && delivery.deliveries.iter().any(|one| one.id == last.delivery.to_string())
        {
            return Ok(());
        }
        let text = said_of(&last);
        let state = match last.state {
            State::Prepared | State::Sending => "waiting",
            other => other.as_str(),
        };
        state.clone_into(&mut delivery.state);
        delivery.text.clone_from(&text);
        if !matches!(last.state, State::Held | State::Failed) && delivery.send.enabled {
            let reason = Some("It is on its way, or may have gone out".to_owned());
            delivery.send = screens::Action { enabled: false, reason };
        }
        delivery.run = Some(screens::DeliveryRun {
            id: last.delivery.to_string(),
            state: last.state.as_str().to_owned(),
            text,
            problem: last.problem,
        });
        Ok(())
    }
}

fn said_of(run: &Run) -> String {
    match (run.state, &run.problem) {
        (State::Prepared, None) => "Sent with the next sync".to_owned(),
        (State::Prepared, Some(_)) => {
            format!("Next try after {} UTC", run.next_at.format("%-d %b, %H:%M"))
        }
        (State::Held, _) => "Held".to_owned(),
        (State::Sending, _) => "Being sent".to_owned(),
        (State::Perhaps, _) => "Possibly sent: confirm whether it arrived".to_owned(),
        (State::Sent, _) => "Sent".to_owned(),
        (State::Failed, _) => "Not sent".to_owned(),
        (State::Dropped, _) => "Given up".to_owned(),
    }
}
