//! Credits.

use super::{Tree, decimal, duration, key, length, list, maybe, number, object, percentage, word};
use makegood_engine::json::Json;
use proptest::prelude::*;

/// One cap, or a list of them.
pub(super) fn caps() -> Tree {
    let cap = || {
        let percent = || key("percent", decimal());
        prop_oneof![
            object(vec![percent()]),
            object(vec![key("amount", decimal())]),
            object(vec![percent(), key("months", number(prop_oneof![1..25_u64, Just(u64::MAX)]))]),
        ]
    };
    prop_oneof![cap(), list(cap(), 0..4)].boxed()
}

fn tier(is_uptime: bool) -> Tree {
    let by_bound = prop_oneof![key("below", percentage()), key("at_or_below", percentage())];
    let by_downtime =
        prop_oneof![key("downtime_over", duration()), key("downtime_at_least", duration())];
    let condition =
        if is_uptime { prop_oneof![by_bound, by_downtime].boxed() } else { by_bound.boxed() };
    let award = prop_oneof![
        key("percent", decimal()),
        key("days", number(prop_oneof![0..40_u64, Just(u64::MAX)])),
        key("amount", decimal()),
    ];
    object(vec![condition, award.boxed()])
}

fn prorata() -> Tree {
    object(vec![
        key("multiple", decimal()),
        key("of", word(&["downtime", "excess"])),
        maybe("when", word(&["missed", "always"])),
    ])
}

fn per() -> Tree {
    object(vec![
        key("every", length()),
        key("percent", decimal()),
        key("count", word(&["started", "completed"])),
        maybe("first", object(vec![key("after", duration()), key("percent", decimal())])),
    ])
}

pub(super) fn credit(is_uptime: bool) -> Tree {
    let tiers = key("tiers", list(tier(is_uptime), 1..6));
    let award = prop_oneof![3 => tiers, 1 => key("prorata", prorata())];
    let award = if is_uptime {
        prop_oneof![3 => award, 1 => key("per", per())].boxed()
    } else {
        award.boxed()
    };
    let required = any::<bool>().prop_map(Json::Bool);
    object(vec![
        award,
        maybe("cap", caps()),
        maybe("minimum_over", decimal()),
        maybe("rounding", word(&["half_up", "half_even", "down"])),
        maybe("form", word(&["invoice", "service_days", "refund"])),
        maybe("claim", object(vec![key("required", required), maybe("within", duration())])),
    ])
}
