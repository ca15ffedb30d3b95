//! What a statement is of: whose contracts, or which one.

use crate::{desk::Desk, seat::Inside};
use makegood_domain::{
    Problem,
    contract::Contract,
    customer::Customer,
    id::{ContractId, CustomerId},
    settlement::Settlement,
    statement::StatementOf,
};
use makegood_mirror::only;
use makegood_statement::Scope;

/// What a statement is of.
pub(super) struct About {
    /// Whose, by name.
    pub(super) customers: Vec<CustomerId>,
    /// The one contract.
    pub(super) contract: Option<ContractId>,
    pub(super) scope: Scope,
    /// Who receives it, where somebody does.
    pub(super) addressee: Option<Customer>,
    /// `, contract NW-1`; of the whole customer nothing is said.
    pub(super) named: String,
}

impl About {
    /// Whether it tells of this settlement of one of its customers.
    pub(super) fn tells_of(&self, settlement: &Settlement) -> bool {
        self.contract.is_none_or(|contract| contract == settlement.contract)
    }
}

impl Desk {
    /// Whose statement is of a contract, by its number or id, and what that is of.
    ///
    /// # Errors
    /// As [`only`]; [`makegood_domain::Code::Database`].
    pub async fn statement_of_contract(
        &self,
        number: &str,
    ) -> Result<(String, StatementOf), Problem> {
        let mut reader = self.inside().await?.mirror().reader().await?;
        let contracts: Vec<Contract> = reader.every().await?;
        let found = contract_called(number, contracts)?;
        Ok((found.customer.to_string(), StatementOf::Contract(found.id)))
    }

    /// The customer of this name or id, whose statement is of the whole group.
    ///
    /// # Errors
    /// As [`only`]; [`makegood_domain::Code::Database`].
    pub async fn statement_of_group(&self, name: &str) -> Result<(String, StatementOf), Problem> {
        let found = self.named_customer(name).await?;
        Ok((found.id.to_string(), StatementOf::Group(found.group)))
    }

    /// The customer of this name or id, whose statement is of all their contracts.
    ///
    /// # Errors
    /// As [`only`]; [`makegood_domain::Code::Database`].
    pub async fn statement_of_customer(
        &self,
        name: &str,
    ) -> Result<(String, StatementOf), Problem> {
        let found = self.named_customer(name).await?;
        Ok((found.id.to_string(), StatementOf::Customer))
    }

    /// The only customer of this name, or of this id.
    pub(crate) async fn named_customer(&self, name: &str) -> Result<Customer, Problem> {
        let mut reader = self.inside().await?.mirror().reader().await?;
        let customers: Vec<Customer> = reader.every().await?;
        customer_called(name, customers)
    }
}

/// The only contract of this number, or of this id.
pub(super) fn contract_called(number: &str, contracts: Vec<Contract>) -> Result<Contract, Problem> {
    let called = contracts.into_iter().filter(|one| one.number == number || is(&one.id, number));
    only("contract", number, called.collect(), |one| one.id.to_string())
}

/// The only customer of this name, or of this id.
pub(super) fn customer_called(name: &str, customers: Vec<Customer>) -> Result<Customer, Problem> {
    let called = customers.into_iter().filter(|one| one.name == name || is(&one.id, name));
    only("customer", name, called.collect(), |one| one.id.to_string())
}

pub(super) fn is(id: &impl ToString, text: &str) -> bool {
    id.to_string() == text
}

impl Inside {
    /// What a statement to a customer is of.
    pub(super) async fn about(
        &self,
        customer: CustomerId,
        of: StatementOf,
    ) -> Result<About, Problem> {
        let mut reader = self.mirror().reader().await?;
        let addressee = reader.get::<Customer>(&customer.to_string()).await?.row;
        let (mut customers, mut contract, mut named) = (vec![customer], None, String::new());
        let scope = match of {
            StatementOf::Customer => Scope::Customer,
            StatementOf::Contract(id) => {
                let found = reader.get::<Contract>(&id.to_string()).await?.row;
                named = format!(", contract {}", found.number);
                contract = Some(id);
                Scope::Contract
            }
            StatementOf::Group(id) => {
                let mut all: Vec<Customer> = reader.every().await?;
                all.retain(|one| one.group == id);
                customers = by_name(all);
                named = format!(", group {}", addressee.group_name);
                Scope::Group
            }
        };
        Ok(About { customers, contract, scope, addressee: Some(addressee), named })
    }
}

/// Customers in the order in which a group's statement tells of them.
pub(super) fn by_name(mut customers: Vec<Customer>) -> Vec<CustomerId> {
    customers.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    customers.into_iter().map(|one| one.id).collect()
}
