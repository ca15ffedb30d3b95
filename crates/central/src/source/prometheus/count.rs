//! From the raw samples of counters to whole counts in slots.
//!
//! `increase()` and `rate()` extrapolate to fractions, so they are not asked for. What a counter rose
//! by between two samples belongs to the slot in which the later one was taken. All slots together
//! are then what the counter rose by, each request once.

use crate::{
    ingest::{laid::Stretch, slots::Run},
    source::prometheus::unusable,
};
use makegood_domain::{Problem, scope, series::SeriesName};
use std::{borrow::Cow, collections::BTreeMap};

/// The slots that are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Where the first begins: seconds since 1970.
    pub(super) from: i64,
    /// The length of each, in seconds.
    pub(super) slot: i64,
    /// How many.
    pub(super) count: i64,
}

impl Asked {
    /// Where the last one ends.
    pub(super) fn to(self) -> i64 {
        self.from + self.slot * self.count
    }

    /// In which slot a sample of this millisecond was taken; one at a slot's end tells of that slot.
    fn index(self, at: i64) -> Option<i64> {
        let since = at - self.from * 1000;
        (since > 0 && at <= self.to() * 1000).then(|| (since - 1) / (self.slot * 1000))
    }
}

/// By which labels a sample is told apart.
#[derive(Debug)]
pub(super) struct Labels {
    /// Whose service it is.
    pub(super) service: String,
    /// Its path; absent: paths are not told apart.
    pub(super) path: Option<String>,
    /// Its region; absent: regions are not told apart.
    pub(super) region: Option<String>,
}

/// One raw series as it was sampled.
#[derive(Debug)]
pub(super) struct Sampled {
    /// Its labels.
    pub(super) labels: BTreeMap<String, String>,
    /// Milliseconds since 1970, and what the counter showed then; in order of time.
    pub(super) samples: Vec<(i64, u64)>,
}

impl Sampled {
    fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// Path and region; empty where it lacks the label or none is named.
    fn part(&self, labels: &Labels) -> (&str, &str) {
        let part = |label: &Option<String>| label.as_ref().map_or("", |label| self.label(label));
        (part(&labels.path), part(&labels.region))
    }

    /// Whether it lacks a label by which parts are told apart.
    fn lacks(&self, labels: &Labels) -> bool {
        let parts = [&labels.path, &labels.region].into_iter().flatten();
        parts.into_iter().any(|label| self.label(label).is_empty())
    }

    /// Its service as a whole, and its part of it.
    fn keys(&self, labels: &Labels) -> impl Iterator<Item = Key<'_>> {
        let service = self.label(&labels.service);
        let (path, region) = self.part(labels);
        let part = (service, kept(path), kept(region));
        let is_part = !(path.is_empty() && region.is_empty());
        [(service, "".into(), "".into())].into_iter().chain(is_part.then_some(part))
    }

    /// What was scraped: all series of one target are sampled together.
    fn target(&self) -> (&str, &str) {
        (self.label("job"), self.label("instance"))
    }
}

/// Service, path and region.
type Key<'s> = (&'s str, Cow<'s, str>, Cow<'s, str>);

/// A path or region as it is kept.
fn kept(text: &str) -> Cow<'_, str> {
    match scope::name(text) {
        Ok(()) => text.into(),
        Err(_) => scope::cut(text).into(),
    }
}

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// By what the labels say, those slots in which it was seen: of each service as a whole, all that was
    /// counted for it, and of its parts what was counted for each.
    pub(super) of: BTreeMap<SeriesName, Vec<Stretch>>,
    /// How many counters lack a label by which parts are told apart.
    pub(super) unlabelled: BTreeMap<SeriesName, i64>,
    /// How many counters were of paths and regions that can't be names. Of what stands for them, slots
    /// with requests are blank.
    pub(super) cut: BTreeMap<SeriesName, i64>,
    /// Until when anything was seen: seconds since 1970.
    pub(super) seen_until: Option<i64>,
}

#[derive(Debug, Default)]
struct Tally {
    total: u64,
    good: u64,
    /// Whether a total was sampled in it and, last before that, no later than where it begins: a
    /// slot whose first part nobody watched was not seen.
    seen: bool,
}

/// Counts the good and all requests of each service, path and region, slot by slot. A slot without a sample
/// is left out: it is unknown.
pub(super) fn count(
    asked: Asked,
    labels: &Labels,
    total: &[Sampled],
    good: &[Sampled],
) -> Result<Counted, Problem> {
    let mut first: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for series in total.iter().chain(good) {
        if let Some((at, _)) = series.samples.first() {
            let known = first.entry(series.target()).or_insert(*at);
            *known = (*known).min(*at);
        }
    }
    let mut counted = set_aside(labels, total);
    let mut tallies: BTreeMap<(Key<'_>, i64), Tally> = BTreeMap::new();
    for (series, is_total) in
        total.iter().map(|series| (series, true)).chain(good.iter().map(|series| (series, false)))
    {
        let watched_since = first.get(&series.target()).copied();
        for (since, at, rise) in rises(series, watched_since) {
            let Some(index) = asked.index(at) else { continue };
            for key in series.keys(labels) {
                let tally = tallies.entry((key, index)).or_default();
                tally.seen |= is_total && since <= (asked.from + index * asked.slot) * 1000;
                let sum = if is_total { &mut tally.total } else { &mut tally.good };
                *sum = sum
                    .checked_add(rise)
                    .ok_or_else(|| unusable("the counts of one slot exceed 64 bits"))?;
            }
        }
    }
    for ((key, index), tally) in tallies {
        let name = named(key);
        let is_cut = name.path.ends_with(scope::CUT) || name.region.ends_with(scope::CUT);
        let Some(run) = (if is_cut { tally.blank() } else { tally.run() }) else { continue };
        let start = asked.from + index * asked.slot;
        if !is_cut {
            counted.seen_until = counted.seen_until.max(Some(start + asked.slot));
        }
        let stretches = counted.of.entry(name).or_default();
        stretches.push(Stretch { start, slot: asked.slot, run });
    }
    Ok(counted)
}

fn named((service, path, region): Key<'_>) -> SeriesName {
    let (path, region) = (path.into_owned(), region.into_owned());
    SeriesName { service: service.to_owned(), path, region }
}

/// Which counters are of no part that can be named.
fn set_aside(labels: &Labels, total: &[Sampled]) -> Counted {
    let mut counted = Counted::default();
    for series in total {
        let (path, region) = series.part(labels);
        let key = (series.label(&labels.service), kept(path), kept(region));
        if [path, region].into_iter().any(|text| scope::name(text).is_err()) {
            *counted.cut.entry(named(key)).or_default() += 1;
        } else if series.lacks(labels) {
            *counted.unlabelled.entry(named(key)).or_default() += 1;
        }
    }
    counted
}

impl Tally {
    /// The slot, where it was seen.
    fn run(&self) -> Option<Run> {
        // Two metrics may be sampled a request apart. What is good beyond the total is not counted,
        // here or later.
        let errors = self.total - self.good.min(self.total);
        let run = Run { count: 1, requests: Some(self.total), errors: Some(errors), value: None };
        self.seen.then_some(run)
    }

    /// The slot of what can't be kept under its name: unknown, unless it is known that nothing came.
    fn blank(&self) -> Option<Run> {
        let nothing = self.seen && self.total == 0 && self.good == 0;
        (!nothing).then(|| Run::blank(1))
    }
}

/// By how much a counter rose: since when, until when, how much.
///
/// A counter that shows less than before began anew, at zero. So did one that appears on a target
/// that was being watched: its first errors count. The first sample of a target that nobody watched
/// only says where its counters stand.
fn rises(series: &Sampled, watched_since: Option<i64>) -> Vec<(i64, i64, u64)> {
    let mut before = None;
    let mut rises = Vec::with_capacity(series.samples.len());
    for (at, value) in &series.samples {
        match before {
            Some((since, last)) if *value >= last => rises.push((since, *at, value - last)),
            Some((since, _)) => rises.push((since, *at, *value)),
            None => {
                let since = watched_since.filter(|since| since < at);
                rises.extend(since.map(|since| (since, *at, *value)));
            }
        }
        before = Some((*at, *value));
    }
    rises
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where slots begin, and their requests.
    type Counts = Vec<(i64, Option<u64>)>;

    const ASKED: Asked = Asked { from: 600, slot: 60, count: 3 };

    fn series(code: &str, instance: &str, samples: &[(i64, u64)]) -> Sampled {
        let labels = [("job", "api"), ("instance", instance), ("customer", "nw"), ("code", code)];
        Sampled {
            labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            samples: samples.iter().map(|(at, value)| (at * 1000, *value)).collect(),
        }
    }

    fn labels(path: Option<&str>) -> Labels {
        let path = path.map(str::to_owned);
        Labels { service: "customer".to_owned(), path, region: None }
    }

    /// Start, requests and errors of each slot.
    fn slots(total: &[Sampled], good: &[Sampled]) -> Vec<(i64, u64, u64)> {
        let counted = count(ASKED, &labels(None), total, good).unwrap();
        let stretches = counted.of.into_values().flatten();
        stretches
            .map(|one| (one.start, one.run.requests.unwrap(), one.run.errors.unwrap()))
            .collect()
    }

    #[test]
    fn each_rise_counts_once_in_the_slot_of_its_later_sample() {
        // 660 is the end of the first slot, and tells of it.
        let samples = [(590, 100), (605, 103), (660, 110), (661, 111), (779, 131), (781, 200)];
        let all = [series("200", "a", &samples)];
        let expected = [(600, 10, 0), (660, 1, 0), (720, 20, 0)];
        assert_eq!(slots(&all, &all), expected);
    }

    #[test]
    fn a_slot_without_a_sample_is_left_out_and_one_with_nothing_good_is_all_errors() {
        let all = [series("200", "a", &[(590, 5), (610, 5), (730, 9)])];
        assert_eq!(slots(&all, &[]), [(600, 0, 0), (720, 4, 4)]);
        assert_eq!(slots(&[], &all), []);
    }

    #[test]
    fn a_slot_that_was_watched_from_its_middle_on_is_left_out() {
        let all = [series("200", "a", &[(610, 5), (650, 9), (670, 12)])];
        assert_eq!(slots(&all, &all), [(660, 3, 0)]);
    }

    #[test]
    fn a_counter_that_begins_anew_counts_from_zero() {
        let all = [series("200", "a", &[(590, 50), (610, 60), (630, 4), (650, 6)])];
        assert_eq!(slots(&all, &all), [(600, 16, 0)]);
    }

    #[test]
    fn the_first_errors_of_a_watched_target_count_and_what_an_unwatched_one_shows_does_not() {
        let good = series("200", "a", &[(590, 50), (610, 60)]);
        let errors = series("500", "a", &[(610, 3)]);
        let stranger = series("200", "b", &[(610, 1_000_000), (620, 1_000_001)]);
        let all = [good, errors, stranger];
        assert_eq!(slots(&all, &all[..1]), [(600, 14, 4)]);
    }

    #[test]
    fn good_beyond_the_total_makes_up_for_no_error() {
        let all = [series("200", "a", &[(590, 0), (610, 10), (670, 20)])];
        let good = [series("200", "a", &[(590, 0), (610, 12), (670, 20)])];
        assert_eq!(slots(&all, &good), [(600, 10, 0), (660, 10, 2)]);
    }

    fn of_route(route: Option<&str>, samples: &[(i64, u64)]) -> Sampled {
        let mut one = series("200", "a", samples);
        one.labels.extend(route.map(|route| ("route".to_owned(), route.to_owned())));
        one
    }

    #[test]
    fn what_can_t_be_a_name_is_blank_where_requests_came_and_counts_for_the_whole() {
        let long = format!("/v1/{}", "x".repeat(400));
        let all = [
            of_route(Some("/v1/a"), &[(590, 0), (610, 10), (670, 20), (730, 30)]),
            of_route(Some(&long), &[(590, 0), (610, 0), (670, 5), (730, 5)]),
            of_route(Some("/v2/\n"), &[(590, 7), (610, 8), (670, 8), (730, 8)]),
        ];
        let counted = count(ASKED, &labels(Some("route")), &all, &all).unwrap();
        let found: Vec<(String, Counts)> = counted
            .of
            .into_iter()
            .map(|(name, of)| {
                let of = of.iter().map(|one| (one.start, one.run.requests)).collect();
                (name.path.chars().take(5).collect(), of)
            })
            .collect();
        let (whole, a) = ([(600, Some(11)), (660, Some(15)), (720, Some(10))], Some(10));
        let expected: [(&str, Counts); 4] = [
            ("", whole.to_vec()),
            ("/v1/a", vec![(600, a), (660, a), (720, a)]),
            ("/v1/x", vec![(660, None)]),
            ("/v2/…", vec![(600, None)]),
        ];
        assert_eq!(found, expected.map(|(path, of)| (path.to_owned(), of)));
        assert_eq!(counted.cut.values().sum::<i64>(), 2);
    }

    #[test]
    fn what_lacks_its_label_counts_for_the_whole_and_is_said() {
        let samples = [(590, 0), (610, 10)];
        let all = [of_route(Some("/v1/a"), &samples), of_route(None, &samples)];
        let counted = count(ASKED, &labels(Some("route")), &all, &all).unwrap();
        let found: Vec<(&str, Option<u64>)> =
            counted.of.iter().map(|(name, of)| (name.path.as_str(), of[0].run.requests)).collect();
        assert_eq!(found, [("", Some(20)), ("/v1/a", Some(10))]);
        assert_eq!(counted.unlabelled, [(SeriesName::whole("nw"), 1)].into());
        let unnamed = count(ASKED, &labels(None), &all, &all).unwrap();
        assert_eq!((unnamed.unlabelled.len(), unnamed.of.len()), (0, 1));
    }

    #[test]
    fn paths_are_told_apart_where_a_label_is_named_for_them() {
        let samples = [(590, 0), (610, 10), (670, 20)];
        let all = ["/v1/a", "/v1/b"].map(|route| of_route(Some(route), &samples));
        let counted = count(ASKED, &labels(Some("route")), &all, &all).unwrap();
        let found: Vec<(&str, &str)> =
            counted.of.keys().map(|name| (name.service.as_str(), name.path.as_str())).collect();
        assert_eq!(found, [("nw", ""), ("nw", "/v1/a"), ("nw", "/v1/b")]);
        let requests: Vec<_> = counted.of.values().map(|of| of[0].run.requests).collect();
        assert_eq!(requests, [Some(20), Some(10), Some(10)]);
    }
}
