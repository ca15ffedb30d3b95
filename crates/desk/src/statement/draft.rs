//! Drafts: what a statement would say now, of a customer, of one contract, or of a whole group.
//! They have no number and no seal.

use super::{
    about::{About, by_name},
    paper::{Head, Sheaf, Shelf, language},
};
use crate::{desk::Desk, seat::Inside};
use makegood_domain::{
    Code, Problem,
    contract::Contract,
    customer::Customer,
    statement::{StatementOf, is_period},
};
use makegood_statement::{Document, Scope, render};

/// What a draft covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covering {
    /// All contracts of a customer, by name or id.
    Customer(String),
    /// One contract, by number.
    Contract(String),
    /// The contracts of all customers of a group that this desk holds, by the group's name.
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
            let found = contracts.into_iter().find(|one| one.number == *number);
            let found = found.ok_or_else(|| none("contract", number))?;
            drop(reader);
            return self.about(found.customer, StatementOf::Contract(found.id)).await;
        }
        let mut customers: Vec<Customer> = reader.every().await?;
        let (what, scope) = match covering {
            Covering::Group(_) => ("group", Scope::Group),
            Covering::Customer(_) | Covering::Contract(_) => ("customer", Scope::Customer),
        };
        let (Covering::Customer(asked) | Covering::Contract(asked) | Covering::Group(asked)) =
            covering;
        customers.retain(|one| match scope {
            Scope::Group => one.group_name == *asked,
            Scope::Customer | Scope::Contract => one.name == *asked || one.id.to_string() == *asked,
        });
        if customers.is_empty() {
            return Err(none(what, asked));
        }
        let customers = by_name(customers);
        Ok(About { customers, contract: None, scope, addressee: None, named: String::new() })
    }
}

pub(super) fn none(what: &str, asked: &str) -> Problem {
    Problem::new(
        Code::NotFound,
        format!("no {what} {asked} in the local copy; sync, and try again"),
    )
}

/// The unsealed bytes.
pub(super) async fn drawn(document: Document) -> Result<Vec<u8>, Problem> {
    let unsigned = tokio::task::spawn_blocking(move || render(&document))
        .await
        .map_err(|_| Problem::new(Code::Internal, "laying out stopped"))??;
    Ok(unsigned.bytes)
}
