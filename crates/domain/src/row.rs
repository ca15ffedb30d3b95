//! What every synced entity has in common: a kind, a key, and whose it is.

use crate::{
    alert::Alert,
    attainment::Attainment,
    audit::AuditEvent,
    breach::Breach,
    contact::Contact,
    contract::{Contract, SlaLine},
    credit::Credit,
    customer::{Customer, LegalEntity},
    deadline::Deadline,
    delivery::{Acknowledgement, Delivery},
    exclusion::Exclusion,
    id::CustomerId,
    incident::{Hit, Incident},
    note::Note,
    person::Person,
    policy::Policy,
    settlement::Settlement,
    statement::Statement,
    wire::Entity,
};
use serde::{Serialize, de::DeserializeOwned};

/// A synced entity.
pub trait Row: Serialize + DeserializeOwned {
    /// Its kind.
    const ENTITY: Entity;
    /// Its id as text.
    fn key(&self) -> String;
    /// Whose it is; `None`: nobody's in particular, and then it holds no customer's data.
    fn customer(&self) -> Option<CustomerId>;
}

macro_rules! rows {
    ($($type:ident: |$this:ident| $key:expr, $customer:expr;)*) => {$(
        impl Row for $type {
            const ENTITY: Entity = Entity::$type;
            fn key(&self) -> String { let $this = self; $key.to_string() }
            fn customer(&self) -> Option<CustomerId> { let $this = self; let _ = $this; $customer }
        }
    )*};
}

rows! {
    LegalEntity: |row| row.id, None;
    Person: |row| row.id, None;
    Policy: |row| row.version, None;
    Customer: |row| row.id, Some(row.id);
    Contract: |row| row.id, Some(row.customer);
    SlaLine: |row| row.id, Some(row.customer);
    Attainment: |row| row.id, Some(row.customer);
    Settlement: |row| row.id, Some(row.customer);
    Exclusion: |row| row.id, Some(row.customer);
    Incident: |row| row.id, None;
    Hit: |row| row.id, Some(row.customer);
    Breach: |row| row.id, Some(row.customer);
    Credit: |row| row.id, Some(row.customer);
    Statement: |row| row.id, Some(row.customer);
    Note: |row| row.id, Some(row.customer);
    AuditEvent: |row| row.id, row.customer;
    Alert: |row| row.id, Some(row.customer);
    Deadline: |row| row.id, Some(row.customer);
    Contact: |row| row.id, Some(row.customer);
    Delivery: |row| row.id, Some(row.customer);
    Acknowledgement: |row| row.id, Some(row.customer);
}
