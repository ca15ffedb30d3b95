//! Secrets of seals that are kept: those that proved right, for as long as they do.

use crate::{
    house::House,
    seal::{choice, in_the_keychain, is_at_home, seal, sealed_with, with_a_keychain},
};
use makegood_desk::seal::{SealChoice, TokenChoice};
use std::{path::Path, process::Command};

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_password_that_is_wrong_is_tried_once() {
    if !is_at_home() {
        return with_a_keychain("kept::a_kept_password_that_is_wrong_is_tried_once");
    }
    let house = House::in_earnest().await;
    let (file, trust) = seal(&house);
    let choice = choice(&file, &trust);
    let sam = house.desk("sam").await;
    assert!(sam.choose_seal(&choice, "right", true).await.unwrap().kept);
    drop(sam);
    // The file was renewed, with another password.
    sealed_with(&house, "other", "2026-01-01T00:00:00Z");
    let sam = house.desk("sam").await;
    let view = sam.seal().await.unwrap();
    assert_eq!((view.state.as_str(), view.kept), ("locked", false));
    assert_eq!(in_the_keychain(&house, "sam"), None);
    assert_eq!(sam.unlock_seal("other").await.unwrap().state, "open");
}

/// A key in SoftHSM, in a folder that its settings name, and its certificate beside it.
const TOKEN: &str = "set -e
    cd \"$(dirname \"$SOFTHSM2_CONF\")\" && mkdir -p tokens
    printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' \"$PWD\" > softhsm2.conf
    openssl pkcs12 -in s.p12 -passin pass:right -nodes -nocerts -out seal.key 2>/dev/null
    openssl pkcs12 -in s.p12 -passin pass:right -nokeys -clcerts -out seal.pem 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -in seal.key -out seal.pk8
    softhsm2-util --init-token --free --label seals --pin 2486 --so-pin 7531
    softhsm2-util --token seals --pin 2486 --import seal.pk8 --label key --id 01";

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_a_token_was_not_asked_about_is_not_kept() {
    if !is_at_home() {
        return with_a_keychain("kept::a_pin_that_a_token_was_not_asked_about_is_not_kept");
    }
    let house = House::in_earnest().await;
    let (_, trust) = seal(&house);
    // The keychain's home is this test's alone: the token lies there, too.
    let settings = std::env::var("SOFTHSM2_CONF").unwrap();
    let home = Path::new(&settings).parent().unwrap();
    std::fs::copy(house.folder.path().join("s.p12"), home.join("s.p12")).unwrap();
    let made = Command::new("bash").args(["-c", TOKEN]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let modules = ["softhsm", "x86_64-linux-gnu/softhsm", "aarch64-linux-gnu/softhsm"];
    let modules = modules.map(|folder| format!("/usr/lib/{folder}/libsofthsm2.so"));
    let token = TokenChoice {
        module: modules.into_iter().find(|one| Path::new(one).exists()).unwrap(),
        token: "seals".to_owned(),
        key: "key".to_owned(),
        certificates: Some(home.join("seal.pem").to_string_lossy().into_owned()),
    };
    let choice = SealChoice { file: None, token: Some(token), ..choice(&trust, &trust) };
    let sam = house.desk("sam").await;
    let open = sam.choose_seal(&choice, "2486", false).await.unwrap();
    assert_eq!((open.state.as_str(), open.kept), ("open", false));
    // It is open already, so that its module does not ask.
    let open = sam.choose_seal(&choice, "1111", true).await.unwrap();
    assert_eq!((open.state.as_str(), open.kept), ("open", false));
    assert!(open.not_kept.unwrap().contains("was not tried"));
    assert_eq!(in_the_keychain(&house, "sam"), None);
    drop(sam);
    let sam = house.desk("sam").await;
    assert!(sam.choose_seal(&choice, "2486", true).await.unwrap().kept);
    // What has proved right stays kept, whatever is typed while it is open.
    assert!(sam.choose_seal(&choice, "1111", true).await.unwrap().kept);
    assert_eq!(in_the_keychain(&house, "sam").as_deref(), Some("2486"));
}
