//! What is written for whom, and what OpenSLO can't say.

use super::{draft, shared_terms};
use makegood_engine::openslo::{
    Draft, Edition, GoodWhen, Indicator, Metric, MetricSource, Part, Writing, read, write,
};
use makegood_engine::{Terms, decimal::Decimal, json::Json, measures::Comparison};

fn terms(text: &str) -> Terms {
    Terms::parse(text).unwrap()
}

fn source(kind: &str) -> MetricSource {
    let spec =
        Json::parse(br#"{"query": "no: 1e3 # y\n'\"", "on": [1, null, {"a": true}], "e": {}}"#);
    MetricSource {
        reference: Some("metrics".to_owned()),
        kind: Some(kind.to_owned()),
        spec: spec.unwrap(),
    }
}

fn threshold(good_when: Option<GoodWhen>) -> Metric {
    Metric::Threshold { source: source("Prometheus"), good_when }
}

fn indicator(metric: Metric) -> Option<Indicator> {
    Some(Indicator { name: "secret series".to_owned(), metric })
}

const FULL: &str = r#"{
    "objective": "99.90", "internal_objective": "99.95",
    "window": {"calendar": "quarter", "year_starts_in": 5, "time_zone": "Europe/Zurich"},
    "measure": {"slots": {"slot": "20s", "bad_when": {"metric": "error_percent", "is": ">=", "than": "5"},
        "min_requests": 340282366920938463463374607431768211455, "min_run": 3, "idle": "removed"}},
    "service_hours": [{"days": ["mon"], "from": "08:00", "to": "18:00"}], "holidays": ["2026-12-25"],
    "exclusions": {"planned_maintenance": {"treatment": "removed"}},
    "no_data": "down", "partial_period": "up", "objective_is": "above",
    "round_attainment": {"decimals": 2, "mode": "floor"},
    "credit": {"tiers": [{"below": "99.90", "percent": "10"}]}}"#;

#[test]
fn the_golden_document_of_full_terms() {
    let written = write(&[draft("Störungsfreie API", terms(FULL))], Edition::House);
    let left: String = written.left_out.iter().map(|left| format!("# {left}\n")).collect();
    let said = written.yaml + &left;
    assert!(said == include_str!("full.golden"), "what was written is not the golden:\n{said}");
}

#[test]
fn law_11_the_customer_edition_holds_nothing_of_the_house() {
    let raw = Metric::Raw { part_is: Part::Good, source: source("Prometheus") };
    let draft = Draft { indicator: indicator(raw), ..draft("API", terms(FULL)) };
    let Writing { yaml, left_out } = write(std::slice::from_ref(&draft), Edition::Customer);
    for word in ["internal", "99.95", "secret series", "metrics", "Prometheus", "query"] {
        assert!(!yaml.contains(word), "{word} stands in\n{yaml}");
    }
    for path in ["lines[0].terms.internal_objective", "lines[0].indicator"] {
        let left = left_out.iter().find(|left| left.path == path).unwrap();
        assert_eq!(left.why, "it does not leave the house");
    }
    let house = write(&[draft], Edition::House).yaml;
    assert!(house.contains("internal_objective") && house.contains("secret series"), "{house}");
}

#[test]
fn names_that_openslo_would_not_take_stand_in_display_names() {
    let simple =
        r#"{"objective": "99.9", "window": {"calendar": "month"}, "measure": {"uptime": {}}}"#;
    let long = "A very long name that nobody would give to anything, and yet somebody did: ";
    let names =
        ["API", "api", "Api", "—", "", long, long, "no", "1e3", ": x", "# y", "a\nb", " a "];
    let mut drafts: Vec<Draft> = names.iter().map(|name| draft(name, terms(simple))).collect();
    drafts[1].service = "service-of-all".to_owned();
    drafts[2].service = "plain".to_owned();
    let yaml = write(&drafts, Edition::Customer).yaml;
    assert_eq!(read(&yaml).unwrap().drafts, drafts);
    assert_eq!(yaml.matches("kind: Service\n").count(), 1 + 1, "{yaml}");
    let names: Vec<&str> = yaml.lines().filter_map(|line| line.strip_prefix("  name: ")).collect();
    for name in &names {
        let bare = name.trim_matches('\'');
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(bare.len() <= 63 && bare.chars().all(plain), "{name}");
        assert!(!bare.starts_with('-') && !bare.ends_with('-'), "{name}");
    }
    assert!(names.contains(&"api") && names.contains(&"api-2") && names.contains(&"api-3"));
}

#[test]
fn text_that_some_reader_takes_for_something_else_stands_in_quotation_marks() {
    let simple =
        r#"{"objective": "99.9", "window": {"calendar": "month"}, "measure": {"uptime": {}}}"#;
    for name in [
        "no",
        "No",
        "y",
        "N",
        "on",
        "OFF",
        "null",
        "~",
        "True",
        "1e3",
        "0x1F",
        "1:30",
        ".5",
        "-",
        "2026-01-01",
        ": x",
        "# y",
        "a #b",
        "a: b",
        "=",
        "<<",
        "!a",
        "*a",
        "&a",
        "%a",
        "@a",
        "a,b",
        "[a]",
        "{a}",
        "'a",
        "\"a",
        "a ",
        " a",
        "a\nb",
        "a\tb",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "---",
    ] {
        let draft = draft(name, terms(simple));
        let yaml = write(std::slice::from_ref(&draft), Edition::House).yaml;
        let written =
            yaml.lines().filter_map(|line| line.strip_prefix("  displayName: ")).next_back();
        let written = written.unwrap();
        assert!(written.starts_with(['\'', '"']), "{name}: {written}");
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
        assert!(!written.contains(breaks), "{name}: {written}");
        assert_eq!(read(&yaml).unwrap().drafts, [draft]);
    }
}

#[test]
fn every_kind_of_indicator_comes_back() {
    let good_when =
        GoodWhen { is: Comparison::LessOrEqual, than: Decimal::parse_signed("-0.50").unwrap() };
    let (part, total) = (source("Good"), source("Total"));
    let metrics = [
        threshold(Some(good_when)),
        Metric::Raw { part_is: Part::Bad, source: source("Raw") },
        Metric::Ratio {
            counter: Some(false),
            part_is: Part::Good,
            part: part.clone(),
            total: total.clone(),
        },
        Metric::Ratio { counter: None, part_is: Part::Bad, part, total },
    ];
    let drafts: Vec<Draft> = metrics
        .into_iter()
        .enumerate()
        .map(|(i, metric)| Draft {
            indicator: indicator(metric),
            ..draft(&i.to_string(), terms(FULL))
        })
        .collect();
    let written = write(&drafts, Edition::House);
    assert_eq!(read(&written.yaml).unwrap().drafts, drafts);
    let trees = Json::List(drafts.iter().map(Draft::to_tree).collect());
    let read = Draft::parse_file(trees.pretty().as_bytes(), "unused").unwrap();
    assert_eq!(read, (drafts, Vec::new()));
}

#[test]
fn a_threshold_without_a_bound_is_listed_not_written() {
    let draft = Draft { indicator: indicator(threshold(None)), ..draft("API", terms(FULL)) };
    let written = write(std::slice::from_ref(&draft), Edition::House);
    let left = written.left_out.iter().find(|left| left.path == "lines[0].indicator").unwrap();
    assert_eq!(left.why, "nobody says when one of its values is good");
    let back = read(&written.yaml).unwrap().drafts;
    assert_eq!(back, [Draft { indicator: None, ..draft }]);
}

#[test]
fn cases_and_bare_terms_are_drafts_too() {
    let file = Json::List(shared_terms().iter().map(Terms::to_tree).collect()).pretty();
    let (drafts, left_out) = Draft::parse_file(file.as_bytes(), "shop").unwrap();
    assert_eq!(drafts.len(), shared_terms().len());
    assert!(drafts.iter().all(|draft| draft.name == "shop" && draft.service == "shop"));
    assert_eq!(left_out, []);
    let case = r#"{"format": "makegood/case/1", "period": "2026-10",
        "contract": {"currency": "CHF", "combine": "highest", "cap": {"percent": "50"}},
        "lines": [{"sla": "API", "fee": "10.00", "evidence": {"outages": []}, "terms":
            {"objective": "99.9", "window": {"calendar": "month"}, "measure": {"uptime": {}}}}]}"#;
    let (drafts, left_out) = Draft::parse_file(case.as_bytes(), "shop").unwrap();
    assert_eq!((drafts[0].name.as_str(), drafts[0].service.as_str()), ("API", "shop"));
    let paths: Vec<&str> = left_out.iter().map(|left| left.path.as_str()).collect();
    let of_contract =
        ["lines[0].contract.currency", "lines[0].contract.combine", "lines[0].contract.cap"];
    assert_eq!(paths, of_contract);
    let refused = Draft::parse_file(br#"{"terms": {}, "name": "a", "service": "b"}"#, "x");
    assert_eq!(refused.unwrap_err().path, "terms.objective");
}
