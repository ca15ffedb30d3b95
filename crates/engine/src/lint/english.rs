//! Findings in English: their code, why they matter, and what to write instead.

use super::{Finding, What};
use crate::fraction::{Fraction, cut};
use crate::terms::ExclusionKind;

impl Finding {
    /// Its code: stable, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.what {
            What::NoBuffer { .. } => "no_buffer",
            What::TooCoarse { .. } => "too_coarse",
            What::RoundedUp { .. } => "rounded_up",
            What::LostDecimals { .. } => "lost_decimals",
            What::NeverHolds => "never_holds",
            What::NeverPays { .. } => "never_pays",
            What::PaysLess { .. } => "pays_less",
            What::Twice { .. } => "twice",
            What::PaysWhenMet { .. } => "pays_when_met",
            What::FreeMiss { .. } => "free_miss",
            What::MoreDaysThanWindow { .. } => "more_days_than_window",
            What::CapOfNothing => "cap_of_nothing",
            What::CapBelowFirstTier { .. } => "cap_below_first_tier",
            What::CapBelowTier { .. } => "cap_below_tier",
            What::NoCap { .. } => "no_cap",
            What::MinimumAboveTier { .. } => "minimum_above_tier",
            What::ClaimWithoutEnd => "claim_without_end",
            What::NoNotice { .. } => "no_notice",
            What::ExclusionWithoutCap { .. } => "exclusion_without_cap",
            What::ImpossibleNotice { .. } => "impossible_notice",
            What::CapBeyondWindow { .. } => "cap_beyond_window",
            What::Overlapping { .. } => "overlapping",
            What::FlatteringTotal { .. } => "flattering_total",
            What::UnevenSlots { .. } => "uneven_slots",
            What::UnseenIsUp => "unseen_is_up",
            What::InactiveIsUp => "inactive_is_up",
        }
    }

    /// Why it matters.
    #[must_use]
    pub fn why(&self) -> String {
        match &self.what {
            What::NoBuffer { internal, objective } => format!(
                "{internal} % allows exactly as much as {objective} %: whoever misses the internal \
                 objective has missed the contract, too"
            ),
            What::TooCoarse { bound, grain, after } => format!(
                "the least that can count as bad is {grain}, and after it attainment is \
                 {} %: nothing between 100 and {bound} % can be reached",
                percent(after)
            ),
            What::RoundedUp { objective, from } => format!(
                "attainment from {} % on is rounded up to {objective} % and reads as met",
                percent(from)
            ),
            What::LostDecimals { bound, kept } => {
                format!("attainment is rounded to {kept} decimals and can never equal {bound} %")
            }
            What::NeverHolds => "no window can be so bad: this tier never holds".to_owned(),
            What::NeverPays { other } => {
                format!("`tiers[{other}]` holds whenever this one does, and pays the same")
            }
            What::PaysLess { other } => format!(
                "`tiers[{other}]` holds for better service, and pays more; the largest award is due, \
                 so this one never pays"
            ),
            What::Twice { first } => format!("`tiers[{first}]` has the same condition"),
            What::PaysWhenMet { bound, objective } => format!(
                "below {bound} % it pays although {objective} % is met: tiers pay whether or not \
                 the objective is"
            ),
            What::FreeMiss { bound, objective } => {
                format!("a miss between {bound} and {objective} % costs nothing")
            }
            What::MoreDaysThanWindow { days, shortest } => format!(
                "{days} days of service are more than the {shortest} days of the shortest window: \
                 the credit exceeds the fee"
            ),
            what => why_else(what),
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn instead(&self) -> String {
        let text = match &self.what {
            What::NoBuffer { .. } => "an internal objective that allows at least one step less",
            What::TooCoarse { .. } => {
                "shorter slots or outages, or a bound that the measure can resolve"
            }
            What::RoundedUp { .. } => "`\"mode\": \"floor\"`, or no rounding",
            What::LostDecimals { .. } => "as many decimals as the bounds have, or no rounding",
            What::NeverHolds => "a condition that a window can meet, or no such tier",
            What::NeverPays { .. } | What::PaysLess { .. } => {
                "a larger award for worse service, or no such tier"
            }
            What::Twice { .. } => "one tier for each condition",
            What::PaysWhenMet { .. } => "a bound no higher than the objective",
            What::FreeMiss { .. } => "a first tier at the objective",
            What::MoreDaysThanWindow { .. } => "fewer days, or a cap of 100 %",
            What::CapOfNothing => "a cap that lets something pass, or no credit",
            What::CapBelowFirstTier { .. } | What::CapBelowTier { .. } => {
                "a cap of at least the largest award"
            }
            What::NoCap { .. } => "`\"cap\": {\"percent\": \"100\"}`",
            What::MinimumAboveTier { .. } => "a smaller `minimum_over`, or a larger award",
            What::ClaimWithoutEnd => "`\"within\": \"30d\"`, or the days that are meant",
            What::NoNotice { .. } => "`\"min_notice\": \"48h\"`, or the notice that is meant",
            What::ExclusionWithoutCap { .. } => "`\"cap\": \"8h\", \"cap_per\": \"window\"`, say",
            What::ImpossibleNotice { .. } => "no `min_notice`, and a cap",
            What::CapBeyondWindow { .. } => "a cap well below the window",
            What::Overlapping { .. } => {
                "a calendar window for credits, and the rolling one as an internal objective"
            }
            What::FlatteringTotal { .. } => {
                "no `counted_as`, or a total no longer than the shortest window"
            }
            What::UnevenSlots { .. } => "slots of 1, 5, 10, 15, 30 or 60 minutes",
            What::UnseenIsUp => "`\"no_data\": \"removed\"`, or `\"down\"`",
            What::InactiveIsUp => "`\"partial_period\": \"prorate\"`",
        };
        text.to_owned()
    }
}

/// Why caps, claims, exclusions and windows matter.
fn why_else(what: &What) -> String {
    match what {
        What::CapOfNothing => "the cap is 0: no credit is ever due".to_owned(),
        What::CapBelowFirstTier { least } => format!(
            "the least award is {least}, and the cap lies below it: whichever tier holds, the \
             cap is what is paid"
        ),
        What::CapBelowTier { tier } => {
            format!("`tiers[{tier}]` promises more than the cap lets pass")
        }
        What::NoCap { most } => format!(
            "a window that is wholly bad costs {} % of the fee, and nothing bounds it",
            percent(most)
        ),
        What::MinimumAboveTier { tier, pays } => format!(
            "`tiers[{tier}]` pays {} of this fee, which is not more than the least that is due: it \
             never pays",
            pays.decimal_or_fraction()
        ),
        What::ClaimWithoutEnd => {
            "a credit must be claimed, and may be for ever: it can never be closed".to_owned()
        }
        What::NoNotice { .. } => {
            "maintenance counts as announced whenever anybody says so, even afterwards".to_owned()
        }
        What::ExclusionWithoutCap { kind } => {
            format!("any amount of {} is excused", noun(*kind))
        }
        What::ImpossibleNotice { kind, notice } => format!(
            "nobody can give {notice} of notice of {}: this exclusion is never admitted",
            noun(*kind)
        ),
        What::CapBeyondWindow { cap } => {
            format!("the shortest window is not longer than {cap}: the cap bounds nothing")
        }
        What::Overlapping { length } => format!(
            "a window of {length} overlaps the next one: one outage can be paid for in \
             several, while a fee is reckoned for each"
        ),
        What::FlatteringTotal { total, shortest } => format!(
            "the shortest window has {} h, and is reckoned as {total}: the same downtime weighs \
             less than it was",
            shortest / 3_600
        ),
        What::UnevenSlots { slot } => format!(
            "{slot} does not divide a day: slots begin at other times every day, and the last \
             of a window may not count"
        ),
        What::UnseenIsUp => {
            "time that nobody observed counts as available: a dead probe reads as 100 %".to_owned()
        }
        What::InactiveIsUp => {
            "time before the contract began counts as available: the first month looks better \
             than it was"
                .to_owned()
        }
        _ => String::new(),
    }
}

/// A percentage, cut off after six decimals at most.
fn percent(value: &Fraction) -> String {
    let text = cut(value.ratio(), 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn noun(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::PlannedMaintenance => "planned maintenance",
        ExclusionKind::EmergencyMaintenance => "emergency maintenance",
        ExclusionKind::ForceMajeure => "force majeure",
        ExclusionKind::CustomerCaused => "what the customer causes",
        ExclusionKind::ThirdParty => "what third parties cause",
        ExclusionKind::BetaFeature => "what beta features cause",
        ExclusionKind::Other => "other agreed exclusions",
    }
}
