//! Why a case is refused: the place and the reason. Nothing is guessed.

use std::fmt;

/// A case, or a part of it, breaks a rule of docs/format.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where: `lines[0].evidence.slots[3]`; empty: the file as a whole.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Refusal {
    /// A refusal at this path.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// The same refusal, seen from one level further out: its path goes behind `outer`.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let path = match (outer.is_empty(), self.path.is_empty()) {
            (true, _) => self.path,
            (_, true) => outer.to_owned(),
            _ if self.path.starts_with('[') => format!("{outer}{}", self.path),
            _ => format!("{outer}.{}", self.path),
        };
        Self { path, message: self.message }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for Refusal {}

/// What stands in a file, in quotation marks, for a message: its beginning where it is long.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
