//! Signing in at a real provider from a terminal, and out again.

use crate::{
    makegood,
    provider::{Browser, CLIENT, Provider},
    text,
};
use makegood_central::{
    App, Config, Running, identity, serve,
    store::{Arg, fetch},
};
use makegood_domain::{
    Clock,
    person::{Person, Role, Scope},
    random::Random,
};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A central whose people come from a provider, and Anna is one of them.
struct Door {
    app: App,
    running: Running,
    folder: TempDir,
    // Runs for as long as it is held.
    _provider: Provider,
}

impl Door {
    async fn open() -> Self {
        let provider = Provider::start();
        let folder = tempfile::tempdir().unwrap();
        let settings = identity::Provider::new(&provider.issuer, CLIENT);
        let config =
            Config { schedule: None, provider: Some(settings), ..Config::new("Fjordline Cloud") };
        let url = format!("sqlite:{}", folder.path().join("central.db").display());
        let app = App::open(&url, Clock::system(), Random::system(), config).await.unwrap();
        let anna = Person {
            id: app.store().ids().make(),
            issuer: provider.issuer.clone(),
            subject: "anna".to_owned(),
            name: "Anna".to_owned(),
            roles: [Role::Csm].into(),
        };
        app.put_person(&anna, &Scope::All).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = serve(listener, app.clone()).unwrap();
        Self { app, running, folder, _provider: provider }
    }

    /// Runs a verb on this central and a token file.
    fn verb(&self, verb: &str, file: &Path) -> Output {
        let file = file.display().to_string();
        makegood(&[verb, "--central", &self.running.url(), "--token-file", &file])
    }

    fn signing_in(&self, file: &Path) -> Command {
        let mut verb = Command::new(env!("CARGO_BIN_EXE_makegood"));
        verb.args(["sign-in", "--central", &self.running.url(), "--token-file"]).arg(file);
        verb.stdout(Stdio::piped()).stderr(Stdio::piped());
        verb
    }

    /// Signs in by code; `person` types it in.
    async fn sign_in(&self, person: &str, file: &Path) -> Output {
        let mut child = self.signing_in(file).arg("--device").spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut lines = [String::new(), String::new()];
        for line in &mut lines {
            said.read_line(line).unwrap();
        }
        let whole = lines[1].trim().strip_prefix("or open ").unwrap();
        let (_, code) = whole.split_once("user_code=").unwrap();
        assert!(lines[0].trim().ends_with(&format!("type in {code}")), "{lines:?}");
        Browser::of(person).visit(whole).await;
        let mut stderr = Vec::new();
        said.read_to_end(&mut stderr).unwrap();
        Output { stderr, ..child.wait_with_output().unwrap() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_by_code_syncs_and_signs_out() {
    let door = Door::open().await;
    let file = door.folder.path().join("token");
    let refused = door.sign_in("zoe", &file).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("error[person_unknown]"), "{refused:?}");
    assert!(!file.exists());

    let signed_in = door.sign_in("anna", &file).await;
    assert_eq!(signed_in.status.code(), Some(0), "{}", text(&signed_in.stderr));
    let said = text(&signed_in.stdout);
    assert!(said.starts_with("Anna, until 20") && !said.contains("mgd_"), "{said}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let profile = door.folder.path().join("desk").display().to_string();
    let (url, token) = (door.running.url(), file.display().to_string());
    let sync =
        ["sync", "--profile", &profile, "--central", &url, "--token-file", &token, "--prove"];
    let synced = makegood(&sync);
    assert_eq!(synced.status.code(), Some(0), "{}", text(&synced.stderr));

    let kept = door.folder.path().join("kept");
    fs::copy(&file, &kept).unwrap();
    let signed_out = door.verb("sign-out", &file);
    assert_eq!(signed_out.status.code(), Some(0), "{}", text(&signed_out.stderr));
    assert!(!file.exists());
    // What somebody kept of it is worth nothing, and signing it out is no error.
    fs::copy(&kept, &file).unwrap();
    let after = makegood(&sync);
    assert!(text(&after.stderr).contains("error[token_invalid]"), "{after:?}");
    assert_eq!(door.verb("sign-out", &file).status.code(), Some(0));
    assert!(!file.exists());
    assert_eq!(door.verb("sign-out", &file).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_token_can_not_be_kept_is_ended_at_once() {
    let door = Door::open().await;
    let nowhere = door.folder.path().join("no folder").join("token");
    let failed = door.sign_in("anna", &nowhere).await;
    assert_eq!(failed.status.code(), Some(2));
    assert!(text(&failed.stderr).contains("no folder"), "{}", text(&failed.stderr));
    let sql = "select id from token where kind = $1 and revoked_at is null";
    let mut conn = door.app.store().reading().await.unwrap();
    assert_eq!(fetch(&mut conn, sql, &[Arg::text("session")]).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_code_the_address_to_open_is_said() {
    let door = Door::open().await;
    let file = door.folder.path().join("token");
    let mut child = door.signing_in(&file).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let (_, address) = line.trim().split_once("machine: ").unwrap();
    let back = Browser::of("anna").visit(address).await.url;
    let page = reqwest::Client::builder().no_proxy().build().unwrap().get(back).send().await;
    assert!(page.unwrap().status().is_success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(door.verb("sign-out", &file).status.code(), Some(0));
}
