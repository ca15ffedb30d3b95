//! Signing in at a real provider, going on when a session has run out, and signing out.

use crate::provider::{Browser, CLIENT, Provider};
use chrono::TimeDelta;
use makegood_central::{App, Config, Running, identity, serve, store::Arg};
use makegood_desk::{
    Desk, Event, Ground, Link,
    screens::Page,
    session::Mode,
    sign_in::{self, DeviceCode},
    token::TokenWanted,
};
use makegood_domain::{
    Clock, Code, Problem,
    person::{Person, Role, Scope, TokenKind},
    random::Random,
};
use serde_json::json;
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A central whose people come from a provider, and Anna is one of them.
pub(crate) struct Door {
    pub(crate) provider: Provider,
    pub(crate) app: App,
    pub(crate) running: Running,
    clock: Clock,
    pub(crate) folder: TempDir,
}

impl Door {
    pub(crate) async fn open() -> Self {
        let provider = Provider::start();
        let folder = tempfile::tempdir().unwrap();
        // It stands, at the present: the provider's own clock runs.
        let clock = Clock::fixed(Clock::system().now());
        let settings = identity::Provider::new(&provider.issuer, CLIENT);
        let config =
            Config { schedule: None, provider: Some(settings), ..Config::new("Fjordline Cloud") };
        let url = format!("sqlite:{}", folder.path().join("central.db").display());
        let app = App::open(&url, clock.clone(), Random::system(), config).await.unwrap();
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
        Self { provider, app, running, clock, folder }
    }

    fn desk(&self) -> Arc<Desk> {
        Arc::new(Desk::open(&self.folder.path().join("desk"), self.ground()).unwrap())
    }

    pub(crate) fn ground(&self) -> Ground {
        Ground { clock: self.clock.clone(), random: Random::system(), hold: TimeDelta::zero() }
    }

    /// Every session's time is up.
    pub(crate) async fn run_out(&self) {
        run_out(&self.app).await;
    }

    /// How many sessions were opened, and how many are open still.
    pub(crate) async fn sessions(&self) -> (usize, usize) {
        let mut conn = self.app.store().reading().await.unwrap();
        let mut count = async |sql: &str| {
            makegood_central::store::fetch(&mut conn, sql, &[Arg::text("session")])
                .await
                .unwrap()
                .len()
        };
        let all = "select id from token where kind = $1";
        (count(all).await, count(&format!("{all} and revoked_at is null and expires_at > 0")).await)
    }
}

/// Every token's time is up.
pub(crate) async fn run_out(app: &App) {
    let mut tx = app.store().begin(None).await.unwrap();
    tx.execute("update token set expires_at = 0", &[]).await.unwrap();
    tx.commit().await.unwrap();
}

/// A system browser in which `person` signs in; it then shows what it was sent back to.
pub(crate) fn browser(person: &'static str) -> impl FnOnce(&str) -> Result<(), Problem> + Send {
    move |url| {
        let url = url.to_owned();
        tokio::spawn(async move {
            let back = Browser::of(person).visit(&url).await.url;
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            // What else a browser does: a connection that it never uses, an icon, an old tab.
            let port = back.port().unwrap();
            let idle = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let mut stray = back.clone();
            stray.set_path("/favicon.ico");
            assert_eq!(http.get(stray).send().await.unwrap().status(), 404);
            let mut old = back.clone();
            old.set_query(Some("code=stolen&state=another"));
            assert_eq!(http.get(old).send().await.unwrap().status(), 404);
            let page = http.get(back).send().await.unwrap().text().await.unwrap();
            assert!(page.contains("Makegood"), "{page}");
            drop(idle);
        });
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_in_the_browser_works_and_signs_out() {
    let door = Door::open().await;
    let desk = door.desk();
    let url = door.running.url();
    let welcome = desk.welcome(&url).await.unwrap();
    assert_eq!((welcome.company.as_str(), welcome.demo), ("Fjordline Cloud", false));
    assert_eq!(welcome.provider.as_deref(), Some("127.0.0.1"));
    let session = desk.sign_in(&url, browser("anna")).await.unwrap();
    assert_eq!((session.mode, session.person.unwrap().name.as_str()), (Mode::Central, "Anna"));
    desk.sync_now().await.unwrap();
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Online);
    assert!(
        no_secret_in(&door.folder.path().join("desk")),
        "a session's token was written to the disk"
    );

    let session = desk.sign_out().await.unwrap();
    assert_eq!((session.mode, session.person), (Mode::None, None));
    assert_eq!(door.sessions().await, (1, 0));
    assert_eq!(door.provider.asked("POST /token/revocation").await, 1);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::TokenMissing);
    desk.sign_in(&url, browser("anna")).await.unwrap();
    assert_eq!(door.sessions().await, (2, 1));
}

/// No file of the desk holds what a token begins with.
pub(crate) fn no_secret_in(folder: &Path) -> bool {
    let mut entries = std::fs::read_dir(folder).unwrap().flatten().collect::<Vec<_>>();
    let mut files = Vec::new();
    while let Some(entry) = entries.pop() {
        match entry.file_type().unwrap().is_dir() {
            true => entries.extend(std::fs::read_dir(entry.path()).unwrap().flatten()),
            false => files.push(entry.path()),
        }
    }
    assert!(files.len() > 2, "{files:?}");
    // The desk works on meanwhile: a file of its databases may have gone since it was listed.
    files.iter().filter(|file| file.exists()).all(|file| match std::fs::read(file) {
        Ok(bytes) => !bytes.windows(4).any(|four| four == b"mgd_"),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_refused_broken_off_or_unknown_and_opens_nothing() {
    let door = Door::open().await;
    let desk = door.desk();
    let url = door.running.url();
    let refused = desk.sign_in(&url, browser("deny")).await.unwrap_err();
    assert_eq!(refused.code, Code::SignInRefused, "{refused}");
    let unknown = desk.sign_in(&url, browser("zoe")).await.unwrap_err();
    assert_eq!(unknown.code, Code::PersonUnknown, "{unknown}");
    let other = Arc::clone(&desk);
    let cancel = move |_: &str| {
        tokio::spawn(async move { other.cancel_sign_in().await.unwrap() });
        Ok(())
    };
    let cancelled = desk.sign_in(&url, cancel).await.unwrap_err();
    assert_eq!(cancelled.code, Code::SignInRefused);
    let failed = desk.sign_in(&url, |_| Err(Problem::new(Code::File, "no browser"))).await;
    assert_eq!(failed.unwrap_err().code, Code::File);
    assert_eq!(desk.session().await.unwrap().mode, Mode::None);
    assert_eq!(door.sessions().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_roles_were_taken_reads_why_the_session_is_not_renewed() {
    let door = Door::open().await;
    let desk = door.desk();
    let session = desk.sign_in(&door.running.url(), browser("anna")).await.unwrap();
    desk.sync_now().await.unwrap();
    let anna = Person {
        id: session.person.unwrap().id.parse().unwrap(),
        issuer: door.provider.issuer.clone(),
        subject: "anna".to_owned(),
        name: "Anna".to_owned(),
        roles: [].into(),
    };
    door.app.put_person(&anna, &Scope::All).await.unwrap();
    door.run_out().await;
    let refused = desk.sync_now().await.unwrap_err();
    assert_eq!(refused.code, Code::SignInRefused, "{refused}");
    let state = desk.sync_state().await.unwrap();
    assert_eq!(state.state, Link::Expired);
    assert!(state.detail.contains("ask an administrator"), "{}", state.detail);
    assert!(desk.customers(&Page::default()).await.unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_browser_can_be_opened_a_code_is_typed_in_elsewhere() {
    let door = Door::open().await;
    let url = door.running.url();
    // Elsewhere, before the desk asks for the first time.
    let typed_in = |code: DeviceCode| {
        let whole = code.whole.unwrap();
        assert!(whole.contains(&code.code) && whole.starts_with(&code.address));
        tokio::task::block_in_place(|| {
            let visited = async { Browser::of("anna").visit(&whole).await.page };
            let page = tokio::runtime::Handle::current().block_on(visited);
            assert!(page.contains("Sign-in Success"), "{page}");
        });
    };
    let (random, clock) = (Random::system(), Clock::system());
    let opened = sign_in::by_device(&url, &random, &clock, typed_in).await.unwrap();
    assert_eq!(opened.name, "Anna");
    sign_in::sign_out(&url, &opened.token).await.unwrap();
    assert_eq!(door.sessions().await, (1, 0));
    let again = sign_in::sign_out(&url, &opened.token).await.unwrap_err();
    assert_eq!(again.code, Code::TokenInvalid);

    // The desk tells the code as an event; nobody types it in, and it is broken off.
    let desk = door.desk();
    let mut events = desk.subscribe();
    let waiting = Arc::clone(&desk);
    let signing_in = tokio::spawn(async move { waiting.sign_in_by_device(&url).await });
    let told = loop {
        if let Event::DeviceCode(code) = events.recv().await.unwrap() {
            break code;
        }
    };
    assert!(!told.code.is_empty());
    desk.cancel_sign_in().await.unwrap();
    assert_eq!(signing_in.await.unwrap().unwrap_err().code, Code::SignInRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_run_out_is_renewed_without_the_person_while_the_provider_agrees() {
    let mut door = Door::open().await;
    let desk = door.desk();
    let url = door.running.url();
    desk.sign_in(&url, browser("anna")).await.unwrap();
    desk.sync_now().await.unwrap();
    for renewed in 2..4 {
        door.run_out().await;
        desk.sync_now().await.unwrap();
        assert_eq!(door.sessions().await, (renewed, 1));
    }
    // The provider knows her no more: she has to sign in, and her local copy stays.
    door.provider.says("anna", json!({ "gone": true })).await;
    door.run_out().await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::SignInExpired);
    let state = desk.sync_state().await.unwrap();
    assert_eq!((state.state, state.text.as_str()), (Link::Expired, "Sign in again"));
    assert!(desk.session().await.unwrap().person.is_some());
    door.provider.says("anna", json!({ "gone": false })).await;
    desk.sign_in(&url, browser("anna")).await.unwrap();
    desk.sync_now().await.unwrap();
    // A provider that is down is no reason to sign anybody out.
    door.provider.stop();
    door.run_out().await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::ProviderUnreachable);
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Offline);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_token_that_has_run_out_is_not_renewed_and_keeps_the_local_copy() {
    let door = Door::open().await;
    let desk = door.desk();
    desk.sign_in(&door.running.url(), browser("anna")).await.unwrap();
    let anna = desk.session().await.unwrap().person.unwrap().id.parse().unwrap();
    let issued = door.app.issue_token(None, anna, TokenKind::Session, 1).await.unwrap();
    desk.connect(&door.running.url(), &issued.text).await.unwrap();
    desk.sync_now().await.unwrap();
    door.run_out().await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::TokenExpired);
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_makes_sees_and_ends_tokens_for_scripts() {
    let door = Door::open().await;
    let desk = door.desk();
    desk.sign_in(&door.running.url(), browser("anna")).await.unwrap();
    let before = desk.tokens().await.unwrap();
    assert_eq!(
        before.verbs,
        ["read", "review", "propose_exclusion", "propose_credit", "keep_contacts"]
    );
    assert!(before.rows.len() == 1 && before.rows[0].current && before.rows[0].kind == "session");
    let wanted = |verb: &str| TokenWanted {
        name: "nightly export".to_owned(),
        verbs: vec![verb.to_owned()],
        customers: None,
        days: 30,
    };
    assert_eq!(desk.make_token(wanted("fly")).await.unwrap_err().code, Code::Invalid);
    let refused = desk.make_token(wanted("decide_exclusion")).await.unwrap_err();
    assert_eq!(refused.code, Code::TokenMayNotApprove);
    let made = desk.make_token(wanted("read")).await.unwrap();
    let script = Desk::open(&door.folder.path().join("script"), door.ground()).unwrap();
    script.connect(&door.running.url(), &made.text).await.unwrap();
    let rows = desk.tokens().await.unwrap().rows;
    let row = rows.iter().find(|row| row.kind == "personal").unwrap();
    assert_eq!(row.name.as_deref(), Some("nightly export"));
    assert!(row.used.is_some() && !row.current);
    let left = desk.revoke_token(&row.id).await.unwrap();
    assert_eq!(left.rows.len(), 1);
    assert_eq!(script.sync_now().await.unwrap_err().code, Code::TokenInvalid);
}
