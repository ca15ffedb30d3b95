//! Decimals as they were written, with their exact value.

use crate::fraction::{Fraction, compare};
use crate::refusal::excerpt;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::cmp::Ordering;
use std::fmt;

/// Longer decimals are refused: no amount or percentage needs more.
const MOST_CHARACTERS: usize = 1_000;

/// A decimal: digits, or digits, a point and digits, without exponent or needless leading zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    text: String,
    value: BigRational,
}

impl Decimal {
    /// Reads a decimal without a sign.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_CHARACTERS {
            return Err(format!("{} has more than {MOST_CHARACTERS} characters", excerpt(text)));
        }
        let refuse = || {
            format!(
                "{} is not a decimal: digits, or digits, a point and digits, as in \"99.95\"",
                excerpt(text)
            )
        };
        let (whole, part) = match text.split_once('.') {
            Some((_, "")) => return Err(refuse()),
            Some(pair) => pair,
            None => (text, ""),
        };
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || !plain(whole) || !plain(part) || padded {
            return Err(refuse());
        }
        let numerator: BigInt = format!("{whole}{part}").parse().map_err(|_| refuse())?;
        let places = u32::try_from(part.len()).map_err(|_| refuse())?;
        let value = BigRational::new(numerator, BigInt::from(10).pow(places));
        Ok(Self { text: text.to_owned(), value })
    }

    /// Reads a decimal that may have a minus sign.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse_signed(text: &str) -> Result<Self, String> {
        let Some(size) = text.strip_prefix('-') else { return Self::parse(text) };
        let positive = Self::parse(size)?;
        Ok(Self { text: text.to_owned(), value: -positive.value })
    }

    /// A whole number.
    #[must_use]
    pub fn from_integer(value: u64) -> Self {
        Self { text: value.to_string(), value: BigRational::from_integer(value.into()) }
    }

    /// Its exact value.
    #[must_use]
    pub fn ratio(&self) -> BigRational {
        self.value.clone()
    }

    /// Its exact value, to be looked at.
    #[must_use]
    pub fn value(&self) -> &BigRational {
        &self.value
    }

    /// How its value stands to another's, however the two are written.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        compare(&self.value, &other.value)
    }

    /// Its value as a percentage: a hundredth of it.
    #[must_use]
    pub fn percent(&self) -> BigRational {
        &self.value / BigInt::from(100)
    }

    /// Its exact value as a fraction.
    #[must_use]
    pub fn fraction(&self) -> Fraction {
        Fraction::new(self.value.clone())
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
