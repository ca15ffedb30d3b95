//! `per`: percent of the fee for each so much bad time.

use super::{Awarded, AwardedBy, Basis, Per, PerCount};
use crate::fraction::{Fraction, whole};
use num_rational::BigRational;
use num_traits::Zero;

/// Pays only when the objective is missed.
pub(crate) fn award(per: &Per, basis: &Basis) -> Awarded {
    if basis.met {
        return Awarded::nothing(AwardedBy::Met);
    }
    let bad = basis.bad.exact();
    let after = per.first.as_ref().map(|first| whole(first.after.seconds()));
    let beyond = match &after {
        Some(after) if bad < *after => {
            let by = AwardedBy::Per { count: Fraction::whole(0), first: false };
            return Awarded::nothing(by);
        }
        Some(after) => bad - after,
        None => bad,
    };
    let stretches = beyond / whole(per.every.seconds().max(1));
    let count = match per.count {
        PerCount::Started => stretches.ceil(),
        PerCount::Completed => stretches.floor(),
    };
    let first = per.first.as_ref().map_or_else(BigRational::zero, |first| first.percent.percent());
    let share = first + &count * per.percent.percent();
    let by = AwardedBy::Per { count: Fraction::new(count), first: per.first.is_some() };
    Awarded::share(basis.fee, &share, by)
}
