//! What would change a number and can't be carried over exactly is refused, with its place and the
//! way out.

use super::{ROLLING, slo};
use makegood_engine::openslo::read;

const PLAIN: &str = "{target: 0.999}";

fn refused(text: &str, path: &str, says: &str) {
    let refusal = read(text).unwrap_err();
    assert_eq!(refusal.path, path, "{refusal}");
    assert!(refusal.message.contains(says), "{refusal}");
}

#[test]
fn windows_that_no_contract_has() {
    let start = "startTime: 2026-01-01 00:00:00, timeZone: UTC";
    let calendar =
        |duration: &str, start: &str| format!("[{{duration: {duration}, calendar: {{{start}}}}}]");
    for (window, path, says) in [
        (calendar("1w", start), "[0].duration", "isRolling: true"),
        (calendar("1d", start), "[0].duration", "isRolling: true"),
        (calendar("2M", start), "[0].duration", "1M, 1Q, 1Y"),
        // As in OpenSLO's own examples.
        (calendar("1m", start), "[0].duration", "a calendar month is written 1M"),
        (calendar("1X", start), "[0].duration", "an integer and one of"),
        (calendar("0M", start), "[0].duration", "an integer and one of"),
        (
            calendar("1M", "startTime: 2026-01-01 12:00:00, timeZone: UTC"),
            "[0].calendar.startTime",
            "begins at local midnight",
        ),
        (
            calendar("1Q", "startTime: 2026-01-15 00:00:00, timeZone: UTC"),
            "[0].calendar.startTime",
            "on the first day of a month",
        ),
        (
            calendar("1M", "startTime: 2026-01-01, timeZone: UTC"),
            "[0].calendar.startTime",
            "2026-01-01 00:00:00",
        ),
        (
            calendar("1M", "startTime: 2026-02-30 00:00:00, timeZone: UTC"),
            "[0].calendar.startTime",
            "must be a local date and time",
        ),
        (
            calendar("1M", "startTime: 2026-01-01 00:00:00"),
            "[0].calendar.timeZone",
            "required and missing",
        ),
        (calendar("1M", "timeZone: UTC"), "[0].calendar.startTime", "required and missing"),
        (
            calendar("1M", "startTime: 2026-01-01 00:00:00, timeZone: Europe/Berne"),
            "[0].calendar.timeZone",
            "no time zone",
        ),
        (
            calendar(
                "1M",
                "startTime: 2026-01-01 00:00:00, timezone: Europe/Zurich, timeZone: UTC",
            ),
            "[0].calendar.timezone",
            "not known; known: startTime, timeZone",
        ),
        ("[{duration: 1M, isRolling: true}]".to_owned(), "[0].duration", "needs calendar"),
        ("[{duration: 12h, isRolling: true}]".to_owned(), "[0].duration", "whole days"),
        ("[{duration: 30d}]".to_owned(), "[0]", "write isRolling: true"),
        ("[{duration: 30d, isRolling: false}]".to_owned(), "[0]", "write isRolling: true"),
        ("[{duration: 30d, isRolling: yes}]".to_owned(), "[0].isRolling", "true or false"),
        ("[{isRolling: true}]".to_owned(), "[0].duration", "required and missing"),
        (
            format!("[{{duration: 1M, isRolling: true, calendar: {{{start}}}}}]"),
            "[0].calendar",
            "delete one of them",
        ),
        ("[]".to_owned(), "", "exactly one window"),
        (
            "[{duration: 1d, isRolling: true}, {duration: 2d, isRolling: true}]".to_owned(),
            "",
            "exactly one window",
        ),
        ("28d".to_owned(), "", "must be a list"),
    ] {
        let path = format!("documents[0].spec.timeWindow{path}");
        refused(&slo(&window, "Occurrences", PLAIN), &path, says);
    }
    refused(&slo("null", "Occurrences", PLAIN), "documents[0].spec.timeWindow", "no window stands");
}

#[test]
fn objectives_that_contradict_themselves() {
    for (method, objective, path, says) in [
        ("Occurrences", "{}", ".target", "neither target nor targetPercent"),
        ("Occurrences", "{target: 0.9, targetPercent: 90}", ".targetPercent", "delete one"),
        ("Occurrences", "{target: 0.9, colour: blue}", ".colour", "not known; known: "),
        ("Occurrences", "{Target: 0.9}", ".target", "neither target"),
        ("Timeslices", "{target: 0.9, timeSliceWindow: 1m}", "", "needs timeSliceTarget"),
        ("Timeslices", "{target: 0.9, timeSliceTarget: 0.9}", "", "need timeSliceWindow"),
        ("RatioTimeslices", "{target: 0.9}", "", "need timeSliceWindow"),
        (
            "Timeslices",
            "{target: 0.9, timeSliceTarget: 0, timeSliceWindow: 1m}",
            ".timeSliceTarget",
            "more than 0",
        ),
        (
            "Timeslices",
            "{target: 0.9, timeSliceTarget: 95, timeSliceWindow: 1m}",
            ".timeSliceTarget",
            "at most 1",
        ),
        ("Occurrences", "{target: 0.9, indicatorRef: b}", ".indicatorRef", "delete one"),
    ] {
        let path = format!("documents[0].spec.objectives[0]{path}");
        refused(&slo(ROLLING, method, objective), &path, says);
    }
    refused(
        &slo(ROLLING, "TimeSlices", PLAIN),
        "documents[0].spec.budgetingMethod",
        "none of: Occurrences, Timeslices, RatioTimeslices",
    );
    refused(
        &slo(ROLLING, "Occurrences", ""),
        "documents[0].spec.objectives",
        "at least one objective",
    );
}

#[test]
fn indicators_that_nobody_knows() {
    let slo = |indicator: &str, method: &str, objective: &str| {
        format!(
            "{{apiVersion: openslo/v1, kind: SLO, metadata: {{name: a}}, spec: {{service: s, \
             {indicator}timeWindow: {ROLLING}, budgetingMethod: {method}, objectives: [{objective}]}}}}"
        )
    };
    let inline = |spec: &str| format!("indicator: {{metadata: {{name: i}}, spec: {{{spec}}}}}, ");
    let source = "{metricSource: {type: T, spec: {q: x}}}";
    let ratio = "documents[0].spec.indicator.spec.ratioMetric";
    let both = inline(&format!("thresholdMetric: {source}, ratioMetric: {{}}"));
    refused(&slo(&both, "Occurrences", PLAIN), ratio, "delete one of them");
    refused(
        &slo(&inline("description: nothing"), "Occurrences", PLAIN),
        "documents[0].spec.indicator.spec",
        "exactly one of thresholdMetric and ratioMetric",
    );
    for metric in [
        format!("good: {source}"),
        format!("total: {source}"),
        format!("good: {source}, bad: {source}, total: {source}"),
        format!("raw: {source}"),
        format!("raw: {source}, rawType: success, total: {source}"),
        format!("good: {source}, total: {source}, rawType: success"),
    ] {
        let indicator = inline(&format!("ratioMetric: {{{metric}}}"));
        refused(&slo(&indicator, "Occurrences", PLAIN), ratio, "total with exactly one of");
    }
    let raw = inline(&format!("ratioMetric: {{raw: {source}, rawType: maybe}}"));
    refused(&slo(&raw, "Occurrences", PLAIN), &format!("{ratio}.rawType"), "success, failure");
    let raw = inline(&format!("ratioMetric: {{raw: {source}, rawType: failure}}"));
    refused(
        &slo(&raw, "Occurrences", PLAIN),
        "documents[0].spec.budgetingMethod",
        "RatioTimeslices",
    );
    let threshold = inline(&format!("thresholdMetric: {source}"));
    let objective = "documents[0].spec.objectives[0]";
    refused(&slo(&threshold, "Occurrences", PLAIN), &format!("{objective}.op"), "op and value");
    let half = "{target: 0.9, op: lt}";
    refused(&slo(&threshold, "Occurrences", half), &format!("{objective}.value"), "op and value");
    let wrong = "{target: 0.9, op: eq, value: 1}";
    refused(&slo(&threshold, "Occurrences", wrong), &format!("{objective}.op"), "lte, gte, lt, gt");
    refused(&slo("", "Occurrences", PLAIN), objective, "neither the SLO nor the objective");
    refused(
        &slo("indicatorRef: nowhere, ", "Occurrences", PLAIN),
        "documents[0].spec.indicatorRef",
        "put its document into the same file",
    );
}

#[test]
fn documents_that_are_none() {
    refused("hello", "documents[0]", "must be a mapping");
    refused("kind: SLO", "documents[0].apiVersion", "required and missing");
    refused("apiVersion: openslo/v1alpha\nkind: SLO", "documents[0].apiVersion", "openslo/v1");
    refused("apiVersion: openslo.com/v2alpha\nkind: SLO", "documents[0].apiVersion", "convert it");
    refused("apiVersion: openslo/v1", "documents[0].kind", "required and missing");
    let sli = "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: a}\n";
    refused(sli, "documents[0].spec", "required and missing");
    let sli = format!("{sli}spec: {{thresholdMetric: {{metricSource: {{}}}}}}\n");
    let text = format!("{sli}---\n{sli}");
    refused(&text, "documents[1].metadata.name", "another SLI here has this name");
    assert_eq!(read("").unwrap().drafts, []);
    assert_eq!(read("---\n---\n# nothing\n").unwrap().left_out, []);
}

#[test]
fn yaml_that_hides_something_is_refused_by_its_line() {
    refused("a: 1\nb:\n  c: 2\n  c: 3\n", "line 4, column 3", "\"c\" stands twice");
    refused("a: &x 1\nb: *x\n", "line 2, column 4", "write out what it stands for");
    refused("a: !!str 0.99\n", "line 1, column 4", "a tag stands here");
    refused("a:\n\tb: 1\n", "line 2, column 2", "this is not YAML");
    refused("a: [1, 2\n", "line 2, column 1", "this is not YAML");
    refused("? [a]\n: b\n", "line 1, column 5", "a key must be text");
    refused("a: \"\\0\"\n", "line 1, column 4", "zero character");
    let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
    refused(&deep, "line 1, column 65", "64 levels");
    let nest = "- ".repeat(70);
    refused(&nest, "line 1, column 129", "64 levels");
    // A few lines that would unfold into 10^9 words.
    let mut laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..9 {
        let ten = vec![format!("*a{}", level - 1); 10].join(", ");
        laughs += &format!("a{level}: &a{level} [{ten}]\n");
    }
    refused(&laughs, "line 2, column 10", "an alias stands here");
    refused(&" ".repeat(9 * 1024 * 1024), "line 1, column 1", "8 MiB");
}
