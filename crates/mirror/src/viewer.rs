//! Who looks at a screen, and when.

use chrono::{DateTime, Utc};
use makegood_domain::person::Actor;

/// Who looks, and what time it is for them. Screens say what this person may do, and why not, by the
/// same rules that central enforces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The person, with roles and scope.
    pub actor: Actor,
    /// The desk's clock.
    pub now: DateTime<Utc>,
}
