//! Money: whole minor units of one currency, and the rounding that gets there.
//!
//! Amounts that are owed are whole minor units ([`Money`]); before that everything is rational.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};
use std::fmt;

/// ISO 4217 codes whose minor unit is not a hundredth, with their number of decimals.
const UNUSUAL: &[(&str, u8)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// ISO 4217 codes whose minor unit is a hundredth, with those withdrawn since 2021 (ANG, BGN, CUC,
/// HRK, SLL, ZWL): contracts and cases of their time stay readable.
const USUAL: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP \
BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL \
GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL \
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL";

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    minor_digits: u8,
}

impl Currency {
    /// Reads a code such as `EUR`; `None` for what ISO 4217 does not list as money in use.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        if let Some((_, minor_digits)) = UNUSUAL.iter().find(|(name, _)| *name == code) {
            return Some(Self { code: bytes, minor_digits: *minor_digits });
        }
        // Read for each amount of each row: four bytes apart, so that no text is split.
        let usual = USUAL.as_bytes().chunks(4).any(|name| name.starts_with(&bytes));
        usual.then_some(Self { code: bytes, minor_digits: 2 })
    }

    /// The code: three capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }

    /// How many decimals its minor unit has: 0 to 4.
    #[must_use]
    pub fn minor_digits(self) -> u8 {
        self.minor_digits
    }

    /// The sign that stands before a single amount, where one is in common use.
    #[must_use]
    pub fn sign(&self) -> Option<&'static str> {
        match self.code() {
            "EUR" => Some("€"),
            "USD" => Some("$"),
            "GBP" => Some("£"),
            "JPY" => Some("¥"),
            _ => None,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        Self::parse(&code)
            .ok_or_else(|| serde::de::Error::custom(format!("{code:?} is no ISO 4217 currency")))
    }
}

/// Why two amounts can't be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Their currencies differ, and no rate was named.
    #[error("{0} and {1} can't be added without a named rate")]
    Currencies(Currency, Currency),
    /// More than the stored range.
    #[error("the amount is too large to be stored as minor units")]
    Range,
    /// Not a decimal of this currency.
    #[error("{0:?} is no amount in {1}: digits, and at most {2} decimals")]
    Text(String, Currency, u8),
}

/// What is owed: whole minor units, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units: cents, yen, fils.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Reads decimal text such as `1200.00` or `-3.5`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Text`] for anything else, or for more decimals than the currency has.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.minor_digits;
        let refuse = || MoneyError::Text(text.to_owned(), currency, digits);
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > usize::from(digits) {
            return Err(refuse());
        }
        if rest.ends_with('.') {
            return Err(refuse());
        }
        let padded = format!("{whole}{part:0<width$}", width = usize::from(digits));
        let minor: i64 = padded.parse().map_err(|_| MoneyError::Range)?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// The sum, in one currency.
    ///
    /// # Errors
    /// [`MoneyError::Currencies`], [`MoneyError::Range`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Range)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The difference, in one currency.
    ///
    /// # Errors
    /// [`MoneyError::Currencies`], [`MoneyError::Range`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        let minor = other.minor.checked_neg().ok_or(MoneyError::Range)?;
        self.checked_add(Self::new(minor, other.currency))
    }

    /// Decimal text with all of the currency's decimals: `1200.00`.
    #[must_use]
    pub fn to_decimal_string(self) -> String {
        let (whole, part) = self.split();
        let sign = if self.minor < 0 { "-" } else { "" };
        if self.currency.minor_digits == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{part}")
        }
    }

    /// For reading, without the currency: `1,200.00`, with U+2212 for minus.
    #[must_use]
    pub fn amount(self) -> String {
        format!("{}{}", self.minus(), self.size())
    }

    /// For reading where currencies can mix: `EUR 1,200.00`.
    #[must_use]
    pub fn display(self) -> String {
        format!("{} {}", self.currency, self.amount())
    }

    /// For reading as a single figure: `€1,200.00`; the code where there is no sign in common use.
    #[must_use]
    pub fn symbol(self) -> String {
        match self.currency.sign() {
            Some(sign) => format!("{}{sign}{}", self.minus(), self.size()),
            None => self.display(),
        }
    }

    fn minus(self) -> &'static str {
        if self.minor < 0 { "\u{2212}" } else { "" }
    }

    /// For reading, without its sign: `1,200.00`.
    fn size(self) -> String {
        let (whole, part) = self.split();
        let whole = group_thousands(&whole);
        if self.currency.minor_digits == 0 { whole } else { format!("{whole}.{part}") }
    }

    fn split(self) -> (String, String) {
        let scale = 10_u64.pow(u32::from(self.currency.minor_digits));
        let size = self.minor.unsigned_abs();
        let part =
            format!("{:0width$}", size % scale, width = usize::from(self.currency.minor_digits));
        ((size / scale).to_string(), part)
    }
}

/// Puts a comma before each third digit from the right: `44690` → `44,690`.
#[must_use]
pub fn group_thousands(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[derive(Serialize, Deserialize)]
struct Wire {
    minor: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Wire { minor: self.minor.to_string(), currency: self.currency }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(from)?;
        let minor = wire
            .minor
            .parse()
            .map_err(|_| serde::de::Error::custom("minor units must be an integer as text"))?;
        Ok(Self::new(minor, wire.currency))
    }
}

/// How a rational amount becomes whole minor units. There is no other rounding of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// To the nearest; halves away from zero.
    #[default]
    HalfUp,
    /// To the nearest; halves to the even neighbour.
    HalfEven,
    /// Towards negative infinity (amounts here are never negative).
    Floor,
}

impl Rounding {
    /// `value` × 10^`decimals`, rounded to an integer.
    #[must_use]
    pub fn scaled(self, value: &BigRational, decimals: u32) -> BigInt {
        let scaled = value.numer() * BigInt::from(10).pow(decimals);
        let (floor, rest) = scaled.div_mod_floor(value.denom());
        if rest.is_zero() || self == Self::Floor {
            return floor;
        }
        let twice: BigInt = rest * 2;
        let up = match twice.cmp(value.denom()) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => match self {
                Self::HalfEven => floor.is_odd(),
                _ => !scaled.is_negative(),
            },
        };
        if up { floor + BigInt::from(1) } else { floor }
    }

    /// `top / bottom`, rounded to an integer; `bottom` is more than 0. What [`Rounding::scaled`] says of
    /// the same numbers.
    #[must_use]
    pub fn divided(self, top: u128, bottom: u128) -> u128 {
        let (floor, rest) = top.div_rem(&bottom);
        let up = match rest.cmp(&(bottom - rest)) {
            _ if self == Self::Floor => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => self == Self::HalfUp || floor.is_odd(),
        };
        floor + u128::from(up)
    }
}

/// A rational count of minor units as [`Money`], where it fits.
///
/// # Errors
/// [`MoneyError::Range`] beyond ±9.2 × 10^18 minor units.
pub fn money_from_minor(minor: &BigInt, currency: Currency) -> Result<Money, MoneyError> {
    minor.to_i64().map(|minor| Money::new(minor, currency)).ok_or(MoneyError::Range)
}
