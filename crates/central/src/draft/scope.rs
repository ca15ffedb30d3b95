//! What is unwise about the scope of a draft's lines, held against what sources deliver by now.

use super::look::Finding;
use crate::{
    import::document::{Document, Line},
    store::{
        Store,
        part::{self, Part},
    },
};
use makegood_domain::{
    Problem,
    scope::{Selection, SliScope, covers},
};
use std::collections::BTreeSet;

/// Looks at every line's scope.
pub(super) async fn findings(store: &Store, document: &Document) -> Result<Vec<Finding>, Problem> {
    let mut conn = store.reading().await?;
    let mut found = Vec::new();
    for (at, contract) in document.contracts.iter().enumerate() {
        for (version_at, version) in contract.versions.iter().enumerate() {
            for (line_at, line) in version.lines.iter().enumerate() {
                let named = &line.series;
                let parts = part::of_service(&mut conn, &named.source, &named.service).await?;
                let path = format!("contracts[{at}].versions[{version_at}].lines[{line_at}].scope");
                found.extend(of_line(line, &parts, &path));
            }
        }
    }
    Ok(found)
}

fn of_line(line: &Line, parts: &[Part], path: &str) -> Vec<Finding> {
    let Some(scope) = &line.scope else {
        if parts.is_empty() {
            return Vec::new();
        }
        let why = "the source tells of this service by path or region; without a scope the line \
                   reads only what is told of the service as a whole";
        return vec![warning(
            path,
            "scope_missing",
            why,
            "a scope, with empty lists for all parts",
        )];
    };
    let mut found = Vec::new();
    for (list, selection) in [("paths", &scope.paths), ("regions", &scope.regions)] {
        found.extend(of_lists(selection, &format!("{path}.{list}")));
    }
    found.extend(of_selected(scope, line, parts, path));
    found
}

fn of_lists(selection: &Selection, path: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, name) in selection.include.iter().enumerate() {
        if selection.exclude.iter().any(|wider| covers(wider, name)) {
            let why = format!("{name} is wholly excluded, and exclude wins");
            let path = format!("{path}.include[{at}]");
            found.push(Finding {
                severity: "error".to_owned(),
                ..warning(&path, "scope_excluded", &why, "take it out of one of the lists")
            });
        }
    }
    for (side, names) in [("include", &selection.include), ("exclude", &selection.exclude)] {
        for (at, name) in names.iter().enumerate() {
            if let Some(wider) = names.iter().find(|wider| *wider != name && covers(wider, name)) {
                let why = format!("{wider} holds {name} already");
                let path = format!("{path}.{side}[{at}]");
                found.push(warning(&path, "scope_overlap", &why, "leave one of them"));
            }
        }
    }
    found
}

fn of_selected(scope: &SliScope, line: &Line, parts: &[Part], path: &str) -> Vec<Finding> {
    let selected: Vec<&Part> =
        parts.iter().filter(|part| scope.selects(&part.path, &part.region)).collect();
    if selected.is_empty() {
        let why = "no part that the source tells of is selected by now; until one is, the line is \
                   unknown";
        return vec![warning(path, "scope_selects_nothing", why, "")];
    }
    let cut = |part: &&Part| (part.path.is_empty(), part.region.is_empty());
    let cuts: BTreeSet<(bool, bool)> = selected.iter().map(cut).collect();
    if cuts.len() < 2 || line.terms["measure"].get("uptime").is_some() {
        return Vec::new();
    }
    let why = "some of the selected parts are told by path, some by region: what is counted in both \
               counts twice";
    vec![Finding {
        severity: "error".to_owned(),
        ..warning(path, "scope_counts_twice", why, "include paths, or regions, of one kind alone")
    }]
}

fn warning(path: &str, code: &str, why: &str, instead: &str) -> Finding {
    Finding {
        path: path.to_owned(),
        code: code.to_owned(),
        severity: "warning".to_owned(),
        why: why.to_owned(),
        instead: instead.to_owned(),
    }
}
