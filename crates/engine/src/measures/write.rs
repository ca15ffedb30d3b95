//! Writing measures.

use super::{Idle, Measure, read};
use crate::build::Build;
use crate::json::Json;
use crate::reader::word_of;

/// A measure as a tree.
pub(crate) fn measure(measure: &Measure) -> Json {
    let idle = |idle: Idle, default: Idle| (idle != default).then(|| word_of(&idle, &read::IDLE));
    let build = match measure {
        Measure::Uptime(uptime) => Build::default()
            .maybe_text("min_outage", uptime.min_outage.as_ref())
            .maybe("whole_minutes", uptime.whole_minutes.then_some(Json::Bool(true))),
        Measure::Slots(slots) => Build::default()
            .text("slot", &slots.slot)
            .put(
                "bad_when",
                Build::default()
                    .text("metric", word_of(&slots.bad_when.metric, &read::METRIC))
                    .text("is", word_of(&slots.bad_when.is, &read::COMPARISON))
                    .text("than", &slots.bad_when.than)
                    .object(),
            )
            .maybe_number("min_requests", slots.min_requests)
            .maybe_number("min_run", slots.min_run)
            .maybe_text("idle", idle(slots.idle, Idle::Good)),
        Measure::MeanErrorRate(mean) => Build::default()
            .text("slot", &mean.slot)
            .maybe_text("idle", idle(mean.idle, Idle::Good)),
        Measure::Requests(requests) => Build::default()
            .maybe_text("slot", requests.slot.as_ref())
            .maybe_text("idle", idle(requests.idle, Idle::Removed)),
    };
    Build::default().put(measure.as_str(), build.object()).object()
}
