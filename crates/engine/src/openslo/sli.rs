//! `SLI`: how good and bad are read from a source. Kept as data; nothing here queries anything.

use super::document::Named;
use super::fields::{Fields, Place};
use super::left_out::{LeftOut, why};
use crate::build::Build;
use crate::decimal::Decimal;
use crate::json::Json;
use crate::measures::Comparison;
use crate::refusal::Refusal;

/// How a source is asked for what an objective judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// `metadata.name`.
    pub name: String,
    /// What is asked.
    pub metric: Metric,
}

/// What a source is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metric {
    /// Values, each of which is good or bad by itself.
    Threshold {
        /// Where they come from.
        source: MetricSource,
        /// When a value is good, where the measure does not say it.
        good_when: Option<GoodWhen>,
    },
    /// Good or bad events, and all events.
    Ratio {
        /// Whether the numbers only ever grow.
        counter: Option<bool>,
        /// What `part` counts.
        part_is: Part,
        /// Where the good or bad ones come from.
        part: MetricSource,
        /// Where all of them come from.
        total: MetricSource,
    },
    /// A ratio that the source worked out.
    Raw {
        /// The share of what.
        part_is: Part,
        /// Where it comes from.
        source: MetricSource,
    },
}

/// Which share of the whole a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The good one.
    Good,
    /// The bad one.
    Bad,
}

/// When a value is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodWhen {
    /// How it is compared.
    pub is: Comparison,
    /// With what; may be negative.
    pub than: Decimal,
}

/// `metricSource`: a query, in the words of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricSource {
    /// `metricSourceRef`: the name of a DataSource.
    pub reference: Option<String>,
    /// `type`: `Prometheus`; its own, or that of the DataSource.
    pub kind: Option<String>,
    /// `spec`: whatever the source needs; an object.
    pub spec: Json,
}

pub(super) const OP: [(&str, Comparison); 4] = [
    ("lte", Comparison::LessOrEqual),
    ("gte", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("gt", Comparison::Greater),
];

const RAW_TYPE: [(&str, Part); 2] = [("success", Part::Good), ("failure", Part::Bad)];

/// The types of the DataSources.
pub(super) type Sources = Named<Option<String>>;

/// Reads an SLI inside an SLO: `metadata` and `spec`.
pub(super) fn inline(
    place: &Place,
    sources: &mut Sources,
    left_out: &mut Vec<LeftOut>,
) -> Result<Indicator, Refusal> {
    let mut fields = place.fields()?;
    let mut metadata = fields.need("metadata")?.fields()?;
    let name = metadata.need("name")?.owned_text()?;
    let mut spec = fields.need("spec")?.fields()?;
    let metric = metric(&mut spec, sources, left_out)?;
    for rest in [metadata, spec, fields] {
        left_out.extend(rest.rest());
    }
    Ok(Indicator { name, metric })
}

/// Reads the `spec` of an SLI.
pub(super) fn metric(
    spec: &mut Fields,
    sources: &mut Sources,
    left_out: &mut Vec<LeftOut>,
) -> Result<Metric, Refusal> {
    match (spec.take("thresholdMetric"), spec.take("ratioMetric")) {
        (Some(place), None) => {
            let source = source(&place, sources, left_out)?;
            Ok(Metric::Threshold { source, good_when: None })
        }
        (None, Some(place)) => ratio(&place, sources, left_out),
        (Some(_), Some(place)) => {
            Err(place.refuse("can't stand beside thresholdMetric; delete one of them"))
        }
        (None, None) => {
            Err(spec.refuse("", "must hold exactly one of thresholdMetric and ratioMetric"))
        }
    }
}

fn ratio(
    place: &Place,
    sources: &mut Sources,
    left_out: &mut Vec<LeftOut>,
) -> Result<Metric, Refusal> {
    let mut fields = place.fields()?;
    let counter = fields.take("counter");
    let (good, bad, total) = (fields.take("good"), fields.take("bad"), fields.take("total"));
    let (raw, raw_type) = (fields.take("raw"), fields.take("rawType"));
    left_out.extend(fields.rest());
    let mut source = |place: &Place| source(place, sources, left_out);
    match (good, bad, total, raw, raw_type) {
        (Some(part), None, Some(total), None, None) => {
            let counter = counter.map(|place| place.boolean()).transpose()?;
            let (part, total) = (source(&part)?, source(&total)?);
            Ok(Metric::Ratio { counter, part_is: Part::Good, part, total })
        }
        (None, Some(part), Some(total), None, None) => {
            let counter = counter.map(|place| place.boolean()).transpose()?;
            let (part, total) = (source(&part)?, source(&total)?);
            Ok(Metric::Ratio { counter, part_is: Part::Bad, part, total })
        }
        (None, None, None, Some(raw), Some(raw_type)) => {
            let source = source(&raw)?;
            left_out.extend(counter.map(|place| place.left(why("counter"))));
            Ok(Metric::Raw { part_is: raw_type.word(&RAW_TYPE)?, source })
        }
        _ => Err(place.refuse(
            "must hold total with exactly one of good and bad, or raw with rawType, and nothing of \
             the other form",
        )),
    }
}

fn source(
    place: &Place,
    sources: &mut Sources,
    left_out: &mut Vec<LeftOut>,
) -> Result<MetricSource, Refusal> {
    let mut metric = place.fields()?;
    let mut fields = metric.need("metricSource")?.fields()?;
    let reference = fields.take_text("metricSourceRef")?;
    let of_reference = reference.as_deref().and_then(|name| sources.find(name)).cloned().flatten();
    let kind = fields.take_text("type")?.or(of_reference);
    let spec = fields.take("spec");
    let spec = spec.map(|spec| spec.fields().map(|_| spec.node.json())).transpose()?;
    left_out.extend(fields.rest().into_iter().chain(metric.rest()));
    Ok(MetricSource { reference, kind, spec: spec.unwrap_or(Json::Object(Vec::new())) })
}

/// An indicator as it stands inside an SLO.
pub(super) fn write(indicator: &Indicator) -> Json {
    let spec = match &indicator.metric {
        Metric::Threshold { source, .. } => {
            Build::default().put("thresholdMetric", metric_of(source))
        }
        Metric::Ratio { counter, part_is, part, total } => {
            let key = match part_is {
                Part::Good => "good",
                Part::Bad => "bad",
            };
            let ratio = Build::default()
                .maybe("counter", counter.map(Json::Bool))
                .put(key, metric_of(part))
                .put("total", metric_of(total));
            Build::default().put("ratioMetric", ratio.object())
        }
        Metric::Raw { part_is, source } => {
            let raw = Build::default()
                .text("rawType", crate::reader::word_of(part_is, &RAW_TYPE))
                .put("raw", metric_of(source));
            Build::default().put("ratioMetric", raw.object())
        }
    };
    let metadata = Build::default().text("name", &indicator.name);
    Build::default().put("metadata", metadata.object()).put("spec", spec.object()).object()
}

fn metric_of(source: &MetricSource) -> Json {
    let source = Build::default()
        .maybe_text("metricSourceRef", source.reference.as_ref())
        .maybe_text("type", source.kind.as_ref())
        .put("spec", source.spec.clone());
    Build::default().put("metricSource", source.object()).object()
}
