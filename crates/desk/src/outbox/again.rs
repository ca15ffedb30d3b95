//! Deciding again what came back: about what the mirror holds now, as its author sees it.

use super::{Entry, EntryState, Outbox};
use crate::{
    desk::{Decision, Desk, Queued, id},
    event::Event,
    outbox::Put,
};
use makegood_domain::{
    Code, Money, Problem,
    command::{Base, Verb},
    credit::Credit,
    id::CommandId,
    wire::Entity,
};
use makegood_mirror::Reader;
use serde::Serialize;
use ts_rs::TS;

/// What deciding again would be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DecideAgain {
    /// The SLA credit's amount as it stands now, where it is about one: `€1,300.00`.
    pub amount: Option<String>,
    /// What is seen with it: handed back when it is decided.
    pub seen: String,
}

impl Desk {
    /// Decides again what came back: a new command, at the versions and the amount that
    /// [`DecideAgain::seen`] stands for. The old one is put aside. An approval can be taken back for as
    /// long as a first one.
    ///
    /// # Errors
    /// [`Code::WrongState`] for one that did not come back, or is a review; [`Code::Stale`] when what it is about has
    /// changed since it was seen; [`Code::NotFound`] when that is gone. Then the old one stays.
    pub async fn retry_command(&self, command: &str, seen: &str) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let old: CommandId = id("command", command)?;
        let entry = inside.outbox.entry(old).await?;
        let again = Again::of(&mut inside.mirror().reader().await?, &entry).await?;
        if again.seen() != seen {
            let why = "what this is about has changed since you saw it; look again, then decide";
            return Err(Problem::new(Code::Stale, why));
        }
        let put = inside.put(again.decision(entry))?;
        inside.outbox.replace(old, &put).await?;
        inside.tell(Event::Changed);
        inside.wake.notify_one();
        Ok(Queued { command_id: put.command.id.to_string() })
    }
}

impl Outbox {
    /// Puts a decision down in the place of one that came back, which is put aside: both, or neither.
    ///
    /// # Errors
    /// [`Code::WrongState`] for one that did not come back, or was put aside meanwhile; what
    /// [`Outbox::put`] gives.
    pub async fn replace(&self, old: CommandId, put: &Put) -> Result<(), Problem> {
        let mut tx = self.profile.pool().begin().await.map_err(|e| self.refused(&e))?;
        let done = sqlx::query(
            "update outbox set state = 'discarded' where id = $1 and state in ('refused', 'stale')",
        )
        .bind(old.to_string())
        .execute(&mut *tx)
        .await
        .map_err(|e| self.refused(&e))?;
        if done.rows_affected() == 0 {
            drop(tx);
            return Err(did_not_come_back(&self.entry(old).await?));
        }
        self.put_in(&mut tx, put).await?;
        tx.commit().await.map_err(|e| self.refused(&e))
    }
}

fn did_not_come_back(entry: &Entry) -> Problem {
    let why = format!(
        "\"{}\" is {}: only what came back is decided again",
        entry.what,
        entry.state.as_str()
    );
    Problem::new(Code::WrongState, why)
}

/// The same decision about what the mirror holds.
pub(super) struct Again {
    base: Vec<Base>,
    /// Of the credit that it is about.
    amount: Option<Money>,
}

impl Again {
    /// # Errors
    /// As [`Desk::retry_command`].
    pub(super) async fn of(reader: &mut Reader, entry: &Entry) -> Result<Self, Problem> {
        if !matches!(entry.state, EntryState::Refused | EntryState::Stale) {
            return Err(did_not_come_back(entry));
        }
        let verb = &entry.command.verb;
        if matches!(verb, Verb::IssueStatement { .. } | Verb::SealStatement { .. }) {
            let why = "this was a step of an SLA statement that failed; issue the statement again";
            return Err(Problem::new(Code::WrongState, why));
        }
        if matches!(verb, Verb::ReviewBreach { .. } | Verb::ReviewIncident { .. }) {
            let why = "what others have written since would go unread; open the breach and review it \
                       again: what you wrote stands here";
            return Err(Problem::new(Code::WrongState, why));
        }
        let mut base = entry.command.base.clone();
        for one in &mut base {
            let held = match Entity::parse(&one.entity) {
                Some(entity) => reader.version(entity, &one.key).await?,
                None => None,
            };
            match held {
                Some(version) => one.version = version,
                // What was never there need not be.
                None if one.version == 0 => {}
                None => {
                    let why = "what this is about is gone, or outside your scope; discard it";
                    return Err(Problem::new(Code::NotFound, why));
                }
            }
        }
        let amount = match verb.target() {
            ("credit", key) if !matches!(verb, Verb::ProposeGoodwill { .. }) => {
                Some(reader.get::<Credit>(&key).await?.amount)
            }
            _ => None,
        };
        Ok(Self { base, amount })
    }

    fn seen(&self) -> String {
        let versions = self.base.iter().map(|base| base.version.to_string());
        let amount = self.amount.map(|amount| amount.minor().to_string());
        versions.chain(amount).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn shown(&self) -> DecideAgain {
        DecideAgain { amount: self.amount.map(Money::symbol), seen: self.seen() }
    }

    fn decision(self, Entry { command, what, subject, .. }: Entry) -> Decision {
        let mut verb = command.verb;
        let mut what = what;
        if let Some(now) = self.amount {
            if let Verb::ApproveCredit { amount, .. } | Verb::ProposeCredit { amount, .. } =
                &mut verb
            {
                *amount = now;
            }
            // `Approve CR-311, €1,200.00`
            if let Some((before, _)) = what.rsplit_once(", ") {
                what = format!("{before}, {}", now.symbol());
            }
        }
        let hold = matches!(verb, Verb::ApproveCredit { .. });
        Decision { verb, base: self.base, what, subject, hold }
    }
}
