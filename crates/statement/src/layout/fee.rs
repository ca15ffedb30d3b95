//! How a fee came about, in the statement's language: central tells it in the words of one language.

use crate::words::Words;
use makegood_engine::money::{Currency, Money};

/// `annual EUR 120,000.00 ÷ 12 × 14 ÷ 31 days, rounded half up + monthly EUR 10.00`, translated; what is
/// no such sum stays as it is.
pub(crate) fn told(note: &str, words: Words) -> String {
    let all: Option<Vec<String>> = note.split(" + ").map(|charge| one(charge, words)).collect();
    all.map_or_else(|| note.to_owned(), |all| all.join(" + "))
}

/// One charge.
fn one(charge: &str, words: Words) -> Option<String> {
    let (charge, rounded) = match charge.strip_suffix(", rounded half up") {
        Some(charge) => (charge, true),
        None => (charge, false),
    };
    let mut parts = charge.split(' ');
    let mut text = words.say(match parts.next()? {
        "monthly" => "fee_monthly",
        "quarterly" => "fee_quarterly",
        "annual" => "fee_annual",
        _ => return None,
    });
    let currency = Currency::parse(parts.next()?)?;
    let amount = parts.next()?.replace(',', "");
    // An amount may have more decimals than its currency.
    let amount = match Money::parse_decimal(&amount, currency) {
        Ok(amount) => words.money(amount, true),
        Err(_) if is_decimal(&amount) => {
            let values = [("code", currency.code()), ("number", &words.decimal(&amount))];
            words.fill("money_code", &values)
        }
        Err(_) => return None,
    };
    text.push_str(&format!(" {amount}"));
    while let Some(sign) = parts.next() {
        if sign == "days" {
            text.push_str(&format!(" {}", words.say("fee_days")));
            continue;
        }
        let count = parts.next().filter(|count| count.bytes().all(|byte| byte.is_ascii_digit()))?;
        if sign != "×" && sign != "÷" {
            return None;
        }
        text.push_str(&format!(" {sign} {count}"));
    }
    if rounded {
        text.push_str(&words.say("fee_rounded"));
    }
    Some(text)
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().any(|byte| byte.is_ascii_digit())
}
