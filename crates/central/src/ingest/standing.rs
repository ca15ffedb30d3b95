//! Which of the outages and gaps on record count: of each the piece that was observed last, and none
//! where that takes it back.

use chrono::{DateTime, Utc};
use makegood_domain::{
    id::EvidenceId,
    series::{Evidence, EvidenceBody},
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

/// What makes two outages, or two gaps, the same one: the source's name of it, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    Named(String),
    OutageFrom(DateTime<Utc>),
    GapFrom(DateTime<Utc>),
}

/// As a problem names it.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = |at: &DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        match self {
            Self::Named(name) => write!(f, "outage {name:?}"),
            Self::OutageFrom(at) => write!(f, "outage without a reference from {}", instant(at)),
            Self::GapFrom(at) => write!(f, "gap from {}", instant(at)),
        }
    }
}

/// In which order pieces cover each other: what was observed later comes later, and of the same
/// instant what was recorded later.
pub(crate) fn order(piece: &Evidence) -> (DateTime<Utc>, i64, EvidenceId) {
    (piece.observed_at, piece.position, piece.id)
}

/// Which outages and gaps pieces are about.
#[derive(Debug, Default)]
pub(super) struct Identities(BTreeMap<EvidenceId, Identity>);

impl Identities {
    pub(super) fn of<'e>(pieces: impl Iterator<Item = &'e Evidence>) -> Self {
        Self(pieces.filter_map(|piece| Some((piece.id, own(piece)?))).collect())
    }

    /// What a piece is about: a withdrawal is about what it takes back.
    pub(super) fn about(&self, piece: &Evidence) -> Option<Identity> {
        match &piece.body {
            EvidenceBody::Withdrawal { of, .. } => self.0.get(of).cloned(),
            _ => own(piece),
        }
    }
}

/// What an outage or a gap is known by.
pub(super) fn own(piece: &Evidence) -> Option<Identity> {
    match &piece.body {
        EvidenceBody::Outage { reference: Some(name), .. } => Some(Identity::Named(name.clone())),
        EvidenceBody::Outage { .. } => Some(Identity::OutageFrom(piece.from)),
        EvidenceBody::Unknown => Some(Identity::GapFrom(piece.from)),
        EvidenceBody::Slots { .. } | EvidenceBody::Withdrawal { .. } => None,
    }
}

/// Of the outages and gaps on record, those that count.
pub(crate) fn standing<'e>(
    pieces: impl Iterator<Item = &'e Evidence> + Clone,
) -> impl Iterator<Item = &'e Evidence> {
    let identities = Identities::of(pieces.clone());
    let mut standing: BTreeMap<Identity, &Evidence> = BTreeMap::new();
    for piece in pieces {
        let Some(identity) = identities.about(piece) else { continue };
        match standing.entry(identity) {
            Entry::Occupied(mut held) if order(held.get()) < order(piece) => {
                held.insert(piece);
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(piece);
            }
        }
    }
    standing.into_values().filter(|piece| !is_withdrawal(piece))
}

pub(super) fn is_withdrawal(piece: &Evidence) -> bool {
    matches!(piece.body, EvidenceBody::Withdrawal { .. })
}
