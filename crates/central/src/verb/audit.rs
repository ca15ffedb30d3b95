//! `makegood-central audit`: the chain checked, exported, and shown event by event.

use clap::Subcommand;
use makegood_central::{
    audit::{self, Known, Position},
    store::{Store, to_json},
};
use makegood_domain::{Code, Problem};

/// What is asked of the record.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditVerb {
    /// Walks the chain; fails at the first event that is altered, missing or out of order.
    Verify {
        /// The event to begin at; what comes before it is taken as it stands.
        #[arg(long, default_value = "A-1")]
        from: Position,
        /// A head that was kept elsewhere, as receipts and statements print it: `A-123:HASH`, or
        /// the hash alone; may stand several times. Only so does an end that was cut off show.
        #[arg(long = "known")]
        known: Vec<Known>,
    },
    /// Writes events to standard output, one line of JSON each.
    Export {
        /// The first.
        #[arg(long, default_value = "A-1")]
        from: Position,
        /// The last; the chain's end without it.
        #[arg(long)]
        to: Option<Position>,
    },
    /// Shows an event, with what its author saw.
    Show {
        /// Which: `A-123`.
        event: Position,
    },
}

/// Does it.
///
/// # Errors
/// [`Code::VerificationFailed`], [`Code::NotFound`], [`Code::File`], [`Code::Database`].
pub(crate) async fn run(store: &Store, verb: AuditVerb) -> Result<(), Problem> {
    match verb {
        AuditVerb::Verify { from, known } => {
            println!("{}", audit::verify(store, from.0, &known).await?);
        }
        AuditVerb::Export { from, to } => {
            let to = to.map_or(i64::MAX, |to| to.0);
            let mut out = std::io::BufWriter::new(std::io::stdout());
            audit::export(store, from.0, to, &mut out).await?;
        }
        AuditVerb::Show { event } => {
            let shown = audit::show(&mut *store.reading().await?, event).await?;
            let none = || Problem::new(Code::NotFound, format!("there is no event A-{}", event.0));
            println!("{}", to_json(&shown.ok_or_else(none)?)?);
        }
    }
    Ok(())
}
