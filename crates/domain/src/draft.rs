//! Drafts: contracts and SLA lines that somebody is writing. A draft binds nobody; proposed, it
//! becomes a [`crate::proposal::Proposal`], and a second person puts it in force (law 5).

use crate::{
    error::{Code, Problem},
    id::{DraftId, PersonId, ProposalId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;

/// Something that is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// Number to show: `D-4`.
    pub number: String,
    /// What its authors call it: `NW-1: latency from January`.
    pub title: String,
    /// What is written so far: the import's document `makegood/import/1`, perhaps not whole yet.
    pub document: String,
    /// From 1; rises with every change.
    pub revision: i64,
    /// Where it stands.
    pub state: DraftState,
    /// What it became, once proposed.
    pub proposal: Option<ProposalId>,
    /// Who began it.
    pub begun_by: PersonId,
    /// Who changed it last.
    pub changed_by: PersonId,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// Where a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// It is being written.
    Open,
    /// It waits for a second person as a proposal, or was decided there.
    Proposed,
    /// Nobody wants it any more.
    Discarded,
}

impl DraftState {
    /// As it is stored and written on every seam.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Proposed => "proposed",
            Self::Discarded => "discarded",
        }
    }
}

impl Draft {
    /// Whether somebody who looked at `revision` may change it, propose it or throw it away.
    ///
    /// # Errors
    /// [`Code::WrongState`] when it is no longer open; [`Code::Stale`] when somebody else changed it
    /// (law 7).
    pub fn may_change(&self, revision: i64) -> Result<(), Problem> {
        if self.state != DraftState::Open {
            let why = format!("{} is {}; begin another", self.number, self.state.as_str());
            return Err(Problem::new(Code::WrongState, why));
        }
        if self.revision != revision {
            let why = format!("somebody else has changed {}; look again", self.number);
            let current = serde_json::json!({
                "entity": "draft", "key": self.id, "version": self.revision,
            });
            return Err(Problem::new(Code::Stale, why).with_current(current));
        }
        Ok(())
    }
}

/// A title as it is kept: without blanks around it.
///
/// # Errors
/// [`Code::Invalid`] for none, or one that is too long.
pub fn title(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let why = match text.chars().count() {
        0 => "a draft needs a title; say what it is about".to_owned(),
        1..=TITLE_MAX => return Ok(text.to_owned()),
        long => format!("the title has {long} characters; {TITLE_MAX} are the most"),
    };
    Err(Problem::new(Code::Invalid, why).at("title"))
}
