//! From the raw samples of counters to whole counts in slots.
//!
//! `increase()` and `rate()` extrapolate to fractions, so they are not asked for. What a counter rose
//! by between two samples belongs to the slot in which the later one was taken. All slots together
//! are then what the counter rose by, each request once.

use crate::{
    ingest::{laid::Stretch, slots::Run},
    source::prometheus::unusable,
};
use makegood_domain::{Problem, series::SeriesName};
use std::collections::BTreeMap;

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

    /// Service, path and region.
    fn name(&self, labels: &Labels) -> (&str, &str, &str) {
        let part = |label: &Option<String>| label.as_ref().map_or("", |label| self.label(label));
        (self.label(&labels.service), part(&labels.path), part(&labels.region))
    }

    /// What was scraped: all series of one target are sampled together.
    fn target(&self) -> (&str, &str) {
        (self.label("job"), self.label("instance"))
    }
}

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// By what the labels say, those slots in which it was seen.
    pub(super) of: BTreeMap<SeriesName, Vec<Stretch>>,
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
    let mut tallies: BTreeMap<((&str, &str, &str), i64), Tally> = BTreeMap::new();
    for (series, is_total) in
        total.iter().map(|series| (series, true)).chain(good.iter().map(|series| (series, false)))
    {
        let watched_since = first.get(&series.target()).copied();
        for (since, at, rise) in rises(series, watched_since) {
            let Some(index) = asked.index(at) else { continue };
            let tally = tallies.entry((series.name(labels), index)).or_default();
            tally.seen |= is_total && since <= (asked.from + index * asked.slot) * 1000;
            let sum = if is_total { &mut tally.total } else { &mut tally.good };
            *sum = sum
                .checked_add(rise)
                .ok_or_else(|| unusable("the counts of one slot exceed 64 bits"))?;
        }
    }
    let mut counted = Counted::default();
    for (((service, path, region), index), tally) in
        tallies.into_iter().filter(|(_, tally)| tally.seen)
    {
        let start = asked.from + index * asked.slot;
        // Two metrics may be sampled a request apart. What is good beyond the total is not counted,
        // here or later.
        let errors = tally.total - tally.good.min(tally.total);
        let run = Run { count: 1, requests: Some(tally.total), errors: Some(errors), value: None };
        counted.seen_until = counted.seen_until.max(Some(start + asked.slot));
        let [service, path, region] = [service, path, region].map(str::to_owned);
        let name = SeriesName { service, path, region };
        let stretches = counted.of.entry(name).or_default();
        stretches.push(Stretch { start, slot: asked.slot, run });
    }
    Ok(counted)
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

    #[test]
    fn paths_are_told_apart_where_a_label_is_named_for_them() {
        let samples = [(590, 0), (610, 10), (670, 20)];
        let mut one = series("200", "a", &samples);
        one.labels.insert("route".to_owned(), "/v1/a".to_owned());
        let mut two = series("200", "a", &samples);
        two.labels.insert("route".to_owned(), "/v1/b".to_owned());
        let all = [one, two];
        let counted = count(ASKED, &labels(Some("route")), &all, &all).unwrap();
        let found: Vec<(&str, &str)> =
            counted.of.keys().map(|name| (name.service.as_str(), name.path.as_str())).collect();
        assert_eq!(found, [("nw", "/v1/a"), ("nw", "/v1/b")]);
        assert!(counted.of.values().all(|stretches| stretches[0].run.requests == Some(10)));
    }
}
