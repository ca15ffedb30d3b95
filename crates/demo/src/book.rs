//! The book of Fjordline Cloud: whom it serves, what it promised them, and what happened. The same
//! seed gives the same book.

pub mod customers;
pub mod document;
pub mod weather;

use customers::{CUSTOMERS, Sketch};
use makegood_domain::{person::Role, random::Random};
use std::collections::{BTreeMap, BTreeSet};

/// The book.
#[derive(Debug, Clone)]
pub struct Book {
    /// The customers.
    pub customers: &'static [Sketch],
    /// What each service went through.
    pub records: BTreeMap<String, weather::Record>,
}

impl Book {
    /// Writes the book from a seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let services: BTreeSet<&str> = CUSTOMERS
            .iter()
            .flat_map(|customer| customer.contracts)
            .map(|deal| deal.service)
            .collect();
        let services: Vec<&str> = services.into_iter().collect();
        let records = weather::records(&services, &Random::seeded(seed));
        Self { customers: CUSTOMERS, records }
    }
}

/// Somebody who works at Fjordline Cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colleague {
    /// Their subject at the demo's issuer.
    pub subject: &'static str,
    /// Their name.
    pub name: &'static str,
    /// What they do.
    pub role: Role,
}

/// Reviews and proposes.
pub const DANA: Colleague = Colleague { subject: "dana", name: "Dana Whitfield", role: Role::Csm };
/// Reviews and proposes, too: admits what Dana proposed.
pub const NOA: Colleague = Colleague { subject: "noa", name: "Noa Lindgren", role: Role::Csm };
/// Approves.
pub const INES: Colleague = Colleague { subject: "ines", name: "Ines Keller", role: Role::Finance };
/// Approves, too: the second where two are needed.
pub const LEE: Colleague = Colleague { subject: "lee", name: "Lee Brandt", role: Role::Finance };
/// Issues and sends statements.
pub const SAM: Colleague =
    Colleague { subject: "sam", name: "Sam Okafor", role: Role::AccountManager };
/// Runs central; approves nothing.
pub const ALEX: Colleague = Colleague { subject: "alex", name: "Alex Moreau", role: Role::Admin };

/// Everybody.
pub const COLLEAGUES: [Colleague; 6] = [DANA, NOA, INES, LEE, SAM, ALEX];
