//! What may overtake what stays: nothing that is about the same thing.

use makegood_domain::command::Command;
use std::collections::BTreeSet;

/// What those are about that stay.
#[derive(Debug, Default)]
pub(super) struct Order {
    kept: BTreeSet<(String, String)>,
}

impl Order {
    /// Whether it may leave before those that stay; else it stays, too.
    pub(super) fn lets(&mut self, command: &Command) -> bool {
        let waits = about(command).any(|thing| self.kept.contains(&thing));
        if waits {
            self.keep(command);
        }
        !waits
    }

    /// It stays.
    pub(super) fn keep(&mut self, command: &Command) {
        self.kept.extend(about(command));
    }
}

/// What a decision is about, and what its author saw.
fn about(command: &Command) -> impl Iterator<Item = (String, String)> {
    let (entity, key) = command.verb.target();
    let bases = command.base.iter().map(|base| (base.entity.clone(), base.key.clone()));
    std::iter::once((entity.to_owned(), key)).chain(bases)
}
