//! What is told outside: signed webhooks and e-mail, taken by other people's programs; at least once,
//! never for ever.

use crate::{
    alert::{alarmed, down},
    ground::{Ground, grounds},
    house::{House, houses},
    northwind::{all, told, turn},
    receiver::{Receiver, secret},
};
use lettre::message::Mailbox;
use makegood_central::{
    message::{
        self, Channel, PATIENCE, Way,
        mail::{Encryption, Mail},
        webhook::Webhook,
    },
    store,
};
use makegood_domain::{
    alert::{Alert, AlertLevel},
    id::PersonId,
    person::Scope,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

pub(crate) fn hook(receiver: &Receiver, name: &str, least: AlertLevel) -> Channel {
    let url = format!("{}/hook", receiver.hooks).parse().expect("an address");
    let way = Way::Webhook(Webhook { url, secret_file: receiver.file("secret") });
    Channel { name: name.to_owned(), least, digest_for: None, patience: PATIENCE, way }
}

pub(crate) fn mail(
    receiver: &Receiver,
    to: &str,
    encryption: Encryption,
    password: &str,
) -> Channel {
    let file = receiver.file(&format!("password of {to}"));
    std::fs::write(&file, password).expect("a file");
    let way = Way::Mail(Mail {
        server: "localhost".to_owned(),
        port: if encryption == Encryption::Tls { receiver.tls } else { receiver.starttls },
        encryption,
        roots_file: Some(receiver.file("tls.crt")),
        login: Some(("makegood".to_owned(), file)),
        from: "Makegood <makegood@example.com>".parse().expect("an address"),
        to: format!("{to}@example.com").parse::<Mailbox>().expect("an address"),
    });
    Channel {
        name: to.to_owned(),
        least: AlertLevel::Warning,
        digest_for: None,
        patience: PATIENCE,
        way,
    }
}

/// Twelve bad minutes at NW-1, heard of at once: an alert. The person who told of them.
pub(crate) async fn twelve_minutes(ground: &Ground) -> PersonId {
    let admin = told(ground).await;
    turn(ground, "2026-10-05T08:00:00Z").await;
    down(ground, admin, "2026-10-05T08:00:00Z", "2026-10-05T08:12:00Z").await;
    admin
}

/// Leaves only one of the events to be told: a critical alert's.
pub(crate) async fn only_one(ground: &Ground) {
    let mut tx = ground.store.begin(None).await.expect("begins");
    let sql = "update event set spread = 1 where id <> \
               (select min(id) from event where level = 'critical')";
    tx.execute(sql, &[]).await.expect("is written");
    tx.commit().await.expect("commits");
}

pub(crate) async fn tell(ground: &Ground, channels: &[Channel]) -> usize {
    message::turn(&ground.store, channels).await.expect("a turn")
}

/// What did not arrive: channel, state, attempts, reason.
pub(crate) async fn left(ground: &Ground) -> Vec<(String, Value, i64, String)> {
    let mut conn = ground.store.reading().await.expect("a connection");
    let states = [store::message::State::Waiting, store::message::State::GivenUp];
    let left = store::message::page(&mut conn, &states, None, 100).await.expect("messages");
    left.into_iter()
        .map(|one| {
            let state = serde_json::to_value(one.state).expect("a word");
            (one.channel, state, one.attempts, one.failure.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn an_alert_reaches_a_program_and_people_once_and_as_it_stands() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let channels = [
            hook(&receiver, "pager", AlertLevel::Warning),
            mail(&receiver, "ann", Encryption::Tls, "a password\n"),
            mail(&receiver, "ben", Encryption::StartTls, "a password"),
        ];
        twelve_minutes(&ground).await;
        let alerts: Vec<Alert> = all(&ground, "1 = 1 order by number", &[]).await;
        assert!(!alerts.is_empty(), "{}", ground.name);
        assert_eq!(tell(&ground, &channels).await, alerts.len() * 3, "{}", ground.name);
        assert_eq!(tell(&ground, &channels).await, 0, "{}: told twice", ground.name);
        assert_eq!(left(&ground).await, [], "{}", ground.name);
        let seen = receiver.seen().await;
        assert_eq!(seen.len(), alerts.len() * 3);
        let burning = seen
            .iter()
            .find(|one| {
                let data = &one["event"]["data"];
                data["alert"]["kind"] == "burn_rate" && data["contract"] == "NW-1"
            })
            .expect("the burn rate is told");
        assert!(burning["refused"].is_null(), "{burning}");
        let event = &burning["event"];
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["type"], "makegood.alert.raised");
        assert_eq!(event["source"], "urn:makegood:central");
        assert_eq!(event["time"], "2026-10-05T08:12:00.000Z");
        let data = &event["data"];
        assert_eq!(data["contract"], "NW-1");
        assert_eq!(data["headline"], "The downtime allowance of the SLO is being used up too fast");
        assert_eq!(data["alert"]["number"], event["subject"]);
        assert_eq!(data["alert"]["time_to_detect_seconds"], 720);
        let number = event["subject"].as_str().expect("a number");
        let mails: Vec<&Value> = seen
            .iter()
            .filter(|one| one["subject"].as_str().is_some_and(|it| it.starts_with(number)))
            .collect();
        let to: BTreeSet<&str> =
            mails.iter().map(|mail| mail["to"][0].as_str().expect("an address")).collect();
        assert_eq!(to, BTreeSet::from(["ann@example.com", "ben@example.com"]));
        for mail in mails {
            assert_eq!(mail["secure"], true, "{}: read along", mail["to"]);
            assert_eq!(mail["automatic"], "auto-generated");
            assert_eq!(mail["date"], "2026-10-05T08:12:00.000Z");
            let subject = mail["subject"].as_str().expect("a subject");
            assert!(subject.contains(" critical: Northwind"), "{subject}");
            let text = mail["text"].as_str().expect("a text");
            for line in [
                "The downtime allowance of the SLO is being used up too fast.",
                "Contract: NW-1",
                "Window: 2026-10",
                "First bad: 5 Oct 2026, 08:00 UTC, told after 12 min",
            ] {
                assert!(text.contains(line), "{line} is not in:\n{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_later_under_the_same_id() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let channels = [hook(&receiver, "pager", AlertLevel::Critical)];
        twelve_minutes(&ground).await;
        receiver.answers(json!([500, { "status": 429, "after": 700 }, 302])).await;
        only_one(&ground).await;
        for (pause, attempts, arrived, why) in [
            (0, 1, 0, "500"),
            (4, 1, 0, "500"),
            (1, 2, 0, "429"),
            // The second pause would be 300 s; the receiver asked for 700.
            (699, 2, 0, "429"),
            (1, 3, 0, "302"),
            (1799, 3, 0, "302"),
        ] {
            ground.clock.advance(Duration::from_secs(pause));
            assert_eq!(tell(&ground, &channels).await, arrived, "{}", ground.name);
            let why = format!("the receiver answered {why}");
            let waiting = ("pager".to_owned(), json!("waiting"), attempts, why);
            assert_eq!(left(&ground).await, [waiting], "{}", ground.name);
        }
        ground.clock.advance(Duration::from_secs(1));
        assert_eq!(tell(&ground, &channels).await, 1, "{}", ground.name);
        let seen = receiver.seen().await;
        let ids: BTreeSet<String> = seen.iter().map(|one| one["id"].to_string()).collect();
        let stamps: BTreeSet<String> = seen.iter().map(|one| one["at"].to_string()).collect();
        assert_eq!((seen.len(), ids.len(), stamps.len()), (4, 1, 4), "{}", ground.name);
        assert!(seen.iter().all(|one| one["refused"].is_null()), "{seen:?}");
    }
}

#[tokio::test]
async fn what_can_not_arrive_is_given_up_with_its_reason_and_holds_nobody_up() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let mut receiver = Receiver::start();
        let channels = [
            hook(&receiver, "gone", AlertLevel::Critical),
            mail(&receiver, "left", Encryption::Tls, "a password"),
            mail(&receiver, "locked", Encryption::StartTls, "another password"),
            mail(&receiver, "here", Encryption::Tls, "a password"),
        ];
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        receiver.answers(json!([410])).await;
        receiver.refuses(json!(["left@example.com"])).await;
        assert_eq!(tell(&ground, &channels).await, 1, "only whoever is here");
        let now = left(&ground).await;
        let of = |name: &str| now.iter().find(|one| one.0 == name).expect("it is listed");
        assert_eq!(of("gone").1, "given_up");
        assert!(of("gone").3.contains("410"), "{now:?}");
        assert_eq!((&of("left").1, of("left").2), (&json!("waiting"), 1), "an address, too");
        assert!(of("left").3.contains("550"), "{now:?}");
        assert_eq!(
            (&of("locked").1, of("locked").2),
            (&json!("waiting"), 1),
            "a login can be mended"
        );
        // Ten attempts within three days, and no more.
        receiver.stop();
        for _ in 0..20 {
            ground.clock.advance(Duration::from_hours(24));
            tell(&ground, &channels).await;
        }
        let now = left(&ground).await;
        let locked: Vec<_> = now.iter().filter(|one| one.0 == "locked").collect();
        assert!(locked.iter().all(|one| one.1 == "given_up" && one.2 == 10), "{locked:?}");
        assert!(!locked.is_empty());
        // A channel that leaves the settings leaves nothing behind that waits.
        let admin = told(&ground).await;
        turn(&ground, "2026-11-05T08:00:00Z").await;
        down(&ground, admin, "2026-11-05T08:00:00Z", "2026-11-05T08:12:00Z").await;
        tell(&ground, &channels).await;
        tell(&ground, &[]).await;
        assert!(left(&ground).await.iter().all(|one| one.1 == "given_up"), "{}", ground.name);
    }
}

#[tokio::test]
async fn a_secret_is_changed_without_a_restart_and_a_wrong_one_is_refused() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let receiver = Receiver::start();
        let mut channel = hook(&receiver, "pager", AlertLevel::Critical);
        let ours = receiver.file("ours");
        let Way::Webhook(webhook) = &mut channel.way else { unreachable!("it is one") };
        webhook.secret_file.clone_from(&ours);
        twelve_minutes(&ground).await;
        only_one(&ground).await;
        let channels = [channel];
        assert_eq!(tell(&ground, &channels).await, 0);
        assert!(left(&ground).await[0].3.contains("put the secret there"), "{}", ground.name);
        std::fs::write(&ours, "whsec_c2hvcnQ=").expect("a file");
        ground.clock.advance(Duration::from_secs(5));
        assert_eq!(tell(&ground, &channels).await, 0);
        assert!(left(&ground).await[0].3.contains("24 to 64"), "{}", ground.name);
        assert!(receiver.seen().await.is_empty(), "nothing leaves unsigned");
        // The old one and the new one sign, in either order.
        std::fs::write(&ours, format!("{}\n{}\n", secret(8), secret(7))).expect("a file");
        ground.clock.advance(Duration::from_secs(300));
        assert_eq!(tell(&ground, &channels).await, 1);
        assert!(receiver.seen().await[0]["refused"].is_null(), "{}", ground.name);
        assert_eq!(channels[0].check(), Ok(()));
    }
}

async fn listed(house: &House, query: &str) -> Value {
    let answer = house.get(&house.root, &format!("/v1/messages{query}")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("a page")
}

#[tokio::test]
async fn who_looks_after_an_alert_is_told_but_not_what_they_wrote() {
    for house in houses().await {
        let (receiver, store) = (Receiver::start(), house.app.store());
        let channels = [hook(&receiver, "pager", AlertLevel::Warning)];
        alarmed(&house).await;
        // What happened before there was anybody to tell is not told later.
        assert_eq!(message::turn(store, &[]).await, Ok(0));
        let found: Vec<Alert> = {
            let mut conn = store.reading().await.expect("a connection");
            store::alert::page(&mut conn, &Scope::All, (None, 10), false).await.expect("alerts")
        };
        let (alert, note) = (&found[0], "the cable in Kiel again");
        let args = json!({ "alert": alert.id, "note": note });
        let base = [("alert", alert.id.to_string(), 1)];
        let said = house.send(&house.anna, &house.command("acknowledge_alert", args, &base)).await;
        assert_eq!(said["outcome"], "applied", "{said}");
        receiver.answers(json!([503])).await;
        assert_eq!(message::turn(store, &channels).await, Ok(0));
        let page = listed(&house, "").await;
        let waits = page["messages"].as_array().expect("a list");
        assert_eq!(waits.len(), 1, "{page}");
        assert_eq!(waits[0]["kind"], "alert.acknowledged");
        assert_eq!((&waits[0]["state"], &waits[0]["attempts"]), (&json!("waiting"), &json!(1)));
        let id = waits[0]["id"].as_str().expect("an id");
        assert_eq!(listed(&house, &format!("?before={id}")).await["messages"], json!([]));
        let metrics = house.get(&house.root, "/metrics").await.text().await.expect("a text");
        let line = "makegood_messages{channel=\"pager\",state=\"waiting\"} 1";
        assert!(metrics.contains(line), "{metrics}");
        house.ground.clock.advance(Duration::from_secs(5));
        assert_eq!(message::turn(store, &channels).await, Ok(1));
        assert_eq!(listed(&house, "").await["messages"], json!([]));
        let all = listed(&house, "?state=all").await;
        assert_eq!(
            (&all["messages"][0]["id"], &all["messages"][0]["state"]),
            (&json!(id), &json!("sent"))
        );
        assert_eq!(all["messages"][0]["customer"], json!(alert.customer));
        assert_eq!(listed(&house, "?state=given_up").await["messages"], json!([]));
        let none = house.get(&house.root, "/v1/messages?state=lost").await;
        assert_eq!(none.status(), 422);
        let seen = receiver.seen().await;
        let last = seen.last().expect("it came");
        assert_eq!(last["event"]["type"], "makegood.alert.acknowledged");
        assert_eq!(last["event"]["data"]["alert"]["acknowledged_by"], json!(house.anna.person));
        assert!(!json!(seen).to_string().contains(note), "{seen:?}");
    }
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_by_hand_under_its_own_id_and_on_record() {
    for house in houses().await {
        let (receiver, store) = (Receiver::start(), house.app.store());
        let channels = [hook(&receiver, "pager", AlertLevel::Warning)];
        alarmed(&house).await;
        only_one(&house.ground).await;
        receiver.answers(json!([410, 503])).await;
        assert_eq!(message::turn(store, &channels).await, Ok(0));
        let given_up = listed(&house, "?state=given_up").await["messages"][0].clone();
        let id = given_up["id"].as_str().expect("an id").to_owned();
        let path = house.url(&format!("/v1/messages/{id}/resend"));
        let resend = |seat: &crate::house::Seat| house.http.post(&path).bearer_auth(&seat.token);
        for seat in [&house.anna, &house.carla] {
            let refused = resend(seat).send().await.expect("answers");
            assert_eq!(refused.status(), 403, "{}", house.ground.name);
        }
        let said = resend(&house.root).send().await.expect("answers");
        assert_eq!(said.status(), 200, "{}", house.ground.name);
        let said: Value = said.json().await.expect("a message");
        assert_eq!((&said["state"], &said["attempts"]), (&json!("waiting"), &json!(0)));
        let again = resend(&house.root).send().await.expect("answers");
        assert_eq!(again.status(), 409, "it waits already");
        // As often as a new one, not given up at the first failure.
        assert_eq!(message::turn(store, &channels).await, Ok(0));
        assert_eq!(listed(&house, "?state=waiting").await["messages"][0]["attempts"], 1);
        house.ground.clock.advance(Duration::from_secs(5));
        assert_eq!(message::turn(store, &channels).await, Ok(1), "{}", house.ground.name);
        let ids: Vec<String> =
            receiver.seen().await.iter().map(|one| one["id"].to_string()).collect();
        assert!(
            ids.len() == 3 && ids.iter().all(|id| *id == ids[0]),
            "the receiver knows it by its id"
        );
        assert_eq!(resend(&house.root).send().await.expect("answers").status(), 409);
        let audit: Vec<makegood_domain::audit::AuditEvent> =
            all(&house.ground, "1 = 1 order by position", &[]).await;
        let told: Vec<_> = audit.iter().filter(|one| one.action == "message.resent").collect();
        assert_eq!((told.len(), told[0].person), (1, Some(house.root.person)));
        assert_eq!((told[0].subject.as_str(), &told[0].detail["channel"]), (&*id, &json!("pager")));
    }
}
