//! Caps: those that let nothing pass, that flatten the table, or that never act.

use super::reading::{Reading, key};
use super::tiers::{Row, covers, rows};
use super::{Flaw, Found};
use crate::credits::{Cap, TierAward};
use crate::fraction::Fraction;
use num_rational::BigRational;
use num_traits::Zero;
use std::cmp::Ordering;

pub(super) fn look(reading: &Reading, found: &mut Found) {
    let caps = reading.credit().map(|credit| credit.caps.as_slice()).unwrap_or_default();
    look_at_list(caps, "credit.cap", found);
    let mut flat: Vec<&Cap> = Vec::new();
    for (index, cap) in caps.iter().enumerate().filter(|(_, cap)| !percent_or_amount(cap).is_zero())
    {
        if let Some(flaw) = below_awards(reading, cap) {
            found.add(place(caps, "credit.cap", index), flaw);
            flat.push(cap);
        }
    }
    if flat.is_empty() {
        look_at_rows(reading, caps, found);
    }
}

/// What is wrong with a list of caps by itself: a line's, or the contract's.
pub(super) fn look_at_list(caps: &[Cap], path: &str, found: &mut Found) {
    for (index, cap) in caps.iter().enumerate() {
        let at = place(caps, path, index);
        if percent_or_amount(cap).is_zero() {
            found.add(at, Flaw::CapZero {});
            continue;
        }
        let others = caps.iter().enumerate().filter(|(other, _)| *other != index);
        let tighter = |(other, by): &(usize, &Cap)| match same_kind(by, cap) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => *other < index,
            Some(Ordering::Greater) | None => false,
        };
        if let Some((_, by)) = others.into_iter().find(tighter) {
            found.add(at, Flaw::CapShadowed { cap: cap.clone(), by: by.clone() });
        }
    }
}

/// Where a cap stands: the key, or its place in the list.
pub(super) fn place(caps: &[Cap], path: &str, index: usize) -> String {
    if caps.len() == 1 { path.to_owned() } else { format!("{path}[{index}]") }
}

fn percent_or_amount(cap: &Cap) -> BigRational {
    match cap {
        Cap::Percent(value) | Cap::Amount(value) | Cap::Rolling { percent: value, .. } => {
            value.ratio()
        }
    }
}

/// How two caps of one kind stand to each other.
fn same_kind(one: &Cap, other: &Cap) -> Option<Ordering> {
    let alike = match (one, other) {
        (Cap::Percent(_), Cap::Percent(_)) | (Cap::Amount(_), Cap::Amount(_)) => true,
        (Cap::Rolling { months, .. }, Cap::Rolling { months: other, .. }) => months == other,
        _ => false,
    };
    alike.then(|| percent_or_amount(one).cmp(&percent_or_amount(other)))
}

/// What a cap lets pass in money; `None`: a rolling one, or the fee is not known.
pub(super) fn limit(cap: &Cap, fee: Option<&BigRational>) -> Option<BigRational> {
    match cap {
        Cap::Amount(amount) => Some(amount.ratio()),
        Cap::Percent(percent) => Some(fee? * percent.percent()),
        Cap::Rolling { .. } => None,
    }
}

/// How an award stands to a cap whatever the fee is.
fn against(reading: &Reading, award: &TierAward, cap: &Cap) -> Option<Ordering> {
    match (award, cap) {
        (TierAward::Amount(award), Cap::Amount(cap)) => Some(award.ratio().cmp(&cap.ratio())),
        (TierAward::Percent(_) | TierAward::Days(_), Cap::Percent(cap)) => {
            Some(reading.share(award)?.0.cmp(&cap.percent()))
        }
        _ => None,
    }
}

/// A cap that even the smallest award exceeds.
fn below_awards(reading: &Reading, cap: &Cap) -> Option<Flaw> {
    let awards = reading.awards();
    let exceeds = |award: &TierAward| against(reading, award, cap).map(Ordering::is_gt);
    let by_terms: Option<Vec<bool>> = awards.iter().map(exceeds).collect();
    if by_terms.is_some_and(|all| !all.is_empty() && all.iter().all(|exceeds| *exceeds)) {
        let share = |award: &&TierAward| reading.share(award).map(|(least, _)| least);
        let amount = |award: &&TierAward| reading.money(award);
        let least = match cap {
            Cap::Amount(_) => awards.iter().min_by_key(amount),
            Cap::Percent(_) | Cap::Rolling { .. } => awards.iter().min_by_key(share),
        };
        let (cap, award) = (cap.clone(), least?.clone());
        return Some(Flaw::CapBelowAwards { cap, award, limit: None, worth: None });
    }
    let limit = limit(cap, reading.fee.as_ref())?;
    let in_money = |award: TierAward| Some((reading.money(&award)?, award));
    let worths: Vec<_> = awards.into_iter().map(in_money).collect::<Option<_>>()?;
    let (worth, award) = worths.into_iter().min_by(|(one, _), (other, _)| one.cmp(other))?;
    let (limit, worth) = (limit < worth).then(|| (Fraction::new(limit), Fraction::new(worth)))?;
    Some(Flaw::CapBelowAwards { cap: cap.clone(), award, limit: Some(limit), worth: Some(worth) })
}

/// Tiers that promise more than a cap of their kind lets pass. What an amount lets pass of a
/// share is the cap's own business: that is what such a cap is for.
fn look_at_rows(reading: &Reading, caps: &[Cap], found: &mut Found) {
    let rows = rows(reading);
    for row in &rows {
        let exceeded =
            |cap: &&Cap| against(reading, &row.tier.award, cap) == Some(Ordering::Greater);
        let Some(cap) = caps.iter().find(exceeded).filter(|cap| !percent_or_amount(cap).is_zero())
        else {
            continue;
        };
        let reaches = |other: &&Row| {
            let award = against(reading, &other.tier.award, cap);
            other.index != row.index
                && award.is_some_and(Ordering::is_ge)
                && covers(reading, other, row)
        };
        let (award, cap) = (row.tier.award.clone(), cap.clone());
        let same_as = rows.iter().find(reaches).map(|other| other.index);
        let path = format!("credit.tiers[{}].{}", row.index, key(&award));
        found.add(path, Flaw::TierAboveCap { award, cap, same_as });
    }
}
