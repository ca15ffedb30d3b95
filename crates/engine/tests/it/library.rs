//! The library of terms: every template is in order, and its cases exercise its whole table.

use makegood_engine::check::check;
use makegood_engine::credits::Award;
use makegood_engine::library::{TEMPLATES, template};
use makegood_engine::{Case, Terms, compute};
use std::collections::BTreeSet;
use std::fs;

fn cases(id: &str) -> Vec<Case> {
    template(id).unwrap().cases().unwrap_or_else(|refusal| panic!("{id}: {refusal}"))
}

#[test]
fn every_file_of_the_folder_is_in_the_list_once() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/library");
    let name = |entry: fs::DirEntry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect();
    let listed: BTreeSet<String> = TEMPLATES.iter().map(|one| one.id.to_owned()).collect();
    assert_eq!(files, listed);
    assert_eq!(listed.len(), TEMPLATES.len());
}

/// The expected figures were worked out apart from this engine, with another reading of the format.
#[test]
fn law_1_every_case_computes_to_what_it_states() {
    for one in TEMPLATES {
        for case in cases(one.id) {
            let id = case.id.clone().unwrap();
            assert!(id.starts_with(&format!("{}/", one.id)), "{id}");
            assert!(case.result.is_some(), "{id} states nothing");
            assert!(check(&case).passed(), "{id}: {:?}", check(&case));
        }
    }
}

#[test]
fn every_tier_pays_somewhere_and_somewhere_nothing_is_owed() {
    for one in TEMPLATES {
        let cases = cases(one.id);
        let computed: Vec<_> = cases.iter().map(|case| compute(case).unwrap()).collect();
        let credit = cases[0].lines[0].terms.credit.as_ref().unwrap();
        if let Award::Tiers(tiers) = &credit.award {
            let paying: BTreeSet<usize> =
                computed.iter().filter_map(|c| c.lines[0].paid.tier()).collect();
            assert_eq!(paying.len(), tiers.len(), "{}", one.id);
        }
        let met = |c: &makegood_engine::Computed| c.result.lines[0].met == Some(true);
        assert!(computed.iter().any(met), "{}: no case meets the objective", one.id);
        assert!(computed.iter().any(|c| c.result.credit != "0.00"), "{} never pays", one.id);
        let capped = computed.iter().any(|c| c.lines[0].paid.capped.iter().any(|cap| cap.lowered));
        if matches!(credit.award, Award::Prorata(_) | Award::Per(_)) && credit.caps.len() == 1 {
            assert!(capped, "{}: its cap is never reached", one.id);
        }
    }
}

#[test]
fn terms_are_the_same_in_all_cases_of_a_template_and_read_back() {
    for one in TEMPLATES {
        let terms = one.terms().unwrap();
        assert!(cases(one.id).iter().all(|case| case.lines[0].terms == terms), "{}", one.id);
        assert_eq!(Terms::parse(&terms.to_json()).unwrap(), terms, "{}", one.id);
        assert!(!one.title().unwrap().is_empty());
        assert!(one.left_out.iter().all(|text| text.ends_with('.')), "{}", one.id);
    }
}

#[test]
fn every_published_table_that_was_seen_has_a_template() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/published-slas.json");
    let published: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let records = published["records"].as_array().unwrap();
    let seen = records.iter().filter(|record| record["tiers_confidence"] == "seen");
    let missing: Vec<&str> = seen
        .map(|record| record["id"].as_str().unwrap())
        .filter(|id| template(id).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
