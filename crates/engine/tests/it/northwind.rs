//! A month worked out by hand: Berlin, October 2026, an outage of 61 minutes of which ten were
//! announced maintenance.

use chrono::NaiveDate;
use makegood_engine::case::Active;
use makegood_engine::decimal::Decimal;
use makegood_engine::distance::{distance, minutes};
use makegood_engine::duration::Duration;
use makegood_engine::explain::{Language, words};
use makegood_engine::instant::parse_instant;
use makegood_engine::measures::{Measure, Uptime};
use makegood_engine::{Case, Outage, Unknown, compute};

/// Northwind's first line.
pub(crate) fn case() -> Case {
    let text = r#"{"format": "makegood/case/1", "id": "NW-1-2026-10",
      "contract": {"currency": "EUR"}, "period": "2026-10",
      "lines": [{"sla": "Orders API availability", "fee": "12000.00",
        "terms": {"objective": "99.9", "internal_objective": "99.95",
          "window": {"calendar": "month", "time_zone": "Europe/Berlin"},
          "measure": {"uptime": {}},
          "exclusions": {"planned_maintenance": {"treatment": "removed", "min_notice": "48h"}},
          "credit": {"tiers": [{"below": "99.9", "percent": "10"}, {"below": "99.8", "percent": "25"}]}},
        "evidence": {
          "outages": [{"from": "2026-10-14T01:12:00Z", "to": "2026-10-14T02:13:00Z"}],
          "exclusions": [
            {"kind": "planned_maintenance", "from": "2026-10-14T01:55:00Z", "to": "2026-10-14T02:05:00Z", "notified_at": "2026-10-10T08:00:00Z"},
            {"kind": "planned_maintenance", "from": "2026-10-20T01:00:00Z", "to": "2026-10-20T01:30:00Z", "notified_at": "2026-10-19T08:00:00Z"}]}}]}"#;
    Case::parse_file(text.as_bytes()).unwrap().remove(0)
}

#[test]
fn law_1_the_month_is_what_was_worked_out_by_hand() {
    let computed = compute(&case()).unwrap();
    let line = &computed.result.lines[0];
    assert_eq!(line.percent.as_deref(), Some("99.885880"));
    assert_eq!((line.total.as_str(), line.bad.as_str()), ("2681400", "3060"));
    assert_eq!((line.met, line.internal_met), (Some(false), Some(Some(false))));
    assert_eq!(line.excused, "600");
    assert_eq!(computed.result.credit, "1200.00");
}

#[test]
fn the_steps_tell_the_way_from_evidence_to_money() {
    let computed = compute(&case()).unwrap();
    let told = |language| {
        let steps = computed.lines[0].steps.iter().map(|step| words(step, language));
        let lines = steps.map(|words| format!("{} | {}", words.sentence, words.figure));
        lines.collect::<Vec<_>>().join("\n")
    };
    let english = "\
October 2026 in Berlin has 31 days, one of them of 25 hours. | 44,700 min
Announced maintenance, 14 October, 03:55 to 04:05, is taken out. | −10 min
Announced maintenance, 20 October, 03:00 to 03:30, is not excused: the contract asks for 48\u{a0}h of notice, and it was 1,020 min. | –
That leaves the time that is counted. | 44,690 min
The outage lasted 61 min; 51 min of it count. | 51 min
14 October, 03:12 to 04:13: 10 min are excused; 51 min count. | 51 min
44,690 less 51 is 44,639; divided by 44,690 and cut off. | 99.885880\u{202f}%
It is below the objective: missed. | 99.9\u{202f}%
Below 99.9\u{202f}%, not below 99.8\u{202f}%: the contract grants 10\u{202f}% of the fee. | 10\u{202f}%
The fee on which the credit is reckoned. | €12,000.00
SLA credit, net, set against the next invoice. | €1,200.00";
    assert_eq!(told(Language::En), english);
    let german = "\
Oktober 2026 hat in Berlin 31 Tage, davon einen mit 25 Stunden. | 44.700 min
Angekündigte Wartung, 14. Oktober, 03:55 bis 04:05, wird herausgenommen. | −10 min
Angekündigte Wartung, 20. Oktober, 03:00 bis 03:30, ist nicht entschuldigt: der Vertrag verlangt 48\u{a0}h Vorlauf, es waren 1.020 min. | –
Es bleibt die Zeit, die zählt. | 44.690 min
Der Ausfall dauerte 61 min; davon zählen 51 min. | 51 min
14. Oktober, 03:12 bis 04:13: 10 min sind entschuldigt; 51 min zählen. | 51 min
44.690 weniger 51 ist 44.639; geteilt durch 44.690 und abgeschnitten. | 99,885880\u{202f}%
Das liegt unter dem Ziel: verfehlt. | 99,9\u{202f}%
Unter 99,9\u{202f}%, nicht unter 99,8\u{202f}%: der Vertrag gewährt 10\u{202f}% des Entgelts. | 10\u{202f}%
Das Entgelt, von dem gerechnet wird. | 12.000,00\u{a0}€
SLA-Ausgleich, netto, mit der nächsten Rechnung. | 1.200,00\u{a0}€";
    assert_eq!(told(Language::De), german);
}

/// What the steps say of `seconds` of an outage at noon of 14 October, under changed terms.
fn told_of(seconds: i64, change: impl FnOnce(&mut makegood_engine::Line)) -> Vec<String> {
    let mut case = case();
    let line = &mut case.lines[0];
    let from = parse_instant("2026-10-14T12:00:00Z").unwrap();
    line.evidence.outages = vec![Outage::new(from, from + chrono::Duration::seconds(seconds))];
    change(line);
    let computed = compute(&case).unwrap();
    let told = computed.lines[0].steps.iter().map(|step| words(step, Language::En));
    told.map(|words| format!("{} | {}", words.sentence, words.figure)).collect()
}

#[test]
fn every_part_of_an_outage_is_accounted_for() {
    let said = |told: &[String], what: &str| assert!(told.iter().any(|s| s == what), "{told:#?}");
    let uptime = |min_outage: Option<&str>, whole_minutes| {
        let min_outage = min_outage.map(|text| Duration::parse(text).unwrap());
        Measure::Uptime(Uptime { min_outage, whole_minutes })
    };
    let short = told_of(240, |line| line.terms.measure = uptime(Some("5m"), false));
    said(
        &short,
        "14 October, 14:00 to 14:04: shorter than 5\u{a0}min, so it does not count. | 0 min",
    );
    let cut = told_of(90, |line| line.terms.measure = uptime(None, true));
    said(
        &cut,
        "14 October, 14:00 to 14:01:30: 30 s are less than a whole minute; 1 min count. | 1 min",
    );
    let unseen = told_of(120, |line| {
        let from = parse_instant("2026-10-14T12:01:00Z").unwrap();
        line.evidence.unknown = vec![Unknown { from, to: from + chrono::Duration::hours(1) }];
    });
    said(
        &unseen,
        "14 October, 14:00 to 14:02: 1 min were observed by nobody; 1 min count. | 1 min",
    );
    let late = told_of(3_600, |line| {
        let to = parse_instant("2026-10-14T12:30:00Z").unwrap();
        line.active = Some(Active { from: None, to: Some(to) });
    });
    said(
        &late,
        "14 October, 14:00 to 15:00: 30 min lie outside of the window, the contract or the service \
         hours; 30 min count. | 30 min",
    );
}

#[test]
fn what_is_compared_and_what_is_rounded_is_told() {
    let has = |told: &[String], what: &str| assert!(told.iter().any(|s| s == what), "{told:#?}");
    let met = told_of(60, |_| {});
    has(&met, "It is not below the objective: met. | 99.9\u{202f}%");
    let uneven = told_of(7_200, |line| line.fee = Decimal::parse("100.05").unwrap());
    has(&uneven, "Rounded to the currency's unit, halves up. | €25.01");
    let even = told_of(7_200, |_| {});
    assert!(even.iter().all(|step| !step.starts_with("Rounded")), "{even:#?}");
}

#[test]
fn law_3_the_allowance_left_is_exact_and_never_flattering() {
    let case = case();
    let end = distance(&case, parse_instant("2026-11-02T00:00:00Z").unwrap()).unwrap();
    let line = end[0].as_ref().unwrap();
    assert_eq!(minutes(&line.objective.allowed), "44.69");
    assert_eq!(minutes(&line.objective.left), "−6.31");
    assert_eq!(minutes(&line.internal.as_ref().unwrap().left), "−28.66");
    let days = &line.objective.by_day;
    assert_eq!(days.len(), 31);
    let day = |number: u32| NaiveDate::from_ymd_opt(2026, 10, number).unwrap();
    assert_eq!((days[12].0, minutes(&days[12].1).as_str()), (day(13), "44.69"));
    assert_eq!((days[13].0, minutes(&days[13].1).as_str()), (day(14), "−6.31"));

    let within = distance(&case, parse_instant("2026-10-14T01:30:00Z").unwrap()).unwrap();
    let within = &within[0].as_ref().unwrap().objective;
    assert_eq!(minutes(&within.left), "26.69");
    assert_eq!(within.by_day.len(), 14);
}
