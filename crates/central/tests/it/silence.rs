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
use std::time::Duration;

#[tokio::test]
async fn a_receiver_that_falls_silent_holds_up_nobody_and_is_asked_again() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        // It takes connections and never says a word.
        let silent = std::net::TcpListener::bind("localhost:0").expect("a port");
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
