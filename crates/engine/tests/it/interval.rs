//! Sets of integers, beside the same sets kept member by member.

use makegood_engine::interval::Intervals;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The largest member, and one more.
const END: i64 = 40;

type Some = Vec<(i64, i64)>;

fn some() -> impl Strategy<Value = Some> {
    prop::collection::vec((0..END, 0..=END), 0..8)
}

fn members(all: &Some) -> BTreeSet<i64> {
    all.iter().flat_map(|(from, to)| *from..*to).collect()
}

/// The members of a set, which has to be in order, without empty pieces, none on another.
fn in_order(set: &Intervals) -> BTreeSet<i64> {
    let pieces = set.as_slice();
    assert!(pieces.iter().all(|(from, to)| from < to), "{pieces:?}");
    assert!(pieces.windows(2).all(|two| two[0].1 <= two[1].0), "{pieces:?}");
    pieces.iter().flat_map(|(from, to)| *from..*to).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_are_what_they_are_member_by_member(left in some(), right in some(), count in 0..END) {
        let (a, b) = (members(&left), members(&right));
        let (left, right) = (Intervals::merge(left), Intervals::merge(right));
        prop_assert_eq!(&in_order(&left), &a);
        prop_assert_eq!(in_order(&left.union(&right)), &a | &b);
        prop_assert_eq!(in_order(&left.intersect(&right)), &a & &b);
        prop_assert_eq!(in_order(&left.without(&right)), &a - &b);
        let first = usize::try_from(count).unwrap();
        prop_assert_eq!(in_order(&left.first(count)), a.iter().copied().take(first).collect());
        prop_assert_eq!(left.size(), i64::try_from(a.len()).unwrap());
    }

    #[test]
    fn counted_through_or_not_an_interval_holds_as_many(set in some(), from in 0..END, to in 0..=END) {
        let all = members(&set);
        let set = Intervals::merge(set);
        let held = i64::try_from(all.iter().filter(|one| (from..to).contains(*one)).count()).unwrap();
        prop_assert_eq!(set.size_within(from, to.max(from)), held);
        prop_assert_eq!(set.tally().size_within(from, to), held);
    }
}
