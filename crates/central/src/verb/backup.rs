//! `makegood-central backup` and `restore`.

use makegood_central::{App, backup, config::Settings};
use makegood_domain::{Clock, Problem};
use std::path::Path;

/// Writes a backup while central serves.
///
/// # Errors
/// As [`backup::backup`].
pub(crate) async fn write(app: &App, to: &Path) -> Result<(), Problem> {
    let whole = backup::backup(app.store(), to).await?;
    println!("{} is written; {whole}", to.display());
    Ok(())
}

/// Puts a backup where the settings say that the database is.
///
/// # Errors
/// As [`backup::restore`].
pub(crate) async fn put_back(settings: &Settings, from: &Path) -> Result<(), Problem> {
    let to = backup::file_of(&settings.address()?)?;
    let whole = backup::restore(from, &to, &Clock::system()).await?;
    println!("{} is restored; {whole}; every desk loads everything again", to.display());
    Ok(())
}

/// Renews the epoch of a database that its own tools restored.
///
/// # Errors
/// As [`backup::renewed`].
pub(crate) async fn renew(app: &App) -> Result<(), Problem> {
    let whole = backup::renewed(app.store()).await?;
    println!("{whole}; every desk loads everything again");
    Ok(())
}
