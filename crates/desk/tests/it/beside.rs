//! Several processes over one profile: one syncs, the others see it and ask for it.

use crate::{
    house::{House, Issued},
    work::{self, breach, credit, seen},
};
use chrono::TimeDelta;
use makegood_desk::{Link, credit::GoodwillProposal, screens::Page};
use makegood_domain::{
    Clock, Code,
    person::{Permission, Role, Scope, TokenKind},
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

#[tokio::test(flavor = "multi_thread")]
async fn law_6_two_processes_over_one_profile_decide_and_one_of_them_syncs() {
    let house = House::open().await;
    let window = house.desk("dana").await;
    // As the terminal does it, beside the window.
    let terminal = house.seat("dana").await;
    let nw1 = credit(&terminal, "NW-1").await;
    terminal.propose_credit(seen(&nw1)).await.unwrap();
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    while terminal.outbox().await.unwrap().rows[0].state != "confirmed" {
        looks.tick().await;
    }
    // What is confirmed is shown so when the page with it has been taken in.
    for desk in [&window, &terminal] {
        while credit(desk, "NW-1").await.state != "proposed" {
            looks.tick().await;
        }
    }
    assert_eq!(terminal.sync_state().await.unwrap().state, Link::Online);
    // The window is closed: the terminal takes over.
    window.leave().await.unwrap();
    let nw2 = breach(&terminal, "NW-2").await;
    house.wire.set_up(true);
    let goodwill = GoodwillProposal {
        contract_id: nw2.contract_id,
        month: work::MONTH.to_owned(),
        amount: "20".to_owned(),
        reason: "The quarter's busiest night".to_owned(),
    };
    terminal.propose_goodwill(goodwill).await.unwrap();
    while terminal.outbox().await.unwrap().waiting > 0 {
        looks.tick().await;
    }
    assert_eq!(house.audited("credit.goodwill_proposed").await, 1);
    assert_eq!(house.audited("credit.proposed").await, 1);
}

/// Whoever asks has what was there when they asked, though another process fetches it.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_sync_is_one_though_another_process_does_it() {
    let house = House::open().await;
    let window = house.desk("dana").await;
    let terminal = house.desk("dana").await;
    for round in 1..=3 {
        house.notes(1, 8).await;
        terminal.sync_now().await.unwrap();
        assert_eq!(notes(&house).await, round);
        assert!(terminal.mirror_agrees().await.unwrap());
    }
    house.wire.set_up(false);
    let away = terminal.sync_now().await.unwrap_err();
    assert_eq!(away.code, Code::CentralUnreachable);
    assert_eq!(terminal.sync_state().await.unwrap().state, Link::Offline);
    // The window is closed while the terminal waits for it.
    house.wire.set_up(true);
    let (synced, left) = tokio::join!(terminal.sync_now(), window.leave());
    synced.unwrap();
    left.unwrap();
    assert_eq!(terminal.sync_state().await.unwrap().state, Link::Online);
}

/// Notes about customers in Dana's mirror.
async fn notes(house: &House) -> i64 {
    let file = SqliteConnectOptions::new().filename(house.mirror("dana").await).read_only(true);
    let mut file = file.connect().await.unwrap();
    let sql = "select count(*) from note where json_extract(body, '$.subject_entity') = 'customer'";
    let count = sqlx::query_scalar(sql).fetch_one(&mut file).await.unwrap();
    file.close().await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_cannot_read_the_mirror_leaves_it_to_the_one_that_syncs() {
    let house = House::open().await;
    let window = house.desk("dana").await;
    let before = house.mirror("dana").await;
    // As a terminal of an older release sees it.
    let mut file = SqliteConnectOptions::new().filename(&before).connect().await.unwrap();
    let later =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9000, 'later', true, x'00', 0)";
    sqlx::query(later).execute(&mut file).await.unwrap();
    let terminal = house.desk("dana").await;
    let rows = async |desk: &makegood_desk::Desk| {
        desk.customers(&Page::default()).await.unwrap().rows.len()
    };
    assert_eq!((rows(&window).await, rows(&terminal).await), (2, 0));
    assert_eq!(house.mirror("dana").await, before);
    assert!(before.exists());
    window.sync_now().await.unwrap();
    // By the time that it can, it does.
    sqlx::query("delete from _sqlx_migrations where version = 9000")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    terminal.sync_now().await.unwrap();
    terminal.sync_now().await.unwrap();
    assert_eq!(rows(&terminal).await, 2);
    assert_eq!(house.mirror("dana").await, before);
}

/// Of a newer release, beside an app that was not restarted yet and writes on into its own tables.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_beside_changes_no_tables() {
    let house = House::open().await;
    let window = house.desk("dana").await;
    let mut file =
        SqliteConnectOptions::new().filename(house.mirror("dana").await).connect().await.unwrap();
    let last = "delete from _sqlx_migrations where version = \
                (select max(version) from _sqlx_migrations)";
    sqlx::query(last).execute(&mut file).await.unwrap();
    let stands = "select max(version) from _sqlx_migrations";
    let before: i64 = sqlx::query_scalar(stands).fetch_one(&mut file).await.unwrap();
    let terminal = house.desk("dana").await;
    assert!(terminal.customers(&Page::default()).await.unwrap().rows.is_empty());
    let after: i64 = sqlx::query_scalar(stands).fetch_one(&mut file).await.unwrap();
    assert_eq!(after, before);
    drop(window);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_beside_with_a_clock_ten_years_off_says_what_the_other_does() {
    let house = House::open().await;
    for days in [3650, -3650] {
        let clock = Clock::fixed(house.clock.now() + TimeDelta::days(days));
        let window = house.seat_by("dana", clock.clone()).await;
        window.sync_now().await.unwrap();
        let terminal = house.seat_by("dana", clock).await;
        terminal.sync_now().await.unwrap();
        assert_eq!(terminal.sync_state().await.unwrap().state, Link::Online);
        house.wire.set_up(false);
        assert_eq!(terminal.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
        for desk in [&window, &terminal] {
            let state = desk.sync_state().await.unwrap();
            assert_eq!(state.state, Link::Offline, "{state:?}");
            assert_eq!(state.detail, "last synced 9 Nov 08:15 UTC");
        }
        house.wire.set_up(true);
        terminal.leave().await.unwrap();
        window.leave().await.unwrap();
    }
}

/// Gives the house a token of Ines's for scripts, as `script`.
async fn script(house: &mut House) {
    let ines = house.person("ines");
    let token = house.app.issue_token(None, ines, TokenKind::Personal, 30).await.unwrap();
    let issued = crate::house::Issued { person: ines, id: token.id, text: token.text };
    house.tokens.insert("script", issued);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_a_script_over_ones_profile_leaves_what_only_a_person_decides() {
    let mut house = House::open().await;
    script(&mut house).await;
    work::propose(&house.desk("dana").await, "NW-1").await;
    let ines = house.desk("ines").await;
    house.wire.set_up(false);
    ines.approve_credits(vec![seen(&credit(&ines, "NW-1").await)]).await.unwrap();
    ines.leave().await.unwrap();
    house.wire.set_up(true);
    // Nightly, with a token of its own, in the same folder.
    let folder = house.folder.path();
    std::fs::rename(folder.join("ines"), folder.join("script")).unwrap();
    let nightly = house.desk("script").await;
    let row = nightly.outbox().await.unwrap().rows.remove(0);
    assert!(["queued", "sent"].contains(&row.state.as_str()), "{row:?}");
    assert_eq!(house.audited("credit.approved").await, 0);
    assert_eq!(house.audited("command.refused").await, 0);
    let own = nightly.approve_credits(vec![seen(&credit(&nightly, "NW-1").await)]).await;
    assert_eq!(own.unwrap_err().code, Code::TokenMayNotApprove);
    nightly.leave().await.unwrap();
    std::fs::rename(folder.join("script"), folder.join("ines")).unwrap();
    let ines = house.desk("ines").await;
    assert_eq!(ines.outbox().await.unwrap().rows[0].state, "confirmed");
    assert_eq!(house.audited("credit.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_token_for_some_customers_has_a_profile_of_its_own() {
    let mut house = House::open().await;
    let ines = house.desk("ines").await;
    let [gmbh, _] = house.customers().await;
    let wanted = makegood_desk::token::TokenWanted {
        name: "nightly".to_owned(),
        verbs: vec![Permission::Read.as_str().to_owned()],
        customers: Some(vec![gmbh.to_string()]),
        days: 30,
    };
    let text = ines.make_token(wanted).await.unwrap().text;
    let before = house.mirror("ines").await;
    let narrow = crate::house::Issued { text, ..house.tokens["ines"].clone() };
    house.tokens.insert("ines", narrow);
    let nightly = house.desk("ines").await;
    assert_eq!(nightly.customers(&Page::default()).await.unwrap().rows.len(), 1);
    assert!(nightly.mirror_agrees().await.unwrap());
    ines.sync_now().await.unwrap();
    assert_eq!(ines.customers(&Page::default()).await.unwrap().rows.len(), 2);
    assert_eq!(house.mirror("ines").await, before);
}

/// Roles and delegations that change while a desk runs are known there with the next news.
#[tokio::test(flavor = "multi_thread")]
async fn law_5_who_is_given_a_role_has_it_without_sitting_down_anew() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let may =
        async || dana.session().await.unwrap().permissions.contains(&"approve_credit".to_owned());
    assert!(!may().await);
    let mut conn = house.app.store().reading().await.unwrap();
    let id = house.person("dana").to_string();
    let found =
        makegood_central::store::get::<makegood_domain::person::Person>(&mut conn, id).await;
    let mut person = found.unwrap().unwrap().row;
    drop(conn);
    person.roles.insert(Role::Finance);
    house.app.put_person(&person, &Scope::All).await.unwrap();
    dana.sync_now().await.unwrap();
    assert!(may().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_whose_session_is_over_leaves_the_folder_to_whoever_has_one() {
    let mut house = House::open().await;
    let window = house.desk("dana").await;
    house.revoke("dana").await;
    assert_eq!(window.sync_now().await.unwrap_err().code, Code::TokenInvalid);
    let dana = house.person("dana");
    let token = house.app.issue_token(None, dana, TokenKind::Session, 60).await.unwrap();
    house.tokens.insert("dana", Issued { person: dana, id: token.id, text: token.text });
    let terminal = house.desk("dana").await;
    let mirror = house.mirror("dana").await;
    assert!(terminal.mirror_agrees().await.unwrap());
    // Nor does the window take away what the other has fetched, or say that it is signed in.
    house.notes(1, 8).await;
    terminal.sync_now().await.unwrap();
    assert_eq!(window.sync_state().await.unwrap().state, Link::Revoked);
    assert_eq!(house.mirror("dana").await, mirror);
}
