//! Keeping in step with a central that comes and goes.

use crate::{
    house::House,
    work::{self, breach, credit, seen},
};
use chrono::TimeDelta;
use makegood_desk::{
    Desk, Event, Fill, Ground, Link,
    credit::GoodwillProposal,
    screens::{CreditTab, Page, PortfolioView},
};
use makegood_domain::{Code, person::Scope, random::Random};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_desk_in_step_shows_what_central_holds() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Online);
    let nw1 = credit(&desk, "NW-1").await;
    assert_eq!((nw1.amount.symbol.as_str(), nw1.state.as_str()), ("€1,200.00", "drafted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn central_gone_in_the_middle_of_a_sync_and_back_loses_nothing() {
    let house = House::open().await;
    house.wire.break_after(2000);
    let desk = house.seat("sam").await;
    // The answer breaks off at several places.
    for bytes in [500, 900, 1700] {
        house.wire.break_after(bytes);
        let refused = desk.sync_now().await.unwrap_err();
        assert_eq!(refused.code, Code::CentralUnreachable, "{refused}");
        assert_eq!(desk.sync_state().await.unwrap().state, Link::Offline);
    }
    house.wire.break_after(usize::MAX);
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_is_decided_offline_is_queued_and_takes_effect_once_central_is_back() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    let contract_id = breach(&desk, "NW-1").await.contract_id;
    house.wire.set_up(false);
    let goodwill = GoodwillProposal {
        contract_id,
        month: work::MONTH.to_owned(),
        amount: "200".to_owned(),
        reason: "The quarter's busiest night".to_owned(),
    };
    desk.propose_goodwill(goodwill).await.unwrap();
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    let state = desk.sync_state().await.unwrap();
    assert_eq!((state.state, state.detail.as_str()), (Link::Offline, "1 change waiting"));
    assert_eq!(desk.outbox().await.unwrap().rows[0].what, "Propose goodwill of €200.00");

    // It reaches central, its answer does not; it is sent again, and again.
    house.wire.lose_answers(true);
    house.wire.set_up(true);
    for _ in 0..2 {
        assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
        assert_eq!(desk.outbox().await.unwrap().rows[0].state, "sent");
    }
    house.wire.lose_answers(false);
    desk.sync_now().await.unwrap();
    let outbox = desk.outbox().await.unwrap();
    assert_eq!((outbox.waiting, outbox.rows[0].state.as_str()), (0, "confirmed"));
    assert!(outbox.rows[0].receipt.as_ref().is_some_and(|number| number.starts_with("A-")));
    let awaiting = desk.credits(CreditTab::Awaiting, &Page::default()).await.unwrap();
    let goodwill =
        awaiting.rows.iter().chain(&awaiting.not_yours).filter(|row| row.reason == "Goodwill");
    assert_eq!(goodwill.count(), 1);
    assert!(desk.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_approval_of_what_has_changed_comes_back_stale_and_is_decided_again() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    work::propose(&dana, "NW-1").await;
    let lee = house.desk("lee").await;
    let seen_by_lee = seen(&credit(&lee, "NW-1").await);
    // Meanwhile it is returned and proposed anew.
    let ines = house.desk("ines").await;
    let nw1 = credit(&ines, "NW-1").await;
    ines.return_credit(&nw1.id, nw1.version, "which clause?").await.unwrap();
    ines.sync_now().await.unwrap();
    dana.sync_now().await.unwrap();
    work::propose(&dana, "NW-1").await;

    // What counts is what lee saw, whatever has come in since.
    lee.sync_now().await.unwrap();
    lee.approve_credits(vec![seen_by_lee]).await.unwrap();
    lee.sync_now().await.unwrap();
    let row = lee.outbox().await.unwrap().rows.remove(0);
    assert_eq!(row.state, "stale");
    assert_eq!(row.problem.unwrap().code, Code::Stale);
    assert_eq!(credit(&lee, "NW-1").await.state, "proposed");

    lee.retry_command(&row.id, &row.again.unwrap().seen).await.unwrap();
    lee.sync_now().await.unwrap();
    assert_eq!(credit(&lee, "NW-1").await.state, "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_who_proposed_is_refused_before_anything_is_queued() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let breach = breach(&dana, "NW-1").await;
    dana.propose_exclusion(makegood_desk::exclusion::ExclusionProposal {
        breach_id: breach.id.clone(),
        kind: "planned_maintenance".to_owned(),
        from: "2026-10-14T03:55:00Z".parse().unwrap(),
        to: "2026-10-14T04:05:00Z".parse().unwrap(),
        notified_at: Some("2026-10-11T03:55:00Z".parse().unwrap()),
        clause: None,
    })
    .await
    .unwrap();
    dana.sync_now().await.unwrap();
    let exclusion = dana.breach(&breach.id).await.unwrap().exclusions.remove(0);
    let refused = dana.decide_exclusion(&exclusion.id, exclusion.version, true, None).await;
    assert_eq!(refused.unwrap_err().code, Code::OwnProposal);
    assert_eq!(dana.outbox().await.unwrap().waiting, 0);

    let noa = house.desk("noa").await;
    noa.decide_exclusion(&exclusion.id, exclusion.version, true, None).await.unwrap();
    noa.sync_now().await.unwrap();
    let nw1 = noa.breach(&breach.id).await.unwrap();
    let told = noa.explain(&nw1.settlement_id, &nw1.line_id, Some("percent")).await.unwrap();
    assert_eq!(told.result, "99.885880\u{202f}%");
    assert!(told.agrees, "{}", told.agrees_text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_persons_mirror_goes_and_their_outbox_stays() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    work::propose(&desk, "NW-1").await;
    // A mirror that is still packed is one, too.
    let packed = house.profile("dana").join("snapshot_whole.zst");
    std::fs::write(&packed, b"everything").unwrap();
    house.revoke("dana").await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::TokenInvalid);
    assert_eq!(desk.sync_state().await.unwrap().state, Link::Revoked);
    assert!(!packed.exists());
    assert!(desk.customers(&Page::default()).await.unwrap().rows.is_empty());
    let row = desk.outbox().await.unwrap().rows.remove(0);
    assert!(row.what.starts_with("Propose CR-30") && row.what.ends_with(", €1,200.00"), "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_goes_with_the_roles_and_comes_with_them() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    work::propose(&desk, "NW-1").await;
    let had = house.roles("dana", [].into()).await;
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::RoleMissing);
    let state = desk.sync_state().await.unwrap();
    assert_eq!((state.state, state.detail.contains("roles")), (Link::Revoked, true), "{state:?}");
    assert!(desk.customers(&Page::default()).await.unwrap().rows.is_empty());
    assert_eq!(desk.outbox().await.unwrap().rows.len(), 1);
    house.roles("dana", had).await;
    desk.sync_now().await.unwrap();
    assert!(!desk.customers(&Page::default()).await.unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_of_another_epoch_is_fetched_anew_under_another_file_name() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    desk.leave().await.unwrap();
    let before = house.mirror("dana").await;
    let mut mirror = SqliteConnectOptions::new().filename(&before).connect().await.unwrap();
    let cursor: String =
        sqlx::query_scalar("select cursor from position").fetch_one(&mut mirror).await.unwrap();
    // All but the epoch is as it was.
    let mut parts: Vec<&str> = cursor.split('.').collect();
    parts[1] = "elsewhere";
    sqlx::query("update position set cursor = $1")
        .bind(parts.join("."))
        .execute(&mut mirror)
        .await
        .unwrap();
    mirror.close().await.unwrap();
    let desk = house.desk("dana").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert_ne!(house.mirror("dana").await, before);
    assert!(!before.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_was_cut_off_goes_on_where_it_ended() {
    let house = House::open().await;
    house.notes(200, 1_500).await;
    // Enough to sit down, and not for more: the desk begins by itself at once.
    house.wire.break_after(2_000);
    let desk = house.seat("sam").await;
    let packed = house.profile("sam").join("snapshot_whole.zst");
    let mut had = 0;
    for bytes in [40_000, 60_000] {
        house.wire.break_after(bytes);
        assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
        let here = packed.metadata().unwrap().len();
        assert!(here > had, "{here} bytes, and {had} before");
        had = here;
    }
    house.wire.break_after(usize::MAX);
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
    assert!(!packed.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_which_a_byte_changed_is_fetched_again() {
    let house = House::open().await;
    house.notes(200, 1_500).await;
    house.wire.break_after(2_000);
    let desk = house.seat("sam").await;
    house.wire.break_after(60_000);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    let packed = house.profile("sam").join("snapshot_whole.zst");
    let mut bytes = std::fs::read(&packed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&packed, bytes).unwrap();
    house.wire.break_after(usize::MAX);
    // The desk tries by itself, too: whoever comes first finds it.
    if let Err(problem) = desk.sync_now().await {
        assert_eq!(problem.code, Code::File, "{problem}");
        assert!(problem.message.contains("the download was damaged"), "{problem}");
        desk.sync_now().await.unwrap();
    }
    assert!(desk.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_slow_and_lossy_line_the_portfolio_is_there_first_and_leaving_waits_for_nothing() {
    let house = House::open().await;
    house.notes(1_500, 2_000).await;
    // 64 kB a second, late, and a packet in a hundred is lost: all of it would take most of a minute.
    house.wire.slow_down(64_000);
    house.wire.lose_one_of(9);
    let desk = house.seat("dana").await;
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    while desk.customers(&Page::default()).await.unwrap().rows.is_empty() {
        looks.tick().await;
    }
    assert!(desk.credits(CreditTab::Awaiting, &Page::default()).await.unwrap().rows.is_empty());
    let state = loop {
        let state = desk.sync_state().await.unwrap();
        if state.progress.as_ref().is_some_and(|progress| progress.what == "everything") {
            break state;
        }
        looks.tick().await;
    };
    assert_eq!(state.state, Link::Syncing);
    let progress = state.progress.unwrap();
    assert!(progress.done < progress.total.unwrap() / 2, "{progress:?}");
    // Table by table: what stands before the notes is there, what stands behind them waits.
    let tables = loop {
        let progress = desk.sync_state().await.unwrap().progress.unwrap();
        let notes = progress.tables.iter().position(|table| table.name == "Notes").unwrap();
        if progress.tables[notes].state == Fill::Filling {
            assert!(progress.now.contains("of 1,500 · Audit events waiting"), "{}", progress.now);
            break progress.tables;
        }
        looks.tick().await;
    };
    let state = |name: &str| tables.iter().find(|table| table.name == name).unwrap();
    assert_eq!((state("SLA lines").state, state("SLA lines").text.as_str()), (Fill::Done, "3"));
    assert_eq!(state("Audit events").state, Fill::Waits);
    desk.leave().await.unwrap();
    let here = house.profile("dana").join("snapshot_whole.zst").metadata().unwrap().len();
    assert!(here < progress.total.unwrap(), "{here}");
    house.wire.slow_down(0);
    house.wire.lose_one_of(0);
    let desk = house.desk("dana").await;
    assert!(desk.mirror_agrees().await.unwrap());
    assert_eq!(credit(&desk, "NW-1").await.state, "drafted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_as_rows_is_told_by_table_too() {
    let house = House::open().await;
    house.notes(20_000, 8).await;
    house.wire.be_of_another_release(true);
    let ground =
        Ground { clock: house.clock.clone(), random: Random::system(), hold: TimeDelta::zero() };
    let desk = Desk::open(&house.folder.path().join("dana"), ground).unwrap();
    let mut events = desk.subscribe();
    desk.connect(&house.wire.url(), house.token("dana")).await.unwrap();
    desk.sync_now().await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Sync(state) = event {
            told.extend(state.progress);
        }
    }
    let by_table = told.iter().find(|progress| progress.what == "records").unwrap();
    let state = |name: &str| {
        let table = by_table.tables.iter().find(|table| table.name == name).unwrap();
        (table.state, table.text.as_str())
    };
    assert_eq!(state("SLA lines"), (Fill::Done, "3"));
    let (notes, text) = state("Notes");
    assert!(notes == Fill::Filling && text.ends_with(" of 20,000"), "{text}");
    assert_eq!(told.last().unwrap().text, "records: lists and search");
    assert!(desk.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_whose_clock_is_ten_years_off_decides_the_same() {
    for years in [-10, 10] {
        let house = House::open().await;
        let days = chrono::TimeDelta::days(years * 365);
        let clock = makegood_domain::Clock::fixed(house.clock.now() + days);
        let desk = house.seat_by("dana", clock.clone()).await;
        desk.sync_now().await.unwrap();
        work::propose(&desk, "NW-1").await;
        assert_eq!(credit(&desk, "NW-1").await.state, "proposed");
        let lee = house.seat_by("lee", clock).await;
        lee.sync_now().await.unwrap();
        work::approve(&lee, "NW-1").await;
        assert_eq!(credit(&lee, "NW-1").await.state, "approved");
        assert!(lee.mirror_agrees().await.unwrap());
        let ines = house.desk("ines").await;
        let nw1 = credit(&ines, "NW-1").await;
        assert_eq!((nw1.state.as_str(), nw1.amount.symbol.as_str()), ("approved", "€1,200.00"));
    }
}

/// The lid was closed on a train, after a decision.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_who_comes_back_a_month_later_to_revised_figures_and_other_customers_is_right_at_once()
 {
    let house = House::open().await;
    work::propose(&house.desk("dana").await, "NW-1").await;
    let ines = house.desk("ines").await;
    house.wire.set_up(false);
    ines.approve_credits(vec![seen(&credit(&ines, "NW-1").await)]).await.unwrap();
    ines.leave().await.unwrap();
    house.wire.set_up(true);
    // October is revised, November closes, Northwind Inc goes to somebody else, and what is gone is
    // not told any more.
    house.down("2026-10-21T10:00:00Z", "2026-10-21T11:30:00Z").await;
    house.turn("2026-12-01T08:00:00Z").await;
    house.turn("2026-12-09T08:15:00Z").await;
    let [gmbh, _] = house.customers().await;
    house.see("ines", Scope::Customers([gmbh].into())).await;
    let now = house.clock.now();
    house.app.store().collect_tombstones(now).await.unwrap();

    let ines = house.desk("ines").await;
    assert!(ines.mirror_agrees().await.unwrap());
    assert_eq!(ines.sync_state().await.unwrap().state, Link::Online);
    let row = ines.outbox().await.unwrap().rows.remove(0);
    assert_eq!((row.state.as_str(), row.problem.unwrap().code), ("stale", Code::Stale));
    let nw1 = credit(&ines, "NW-1").await;
    assert_eq!((nw1.amount.symbol.as_str(), nw1.state.as_str()), ("€3,000.00", "drafted"));
    assert_eq!(house.audited("credit.approved").await, 0);
    let customers = ines.customers(&Page::default()).await.unwrap();
    assert_eq!((customers.total, customers.rows.len()), (1, 1));
    let portfolio = ines.portfolio(None, PortfolioView::All, &Page::default()).await.unwrap();
    assert_eq!((portfolio.month.as_str(), portfolio.rows.len()), ("2026-11", 2));
}
