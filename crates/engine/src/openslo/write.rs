//! Writing OpenSLO: a document for each SLA line, and one for each service that needs a name.

use super::annotation;
use super::beyond;
use super::budgeting_method::{METHOD, Said};
use super::document::API_VERSION;
use super::draft::{Draft, slug};
use super::left_out::LeftOut;
use super::sli::Metric;
use super::{Edition, Writing, objective, sli, time_window, yaml};
use crate::build::Build;
use crate::json::Json;
use crate::reader::word_of;
use std::collections::{BTreeMap, BTreeSet};

/// As [`super::write()`].
pub(super) fn write(drafts: &[Draft], edition: Edition) -> Writing {
    let (mut names, mut service_names) = (BTreeSet::new(), BTreeSet::new());
    let mut services: BTreeMap<&str, String> = BTreeMap::new();
    let (mut documents, mut objectives) = (Vec::new(), Vec::new());
    let mut left_out = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let service = services.entry(&draft.service).or_insert_with(|| {
            let name = unused(&draft.service, &mut service_names);
            if name != draft.service {
                documents.push(document("Service", &name, &draft.service, None, None));
            }
            name
        });
        let name = unused(&draft.name, &mut names);
        let path = format!("lines[{index}]");
        let draft = match edition {
            Edition::House if unbounded(draft) => {
                left_out.extend(indicator(
                    draft,
                    &path,
                    "nobody says when one of its values is good",
                ));
                Draft { indicator: None, ..draft.clone() }
            }
            Edition::House => draft.clone(),
            Edition::Customer => {
                left_out.extend(withheld(draft, &path));
                Draft { terms: draft.terms.customer_edition(), indicator: None, ..draft.clone() }
            }
        };
        left_out.extend(beyond::terms(&draft.terms, &format!("{path}.terms")));
        let (annotations, spec) = (annotation::write(&draft.terms), spec(&draft, &name, service));
        objectives.push(document("SLO", &name, &draft.name, Some(annotations), Some(spec)));
    }
    documents.extend(objectives);
    Writing { yaml: yaml::write(&documents), left_out }
}

/// Whether the values of its indicator are good or bad by nobody's word.
fn unbounded(draft: &Draft) -> bool {
    let metric = draft.indicator.as_ref().map(|indicator| &indicator.metric);
    matches!(metric, Some(Metric::Threshold { good_when: None, .. }))
        && Said::of(&draft.terms.measure).good_when.is_none()
}

/// What a customer is not shown.
fn withheld(draft: &Draft, path: &str) -> impl Iterator<Item = LeftOut> {
    let why = "it does not leave the house";
    let internal = draft.terms.internal_objective.as_ref().map(|objective| LeftOut {
        path: format!("{path}.terms.internal_objective"),
        line: None,
        what: objective.to_string(),
        why,
    });
    internal.into_iter().chain(indicator(draft, path, why))
}

/// That the draft's indicator is not written, if it has one.
fn indicator(draft: &Draft, path: &str, why: &'static str) -> Option<LeftOut> {
    let what = draft.indicator.as_ref()?.name.clone();
    Some(LeftOut { path: format!("{path}.indicator"), line: None, what, why })
}

fn spec(draft: &Draft, name: &str, service: &str) -> Json {
    let said = Said::of(&draft.terms.measure);
    let build = Build::default().text("service", service);
    let build = match &draft.indicator {
        Some(indicator) => build.put("indicator", sli::write(indicator)),
        // OpenSLO wants an indicator; where there is none to show, there is a name for one.
        None => build.text("indicatorRef", name),
    };
    let objective = objective::write(&draft.terms.objective, &said, draft.good_when());
    build
        .put("timeWindow", time_window::write(&draft.terms.window))
        .text("budgetingMethod", word_of(&said.method, &METHOD))
        .put("objectives", Json::List(vec![objective]))
        .object()
}

fn document(
    kind: &str,
    name: &str,
    display: &str,
    annotations: Option<Json>,
    spec: Option<Json>,
) -> Json {
    let metadata = Build::default().text("name", name).text("displayName", display);
    Build::default()
        .text("apiVersion", API_VERSION)
        .text("kind", kind)
        .put("metadata", metadata.maybe("annotations", annotations).object())
        .put("spec", spec.unwrap_or(Json::Object(Vec::new())))
        .object()
}

/// The name of this text, with a number where an earlier one bears it.
fn unused(text: &str, names: &mut BTreeSet<String>) -> String {
    let base = slug(text);
    let mut name = base.clone();
    let mut number = 1_u64;
    while !names.insert(name.clone()) {
        number += 1;
        let end = format!("-{number}");
        let cut = base.len().min(63 - end.len());
        name = format!("{}{end}", base[..cut].trim_end_matches('-'));
    }
    name
}
