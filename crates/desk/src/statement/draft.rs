//! Drafts: what a statement would say now, of a customer, of one contract, or of a whole group.
//! They have no number and no seal.

use super::paper::{Head, Sheaf, Shelf, language};
use crate::{desk::Desk, seat::Inside};
use makegood_domain::{
    Code, Problem, contract::Contract, customer::Customer, id::CustomerId, statement::is_period,
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
        let customers = inside.covered(covering).await?;
        let (scope, only) = match covering {
            Covering::Customer(_) => (Scope::Customer, None),
            Covering::Contract(number) => (Scope::Contract, Some(number.as_str())),
            Covering::Group(_) => (Scope::Group, None),
        };
        drawn(inside.draft(&customers, only, scope, (period, lang)).await?).await
    }
}

impl Inside {
    /// What the statement would say now.
    pub(super) async fn draft(
        &self,
        customers: &[CustomerId],
        only: Option<&str>,
        scope: Scope,
        (period, lang): (&str, &str),
    ) -> Result<Document, Problem> {
        if !is_period(period) {
            let why = format!("{period:?} is no period; write it as 2026-10, 2026-Q4 or 2026");
            return Err(Problem::new(Code::Invalid, why).at("period"));
        }
        let mut shelves = Vec::with_capacity(customers.len());
        let mut reader = self.mirror().reader().await?;
        for customer in customers {
            shelves.push(Shelf::read(&mut reader, *customer).await?);
        }
        drop(reader);
        let mut sheaves = Vec::with_capacity(shelves.len());
        for shelf in &shelves {
            let mut settlements = Vec::new();
            for settlement in shelf.of_period(period) {
                if only
                    .is_none_or(|only| shelf.contract(settlement).is_ok_and(|c| c.number == only))
                {
                    settlements.push(settlement);
                }
            }
            sheaves.push(Sheaf { shelf, settlements });
        }
        let head = Head {
            number: "DRAFT".to_owned(),
            revision: 1,
            supersedes: None,
            language: language(lang)?,
            issued_at: self.now(),
            released_by: self.who().person.name,
        };
        self.lay_out(&sheaves, &[], period, (scope, head)).await
    }

    /// Whose contracts a draft covers, by name.
    async fn covered(&self, covering: &Covering) -> Result<Vec<CustomerId>, Problem> {
        let mut reader = self.mirror().reader().await?;
        let mut customers: Vec<Customer> = match covering {
            Covering::Contract(number) => {
                let contracts = reader.every::<Contract>().await?;
                let owner = contracts.into_iter().find(|one| one.number == *number);
                return owner.map(|one| vec![one.customer]).ok_or_else(|| none("contract", number));
            }
            Covering::Customer(_) | Covering::Group(_) => reader.every().await?,
        };
        let asked = match covering {
            Covering::Customer(asked) => {
                customers.retain(|one| one.name == *asked || one.id.to_string() == *asked);
                asked
            }
            Covering::Group(asked) | Covering::Contract(asked) => {
                customers.retain(|one| one.group_name == *asked);
                asked
            }
        };
        customers.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        if customers.is_empty() {
            let what = if matches!(covering, Covering::Group(_)) { "group" } else { "customer" };
            return Err(none(what, asked));
        }
        Ok(customers.into_iter().map(|one| one.id).collect())
    }
}

fn none(what: &str, asked: &str) -> Problem {
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
