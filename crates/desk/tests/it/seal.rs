//! The seal that a person chooses.

use crate::{
    house::House,
    work::{MONTH, gmbh, settled},
};
use makegood_desk::{
    keys::SealPlace,
    seal::{SealChoice, TokenChoice},
};
use makegood_domain::{Code, random::Random};
use makegood_statement::authority;
use std::{path::PathBuf, process::Command};

/// A seal whose password is `right`, and the root above it.
pub(crate) fn seal(house: &House) -> (PathBuf, PathBuf) {
    sealed_with(house, "right", "2026-01-01T00:00:00Z")
}

/// … with this password, and valid only from then on; it takes the other's place.
pub(crate) fn sealed_with(house: &House, password: &str, from: &str) -> (PathBuf, PathBuf) {
    let random = Random::system();
    let (from, to) = (from.parse().unwrap(), "2036-01-01T00:00:00Z".parse().unwrap());
    let made = authority::make("Fjordline DE", password, from, to, || random.bytes32()).unwrap();
    let (seal, trust) = (house.folder.path().join("s.p12"), house.folder.path().join("root.pem"));
    std::fs::write(&seal, &made.pkcs12).unwrap();
    std::fs::write(&trust, &made.root_pem).unwrap();
    (seal, trust)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_seal_is_named_and_a_right_one_opens_it() {
    let house = House::in_earnest().await;
    let sam = house.desk("sam").await;
    let (seal, trust) = seal(&house);
    let seal = SealPlace::File(seal);
    let refused = sam.open_seal(&seal, "wrong", &trust, None).await.unwrap_err();
    assert_eq!(refused.code, Code::KeyPassword);
    assert!(sam.open_seal(&seal, "right", &trust, None).await.unwrap().contains("Fjordline DE"));
    let none = SealPlace::File(trust.clone());
    let refused = sam.open_seal(&none, "right", &trust, None).await.unwrap_err();
    assert_eq!(refused.code, Code::KeyInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_is_remembered_its_password_is_not_and_a_run_waits_for_it() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let (seal, trust) = seal(&house);
    let sam = house.desk("sam").await;
    assert_eq!(sam.seal().await.unwrap().state, "none");
    let refused = sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap_err();
    assert_eq!(refused.code, Code::KeyInvalid);
    assert_eq!(sam.unlock_seal("right").await.unwrap_err().code, Code::KeyInvalid);
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    let token = TokenChoice {
        module: "/usr/lib/none.so".to_owned(),
        token: "slot:x".to_owned(),
        key: "seal".to_owned(),
        certificates: None,
    };
    let mut choice = SealChoice {
        file: Some(text(&seal)),
        token: Some(token),
        trust: text(&trust),
        stamps: None,
    };
    let refused = |problem: makegood_domain::Problem| (problem.code, problem.path);
    let both = sam.choose_seal(&choice, "right", false).await.unwrap_err();
    assert_eq!(refused(both), (Code::Invalid, Some("seal".to_owned())));
    let file = choice.file.take();
    let slot = sam.choose_seal(&choice, "right", false).await.unwrap_err();
    assert_eq!(refused(slot), (Code::Invalid, Some("token".to_owned())));
    (choice.file, choice.token) = (file, None);
    let wrong = sam.choose_seal(&choice, "wrong", false).await.unwrap_err();
    assert_eq!(wrong.code, Code::KeyPassword);
    assert_eq!(sam.seal().await.unwrap().choice, None, "what did not open is not remembered");
    let open = sam.choose_seal(&choice, "right", false).await.unwrap();
    assert_eq!((open.state.as_str(), open.choice.as_ref()), ("open", Some(&choice)));
    assert!(open.subject.unwrap().contains("Fjordline DE"));

    // It begins, and the program ends; without its password the next one waits, and says for what.
    house.wire.set_up(false);
    sam.begin_statement_batch(MONTH, "en").await.unwrap();
    drop(sam);
    house.wire.set_up(true);
    let sam = house.desk("sam").await;
    assert_eq!(sam.seal().await.unwrap().state, "locked");
    let run = sam.statement_batch(MONTH).await.unwrap().unwrap();
    assert_eq!((run.waiting, run.on_the_way), (1, 0), "{run:?}");
    assert_eq!(run.held_up.unwrap().code, Code::KeyInvalid);
    assert_eq!(sam.unlock_seal("wrong").await.unwrap_err().code, Code::KeyPassword);
    assert_eq!(sam.unlock_seal("right").await.unwrap().state, "open");
    sam.sync_now().await.unwrap();
    let run = sam.statement_batch(MONTH).await.unwrap().unwrap();
    assert_eq!((run.sealed, run.ended), (1, true), "{run:?}");
    let profile = std::fs::read(house.profile("sam").join("user.db")).unwrap();
    assert!(!profile.windows(7).any(|text| text == b"\"right\""), "the password is nowhere");
}

pub(crate) fn choice(seal: &std::path::Path, trust: &std::path::Path) -> SealChoice {
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    SealChoice { file: Some(text(seal)), token: None, trust: text(trust), stamps: None }
}

/// Runs a test of this file once more, in a process that has what `command` gives it; there it is at
/// home and does its work.
pub(crate) fn again(command: &mut Command) {
    let done = command.env("MAKEGOOD_TEST_AT_HOME", "1").output().unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&done.stderr));
}

/// … with a message bus and a keychain of its own, opened with a password.
pub(crate) fn with_a_keychain(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null \
                  && exec \"$0\" \"$1\" --exact";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script]).arg(std::env::current_exe().unwrap()).arg(name);
    command.env("HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path());
    command.env("SOFTHSM2_CONF", folder.path().join("softhsm2.conf"));
    // Nobody is asked on the screen of whoever runs the tests.
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    again(command.env_remove("XDG_DATA_HOME"));
}

pub(crate) fn is_at_home() -> bool {
    std::env::var_os("MAKEGOOD_TEST_AT_HOME").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keychain_of_the_system_keeps_the_password_and_gives_it_back() {
    if !is_at_home() {
        let name = "seal::the_keychain_of_the_system_keeps_the_password_and_gives_it_back";
        return with_a_keychain(name);
    }
    let house = House::in_earnest().await;
    let (seal, trust) = seal(&house);
    let choice = choice(&seal, &trust);
    let sam = house.desk("sam").await;
    let open = sam.choose_seal(&choice, "right", true).await.unwrap();
    assert_eq!((open.kept, open.not_kept), (true, None));
    assert_eq!(in_the_keychain(&house, "sam").as_deref(), Some("right"));
    drop(sam);
    let sam = house.desk("sam").await;
    let open = sam.seal().await.unwrap();
    assert_eq!((open.state.as_str(), open.kept), ("open", true));
    // Another person at the same computer has their own.
    let noa = house.desk("noa").await;
    assert_eq!(noa.seal().await.unwrap().state, "none");
    // No longer wanted: it is gone from the keychain, too.
    assert!(!sam.choose_seal(&choice, "right", false).await.unwrap().kept);
    assert_eq!(in_the_keychain(&house, "sam"), None);
    drop(sam);
    let sam = house.desk("sam").await;
    assert_eq!(sam.seal().await.unwrap().state, "locked");
}

/// What the keychain itself holds of somebody's seal.
pub(crate) fn in_the_keychain(house: &House, name: &str) -> Option<String> {
    let name = format!("seal of {}", house.person(name));
    tokio::task::block_in_place(|| {
        let store: std::sync::Arc<keyring_core::CredentialStore> =
            zbus_secret_service_keyring_store::Store::new().unwrap();
        keyring_core::Entry::new_in_store(&store, "makegood", &name).unwrap().get_password().ok()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_seal_opens_and_the_password_is_asked_for_each_time() {
    if !is_at_home() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name =
            "seal::without_a_keychain_the_seal_opens_and_the_password_is_asked_for_each_time";
        command.args([name, "--exact"]);
        return again(command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all"));
    }
    let house = House::in_earnest().await;
    let (seal, trust) = seal(&house);
    let choice = choice(&seal, &trust);
    let sam = house.desk("sam").await;
    let open = sam.choose_seal(&choice, "right", true).await.unwrap();
    assert_eq!((open.state.as_str(), open.kept), ("open", false), "open it is all the same");
    assert!(open.not_kept.unwrap().contains("keychain"));
    drop(sam);
    let sam = house.desk("sam").await;
    assert_eq!(sam.seal().await.unwrap().state, "locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_takes_nobodys_seal_and_asks_no_authority_for_time_stamps() {
    let house = House::open().await;
    settled(&house).await;
    let sam = house.desk("sam").await;
    let (seal, trust) = seal(&house);
    let place = SealPlace::File(seal.clone());
    let opened = sam.open_seal(&place, "right", &trust, None).await.unwrap_err();
    let chosen = sam.choose_seal(&choice(&seal, &trust), "right", false).await.unwrap_err();
    for refused in [opened, chosen] {
        assert_eq!(refused.code, Code::WrongState, "{refused}");
        assert!(refused.message.contains("in the demo"), "{refused}");
    }
    let view = sam.seal().await.unwrap();
    assert_eq!((view.state.as_str(), view.choice, view.subject), ("demo", None, None));
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    let subject = sam.seal().await.unwrap().subject.unwrap();
    assert!(!subject.contains("Fjordline DE"), "{subject}");
}
