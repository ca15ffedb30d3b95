//! Terms: what was promised on one SLA line, how it is measured, and what a miss costs.

use crate::credits::Credit;
use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::json::Json;
use crate::measures::Measure;
use crate::money::Rounding;
use crate::refusal::Refusal;
use crate::service_hours::ServiceHours;
use crate::window::Window;
use chrono::NaiveDate;
use std::collections::BTreeMap;

mod read;
mod write;

/// The terms of one SLA line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The contracted percentage, 0 to 100.
    pub objective: Decimal,
    /// How attainment is compared with it.
    pub objective_is: ObjectiveIs,
    /// The internal objective, larger than `objective`; it never changes a credit and never leaves
    /// the house.
    pub internal_objective: Option<Decimal>,
    /// What one period is.
    pub window: Window,
    /// How attainment is computed.
    pub measure: Measure,
    /// Only these hours count; `None`: always.
    pub service_hours: Option<Vec<ServiceHours>>,
    /// Local dates on which no service hour counts; only beside `service_hours`.
    pub holidays: Option<Vec<NaiveDate>>,
    /// What is excused, and how, by kind.
    pub exclusions: BTreeMap<ExclusionKind, ExclusionRule>,
    /// What unknown time or slots are.
    pub no_data: NoData,
    /// What a window is in which the line was under contract only in part.
    pub partial_period: PartialPeriod,
    /// Rounding of the percentage before it is compared; `None`: unrounded.
    pub round_attainment: Option<RoundAttainment>,
    /// What a miss costs; `None`: nothing.
    pub credit: Option<Credit>,
}

impl Terms {
    /// Reads terms from JSON text. Paths begin at the terms: `credit.tiers[0].below`.
    ///
    /// # Errors
    /// The first rule of the format that the text breaks.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::from_tree(&Json::parse(text.as_bytes())?)
    }

    /// Reads terms from a tree. Paths begin at the terms.
    ///
    /// # Errors
    /// The first rule of the format that the tree breaks.
    pub fn from_tree(json: &Json) -> Result<Self, Refusal> {
        read::terms(json, "")
    }

    pub(crate) fn read(json: &Json, path: &str) -> Result<Self, Refusal> {
        read::terms(json, path)
    }

    /// The terms as a tree, keys in the format's order, defaults left out.
    #[must_use]
    pub fn to_tree(&self) -> Json {
        write::terms(self)
    }

    /// The terms as JSON text: deterministic, indented, ended by a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_tree().pretty()
    }

    /// What of the terms may leave the house: all but the internal objective.
    #[must_use]
    pub fn customer_edition(&self) -> Self {
        Self { internal_objective: None, ..self.clone() }
    }
}

/// How attainment is compared with an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectiveIs {
    /// Met when attainment ≥ objective.
    #[default]
    AtLeast,
    /// Met when attainment > objective.
    Above,
}

/// What unknown time or slots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoData {
    /// Not counted.
    #[default]
    Removed,
    /// Counted as available.
    Up,
    /// Counted as bad.
    Down,
}

/// What a window is in which the line was under contract only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartialPeriod {
    /// Only the active time counts.
    #[default]
    Prorate,
    /// Inactive time counts as available.
    Up,
    /// The window is not measured.
    NotMeasured,
}

/// Rounding of the percentage before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundAttainment {
    /// 0 to 9.
    pub decimals: u32,
    /// How.
    pub mode: Rounding,
}

/// Kinds of exclusions, in the order in which they take precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExclusionKind {
    /// Maintenance that was announced.
    PlannedMaintenance,
    /// Maintenance that could not wait.
    EmergencyMaintenance,
    /// Force majeure.
    ForceMajeure,
    /// What the customer caused.
    CustomerCaused,
    /// What a third party caused.
    ThirdParty,
    /// A feature in beta.
    BetaFeature,
    /// Anything else that the contract excuses.
    Other,
}

impl ExclusionKind {
    /// All kinds with their words, in the order of precedence.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("planned_maintenance", Self::PlannedMaintenance),
        ("emergency_maintenance", Self::EmergencyMaintenance),
        ("force_majeure", Self::ForceMajeure),
        ("customer_caused", Self::CustomerCaused),
        ("third_party", Self::ThirdParty),
        ("beta_feature", Self::BetaFeature),
        ("other", Self::Other),
    ];

    /// Its word in the format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        crate::reader::word_of(&self, &Self::WORDS)
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
    }
}

/// How one kind of exclusion is treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionRule {
    /// What excused time or slots are.
    pub treatment: Treatment,
    /// How long before its beginning an exclusion must have been notified.
    pub min_notice: Option<Duration>,
    /// How much may be excused.
    pub cap: Option<ExclusionCap>,
}

/// What excused time or slots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Out of the total, too.
    Removed,
    /// Counted as available.
    Up,
}

/// How much of one kind may be excused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionCap {
    /// So much…
    pub length: Duration,
    /// …in this.
    pub per: CapPer,
}

/// What an exclusion's cap is per.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapPer {
    /// Each window.
    Window,
    /// A year: earlier windows' use is in the case's `maintenance_used`.
    Year,
}
