//! Amounts as they are read, and as they are written for people.

use makegood_engine::money::{Currency, Money, MoneyError, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

fn of(minor: i64, currency: &str) -> Money {
    Money::new(minor, Currency::parse(currency).unwrap())
}

#[test]
fn an_amount_is_written_with_the_sign_in_common_use_or_the_code() {
    for (minor, currency, symbol, display) in [
        (120_000, "EUR", "€1,200.00", "EUR 1,200.00"),
        (80_000, "USD", "$800.00", "USD 800.00"),
        (1, "GBP", "£0.01", "GBP 0.01"),
        (1_234_567, "JPY", "¥1,234,567", "JPY 1,234,567"),
        (0, "EUR", "€0.00", "EUR 0.00"),
        (-120_000, "EUR", "\u{2212}€1,200.00", "EUR \u{2212}1,200.00"),
        (-1, "JPY", "\u{2212}¥1", "JPY \u{2212}1"),
        (150_000, "CHF", "CHF 1,500.00", "CHF 1,500.00"),
        (-1_500, "KWD", "KWD \u{2212}1.500", "KWD \u{2212}1.500"),
        // The smallest of all has no positive counterpart.
        (
            i64::MIN,
            "EUR",
            "\u{2212}€92,233,720,368,547,758.08",
            "EUR \u{2212}92,233,720,368,547,758.08",
        ),
    ] {
        let money = of(minor, currency);
        assert_eq!((money.symbol().as_str(), money.display().as_str()), (symbol, display));
    }
}

#[test]
fn an_amount_is_read_exactly_or_not_at_all() {
    let euro = Currency::parse("EUR").unwrap();
    for (text, minor) in
        [("1200.00", 120_000), ("-3.5", -350), ("0", 0), ("-0.01", -1), ("007", 700), ("1.2", 120)]
    {
        assert_eq!(Money::parse_decimal(text, euro).unwrap().minor(), minor, "{text}");
    }
    for text in ["", "-", ".5", "1.", "1.005", "1,5", "a", "1.a", "a.5", "--1", "+1", "1.2.3", " 1"]
    {
        let refused = Money::parse_decimal(text, euro);
        assert!(matches!(refused, Err(MoneyError::Text(..))), "{text:?}: {refused:?}");
    }
    let large = Money::parse_decimal("99999999999999999999", euro);
    assert!(matches!(large, Err(MoneyError::Range)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Where whole numbers suffice, they round as fractions do.
    #[test]
    fn small_and_large_numbers_round_alike(numer in 0_u64..5_000, denom in 1_u64..500) {
        for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor] {
            let exact = BigRational::new(BigInt::from(numer), BigInt::from(denom));
            let small = rounding.divided(u128::from(numer), u128::from(denom));
            prop_assert_eq!(BigInt::from(small), rounding.scaled(&exact, 0));
        }
    }
}
