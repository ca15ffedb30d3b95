//! `SLO`: what is promised. Each of its objectives becomes one SLA line.

use super::annotation::{self, Beside};
use super::budgeting_method::{METHOD, Method, Said};
use super::document::{Document, Named};
use super::draft::{Draft, slug};
use super::fields::{Fields, Place};
use super::left_out::LeftOut;
use super::objective::Objective;
use super::sli::{self, Indicator, Metric, Sources};
use super::time_window;
use crate::refusal::Refusal;
use crate::terms::{NoData, ObjectiveIs, PartialPeriod, Terms};
use crate::window::Window;
use std::collections::BTreeMap;

/// What SLOs refer to.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) indicators: Named<Indicator>,
    pub(super) sources: Sources,
    /// Their display names.
    pub(super) services: Named<Option<String>>,
}

/// What all objectives of an SLO have in common.
struct Common<'a> {
    terms: Option<Terms>,
    window: (Window, Place<'a>),
    method: (Method, Place<'a>),
    indicator: Option<Place<'a>>,
    indicator_ref: Option<Place<'a>>,
}

/// Reads an SLO: a draft for each objective.
pub(super) fn read(
    mut document: Document,
    shared: &mut Shared,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Draft>, Refusal> {
    let name = name(&mut document.metadata, &document.name, left_out)?;
    let terms = annotation::take(&mut document.metadata, left_out)?;
    let mut spec = document.spec;
    let service = service(&mut spec, &name, shared)?;
    let common = common(&mut spec, terms)?;
    let objectives = spec.need("objectives")?;
    for rest in [document.metadata, spec, document.rest] {
        left_out.extend(rest.rest());
    }
    let items = objectives.items()?;
    if items.is_empty() {
        return Err(objectives.refuse("must hold at least one objective"));
    }
    if let (Some(_), [_, second, ..]) = (&common.terms, items.as_slice()) {
        let message = "the terms in the annotations are those of one objective; give each its own \
            SLO, or delete the annotation";
        return Err(second.refuse(message));
    }
    let mut drafts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let objective = Objective::read(item, left_out)?;
        let name = match (&objective.name, items.len()) {
            (Some(own), 2..) => format!("{name}: {own}"),
            (None, 2..) => format!("{name}: objective {}", index + 1),
            _ => name.clone(),
        };
        let composite = objective.indicator.is_some() || objective.indicator_ref.is_some();
        if composite && index == 0 && items.len() > 1 {
            let why = "no line is made of others: each objective is an SLA line of its own";
            let what = "the composite of its objectives".to_owned();
            left_out.push(LeftOut { what, ..objectives.left(why) });
        }
        let (terms, indicator) = line(&common, objective, shared, left_out)?;
        drafts.push(Draft { name, service: service.clone(), terms, indicator });
    }
    Ok(drafts)
}

/// The display name; the other one is listed where it says something else.
fn name(metadata: &mut Fields, name: &str, left_out: &mut Vec<LeftOut>) -> Result<String, Refusal> {
    let Some(display) = metadata.take_text("displayName")? else { return Ok(name.to_owned()) };
    if let Some(place) = metadata.take("name").filter(|_| slug(&display) != name) {
        left_out.push(place.left("it is known by its displayName"));
    }
    Ok(display)
}

/// The display name of the service, else what it is called in the SLO, else the SLO's own name.
fn service(spec: &mut Fields, name: &str, shared: &mut Shared) -> Result<String, Refusal> {
    let Some(service) = spec.take_text("service")? else { return Ok(name.to_owned()) };
    let display = shared.services.find(&service).cloned().flatten();
    Ok(display.unwrap_or(service))
}

fn common<'a>(spec: &mut Fields<'a>, terms: Option<Terms>) -> Result<Common<'a>, Refusal> {
    let window_at = spec.take("timeWindow").ok_or_else(|| {
        let message = "no window stands here: write a duration with isRolling: true, or with \
            calendar, startTime and timeZone";
        spec.refuse("timeWindow", message)
    })?;
    let window = time_window::read(&window_at)?;
    let method_at = spec.need("budgetingMethod")?;
    let method = method_at.word(&METHOD)?;
    Ok(Common {
        terms,
        window: (window, window_at),
        method: (method, method_at),
        indicator: spec.take("indicator"),
        indicator_ref: spec.take("indicatorRef"),
    })
}

/// The terms and the indicator of one objective.
fn line(
    common: &Common,
    objective: Objective,
    shared: &mut Shared,
    left_out: &mut Vec<LeftOut>,
) -> Result<(Terms, Option<Indicator>), Refusal> {
    let mut indicator = indicator(common, &objective, shared, left_out)?;
    let values =
        matches!(&indicator, Some(found) if matches!(found.metric, Metric::Threshold { .. }));
    let said = match &common.terms {
        Some(terms) => {
            let window = (&common.window.0, &common.window.1);
            let method = (common.method.0, &common.method.1);
            Beside { window, method, objective: &objective }.agrees(terms)?;
            Said::of(&terms.measure)
        }
        None => plain(common, &objective, indicator.as_ref(), values)?,
    };
    if let Some(Indicator { metric: Metric::Threshold { good_when, .. }, .. }) = &mut indicator
        && said.good_when.is_none()
    {
        *good_when = Some(objective.good_when()?);
    }
    let terms = match &common.terms {
        Some(terms) => terms.clone(),
        None => terms(common, &objective, &said)?,
    };
    left_out.extend(objective.rest(&said, values));
    Ok((terms, indicator))
}

/// The indicator of an objective, its own or that of its SLO; `None` where it is only named, which
/// is enough beside an annotation.
fn indicator(
    common: &Common,
    objective: &Objective,
    shared: &mut Shared,
    left_out: &mut Vec<LeftOut>,
) -> Result<Option<Indicator>, Refusal> {
    let all =
        [&common.indicator, &common.indicator_ref, &objective.indicator, &objective.indicator_ref];
    let given: Vec<&Place> = all.into_iter().flatten().collect();
    let place = match given.as_slice() {
        [place] => *place,
        [] => {
            let message = "neither the SLO nor the objective has an indicator or indicatorRef";
            return Err(objective.place.refuse(message));
        }
        [.., last] => {
            return Err(last.refuse("another indicator or indicatorRef stands here; delete one"));
        }
    };
    let inline = [&common.indicator, &objective.indicator].into_iter().flatten().next();
    if inline.is_some() {
        return sli::inline(place, &mut shared.sources, left_out).map(Some);
    }
    let found = shared.indicators.find(place.text()?).cloned();
    if found.is_none() {
        if common.terms.is_none() {
            let message = "no SLI of this name stands here, so nobody knows what is measured; put \
                its document into the same file";
            return Err(place.refuse(message));
        }
        left_out.push(place.left("no SLI of this name stands here"));
    }
    Ok(found)
}

/// What an SLO without our terms says of the measure.
fn plain(
    common: &Common,
    objective: &Objective,
    indicator: Option<&Indicator>,
    values: bool,
) -> Result<Said, Refusal> {
    let (method, at) = &common.method;
    let raw = matches!(indicator, Some(found) if matches!(found.metric, Metric::Raw { .. }));
    if raw && *method == Method::Occurrences {
        let message = "Occurrences counts events, and a raw ratio has none: use good and total, or \
            RatioTimeslices";
        return Err(at.refuse(message));
    }
    objective.said(*method, values)
}

fn terms(common: &Common, objective: &Objective, said: &Said) -> Result<Terms, Refusal> {
    let measure = said.measure();
    let measure =
        measure.ok_or_else(|| objective.place.refuse("its numbers have too many digits"))?;
    let terms = Terms {
        objective: objective.target.clone(),
        objective_is: ObjectiveIs::AtLeast,
        internal_objective: None,
        window: common.window.0.clone(),
        measure,
        service_hours: None,
        holidays: None,
        exclusions: BTreeMap::new(),
        no_data: NoData::default(),
        partial_period: PartialPeriod::default(),
        round_attainment: None,
        credit: None,
    };
    // Whatever was put together here must stand before the format, too.
    Terms::from_tree(&terms.to_tree()).map_err(|refusal| refusal.within(&objective.place.path))
}
