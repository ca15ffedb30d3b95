//! Our terms in an SLO's annotations: the whole of them, where OpenSLO's own words end.

use super::budgeting_method::{METHOD, Method, Said};
use super::fields::{Fields, Place};
use super::left_out::LeftOut;
use super::objective::Objective;
use super::sli::OP;
use super::time_window::spoken;
use crate::build::Build;
use crate::case::FORMAT;
use crate::fraction::Fraction;
use crate::json::Json;
use crate::reader::word_of;
use crate::refusal::Refusal;
use crate::terms::Terms;
use crate::window::Window;

/// Holds the terms as compact JSON.
const TERMS: &str = "makegood/terms";

/// Names the format of which the terms are a part.
const FORMAT_OF_TERMS: &str = "makegood/format";

/// The annotations of these terms.
pub(super) fn write(terms: &Terms) -> Json {
    Build::default().text(FORMAT_OF_TERMS, FORMAT).text(TERMS, &terms.to_tree().compact()).object()
}

/// The terms that an SLO's annotations hold, if they do; other annotations are listed.
pub(super) fn take(
    metadata: &mut Fields,
    left_out: &mut Vec<LeftOut>,
) -> Result<Option<Terms>, Refusal> {
    let Some(annotations) = metadata.take("annotations") else { return Ok(None) };
    let mut annotations = annotations.fields()?;
    let (format, terms) = (annotations.take(FORMAT_OF_TERMS), annotations.take(TERMS));
    let others = annotations.rest().into_iter();
    left_out.extend(others.map(|left| LeftOut { why: "it is no annotation of ours", ..left }));
    if let Some(format) = format
        && format.text()? != FORMAT
    {
        let message = format!("these terms need another reader; this one reads {FORMAT:?}");
        return Err(format.refuse(message));
    }
    let Some(terms) = terms else { return Ok(None) };
    let read = Terms::parse(terms.text()?);
    read.map(Some).map_err(|refusal| {
        // The message of the terms, with the line of the document.
        let place = Place::new(terms.node, Refusal::new(refusal.path, "").within(&terms.path).path);
        place.refuse(refusal.message)
    })
}

/// What an SLO says beside its annotation: each with its place.
pub(super) struct Beside<'a, 'b> {
    pub(super) window: (&'b Window, &'b Place<'a>),
    pub(super) method: (Method, &'b Place<'a>),
    pub(super) objective: &'b Objective<'a>,
}

impl Beside<'_, '_> {
    /// Refuses an SLO that says otherwise than the terms of its annotation.
    pub(super) fn agrees(&self, terms: &Terms) -> Result<(), Refusal> {
        let (objective, expected) = (self.objective, Said::of(&terms.measure));
        if objective.target.ratio() != terms.objective.ratio() {
            return Err(contradiction(&objective.target_at, &terms.objective.to_string()));
        }
        let (window, at) = self.window;
        if spoken(window) != spoken(&terms.window) {
            let tree = terms.to_tree();
            return Err(contradiction(
                at,
                &tree.get("window").map(Json::compact).unwrap_or_default(),
            ));
        }
        let (method, at) = self.method;
        if method != expected.method {
            return Err(contradiction(at, word_of(&expected.method, &METHOD)));
        }
        let said = objective.said(method, expected.good_when.is_some())?;
        if said.window != expected.window {
            let seconds = expected.window.unwrap_or_default();
            return Err(contradiction(&objective.place, &format!("timeSliceWindow {seconds} s")));
        }
        if said.target != expected.target {
            let target = expected.target.map(|target| Fraction::new(target).decimal_or_fraction());
            let target = target.unwrap_or_default();
            return Err(contradiction(&objective.place, &format!("timeSliceTarget {target}")));
        }
        let value = |said: &Said| said.good_when.as_ref().map(|good| (good.is, good.than.ratio()));
        if let Some(good) = &expected.good_when
            && value(&said) != value(&expected)
        {
            let good = format!("op {} and value {}", word_of(&good.is, &OP), good.than);
            return Err(contradiction(&objective.place, &good));
        }
        Ok(())
    }
}

fn contradiction(at: &Place, terms: &str) -> Refusal {
    at.refuse(format!(
        "contradicts the annotation {TERMS}, by which it is {terms}; change both, or delete the \
         annotation"
    ))
}
