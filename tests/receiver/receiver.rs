//! The program and the mail server of `receiver.mjs` as a child process.
#![allow(clippy::expect_used, reason = "a test that can't go on has failed")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A receiver that runs, until it is dropped. Its certificate is for `localhost`.
pub(crate) struct Receiver {
    /// Where it takes webhooks.
    pub(crate) hooks: String,
    /// Where it takes mail, with TLS from the first byte.
    pub(crate) tls: u16,
    /// Where it takes mail, with STARTTLS.
    pub(crate) starttls: u16,
    child: Child,
    http: Client,
    folder: TempDir,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/receiver");
        assert!(
            home.join("node_modules/smtp-server").exists(),
            "the test receiver is not installed: run `npm ci` in tests/receiver"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a key");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file");
        };
        write("tls.crt", &made.cert.pem());
        write("tls.key", &made.signing_key.serialize_pem());
        write("secret", &secret(7));
        let mut child = Command::new("node")
            .arg("receiver.mjs")
            .arg(folder.path())
            .current_dir(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        out.read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("it says where it listens");
        let port =
            |name: &str| u16::try_from(said[name].as_u64().expect("a port")).expect("a port");
        Self {
            hooks: said["hooks"].as_str().expect("an address").to_owned(),
            tls: port("tls"),
            starttls: port("starttls"),
            child,
            http: Client::builder().no_proxy().build().expect("a client"),
            folder,
        }
    }

    /// A file of its folder: `secret`, `tls.crt`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn control(&self, what: &str, body: &Value) -> Vec<Value> {
        let url = format!("{}/control/{what}", self.hooks);
        let answer = self.http.post(url).json(body).send().await.expect("it answers");
        answer.json().await.expect("a list")
    }

    /// How it answers the next webhooks.
    pub(crate) async fn answers(&self, answers: Value) {
        self.control("answers", &answers).await;
    }

    /// Whose mail it refuses from now on.
    pub(crate) async fn refuses(&self, addresses: Value) {
        self.control("refuse", &addresses).await;
    }

    /// What becomes of the next messages once they are taken: `answer`, `vanish`, `hang`.
    #[allow(dead_code, reason = "the desk's tests use it")]
    pub(crate) async fn after(&self, what: Value) {
        self.control("after", &what).await;
    }

    /// From now on it leaves those without an answer who say farewell.
    #[allow(dead_code, reason = "the desk's tests use it")]
    pub(crate) async fn mute(&self) {
        self.control("mute", &json!({})).await;
    }

    /// What came, in order.
    pub(crate) async fn seen(&self) -> Vec<Value> {
        self.control("seen", &json!({})).await
    }

    /// Ends it, as when it is down.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A secret as receivers hand it out, of 32 equal bytes.
pub(crate) fn secret(byte: u8) -> String {
    format!("whsec_{}", STANDARD.encode([byte; 32]))
}
