//! The sections of the settings that say where alerts are told.

use super::section::{Reading, Section};
use crate::{
    message::{
        Channel, PATIENCE, Way,
        mail::{Encryption, Mail},
        webhook::Webhook,
    },
    outgoing,
};
use lettre::message::Mailbox;
use makegood_domain::alert::AlertLevel;
use reqwest::Url;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWebhook {
    name: String,
    url: String,
    secret_file: PathBuf,
    #[serde(default = "warning")]
    level: AlertLevel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMail {
    server: String,
    #[serde(default = "tls")]
    encryption: WrittenEncryption,
    port: Option<u16>,
    roots_file: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    #[serde(default = "warning")]
    level: AlertLevel,
    #[serde(default)]
    alerts_to: BTreeMap<String, String>,
    #[serde(default)]
    digests_to: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenEncryption {
    Tls,
    StartTls,
    None,
}

fn warning() -> AlertLevel {
    AlertLevel::Warning
}

fn tls() -> WrittenEncryption {
    WrittenEncryption::Tls
}

/// The channels: each `[[webhook]]`, and each address of `[mail]`.
pub(super) fn read<'t>(file: &mut Section<'t>, reading: &mut Reading<'t>) -> Vec<Channel> {
    let mut channels = Vec::new();
    if let Some((line, webhooks)) = reading.take::<Vec<WrittenWebhook>>(file, "webhook") {
        for written in webhooks {
            match webhook(&written) {
                Ok(channel) => channels.push(channel),
                Err(why) => reading.flaw(line, &format!("webhook {:?}: {why}", written.name)),
            }
        }
    }
    if let Some((line, written)) = reading.take::<WrittenMail>(file, "mail") {
        match mail(&written) {
            Ok(mails) => channels.extend(mails),
            Err(why) => reading.flaw(line, &format!("mail.{why}")),
        }
    }
    let mut names = BTreeSet::new();
    for channel in &channels {
        if !names.insert(channel.name.as_str()) {
            let why = format!("{:?} names two ways to tell; name one otherwise", channel.name);
            reading.flaw(1, &why);
        }
    }
    channels
}

fn webhook(written: &WrittenWebhook) -> Result<Channel, String> {
    if written.name.trim().is_empty() {
        return Err("name: it is empty; messages are listed by it".to_owned());
    }
    // Without the text: it may hold a password.
    let url = Url::parse(&written.url)
        .ok()
        .filter(outgoing::is_safe)
        .ok_or("url: write it as https://hooks.example.com/…; http:// is for this very machine")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url: the receiver knows us by the signature; leave the login out".to_owned());
    }
    let way = Way::Webhook(Webhook { url, secret_file: written.secret_file.clone() });
    Ok(Channel {
        name: written.name.clone(),
        least: written.level,
        digest_for: None,
        patience: PATIENCE,
        way,
    })
}

fn mail(written: &WrittenMail) -> Result<Vec<Channel>, String> {
    let (encryption, port) = match written.encryption {
        WrittenEncryption::Tls => (Encryption::Tls, 465),
        WrittenEncryption::StartTls => (Encryption::StartTls, 587),
        WrittenEncryption::None if outgoing::is_here(&written.server) => (Encryption::None, 25),
        WrittenEncryption::None => {
            let why = "others on the way could read along; write tls or starttls";
            return Err(format!("encryption: {why}"));
        }
    };
    let login = match (&written.user, &written.password_file) {
        (Some(user), Some(file)) => Some((user.clone(), file.clone())),
        (None, None) => None,
        _ => return Err("user: give it together with password_file, or neither".to_owned()),
    };
    if written.alerts_to.is_empty() && written.digests_to.is_empty() {
        return Err("alerts_to: nobody is told; give NAME = \"ADDRESS\"".to_owned());
    }
    let mailbox = |at: &str, text: &str| {
        text.parse::<Mailbox>()
            .map_err(|error| format!("{at}: {text:?}: {error}; write somebody@example.com"))
    };
    let from = mailbox("from", &written.from)?;
    let mut channels = Vec::new();
    let way = |to: Mailbox| {
        Way::Mail(Mail {
            server: written.server.clone(),
            port: written.port.unwrap_or(port),
            encryption,
            roots_file: written.roots_file.clone(),
            login: login.clone(),
            from: from.clone(),
            to,
        })
    };
    let least = written.level;
    for (name, address) in &written.alerts_to {
        let way = way(mailbox(&format!("alerts_to.{name}"), address)?);
        channels.push(Channel {
            name: name.clone(),
            least,
            digest_for: None,
            patience: PATIENCE,
            way,
        });
    }
    for (subject, address) in &written.digests_to {
        let way = way(mailbox(&format!("digests_to.{subject}"), address)?);
        let (name, digest_for) = (format!("digest of {subject}"), Some(subject.clone()));
        channels.push(Channel { name, least, digest_for, patience: PATIENCE, way });
    }
    Ok(channels)
}
