//! Law 9 as a property: whatever order pages come in, and however often, the mirror holds the
//! newest state of each entity, and its digest says so.

use crate::northwind::id;
use makegood_domain::{
    id::CustomerId,
    wire::{Body, Change, DigestRow, Entity},
};
use makegood_mirror::Mirror;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Entity number, version, whether it is gone at that version.
type Told = (u32, i64, bool);

fn customer(number: u32) -> Option<CustomerId> {
    (!number.is_multiple_of(3)).then(|| id(3, number % 3))
}

fn change(&(number, version, gone): &Told) -> Change {
    // What an entity is at a version is one thing only, whoever tells it.
    let subject = format!("{number} at {version}");
    Change {
        seq: version,
        entity: Entity::AuditEvent,
        key: id::<CustomerId>(16, number).to_string(),
        customer: customer(number),
        version,
        row: (!gone).then(|| {
            Body::of(&serde_json::json!({"position": version, "subject": subject})).expect("JSON")
        }),
    }
}

fn model(told: &[Told]) -> Vec<DigestRow> {
    let mut newest: BTreeMap<u32, (i64, bool)> = BTreeMap::new();
    for (number, version, gone) in told {
        let entry = newest.entry(*number).or_insert((*version, *gone));
        if *version > entry.0 {
            *entry = (*version, *gone);
        }
    }
    let mut rows: BTreeMap<Option<CustomerId>, (i64, i64)> = BTreeMap::new();
    for (number, (version, gone)) in newest {
        if !gone {
            let row = rows.entry(customer(number)).or_default();
            *row = (row.0 + 1, row.1 + version);
        }
    }
    let row = |(customer, (count, versions))| DigestRow { customer, count, versions };
    rows.into_iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_9_pages_are_harmless_twice_and_out_of_order(
        history in proptest::collection::vec((1_u32..12, 1_i64..9), 1..40),
        pages in proptest::collection::vec((0_usize..40, 0_usize..40), 1..12),
    ) {
        // Every third version of an entity is its end: the same for whoever tells it.
        let told: Vec<Told> =
            history.iter().map(|(number, version)| (*number, *version, version % 3 == 0)).collect();
        let changes: Vec<Change> = told.iter().map(change).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runs");
        let digest = runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let mirror = Mirror::create(&folder.path().join("m.db")).await.expect("opens");
            for (from, to) in &pages {
                let (from, to) = (from.min(to), from.max(to));
                let page = &changes[(*from).min(changes.len())..(*to).min(changes.len())];
                mirror.apply(page, "c1.e.1.7").await.expect("applies");
            }
            let mut last = changes.clone();
            last.reverse();
            mirror.apply(&last, "c1.e.1.8").await.expect("applies");
            mirror.apply(&changes, "c1.e.1.9").await.expect("applies");
            mirror.digest().await.expect("reads")
        });
        prop_assert_eq!(digest.seq, 9);
        prop_assert_eq!(digest.rows, model(&told));
    }
}
