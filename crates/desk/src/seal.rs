//! The seal, as a person chooses it: its place is remembered; its password only in the system's
//! keychain, and only where the person says so.

use crate::{
    desk::Desk, keychain, keys::SealPlace, problem::unreadable, seat::Inside, stamp::StampPlace,
};
use makegood_domain::{Code, Problem};
use makegood_statement::{TokenKey, TokenName};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// Under which name the choice is kept in the profile.
const SETTING: &str = "seal";

/// Which seal, and who stamps what it seals with the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SealChoice {
    /// A PKCS#12 file; absent: a token.
    pub file: Option<String>,
    /// A PKCS#11 token; absent: a file.
    pub token: Option<TokenChoice>,
    /// A file with the root above the seal (PEM or DER).
    pub trust: String,
    /// Who stamps, where somebody shall.
    pub stamps: Option<StampChoice>,
}

/// A key in a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct TokenChoice {
    /// The PKCS#11 module: the library of the token's maker.
    pub module: String,
    /// The token's label, or `slot:` and a number.
    pub token: String,
    /// The key's label.
    pub key: String,
    /// A file with its certificates, where the token does not hold them.
    pub certificates: Option<String>,
}

/// An authority for time stamps (RFC 3161).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StampChoice {
    /// `https://…`.
    pub address: String,
    /// A file with the root above it (PEM or DER).
    pub trust: String,
    /// Its policy, where a certain one is wanted.
    pub policy: Option<String>,
    /// Revocation lists (DER) to archive with.
    pub lists: Vec<String>,
    /// Whether the responders (OCSP) that certificates name are asked, to archive with what they say. With
    /// neither, it is not archived.
    #[serde(default)]
    pub responders: bool,
}

/// The seal of this desk, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct SealView {
    /// `none`: none is chosen. `locked`: its password has to be given. `open`: it can seal. `demo`: the
    /// demo's own.
    #[ts(type = "\"none\" | \"locked\" | \"open\" | \"demo\"")]
    pub state: String,
    /// Whose it is, once it is open: the certificate's subject.
    pub subject: Option<String>,
    /// What was chosen.
    pub choice: Option<SealChoice>,
    /// Whether its password lies in this computer's keychain.
    pub kept: bool,
    /// Why it does not, though it should.
    pub not_kept: Option<String>,
}

/// What is kept in the profile.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    choice: SealChoice,
    kept: bool,
}

impl Desk {
    /// The seal, as it stands. Where its password lies in the keychain it is opened; where the keychain
    /// does not give it, or it no longer fits, the seal stays locked.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn seal(&self) -> Result<SealView, Problem> {
        let inside = self.inside().await?;
        if let Err(problem) = self.unlock_kept_seal(&inside).await {
            tracing::info!(code = %problem.code, "the kept seal stays locked");
        }
        inside.seal_view().await
    }

    /// Opens a seal with its password or PIN, and remembers the choice once it has proved right; with
    /// `keep` the password, too, in this computer's keychain. Where that can't be used the seal is open
    /// all the same, and the view says why it was not kept.
    ///
    /// # Errors
    /// [`Code::Invalid`] for neither or both of file and token; as [`Desk::open_seal`].
    pub async fn choose_seal(
        &self,
        choice: &SealChoice,
        secret: &str,
        keep: bool,
    ) -> Result<SealView, Problem> {
        let stamps = choice.stamps.as_ref().map(StampChoice::place);
        let trust = Path::new(choice.trust.trim());
        let seal = self.opened(&choice.place()?, secret, trust, stamps.as_ref()).await?;
        let inside = self.inside().await?;
        let proven = keep && seal.secret_is_proven();
        let (kept, not_kept) = match keep && !proven {
            true => inside.stays_kept(choice).await?,
            false => inside.kept_if(proven, secret).await,
        };
        inside.remember_seal(&Remembered { choice: choice.clone(), kept }).await?;
        // What waited for a seal goes on.
        inside.wake.notify_one();
        Ok(SealView { not_kept, ..inside.seal_view().await? })
    }

    /// Opens the seal that was chosen before; whether its password is kept stays as it is.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when none was; as [`Desk::open_seal`].
    pub async fn unlock_seal(&self, secret: &str) -> Result<SealView, Problem> {
        let before = self.inside().await?.remembered_seal().await?;
        let before = before.ok_or_else(|| {
            Problem::new(Code::KeyInvalid, "no seal is chosen yet: choose one in Settings")
        })?;
        self.choose_seal(&before.choice, secret, before.kept).await
    }

    async fn unlock_kept_seal(&self, inside: &Inside) -> Result<(), Problem> {
        let _turn = inside.keys.unlocking.lock().await;
        let Some(before) = inside.remembered_seal().await? else { return Ok(()) };
        if inside.who().demo || inside.keys.subject().is_some() || !before.kept {
            return Ok(());
        }
        let name = inside.seal_name();
        let Some(secret) = keychain::kept(&name).await? else {
            return inside.remember_seal(&Remembered { kept: false, ..before }).await;
        };
        match self.choose_seal(&before.choice, &secret, true).await {
            // It would be tried at each change of the desk, and a token locks after a few wrong ones.
            Err(problem) if problem.code == Code::KeyPassword => {
                inside.remember_seal(&Remembered { kept: false, ..before }).await?;
                keychain::forget(&name).await?;
                Err(problem)
            }
            done => done.map(|_| ()),
        }
    }
}

impl Inside {
    /// Keeps a secret, or nothing any more: whether it is kept, and why not, though it should be.
    async fn kept_if(&self, keep: bool, secret: &str) -> (bool, Option<String>) {
        let name = self.seal_name();
        if !keep {
            // What was kept before is no longer wanted; without a keychain there is nothing.
            let _ = keychain::forget(&name).await;
            return (false, None);
        }
        let failed = keychain::keep(&name, secret).await.err();
        (failed.is_none(), failed.map(|problem| problem.message))
    }

    /// The same of a PIN that was not tried: what has proved right for the very token before stays kept,
    /// and nothing else is.
    async fn stays_kept(&self, choice: &SealChoice) -> Result<(bool, Option<String>), Problem> {
        let before = self.remembered_seal().await?;
        if before.is_some_and(|before| before.kept && before.choice.token == choice.token) {
            return Ok((true, None));
        }
        let _ = self.kept_if(false, "").await;
        let why = "the token is open already, so the PIN was not tried; give it again after the next \
                   start";
        Ok((false, Some(why.to_owned())))
    }

    /// One for each profile: people who share a computer share no password.
    fn seal_name(&self) -> String {
        format!("seal of {}", self.who().person.id)
    }

    async fn remembered_seal(&self) -> Result<Option<Remembered>, Problem> {
        let text = self.profile.setting(SETTING).await?;
        let read = |text: String| serde_json::from_str(&text);
        text.map(read).transpose().map_err(|error| unreadable("the chosen seal", &error))
    }

    async fn remember_seal(&self, remembered: &Remembered) -> Result<(), Problem> {
        let text = serde_json::to_string(remembered)
            .map_err(|error| Problem::new(Code::Internal, format!("the seal: {error}")))?;
        self.profile.set(SETTING, &text).await
    }

    async fn seal_view(&self) -> Result<SealView, Problem> {
        let before = self.remembered_seal().await?;
        let subject = self.keys.subject();
        let state = match (&subject, &before) {
            // The demo seals with its own, whatever an older release let be chosen in it.
            _ if self.who().demo => "demo",
            (Some(_), _) => "open",
            (None, Some(_)) => "locked",
            (None, None) => "none",
        };
        let kept = before.as_ref().is_some_and(|before| before.kept);
        let choice = before.map(|before| before.choice);
        Ok(SealView { state: state.to_owned(), subject, choice, kept, not_kept: None })
    }
}

impl SealChoice {
    fn place(&self) -> Result<SealPlace, Problem> {
        match (&self.file, &self.token) {
            (Some(file), None) => Ok(SealPlace::File(PathBuf::from(file.trim()))),
            (None, Some(token)) => Ok(SealPlace::Token {
                key: TokenKey {
                    module: PathBuf::from(token.module.trim()),
                    token: TokenName::read(token.token.trim())
                        .map_err(|why| Problem::new(Code::Invalid, why).at("token"))?,
                    key: token.key.trim().to_owned(),
                },
                certificates: token.certificates.as_deref().map(str::trim).map(PathBuf::from),
            }),
            _ => Err(Problem::new(Code::Invalid, "choose a file or a token").at("seal")),
        }
    }
}

impl StampChoice {
    fn place(&self) -> StampPlace {
        StampPlace {
            address: self.address.trim().to_owned(),
            trust: PathBuf::from(self.trust.trim()),
            policy: self.policy.clone(),
            lists: self.lists.iter().map(|list| PathBuf::from(list.trim())).collect(),
            responders: self.responders,
        }
    }
}
