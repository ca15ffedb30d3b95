//! The one clock and the one source of randomness.

use makegood_domain::{
    Clock,
    id::{CreditId, Ids},
    random::Random,
};
use std::time::Duration;

#[test]
fn ids_sort_by_the_time_they_were_made_at_and_carry_version_7() {
    let clock = Clock::fixed("2026-11-09T12:00:00Z".parse().unwrap());
    let ids = Ids::new(clock.clone(), Random::seeded(1));
    let earlier: CreditId = ids.make();
    clock.advance(Duration::from_secs(1));
    let later: CreditId = ids.make();
    assert!(earlier < later);
    assert_eq!(earlier.to_string().as_bytes()[14], b'7');
    assert_eq!(earlier.to_string().parse::<CreditId>().unwrap(), earlier);
}

#[test]
fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
    let draw = |seed| {
        let random = Random::seeded(seed);
        (0..4).map(|_| random.integer()).collect::<Vec<_>>()
    };
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}

#[test]
fn a_fixed_clock_moves_only_when_told() {
    let clock = Clock::fixed("2026-11-09T12:00:00Z".parse().unwrap());
    let before = clock.now();
    clock.clone().advance(Duration::from_secs(90));
    assert_eq!((clock.now() - before).num_seconds(), 90);
}
