//! What of terms OpenSLO has no words for.

use super::budgeting_method::Said;
use super::left_out::{LeftOut, short};
use crate::json::Json;
use crate::measures::{BadWhen, Measure, SlotsMeasure};
use crate::terms::Terms;
use crate::window::WindowKind;

/// Whatever of terms at `path` an OpenSLO document holds in its annotations alone.
pub(super) fn terms(terms: &Terms, path: &str) -> Vec<LeftOut> {
    let tree = terms.to_tree();
    let mut beyond = Beyond { tree: &tree, path, list: Vec::new() };
    if terms.objective.ratio() == crate::fraction::whole(100) {
        beyond
            .add(&["objective"], "OpenSLO's targets are below 100 %, and a checker may refuse it");
    }
    beyond.add(&["objective_is"], "OpenSLO's target is met when it is just reached");
    beyond.add(&["internal_objective"], "OpenSLO has one target");
    window(terms, &mut beyond);
    measure(&terms.measure, &mut beyond);
    beyond.add(&["service_hours"], "OpenSLO knows no service hours");
    beyond.add(&["holidays"], "OpenSLO knows no service hours");
    beyond.add(&["exclusions"], "OpenSLO excuses nothing");
    beyond.add(&["no_data"], "OpenSLO does not say what unknown time is");
    beyond.add(&["partial_period"], "in OpenSLO no contract begins inside of a window");
    beyond.add(&["round_attainment"], "OpenSLO does not round");
    beyond.add(&["credit"], "OpenSLO knows no credits");
    beyond.list
}

struct Beyond<'a> {
    tree: &'a Json,
    path: &'a str,
    list: Vec<LeftOut>,
}

impl Beyond<'_> {
    /// Adds what stands in the terms under these keys, if anything does.
    fn add(&mut self, keys: &[&str], why: &'static str) {
        let found = keys.iter().try_fold(self.tree, |json, key| json.get(key));
        if let Some(json) = found {
            let what = match json {
                Json::Text(text) => short(text),
                other => short(&other.compact()),
            };
            let path = format!("{}.{}", self.path, keys.join("."));
            self.list.push(LeftOut { path, line: None, what, why });
        }
    }
}

fn window(terms: &Terms, beyond: &mut Beyond) {
    match terms.window.kind {
        WindowKind::Rolling { .. } => {
            beyond.add(&["window", "time_zone"], "OpenSLO's rolling windows have no time zone");
        }
        WindowKind::Quarter { year_starts_in: 4.. } => {
            let why = "OpenSLO does not say which quarter is the first";
            beyond.add(&["window", "year_starts_in"], why);
        }
        _ => {}
    }
    beyond.add(&["window", "counted_as"], "OpenSLO's windows are as long as they are");
}

fn measure(measure: &Measure, beyond: &mut Beyond) {
    let key = measure.as_str();
    let read_back = Said::of(measure).measure();
    if let Measure::Uptime(_) = measure {
        let why = "OpenSLO knows no outages; its spec speaks of minutes that were wholly good";
        return beyond.add(&["measure", key], why);
    }
    let seconds = |measure: &Measure| measure.slot().map(|slot| slot.seconds());
    if read_back.as_ref().and_then(seconds) != seconds(measure) {
        let why = match measure {
            Measure::Requests(_) => "OpenSLO counts events without slices",
            _ => "OpenSLO writes slices in minutes; its spec holds the next longer one",
        };
        beyond.add(&["measure", key, "slot"], why);
    }
    if let Measure::Slots(SlotsMeasure { bad_when, .. }) = measure {
        let same =
            matches!(&read_back, Some(Measure::Slots(back)) if same(&back.bad_when, bad_when));
        if !same {
            let why = "OpenSLO can't draw the line there; its spec holds the nearest one";
            beyond.add(&["measure", key, "bad_when"], why);
        }
    }
    beyond.add(&["measure", key, "min_requests"], "OpenSLO judges a slice with few requests, too");
    beyond.add(&["measure", key, "min_run"], "OpenSLO judges each slice alone");
    beyond.add(&["measure", key, "idle"], "OpenSLO does not say what no requests are");
}

fn same(left: &BadWhen, right: &BadWhen) -> bool {
    let key = |bad: &BadWhen| (bad.metric, bad.is, bad.than.ratio());
    key(left) == key(right)
}
