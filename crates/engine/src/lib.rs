//! The number: from evidence and terms to attainment and credit, exactly.
//!
//! A pure function of a *case* ([`case::Case`]) gives its result ([`result::CaseResult`]).
//! The specification is the case format; its paragraphs are modules of the same name.
//! No I/O, no clock, no floating point.
#![warn(missing_docs)]

mod build;
pub mod case;
pub mod check;
pub mod compute;
pub mod credits;
pub mod decimal;
pub mod distance;
pub mod duration;
pub mod evidence;
pub mod exclusions;
pub mod explain;
pub mod fraction;
mod frame;
pub mod instant;
pub mod interval;
pub mod json;
pub mod lint;
pub mod measures;
pub mod money;
mod reader;
pub mod refusal;
pub mod result;
pub mod service_hours;
pub mod terms;
pub mod trace;
pub mod window;
pub mod zone;

pub use case::{Case, Contract, Line};
pub use compute::{Computed, compute};
pub use evidence::{Evidence, Exclusion, Outage, Slots, Totals, Unknown};
pub use frame::Unmeasured;
pub use refusal::Refusal;
pub use terms::Terms;
pub use window::{Span, Window};
