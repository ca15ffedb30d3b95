//! `makegood-central backup` and `restore`.

use makegood_central::{
    App,
    backup::{self, Restored, Tokens},
    config::Settings,
    store::Store,
};
use makegood_domain::{Clock, Problem};
use std::path::Path;

/// Writes a backup while central serves.
///
/// # Errors
/// As [`backup::backup`].
pub(crate) async fn write(store: &Store, address: &str, to: &Path) -> Result<(), Problem> {
    let whole = backup::backup(store, to).await?;
    println!("{} is written, a copy of {address}; {whole}", to.display());
    Ok(())
}

/// Puts a backup where the settings say that the database is.
///
/// # Errors
/// As [`backup::restore`].
pub(crate) async fn put_back(
    settings: &Settings,
    from: &Path,
    tokens: Tokens,
) -> Result<(), Problem> {
    let to = backup::file_of(&settings.address()?)?;
    let restored = backup::restore((from, &to), &Clock::system(), tokens).await?;
    println!("{} is restored; {}", to.display(), told(&restored, tokens));
    Ok(())
}

/// Renews the epoch of a database that its own tools restored.
///
/// # Errors
/// As [`backup::renewed`].
pub(crate) async fn renew(app: &App, tokens: Tokens) -> Result<(), Problem> {
    let restored = backup::renewed(app.store(), tokens).await?;
    println!("{}", told(&restored, tokens));
    Ok(())
}

fn told(Restored { whole, ended }: &Restored, tokens: Tokens) -> String {
    let of_tokens = match tokens {
        Tokens::End => format!(
            "{ended} sessions and personal tokens have ended: desks sign in again by themselves where they \
             can, and scripts need new tokens"
        ),
        Tokens::Keep => {
            "sessions and personal tokens are good as they were at the backup".to_owned()
        }
    };
    format!("{whole}; every desk loads everything again; {of_tokens}")
}
