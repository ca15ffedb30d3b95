//! Writing terms.

use super::{ExclusionRule, RoundAttainment, Terms, read};
use crate::build::{Build, list};
use crate::credits;
use crate::json::Json;
use crate::measures;
use crate::reader::word_of;
use crate::service_hours;
use crate::window::{Window, WindowKind};

pub(super) fn terms(terms: &Terms) -> Json {
    let exclusions = (!terms.exclusions.is_empty()).then(|| {
        let kinds = terms.exclusions.iter();
        kinds.fold(Build::default(), |all, (kind, r)| all.put(kind.as_str(), rule(r))).object()
    });
    Build::default()
        .text("objective", &terms.objective)
        .word("objective_is", &terms.objective_is, &read::OBJECTIVE_IS)
        .maybe_text("internal_objective", terms.internal_objective.as_ref())
        .put("window", window(&terms.window))
        .put("measure", measures::write::measure(&terms.measure))
        .maybe(
            "service_hours",
            terms.service_hours.as_deref().map(|h| list(h, service_hours::tree)),
        )
        .maybe(
            "holidays",
            terms.holidays.as_deref().map(|h| list(h, |day| Json::text(day.to_string()))),
        )
        .maybe("exclusions", exclusions)
        .word("no_data", &terms.no_data, &read::NO_DATA)
        .word("partial_period", &terms.partial_period, &read::PARTIAL_PERIOD)
        .maybe("round_attainment", terms.round_attainment.map(round_attainment))
        .maybe("credit", terms.credit.as_ref().map(credits::write::credit))
        .object()
}

fn window(window: &Window) -> Json {
    let other = |month: u32| (month != 1).then_some(month);
    let build = match &window.kind {
        WindowKind::Month { anchor_day } => Build::default()
            .text("calendar", "month")
            .maybe_number("anchor_day", other(*anchor_day)),
        WindowKind::Quarter { year_starts_in } => Build::default()
            .text("calendar", "quarter")
            .maybe_number("year_starts_in", other(*year_starts_in)),
        WindowKind::Year { year_starts_in } => Build::default()
            .text("calendar", "year")
            .maybe_number("year_starts_in", other(*year_starts_in)),
        WindowKind::Rolling { length } => Build::default().text("rolling", length),
    };
    let zone = Some(window.time_zone.name()).filter(|name| *name != "UTC");
    build
        .maybe_text("time_zone", zone)
        .maybe_text("counted_as", window.counted_as.as_ref())
        .object()
}

fn round_attainment(round: RoundAttainment) -> Json {
    Build::default()
        .number("decimals", &round.decimals)
        .text("mode", word_of(&round.mode, &read::ROUNDING_OF_ATTAINMENT))
        .object()
}

fn rule(rule: &ExclusionRule) -> Json {
    Build::default()
        .text("treatment", word_of(&rule.treatment, &read::TREATMENT))
        .maybe_text("min_notice", rule.min_notice.as_ref())
        .maybe_text("cap", rule.cap.as_ref().map(|cap| &cap.length))
        .maybe_text("cap_per", rule.cap.as_ref().map(|cap| word_of(&cap.per, &read::CAP_PER)))
        .object()
}
