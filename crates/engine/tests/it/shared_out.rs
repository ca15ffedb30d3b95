//! What a contract owes is shared out over its lines, and the steps tell how: a cap of the whole contract,
//! or that only the highest credit is paid.

use makegood_engine::explain::{Language, words};
use makegood_engine::{Case, compute};
use serde_json::{Value, json};

/// A line of April 2026 that was down for `minutes`: 10 % of its fee below 99.9 %.
fn line(sla: &str, fee: &str, minutes: u32) -> Value {
    let to = format!("2026-04-02T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
    json!({
        "sla": sla, "fee": fee,
        "evidence": { "outages": [{ "from": "2026-04-02T00:00:00Z", "to": to }] },
        "terms": {
            "objective": "99.9", "window": { "calendar": "month" }, "measure": { "uptime": {} },
            "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
        },
    })
}

fn case(contract: &Value, lines: &[Value]) -> Case {
    let case = json!({
        "format": "makegood/case/1", "period": "2026-04", "contract": contract, "lines": lines,
    });
    Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0)
}

/// The last steps of each line, from its own credit on.
fn told(case: &Case, language: Language) -> Vec<Vec<String>> {
    let lines = compute(case).unwrap().lines;
    let of = |steps: &[makegood_engine::explain::Step]| {
        let steps = steps.iter().map(|step| words(step, language));
        let all: Vec<String> =
            steps.map(|said| format!("{} | {}", said.sentence, said.figure)).collect();
        let fee = |text: &String| text.starts_with("The fee") || text.starts_with("Das Entgelt,");
        let from = all.iter().position(fee).map_or(all.len(), |at| at + 1);
        all[from..].to_vec()
    };
    lines.iter().map(|line| of(&line.steps)).collect()
}

fn capped() -> Case {
    let contract = json!({ "currency": "USD", "cap": { "amount": "10.00" } });
    case(&contract, &[line("A", "250", 60), line("B", "200", 60), line("C", "83.30", 60)])
}

#[test]
fn a_contracts_cap_leaves_each_line_its_share_and_the_shares_add_up() {
    let steps = told(&capped(), Language::En);
    let end = |own: &str, share: &str| {
        [
            format!("The SLA credit of this service level by itself. | {own}"),
            format!(
                "All service levels together come to $53.33, and the contract caps them at $10.00: this \
                 one's share of it. | {share}"
            ),
            format!("SLA credit, net, set against the next invoice. | {share}"),
        ]
    };
    assert_eq!(steps[0], end("$25.00", "$4.69"));
    assert_eq!(steps[1], end("$20.00", "$3.75"));
    assert_eq!(steps[2], end("$8.33", "$1.56"));
    let german = told(&capped(), Language::De);
    assert_eq!(
        german[0],
        [
            "Der SLA-Ausgleich dieses Service-Levels für sich. | 25,00\u{a0}$",
            "Alle Service-Levels zusammen ergeben 53,33\u{a0}$, und der Vertrag begrenzt sie auf \
             10,00\u{a0}$: der Anteil dieses Service-Levels daran. | 4,69\u{a0}$",
            "SLA-Ausgleich, netto, mit der nächsten Rechnung. | 4,69\u{a0}$",
        ]
    );
}

#[test]
fn where_only_the_highest_is_paid_the_others_say_so_and_are_set_against_nothing() {
    let contract = json!({ "currency": "USD", "combine": "highest" });
    let both = case(&contract, &[line("A", "250", 60), line("B", "400", 60)]);
    let steps = told(&both, Language::En);
    assert_eq!(
        steps[0],
        [
            "The SLA credit of this service level by itself. | $25.00",
            "The contract pays only the highest SLA credit, that of B, $40.00: of this one, \
             nothing. | $0.00",
        ]
    );
    assert_eq!(steps[1], ["SLA credit, net, set against the next invoice. | $40.00"]);
    let german = told(&both, Language::De);
    assert_eq!(
        german[0][1],
        "Der Vertrag zahlt nur den höchsten SLA-Ausgleich, den von B über 40,00\u{a0}$: von diesem \
         nichts. | 0,00\u{a0}$"
    );
}

#[test]
fn a_cap_on_the_one_that_pays_is_told_without_the_others() {
    let contract = json!({ "currency": "USD", "combine": "highest", "cap": { "amount": "10.00" } });
    let both = case(&contract, &[line("A", "250", 60), line("B", "400", 60)]);
    let end = [
        "The SLA credit of this service level by itself. | $40.00",
        "The contract caps it at $10.00. | $10.00",
        "SLA credit, net, set against the next invoice. | $10.00",
    ];
    assert_eq!(told(&both, Language::En)[1], end);
    let contract = json!({ "currency": "USD", "cap": { "amount": "10.00" } });
    assert_eq!(told(&case(&contract, &[line("B", "400", 60)]), Language::En)[0], end);
}

#[test]
fn nothing_more_is_told_where_each_line_has_its_own_credit() {
    let contract = json!({ "currency": "USD", "cap": { "amount": "1000.00" } });
    let both = case(&contract, &[line("A", "250", 60), line("B", "400", 1)]);
    assert_eq!(
        told(&both, Language::En)[0],
        ["SLA credit, net, set against the next invoice. | $25.00"]
    );
    assert_eq!(told(&both, Language::En)[1], [] as [&str; 0]);
}

/// A credit can be larger than what 64 bits hold.
#[test]
fn sums_beyond_all_bounds_are_shared_out_exactly() {
    let fee = "9".repeat(40);
    let contract = json!({ "currency": "JPY", "cap": { "amount": "7" } });
    let steps = told(&case(&contract, &[line("A", &fee, 60), line("B", &fee, 60)]), Language::En);
    assert!(steps[0].last().unwrap().ends_with("| ¥4"), "{steps:#?}");
    assert!(steps[1].last().unwrap().ends_with("| ¥3"), "{steps:#?}");
}

#[test]
fn with_a_fee_of_nothing_the_deepest_tier_that_holds_is_named() {
    let mut one = line("A", "0.00", 100);
    one["terms"]["credit"]["tiers"] = json!([
        { "below": "99.9", "percent": "10" }, { "below": "99.8", "percent": "25" },
        { "below": "99.0", "percent": "50" },
    ]);
    let computed = compute(&case(&json!({ "currency": "EUR" }), &[one])).unwrap();
    assert_eq!(computed.lines[0].paid.tier(), Some(1));
    assert_eq!(computed.result.lines[0].credit_percent, None);
}
