//! Sharing an amount out, so that the parts add up to it.

/// Shares `total` out by `weights`, in whole units that add up to it exactly: each gets its share
/// cut off, and what is left goes one by one to the largest remainders, the earlier one first.
/// Without any weight nobody gets anything. Neither is negative.
#[must_use]
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().copied().map(i128::from).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: i64| i128::from(total) * i128::from(weight);
    let mut shares: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(*weight).div_euclid(sum)).unwrap_or(i64::MAX))
        .collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(exact(weights[*index]).rem_euclid(sum)), *index));
    let left = total - shares.iter().sum::<i64>();
    for index in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[index] += 1;
    }
    shares
}
