//! Sharing an amount out, so that the parts add up to it.

use num_bigint::BigInt;
use num_integer::Integer;

/// Shares `total` out by `weights`, in whole units that add up to it exactly: each gets its share
/// cut off, and what is left goes one by one to the largest remainders, the earlier one first.
/// Without any weight nobody gets anything. Neither is negative.
#[must_use]
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = weights.iter().copied().map(i128::from).collect();
    let parts = shares(&i128::from(total), &weights);
    parts.into_iter().map(|part| i64::try_from(part).unwrap_or(i64::MAX)).collect()
}

/// The same of amounts of any size.
pub(crate) fn allocate_any(total: &BigInt, weights: &[BigInt]) -> Vec<BigInt> {
    shares(total, weights)
}

fn shares<N: Integer + Clone>(total: &N, weights: &[N]) -> Vec<N> {
    let add = |sum: N, one: &N| sum + one.clone();
    let sum = weights.iter().fold(N::zero(), add);
    if sum.is_zero() {
        return vec![N::zero(); weights.len()];
    }
    let exact = weights.iter().map(|weight| (total.clone() * weight.clone()).div_mod_floor(&sum));
    let (mut shares, rests): (Vec<N>, Vec<N>) = exact.unzip();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|one, two| rests[*two].cmp(&rests[*one]).then(one.cmp(two)));
    let mut left = total.clone() - shares.iter().fold(N::zero(), add);
    for index in order {
        if left.is_zero() {
            break;
        }
        shares[index] = shares[index].clone() + N::one();
        left = left - N::one();
    }
    shares
}
