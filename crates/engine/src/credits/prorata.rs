//! `prorata`: fee × multiple × t / total.

use super::{Awarded, AwardedBy, Basis, Prorata, ProrataOf, ProrataWhen};
use crate::fraction::{minus, times};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// `t / total` is 1 − attainment, or what attainment lacks of the objective.
pub(crate) fn award(prorata: &Prorata, basis: &Basis) -> Awarded {
    if prorata.when == ProrataWhen::Missed && basis.met {
        return Awarded::nothing(AwardedBy::Met);
    }
    let most = match prorata.of {
        ProrataOf::Downtime => BigRational::one(),
        ProrataOf::Excess => basis.objective / BigInt::from(100),
    };
    let share = minus(&most, &basis.attainment.exact()).max(BigRational::zero());
    let share = times(&share, prorata.multiple.value());
    Awarded::share(basis.fee, &share, AwardedBy::Prorata)
}
