//! What can be said only with fees, and of all lines of a contract together.

use super::{contract, examples::table, places, terms};
use makegood_engine::decimal::Decimal;
use makegood_engine::lint;
use serde_json::{Value, json};

fn tiers(percent: &str, over: &Value) -> Value {
    let mut terms = table(&json!([{"below": "99.9", "percent": percent}]));
    for (key, value) in over.as_object().unwrap() {
        terms["credit"][key] = value.clone();
    }
    terms
}

/// What is found with this fee, and not without one.
fn with_fee(over: &Value, fee: &str) -> Vec<(String, &'static str)> {
    let terms = terms(over);
    assert_eq!(places(&lint::terms(&terms)), [], "{over}");
    places(&lint::terms_with_fee(&terms, &Decimal::parse(fee).unwrap()))
}

fn at(path: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), code)]
}

#[test]
fn what_is_too_small_to_be_due_depends_on_the_fee() {
    let least = tiers("10", &json!({"minimum_over": "1.00"}));
    assert_eq!(with_fee(&least, "10.00"), at("credit.minimum_over", "minimum_over_award"));
    assert_eq!(with_fee(&least, "10.01"), []);
    // A fee of nothing says nothing.
    assert_eq!(with_fee(&least, "0.00"), []);
}

#[test]
fn days_are_worth_least_in_the_longest_window() {
    let mut days = table(&json!([{"below": "99.9", "days": 1}]));
    days["credit"]["minimum_over"] = "10".into();
    assert_eq!(with_fee(&days, "310.00"), at("credit.minimum_over", "minimum_over_award"));
    assert_eq!(with_fee(&days, "310.01"), []);
}

#[test]
fn an_amount_that_caps_a_share_is_too_low_only_where_it_cuts_the_smallest() {
    let capped = |cap: &str| {
        let mut terms =
            table(&json!([{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "50"}]));
        terms["credit"]["cap"] = json!({"amount": cap});
        terms
    };
    assert_eq!(with_fee(&capped("9.99"), "100.00"), at("credit.cap", "cap_below_awards"));
    assert_eq!(with_fee(&capped("10.00"), "100.00"), []);
}

#[test]
fn an_amount_can_exceed_the_fee() {
    let amount = table(&json!([{"below": "99.9", "amount": "12.00"}]));
    assert_eq!(with_fee(&amount, "11.99"), at("credit.cap", "uncapped_above_fee"));
    assert_eq!(with_fee(&amount, "12.00"), []);
}

#[test]
fn the_contracts_cap_counts_for_each_line() {
    let tenfold = json!({"credit": {"prorata": {"multiple": "10", "of": "downtime"}}});
    let lines = [(tenfold, "100.00")];
    let path = "lines[0].terms.credit.cap";
    let open = lint::case(&contract(&lines, &json!({})));
    assert_eq!(places(&open), at(path, "uncapped_above_fee"));
    let capped = lint::case(&contract(&lines, &json!({"cap": {"percent": "100"}})));
    assert_eq!(places(&capped), []);
}

#[test]
fn the_contracts_cap_is_of_all_fees_and_below_the_smallest_award_of_all_lines() {
    let lines = [(tiers("10", &json!({})), "100.00"), (tiers("5", &json!({})), "100.00")];
    for combine in ["sum", "highest"] {
        let with = |cap: Value| {
            places(&lint::case(&contract(&lines, &json!({"combine": combine, "cap": cap}))))
        };
        assert_eq!(with(json!({"percent": "2.4"})), at("contract.cap", "cap_below_awards"));
        assert_eq!(with(json!({"percent": "2.5"})), []);
        assert_eq!(with(json!({"amount": "4.99"})), at("contract.cap", "cap_below_awards"));
        assert_eq!(with(json!({"amount": "5.00"})), []);
        assert_eq!(with(json!({"amount": "0"})), at("contract.cap", "cap_zero"));
        let list = json!([{"amount": "7"}, {"percent": "10"}, {"amount": "8.00"}]);
        assert_eq!(with(list), at("contract.cap[2]", "cap_shadowed"));
    }
}

#[test]
fn a_line_that_can_pay_as_little_as_one_likes_keeps_the_contracts_cap_meaningful() {
    let prorata = json!({"credit": {"prorata": {"multiple": "1", "of": "downtime"}}});
    let lines = [(tiers("10", &json!({})), "100.00"), (prorata, "100.00")];
    let found = lint::case(&contract(&lines, &json!({"cap": {"amount": "1"}})));
    assert_eq!(places(&found), []);
}

#[test]
fn a_lines_own_cap_is_applied_before_the_contracts() {
    let capped = tiers("10", &json!({"cap": {"amount": "4.00"}}));
    let found = lint::case(&contract(&[(capped, "100.00")], &json!({"cap": {"amount": "5.00"}})));
    assert_eq!(places(&found), at("lines[0].terms.credit.cap", "cap_below_awards"));
}
