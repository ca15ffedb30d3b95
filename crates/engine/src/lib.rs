//! The number: from evidence and terms to attainment and credit, exactly.
//!
//! A pure function of a *case* ([`case::Case`]) gives its result ([`result::CaseResult`]).
//! The specification is the case format; its paragraphs are modules of the same name.
//! No I/O, no clock, no floating point.
#![warn(missing_docs)]

pub mod allocate;
mod attainment;
mod build;
pub mod case;
pub mod check;
pub mod claimed;
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
pub mod library;
pub mod lint;
pub mod measures;
pub mod money;
pub mod openslo;
pub mod outcome;
mod quantity;
mod reader;
pub mod refusal;
pub mod result;
pub mod service_hours;
mod suits;
pub mod terms;
pub mod trace;
pub mod what_if;
pub mod window;
pub mod zone;

pub use case::{Case, Contract, Line};
pub use compute::{Computed, compute};
pub use evidence::{Evidence, Exclusion, Outage, SlotRun, Slots, Totals, Unknown};
pub use frame::Unmeasured;
pub use refusal::Refusal;
pub use terms::Terms;
pub use window::{Span, Window};
