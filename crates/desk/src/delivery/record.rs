//! What is told about deliveries: a file in a folder, a message that came back, what a customer said.

use crate::{
    breach::reason_given,
    desk::{Decision, Desk, Queued, id, seen},
    problem::file,
};
use chrono::NaiveDate;
use makegood_domain::{
    Code, Problem,
    command::Verb,
    customer::Customer,
    delivery::{Acknowledged, Channel, Delivered, Delivery},
    person::Permission,
    policy,
    statement::{Statement, StatementState},
};
use makegood_statement::write_whole;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// What a customer said, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SaidEntry {
    /// To which statement.
    pub statement_id: String,
    /// Who said it.
    pub by_name: String,
    /// On which day: `2026-11-10`.
    pub on: String,
    /// Whether they accept it; else they dispute it.
    pub accepted: bool,
    /// What they said; of a dispute required.
    pub note: String,
}

impl Desk {
    /// Puts the sealed file into a folder, and that on record; answers where it lies.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::WrongState`] for one that was never sealed; [`Code::NotFound`]
    /// when it was sealed at another desk; [`Code::VerificationFailed`]; [`Code::File`] for a folder
    /// that is none.
    pub async fn export_statement(
        &self,
        statement_id: &str,
        folder: &Path,
    ) -> Result<PathBuf, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::IssueStatement)?;
        let mut reader = inside.mirror().reader().await?;
        let statement = reader.get::<Statement>(statement_id).await?.row;
        drop(reader);
        if !matches!(statement.state, StatementState::Sealed | StatementState::Superseded) {
            let why = format!("{} is not sealed", statement.number);
            return Err(Problem::new(Code::WrongState, why));
        }
        let bytes = inside.sealed_bytes(&statement).await?;
        if !folder.metadata().map_err(|error| file(folder, &error))?.is_dir() {
            let why = format!("{} is no folder; choose one", folder.display());
            return Err(Problem::new(Code::File, why));
        }
        let path = folder.join(format!("{}-r{}.pdf", statement.number, statement.revision));
        let to = path.clone();
        tokio::task::spawn_blocking(move || write_whole(&to, &bytes))
            .await
            .map_err(|_| Problem::new(Code::Internal, "writing stopped"))??;
        let told = Delivered {
            delivery: inside.ids.make(),
            statement: statement.id,
            channel: Channel::Folder,
            to: Vec::new(),
            message_id: None,
            sha256: statement.sha256.clone().unwrap_or_default(),
            sent: true,
            why: None,
            resend_of: None,
            reason: None,
            at: inside.now(),
        };
        let decision = Decision {
            verb: Verb::RecordDelivery(told),
            base: Vec::new(),
            what: format!("Record that {} was exported to a folder", statement.number),
            subject: statement.period,
            hold: false,
        };
        self.decide(&inside, decision).await?;
        Ok(path)
    }

    /// Records that a message came back.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::Invalid`] without a reason, or for an address that it did not go
    /// to; [`Code::NotFound`]; what the outbox gives.
    pub async fn record_bounce(
        &self,
        delivery_id: &str,
        version: i64,
        address: &str,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let reason = reason_given(reason)?;
        policy::require(&inside.actor(), Permission::KeepContacts)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Delivery>(delivery_id).await?.row;
        if !found.to.iter().any(|one| one.address == address) {
            let why = format!("this message did not go to {address}");
            return Err(Problem::new(Code::Invalid, why).at("address"));
        }
        let statement = reader.get::<Statement>(&found.statement.to_string()).await?.row;
        let subject = reader.get::<Customer>(&found.customer.to_string()).await?.row.name;
        let address = address.to_owned();
        let verb = Verb::RecordBounce { delivery: found.id, address, reason };
        let base = vec![seen("delivery", delivery_id, version)];
        let what = format!("Record that {} came back", statement.number);
        self.decide(&inside, Decision { verb, base, what, subject, hold: false }).await
    }

    /// Records what a customer said to a statement.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::Invalid`] naming the field; [`Code::NotFound`]; what the outbox
    /// gives.
    pub async fn record_acknowledgement(&self, asked: SaidEntry) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::KeepContacts)?;
        let on: NaiveDate = asked.on.trim().parse().map_err(|_| {
            let why = format!("{:?} is no day; write it as 2026-11-10", asked.on);
            Problem::new(Code::Invalid, why).at("on")
        })?;
        let (by_name, note) = (asked.by_name.trim().to_owned(), asked.note.trim().to_owned());
        if by_name.is_empty() {
            return Err(Problem::new(Code::Invalid, "say who said it").at("byName"));
        }
        if !asked.accepted && note.is_empty() {
            return Err(Problem::new(Code::Invalid, "say what they dispute").at("note"));
        }
        let mut reader = inside.mirror().reader().await?;
        let statement = reader.get::<Statement>(&asked.statement_id).await?.row;
        let subject = reader.get::<Customer>(&statement.customer.to_string()).await?.row.name;
        let word = if asked.accepted { "accepted" } else { "disputed" };
        let verb = Verb::RecordAcknowledgement(Acknowledged {
            acknowledgement: inside.ids.make(),
            statement: id("statement", &asked.statement_id)?,
            by_name,
            on,
            accepted: asked.accepted,
            note: Some(note).filter(|note| !note.is_empty()),
        });
        let what = format!("Record that {} was {word}", statement.number);
        self.decide(&inside, Decision { verb, base: vec![], what, subject, hold: false }).await
    }
}
