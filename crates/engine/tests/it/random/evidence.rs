//! Evidence: numbers that are laid into a window once it is known.

use super::terms::Counts;
use chrono::{DateTime, TimeDelta, Utc};
use makegood_engine::Terms;
use makegood_engine::instant::write_instant;
use makegood_engine::json::Json;
use makegood_engine::measures::Measure;
use makegood_engine::terms::ExclusionKind;
use makegood_engine::window::Span;
use proptest::prelude::*;

/// Where something begins and how long it lasts, in thousandths of the window and some seconds.
type Stretch = (i64, i64, i64);

/// An entry of slots: how many (of 100 of the window, where it is negative), its numbers, whether
/// it says where it begins, and after how many slots that nobody observed.
type Entry = (i64, (u128, u128), i16, bool, i64);

/// A line's evidence and active time before the window is known.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    outages: Vec<(Stretch, Option<String>)>,
    unknown: Vec<Stretch>,
    exclusions: Vec<(usize, Stretch, Option<i64>)>,
    entries: Vec<Entry>,
    totals: (u128, u128),
    active: Option<(Option<i64>, Option<i64>)>,
    /// Whether requests stand beside values, where they may be left out.
    requests: bool,
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let length = prop_oneof![0..3_i64, 0..200_i64, Just(1_500)];
    (-200..1_100_i64, length, -90..90_i64)
}

/// Requests, and errors of them.
fn numbers() -> impl Strategy<Value = (u128, u128)> {
    let most = prop::sample::select(vec![0_u128, 3, 40, 1_000_000, 1 << 40, u128::MAX]);
    let two = most.prop_flat_map(|most| (0..=most, 0..=most));
    prop_oneof![two.prop_map(|(a, b)| (a.max(b), a.min(b))), (1..1_000_u128).prop_map(|n| (n, 0))]
}

pub(super) fn raw(counts: Counts) -> impl Strategy<Value = Raw> {
    let most = |is: bool, most: usize| if is { most } else { 1 };
    let impact = prop::option::of("1|1\\.00|0\\.[0-9]{0,3}[1-9]");
    let count = prop_oneof![4 => Just(1), 2 => 2..6_i64, 1 => -60..0_i64];
    let gap = prop_oneof![4 => Just(0), 1 => 0..4_i64];
    let entry = (count, numbers(), -50..50_i16, any::<bool>(), gap);
    let exclusion = (0..7_usize, stretch(), prop::option::of(-1_000..900_000_i64));
    (
        prop::collection::vec((stretch(), impact), 0..most(counts.is_uptime(), 8)),
        prop::collection::vec(stretch(), 0..most(counts.is_uptime(), 4)),
        prop::collection::vec(exclusion, 0..most(counts != Counts::TotalEvents, 6)),
        prop::collection::vec(entry, 0..most(!counts.is_uptime(), 30)),
        numbers(),
        prop::option::weighted(
            0.3,
            (prop::option::of(-100..1_100_i64), prop::option::of(1..900_i64)),
        ),
        any::<bool>(),
    )
        .prop_map(|(outages, unknown, exclusions, entries, totals, active, requests)| Raw {
            outages,
            unknown,
            exclusions,
            entries,
            totals,
            active,
            requests,
        })
}

fn member(key: &str, value: Json) -> (String, Json) {
    (key.to_owned(), value)
}

fn at(instant: DateTime<Utc>) -> Json {
    Json::text(write_instant(instant))
}

/// So many thousandths into the window.
fn thousandths(span: &Span, share: i64) -> DateTime<Utc> {
    span.from + TimeDelta::seconds(span.seconds() * share / 1_000)
}

fn ends((from, length, more): Stretch, span: &Span) -> [DateTime<Utc>; 2] {
    let from = thousandths(span, from) + TimeDelta::seconds(more);
    [from, from + TimeDelta::seconds(span.seconds() * length / 1_000 + more.abs() + 1)]
}

fn interval(stretch: Stretch, span: &Span) -> Vec<(String, Json)> {
    let [from, to] = ends(stretch, span);
    vec![member("from", at(from)), member("to", at(to))]
}

impl Raw {
    pub(super) fn active(&self, span: &Span) -> Option<Json> {
        let (from, length) = self.active?;
        let to = length
            .map(|length| thousandths(span, from.unwrap_or(0) + length) + TimeDelta::seconds(1));
        let from = from.map(|from| member("from", at(thousandths(span, from))));
        let to = to.map(|to| member("to", at(to)));
        Some(Json::Object(from.into_iter().chain(to).collect()))
    }

    pub(super) fn evidence(&self, counts: Counts, terms: &Terms, span: &Span) -> Json {
        let mut members = match counts {
            Counts::Seconds | Counts::FixedSeconds => self.of_uptime(span),
            Counts::TotalEvents => {
                let number = |number: u128| Json::Number(number.to_string());
                let (requests, errors) = self.totals;
                let totals =
                    vec![member("requests", number(requests)), member("errors", number(errors))];
                vec![member("totals", Json::Object(totals))]
            }
            _ => vec![member("slots", Json::List(self.slots(counts, terms, span)))],
        };
        if !self.exclusions.is_empty() {
            let exclusions = self.exclusions.iter().map(|(kind, stretch, notice)| {
                let mut members = interval(*stretch, span);
                members.push(member("kind", Json::text(ExclusionKind::WORDS[*kind].0)));
                let notified = notice.map(|n| ends(*stretch, span)[0] - TimeDelta::seconds(n));
                members.extend(notified.map(|notified| member("notified_at", at(notified))));
                Json::Object(members)
            });
            members.push(member("exclusions", Json::List(exclusions.collect())));
        }
        Json::Object(members)
    }

    fn of_uptime(&self, span: &Span) -> Vec<(String, Json)> {
        let outages = self.outages.iter().map(|(stretch, impact)| {
            let mut members = interval(*stretch, span);
            members.extend(impact.as_ref().map(|impact| member("impact", Json::text(impact))));
            Json::Object(members)
        });
        let mut members = vec![member("outages", Json::List(outages.collect()))];
        if !self.unknown.is_empty() {
            let unknown = self.unknown.iter().map(|stretch| Json::Object(interval(*stretch, span)));
            members.push(member("unknown", Json::List(unknown.collect())));
        }
        members
    }

    /// As many of the entries as fit into the window.
    fn slots(&self, counts: Counts, terms: &Terms, span: &Span) -> Vec<Json> {
        let slot = terms.measure.slot().unwrap().signed_seconds();
        let all = (span.seconds() + slot - 1) / slot;
        let mut next = 0;
        let mut slots = Vec::new();
        for (count, numbers, value, says_start, gap) in &self.entries {
            let count = if *count < 0 { (all * -count / 100).max(1) } else { *count };
            if next + gap + count > all {
                break;
            }
            next += gap;
            let mut members = Vec::new();
            if *gap > 0 || *says_start {
                members.push(member("start", at(span.from + TimeDelta::seconds(next * slot))));
            }
            if count > 1 || *says_start {
                members.push(member("count", Json::Number(count.to_string())));
            }
            members.extend(self.numbers(counts, terms, *numbers, *value));
            slots.push(Json::Object(members));
            next += count;
        }
        slots
    }

    fn numbers(
        &self,
        counts: Counts,
        terms: &Terms,
        (requests, errors): (u128, u128),
        value: i16,
    ) -> Vec<(String, Json)> {
        let number = |number: u128| Json::Number(number.to_string());
        let both = [member("requests", number(requests)), member("errors", number(errors))];
        if counts != Counts::SlotsByValue {
            return both.to_vec();
        }
        let needs = matches!(&terms.measure, Measure::Slots(slots) if slots.min_requests.is_some());
        let value = member("value", Json::text(format!("{}.{}", value / 10, value.abs() % 10)));
        let beside =
            if self.requests || needs { &both[..1 + usize::from(self.requests)] } else { &[] };
        [beside, &[value]].concat()
    }
}
