//! What central and a desk say to each other (ARCHITECTURE.md, "Syncing").
//!
//! `GET /v1/sync/changes?cursor=…&wait=25` answers NDJSON, each line a [`Frame`]: `page`, then its
//! `change` lines, then `end`. A page without its `end` is discarded.

mod extent;
mod line;

pub use self::{
    extent::{EXTENT_HEADER, Extent},
    line::{LineReader, LineWriter},
};

use crate::id::{CustomerId, PersonId};
use crate::person::{Permission, Person, Role, Scope, TokenKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The version of this protocol: a desk sends it with every request.
pub const WIRE_VERSION: u32 = 3;
/// The version before, which central serves, too: houses update central first. To such a desk nothing
/// is sent that it does not know, see [`Entity::since`].
pub const WIRE_BEFORE: u32 = 2;

/// Whether central speaks this version.
#[must_use]
pub fn is_served(version: u32) -> bool {
    (WIRE_BEFORE..=WIRE_VERSION).contains(&version)
}

/// What is synced. Append only; the order is the order in which a page's rows may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// [`crate::customer::LegalEntity`]; of nobody in particular.
    LegalEntity,
    /// [`crate::person::Person`]; of nobody in particular.
    Person,
    /// [`crate::policy::Policy`]; of nobody in particular.
    Policy,
    /// [`crate::customer::Customer`].
    Customer,
    /// [`crate::contract::Contract`].
    Contract,
    /// [`crate::contract::SlaLine`].
    SlaLine,
    /// [`crate::attainment::Attainment`].
    Attainment,
    /// [`crate::settlement::Settlement`].
    Settlement,
    /// [`crate::exclusion::Exclusion`].
    Exclusion,
    /// [`crate::incident::Incident`]; of nobody in particular: it carries no customer's data.
    Incident,
    /// [`crate::incident::Hit`].
    Hit,
    /// [`crate::breach::Breach`].
    Breach,
    /// [`crate::credit::Credit`].
    Credit,
    /// [`crate::statement::Statement`].
    Statement,
    /// [`crate::note::Note`].
    Note,
    /// [`crate::audit::AuditEvent`] of a customer.
    AuditEvent,
    /// [`crate::alert::Alert`].
    Alert,
    /// [`crate::deadline::Deadline`].
    Deadline,
    /// [`crate::contact::Contact`].
    Contact,
    /// [`crate::delivery::Delivery`].
    Delivery,
    /// [`crate::delivery::Acknowledgement`].
    Acknowledgement,
}

impl Entity {
    /// Every entity, in the order of the list.
    pub const ALL: [Self; 21] = [
        Self::LegalEntity,
        Self::Person,
        Self::Policy,
        Self::Customer,
        Self::Contract,
        Self::SlaLine,
        Self::Attainment,
        Self::Settlement,
        Self::Exclusion,
        Self::Incident,
        Self::Hit,
        Self::Breach,
        Self::Credit,
        Self::Statement,
        Self::Note,
        Self::AuditEvent,
        Self::Alert,
        Self::Deadline,
        Self::Contact,
        Self::Delivery,
        Self::Acknowledgement,
    ];

    /// As it is written on the wire; also the name of its table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LegalEntity => "legal_entity",
            Self::Person => "person",
            Self::Policy => "policy",
            Self::Customer => "customer",
            Self::Contract => "contract",
            Self::SlaLine => "sla_line",
            Self::Attainment => "attainment",
            Self::Settlement => "settlement",
            Self::Exclusion => "exclusion",
            Self::Incident => "incident",
            Self::Hit => "hit",
            Self::Breach => "breach",
            Self::Credit => "credit",
            Self::Statement => "statement",
            Self::Note => "note",
            Self::AuditEvent => "audit_event",
            Self::Alert => "alert",
            Self::Deadline => "deadline",
            Self::Contact => "contact",
            Self::Delivery => "delivery",
            Self::Acknowledgement => "acknowledgement",
        }
    }

    /// The version of the wire that first carried it.
    #[must_use]
    pub fn since(self) -> u32 {
        match self {
            Self::Alert | Self::Deadline => 2,
            Self::Contact | Self::Delivery | Self::Acknowledgement => 3,
            _ => 1,
        }
    }

    /// Reads [`Entity::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.as_str() == text)
    }
}

/// Where a desk stands in the feed. Opaque to it: it stores and returns the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Changes with every restore of central.
    pub epoch: String,
    /// Revision of the scope under which it was given.
    pub scope_revision: i64,
    /// The wire's version.
    pub schema: u32,
    /// The last change applied.
    pub seq: i64,
    /// Where the feed stood when the mirror began: it never held what was gone by then, so it needs
    /// no tombstone from before.
    pub begun: i64,
}

impl Cursor {
    /// Reads what `Display` wrote; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let cursor = Self {
            schema: parts.next()?.strip_prefix('c')?.parse().ok()?,
            epoch: parts.next()?.to_owned(),
            scope_revision: parts.next()?.parse().ok()?,
            seq: parts.next()?.parse().ok()?,
            begun: parts.next().map_or(Some(0), |text| text.parse().ok())?,
        };
        parts.next().is_none().then_some(cursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, epoch, scope_revision, seq, begun } = self;
        write!(f, "c{schema}.{epoch}.{scope_revision}.{seq}.{begun}")
    }
}

/// `GET /v1/sync/snapshot`: how much of a scope comes as one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What the portfolio shows: customers, contracts, SLA lines and their present windows. It comes
    /// first over a slow line; a mirror of it is not whole and has no cursor.
    Portfolio,
    /// Everything.
    Whole,
}

impl Part {
    /// As it is written on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Whole => "whole",
        }
    }

    /// Whether it holds the entity (of attainments: whether it may hold some).
    #[must_use]
    pub fn holds(self, entity: Entity) -> bool {
        use Entity::{Attainment, Contract, Customer, LegalEntity, Person, Policy, SlaLine};
        self == Self::Whole
            || matches!(
                entity,
                LegalEntity | Person | Policy | Customer | Contract | SlaLine | Attainment
            )
    }
}

/// The header of a snapshot that says where a mirror stands that was made of it: a [`Cursor`].
pub const CURSOR_HEADER: &str = "makegood-cursor";

/// One line of the changes' NDJSON, as [`LineWriter`] writes and [`LineReader`] reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum Frame {
    /// A page begins.
    Page {
        /// How many changes follow.
        rows: usize,
    },
    /// A change.
    Change(Change),
    /// The page is whole: its rows and this cursor are committed together.
    End {
        /// Where the desk stands after it.
        cursor: String,
        /// Whether more pages are ready now.
        more: bool,
        /// Central's clock, seconds since 1970: to show skew, never to decide.
        now: i64,
    },
}

/// The latest state of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Position in the feed: commit order.
    pub seq: i64,
    /// Which entity.
    pub entity: Entity,
    /// Its id as text.
    pub key: String,
    /// Whose it is; absent: nobody's in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Rises with every change of the entity; upsert only where it is higher.
    pub version: i64,
    /// The whole entity; absent: it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Body>,
}

/// An entity as its JSON text: it goes from central's store into a mirror without being read between.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(Box<RawValue>);

impl Body {
    /// An entity's.
    ///
    /// # Errors
    /// What does not become JSON: a map whose keys are no texts.
    pub fn of<T: Serialize + ?Sized>(row: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(row).map(Self)
    }

    /// Of its text.
    ///
    /// # Errors
    /// What is no JSON.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Body {}

/// `GET /v1/sync/scope`: who is asking, and whose data they may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeAnswer {
    /// The person.
    pub person: Person,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// In whose place they approve now, with those people's roles.
    #[serde(default)]
    pub acts_for: BTreeMap<PersonId, BTreeSet<Role>>,
    /// Their scope.
    pub scope: Scope,
    /// Its revision.
    pub revision: i64,
    /// Epoch of central.
    pub epoch: String,
    /// Name of the company that runs this central.
    pub company: String,
    /// Whether this is a demo.
    pub demo: bool,
    /// What kind of token asks; an older central does not say.
    #[serde(default = "in_person")]
    pub token: TokenKind,
    /// The verbs that the token is confined to; absent: all that the roles carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confined_to: Option<BTreeSet<Permission>>,
    /// By what a token is known that is confined to some customers: the same for whichever is confined
    /// to the same. Absent: it sees whatever its person sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowing: Option<String>,
}

fn in_person() -> TokenKind {
    TokenKind::Session
}

/// `GET /v1/sync/digest`: to prove that the mirror is the view (law 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The feed's position at which it was taken.
    pub seq: i64,
    /// One row per customer (and one without, for what is nobody's).
    pub rows: Vec<DigestRow>,
}

/// Count and sum of versions of one customer's entities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DigestRow {
    /// Whose.
    pub customer: Option<CustomerId>,
    /// How many entities.
    pub count: i64,
    /// Sum of their versions.
    pub versions: i64,
}
