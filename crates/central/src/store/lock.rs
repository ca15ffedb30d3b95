//! Names that a transaction may hold alone: what is read after a lock stays true until the commit. On SQLite every
//! writer is alone anyway.

use super::{Arg, Dialect, Tx, fetch};
use makegood_domain::{
    Problem,
    id::{CommandId, CustomerGroupId},
};

/// What is locked. Whoever takes several takes them in this order, groups among themselves by their ids, and
/// draws numbers last: otherwise two transactions may wait for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The answer to one command.
    Command(CommandId),
    /// Who there is, with roles.
    People,
    /// Tokens that wait for a second person.
    Tokens,
    /// The version of the policy.
    Policy,
    /// Customers, contracts and charges.
    Import,
    /// What was measured, and by which sources.
    Evidence,
    /// Whoever locks windows shares it with others who do; evidence about many contracts holds it alone.
    Windows,
    /// What becomes of a group's customers: missed SLAs, credits, statements.
    Group(CustomerGroupId),
    /// Incidents, which are nobody's alone.
    Incidents,
    /// Messages that are about to leave.
    Messages,
    /// Numbers that a window's end draws.
    Numbers,
}

impl Lock {
    fn name(self) -> String {
        match self {
            Self::Command(id) => format!("command {id}"),
            Self::Group(id) => format!("group {id}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }
}

impl Tx {
    /// Waits until nobody else holds it, and holds it until the transaction ends.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn lock(&mut self, lock: Lock) -> Result<(), Problem> {
        self.wait("pg_advisory_xact_lock", lock).await
    }

    /// Holds it together with others who share it; who asks for it by [`Tx::lock`] waits for all of them.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn lock_shared(&mut self, lock: Lock) -> Result<(), Problem> {
        self.wait("pg_advisory_xact_lock_shared", lock).await
    }

    async fn wait(&mut self, function: &str, lock: Lock) -> Result<(), Problem> {
        if self.dialect() == Dialect::Postgres {
            let sql = format!("select cast({function}(1, hashtext($1)) as text)");
            fetch(self.conn(), &sql, &[Arg::text(lock.name())]).await?;
        }
        Ok(())
    }
}
