//! People, what they may do, and whose data they may see.

use crate::id::{CustomerId, PersonId, TokenId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A person: an (issuer, subject) pair with a name to show. Other records name people by id only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The identity provider.
    pub issuer: String,
    /// Their id at the provider.
    pub subject: String,
    /// The name on screens and on what they release.
    pub name: String,
    /// Their roles.
    pub roles: BTreeSet<Role>,
}

/// What somebody does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Customer success: reviews, proposes.
    Csm,
    /// Finance: approves.
    Finance,
    /// Finance, above the limits of the others.
    Controller,
    /// Account management: issues and sends statements.
    AccountManager,
    /// Runs central: imports, closes, hands out tokens. Approves nothing.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Csm, Self::Finance, Self::Controller, Self::AccountManager, Self::Admin];

    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csm => "csm",
            Self::Finance => "finance",
            Self::Controller => "controller",
            Self::AccountManager => "account_manager",
            Self::Admin => "admin",
        }
    }

    /// Reads [`Role::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// As it stands on screens.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Csm => "Customer success",
            Self::Finance => "Finance approver",
            Self::Controller => "Finance controller",
            Self::AccountManager => "Account manager",
            Self::Admin => "Administrator",
        }
    }

    /// The verbs that come with the role; for which customers they hold, the scope says.
    #[must_use]
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            Self::Csm => {
                &[Read, Review, ProposeExclusion, DecideExclusion, ProposeCredit, KeepContacts]
            }
            Self::Finance | Self::Controller => &[Read, DecideExclusion, ApproveCredit, Import],
            Self::AccountManager => &[Read, IssueStatement, KeepContacts],
            Self::Admin => &[Read, Import, Ingest, Close, Administer],
        }
    }
}

/// A verb that a role may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See what the scope holds.
    Read,
    /// Review a missed SLA.
    Review,
    /// Propose an exclusion.
    ProposeExclusion,
    /// Admit or refuse an exclusion that somebody else proposed.
    DecideExclusion,
    /// Propose a credit, contractual or goodwill.
    ProposeCredit,
    /// Approve or return a credit.
    ApproveCredit,
    /// Issue a statement.
    IssueStatement,
    /// Import customers, contracts, fees, incidents, and decide what somebody else imported.
    Import,
    /// Send evidence.
    Ingest,
    /// Close and lock a month.
    Close,
    /// Hand out and revoke tokens.
    Administer,
    /// Keep a customer's contacts, and record what a customer says to a statement.
    KeepContacts,
}

impl Permission {
    /// Every verb.
    pub const ALL: [Self; 12] = [
        Self::Read,
        Self::Review,
        Self::ProposeExclusion,
        Self::DecideExclusion,
        Self::ProposeCredit,
        Self::ApproveCredit,
        Self::IssueStatement,
        Self::Import,
        Self::Ingest,
        Self::Close,
        Self::Administer,
        Self::KeepContacts,
    ];

    /// Reads [`Permission::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == text)
    }

    /// Whether a personal token may carry it: decisions, and who may decide, stay with people who
    /// signed in (law 5).
    #[must_use]
    pub fn for_scripts(self) -> bool {
        !matches!(self, Self::DecideExclusion | Self::ApproveCredit | Self::Administer)
    }

    /// As it is written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Review => "review",
            Self::ProposeExclusion => "propose_exclusion",
            Self::DecideExclusion => "decide_exclusion",
            Self::ProposeCredit => "propose_credit",
            Self::ApproveCredit => "approve_credit",
            Self::IssueStatement => "issue_statement",
            Self::Import => "import",
            Self::Ingest => "ingest",
            Self::Close => "close",
            Self::Administer => "administer",
            Self::KeepContacts => "keep_contacts",
        }
    }
}

/// Whose data somebody may see and act on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "customers")]
pub enum Scope {
    /// Every customer, also later ones.
    All,
    /// Just these.
    Customers(BTreeSet<CustomerId>),
}

impl Scope {
    /// What both scopes hold.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (all, Self::All) => all.clone(),
            (Self::All, some) => some.clone(),
            (Self::Customers(one), Self::Customers(two)) => Self::Customers(one & two),
        }
    }

    /// Whether the scope holds this customer.
    #[must_use]
    pub fn holds(&self, customer: CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Customers(held) => held.contains(&customer),
        }
    }
}

/// How a token came about. Only a signed-in session may approve (law 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A person signed in.
    Session,
    /// A personal access token for scripts: it never approves.
    Personal,
}

/// Who is asking: read from the token in the transaction that acts on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// Their name, for receipts and documents.
    pub name: String,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Their scope.
    pub scope: Scope,
    /// Rises whenever the scope changes.
    pub scope_revision: i64,
    /// The token used.
    pub token: TokenId,
    /// Its kind.
    pub token_kind: TokenKind,
    /// In whose place they approve now, with those people's roles.
    pub acts_for: BTreeMap<PersonId, BTreeSet<Role>>,
    /// The verbs that the token is confined to; `None`: all that the roles carry.
    pub confined_to: Option<BTreeSet<Permission>>,
    /// By what a token is known that is confined to some customers; `None`: to none.
    pub narrowing: Option<String>,
}

/// Whether any of these roles carries this verb.
#[must_use]
pub fn carry(roles: &BTreeSet<Role>, permission: Permission) -> bool {
    roles.iter().any(|role| role.permissions().contains(&permission))
}

impl Actor {
    /// Whether any of their roles carries this verb (or, for approving, a role of somebody in whose
    /// place they act), and the token does not leave it out.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let in_place = || self.acts_for.values().any(|roles| carry(roles, permission));
        let carried = carry(&self.roles, permission)
            || (permission == Permission::ApproveCredit && in_place());
        carried && self.confined_to.as_ref().is_none_or(|verbs| verbs.contains(&permission))
    }
}
