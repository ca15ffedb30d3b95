//! What a turn sets aside, so that it goes on: what lacks its label, what can't be a name, and parts of
//! a service that has as many as it may have.

use super::count::Counted;
use crate::{
    ingest::{Stretch, slots::Run},
    store::{
        Tx,
        part::{self, PARTS_MAX},
        series,
    },
};
use makegood_domain::{
    Problem, scope,
    series::SeriesName,
    source::{AsideReason, SetAside},
};
use std::collections::{BTreeMap, BTreeSet};

/// Takes out of what was counted all that can't be kept, and says what that was. Of parts that are too many, what
/// stands for them is blank where requests came.
pub(super) async fn set_aside(
    tx: &mut Tx,
    source: &str,
    counted: &mut Counted,
) -> Result<Vec<SetAside>, Problem> {
    let parts = counted.of.keys();
    let parts = parts.filter(|name| name.is_part() && !scope::is_rest(&name.path, &name.region));
    let parts: Vec<&SeriesName> = parts.collect();
    let known = tx.known_series(source, &parts).await?;
    let lacking = parts.iter().zip(known).filter(|(_, known)| known.is_none());
    let lacking: BTreeSet<SeriesName> = lacking.map(|(name, _)| (*name).clone()).collect();
    let mut room: BTreeMap<String, usize> = BTreeMap::new();
    let mut many: BTreeMap<SeriesName, i64> = BTreeMap::new();
    for name in lacking {
        if !room.contains_key(&name.service) {
            let there = part::count(tx.conn(), source, &name.service).await?;
            room.insert(name.service.clone(), PARTS_MAX.saturating_sub(there));
        }
        let Some(left) = room.get_mut(&name.service) else { continue };
        let fits = series::fits(source, &name);
        if fits && *left > 0 {
            *left -= 1;
            continue;
        }
        let Some(stretches) = counted.of.remove(&name) else { continue };
        let (path, region) = (scope::REST.to_owned(), String::new());
        let rest = SeriesName { service: name.service.clone(), path, region };
        counted.of.entry(rest).or_default().extend(stretches);
        let told = if fits { &mut many } else { &mut counted.cut };
        told.entry(name).or_insert(1);
    }
    for (name, stretches) in &mut counted.of {
        if name.path == scope::REST {
            *stretches = blanks(stretches);
        }
    }
    let told = [
        (AsideReason::NoLabel, &counted.unlabelled),
        (AsideReason::Name, &counted.cut),
        (AsideReason::TooMany, &many),
    ];
    Ok(told.into_iter().filter_map(|(reason, of)| summed(reason, of)).collect())
}

/// Where requests came, each slot once.
fn blanks(stretches: &[Stretch]) -> Vec<Stretch> {
    let some = stretches.iter().filter(|one| one.run.requests != Some(0));
    let starts: BTreeMap<i64, i64> = some.map(|one| (one.start, one.slot)).collect();
    let blank = |(start, slot)| Stretch { start, slot, run: Run::blank(1) };
    starts.into_iter().map(blank).collect()
}

fn summed(reason: AsideReason, of: &BTreeMap<SeriesName, i64>) -> Option<SetAside> {
    let names = of.keys().take(SetAside::NAMES).map(series::shown).collect();
    (!of.is_empty()).then(|| SetAside { reason, count: of.values().sum(), names })
}
