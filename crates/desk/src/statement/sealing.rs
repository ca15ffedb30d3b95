//! Sealing a document: laid out, signed, stamped with the time where an authority is chosen, and
//! verified before anybody sees it.

use crate::seat::Inside;
use makegood_domain::{Code, Problem};
use makegood_statement::{Document, Verification, render, verify};

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
                let random = self.ground.random.bytes32();
                let request = unstamped.ask(&random, authority.policy.as_deref())?;
                let reply = authority.answer(&request).await?;
                unstamped.stamp(&request, &reply, &authority.roots, self.now())?
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
}

/// Off the threads that answer.
async fn working<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::new(Code::Internal, "sealing stopped"))?
}
