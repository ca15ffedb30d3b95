//! A session that outlives the program: in a real keychain, without one, and in one that is locked.

use crate::{
    house::House,
    seal::{again, is_at_home, with_a_keychain},
    sign_in::{Door, browser, no_secret_in, run_out},
    work::{find_breach, goodwill},
};
use chrono::TimeDelta;
use makegood_desk::{
    Desk, Ground, Link,
    central::Central,
    session::{Mode, Session},
};
use makegood_domain::{Code, id::PersonId, person::TokenKind, random::Random};
use serde_json::json;
use std::{
    io::ErrorKind, net::TcpListener, path::PathBuf, process::Command, sync::Arc, time::Duration,
};

/// What the keychain itself holds of somebody's session.
fn in_the_keychain(person: &str, address: &str) -> Option<String> {
    let name = format!("session of {person} at {address}");
    tokio::task::block_in_place(|| {
        let store: Arc<keyring_core::CredentialStore> =
            zbus_secret_service_keyring_store::Store::new().unwrap();
        keyring_core::Entry::new_in_store(&store, "makegood", &name).unwrap().get_password().ok()
    })
}

/// What has come of keeping the session.
async fn told(desk: &Desk) -> Session {
    let mut events = desk.subscribe();
    loop {
        let session = desk.session().await.unwrap();
        if session.kept || session.not_kept.is_some() {
            return session;
        }
        events.recv().await.unwrap();
    }
}

fn of_door(door: &Door) -> Desk {
    Desk::open(&door.folder.path().join("desk"), door.ground()).unwrap().remembering()
}

/// The program ends, and starts again.
async fn again_at(door: &Door, desk: Desk) -> Desk {
    desk.leave().await.unwrap();
    let desk = of_door(door);
    let session = desk.come_back().await.unwrap();
    assert_eq!(session.person.unwrap().name, "Anna");
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signed_in_is_there_at_the_next_start_and_goes_on() {
    if !is_at_home() {
        return with_a_keychain(
            "session::whoever_signed_in_is_there_at_the_next_start_and_goes_on",
        );
    }
    let door = Door::open().await;
    let (url, desk) = (door.running.url(), of_door(&door));
    desk.sign_in(&url, browser("anna")).await.unwrap();
    let session = told(&desk).await;
    assert_eq!((session.kept, session.not_kept), (true, None));
    let anna = session.person.unwrap().id;
    desk.sync_now().await.unwrap();
    let kept = in_the_keychain(&anna, &url).unwrap();
    assert!(kept.contains("mgd_") && kept.contains("refresh"));
    assert!(no_secret_in(&door.folder.path().join("desk")));
    // The same session goes on.
    let mut desk = again_at(&door, desk).await;
    desk.sync_now().await.unwrap();
    assert!(desk.session().await.unwrap().kept);
    assert_eq!(door.sessions().await, (1, 1));
    // Its time ran out meanwhile. What renews it serves once: each time the next one has been kept.
    for renewed in 2..4 {
        door.run_out().await;
        desk = again_at(&door, desk).await;
        desk.sync_now().await.unwrap();
        assert_eq!(door.sessions().await, (renewed, 1));
    }
    desk = again_at(&door, desk).await;
    desk.sync_now().await.unwrap();
    assert_eq!(door.sessions().await, (3, 1), "the renewed session has been kept, too");
    // The provider gave another one, and then central did not take her: it is kept all the same.
    let known_as = async |subject: &str| {
        let mut tx = door.app.store().begin(None).await.unwrap();
        tx.execute(&format!("update person set subject = '{subject}'"), &[]).await.unwrap();
        tx.commit().await.unwrap();
    };
    known_as("somebody").await;
    door.run_out().await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::PersonUnknown);
    known_as("anna").await;
    desk = again_at(&door, desk).await;
    desk.sync_now().await.unwrap();
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Online);
    // The provider renews it no more: she has to sign in, and is there all the same.
    door.provider.says("anna", json!({ "gone": true })).await;
    door.run_out().await;
    desk = again_at(&door, desk).await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::SignInExpired);
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Expired);
    let session = desk.session().await.unwrap();
    assert!(!session.kept && session.not_kept.unwrap().contains("sign in again"));
    door.provider.says("anna", json!({ "gone": false })).await;
    desk.sign_in(&url, browser("anna")).await.unwrap();
    assert!(told(&desk).await.kept);
    desk.sync_now().await.unwrap();
    // Signed out: nothing is left, and the next start begins at the beginning.
    let session = desk.sign_out().await.unwrap();
    assert_eq!((session.mode, in_the_keychain(&anna, &url)), (Mode::None, None));
    drop(desk);
    assert_eq!(of_door(&door).come_back().await.unwrap().mode, Mode::None);
}

fn root(house: &House) -> PathBuf {
    house.folder.path().join("lasting")
}

fn of_house(house: &House) -> Desk {
    let (clock, hold) = (house.clock.clone(), TimeDelta::zero());
    let ground = Ground { clock, random: Random::system(), hold };
    Desk::open(&root(house), ground).unwrap().remembering()
}

/// The program ends, and starts again.
async fn again_in(house: &House, desk: Desk) -> Desk {
    desk.leave().await.unwrap();
    let desk = of_house(house);
    assert_eq!(desk.come_back().await.unwrap().person.unwrap().name, "dana");
    desk
}

/// How things stand, and what waits.
async fn stands(desk: &Desk) -> (Link, u32) {
    let state = desk.sync_state().await.unwrap();
    (state.state, state.waiting)
}

async fn new_token(house: &House, person: PersonId) -> String {
    house.app.issue_token(None, person, TokenKind::Session, 60).await.unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_train_the_program_starts_and_what_is_decided_there_goes_out_later() {
    if !is_at_home() {
        return with_a_keychain(
            "session::on_a_train_the_program_starts_and_what_is_decided_there_goes_out_later",
        );
    }
    let house = House::open().await;
    let (url, dana) = (house.wire.url(), house.person("dana"));
    let desk = of_house(&house);
    desk.connect(&url, house.token("dana")).await.unwrap();
    assert!(told(&desk).await.kept);
    desk.sync_now().await.unwrap();
    house.wire.set_up(false);
    let desk = again_in(&house, desk).await;
    assert!(find_breach(&desk, "NW-1").await.unwrap().is_some(), "she works with what is here");
    goodwill(&desk, 0).await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    assert_eq!(stands(&desk).await, (Link::Offline, 1));
    let desk = again_in(&house, desk).await;
    house.wire.set_up(true);
    desk.sync_now().await.unwrap();
    assert_eq!(stands(&desk).await, (Link::Online, 0));
    // The session ran out meanwhile: she signs in again, and nothing that waits is lost.
    house.wire.set_up(false);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    goodwill(&desk, 1).await;
    run_out(&house.app).await;
    let desk = again_in(&house, desk).await;
    house.wire.set_up(true);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::TokenExpired);
    assert_eq!(stands(&desk).await, (Link::Expired, 1));
    desk.connect(&url, &new_token(&house, dana).await).await.unwrap();
    desk.sync_now().await.unwrap();
    assert_eq!(stands(&desk).await, (Link::Online, 0));
    // Signing out on a train forgets the session at once.
    house.wire.set_up(false);
    assert_eq!(desk.sign_out().await.unwrap_err().code, Code::CentralUnreachable);
    assert_eq!(in_the_keychain(&dana.to_string(), &url), None);
    assert_eq!(of_house(&house).come_back().await.unwrap().mode, Mode::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_session_goes_to_its_central_alone_and_with_its_person() {
    if !is_at_home() {
        return with_a_keychain(
            "session::a_kept_session_goes_to_its_central_alone_and_with_its_person",
        );
    }
    let house = House::open().await;
    let (url, dana, ines) = (house.wire.url(), house.person("dana"), house.person("ines"));
    let kept = |person: PersonId| in_the_keychain(&person.to_string(), &url).is_some();
    // A terminal's desk has its token file, and remembers nobody.
    let terminal = house.desk("sam").await;
    assert!(!terminal.session().await.unwrap().kept && !kept(house.person("sam")));
    terminal.leave().await.unwrap();
    assert_eq!(terminal.come_back().await.unwrap().mode, Mode::None);
    // Another one sits down: the first one's session is no longer kept, theirs is.
    let desk = of_house(&house);
    desk.connect(&url, house.token("ines")).await.unwrap();
    assert!(told(&desk).await.kept && kept(ines));
    desk.connect(&url, house.token("dana")).await.unwrap();
    assert!(told(&desk).await.kept);
    ended(&url, house.token("ines")).await;
    assert_eq!((kept(ines), kept(dana)), (false, true));
    desk.sync_now().await.unwrap();
    desk.leave().await.unwrap();
    let ground =
        Ground { clock: house.clock.clone(), random: Random::system(), hold: TimeDelta::zero() };
    let terminal = Desk::open(&root(&house), ground).unwrap();
    assert_eq!(terminal.come_back().await.unwrap().mode, Mode::None);
    // Somebody writes another address into the file: nobody's token is sent there.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let file = root(&house).join("desk.json");
    let before = std::fs::read_to_string(&file).unwrap();
    let other = format!("http://{}", elsewhere.local_addr().unwrap());
    std::fs::write(&file, before.replace(&url, &other)).unwrap();
    let desk = of_house(&house);
    // Nor is anything shown that is the other one's.
    let back = desk.come_back().await.unwrap();
    assert_eq!((back.mode, back.address), (Mode::None, None));
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    desk.leave().await.unwrap();
    std::fs::write(&file, before).unwrap();
    // Taken back at central: the local copy goes, and so does what was kept.
    let desk = again_in(&house, desk).await;
    desk.sync_now().await.unwrap();
    assert!(find_breach(&desk, "NW-1").await.unwrap().is_some());
    house.revoke("dana").await;
    let desk = again_in(&house, desk).await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::TokenInvalid);
    assert!(find_breach(&desk, "NW-1").await.unwrap().is_none());
    assert!(!kept(dana));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_program_opens_what_is_here_and_asks_to_sign_in() {
    if !is_at_home() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = "session::without_a_keychain_the_program_opens_what_is_here_and_asks_to_sign_in";
        command.args([name, "--exact"]);
        return again(command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all"));
    }
    let house = House::open().await;
    let (url, token) = (house.wire.url(), house.token("dana"));
    let desk = of_house(&house);
    desk.connect(&url, token).await.unwrap();
    let session = told(&desk).await;
    assert!(!session.kept && session.not_kept_is_news);
    assert!(session.not_kept.unwrap().contains("keychain"));
    desk.sync_now().await.unwrap();
    let desk = asked_to_sign_in(&house, desk).await;
    let desk = again_in(&house, desk).await;
    assert_eq!(desk.sign_out().await.unwrap().mode, Mode::None, "there is nothing to end");
    assert!(no_secret_in(&root(&house)), "a token is in no file");
}

/// At the next start there is no session, and everything else is here; it was told once.
async fn asked_to_sign_in(house: &House, desk: Desk) -> Desk {
    let desk = again_in(house, desk).await;
    // A keychain may take its time to say that it stays shut.
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    while desk.session().await.unwrap().kept {
        looks.tick().await;
    }
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::SignInExpired);
    assert!(find_breach(&desk, "NW-1").await.unwrap().is_some(), "the local copy stays");
    assert_eq!(desk.mirror_agrees().await.unwrap_err().code, Code::SignInExpired);
    goodwill(&desk, 0).await;
    assert_eq!(stands(&desk).await, (Link::Expired, 1));
    let token = new_token(house, house.person("dana")).await;
    desk.connect(&house.wire.url(), &token).await.unwrap();
    assert!(told(&desk).await.not_kept.is_some());
    desk.sync_now().await.unwrap();
    assert_eq!(stands(&desk).await, (Link::Online, 0));
    let desk = again_in(house, desk).await;
    desk.connect(&house.wire.url(), &token).await.unwrap();
    let session = told(&desk).await;
    assert!(session.not_kept.is_some() && !session.not_kept_is_news, "it is told once");
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_keeps_nobody_from_their_work() {
    if !is_at_home() {
        return with_a_keychain("session::a_locked_keychain_keeps_nobody_from_their_work");
    }
    let house = House::open().await;
    let desk = of_house(&house);
    desk.connect(&house.wire.url(), house.token("dana")).await.unwrap();
    assert!(told(&desk).await.kept);
    desk.sync_now().await.unwrap();
    lock_the_keychain();
    let desk = asked_to_sign_in(&house, desk).await;
    let left = desk.sign_out().await.unwrap_err();
    assert_eq!(left.code, Code::KeyInvalid);
    assert!(left.message.contains("lies in the keychain still"), "{left}");
    assert_eq!(desk.session().await.unwrap().mode, Mode::None);
    assert_eq!(of_house(&house).come_back().await.unwrap().mode, Mode::None);
    assert!(no_secret_in(&root(&house)), "a token is in no file");
}

/// Central takes a token no longer.
async fn ended(url: &str, token: &str) {
    let central = Central::new(url, token).unwrap();
    let refused = async { while central.scope().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(60), refused).await.unwrap();
    assert_eq!(central.scope().await.unwrap_err().code, Code::TokenInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_while_the_keychain_waits_is_out_at_once_and_stays_out() {
    if !is_at_home() {
        return with_a_keychain(
            "session::whoever_signs_out_while_the_keychain_waits_is_out_at_once_and_stays_out",
        );
    }
    let house = House::open().await;
    let (url, dana, desk) = (house.wire.url(), house.person("dana"), of_house(&house));
    let keychain = keychain_process();
    signal("STOP", &keychain);
    let session = desk.connect(&url, house.token("dana")).await.unwrap();
    assert!(!session.kept, "nobody knows yet, and she is there");
    let told = async {
        ended(&url, house.token("dana")).await;
        let left = std::fs::read_to_string(root(&house).join("desk.json")).unwrap();
        assert!(left.contains("\"seat\": null"), "{left}");
        signal("CONT", &keychain);
    };
    let (left, ()) = tokio::join!(desk.sign_out(), told);
    assert_eq!(left.unwrap().mode, Mode::None);
    assert_eq!(in_the_keychain(&dana.to_string(), &url), None);
    drop(desk);
    assert_eq!(of_house(&house).come_back().await.unwrap().mode, Mode::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_nobody_took_out_of_the_keychain_ends_when_its_person_signs_out() {
    if !is_at_home() {
        return with_a_keychain(
            "session::a_session_that_nobody_took_out_of_the_keychain_ends_when_its_person_signs_out",
        );
    }
    let door = Door::open().await;
    let (url, desk) = (door.running.url(), of_door(&door));
    let session = desk.sign_in(&url, browser("anna")).await.unwrap();
    assert!(told(&desk).await.kept);
    let keychain = keychain_process();
    signal("STOP", &keychain);
    let desk = again_at(&door, desk).await;
    assert_eq!(door.sessions().await, (1, 1));
    let file = door.folder.path().join("desk/desk.json");
    let answers = async {
        while !std::fs::read_to_string(&file).unwrap().contains("\"seat\": null") {
            tokio::task::yield_now().await;
        }
        signal("CONT", &keychain);
    };
    let (left, ()) = tokio::join!(desk.sign_out(), answers);
    assert_eq!(left.unwrap().mode, Mode::None);
    assert_eq!(door.sessions().await, (1, 0));
    assert_eq!(in_the_keychain(&session.person.unwrap().id, &url), None);
}

/// The process that has the keychain.
fn keychain_process() -> String {
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"]);
    command.arg("org.freedesktop.DBus.GetConnectionUnixProcessID");
    let done = command.arg("string:org.freedesktop.secrets").output().unwrap();
    let told = String::from_utf8(done.stdout).unwrap();
    told.split_whitespace().last().unwrap().to_owned()
}

fn signal(signal: &str, process: &str) {
    assert!(process.parse::<u32>().is_ok(), "{process}");
    let script = format!("kill -{signal} {process}");
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}

fn lock_the_keychain() {
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets"]);
    command.args(["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"]);
    command.arg("array:objpath:/org/freedesktop/secrets/collection/login");
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
