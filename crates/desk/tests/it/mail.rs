//! The mail server's settings.

use crate::{
    delivery::settings,
    house::House,
    receiver::Receiver,
    seal::{is_at_home, with_a_keychain},
};
use makegood_desk::mail::MailSettings;
use makegood_domain::Code;

#[tokio::test(flavor = "multi_thread")]
async fn mail_settings_are_tried_before_they_are_kept_and_the_password_is_written_nowhere() {
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = house.desk("sam").await;
    let good = || settings(&receiver, "starttls");
    for (wrong, password, code, field) in [
        (MailSettings { server: "mail server".to_owned(), ..good() }, "x", Code::Invalid, "server"),
        (
            MailSettings { encryption: "none".to_owned(), ..good() },
            "x",
            Code::Invalid,
            "encryption",
        ),
        (
            MailSettings { from_address: "sla".to_owned(), ..good() },
            "x",
            Code::Invalid,
            "fromAddress",
        ),
        (MailSettings { roots: String::new(), ..good() }, "a password", Code::MailUnreachable, ""),
        (MailSettings { encryption: "tls".to_owned(), ..good() }, "x", Code::MailUnreachable, ""),
        (MailSettings { server: "mail.example".to_owned(), ..good() }, "x", Code::WrongState, ""),
        (good(), "another password", Code::MailRefused, ""),
        (good(), "", Code::MailUnset, ""),
    ] {
        let refused = sam.set_mail(wrong, Some(password)).await.unwrap_err();
        let path = refused.path.as_deref().unwrap_or_default();
        assert_eq!((refused.code, path), (code, field), "{refused}");
        assert!(sam.mail().await.unwrap().settings.is_none());
    }
    let view = sam.set_mail(good(), Some("a password")).await.unwrap();
    assert!(view.ready, "{}", view.text);
    // Without one the present one stays.
    assert!(sam.set_mail(settings(&receiver, "tls"), None).await.unwrap().ready);
    drop(sam);
    let files = std::fs::read_dir(house.profile("sam")).unwrap().flatten();
    for file in files.filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        let secret = b"a password";
        assert!(!bytes.windows(secret.len()).any(|some| some == secret), "{:?}", file.path());
    }
    let sam = house.desk("sam").await;
    let view = sam.mail().await.unwrap();
    assert!(!view.ready && view.settings.is_some(), "{}", view.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keychain_keeps_the_mail_servers_password_and_gives_it_back() {
    if !is_at_home() {
        return with_a_keychain(
            "mail::the_keychain_keeps_the_mail_servers_password_and_gives_it_back",
        );
    }
    let (house, receiver) = (House::open().await, Receiver::start());
    let sam = house.desk("sam").await;
    let kept = MailSettings { keep: true, ..settings(&receiver, "starttls") };
    assert!(sam.set_mail(kept.clone(), Some("a password")).await.unwrap().ready);
    drop(sam);
    let sam = house.desk("sam").await;
    let view = sam.mail().await.unwrap();
    assert!(view.ready, "{}", view.text);
    // No longer wanted: it is gone from the keychain, too.
    sam.set_mail(MailSettings { keep: false, ..kept }, None).await.unwrap();
    drop(sam);
    let sam = house.desk("sam").await;
    assert!(!sam.mail().await.unwrap().ready);
}
