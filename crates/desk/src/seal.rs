//! The seal, as a person chooses it: the place is remembered, its password never is.

use crate::{desk::Desk, keys::SealPlace, problem::unreadable, seat::Inside, stamp::StampPlace};
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
    /// Revocation lists (DER) to archive with; none: it is not archived.
    pub lists: Vec<String>,
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
}

impl Desk {
    /// The seal, as it stands.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn seal(&self) -> Result<SealView, Problem> {
        self.inside().await?.seal_view().await
    }

    /// Opens a seal with its password or PIN, and remembers the choice: once it has proved right.
    ///
    /// # Errors
    /// [`Code::Invalid`] for neither or both of file and token; as [`Desk::open_seal`].
    pub async fn choose_seal(
        &self,
        choice: &SealChoice,
        secret: &str,
    ) -> Result<SealView, Problem> {
        let stamps = choice.stamps.as_ref().map(StampChoice::place);
        let trust = Path::new(choice.trust.trim());
        self.open_seal(&choice.place()?, secret, trust, stamps.as_ref()).await?;
        let inside = self.inside().await?;
        let text = serde_json::to_string(choice)
            .map_err(|error| Problem::new(Code::Internal, format!("the seal: {error}")))?;
        inside.profile.set(SETTING, &text).await?;
        // What waited for a seal goes on.
        inside.wake.notify_one();
        inside.seal_view().await
    }

    /// Opens the seal that was chosen before.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] when none was; as [`Desk::open_seal`].
    pub async fn unlock_seal(&self, secret: &str) -> Result<SealView, Problem> {
        let choice = self.inside().await?.seal_choice().await?;
        let choice = choice.ok_or_else(|| {
            Problem::new(Code::KeyInvalid, "no seal is chosen yet: choose one in the settings")
        })?;
        self.choose_seal(&choice, secret).await
    }
}

impl Inside {
    async fn seal_choice(&self) -> Result<Option<SealChoice>, Problem> {
        let text = self.profile.setting(SETTING).await?;
        let read = |text: String| serde_json::from_str(&text);
        text.map(read).transpose().map_err(|error| unreadable("the chosen seal", &error))
    }

    async fn seal_view(&self) -> Result<SealView, Problem> {
        let choice = self.seal_choice().await?;
        let subject = self.keys.subject();
        let state = match (&subject, &choice) {
            // Until another one is opened the demo seals with its own.
            (None, _) | (Some(_), None) if self.who().demo => "demo",
            (Some(_), _) => "open",
            (None, Some(_)) => "locked",
            (None, None) => "none",
        };
        Ok(SealView { state: state.to_owned(), subject, choice })
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
        }
    }
}
