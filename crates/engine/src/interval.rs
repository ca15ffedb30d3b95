//! Sets of half-open intervals over seconds (or slots), kept sorted, disjoint and apart.

/// A set of integers as intervals. Two sets of the same integers are equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intervals(Vec<(i64, i64)>);

impl Intervals {
    /// The union of these intervals, in any order; empty ones and those the wrong way round hold
    /// nothing. Overlapping and touching ones become one.
    #[must_use]
    pub fn merge(intervals: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut list: Vec<(i64, i64)> =
            intervals.into_iter().filter(|(from, to)| from < to).collect();
        if !list.is_sorted() {
            list.sort_unstable();
        }
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(list.len());
        for (from, to) in list {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// One interval.
    #[must_use]
    pub fn one(from: i64, to: i64) -> Self {
        Self::merge([(from, to)])
    }

    /// Its intervals, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[(i64, i64)] {
        &self.0
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many integers it holds.
    #[must_use]
    pub fn size(&self) -> i64 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    /// The same, as a count.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.size()).unwrap_or_default()
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        Self::merge(self.0.iter().chain(&other.0).copied())
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from < to {
                both.push((from, to));
            }
            if a.1 <= b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        Self(both)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        let mut rest = Vec::new();
        let mut cuts = other.0.iter().peekable();
        for (mut from, to) in self.0.iter().copied() {
            while let Some(cut) = cuts.peek() {
                if cut.1 <= from {
                    cuts.next();
                    continue;
                }
                if cut.0 >= to {
                    break;
                }
                if cut.0 > from {
                    rest.push((from, cut.0));
                }
                from = cut.1;
                if from >= to {
                    break;
                }
            }
            if from < to {
                rest.push((from, to));
            }
        }
        Self(rest)
    }

    /// The first so many integers.
    #[must_use]
    pub fn first(&self, count: i64) -> Self {
        let mut left = count.max(0);
        let mut taken = Vec::new();
        for (from, to) in self.0.iter().copied() {
            if left == 0 {
                break;
            }
            let length = (to - from).min(left);
            taken.push((from, from + length));
            left -= length;
        }
        Self(taken)
    }

    /// The set, counted through, for whoever asks of many intervals that may overlap.
    #[must_use]
    pub fn tally(&self) -> Tally<'_> {
        let mut sum = 0;
        let before = self.0.iter().map(|(from, to)| {
            sum += to - from;
            sum - (to - from)
        });
        let before = before.collect();
        Tally { intervals: &self.0, before }
    }

    /// How many integers of `from..to` it holds.
    #[must_use]
    pub fn size_within(&self, from: i64, to: i64) -> i64 {
        let start = self.0.partition_point(|interval| interval.1 <= from);
        let inside = self.0[start..].iter().take_while(|interval| interval.0 < to);
        inside.map(|interval| interval.1.min(to) - interval.0.max(from)).sum()
    }
}

/// A set of integers, counted through: how many of them lie in an interval is found by looking at
/// its two ends, however many intervals the set has.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    intervals: &'a [(i64, i64)],
    /// How many integers the intervals before each one hold.
    before: Vec<i64>,
}

impl Tally<'_> {
    /// How many integers of `from..to` the set holds.
    #[must_use]
    pub fn size_within(&self, from: i64, to: i64) -> i64 {
        (self.below(to) - self.below(from)).max(0)
    }

    /// How many of them are less than this.
    fn below(&self, end: i64) -> i64 {
        let started = self.intervals.partition_point(|(from, _)| *from < end);
        let last = started.checked_sub(1);
        let last = last.and_then(|at| Some((self.intervals.get(at)?, self.before.get(at)?)));
        last.map_or(0, |((from, to), before)| before + end.min(*to) - from)
    }
}
