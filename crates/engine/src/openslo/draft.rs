//! A draft: an SLA line as far as OpenSLO tells of it, before it belongs to a contract.

use super::document::Named;
use super::fields::Place;
use super::left_out::LeftOut;
use super::sli::{self, GoodWhen, Indicator, Metric, OP};
use super::yaml::Node;
use crate::build::Build;
use crate::case::Case;
use crate::json::Json;
use crate::measures::Comparison;
use crate::reader::{self, Object, word_of};
use crate::refusal::Refusal;
use crate::terms::Terms;

/// An SLA line without a contract and without evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// What it is about: OpenSLO's service.
    pub service: String,
    /// What was promised.
    pub terms: Terms,
    /// How a source is asked, where anybody says it.
    pub indicator: Option<Indicator>,
}

impl Draft {
    /// The draft as a tree; the indicator stands in it as in OpenSLO.
    #[must_use]
    pub fn to_tree(&self) -> Json {
        let good_when = self.good_when().map(|good| {
            Build::default().text("op", word_of(&good.is, &OP)).text("value", &good.than).object()
        });
        Build::default()
            .text("name", &self.name)
            .text("service", &self.service)
            .put("terms", self.terms.to_tree())
            .maybe("indicator", self.indicator.as_ref().map(sli::write))
            .maybe("good_when", good_when)
            .object()
    }

    /// Reads a draft from a tree.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn from_tree(json: &Json) -> Result<Self, Refusal> {
        let keys = ["name", "service", "terms", "indicator", "good_when"];
        let object = Object::read(json, "", &keys)?;
        let mut indicator = object.get("indicator").map(indicator).transpose()?;
        let good_when = object.get("good_when").map(good_when).transpose()?;
        if let Some(good_when) = good_when {
            match indicator.as_mut().map(|indicator| &mut indicator.metric) {
                Some(Metric::Threshold { good_when: place, .. }) => *place = Some(good_when),
                _ => return Err(object.refuse("good_when", "may stand only with thresholdMetric")),
            }
        }
        Ok(Self {
            name: object.required("name", reader::owned_text)?,
            service: object.required("service", reader::owned_text)?,
            terms: Terms::read(object.need("terms")?, "terms")?,
            indicator,
        })
    }

    /// Reads a file of drafts, of cases or of terms: one of them, or an array. Of a case, each line
    /// is a draft of the service `name`; terms alone bear that name themselves.
    ///
    /// # Errors
    /// The first rule that the file breaks.
    pub fn parse_file(bytes: &[u8], name: &str) -> Result<(Vec<Self>, Vec<LeftOut>), Refusal> {
        let file = Json::parse(bytes)?;
        let (mut drafts, mut left_out) = (Vec::new(), Vec::new());
        for json in Case::trees(&file) {
            if json.get("format").is_some() {
                let case = Case::from_tree(json)?;
                left_out.extend(of_contract(json, drafts.len()));
                drafts.extend(case.lines.into_iter().map(|line| Self {
                    name: line.sla,
                    service: name.to_owned(),
                    terms: line.terms,
                    indicator: None,
                }));
            } else if json.get("terms").is_some() {
                drafts.push(Self::from_tree(json)?);
            } else {
                let (name, service) = (name.to_owned(), name.to_owned());
                let terms = Terms::from_tree(json)?;
                drafts.push(Self { name, service, terms, indicator: None });
            }
        }
        Ok((drafts, left_out))
    }

    /// When a value of the indicator is good, where the measure does not say it.
    pub(super) fn good_when(&self) -> Option<&GoodWhen> {
        match &self.indicator.as_ref()?.metric {
            Metric::Threshold { good_when, .. } => good_when.as_ref(),
            _ => None,
        }
    }
}

/// What of a case's contract is no term of any line. `first` is the number of its first draft.
fn of_contract(case: &Json, first: usize) -> Vec<LeftOut> {
    let of_contract = [
        ("currency", "it belongs to the contract: amounts in the terms are in it"),
        ("combine", "it belongs to the contract, not to one of its lines"),
        ("cap", "it belongs to the contract, not to one of its lines"),
    ];
    let left = |(key, why): (&str, &'static str)| {
        let json = case.get("contract")?.get(key)?;
        let what = match json {
            Json::Text(text) => text.clone(),
            other => super::left_out::short(&other.compact()),
        };
        Some(LeftOut { path: format!("lines[{first}].contract.{key}"), line: None, what, why })
    };
    of_contract.into_iter().filter_map(left).collect()
}

fn indicator(json: &Json) -> Result<Indicator, Refusal> {
    let node = Node::of(json);
    let mut left_out = Vec::new();
    let place = Place::new(&node, "indicator");
    let indicator = sli::inline(&place, &mut Named::none(), &mut left_out)?;
    match left_out.into_iter().next() {
        None => Ok(indicator),
        Some(left) => Err(Refusal::new(left.path, "this key is not known")),
    }
}

fn good_when(json: &Json) -> Result<GoodWhen, Refusal> {
    let object = Object::read(json, "good_when", &["op", "value"])?;
    let is: Comparison = object.required_word("op", &OP)?;
    Ok(GoodWhen { is, than: object.required("value", reader::signed_decimal)? })
}

/// A name as OpenSLO wants it (RFC 1123): at most 63 lower-case letters, digits and dashes, none of
/// which stands at an end.
pub(super) fn slug(text: &str) -> String {
    const MOST: usize = 63;
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if slug.len() >= MOST {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "sla".to_owned() } else { slug.to_owned() }
}
