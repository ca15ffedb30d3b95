//! Drafts: what a statement would say now, of a customer, of one contract, or of a whole group.
//! They have no number and no seal.

use super::{
    about::{About, by_name, contract_called, customer_called, is},
    paper::{Head, Sheaf, Shelf, language},
};
use crate::{desk::Desk, seat::Inside};
use makegood_domain::{
    Code, Problem,
    contract::Contract,
    customer::Customer,
    statement::{StatementOf, is_period},
};
use makegood_mirror::only;
use makegood_statement::{Document, Scope, render};
use std::collections::BTreeSet;

/// What a draft covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covering {
    /// All contracts of a customer, by name or id.
    Customer(String),
    /// One contract, by number or id.
    Contract(String),
    /// The contracts of all customers of a group that this desk holds, by the group's name or id.
    Group(String),
}

impl Desk {
    /// The PDF of what a statement of this period would say now: unnumbered and unsealed.
    ///
    /// # Errors
    /// [`Code::NotFound`] for what the mirror does not hold; [`Code::Invalid`] for a period or a
    /// language that is none; [`Code::StatementBlocked`] when nothing was measured; what laying out
    /// gives.
    pub async fn statement_draft(
        &self,
        covering: &Covering,
        period: &str,
        lang: &str,
    ) -> Result<Vec<u8>, Problem> {
        let inside = self.inside().await?;
        let about = inside.covered(covering).await?;
        drawn(inside.draft(about, (period, lang)).await?).await
    }
}

impl Inside {
    /// What the statement would say now.
    pub(super) async fn draft(
        &self,
        about: About,
        (period, lang): (&str, &str),
    ) -> Result<Document, Problem> {
        if !is_period(period) {
            let why = format!("{period:?} is no period; write it as 2026-10, 2026-Q4 or 2026");
            return Err(Problem::new(Code::Invalid, why).at("period"));
        }
        let mut shelves = Vec::with_capacity(about.customers.len());
        let mut reader = self.mirror().reader().await?;
        for customer in &about.customers {
            shelves.push(Shelf::read(&mut reader, *customer).await?);
        }
        drop(reader);
        let mut sheaves = Vec::with_capacity(shelves.len());
        for shelf in &shelves {
            let mut settlements = shelf.of_period(period);
            settlements.retain(|one| about.tells_of(one));
            sheaves.push(Sheaf { shelf, settlements });
        }
        let head = Head {
            number: "DRAFT".to_owned(),
            revision: 1,
            supersedes: None,
            change: None,
            language: language(lang)?,
            issued_at: self.now(),
            released_by: self.who().person.name,
            addressee: about.addressee,
        };
        self.lay_out(&sheaves, &[], period, (about.scope, head)).await
    }

    /// What a draft covers, by name. Nobody is addressed by a whole group's.
    async fn covered(&self, covering: &Covering) -> Result<About, Problem> {
        let mut reader = self.mirror().reader().await?;
        if let Covering::Contract(number) = covering {
            let contracts = reader.every::<Contract>().await?;
            let found = contract_called(number, contracts)?;
            drop(reader);
            return self.about(found.customer, StatementOf::Contract(found.id)).await;
        }
        let mut customers: Vec<Customer> = reader.every().await?;
        let scope = match covering {
            Covering::Group(asked) => {
                let called = customers
                    .iter()
                    .filter(|one| one.group_name == *asked || is(&one.group, asked));
                let groups: BTreeSet<_> = called.map(|one| one.group).collect();
                let group =
                    only("group", asked, groups.into_iter().collect(), ToString::to_string)?;
                customers.retain(|one| one.group == group);
                Scope::Group
            }
            Covering::Customer(asked) | Covering::Contract(asked) => {
                customers = vec![customer_called(asked, customers)?];
                Scope::Customer
            }
        };
        let customers = by_name(customers);
        Ok(About { customers, contract: None, scope, addressee: None, named: String::new() })
    }
}

/// The unsealed bytes.
pub(super) async fn drawn(document: Document) -> Result<Vec<u8>, Problem> {
    let unsigned = tokio::task::spawn_blocking(move || render(&document))
        .await
        .map_err(|_| Problem::new(Code::Internal, "laying out stopped"))??;
    Ok(unsigned.bytes)
}
