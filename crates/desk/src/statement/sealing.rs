//! Sealing a document: laid out, signed, stamped with the time where an authority is chosen, archived
//! where that is wanted, and verified before anybody sees it.

use crate::{
    seat::Inside,
    stamp::{Authority, status},
};
use makegood_domain::{Code, Problem};
use makegood_statement::{Archive, Document, Revocation, Trust, Verification, render, verify};

impl Inside {
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
        let (number, at) = (document.number.clone(), document.issued_at);
        let seal = sealer.seal;
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
