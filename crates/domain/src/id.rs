//! Ids: UUIDv7 newtypes, made where the thing is born, so that a desk can name what it queues
//! offline. RFC 9562 §5.7.

use crate::{clock::Clock, random::Random};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Makes ids from the one clock and the one source of randomness.
#[derive(Debug, Clone)]
pub struct Ids {
    clock: Clock,
    random: Random,
}

impl Ids {
    /// A maker of ids over this clock and randomness.
    #[must_use]
    pub fn new(clock: Clock, random: Random) -> Self {
        Self { clock, random }
    }

    /// A new id of whatever kind is asked for.
    #[must_use]
    pub fn make<T: From<Uuid>>(&self) -> T {
        let bytes = self.random.bytes32();
        let mut tail = [0; 10];
        tail.copy_from_slice(&bytes[..10]);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )*};
}

// Append only: a kind of id, once stored, stays.
ids! {
    /// One of our legal entities.
    LegalEntityId
    /// A group of customers that count as one for the approval matrix.
    CustomerGroupId
    /// A customer.
    CustomerId
    /// A contact of a customer.
    ContactId
    /// A person: an (issuer, subject) pair.
    PersonId
    /// A contract.
    ContractId
    /// A version of a contract.
    ContractVersionId
    /// An SLA line: terms over an SLI.
    SlaLineId
    /// A charge of an SLA line.
    ChargeId
    /// What a source delivers.
    SeriesId
    /// One piece of evidence.
    EvidenceId
    /// An exclusion.
    ExclusionId
    /// An incident: one cause.
    IncidentId
    /// An incident's hit on one customer.
    HitId
    /// The attainment of one SLA line in one window.
    AttainmentId
    /// A missed SLA line in one window.
    BreachId
    /// One contract in one window.
    SettlementId
    /// An SLA credit.
    CreditId
    /// One step of an approval.
    ApprovalId
    /// An SLA statement.
    StatementId
    /// A note.
    NoteId
    /// An audit event.
    AuditId
    /// A command: what a person decided.
    CommandId
    /// An access token.
    TokenId
    /// A change that waits for a second person.
    ProposalId
    /// A delegation.
    DelegationId
    /// A draft.
    DraftId
    /// An alert.
    AlertId
    /// A deadline.
    DeadlineId
    /// Something that is told outside.
    EventId
    /// An event on its way through one channel.
    MessageId
    /// A run of many SLA statements.
    StatementBatchId
    /// A statement on its way to its customer.
    DeliveryId
    /// What a customer said to a statement.
    AcknowledgementId
}
