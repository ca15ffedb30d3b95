//! Where a contract's cap or "only the highest" acts, a line is told with its share of what is owed.

use crate::northwind;
use crate::pages::{says, text_of};
use makegood_engine::case::Case;
use makegood_statement::{CreditState, Document, Language, Verdict, render, verify};
use serde_json::{Value, json};

/// A line of October that was down for an hour, and pays 10 % of its fee.
pub(crate) fn line(sla: &str, fee: &str) -> Value {
    json!({
        "sla": sla, "fee": fee,
        "evidence": { "outages": [
            { "from": "2026-10-14T03:00:00Z", "to": "2026-10-14T04:00:00Z" },
        ] },
        "terms": {
            "objective": "99.9", "measure": { "uptime": {} },
            "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
            "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
        },
    })
}

/// A statement of this case alone; these lines have a credit in this state.
pub(crate) fn of(case: &Value, states: &[CreditState]) -> Document {
    let case = Case::parse_file(case.to_string().as_bytes()).unwrap().remove(0);
    let mut document = northwind::document();
    document.contracts.truncate(1);
    let part = &mut document.contracts[0];
    let mut model = part.lines[0].clone();
    (model.narrative, model.root_cause) = (None, None);
    model.trend.clear();
    let line = |(line, state): (&makegood_engine::Line, &CreditState)| {
        makegood_statement::LinePart { sla: line.sla.clone(), credit: *state, ..model.clone() }
    };
    part.lines = case.lines.iter().zip(states).map(line).collect();
    part.number = "CB-2".into();
    part.case = case;
    document
}

fn case(contract: &Value, lines: &[Value]) -> Value {
    json!({ "format": "makegood/case/1", "contract": contract, "period": "2026-10", "lines": lines })
}

fn capped(language: Language) -> Document {
    let contract = json!({ "currency": "USD", "cap": { "amount": "10.00" } });
    let lines = [line("A", "250"), line("B", "200"), line("C", "83.30")];
    let mut document = of(&case(&contract, &lines), &[CreditState::Granted; 3]);
    document.language = language;
    document
}

#[test]
fn a_capped_contracts_lines_are_told_with_their_shares_and_how_they_come_about() {
    let document = capped(Language::En);
    let text = text_of("capped.pdf", &document);
    says(
        &text,
        &[
            "CB-2, SLA credit granted",
            "$10.00",
            "Service levels",
            "CB-2 A 99.9 % 99.865771 % 60 min Missed $4.69",
            "Missed $3.75",
            "Missed $1.56",
            "SLA credits",
            "granted $4.69",
            "granted $3.75",
            "granted $1.56",
            "Granted in total $10.00",
            "The SLA credit of this service level by itself. $25.00",
            "the contract caps them at $10.00",
            "SLA credit, net, set against the next invoice. $4.69",
        ],
    );
    let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    let text = text_of("capped-de.pdf", &capped(Language::De));
    says(&text, &["für sich. 25,00 $", "begrenzt", "mit der nächsten Rechnung. 4,69 $"]);
}

#[test]
fn a_line_that_another_outranks_is_set_against_no_invoice() {
    let contract = json!({ "currency": "USD", "combine": "highest" });
    let mut other = line("C", "100");
    // It pays below a bound that is above what was promised: met, and with a credit of its own.
    other["terms"]["objective"] = json!("99");
    let lines = [line("A", "250"), line("B", "400"), other];
    let states = [CreditState::None, CreditState::Granted, CreditState::None];
    let document = of(&case(&contract, &lines), &states);
    let text = text_of("highest.pdf", &document);
    says(&text, &["Missed –", "Missed $40.00", "Met –", "by itself. $25.00", "that of B", "$0.00"]);
    assert_eq!(text.matches("set against the next invoice").count(), 1, "{text}");
    let (bytes, trust) = northwind::sealed(&render(&document).unwrap());
    let found = verify(&bytes, &trust, northwind::sealing_time());
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
}
