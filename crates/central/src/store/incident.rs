//! Incidents and what they did to whom.

use super::{Arg, Tx, Versioned, list};
use makegood_domain::{
    Problem,
    id::{CustomerId, IncidentId},
    incident::{Hit, Incident},
};
use sqlx::AnyConnection;

/// The incident with this number.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn by_number(
    conn: &mut AnyConnection,
    number: &str,
) -> Result<Option<Versioned<Incident>>, Problem> {
    Ok(list(conn, "number = $1", &[Arg::text(number)]).await?.pop())
}

/// All incidents, the oldest first.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn every(conn: &mut AnyConnection) -> Result<Vec<Versioned<Incident>>, Problem> {
    list(conn, "1 = 1 order by id", &[]).await
}

/// What an incident did to a customer.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn hit(
    conn: &mut AnyConnection,
    incident: IncidentId,
    customer: CustomerId,
) -> Result<Option<Versioned<Hit>>, Problem> {
    let args = [Arg::text(customer), Arg::text(incident)];
    Ok(list(conn, "customer = $1 and incident = $2", &args).await?.pop())
}

impl Tx {
    /// What an incident did to a customer.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn hit(
        &mut self,
        incident: IncidentId,
        customer: CustomerId,
    ) -> Result<Option<Hit>, Problem> {
        let args = [Arg::text(customer), Arg::text(incident)];
        let found = self.list("customer = $1 and incident = $2", &args).await?.pop();
        Ok(found.map(|found| found.row))
    }

    /// The customer's hits with their incidents, oldest first.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn hits_of_customer(
        &mut self,
        customer: CustomerId,
    ) -> Result<Vec<(Incident, Hit)>, Problem> {
        let hits: Vec<Versioned<Hit>> =
            self.list("customer = $1 order by id", &[Arg::text(customer)]).await?;
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            if let Some(incident) = super::get::<Incident>(self.conn(), hit.row.incident).await? {
                found.push((incident.row, hit.row));
            }
        }
        Ok(found)
    }

    /// All hits of an incident.
    ///
    /// # Errors
    /// [`makegood_domain::Code::Database`].
    pub async fn hits_of(&mut self, incident: IncidentId) -> Result<Vec<Hit>, Problem> {
        let found =
            self.list("incident = $1 order by customer, id", &[Arg::text(incident)]).await?;
        Ok(found.into_iter().map(|found| found.row).collect())
    }
}
