//! What is left of a mirror whose reader may read nothing any more.

use super::current;
use crate::{event::Event, seat::Inside};
use makegood_domain::{Code, Problem};

/// Whether central lets them read nothing at all, whatever it was that was refused.
pub(super) async fn is_lost(inside: &Inside) -> bool {
    inside.central.scope().await.is_err_and(|problem| problem.code == Code::RoleMissing)
}

/// Whoever may no longer see anything keeps nothing but their own outbox.
pub(crate) async fn lose(inside: &Inside) -> Result<(), Problem> {
    inside.profile.delete_mirrors().await?;
    inside.set_mirror(current::empty(&inside.profile).await?);
    inside.tell(Event::Changed);
    Ok(())
}

/// … nor a session that central takes no longer.
pub(super) async fn forget(inside: &Inside) -> Result<(), Problem> {
    lose(inside).await?;
    // Last: by it the next start hears of this again, where a full disk has kept the mirror.
    inside.forget_session().await;
    Ok(())
}
