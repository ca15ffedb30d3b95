//! How a session ends: it runs out and is not renewed, central takes it no longer, or the person signs
//! out.

use super::{Session, kept::Found};
use crate::{
    central::Central,
    desk::Desk,
    event::{Event, Link},
    seat::Inside,
};
use makegood_domain::{Code, Problem};
use std::sync::atomic::Ordering;

/// Whether only the person can go on, by signing in again. What they may see has not changed, so
/// their mirror stays.
pub(crate) fn ended(code: Code) -> bool {
    use Code::{
        PersonUnknown, SignInExpired, SignInInvalid, SignInRefused, SignInReplayed, TokenExpired,
    };
    matches!(
        code,
        TokenExpired
            | SignInExpired
            | SignInInvalid
            | SignInRefused
            | SignInReplayed
            | PersonUnknown
    )
}

impl Found {
    /// Ends it at central, and tells the provider.
    ///
    /// # Errors
    /// Why central could not be told; it ends by itself.
    pub(super) async fn end(self, address: &str) -> Result<(), Problem> {
        let closed = match Central::new(address, &self.token) {
            Ok(central) => central.close_session().await,
            Err(problem) => Err(problem),
        };
        if let Some(renewal) = self.renewal {
            renewal.give_up().await;
        }
        closed
    }
}

impl Inside {
    /// Whether central can be asked at all. Where somebody came back whose session was not kept it is
    /// not: that it takes nobody without a token says nothing about them.
    ///
    /// # Errors
    /// [`Code::SignInExpired`].
    pub(crate) fn is_signed_in(&self) -> Result<(), Problem> {
        if !self.central.token().is_empty() {
            return Ok(());
        }
        let why = "this computer has kept no session; sign in again";
        Err(Problem::new(Code::SignInExpired, why))
    }

    /// Renews a session that has `expired`, without the person.
    ///
    /// # Errors
    /// `expired` where nothing renews it; what renewing it gives.
    pub(crate) async fn renew(&self, expired: Problem) -> Result<(), Problem> {
        let mut renewal = self.renewal.lock().await;
        let renewed = match renewal.as_mut() {
            Some(renewal) => {
                self.asks_who.store(true, Ordering::Relaxed);
                renewal.renew(&self.central, &self.kept).await
            }
            None => Err(expired),
        };
        if renewed.as_ref().is_err_and(|problem| problem.code == Code::RoleMissing) {
            crate::sync::sight::lose(self).await?;
        }
        renewed.map_err(|problem| match problem.code {
            // Whose roles were taken goes on no more, and reads why.
            Code::RoleMissing => Problem::new(Code::SignInRefused, problem.message),
            Code::SignInExpired | Code::TokenExpired if self.kept.said().0 => {
                self.kept.failed(problem.clone());
                self.tell(Event::Changed);
                problem
            }
            _ => problem,
        })
    }

    /// Central takes the session no longer; tried once, as the keychain may ask the person.
    pub(crate) async fn forget_session(&self) {
        if self.standing.borrow().link == Link::Revoked {
            return;
        }
        if let Err(problem) = self.kept.forget().await {
            tracing::warn!(code = %problem.code, "a revoked session stays in the keychain");
        }
    }

    /// Ends the session that it goes by. From here on it goes by none: that central takes it no longer
    /// is no news then.
    async fn end_session(&self) -> Result<(), Problem> {
        let mut renewal = self.renewal.lock().await;
        let (token, renewal) = (self.central.token(), renewal.take());
        self.central.set_token("");
        match token.is_empty() {
            true => Ok(()),
            false => Found { token, renewal }.end(self.central.address()).await,
        }
    }
}

impl Desk {
    /// Signs out: what was kept of the session is forgotten, it ends at central, the provider is told,
    /// and the seat is left. What waits in the outbox stays there.
    ///
    /// # Errors
    /// Why central could not be told; the session ends by itself. Why the keychain could not forget it.
    /// The seat is left all the same.
    pub async fn sign_out(&self) -> Result<Session, Problem> {
        let inside = self.inside().await?;
        // First what lies here: it must not outlast this, whatever anybody answers.
        let written = self.forget_seat().await;
        let went_by_none = inside.central.token().is_empty();
        // A keychain may wait for the person: central is told meanwhile.
        let (forgotten, mut closed) = tokio::join!(inside.kept.forget(), inside.end_session());
        let forgotten = match forgotten {
            // Nobody had taken it out yet.
            Ok(Some(found)) if went_by_none => {
                closed = found.end(inside.central.address()).await;
                Ok(())
            }
            other => other.map(|_| ()),
        };
        drop(inside);
        let session = self.leave().await?;
        written?;
        forgotten.map_err(|problem| {
            let why = format!(
                "you are signed out, and what would sign you in again lies in the keychain still: {}",
                problem.message
            );
            Problem::new(problem.code, why)
        })?;
        match closed {
            Err(problem) if !matches!(problem.code, Code::TokenInvalid | Code::TokenExpired) => {
                Err(problem)
            }
            _ => Ok(session),
        }
    }
}
