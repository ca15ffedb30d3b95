//! What was gathered for one measure, asked about by another: only where it says all that the other
//! looks at, and means the same to it.

use makegood_engine::Case;
use makegood_engine::terms::Terms;
use makegood_engine::what_if::{Change, Question, What, ask};
use serde_json::{Value, json};
use std::ops::ControlFlow;

fn terms(measure: &Value) -> Value {
    json!({
        "objective": "99", "window": { "calendar": "month" }, "measure": measure,
        "credit": { "tiers": [{ "below": "99", "percent": "10" }] },
    })
}

/// The measures, and a piece of evidence for each.
fn measures() -> Vec<(&'static str, Value, Value)> {
    let slots = |run: &Value| json!({ "slots": [run] });
    let at = "2026-04-02T00:00:00Z";
    let counted = json!({ "start": at, "count": 4, "requests": 100, "errors": 1 });
    let valued = json!({ "start": at, "count": 4, "value": "250" });
    let both = json!({ "start": at, "count": 4, "value": "250", "requests": 100 });
    let bad = |metric: &str| json!({ "metric": metric, "is": ">", "than": "5" });
    vec![
        ("uptime", json!({ "uptime": {} }), json!({ "outages": [] })),
        ("requests", json!({ "requests": { "slot": "6h" } }), slots(&counted)),
        ("mean", json!({ "mean_error_rate": { "slot": "6h" } }), slots(&counted)),
        (
            "errors",
            json!({ "slots": { "slot": "6h", "bad_when": bad("error_percent") } }),
            slots(&counted),
        ),
        ("value", json!({ "slots": { "slot": "6h", "bad_when": bad("value") } }), slots(&valued)),
        (
            "value of enough",
            json!({ "slots": { "slot": "6h", "bad_when": bad("value"), "min_requests": 10 } }),
            slots(&both),
        ),
        ("hourly", json!({ "requests": { "slot": "1h" } }), slots(&counted)),
    ]
}

/// Whether `asked` can be asked of the evidence of `had`.
fn can_ask(had: &(&str, Value, Value), asked: &Value) -> bool {
    let case = json!({
        "format": "makegood/case/1", "contract": { "currency": "EUR" }, "period": "2026-04",
        "lines": [{ "sla": "API", "fee": "1000.00", "evidence": had.2, "terms": terms(&had.1) }],
    });
    let case = Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0);
    let asked = Terms::parse(&terms(asked).to_string()).unwrap();
    let what = What::Terms(Box::new(asked));
    let changes = vec![Change { sla: "API".to_owned(), what }];
    let cases = [case];
    let question = Question { contracts: vec![&cases[..]], changes, chained: false };
    let mut answers = ask(&question, 1, &mut |_| ControlFlow::Continue(())).unwrap();
    match answers.windows.remove(0) {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal.path, "lines[0].terms.measure");
            false
        }
    }
}

#[test]
fn evidence_answers_what_it_says() {
    let all = measures();
    let counted = ["requests", "mean", "errors"];
    for had in &all {
        for asked in &all {
            let expected = match (had.0, asked.0) {
                (one, other) if one == other => true,
                // Counts of requests and errors, slot by slot, are the same to all three.
                (one, other) if counted.contains(&one) => counted.contains(&other),
                // A value with the requests beside it is a value all the same.
                ("value of enough", "value") => true,
                _ => false,
            };
            assert_eq!(can_ask(had, &asked.1), expected, "{} asked of {}", asked.0, had.0);
        }
    }
}
