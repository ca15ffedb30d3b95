//! Missed lines: the inbox, and one with its evidence.

mod actions;
mod arithmetic;
mod detail;
mod exclusion;
mod found;
mod inbox;
mod timeline;

pub use arithmetic::{Recomputed, Term};
pub use detail::{
    Breach, BreachCredit, BreachIncident, BreachNote, BreachOutage, Narrative, breach,
};
pub use exclusion::{ExclusionForm, ExclusionFormKind, ExclusionView};
pub use inbox::{BreachCounts, BreachGroup, BreachInbox, BreachItem, BreachTab, breach_inbox};
pub use timeline::{
    CountedBar, EvidenceTimeline, ExclusionBar, OutageBar, Tick, TimelineEvent, UnknownBar,
};

pub(crate) use detail::{claim, contracts_hit, settlement_state};
pub(crate) use inbox::{counts, of_customer};
