//! `mean_error_rate`: 1 less the mean over all counted slots of each slot's own error rate.

use super::count;
use super::grid::{Grid, Part};
use super::{Idle, MeanErrorRate, Measured};
use crate::evidence::Slots;
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::terms::NoData;
use dashu_int::UBig;
use dashu_int::ops::Gcd;
use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_rational::BigRational;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// The exact mean has a denominator of up to this many bits (1.2 million digits): a year of
/// five-minute slots, each with another number of requests of 38 bits. Beyond that a computation
/// would take many seconds.
const DENOMINATOR_BITS: u64 = 4_000_000;

/// Measures a line of `mean_error_rate` at `path`.
pub(crate) fn measure<'a>(
    terms: &MeanErrorRate,
    no_data: NoData,
    grid: &Grid<'a>,
    path: &dyn Fn() -> String,
) -> Result<Measured<'a>, Refusal> {
    let unknown = grid.unknown.count();
    let mut rates = Rates::of(grid.slots, grid.parts(&grid.rest));
    let mut counted = grid.counted();
    if terms.idle == Idle::Removed {
        counted -= rates.idle;
    }
    match no_data {
        NoData::Removed => counted -= unknown,
        NoData::Up => {}
        NoData::Down => rates.wholly_bad = unknown,
    }
    if rates.bits_at_most > DENOMINATOR_BITS && rates.bits() > DENOMINATOR_BITS {
        let message = "the slots have so many different numbers of requests that the exact mean \
            of their error rates grows too large; take longer slots";
        return Err(Refusal::new(format!("{}.evidence.slots", path()), message));
    }
    let excused = Quantity::Whole(grid.excused().into());
    Ok(Measured::share(Quantity::Whole(counted.into()), Quantity::Rates(rates), excused))
}

/// A sum of error rates: between two bounds at once, and exact when asked.
///
/// The bounds are the sum of all rates, each cut off at 32 binary places; they are apart by as many
/// units as were cut. A verdict or a percentage that both of them share needs no fraction, and the
/// fraction of a month has thousands of digits.
#[derive(Debug, Clone)]
pub(crate) struct Rates<'a> {
    slots: &'a Slots,
    parts: Vec<Part>,
    /// Slots that are bad though nobody observed them, at a rate of 1.
    wholly_bad: u64,
    /// Slots without a request.
    idle: u64,
    /// At most so many bits has the exact sum's denominator.
    bits_at_most: u64,
    /// The sum in units of 2^-32, cut off.
    low: u128,
    /// By how many units less than this it may be too low; 0: it is exact.
    loose: u64,
    /// The exact sum, once somebody asked for it.
    exact: Rc<OnceCell<BigRational>>,
    /// What is good of so many slots, once somebody asked for that.
    good: Rc<OnceCell<(u128, BigRational)>>,
}

/// A fraction whose denominator has no more bits is short: some 1,200 digits.
const SHORT_BITS: u64 = 4_096;

/// Binary places that the bounds keep.
const PLACES: u32 = 32;

impl<'a> Rates<'a> {
    fn of(slots: &'a Slots, parts: Vec<Part>) -> Self {
        let (mut low, mut loose, mut idle, mut bits_at_most) = (0, 0, 0, 0_u64);
        for part in &parts {
            let sum = PartSum::of(slots, part.entries.clone());
            low += sum.low * u128::from(part.times);
            loose += sum.loose * part.times;
            idle += sum.idle * part.times;
            bits_at_most = bits_at_most.saturating_add(sum.bits);
        }
        let (exact, good) = Default::default();
        Self { slots, parts, wholly_bad: 0, idle, bits_at_most, low, loose, exact, good }
    }

    /// The bounds of what is good of so many slots: at least, at most, and of this; `None` beyond
    /// 128 bits.
    pub(crate) fn good_of(&self, slots: u128) -> Option<(u128, u128, u128)> {
        let all = slots.checked_mul(1 << PLACES)?;
        let bad = (u128::from(self.wholly_bad) << PLACES).checked_add(self.low)?;
        let at_most = all.checked_sub(bad)?;
        Some((at_most.saturating_sub(self.loose.into()), at_most, all))
    }

    /// The exact sum.
    pub(crate) fn exact(&self) -> BigRational {
        self.exact.get_or_init(|| reduced(sum(&self.by_requests()), self.wholly_bad)).clone()
    }

    /// The sum, or where its fraction is long the upper one of its bounds: a number to go on
    /// reckoning with, at most some millionths of a slot too large.
    pub(crate) fn at_most(&self) -> BigRational {
        if self.bits_at_most <= SHORT_BITS || self.bits() <= SHORT_BITS {
            return self.exact();
        }
        let units = BigInt::from(self.low) + self.loose + (BigInt::from(self.wholly_bad) << PLACES);
        BigRational::new(units, BigInt::from(1) << PLACES)
    }

    /// What is good of so many slots, exactly.
    pub(crate) fn good_share(&self, slots: u128) -> BigRational {
        let (of, share) = self.good.get_or_init(|| (slots, self.reckon_good_share(slots)));
        if *of == slots { share.clone() } else { self.reckon_good_share(slots) }
    }

    fn reckon_good_share(&self, slots: u128) -> BigRational {
        let (bad, slots) = (self.exact(), BigInt::from(slots));
        let all = bad.denom() * &slots;
        let good = &all - bad.numer();
        // The sum is in lowest terms: only the number of slots can have anything in common.
        let common = (&good % &slots).gcd(&slots);
        BigRational::new_raw(good / &common, all / common)
    }

    /// Errors by the number of requests of their slots, which many slots share.
    fn by_requests(&self) -> Vec<(u128, UBig)> {
        let mut errors: Vec<(u128, UBig)> = Vec::new();
        for part in &self.parts {
            for at in part.entries.clone() {
                let bad = self.slots.errors().number(at);
                if bad > 0 {
                    let requests = self.slots.requests().number(at);
                    errors.push((requests, UBig::from(bad) * part.times));
                }
            }
        }
        errors.sort_unstable_by_key(|(requests, _)| *requests);
        errors.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += &next.1;
            }
            same
        });
        errors
    }

    /// How many bits the denominator of the exact sum has at most, equal ones counted once.
    fn bits(&self) -> u64 {
        self.by_requests().iter().map(|(requests, _)| bits(*requests)).sum()
    }
}

/// What a row of entries adds to the bounds, each taken once.
#[derive(Debug, Default)]
struct PartSum {
    low: u128,
    loose: u64,
    idle: u64,
    bits: u64,
}

impl PartSum {
    fn of(slots: &Slots, entries: Range<usize>) -> Self {
        let (requests, errors) = (slots.requests(), slots.errors());
        let mut sum = Self::default();
        if let (Some(requests), Some(errors)) =
            (requests.narrow(entries.clone()), errors.narrow(entries.clone()))
        {
            sum.idle = count(requests, |requests| requests == 0);
            for (requests, errors) in requests.chunks(ROW).zip(errors.chunks(ROW)) {
                sum.add_row(requests, errors);
            }
            return sum;
        }
        for at in entries {
            sum.idle += u64::from(requests.number(at) == 0);
            sum.add_wide(requests.number(at), errors.number(at));
        }
        sum
    }

    /// Most slots have no error. Those that have are gathered first, without a branch that a
    /// processor could guess wrongly, and only these are divided.
    fn add_row(&mut self, requests: &[u32], errors: &[u32]) {
        let mut bad = [(0_u32, 1_u32); ROW];
        let mut found = 0;
        for (requests, errors) in requests.iter().zip(errors) {
            if let Some(place) = bad.get_mut(found) {
                *place = (*errors, *requests);
            }
            found += usize::from(*errors > 0);
        }
        let (mut low, mut loose, mut largest) = (0_u64, 0, 0_u64);
        for (errors, requests) in bad.iter().take(found) {
            // At most 2^32 each, because errors don't exceed requests.
            let (shifted, requests) = (u64::from(*errors) << PLACES, u64::from(*requests));
            low += shifted / requests;
            loose += u64::from(shifted % requests > 0);
            largest = largest.max(requests);
        }
        self.low += u128::from(low);
        self.loose += loose;
        self.bits += found as u64 * bits(largest.into());
    }

    fn add_wide(&mut self, requests: u128, errors: u128) {
        if errors == 0 {
            return;
        }
        let cut = (UBig::from(errors) << PLACES as usize) / UBig::from(requests);
        self.low += u128::try_from(cut).unwrap_or_default();
        self.loose += 1;
        self.bits += bits(requests);
    }
}

/// How many slots are looked at together.
const ROW: usize = 512;

fn bits(number: u128) -> u64 {
    number.checked_ilog2().map_or(0, |log| u64::from(log) + 1)
}

/// A fraction and a whole number, in lowest terms. Numbers of thousands of digits are reduced by
/// Lehmer's algorithm: for a month of slots it takes 4 ms where the binary one takes 100.
fn reduced((top, bottom): (UBig, UBig), more: u64) -> BigRational {
    let top = top + &bottom * more;
    let common = Gcd::gcd(&top, &bottom);
    let number = |number: UBig| BigInt::from(BigUint::from_bytes_le(&number.to_le_bytes()));
    BigRational::new_raw(number(top / &common), number(bottom / &common))
}

/// The sum, by halves, not reduced: numbers stay as small as they can for as long as they can.
fn sum(rates: &[(u128, UBig)]) -> (UBig, UBig) {
    match rates {
        [] => (UBig::ZERO, UBig::ONE),
        [(requests, errors)] => (errors.clone(), UBig::from(*requests)),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            let (left, right) = (sum(left), sum(right));
            (left.0 * &right.1 + right.0 * &left.1, left.1 * right.1)
        }
    }
}
