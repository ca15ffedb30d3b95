//! What an exclusion would do, both ways, before anybody decides it: with every window that it touches,
//! of which the local copy holds only the breach's own.

use super::ExclusionProposal;
use crate::{
    central::{Draft, Effect, Side},
    checklist::month,
    desk::{Desk, id},
    draft::money,
};
use makegood_domain::{Code, Problem, alert::lasting};
use makegood_mirror::screens::MoneyView;
use serde::Serialize;
use ts_rs::TS;

/// What an exclusion would do to one line in one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionEffect {
    /// The contract's number.
    pub contract: String,
    /// `October 2026`.
    pub window: String,
    /// Whether the window is locked: then admitting it makes a revision.
    pub locked: bool,
    /// The SLA line.
    pub line: String,
    /// Whether the terms admit it.
    pub admissible: bool,
    /// Why, or why not: `24 h notice were given, 48h are needed`.
    pub admission: String,
    /// `10 min excused`; where it has an end before the exclusion's: `8 min excused, 2 min not`.
    pub excused: String,
    /// As it would be with it.
    pub with: ExclusionSide,
    /// As it would be without it.
    pub without: ExclusionSide,
}

/// With it, or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ExclusionSide {
    /// `99.885880 %`, or `not measured`.
    pub percent: String,
    /// `met`, `missed` or `not_measured`.
    pub verdict: String,
    /// What the contract owes for the window.
    pub owed: MoneyView,
}

impl Desk {
    /// What an exclusion would do to each window that it touches. Asked of central each time.
    ///
    /// # Errors
    /// [`Code::NotFound`], also while central does not know of it yet; [`Code::ScopeMissing`];
    /// [`Code::CentralUnreachable`].
    pub async fn exclusion_effect(&self, exclusion: &str) -> Result<Vec<ExclusionEffect>, Problem> {
        let inside = self.inside().await?;
        let effects = inside.central.effect(id("exclusion", exclusion)?).await?;
        effects.iter().map(shown).collect()
    }

    /// The same of an exclusion that somebody is about to propose. Nothing is proposed by it.
    ///
    /// # Errors
    /// [`Code::Invalid`] for what can't be proposed so; as [`Desk::exclusion_effect`].
    pub async fn draft_exclusion_effect(
        &self,
        asked: ExclusionProposal,
    ) -> Result<Vec<ExclusionEffect>, Problem> {
        let inside = self.inside().await?;
        let ExclusionProposal { breach_id, kind, from, to, notified_at, clause } = &asked;
        let draft = Draft {
            breach: id("breach", breach_id)?,
            kind,
            from: *from,
            to: *to,
            notified_at: *notified_at,
            clause: clause.as_deref(),
        };
        let effects = inside.central.effect_of_draft(&draft).await?;
        effects.iter().map(shown).collect()
    }
}

fn shown(effect: &Effect) -> Result<ExclusionEffect, Problem> {
    let mut excused = format!("{} excused", lasting(effect.excused_seconds));
    if effect.not_excused_seconds > 0 {
        excused.push_str(&format!(", {} not", lasting(effect.not_excused_seconds)));
    }
    Ok(ExclusionEffect {
        contract: effect.contract.clone(),
        window: month(&effect.window),
        locked: effect.locked,
        line: effect.line.clone(),
        admissible: effect.admission == "admitted",
        admission: admission(effect)?,
        excused,
        with: side(&effect.with)?,
        without: side(&effect.without)?,
    })
}

fn admission(effect: &Effect) -> Result<String, Problem> {
    let needed = effect.notice_needed.as_deref().unwrap_or("notice");
    Ok(match (effect.admission.as_str(), effect.notice_given_seconds) {
        ("admitted", _) => "The terms admit it".to_owned(),
        ("not_in_terms", _) => "The terms have no such exclusion".to_owned(),
        ("no_notice", _) => format!("The terms ask for {needed} of notice; none was given"),
        ("late_notice", Some(given)) if given < 0 => {
            format!("The terms ask for {needed} of notice; it was given afterwards")
        }
        ("late_notice", Some(given)) => {
            // Cut to the minute: notice never looks longer than it was.
            let given = lasting(given - given % 60);
            format!("The terms ask for {needed} of notice; {given} were given")
        }
        (other, _) => {
            let why =
                format!("central judges the exclusion as {other:?}, which this desk does not know");
            return Err(Problem::new(Code::CentralAnswer, why));
        }
    })
}

fn side(side: &Side) -> Result<ExclusionSide, Problem> {
    let verdict = match side.met {
        Some(true) => "met",
        Some(false) => "missed",
        None => "not_measured",
    };
    let percent = side
        .percent
        .as_ref()
        .map_or_else(|| "not measured".to_owned(), |text| format!("{text}\u{202f}%"));
    Ok(ExclusionSide { percent, verdict: verdict.to_owned(), owed: money(&side.owed())? })
}
