//! Every finding has terms that show it, and the same terms mended that don't.

use makegood_engine::lint::{self, Finding};
use makegood_engine::{Case, Terms};
use std::collections::BTreeSet;

/// Terms that nobody has anything to say about.
const BASE: &str = r#"{"objective":"99.9","internal_objective":"99.95","window":{"calendar":"month"},"measure":{"uptime":{}},"exclusions":{"planned_maintenance":{"treatment":"up","min_notice":"48h","cap":"8h","cap_per":"window"}},"credit":{"tiers":[{"below":"99.9","percent":"10"},{"below":"99.0","percent":"25"}],"cap":{"percent":"25"}}}"#;

const SLOTS: (&str, &str) = (
    r#""uptime":{}"#,
    r#""slots":{"slot":"5m","bad_when":{"metric":"error_percent","is":">","than":"5"}}"#,
);

/// A code, where it is found, and what has to be changed in [`BASE`] to find it there.
type Example = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const EXAMPLES: [Example; 29] = [
    ("no_buffer", "internal_objective", &[SLOTS, ("99.95", "99.901")]),
    ("no_buffer", "internal_objective", &[("99.95", "99.90001")]),
    ("too_coarse", "objective", &[("{}}", r#"{"min_outage":"1h"}}"#), ("99.95", "99.951")]),
    ("too_coarse", "internal_objective", &[SLOTS, ("99.95", "99.999")]),
    (
        "too_coarse",
        "credit.tiers[0].below",
        &[
            SLOTS,
            (r#""internal_objective":"99.95","#, ""),
            (r#""objective":"99.9""#, r#""objective":"99.999""#),
            (r#"below":"99.9""#, r#"below":"99.999""#),
        ],
    ),
    (
        "rounded_up",
        "round_attainment",
        &[(
            r#","exclusions"#,
            r#","round_attainment":{"decimals":2,"mode":"half_up"},"exclusions"#,
        )],
    ),
    (
        "lost_decimals",
        "internal_objective",
        &[(r#","exclusions"#, r#","round_attainment":{"decimals":1,"mode":"floor"},"exclusions"#)],
    ),
    ("never_holds", "credit.tiers[1]", &[(r#"below":"99.0""#, r#"below":"0""#)]),
    ("never_holds", "credit.tiers[1]", &[(r#"below":"99.0""#, r#"downtime_over":"31d""#)]),
    ("never_pays", "credit.tiers[1]", &[(r#"percent":"10""#, r#"percent":"25""#)]),
    ("pays_less", "credit.tiers[1]", &[(r#"percent":"25"}]"#, r#"percent":"5"}]"#)]),
    (
        "pays_less",
        "credit.tiers[1]",
        &[
            (r#"below":"99.9""#, r#"downtime_over":"1h""#),
            (r#"below":"99.0","percent":"25""#, r#"downtime_at_least":"2h","percent":"5""#),
        ],
    ),
    ("twice", "credit.tiers[1]", &[(r#"below":"99.0""#, r#"below":"99.9""#)]),
    ("pays_when_met", "credit.tiers[0]", &[(r#"below":"99.9""#, r#"below":"99.92""#)]),
    ("free_miss", "credit.tiers", &[(r#"below":"99.9""#, r#"below":"99.5""#)]),
    ("more_days_than_window", "credit.tiers[1]", &[(r#""percent":"25"}]"#, r#""days":30}]"#)]),
    ("cap_of_nothing", "credit.cap", &[(r#"cap":{"percent":"25"}"#, r#"cap":{"percent":"0"}"#)]),
    (
        "cap_below_first_tier",
        "credit.cap",
        &[(r#"cap":{"percent":"25"}"#, r#"cap":{"percent":"5"}"#)],
    ),
    (
        "cap_below_tier",
        "credit.cap[1]",
        &[(r#"cap":{"percent":"25"}"#, r#"cap":[{"percent":"25"},{"percent":"15"}]"#)],
    ),
    (
        "no_cap",
        "credit",
        &[(
            r#""tiers":[{"below":"99.9","percent":"10"},{"below":"99.0","percent":"25"}],"cap":{"percent":"25"}"#,
            r#""prorata":{"multiple":"10","of":"downtime"}"#,
        )],
    ),
    (
        "no_cap",
        "credit",
        &[(
            r#""tiers":[{"below":"99.9","percent":"10"},{"below":"99.0","percent":"25"}],"cap":{"percent":"25"}"#,
            r#""per":{"every":"30m","percent":"5","count":"started"}"#,
        )],
    ),
    (
        "claim_without_end",
        "credit.claim",
        &[(r#","cap":{"percent":"25"}"#, r#","cap":{"percent":"25"},"claim":{"required":true}"#)],
    ),
    ("no_notice", "exclusions.planned_maintenance", &[(r#""min_notice":"48h","#, "")]),
    (
        "exclusion_without_cap",
        "exclusions.planned_maintenance",
        &[(r#","cap":"8h","cap_per":"window""#, "")],
    ),
    ("impossible_notice", "exclusions.force_majeure", &[("planned_maintenance", "force_majeure")]),
    ("cap_beyond_window", "exclusions.planned_maintenance", &[(r#""8h""#, r#""28d""#)]),
    (
        "flattering_total",
        "window.counted_as",
        &[(r#""calendar":"month""#, r#""calendar":"month","counted_as":"730h""#)],
    ),
    ("unseen_is_up", "no_data", &[(r#","exclusions"#, r#","no_data":"up","exclusions"#)]),
    (
        "inactive_is_up",
        "partial_period",
        &[(r#","exclusions"#, r#","partial_period":"up","exclusions"#)],
    ),
];

fn changed(changes: &[(&str, &str)]) -> Terms {
    let mut text = BASE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in {text}");
        text = text.replacen(from, to, 1);
    }
    Terms::parse(&text).unwrap_or_else(|refusal| panic!("{refusal}: {text}"))
}

fn said(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.code(), finding.path.as_str())).collect()
}

#[test]
fn terms_that_are_in_order_are_left_alone() {
    assert_eq!(lint::terms(&changed(&[])), []);
    assert_eq!(lint::terms(&changed(&[SLOTS])), []);
}

#[test]
fn each_example_shows_its_finding_and_nothing_else() {
    for (code, path, changes) in EXAMPLES {
        let found = lint::terms(&changed(changes));
        let said = said(&found);
        assert!(said.contains(&(code, path)), "{changes:?}: {said:?}");
        assert!(said.iter().all(|(other, _)| *other == code), "{changes:?}: {said:?}");
        // The figures stand in the words, and the words end where a sentence goes on.
        assert!(found[0].why().len() > 30 && !found[0].why().ends_with('.'), "{}", found[0].why());
        assert!(found[0].instead().len() > 5);
    }
}

#[test]
fn an_overlapping_window_and_slots_that_do_not_fit_a_day() {
    let rolling = changed(&[(r#""calendar":"month""#, r#""rolling":"28d""#)]);
    assert_eq!(said(&lint::terms(&rolling)), [("overlapping", "window.rolling")]);
    let uneven = changed(&[SLOTS, (r#""5m""#, r#""7m""#), ("99.95", "99.96")]);
    assert_eq!(said(&lint::terms(&uneven)), [("uneven_slots", "measure.slots.slot")]);
}

#[test]
fn the_words_name_the_figures() {
    let why = |place: usize| lint::terms(&changed(EXAMPLES[place].2))[0].why();
    assert_eq!(
        why(3),
        "the least that can count as bad is 5m, and after it attainment is 99.988799 %: nothing \
         between 100 and 99.999 % can be reached"
    );
    assert_eq!(why(5), "attainment from 99.895 % on is rounded up to 99.9 % and reads as met");
    assert_eq!(
        why(19),
        "a window that is wholly bad costs 1000 % of the fee, and nothing bounds it"
    );
    // 31 days are 1,488 half hours.
    assert_eq!(
        why(20),
        "a window that is wholly bad costs 7440 % of the fee, and nothing bounds it"
    );
    assert_eq!(
        why(26),
        "the shortest window has 672 h, and is reckoned as 730h: the same downtime weighs less \
         than it was"
    );
}

/// A case with two lines of these fees, and what holds for both.
fn case(fees: [&str; 2], contract: &str) -> Case {
    let line = |fee: &str| {
        format!(r#"{{"sla":"A","terms":{BASE},"evidence":{{"outages":[]}},"fee":"{fee}"}}"#)
    };
    let text = format!(
        r#"{{"format":"makegood/case/1","contract":{{"currency":"EUR"{contract}}},"period":"2026-10","lines":[{},{}]}}"#,
        line(fees[0]),
        line(fees[1])
    );
    Case::parse_file(text.as_bytes()).unwrap().remove(0)
}

#[test]
fn fees_and_the_contracts_caps_are_looked_at_in_a_case() {
    assert_eq!(lint::case(&case(["100.00", "10.00"], r#","cap":{"amount":"1.00"}"#)), []);
    let low = lint::case(&case(["100.00", "10.00"], r#","cap":{"amount":"0.99"}"#));
    assert_eq!(said(&low), [("cap_below_first_tier", "contract.cap")]);
    let none = lint::case(&case(["100.00", "10.00"], r#","cap":[{"percent":"0"},{"amount":"5"}]"#));
    assert_eq!(said(&none), [("cap_of_nothing", "contract.cap[0]")]);
    // 10 % of 10.00 is 1.00, which is not more than 1.00.
    let mut small = case(["100.00", "10.00"], "");
    let minimum = "1.00";
    for line in &mut small.lines {
        let credit = line.terms.credit.as_mut().unwrap();
        credit.minimum_over = Some(makegood_engine::decimal::Decimal::parse(minimum).unwrap());
    }
    let path = "lines[1].terms.credit.minimum_over";
    assert_eq!(said(&lint::case(&small)), [("minimum_above_tier", path)]);
}

#[test]
fn every_code_has_an_example() {
    let shown: BTreeSet<&str> = EXAMPLES.iter().map(|(code, _, _)| *code).collect();
    let elsewhere = ["overlapping", "uneven_slots", "minimum_above_tier"];
    let source = include_str!("../../src/lint/english.rs");
    let (table, _) = source.split_once("/// Why it matters.").unwrap();
    let codes: BTreeSet<&str> =
        table.split('"').skip(1).step_by(2).filter(|code| !code.contains(' ')).collect();
    assert_eq!(codes.len(), 26);
    let missing: Vec<_> =
        codes.iter().filter(|code| !shown.contains(*code) && !elsewhere.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
