//! What waits in the outbox, laid over what central says. It is shown as queued, never as effective.

use makegood_domain::command::{Command, Verb};
use std::collections::BTreeSet;

/// Decisions that the mirror does not show yet, in their order; the same command twice is one.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    pending: Vec<Pending>,
}

/// A decision on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// What was decided.
    pub command: Command,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a decision has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits at the desk.
    Queued,
    /// It was sent; no answer yet.
    Sent,
    /// Central confirmed it; the mirror has not passed its receipt yet.
    Confirmed,
}

impl Stage {
    /// The word on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sent => "Sending",
            Self::Confirmed => "Confirmed",
        }
    }
}

impl FromIterator<Pending> for Overlay {
    fn from_iter<I: IntoIterator<Item = Pending>>(pending: I) -> Self {
        let mut seen = BTreeSet::new();
        Self { pending: pending.into_iter().filter(|one| seen.insert(one.command.id)).collect() }
    }
}

impl Overlay {
    /// The latest decision about this entity, if one is on its way.
    pub(crate) fn about(&self, entity: &str, key: &str) -> Option<&Pending> {
        self.pending.iter().rev().find(|one| one.command.verb.target() == (entity, key.to_owned()))
    }

    /// The ids of what decisions of this kind are about, as the list that SQL reads by `json_each`.
    pub(crate) fn keys(&self, entity: &str) -> String {
        let targets = self.pending.iter().map(|one| one.command.verb.target());
        let keys = targets.filter(|(kind, _)| *kind == entity).map(|(_, key)| key);
        serde_json::Value::from_iter(keys).to_string()
    }

    /// Everything on its way, in the order in which it was decided.
    pub(crate) fn verbs(&self) -> impl Iterator<Item = (&Verb, &Pending)> {
        self.pending.iter().map(|one| (&one.command.verb, one))
    }
}
