//! OpenSLO v1 in and out: objectives that others wrote become drafts of SLA lines, and our terms
//! become documents that others read.
//!
//! OpenSLO says less than a contract: no credits, no exclusions, no service hours. So what is
//! written says in OpenSLO's words what these can say, and holds the whole of the terms in an
//! annotation; reading it gives the same terms. Where somebody has changed the one and not the
//! other, it is refused. OpenSLO says more than a contract, too (alerts, labels, weights): whatever
//! is not carried over, either way, is listed as [`LeftOut`].
//!
//! What would change a number is never guessed: a window that begins at no midnight, a measure
//! whose indicator is missing or a key that is misspelt are refused, with the way out.
//!
//! The specification is `website/docs/specification.md` of github.com/OpenSLO/OpenSLO; each module
//! is one of its nouns.

use crate::refusal::Refusal;

mod annotation;
mod beyond;
mod budgeting_method;
mod document;
mod draft;
mod duration_shorthand;
mod fields;
mod left_out;
mod number;
mod objective;
mod sli;
mod slo;
mod time_window;
mod write;
mod yaml;

pub use draft::Draft;
pub use left_out::LeftOut;
pub use sli::{GoodWhen, Indicator, Metric, MetricSource, Part};

/// What a text of OpenSLO documents holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// One for each objective of each SLO, in order.
    pub drafts: Vec<Draft>,
    /// Whatever else stands there, in order.
    pub left_out: Vec<LeftOut>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// The documents.
    pub yaml: String,
    /// What they hold in an annotation alone, or not at all. Paths count the drafts as `lines`.
    pub left_out: Vec<LeftOut>,
}

/// For whom documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// May leave the house: no internal objective, no indicator (it names our sources).
    Customer,
    /// For the house.
    House,
}

/// Reads a text of one or more OpenSLO v1 documents.
///
/// # Errors
/// The first thing that is no YAML, or that would change a number and can't be carried over
/// exactly; its path is that in the documents, or the line and column.
pub fn read(text: &str) -> Result<Reading, Refusal> {
    let nodes = yaml::read(text)?;
    let mut left_out = Vec::new();
    let mut documents = document::sort(&nodes, &mut left_out)?;
    let mut sources = document::Named::of("DataSource", &mut documents, |document, _| {
        document.spec.take_text("type")
    })?;
    let services = document::Named::of("Service", &mut documents, |document, _| {
        document.metadata.take_text("displayName")
    })?;
    let indicators = document::Named::of("SLI", &mut documents, |document, rest| {
        let metric = sli::metric(&mut document.spec, &mut sources, rest)?;
        Ok(Indicator { name: document.name.clone(), metric })
    })?;
    let mut shared = slo::Shared { indicators, sources, services };
    let mut drafts = Vec::new();
    for document in documents {
        drafts.extend(slo::read(document, &mut shared, &mut left_out)?);
    }
    left_out.extend(shared.indicators.rest());
    left_out.extend(shared.sources.rest());
    left_out.extend(shared.services.rest());
    // What several objectives share is listed once.
    left_out.sort_by(|a, b| (a.line, &a.path).cmp(&(b.line, &b.path)));
    left_out.dedup();
    Ok(Reading { drafts, left_out })
}

/// Writes an OpenSLO v1 document for each draft, and one for each service whose name OpenSLO would
/// not take. The same drafts, the same bytes; reading them gives the same drafts.
#[must_use]
pub fn write(drafts: &[Draft], edition: Edition) -> Writing {
    write::write(drafts, edition)
}
