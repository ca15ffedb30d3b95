//! Which seal a run on a terminal seals with.

use crate::{
    say,
    sync::{Place, secret},
};
use clap::Args;
use makegood_desk::{Desk, keys::SealPlace, stamp::StampPlace};
use makegood_domain::Problem;
use makegood_statement::{TokenKey, TokenName};
use std::path::{Path, PathBuf};

/// The seal, where the desk has none of its own: a PKCS#12 file, or a key in a PKCS#11 token.
#[derive(Debug, Args)]
pub(crate) struct SealOptions {
    /// The seal: a PKCS#12 file
    #[arg(long, value_name = "FILE", requires_all = ["seal_password_file", "trust"])]
    seal: Option<PathBuf>,
    /// The seal: a key in a token, reached through this PKCS#11 module (the maker's library)
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "seal",
        requires_all = ["token", "token_key", "seal_password_file", "trust"]
    )]
    token_module: Option<PathBuf>,
    /// Which token: its label, or `slot:` and a number
    #[arg(long, value_name = "LABEL", value_parser = TokenName::read, requires = "token_module")]
    token: Option<TokenName>,
    /// Label of the key in the token
    #[arg(long, value_name = "LABEL", requires = "token_module")]
    token_key: Option<String>,
    /// The certificates of the token's key (PEM or DER), where the token does not hold them
    #[arg(long, value_name = "FILE", requires = "token_module")]
    token_certificates: Option<PathBuf>,
    /// A file with the seal's password or PIN; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    seal_password_file: Option<PathBuf>,
    /// The root above the seal (PEM)
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Have an authority stamp each seal with the time (RFC 3161): its address
    #[arg(long, value_name = "URL", requires_all = ["stamp_trust", "trust"])]
    stamp_authority: Option<String>,
    /// The root above that authority (PEM or DER)
    #[arg(long, value_name = "FILE", requires = "stamp_authority")]
    stamp_trust: Option<PathBuf>,
    /// That authority's policy, where a certain one is wanted
    #[arg(long, value_name = "OID", requires = "stamp_authority")]
    stamp_policy: Option<String>,
    /// Archive what is stamped (PAdES B-LTA) with the revocation lists (DER) of whoever stands above
    /// seal and authority
    #[arg(long, value_name = "FILE", requires = "stamp_authority", num_args = 1..)]
    archive_with: Vec<PathBuf>,
    /// Archive what is stamped with what the responders (OCSP) say that the certificates name, about
    /// whatever no list tells of
    #[arg(long, requires = "stamp_authority")]
    archive_online: bool,
}

impl SealOptions {
    /// A desk that can seal into a folder: the seal open, in step with central, the folder there.
    pub(super) async fn ready(&self, place: &Place, out: &Path) -> Result<Desk, Problem> {
        let desk = place.desk().await?;
        // Before the sync: whoever typed a wrong password need not wait for it.
        self.open(&desk).await?;
        say::step("Syncing");
        desk.sync_now().await?;
        std::fs::create_dir_all(out).map_err(|error| say::file(out, &error))?;
        Ok(desk)
    }

    /// Opens it, where one is given.
    async fn open(&self, desk: &Desk) -> Result<(), Problem> {
        let (Some(place), Some(secret_file), Some(trust)) =
            (self.place(), &self.seal_password_file, &self.trust)
        else {
            return Ok(());
        };
        desk.open_seal(&place, &secret(secret_file)?, trust, self.stamps().as_ref()).await?;
        Ok(())
    }

    fn stamps(&self) -> Option<StampPlace> {
        Some(StampPlace {
            address: self.stamp_authority.clone()?,
            trust: self.stamp_trust.clone()?,
            policy: self.stamp_policy.clone(),
            lists: self.archive_with.clone(),
            responders: self.archive_online,
        })
    }

    fn place(&self) -> Option<SealPlace> {
        if let Some(file) = &self.seal {
            return Some(SealPlace::File(file.clone()));
        }
        let key = TokenKey {
            module: self.token_module.clone()?,
            token: self.token.clone()?,
            key: self.token_key.clone()?,
        };
        Some(SealPlace::Token { key, certificates: self.token_certificates.clone() })
    }
}
