//! How far each table of the mirror is while everything comes in, in the words that people see.

use crate::event::{Fill, Filling};
use makegood_domain::wire::{Change, Entity, Extent};
use makegood_engine::money::group_thousands;
use std::collections::BTreeMap;

/// What has come as rows.
#[derive(Debug, Default)]
pub(super) struct Coming {
    /// How many there are to be, where central said so.
    extent: BTreeMap<Entity, u64>,
    here: BTreeMap<Entity, u64>,
    /// Changes of every kind.
    pub(super) changes: u64,
}

impl Coming {
    pub(super) fn of(extent: &[Extent]) -> Self {
        let extent = extent.iter().map(|one| (one.entity, one.rows)).collect();
        Self { extent, ..Self::default() }
    }

    pub(super) fn add(&mut self, changes: &[Change]) {
        self.changes += changes.len() as u64;
        for change in changes.iter().filter(|change| change.row.is_some()) {
            *self.here.entry(change.entity).or_default() += 1;
        }
    }

    /// Each table that something came or is to come of.
    pub(super) fn tables(&self) -> Vec<Filling> {
        let tables = Entity::ALL.into_iter().filter_map(|entity| {
            let here = self.here.get(&entity).copied().unwrap_or(0);
            match self.extent.get(&entity) {
                None if here == 0 => None,
                None => Some(Filling {
                    name: name(entity).to_owned(),
                    state: Fill::Filling,
                    text: count(here),
                }),
                Some(rows) => Some(filling(entity, here, *rows)),
            }
        });
        tables.collect()
    }
}

/// The tables of a file of which so many bytes are here: they stand in it one after the other.
pub(super) fn unpacked(extent: &[Extent], bytes: u64) -> Vec<Filling> {
    let mut begin = 0;
    let mut tables = Vec::with_capacity(extent.len());
    for one in extent {
        let end = one.end.unwrap_or(begin).max(begin);
        if one.rows > 0 {
            let here = match bytes {
                bytes if bytes >= end => one.rows,
                bytes => {
                    let all = u128::from(end - begin).max(1);
                    let here = u128::from(one.rows) * u128::from(bytes.saturating_sub(begin)) / all;
                    u64::try_from(here).unwrap_or(one.rows)
                }
            };
            tables.push(filling(one.entity, here, one.rows));
        }
        begin = end;
    }
    tables
}

fn filling(entity: Entity, here: u64, rows: u64) -> Filling {
    let (state, text) = match here {
        here if here >= rows => (Fill::Done, count(rows)),
        0 => (Fill::Waits, "waiting".to_owned()),
        here => (Fill::Filling, format!("{} of {}", count(here), count(rows))),
    };
    Filling { name: name(entity).to_owned(), state, text }
}

fn count(rows: u64) -> String {
    group_thousands(&rows.to_string())
}

/// What people call what is in a table.
fn name(entity: Entity) -> &'static str {
    match entity {
        Entity::LegalEntity => "Legal entities",
        Entity::Person => "People",
        Entity::Policy => "Approval matrix",
        Entity::Customer => "Customers",
        Entity::Contract => "Contracts",
        Entity::SlaLine => "SLA lines",
        Entity::Attainment => "Attainment",
        Entity::Settlement => "Settlements",
        Entity::Exclusion => "Exclusions",
        Entity::Incident => "Incidents",
        Entity::Hit => "Customers hit by incidents",
        Entity::Breach => "Breaches",
        Entity::Credit => "SLA credits",
        Entity::Statement => "SLA statements",
        Entity::Note => "Notes",
        Entity::AuditEvent => "Audit events",
        Entity::Alert => "Alerts",
        Entity::Deadline => "Deadlines",
        Entity::Contact => "Contacts",
        Entity::Delivery => "Deliveries",
        Entity::Acknowledgement => "Acknowledgements",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(entity: Entity, rows: u64, end: u64) -> Extent {
        Extent { entity, rows, end: Some(end) }
    }

    #[test]
    fn a_file_fills_one_table_after_the_other() {
        let all = [
            extent(Entity::Customer, 3, 1_000),
            extent(Entity::Contract, 0, 1_000),
            extent(Entity::SlaLine, 50_000, 101_000),
            extent(Entity::Attainment, 7, 102_000),
        ];
        let told = |bytes| -> Vec<String> {
            unpacked(&all, bytes).into_iter().map(|table| table.text).collect()
        };
        assert_eq!(told(0), ["waiting", "waiting", "waiting"]);
        assert_eq!(told(63_000), ["3", "31,000 of 50,000", "waiting"]);
        assert_eq!(told(101_000), ["3", "50,000", "waiting"]);
        assert_eq!(told(400_000), ["3", "50,000", "7"]);
        assert_eq!(told(1_001), ["3", "waiting", "waiting"]);
        // A central of an older release says nothing.
        assert!(unpacked(&[], 400_000).is_empty());
    }
}
