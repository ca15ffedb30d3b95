//! Digests: a manager is told of a month once all of it is locked.

use crate::{
    house::houses,
    message::{mail, tell},
    northwind::{self, all, turn},
    receiver::Receiver,
};
use makegood_central::message::{self, Channel, mail::Encryption};
use makegood_domain::person::{Person, Scope};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_manager_is_told_once_of_a_month_when_all_of_it_is_locked() {
    for house in houses().await {
        let (receiver, store) = (Receiver::start(), house.app.store());
        let channel = |subject: &str| Channel {
            name: format!("digest of {subject}"),
            digest_for: Some(subject.to_owned()),
            ..mail(&receiver, subject, Encryption::Tls, "a password")
        };
        let alerts = mail(&receiver, "on-call", Encryption::Tls, "a password");
        let channels = [channel("ben"), channel("anna"), channel("nobody"), alerts];
        // Both of Northwind's customers are Ben's; Anna has none.
        let mut document = northwind::document();
        for customer in document["customers"].as_array_mut().expect("a list") {
            customer["csm"] = json!("ben");
        }
        northwind::apply(&house.ground, house.root.person, &document).await;
        tell(&house.ground, &channels).await;
        let before = receiver.seen().await.len();
        assert_eq!(message::digest::turn(store, &channels).await, Ok(2), "{}", house.ground.name);
        assert_eq!(
            message::digest::turn(store, &channels).await,
            Ok(0),
            "{}: twice",
            house.ground.name
        );
        assert_eq!(tell(&house.ground, &channels).await, 2, "{}", house.ground.name);
        let seen = receiver.seen().await;
        let mails = &seen[before..];
        assert!(mails.iter().all(|mail| mail["to"] == json!(["ben@example.com"])), "{mails:?}");
        let october = mails
            .iter()
            .find(|mail| mail["subject"].as_str().is_some_and(|it| it.starts_with("October 2026")))
            .expect("October is told");
        assert_eq!(october["subject"], "October 2026 is locked: 3 of 3 SLAs missed, 3 to review");
        let text = october["text"].as_str().expect("a text");
        for line in ["Missed: 3", "Met: 0", "Northwind GmbH, missed:", "NW-1", "EUR", "USD"] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        // November runs: nobody is told of it, nor in December before all of it is locked.
        turn(&house.ground, "2026-12-02T08:00:00Z").await;
        assert_eq!(message::digest::turn(store, &channels).await, Ok(0), "{}", house.ground.name);
        turn(&house.ground, "2026-12-05T08:00:00Z").await;
        assert_eq!(message::digest::turn(store, &channels).await, Ok(1), "{}", house.ground.name);
    }
}

#[tokio::test]
async fn a_digest_tells_nobody_of_what_they_may_not_see_any_more() {
    for house in houses().await {
        let (receiver, store) = (Receiver::start(), house.app.store());
        let ben = Channel {
            digest_for: Some("ben".to_owned()),
            ..mail(&receiver, "ben", Encryption::Tls, "a password")
        };
        let mut document = northwind::document();
        for customer in document["customers"].as_array_mut().expect("a list") {
            customer["csm"] = json!("ben");
        }
        northwind::apply(&house.ground, house.root.person, &document).await;
        let found: Vec<Person> = all(&house.ground, "subject = 'ben'", &[]).await;
        let sees = async |person: Person, scope: Scope| {
            let mut tx = store.begin(None).await.expect("begins");
            tx.put_person(&person, &scope).await.expect("is written");
            tx.audit("test.scope", ("person", "ben"), None, json!({}));
            tx.commit().await.expect("commits");
        };
        let channels = [ben];
        let gone = Person { roles: BTreeSet::new(), ..found[0].clone() };
        sees(gone, Scope::All).await;
        assert_eq!(message::digest::turn(store, &channels).await, Ok(0), "{}", house.ground.name);
        sees(found[0].clone(), Scope::Customers(BTreeSet::new())).await;
        assert_eq!(message::digest::turn(store, &channels).await, Ok(0), "{}", house.ground.name);
        sees(found[0].clone(), Scope::All).await;
        assert_eq!(message::digest::turn(store, &channels).await, Ok(2), "{}", house.ground.name);
    }
}
