//! The outages and gaps of one series while a batch is added to them.

use super::{
    order,
    standing::{Identities, Identity, is_withdrawal, standing},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    series::{Evidence, EvidenceBody},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is on record of each, and what a batch has said so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    held: BTreeMap<Identity, Vec<Evidence>>,
    /// Of which, as of which instant.
    batch: BTreeSet<(Identity, DateTime<Utc>)>,
}

impl Known {
    pub(super) fn of(pieces: Vec<Evidence>) -> Self {
        let identities = Identities::of(pieces.iter());
        let mut known = Self::default();
        for piece in pieces {
            if let Some(identity) = identities.about(&piece) {
                known.held.entry(identity).or_default().push(piece);
            }
        }
        known
    }

    /// Where the first outage or gap begins that counts.
    pub(super) fn first(&self) -> Option<i64> {
        standing(self.held.values().flatten()).map(|piece| piece.from.timestamp()).min()
    }

    /// What is on record of one.
    pub(super) fn held(&mut self, own: &Identity) -> &mut Vec<Evidence> {
        self.held.entry(own.clone()).or_default()
    }

    /// When an outage was last seen to go on: an export tells of it as of its own instant, and until then.
    pub(super) fn seen_to_go_on(&self, own: &Identity) -> Option<DateTime<Utc>> {
        let last = self.held.get(own)?.iter().max_by_key(|held| order(held))?;
        let goes_on = last.to == last.observed_at && last.recorded_at == last.observed_at;
        (goes_on && !is_withdrawal(last)).then_some(last.observed_at)
    }

    /// Whether just that was said as of the same instant or a later one.
    pub(super) fn said_since(&self, own: &Identity, new: &Evidence) -> bool {
        let says = |piece: &Evidence| (piece.from, piece.to, piece.body.clone());
        let mut since = self.held.get(own).into_iter().flatten();
        since.any(|held| held.observed_at >= new.observed_at && says(held) == says(new))
    }

    /// Whether just that was said last, as things stood when it was observed: an old message that comes again
    /// changes nothing.
    pub(super) fn says(&self, own: &Identity, new: &Evidence) -> bool {
        let says = |piece: &Evidence| (piece.from, piece.to, piece.body.clone());
        self.last(own, new.observed_at).is_some_and(|last| {
            (is_withdrawal(last) && is_withdrawal(new)) || says(last) == says(new)
        })
    }

    /// Whether the batch has said nothing else of it as of that instant.
    pub(super) fn first_in_batch(&mut self, own: Identity, observed_at: DateTime<Utc>) -> bool {
        self.batch.insert((own, observed_at))
    }

    /// Has a withdrawal take back what was said last; `path` is where it stands in what was sent.
    pub(super) fn take_back(
        &self,
        own: &Identity,
        new: &mut Evidence,
        path: &str,
    ) -> Result<(), Problem> {
        let told = self.held.get(own).into_iter().flatten().filter(|held| !is_withdrawal(held));
        let then = told.clone().filter(|held| held.observed_at <= new.observed_at);
        let Some(last) = then.max_by_key(|held| order(held)) else {
            let message = match told.count() {
                0 => format!(
                    "{path}: no {own} of that service is on record; look what it was sent as"
                ),
                _ => format!(
                    "{path}: the {own} was observed later than that; withdraw it as of then"
                ),
            };
            return Err(Problem::new(Code::Invalid, message).at(path));
        };
        (new.from, new.to) = (last.from, last.to);
        if let EvidenceBody::Withdrawal { of, .. } = &mut new.body {
            *of = last.id;
        }
        Ok(())
    }

    fn last(&self, own: &Identity, at: DateTime<Utc>) -> Option<&Evidence> {
        let then = self.held.get(own)?.iter().filter(|held| held.observed_at <= at);
        then.max_by_key(|held| order(held))
    }
}
