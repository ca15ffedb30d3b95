//! What a trace tells of outages and exclusions, second by second.

use makegood_engine::exclusions::Admission;
use makegood_engine::trace::LineTrace;
use makegood_engine::{Case, compute};

/// A line of April 2026 in UTC, of which at most two hours of maintenance are excused, told 48 hours
/// before, and what a third party does.
fn trace(outages: &[(&str, &str)], exclusions: &str) -> LineTrace {
    let outages = outages.iter().map(|(from, to)| format!(r#"{{"from": "{from}", "to": "{to}"}}"#));
    let outages: Vec<String> = outages.collect();
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "2026-04",
            "lines": [{{"sla": "API", "fee": "1000.00",
            "evidence": {{"outages": [{}], "exclusions": [{exclusions}]}},
            "terms": {{"objective": "99.9", "window": {{"calendar": "month"}},
            "measure": {{"uptime": {{"min_outage": "5m"}}}}, "exclusions": {{
            "planned_maintenance": {{"treatment": "removed", "min_notice": "48h", "cap": "2h", "cap_per": "window"}},
            "third_party": {{"treatment": "up"}}}}}}}}]}}"#,
        outages.join(", ")
    );
    compute(&Case::parse_file(text.as_bytes()).unwrap()[0]).unwrap().lines.remove(0)
}

#[test]
fn only_runs_that_hold_a_second_of_the_window_are_told() {
    let told = trace(
        &[
            ("2026-03-31T23:00:00Z", "2026-04-01T00:00:00Z"),
            ("2026-04-07T12:00:00Z", "2026-04-07T12:05:00Z"),
            ("2026-04-08T12:00:00Z", "2026-04-08T12:04:59Z"),
            ("2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z"),
        ],
        "",
    );
    let runs: Vec<(i64, bool)> =
        told.outages.iter().map(|run| (run.counted_seconds, run.short)).collect();
    assert_eq!(runs, [(300, false), (0, true)]);
}

#[test]
fn each_exclusion_has_the_seconds_that_are_its_own() {
    let told = trace(
        &[("2026-04-10T10:30:00Z", "2026-04-10T14:00:00Z")],
        r#"{"kind": "third_party", "from": "2026-04-10T10:00:00Z", "to": "2026-04-10T13:00:00Z"},
           {"kind": "planned_maintenance", "from": "2026-04-10T10:00:00Z", "to": "2026-04-10T10:30:00Z",
            "notified_at": "2026-04-09T10:00:00Z"},
           {"kind": "planned_maintenance", "from": "2026-04-10T11:00:00Z", "to": "2026-04-10T12:00:00Z",
            "notified_at": "2026-04-01T00:00:00Z"},
           {"kind": "planned_maintenance", "from": "2026-04-10T10:00:00Z", "to": "2026-04-10T11:30:00Z",
            "notified_at": "2026-04-01T00:00:00Z"},
           {"kind": "planned_maintenance", "from": "2026-04-20T10:00:00Z", "to": "2026-04-20T13:00:00Z",
            "notified_at": "2026-04-01T00:00:00Z"}"#,
    );
    let seconds = told
        .exclusions
        .iter()
        .map(|one| (one.excused_seconds / 60, one.down_seconds / 60, one.not_excused_seconds / 60));
    // Maintenance comes first, and what begins first of it: an hour and a half from ten o'clock on,
    // half an hour more until noon, and then the cap is used up. The third party's is what is left.
    // The outage began at half past ten.
    let minutes = [(60, 60, 120), (0, 0, 30), (30, 30, 30), (90, 60, 0), (0, 0, 180)];
    assert_eq!(seconds.collect::<Vec<_>>(), minutes);
    let admitted = told.exclusions.iter().map(|one| one.admission == Admission::Admitted);
    assert_eq!(admitted.collect::<Vec<_>>(), [true, false, true, true, true]);
}
