//! Receivers that fall silent, and a database that can't be written: nobody waits, and nothing goes out twice.

use crate::{
    ground::grounds,
    message::{hook, left, mail, only_one, tell, twelve_minutes},
    receiver::Receiver,
};
use makegood_central::{
    message::{self, Way, mail::Encryption},
    store::Dialect,
};
use makegood_domain::alert::AlertLevel;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    time::Duration,
};

#[tokio::test]
async fn a_receiver_that_falls_silent_holds_up_nobody_and_is_asked_again() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        // It takes connections and never says a word.
        let silent = TcpListener::bind("localhost:0").expect("a port");
        let mut dumb = mail(&receiver, "dumb", Encryption::StartTls, "a password");
        dumb.patience = Duration::from_millis(300);
        if let Way::Mail(mail) = &mut dumb.way {
            mail.port = silent.local_addr().expect("its address").port();
        }
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        let channels = [dumb, hook(&receiver, "pager", AlertLevel::Critical)];
        assert_eq!(tell(&ground, &channels).await, 1, "the pager");
        let now = left(&ground).await;
        assert_eq!((now[0].0.as_str(), now[0].2), ("dumb", 1), "{now:?}");
        assert!(now[0].3.contains("did not answer in time"), "{now:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_noted_is_not_sent() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let channels = [hook(&receiver, "pager", AlertLevel::Critical)];
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        let mut tx = ground.store.begin(None).await.expect("begins");
        let stop: &[&str] = match ground.store.dialect() {
            Dialect::Sqlite => &["create trigger stop before update on message \
                                  begin select raise(abort, 'read only'); end"],
            Dialect::Postgres => &[
                "create function stop() returns trigger language plpgsql as \
                 $$ begin raise exception 'read only'; end $$",
                "create trigger stop before update on message \
                 for each row execute function stop()",
            ],
        };
        for sql in stop {
            tx.execute(sql, &[]).await.expect("is made");
        }
        tx.commit().await.expect("commits");
        for _ in 0..3 {
            let refused = message::turn(&ground.store, &channels).await;
            assert!(refused.is_err(), "{}", ground.name);
        }
        assert!(receiver.seen().await.is_empty(), "{}", ground.name);
    }
}

/// A mail server that takes a letter, and has no word for who takes leave; its port.
fn takes_no_leave() -> u16 {
    let listener = TcpListener::bind("localhost:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        let (mut out, _) = listener.accept().expect("a letter comes");
        let mut lines = BufReader::new(out.try_clone().expect("a second end")).lines();
        out.write_all(b"220 here\r\n").expect("is greeted");
        let mut in_letter = false;
        while let Some(Ok(line)) = lines.next() {
            in_letter = (in_letter || line == "DATA") && line != ".";
            let answer = match line.split(' ').next().unwrap_or("") {
                "QUIT" => continue,
                "DATA" => "354 go on\r\n",
                _ if in_letter => continue,
                _ => "250 fine\r\n",
            };
            out.write_all(answer.as_bytes()).expect("is answered");
        }
    });
    port
}

#[tokio::test]
async fn a_letter_that_was_taken_has_arrived_whatever_becomes_of_the_goodbye() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let mut mute = mail(&receiver, "mute", Encryption::None, "");
        mute.patience = Duration::from_secs(20);
        if let Way::Mail(mail) = &mut mute.way {
            (mail.port, mail.login) = (takes_no_leave(), None);
        }
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        assert_eq!(tell(&ground, &[mute]).await, 1, "{:?}", left(&ground).await);
        assert_eq!(left(&ground).await, []);
    }
}

/// While a receiver takes its time nobody else begins anew.
#[tokio::test]
async fn of_two_centrals_one_waits_for_a_slow_receiver_and_the_other_for_nobody() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let slow = tokio::net::TcpListener::bind("localhost:0").await.expect("a port");
        let mut channel = mail(&receiver, "slow", Encryption::None, "");
        if let Way::Mail(mail) = &mut channel.way {
            (mail.port, mail.login) = (slow.local_addr().expect("its address").port(), None);
        }
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        message::spread(&ground.store, std::slice::from_ref(&channel)).await.expect("is spread");
        let (store, through) = (ground.store.clone(), channel.clone());
        let one = tokio::spawn(async move { message::drain(&store, &through).await });
        let _line = slow.accept().await.expect("it is being told");
        ground.clock.advance(Duration::from_secs(30));
        let other =
            tokio::time::timeout(Duration::from_secs(20), message::drain(&ground.store, &channel))
                .await;
        assert_eq!(other.expect("nothing is due").expect("a turn"), 0, "{}", ground.name);
        one.abort();
    }
}

/// As there are for a moment at each restart.
#[tokio::test]
async fn of_two_centrals_over_one_database_one_tells() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let channels = [hook(&receiver, "pager", AlertLevel::Critical)];
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        message::spread(&ground.store, &channels).await.expect("is spread");
        let [one, other] = [(); 2].map(|()| message::drain(&ground.store, &channels[0]));
        let (one, other) = tokio::join!(one, other);
        assert_eq!(one.expect("a turn") + other.expect("a turn"), 1, "{}", ground.name);
        assert_eq!(receiver.seen().await.len(), 1, "{}", ground.name);
    }
}
