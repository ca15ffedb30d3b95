//! What a contract says of all its lines together.

use super::caps::{limit, look_at_list, place};
use super::reading::Reading;
use super::{Flaw, Found};
use crate::case::{Case, Line};
use crate::credits::TierAward;
use crate::fraction::Fraction;
use num_rational::BigRational;

pub(super) fn look(case: &Case, found: &mut Found) {
    let caps = &case.contract.caps;
    look_at_list(caps, "contract.cap", found);
    let fees: BigRational = case.lines.iter().map(|line| line.fee.ratio()).sum();
    if let Some((worth, award)) = least(case) {
        for (index, cap) in caps.iter().enumerate() {
            let limit = limit(cap, Some(&fees)).filter(|limit| *limit < worth);
            let Some(limit) = limit.filter(|limit| *limit > BigRational::default()) else {
                continue;
            };
            let flaw = Flaw::CapBelowAwards {
                cap: cap.clone(),
                award: award.clone(),
                limit: Some(Fraction::new(limit)),
                worth: Some(Fraction::new(worth.clone())),
            };
            found.add(place(caps, "contract.cap", index), flaw);
        }
    }
    look_at_claims(case, found);
}

/// The smallest award of all lines, in money, after the line's own caps; `None` where one of them
/// can pay as little as one likes, or there is no fee to reckon a share on.
fn least(case: &Case) -> Option<(BigRational, TierAward)> {
    let mut all = Vec::new();
    for line in case.lines.iter().filter(|line| line.terms.credit.is_some()) {
        let reading = Reading::new(&line.terms).with_fee(&line.fee);
        let caps = reading.credit().map(|credit| credit.caps.as_slice()).unwrap_or_default();
        let limit = caps.iter().filter_map(|cap| limit(cap, reading.fee.as_ref())).min();
        let awards = reading.awards();
        if awards.is_empty() {
            return None;
        }
        for award in awards {
            let worth = reading.money(&award)?;
            all.push((limit.clone().map_or(worth.clone(), |limit| limit.min(worth)), award));
        }
    }
    all.into_iter().min_by(|(one, _), (other, _)| one.cmp(other))
}

/// One settlement has one claim: where one line's credit must be claimed, all of it must.
fn look_at_claims(case: &Case, found: &mut Found) {
    let must = |line: &Line| {
        let credit = line.terms.credit.as_ref()?;
        Some(credit.claim.as_ref().is_some_and(|claim| claim.required))
    };
    let free = case.lines.iter().position(|line| must(line) == Some(false));
    for (index, line) in case.lines.iter().enumerate() {
        if let (Some(true), Some(other)) = (must(line), free) {
            let path = format!("lines[{index}].terms.credit.claim.required");
            found.add(path, Flaw::ClaimMixed { other });
        }
    }
}
