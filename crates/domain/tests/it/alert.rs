//! The rungs of burn rates, in windows of any length.

use makegood_domain::alert::{AlertLevel, Rung};

const DAY: i64 = 86_400;

#[test]
fn thirty_days_have_the_look_backs_of_the_workbook() {
    let table: Vec<_> = Rung::ALL
        .into_iter()
        .map(|rung| (rung.factor(), rung.look_backs(30 * DAY), rung.level))
        .collect();
    let (now, today) = (AlertLevel::Critical, AlertLevel::Warning);
    assert_eq!(
        table,
        [
            ("14.4".to_owned(), (3600, 300), now),
            ("6".to_owned(), (21_600, 1800), now),
            ("3".to_owned(), (DAY, 7200), today),
            ("1".to_owned(), (3 * DAY, 21_600), today),
        ]
    );
}

#[test]
fn a_rung_is_the_same_share_of_the_allowance_in_every_window() {
    // Berlin's October has 745 hours; each look-back is rounded up to a second.
    assert_eq!(Rung::ALL[0].look_backs(745 * 3600), (3725, 311));
    for days in [7, 28, 31, 92, 365] {
        for rung in Rung::ALL {
            let (long, short) = rung.look_backs(days * DAY);
            let (whole, _) = rung.look_backs(30 * DAY);
            // Both are the same share of their windows, but for that second.
            assert!((long * 30 - whole * days).abs() < 30, "{days} {rung:?}");
            assert!(short > 0 && short < long);
        }
    }
    assert_eq!(Rung::ALL[0].look_backs(0), (1, 1), "no look-back is empty");
}
