//! What crosses a seam when something is refused: a stable code and a message that names the
//! thing, the place and the way out. On HTTP it becomes RFC 9457 problem details.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// The closed list of error codes. A code, once released, keeps its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it is written on every seam.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn http_status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// Reads a code; `None` for one that this version does not know.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// No token was sent.
    TokenMissing = "token_missing", 401;
    /// The token is unknown, expired or revoked.
    TokenInvalid = "token_invalid", 401;
    /// The person's role does not allow this.
    RoleMissing = "role_missing", 403;
    /// The customer lies outside the person's scope.
    ScopeMissing = "scope_missing", 403;
    /// A personal token tried to approve (law 5).
    TokenMayNotApprove = "token_may_not_approve", 403;
    /// Who proposed or amended tried to decide (law 5).
    OwnProposal = "own_proposal", 403;
    /// The first approver tried to be the second (law 5).
    SameApprover = "same_approver", 403;
    /// The group's total lies above what the approver's role may approve (law 5).
    LimitExceeded = "limit_exceeded", 403;
    /// What the author saw has changed since (law 7).
    Stale = "stale", 409;
    /// The state does not allow this step.
    WrongState = "wrong_state", 409;
    /// The thing does not exist, or not for this person.
    NotFound = "not_found", 404;
    /// No customer has this key.
    CustomerUnknown = "customer_unknown", 422;
    /// A field is missing, malformed or contradicts another.
    Invalid = "invalid", 422;
    /// Terms break a rule of the case format; the path is named.
    TermsInvalid = "terms_invalid", 422;
    /// A case breaks a rule of the case format; the path is named.
    CaseInvalid = "case_invalid", 422;
    /// A probe log names a state that is neither up nor down.
    ProbeStateUnknown = "probe_state_unknown", 422;
    /// A probe log's line lies before the line above it.
    ProbeOutOfOrder = "probe_out_of_order", 422;
    /// A probe log gives two states for one service and instant.
    ProbeConflict = "probe_conflict", 422;
    /// Text is not UTF-8, or holds U+0000.
    TextInvalid = "text_invalid", 422;
    /// The body is larger than the route takes.
    TooLarge = "too_large", 413;
    /// The cursor is of another epoch, or below the horizon: bootstrap again.
    CursorGone = "cursor_gone", 410;
    /// The scope has changed: ask for it, then go on.
    ScopeChanged = "scope_changed", 409;
    /// The wire's version is no longer, or not yet, served.
    WireVersion = "wire_version", 426;
    /// The statement can't be issued yet; the reasons are named.
    StatementBlocked = "statement_blocked", 409;
    /// Central can't be reached.
    CentralUnreachable = "central_unreachable", 503;
    /// The answer is not one that central gives.
    CentralAnswer = "central_answer", 502;
    /// A source that central asks can't be reached.
    SourceUnreachable = "source_unreachable", 503;
    /// A source's answer is none that central can use.
    SourceAnswer = "source_answer", 502;
    /// A file can't be read or written.
    File = "file", 500;
    /// The disk is full.
    DiskFull = "disk_full", 507;
    /// The PKCS#12's password is wrong.
    KeyPassword = "key_password", 422;
    /// The PKCS#12 holds no usable key and certificate.
    KeyInvalid = "key_invalid", 422;
    /// A document could not be laid out.
    StatementLayout = "statement_layout", 422;
    /// A document did not verify.
    VerificationFailed = "verification_failed", 422;
    /// The database refused.
    Database = "database", 500;
    /// Another process holds the profile.
    ProfileBusy = "profile_busy", 409;
    /// A defect of ours; the log has the rest.
    Internal = "internal", 500;
    /// One caller asked too much at once: go on after the time that is named.
    TooManyRequests = "too_many_requests", 429;
    /// No answer was ready in time.
    TimedOut = "timed_out", 503;
    /// Central is ending, or its database is away.
    NotReady = "not_ready", 503;
    /// The session has run out; signing in again gives another.
    TokenExpired = "token_expired", 401;
    /// This central has no identity provider.
    SignInUnset = "sign_in_unset", 404;
    /// The identity provider's token does not hold; the claim is named.
    SignInInvalid = "sign_in_invalid", 401;
    /// The sign-in is too old: sign in again.
    SignInExpired = "sign_in_expired", 401;
    /// The identity provider's token was exchanged already: it is good once.
    SignInReplayed = "sign_in_replayed", 409;
    /// The person, or the identity provider, broke the sign-in off.
    SignInRefused = "sign_in_refused", 403;
    /// The identity provider knows the person, this central does not.
    PersonUnknown = "person_unknown", 403;
    /// The identity provider can't be reached.
    ProviderUnreachable = "provider_unreachable", 503;
    /// The answer is not one that an identity provider gives.
    ProviderAnswer = "provider_answer", 502;
    /// Too many ask for everything at once: go on after the time that is named.
    Busy = "busy", 503;
    /// The local copy of central's data is damaged: it is fetched anew.
    MirrorDamaged = "mirror_damaged", 500;
    /// The authority for time stamps can't be reached.
    StampUnreachable = "stamp_unreachable", 503;
    /// The authority's answer is no time stamp that holds.
    StampAnswer = "stamp_answer", 502;
    /// Somebody's address was not confirmed by a second person.
    AddressUnconfirmed = "address_unconfirmed", 409;
    /// No mail server is set at this desk, or its password was not given since it was started.
    MailUnset = "mail_unset", 409;
    /// The mail server can't be reached, or takes nothing now.
    MailUnreachable = "mail_unreachable", 503;
    /// The mail server refused for good.
    MailRefused = "mail_refused", 502;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    /// A code that this version does not know reads as [`Code::CentralAnswer`]: an older desk must
    /// still be able to show a newer central's message.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Ok(Self::parse(&text).unwrap_or(Self::CentralAnswer))
    }
}

/// An error as it crosses a seam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} [{code}]")]
pub struct Problem {
    /// From the closed list.
    pub code: Code,
    /// Names the thing, the place and the way out.
    pub message: String,
    /// Where in the input, if anywhere: `line 12`, `lines[0].terms.credit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is current, when something was stale; else absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<serde_json::Value>,
}

impl Problem {
    /// A problem with this code and message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), path: None, current: None }
    }

    /// The same problem, with the place in the input.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same problem, with what is current.
    #[must_use]
    pub fn with_current(mut self, current: serde_json::Value) -> Self {
        self.current = Some(current);
        self
    }
}
