//! Cases that are valid by construction and, taken together, hold every key of the format.

use makegood_engine::Terms;
use makegood_engine::json::Json;
use proptest::prelude::*;
use terms::Form;

mod credit;
mod evidence;
mod terms;

/// A strategy of values.
pub(crate) type Tree = BoxedStrategy<Json>;

/// A strategy of some members of an object.
type Members = BoxedStrategy<Vec<(String, Json)>>;

/// A key that always stands.
fn key(name: &'static str, value: impl Strategy<Value = Json> + 'static) -> Members {
    value.prop_map(move |value| vec![(name.to_owned(), value)]).boxed()
}

/// A key that stands now and then.
fn maybe(name: &'static str, value: impl Strategy<Value = Json> + 'static) -> Members {
    prop_oneof![2 => Just(Vec::new()), 1 => key(name, value)].boxed()
}

fn object(members: Vec<Members>) -> Tree {
    members.prop_map(|members| Json::Object(members.concat())).boxed()
}

fn list(item: impl Strategy<Value = Json> + 'static, size: std::ops::Range<usize>) -> Tree {
    prop::collection::vec(item, size).prop_map(Json::List).boxed()
}

fn word(words: &[&'static str]) -> Tree {
    prop::sample::select(words.to_vec()).prop_map(Json::text).boxed()
}

/// Text of this pattern.
fn text(pattern: &'static str) -> Tree {
    pattern.prop_map(Json::text).boxed()
}

fn number<T: ToString + std::fmt::Debug>(number: impl Strategy<Value = T> + 'static) -> Tree {
    number.prop_map(|number| Json::Number(number.to_string())).boxed()
}

/// Names as people write them, and as nobody does.
fn name() -> Tree {
    prop_oneof![text("[A-Z][a-z]{2,8}( [A-Z]{2,3})?"), text("(?s).{0,12}")].boxed()
}

/// An amount or a percentage without a bound.
fn decimal() -> Tree {
    prop_oneof![
        8 => text("(0|[1-9][0-9]{0,4})(\\.[0-9]{1,4})?"),
        1 => text("[1-9][0-9]{20,40}(\\.[0-9]{1,30})?"),
        1 => word(&["0", "0.00", "0.000000000000000000000000000001"]),
    ]
    .boxed()
}

/// From 0 to 100, more often near 100.
fn percentage() -> Tree {
    prop_oneof![
        text("9[0-9](\\.[0-9]{1,3})?"),
        text("[1-9]?[0-9](\\.[0-9]{1,20})?"),
        word(&["100", "100.0"])
    ]
    .boxed()
}

fn duration() -> Tree {
    prop_oneof![6 => length(), 1 => word(&["0s", "0d", "00h"])].boxed()
}

/// Longer than nothing.
fn length() -> Tree {
    prop_oneof![text("[1-9][0-9]{0,2}[smh]"), text("[1-9]h[1-5]?[0-9]m"), text("0?[1-9]d")].boxed()
}

fn contract() -> Tree {
    object(vec![
        key("currency", word(&["EUR", "USD", "JPY", "KWD", "CLF"])),
        maybe("combine", word(&["sum", "highest"])),
        maybe("cap", credit::caps()),
        maybe("customer", name()),
        maybe("number", name()),
    ])
}

/// A line with windows of this form in this period.
fn line(form: Form, period: String) -> Tree {
    let counts = terms::counts();
    let line = counts.prop_flat_map(move |counts| {
        let head = object(vec![
            key("sla", name()),
            key("terms", terms::terms(form, counts)),
            key("fee", decimal()),
            maybe("history", history()),
            maybe("maintenance_used", terms::by_kind(duration)),
        ]);
        (head, evidence::raw(counts)).prop_map(move |(head, raw)| (counts, head, raw))
    });
    line.prop_map(move |(counts, head, raw)| {
        let Json::Object(mut members) = head else { unreachable!() };
        let terms = members.iter().find(|(key, _)| key == "terms").map(|(_, terms)| terms);
        let terms = Terms::from_tree(terms.unwrap()).unwrap();
        let span = terms.window.span(&period).unwrap();
        members.push(("evidence".to_owned(), raw.evidence(counts, &terms, &span)));
        members.extend(raw.active(&span).map(|active| ("active".to_owned(), active)));
        Json::Object(members)
    })
    .boxed()
}

fn history() -> Tree {
    let entry =
        object(vec![key("period", name()), key("fee", decimal()), key("credit", decimal())]);
    list(entry, 0..4)
}

/// Any valid case; what only its window shows may still refuse it.
pub(crate) fn case() -> impl Strategy<Value = Json> {
    terms::period().prop_flat_map(|(form, period)| {
        object(vec![
            key("format", word(&["makegood/case/1"])),
            maybe("id", name()),
            maybe("title", name()),
            maybe("source", name()),
            key("contract", contract()),
            key("period", Just(Json::text(period.clone()))),
            key("lines", list(line(form, period), 1..4)),
        ])
    })
}
