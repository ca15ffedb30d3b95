//! The mail server that this desk sends by: its settings stand in the profile; its password in the
//! system's keychain where the person says so, and is else asked for once in each session.

mod body;
mod smtp;

pub(crate) use smtp::{Letter, Others, Sent};

use crate::{delivery::run, desk::Desk, keychain, keys, seat::Inside};
use lettre::{
    message::Mailbox,
    transport::smtp::client::{Certificate, TlsParameters},
};
use makegood_domain::{Code, Problem, contact::mailbox};
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use ts_rs::TS;

/// Where the settings stand in the profile.
const SETTING: &str = "mail";

/// Which mail server, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MailSettings {
    /// Its name, as its certificate says it.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// `tls` (from the first byte) or `starttls` (insisted upon).
    pub encryption: String,
    /// As whom to sign in; empty: it asks nobody.
    pub user: String,
    /// Who writes, as people read it.
    pub from_name: String,
    /// Who writes: a mailbox.
    pub from_address: String,
    /// A file with further roots that its certificate may go back to (PEM); empty: the system's alone.
    pub roots: String,
    /// Whether its password lies in this computer's keychain.
    #[serde(default)]
    pub keep: bool,
}

/// How this desk's mail stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MailView {
    /// The settings, where there are any.
    pub settings: Option<MailSettings>,
    /// Whether it can send now.
    pub ready: bool,
    /// In words.
    pub text: String,
}

/// How long the keychain is waited for: it may have asked somebody to open it who is not there, and
/// nothing that is sent or synced waits for them.
const PROMPT: Duration = Duration::from_secs(10);

/// What is held of the mail server while the seat is taken.
#[derive(Debug, Default)]
pub(crate) struct MailKeys {
    held: Arc<Mutex<Held>>,
    /// Held while the keychain is asked.
    asking: tokio::sync::Mutex<()>,
    /// One message at a time.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    password: Option<String>,
    /// How often that was decided: a late answer of the keychain changes nothing that was decided since.
    turn: u64,
    /// The keychain was asked, and has not answered yet.
    unanswered: bool,
}

impl MailKeys {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn password(&self) -> Option<String> {
        self.held().password.clone()
    }

    fn keep(&self, password: Option<String>) {
        let mut held = self.held();
        held.password = password;
        held.turn += 1;
    }
}

/// A mail server, with all that it takes to send by it. It has no form to be logged in.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) wrapped: bool,
    pub(crate) tls: TlsParameters,
    pub(crate) login: Option<(String, String)>,
    pub(crate) from: Mailbox,
}

impl MailSettings {
    /// The same without blanks around, if it can be right.
    fn checked(self) -> Result<Self, Problem> {
        let trim = |text: String| text.trim().to_owned();
        let it = Self {
            server: trim(self.server),
            user: trim(self.user),
            from_name: trim(self.from_name),
            from_address: trim(self.from_address),
            roots: trim(self.roots),
            ..self
        };
        let refuse = |field: &str, why: String| Err(Problem::new(Code::Invalid, why).at(field));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if it.server.is_empty() || !it.server.chars().all(is_name) {
            let why = format!("{:?} is no server's name; write it as mail.example.com", it.server);
            return refuse("server", why);
        }
        if it.port == 0 {
            return refuse("port", "a port is 465 for tls, 587 for starttls".to_owned());
        }
        if !matches!(it.encryption.as_str(), "tls" | "starttls") {
            return refuse("encryption", "choose tls or starttls: mail never goes open".to_owned());
        }
        if it.from_name.is_empty() || it.from_name.chars().any(char::is_control) {
            return refuse("fromName", "say who writes, in one line".to_owned());
        }
        match mailbox(&it.from_address) {
            Err(why) => refuse("fromAddress", why),
            Ok(_) => Ok(it),
        }
    }

    /// The mail server, ready to be asked.
    fn post(&self, password: Option<String>) -> Result<Post, Problem> {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut tls = TlsParameters::builder(self.server.clone());
        if !self.roots.is_empty() {
            let path = Path::new(&self.roots);
            let roots = Certificate::from_pem(&keys::read(path)?).map_err(|error| {
                let why = format!("{}: {error}; put certificates there as PEM", path.display());
                Problem::new(Code::Invalid, why).at("roots")
            })?;
            tls = tls.add_root_certificate(roots);
        }
        let tls = tls.build_rustls().map_err(|error| {
            Problem::new(Code::Invalid, format!("{}: no TLS can be made: {error}", self.server))
        })?;
        let login = match (self.user.is_empty(), password) {
            (true, _) => None,
            (false, Some(password)) => Some((self.user.clone(), password)),
            (false, None) => {
                let why = "the mail server's password is asked for in each session: give it in the \
                           settings";
                return Err(Problem::new(Code::MailUnset, why));
            }
        };
        let address = self.from_address.parse().map_err(|error| {
            let why = format!("{:?} is no mailbox ({error})", self.from_address);
            Problem::new(Code::Invalid, why).at("fromAddress")
        })?;
        Ok(Post {
            server: self.server.clone(),
            port: self.port,
            wrapped: self.encryption == "tls",
            tls,
            login,
            from: Mailbox::new(Some(self.from_name.clone()), address),
        })
    }
}

impl Desk {
    /// How this desk's mail stands.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn mail(&self) -> Result<MailView, Problem> {
        self.inside().await?.mail_view().await
    }

    /// Sets the mail server, once it has answered and taken the password; without one the present one
    /// stays. It is held until the seat is left, and with `keep` in this computer's keychain; where that
    /// can't be used mail is set all the same, and the view says why the password was not kept.
    ///
    /// # Errors
    /// [`Code::Invalid`] naming the field; [`Code::MailUnreachable`], [`Code::MailRefused`] when the
    /// server does not answer, or take the login or the sender; [`Code::WrongState`] in the demo for a server that
    /// is not this very computer; then nothing has changed.
    pub async fn set_mail(
        &self,
        settings: MailSettings,
        password: Option<&str>,
    ) -> Result<MailView, Problem> {
        let inside = self.inside().await?;
        let mut settings = settings.checked()?;
        let here = matches!(settings.server.as_str(), "localhost" | "127.0.0.1");
        if inside.who().demo && !here {
            let why = "nothing leaves this computer in the demo: connect to your own service first";
            return Err(Problem::new(Code::WrongState, why));
        }
        let given = password.filter(|text| !text.is_empty()).map(str::to_owned);
        let password = match given {
            Some(given) => Some(given),
            None => inside.mail_password().await?,
        };
        settings.post(password.clone())?.check().await?;
        let not_kept = inside.keep_mail_password(&mut settings, password.as_deref()).await;
        let text = serde_json::to_string(&settings)
            .map_err(|error| Problem::new(Code::Internal, format!("mail settings: {error}")))?;
        inside.profile.set(SETTING, &text).await?;
        inside.mail.keep(password);
        run::bring_forward(&inside.profile, inside.now()).await?;
        inside.wake.notify_one();
        let mut view = inside.mail_view().await?;
        if let Some(problem) = not_kept {
            view.text = format!("{}; {}", view.text, problem.message);
        }
        Ok(view)
    }
}

impl Inside {
    async fn mail_settings(&self) -> Result<Option<MailSettings>, Problem> {
        let text = self.profile.setting(SETTING).await?;
        // What an older version wrote in another form is set anew.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// What to send by.
    ///
    /// # Errors
    /// [`Code::MailUnset`] when nothing is set, or the password was not given in this session.
    pub(crate) async fn post(&self) -> Result<Post, Problem> {
        let Some(settings) = self.mail_settings().await? else {
            let why = "no mail server is set up at this desk: add one in Settings";
            return Err(Problem::new(Code::MailUnset, why));
        };
        settings.post(self.mail_password().await?)
    }

    /// The password, as it was given in this session or lies in the keychain. A keychain that can't be
    /// used is as good as none.
    async fn mail_password(&self) -> Result<Option<String>, Problem> {
        let held = self.mail.password();
        let keeps = self.mail_settings().await?.is_some_and(|settings| settings.keep);
        if held.is_some() || !keeps {
            return Ok(held);
        }
        let _asking = self.mail.asking.lock().await;
        let turn = {
            let mut held = self.mail.held();
            if held.password.is_some() || held.unanswered {
                return Ok(held.password.clone());
            }
            held.unanswered = true;
            held.turn
        };
        let (name, held) = (self.mail_name(), Arc::clone(&self.mail.held));
        let asked = tokio::spawn(async move {
            let kept = keychain::kept(&name).await;
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            held.unanswered = false;
            if let (Ok(Some(kept)), true) = (kept, held.turn == turn) {
                held.password = Some(kept);
            }
        });
        // It goes on being asked; whoever opens it later is heard then.
        let _ = tokio::time::timeout(PROMPT, asked).await;
        Ok(self.mail.password())
    }

    /// Keeps the password where that is wanted, and else forgets it; why it could not be kept.
    async fn keep_mail_password(
        &self,
        settings: &mut MailSettings,
        password: Option<&str>,
    ) -> Option<Problem> {
        let name = self.mail_name();
        let silent = |_| Err(keychain::unavailable("it does not answer"));
        let Some(password) = password.filter(|_| settings.keep) else {
            settings.keep = false;
            // Without a keychain there is nothing to forget; nor where nothing was kept from here.
            if self.mail_settings().await.ok().flatten().is_some_and(|before| before.keep) {
                let _ = tokio::time::timeout(PROMPT, keychain::forget(&name)).await;
            }
            return None;
        };
        let kept = tokio::time::timeout(PROMPT, keychain::keep(&name, password)).await;
        let not_kept = kept.unwrap_or_else(silent).err();
        settings.keep = not_kept.is_none();
        not_kept
    }

    /// One for each profile: people who share a computer share no password.
    fn mail_name(&self) -> String {
        format!("mail of {}", self.who().person.id)
    }

    pub(crate) async fn mail_view(&self) -> Result<MailView, Problem> {
        let settings = self.mail_settings().await?;
        let (ready, text) = match (&settings, self.post().await) {
            (Some(it), Ok(_)) => (true, format!("{} sends for {}", it.server, it.from_address)),
            (_, Err(problem)) => (false, problem.message),
            (None, Ok(_)) => (false, String::new()),
        };
        Ok(MailView { settings, ready, text })
    }
}
