//! How much a desk that begins is going to have, table by table: to tell how far it is, never to decide.

use super::Entity;
use serde::{Deserialize, Serialize};

/// The header of a snapshot that says what it holds: an [`Extent`] for each table, as a JSON array in
/// the order of the file. A central of an older release does not send it.
pub const EXTENT_HEADER: &str = "makegood-extent";

/// How many rows somebody's scope has of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Which table.
    pub entity: Entity,
    /// Its rows.
    pub rows: u64,
    /// In a snapshot, unpacked: with which byte about the table ends. Its rows lie in one piece, between
    /// the end of the table before and this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}
