//! Writing credits.

use super::{Award, Cap, Claim, Condition, Credit, Form, Per, Prorata, Tier, TierAward, read};
use crate::build::{Build, list};
use crate::json::Json;
use crate::reader::word_of;

/// A credit as a tree.
pub(crate) fn credit(credit: &Credit) -> Json {
    let build = match &credit.award {
        Award::Tiers(tiers) => Build::default().put("tiers", list(tiers, tier)),
        Award::Prorata(award) => Build::default().put("prorata", prorata(award)),
        Award::Per(award) => Build::default().put("per", per(award)),
    };
    build
        .maybe("cap", caps(&credit.caps))
        .maybe_text("minimum_over", credit.minimum_over.as_ref())
        .word("rounding", &credit.rounding, &read::ROUNDING)
        .word("form", &credit.form, &Form::WORDS)
        .maybe("claim", credit.claim.as_ref().map(claim))
        .object()
}

/// One row of the table as a tree.
pub(crate) fn tier(tier: &Tier) -> Json {
    award(condition(Build::default(), &tier.when), &tier.award).object()
}

/// Adds a tier's condition.
pub(crate) fn condition(build: Build, when: &Condition) -> Build {
    match when {
        Condition::Below(bound) => build.text("below", bound),
        Condition::AtOrBelow(bound) => build.text("at_or_below", bound),
        Condition::DowntimeOver(length) => build.text("downtime_over", length),
        Condition::DowntimeAtLeast(length) => build.text("downtime_at_least", length),
    }
}

/// Adds a tier's award.
pub(crate) fn award(build: Build, award: &TierAward) -> Build {
    match award {
        TierAward::Percent(percent) => build.text("percent", percent),
        TierAward::Days(days) => build.number("days", days),
        TierAward::Amount(amount) => build.text("amount", amount),
    }
}

fn prorata(prorata: &Prorata) -> Json {
    Build::default()
        .text("multiple", &prorata.multiple)
        .text("of", word_of(&prorata.of, &read::OF))
        .word("when", &prorata.when, &read::WHEN)
        .object()
}

fn per(per: &Per) -> Json {
    let first = per.first.as_ref().map(|first| {
        Build::default().text("after", &first.after).text("percent", &first.percent).object()
    });
    Build::default()
        .text("every", &per.every)
        .text("percent", &per.percent)
        .text("count", word_of(&per.count, &read::COUNT))
        .maybe("first", first)
        .object()
}

/// Caps as a tree: nothing, one, or a list.
pub(crate) fn caps(caps: &[Cap]) -> Option<Json> {
    match caps {
        [] => None,
        [one] => Some(cap(one)),
        many => Some(list(many, cap)),
    }
}

/// One cap as a tree.
pub(crate) fn cap(cap: &Cap) -> Json {
    match cap {
        Cap::Percent(percent) => Build::default().text("percent", percent),
        Cap::Amount(amount) => Build::default().text("amount", amount),
        Cap::Rolling { percent, months } => {
            Build::default().text("percent", percent).number("months", months)
        }
    }
    .object()
}

fn claim(claim: &Claim) -> Json {
    Build::default()
        .put("required", Json::Bool(claim.required))
        .maybe_text("within", claim.within.as_ref())
        .object()
}
