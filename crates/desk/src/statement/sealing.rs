//! Sealing a document: laid out, signed, stamped with the time where an authority is chosen, archived
//! where that is wanted, and verified before anybody sees it.

use crate::{
    seat::Inside,
    stamp::{Authority, status},
};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem};
use makegood_statement::{
    Archive, Document, Kind, Revocation, Trust, Verification, render, verify,
};

impl Inside {
    /// Why what was numbered at this time can't be sealed any more, where the next number can: the seal was
    /// renewed in between. Where the open seal is not valid now, either, another may still be opened.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] while no seal is open; [`Code::KeyPassword`]; [`Code::File`].
    pub(super) fn numbered_before_the_seal(
        &self,
        issued_at: DateTime<Utc>,
    ) -> Result<Option<Problem>, Problem> {
        let seal = self.sealer()?.seal;
        let (Err(then), Ok(())) = (seal.check(issued_at), seal.check(self.now())) else {
            return Ok(None);
        };
        let at = issued_at.format("%Y-%m-%d %H:%M UTC");
        let why = format!("it was numbered on {at}, and {then}; issue it again");
        Ok(Some(Problem::new(Code::KeyInvalid, why)))
    }

    /// A document's sealed file, and what verifying it found. With an authority for time stamps there
    /// is a stamped file or none.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] while no seal is open; [`Code::StampUnreachable`];
    /// [`Code::StampAnswer`]; [`Code::VerificationFailed`]; what laying out gives.
    pub(super) async fn sealed(
        &self,
        document: Document,
    ) -> Result<(Vec<u8>, Verification), Problem> {
        let (sealer, trust) = (self.sealer()?, self.trust()?);
        let seal = sealer.seal;
        let (number, mut at) = (document.number.clone(), document.issued_at);
        // A notice is of the day on which its credit was granted, and no other can be had. A seal that was
        // renewed since says when it was really made; a statement is numbered anew instead.
        if matches!(document.kind, Kind::CreditNotice(_)) && seal.check(at).is_err() {
            at = self.now();
        }
        let bytes = match sealer.stamps {
            None => working(move || Ok(seal.sign(&render(&document)?, at)?)).await?,
            Some(authority) => {
                let unstamped =
                    working(move || Ok(seal.sign_to_stamp(&render(&document)?, at)?)).await?;
                let request = unstamped.ask(&self.random(), authority.policy.as_deref())?;
                let reply = authority.answer(&request).await?;
                let bytes = unstamped.stamp(&request, &reply, &authority.roots, self.now())?;
                match authority.revocation()? {
                    None => bytes,
                    Some(lists) => self.archived(&bytes, &lists, &authority, &trust).await?,
                }
            }
        };
        working(move || {
            let verified = verify(&bytes, &trust, at);
            if verified.is_valid() {
                return Ok((bytes, verified));
            }
            let why = format!("{number} was not released: {}", verified.words);
            Err(Problem::new(Code::VerificationFailed, why))
        })
        .await
    }

    /// A stamped file with what keeps it provable, and a time stamp over all of it.
    async fn archived(
        &self,
        stamped: &[u8],
        lists: &Revocation,
        authority: &Authority,
        trust: &Trust,
    ) -> Result<Vec<u8>, Problem> {
        let mut told = lists.clone();
        if authority.responders {
            for question in told.questions(stamped, trust, self.now(), || self.random())? {
                let reply = status(&question).await?;
                told.take(&question, &reply, self.now())?;
            }
        }
        let archive = Archive::new(stamped, &told, trust)?;
        let request = archive.ask(&self.random(), authority.policy.as_deref())?;
        let reply = authority.answer(&request).await?;
        Ok(archive.stamp(&request, &reply, &authority.roots, self.now())?)
    }

    fn random(&self) -> [u8; 32] {
        self.ground.random.bytes32()
    }
}

/// Off the threads that answer.
async fn working<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::new(Code::Internal, "sealing stopped"))?
}
