//! The documents of a text: which kinds are read, and what SLOs refer to by name.

use super::fields::{Fields, Place};
use super::left_out::{LeftOut, why_kind};
use super::yaml::Node;
use crate::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const API_VERSION: &str = "openslo/v1";

/// The version as some tools write it.
const OTHER_API_VERSION: &str = "openslo.com/v1";

const KINDS: [&str; 4] = ["SLO", "SLI", "DataSource", "Service"];

/// A document of a kind that is read.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) place: Place<'a>,
    pub(super) kind: &'a str,
    /// `metadata.name`.
    pub(super) name: String,
    /// `metadata`, but for the name.
    pub(super) metadata: Fields<'a>,
    pub(super) spec: Fields<'a>,
    /// What else stands at the top.
    pub(super) rest: Fields<'a>,
}

/// The documents that are read, in order; others are listed.
pub(super) fn sort<'a>(
    nodes: &'a [Node],
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Document<'a>>, Refusal> {
    let mut documents = Vec::new();
    let mut names = BTreeSet::new();
    for (index, node) in nodes.iter().enumerate() {
        if node.is_null() {
            continue;
        }
        let place = Place::new(node, format!("documents[{index}]"));
        let Some(document) = read(place, left_out)? else { continue };
        if !names.insert((document.kind, document.name.clone())) {
            let message = format!("another {} here has this name, too", document.kind);
            return Err(document.metadata.refuse("name", message));
        }
        documents.push(document);
    }
    Ok(documents)
}

fn read<'a>(
    place: Place<'a>,
    left_out: &mut Vec<LeftOut>,
) -> Result<Option<Document<'a>>, Refusal> {
    let mut rest = place.fields()?;
    let version = rest.need("apiVersion")?;
    match version.text()? {
        API_VERSION | OTHER_API_VERSION => {}
        other if other.starts_with("openslo") => {
            let message = format!("{other:.40?} is not read here; convert it to {API_VERSION}");
            return Err(version.refuse(message));
        }
        _ => {
            left_out.push(place.left("it is no document of OpenSLO"));
            return Ok(None);
        }
    }
    let kind = rest.need("kind")?.text()?;
    if !KINDS.contains(&kind) {
        let entry = place.left(why_kind(kind));
        left_out.push(LeftOut { what: format!("kind {kind:.40}"), ..entry });
        return Ok(None);
    }
    let mut metadata = rest.need("metadata")?.fields()?;
    let name = metadata.need("name")?.owned_text()?;
    let spec = match rest.take("spec") {
        Some(spec) => spec.fields()?,
        None if kind == "Service" => Fields::none(&place),
        None => return Err(rest.refuse("spec", "this key is required and missing")),
    };
    Ok(Some(Document { place, kind, name, metadata, spec, rest }))
}

/// What SLOs refer to by name.
#[derive(Debug)]
pub(super) struct Named<T>(BTreeMap<String, Entry<T>>);

#[derive(Debug)]
struct Entry<T> {
    value: T,
    used: bool,
    whole: LeftOut,
    rest: Vec<LeftOut>,
}

impl<T> Named<T> {
    pub(super) fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// All documents of this kind, each read by `read`.
    pub(super) fn of<'a>(
        kind: &str,
        documents: &mut Vec<Document<'a>>,
        mut read: impl FnMut(&mut Document<'a>, &mut Vec<LeftOut>) -> Result<T, Refusal>,
    ) -> Result<Self, Refusal> {
        let mut named = Self::none();
        for mut document in documents.extract_if(.., |document| document.kind == kind) {
            let mut rest = Vec::new();
            let value = read(&mut document, &mut rest)?;
            let whole = document.place.left("no SLO here refers to it");
            let whole = LeftOut { what: format!("{kind} {:.60}", document.name), ..whole };
            for fields in [document.metadata, document.spec, document.rest] {
                rest.extend(fields.rest());
            }
            named.0.insert(document.name, Entry { value, used: false, whole, rest });
        }
        Ok(named)
    }

    /// The one of this name; from now on it is used.
    pub(super) fn find(&mut self, name: &str) -> Option<&T> {
        let entry = self.0.get_mut(name)?;
        entry.used = true;
        Some(&entry.value)
    }

    /// Of what was used, what was left; else that it was not used.
    pub(super) fn rest(self) -> impl Iterator<Item = LeftOut> {
        let rest = |entry: Entry<T>| if entry.used { entry.rest } else { vec![entry.whole] };
        self.0.into_values().flat_map(rest)
    }
}
