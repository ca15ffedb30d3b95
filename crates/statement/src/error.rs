//! Why a statement could not be made.

use makegood_domain::error::{Code, Problem};

/// Why a statement could not be laid out, sealed, shown or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// A character that the document's fonts do not hold: it is refused, never printed as a box.
    #[error(
        "{field}: the character {character:?} (U+{code:04X}) is not in the statement's fonts; \
         write the name in Latin letters",
        code = u32::from(*character)
    )]
    Character {
        /// Which field of the document holds it: `recipient[0]`.
        field: String,
        /// The character.
        character: char,
    },
    /// A field that does not fit the others.
    #[error("{field}: {message}")]
    Field {
        /// Which field of the document: `contracts[0].file_name`.
        field: String,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// A case that the engine refuses.
    #[error("{file_name}: {message}")]
    Case {
        /// The embedded file's name.
        file_name: String,
        /// The engine's refusal, with the path in the case.
        message: String,
    },
    /// The PKCS#12's password is wrong.
    #[error("the password does not open the PKCS#12 file; type it again, or choose another file")]
    Password,
    /// The PKCS#12 can't serve as a seal.
    #[error("the PKCS#12 file can't seal: {0}")]
    Key(String),
    /// The token's PIN is wrong, or it may not be tried.
    #[error("the PIN does not open the token: {0}")]
    Pin(String),
    /// The key in the token can't serve as a seal.
    #[error("the token can't seal: {0}")]
    Token(String),
    /// The time stamp that an authority gave does not hold.
    #[error("the time stamp does not hold: {0}")]
    Stamp(String),
    /// The bytes are not a PDF that can be shown.
    #[error("the PDF can't be shown: {0}")]
    Preview(String),
    /// The disk is full; nothing was left behind.
    #[error("{path}: the disk is full; nothing was written; free some space and try again")]
    DiskFull {
        /// The file that was to be written.
        path: String,
    },
    /// A file could not be written; nothing was left behind.
    #[error("{path}: {message}")]
    File {
        /// The file that was to be written.
        path: String,
        /// What the operating system says.
        message: String,
    },
    /// A defect of ours.
    #[error("the statement could not be made: {0}")]
    Internal(String),
}

impl StatementError {
    /// The code that goes with it on every seam.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Character { .. } | Self::Field { .. } | Self::Preview(_) => Code::StatementLayout,
            Self::Case { .. } => Code::CaseInvalid,
            Self::Password | Self::Pin(_) => Code::KeyPassword,
            Self::Key(_) | Self::Token(_) => Code::KeyInvalid,
            Self::Stamp(_) => Code::StampAnswer,
            Self::DiskFull { .. } => Code::DiskFull,
            Self::File { .. } => Code::File,
            Self::Internal(_) => Code::Internal,
        }
    }

    pub(crate) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Field { field: field.into(), message: message.into() }
    }
}

impl From<StatementError> for Problem {
    fn from(error: StatementError) -> Self {
        let problem = Problem::new(error.code(), error.to_string());
        match error {
            StatementError::Character { field, .. } | StatementError::Field { field, .. } => {
                problem.at(field)
            }
            _ => problem,
        }
    }
}
