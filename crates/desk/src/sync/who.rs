//! Who sits here, as central says it: roles, delegations and the scope change while a desk runs, and
//! what may be done is judged here before central judges it.

use crate::{event::Event, seat::Inside};
use makegood_domain::{
    Problem,
    wire::{Change, Cursor, Entity},
};
use std::sync::atomic::Ordering;

/// Asks again where something said that it may have changed: the person's own row, a renewed session, a
/// proof that is due, or a mirror that was cut for another revision of the scope.
pub(super) async fn ask_if_due(inside: &Inside) -> Result<(), Problem> {
    let cursor = inside.mirror().cursor().await?.and_then(|text| Cursor::parse(&text));
    let moved = cursor.is_some_and(|cursor| cursor.scope_revision != inside.who().revision);
    if !inside.asks_who.load(Ordering::Relaxed) && !moved {
        return Ok(());
    }
    let who = inside.central.scope().await?;
    inside.asks_who.store(false, Ordering::Relaxed);
    if who != inside.who() {
        inside.set_who(who).await?;
        inside.tell(Event::Changed);
    }
    Ok(())
}

/// Notes whether the person's own row is among these.
pub(super) fn note(inside: &Inside, changes: &[Change]) {
    let me = inside.who().person.id.to_string();
    if changes.iter().any(|change| change.entity == Entity::Person && change.key == me) {
        inside.asks_who.store(true, Ordering::Relaxed);
    }
}
