//! The operating system's keychain, for what has to outlive this program and may stand in no file: the
//! Secret Service on Linux, the login keychain on macOS, the Credential Manager on Windows. Where there
//! is none the person is asked each time.

use makegood_domain::{Code, Problem};
use std::sync::Arc;

/// Under which name all of it is kept.
const SERVICE: &str = "makegood";

/// Keeps a secret under a name, in place of the one before.
///
/// # Errors
/// [`Code::KeyInvalid`] where there is no keychain, or it is not opened.
pub(crate) async fn keep(name: &str, secret: &str) -> Result<(), Problem> {
    let secret = secret.to_owned();
    // As bytes: Windows would store text as UTF-16, and has room for half as much of it.
    with(name, move |entry| entry.set_secret(secret.as_bytes())).await
}

/// The secret under a name; `None`: there is none.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn kept(name: &str) -> Result<Option<String>, Problem> {
    with(name, |entry| match entry.get_secret() {
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|error| keyring_core::Error::BadEncoding(error.into_bytes())),
    })
    .await
}

/// Keeps nothing under a name any more.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn forget(name: &str) -> Result<(), Problem> {
    with(name, delete).await
}

/// Deletes an entry, if there is one.
pub(crate) fn delete(entry: &keyring_core::Entry) -> keyring_core::Result<()> {
    match entry.delete_credential() {
        Err(keyring_core::Error::NoEntry) => Ok(()),
        done => done,
    }
}

/// Does something with the entry of a name, on a thread that may wait.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn with<T: Send + 'static>(
    name: &str,
    ask: impl FnOnce(&keyring_core::Entry) -> keyring_core::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let name = name.to_owned();
    // The keychain may ask the person to open it first: that takes its time.
    let asked = tokio::task::spawn_blocking(move || {
        let entry = keyring_core::Entry::new_in_store(&store()?, SERVICE, &name)?;
        ask(&entry)
    });
    let answered = asked.await.map_err(|_| unavailable("it did not answer"))?;
    answered.map_err(|error| unavailable(&error.to_string()))
}

pub(crate) fn unavailable(why: &str) -> Problem {
    Problem::new(Code::KeyInvalid, format!("this computer's keychain can't be used: {why}"))
}

#[cfg(target_os = "linux")]
fn store() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn store() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn store() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    let why = "there is none for this system yet".to_owned();
    Err(keyring_core::Error::NotSupportedByStore(why))
}
