//! Of each code terms that have just this flaw, and the same terms without it.

use serde_json::{Value, json};

pub(super) struct Example {
    pub(super) code: &'static str,
    pub(super) path: &'static str,
    /// Keys of the terms, or a list of them: the lines of a contract.
    pub(super) broken: Value,
    pub(super) repaired: Value,
}

fn example(code: &'static str, path: &'static str, broken: Value, repaired: Value) -> Example {
    Example { code, path, broken, repaired }
}

pub(super) fn all() -> Vec<Example> {
    let mut all = objectives();
    all.extend(measures());
    all.extend(windows());
    all.extend(exclusions());
    all.extend(tiers());
    all.extend(credits());
    all.extend(caps());
    all
}

fn hourly(objective: &str, internal: &str) -> Value {
    json!({"objective": objective, "internal_objective": internal, "measure": slots("1h")})
}

/// Slots that are bad by a value, of which none can be idle.
pub(super) fn slots(slot: &str) -> Value {
    json!({"slots": {"slot": slot, "bad_when": {"metric": "value", "is": ">", "than": "5"}}})
}

/// Slots that are bad by their error rate.
fn errors(is: &str, than: &str) -> Value {
    let bad_when = json!({"metric": "error_percent", "is": is, "than": than});
    json!({"measure": {"slots": {"slot": "5m", "idle": "removed", "bad_when": bad_when}}})
}

fn rounded(objective: &str, decimals: u32, mode: &str) -> Value {
    json!({"objective": objective, "round_attainment": {"decimals": decimals, "mode": mode}})
}

fn objectives() -> Vec<Example> {
    let above = |objective: &str| json!({"objective": objective, "objective_is": "above"});
    let tighter = |internal: &str| {
        json!({"objective": "99.91", "internal_objective": internal,
            "round_attainment": {"decimals": 2, "mode": "floor"}})
    };
    vec![
        example(
            "objective_always_met",
            "objective",
            json!({"objective": "0"}),
            json!({"objective": "1"}),
        ),
        example("objective_never_met", "objective", above("100"), above("99.99")),
        example(
            "internal_not_tighter",
            "internal_objective",
            json!({"objective": "99.9", "internal_objective": "99.94",
                "round_attainment": {"decimals": 1, "mode": "half_up"}, "objective_is": "above"}),
            tighter("99.95"),
        ),
        example(
            "internal_without_buffer",
            "internal_objective",
            hourly("99.8", "99.82"),
            hourly("99.7", "99.8"),
        ),
        example(
            "internal_without_budget",
            "internal_objective",
            json!({"internal_objective": "100"}),
            json!({"internal_objective": "99.95"}),
        ),
        example(
            "finer_than_count",
            "objective",
            json!({"objective": "99.999", "measure": slots("5m")}),
            json!({"objective": "99.98", "measure": slots("5m")}),
        ),
        example(
            "finer_than_count",
            "objective",
            json!({"objective": "99.999", "measure": {"uptime": {"whole_minutes": true}}}),
            json!({"objective": "99.99", "measure": {"uptime": {"whole_minutes": true}}}),
        ),
        example(
            "finer_than_count",
            "objective",
            json!({"objective": "99.99", "measure": {"uptime": {"min_outage": "5m"}}}),
            json!({"objective": "99.99", "measure": {"uptime": {"min_outage": "4m"}}}),
        ),
        example(
            "finer_than_rounding",
            "objective",
            rounded("99.95", 1, "floor"),
            rounded("99.9", 1, "floor"),
        ),
        example(
            "rounding_lifts_miss",
            "round_attainment",
            rounded("99.9", 2, "half_up"),
            rounded("99.9", 2, "floor"),
        ),
    ]
}

fn measures() -> Vec<Example> {
    let slot = |slot: &str| json!({"objective": "90", "window": {"rolling": "1d"}, "measure": slots(slot)});
    let run = |run: u64| {
        let mut terms = json!({"objective": "50", "measure": slots("1h")});
        terms["measure"]["slots"]["min_run"] = run.into();
        terms
    };
    let idle = |idle: &str| json!({"measure": {"mean_error_rate": {"slot": "5m", "idle": idle}}});
    let requests = |idle: &str| json!({"measure": {"requests": {"idle": idle}}});
    vec![
        example("slot_exceeds_window", "measure.slots.slot", slot("25h"), slot("1h")),
        example("slot_leaves_rest", "measure.slots.slot", slot("7m"), slot("6m")),
        example(
            "slot_never_bad",
            "measure.slots.bad_when",
            errors(">", "100"),
            errors(">=", "100"),
        ),
        example("slot_always_bad", "measure.slots.bad_when", errors(">=", "0"), errors(">", "0")),
        example("bad_when_reversed", "measure.slots.bad_when", errors("<", "5"), errors(">", "5")),
        example("run_exceeds_window", "measure.slots.min_run", run(745), run(2)),
        example("idle_is_good", "measure.mean_error_rate.idle", idle("good"), idle("removed")),
        example("idle_is_good", "measure.requests.idle", requests("good"), requests("removed")),
    ]
}

fn windows() -> Vec<Example> {
    let counted = |length: &str| json!({"window": {"calendar": "month", "counted_as": length}});
    let paid = |window: Value| json!({"window": window, "credit": {"tiers": [{"below": "99.9", "percent": "10"}]}});
    vec![
        example("counted_as_short", "window.counted_as", counted("720h"), counted("744h")),
        example("counted_as_long", "window.counted_as", counted("745h"), counted("744h")),
        example(
            "rolling_overlaps",
            "window.rolling",
            paid(json!({"rolling": "28d"})),
            paid(json!({"calendar": "month"})),
        ),
        example("no_data_up", "no_data", json!({"no_data": "up"}), json!({"no_data": "down"})),
        example(
            "partial_period_up",
            "partial_period",
            json!({"partial_period": "up"}),
            json!({"partial_period": "prorate"}),
        ),
    ]
}

fn exclusions() -> Vec<Example> {
    let rule = |kind: &str, rest: Value| {
        let mut rule = json!({"treatment": "removed"});
        for (key, value) in rest.as_object().unwrap() {
            rule[key] = value.clone();
        }
        json!({"exclusions": {kind: rule}})
    };
    let planned = |notice: &str| {
        let rest = json!({"min_notice": notice, "cap": "8h", "cap_per": "window"});
        rule("planned_maintenance", rest)
    };
    let cap = |cap: &str, per: &str| rule("other", json!({"cap": cap, "cap_per": per}));
    vec![
        example(
            "exclusion_without_notice",
            "exclusions.planned_maintenance.min_notice",
            planned("0s"),
            planned("48h"),
        ),
        example(
            "exclusion_without_cap",
            "exclusions.other.cap",
            rule("other", json!({})),
            cap("8h", "window"),
        ),
        example(
            "exclusion_cap_zero",
            "exclusions.other.cap",
            cap("0s", "window"),
            cap("1s", "window"),
        ),
        example(
            "exclusion_cap_covers_window",
            "exclusions.other.cap",
            cap("28d", "window"),
            cap("27d", "window"),
        ),
        example(
            "exclusion_cap_yearly",
            "exclusions.other.cap",
            cap("96h", "year"),
            cap("8h", "window"),
        ),
        example(
            "notice_impossible",
            "exclusions.force_majeure.min_notice",
            rule("force_majeure", json!({"min_notice": "24h"})),
            rule("force_majeure", json!({})),
        ),
        example(
            "notice_impossible",
            "exclusions.emergency_maintenance.min_notice",
            rule(
                "emergency_maintenance",
                json!({"min_notice": "24h", "cap": "4h", "cap_per": "window"}),
            ),
            rule("emergency_maintenance", json!({"cap": "4h", "cap_per": "window"})),
        ),
    ]
}

/// Terms whose credit is a table of these rows.
pub(super) fn table(rows: &Value) -> Value {
    json!({"credit": {"tiers": rows}})
}

fn tiers() -> Vec<Example> {
    let first = json!({"below": "99.9", "percent": "10"});
    let with = |second: Value| table(&json!([first.clone(), second]));
    let below = |bound: &str, percent: &str| json!({"below": bound, "percent": percent});
    let lost = |bound: &str| {
        let mut terms = with(below(bound, "25"));
        terms["objective"] = "99.8".into();
        terms["measure"] = slots("1h");
        terms["credit"]["tiers"][0]["below"] = "99.8".into();
        terms
    };
    vec![
        example(
            "tier_never_holds",
            "credit.tiers[1].below",
            with(below("0", "100")),
            with(below("1", "100")),
        ),
        example(
            "tier_never_holds",
            "credit.tiers[1].downtime_over",
            with(json!({"downtime_over": "744h", "percent": "100"})),
            with(json!({"downtime_over": "743h", "percent": "100"})),
        ),
        example(
            "tier_duplicated",
            "credit.tiers[0]",
            with(below("99.90", "25")),
            with(below("99", "25")),
        ),
        example(
            "tier_pays_less",
            "credit.tiers[1]",
            with(below("99", "5")),
            with(below("99", "25")),
        ),
        example(
            "tier_shadowed",
            "credit.tiers[1]",
            with(below("99", "10")),
            with(below("99", "25")),
        ),
        example("tier_lost_between_slots", "credit.tiers[0]", lost("99.79"), lost("99.7")),
        example(
            "tier_pays_when_met",
            "credit.tiers[0].below",
            table(&json!([below("99.95", "10")])),
            table(&json!([below("99.9", "10")])),
        ),
        example(
            "miss_pays_nothing",
            "credit.tiers",
            table(&json!([below("99.5", "10")])),
            table(&json!([below("99.9", "10")])),
        ),
    ]
}

fn credits() -> Vec<Example> {
    let days = |days: u64| {
        json!({"window": {"calendar": "month"},
            "credit": {"tiers": [{"below": "99.9", "days": days}], "cap": {"percent": "100"}}})
    };
    let per = |every: &str| {
        json!({"credit": {"per": {"every": every, "percent": "5", "count": "completed"},
            "cap": {"percent": "100"}}})
    };
    let amounts = |minimum: &str| {
        let mut terms = table(&json!([{"below": "99.9", "amount": "5.00"}]));
        terms["credit"]["minimum_over"] = minimum.into();
        terms
    };
    let claimed = |claim: Value| {
        let mut terms = table(&json!([{"below": "99.9", "percent": "10"}]));
        terms["credit"]["claim"] = claim;
        terms
    };
    let must = json!({"required": true, "within": "30d"});
    vec![
        example(
            "award_zero",
            "credit.tiers[1].percent",
            table(&json!([{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "0"}])),
            table(&json!([{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}])),
        ),
        example("days_exceed_window", "credit.tiers[0].days", days(29), days(28)),
        example("per_never_due", "credit.per.every", per("745h"), per("744h")),
        example("minimum_over_award", "credit.minimum_over", amounts("5"), amounts("4.99")),
        example(
            "claim_without_deadline",
            "credit.claim.within",
            claimed(json!({"required": true})),
            claimed(must.clone()),
        ),
        example(
            "claim_mixed",
            "lines[0].terms.credit.claim.required",
            json!([claimed(must.clone()), claimed(json!({"required": false}))]),
            json!([claimed(must.clone()), claimed(must)]),
        ),
    ]
}

fn caps() -> Vec<Example> {
    let capped = |cap: Value| {
        let mut terms =
            table(&json!([{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}]));
        terms["credit"]["cap"] = cap;
        terms
    };
    let percent = |percent: &str| json!({"percent": percent});
    let prorata =
        |multiple: &str| json!({"credit": {"prorata": {"multiple": multiple, "of": "downtime"}}});
    vec![
        example("cap_zero", "credit.cap", capped(percent("0")), capped(percent("25"))),
        example("cap_below_awards", "credit.cap", capped(percent("9")), capped(percent("25"))),
        example(
            "tier_above_cap",
            "credit.tiers[1].percent",
            capped(percent("10")),
            capped(percent("25")),
        ),
        example(
            "tier_above_cap",
            "credit.tiers[1].percent",
            capped(percent("20")),
            capped(percent("25")),
        ),
        example(
            "cap_shadowed",
            "credit.cap[1]",
            capped(json!([{"percent": "30"}, {"percent": "50"}])),
            capped(json!([{"percent": "30"}, {"amount": "50"}])),
        ),
        example("uncapped_above_fee", "credit.cap", prorata("10"), prorata("1")),
    ]
}
