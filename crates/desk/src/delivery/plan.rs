//! Whom a statement goes to and by which words, to look at before it is sent.

use super::{known_role, latest};
use crate::{desk::Desk, mail::MailView};
use makegood_domain::{
    Code, Problem,
    contact::{AddressLine, Contact, ContactRole},
    delivery::Addressee,
    statement::Statement,
};
use makegood_mirror::{Reader, screens::statement_outdated};
use serde::Serialize;
use std::collections::BTreeSet;
use ts_rs::TS;

/// What would be sent, to look at before it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeliveryPlan {
    /// The statement's id.
    pub statement_id: String,
    /// `ST-2026-10-0412, revision 1`.
    pub title: String,
    /// What for the contacts are: `accounts_payable`.
    pub role: String,
    /// Whom it goes to.
    pub to: Vec<PlanAddressee>,
    /// Who is left out, and why: `Henrike Vogt <h.vogt@…>: not confirmed`.
    pub left_out: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Why it would be held.
    #[ts(type = "{ code: string; message: string } | null")]
    pub held: Option<Problem>,
    /// Whether it was sent before: then a reason is asked for.
    pub again: bool,
    /// Whether its file is at this desk; else it has to be added first.
    pub here: bool,
    /// How this desk's mail stands.
    pub mail: MailView,
}

/// Somebody whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PlanAddressee {
    /// Their name.
    pub name: String,
    /// Their mailbox.
    pub address: String,
    /// `to` or `cc`.
    pub line: String,
}

/// A statement's contacts of a role.
pub(crate) struct AddressBook {
    /// Whom it may go to, the addressed first.
    pub(crate) open: Vec<Addressee>,
    pub(crate) left_out: Vec<String>,
    title: &'static str,
    language: String,
    /// Why the statement would say something else today, unless its customer has it already.
    outdated: Option<&'static str>,
}

impl AddressBook {
    /// The addressed ones read the statement's language; copies go to whoever is confirmed.
    pub(crate) async fn read(
        reader: &mut Reader,
        statement: &Statement,
        role: ContactRole,
    ) -> Result<Self, Problem> {
        let mut contacts: Vec<Contact> = reader.of_customer(statement.customer).await?;
        contacts.retain(|one| one.role == role && one.ended_at.is_none());
        contacts.sort_by(|a, b| (a.line, &a.name, a.id).cmp(&(b.line, &b.name, b.id)));
        let (mut open, mut left_out, mut before) = (Vec::new(), Vec::new(), BTreeSet::new());
        for one in contacts {
            let reads = one.line == AddressLine::Cc || one.language == statement.language;
            let why = match (one.is_open(), reads) {
                (false, _) => Some("not confirmed by a second person"),
                (true, false) => Some("reads another language"),
                (true, true) if !before.insert(one.address.clone()) => Some("named above"),
                (true, true) => None,
            };
            if let Some(why) = why {
                left_out.push(format!("{} <{}>: {why}", one.name, one.address));
                continue;
            }
            let Contact { id: contact, name, address, line, .. } = one;
            open.push(Addressee { contact, name, address, line });
        }
        let outdated = match latest(reader, statement).await? {
            Some(_) => None,
            None => statement_outdated(reader, statement).await?,
        };
        let (title, language) = (role.title(), statement.language.clone());
        Ok(Self { open, left_out, title, language, outdated })
    }

    /// What holds a message back whose author saw these.
    pub(crate) fn speaks_against(&self, seen: &[Addressee]) -> Option<Problem> {
        if let Some(outdated) = self.outdated {
            let why = format!("{outdated}: issue it anew, then send that one");
            return Some(Problem::new(Code::Stale, why));
        }
        if !self.open.iter().any(|one| one.line == AddressLine::To) {
            let language = if self.language == "de" { "German" } else { "English" };
            let why = format!(
                "{}: no confirmed contact is addressed in {language}; have one confirmed under the \
                 customer's contacts",
                self.title
            );
            return Some(Problem::new(Code::AddressUnconfirmed, why));
        }
        let changed = !seen.is_empty() && addresses(seen) != addresses(&self.open);
        changed.then(|| {
            let why = "the recipients have changed since you looked; look again, then send it";
            Problem::new(Code::Stale, why)
        })
    }
}

pub(super) fn addresses(of: &[Addressee]) -> BTreeSet<&str> {
    of.iter().map(|one| one.address.as_str()).collect()
}

impl Desk {
    /// What sending a statement would come to.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a role that is none; [`Code::NotFound`].
    pub async fn delivery_plan(
        &self,
        statement_id: &str,
        role: &str,
    ) -> Result<DeliveryPlan, Problem> {
        let inside = self.inside().await?;
        let known = known_role(role)?;
        let mut reader = inside.mirror().reader().await?;
        let statement = reader.get::<Statement>(statement_id).await?.row;
        let book = AddressBook::read(&mut reader, &statement, known).await?;
        let again = latest(&mut reader, &statement).await?.is_some();
        drop(reader);
        let (subject, text) = inside.words(&statement).await?;
        Ok(DeliveryPlan {
            statement_id: statement_id.to_owned(),
            title: format!("{}, revision {}", statement.number, statement.revision),
            role: role.to_owned(),
            held: book.speaks_against(&[]),
            to: book
                .open
                .into_iter()
                .map(|one| PlanAddressee {
                    name: one.name,
                    address: one.address,
                    line: one.line.as_str().to_owned(),
                })
                .collect(),
            left_out: book.left_out,
            subject,
            text,
            again,
            here: inside.file_of(statement_id).await.is_ok(),
            mail: inside.mail_view().await?,
        })
    }
}
