//! Law 9 where something is in the way: what is shown is what one may see, and is proven again.

use crate::{house::House, work};
use makegood_desk::{Event, Link, screens::Page};
use makegood_domain::{Code, person::Scope};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

/// Central cuts tables of another release, and everything as rows takes longer than the line ever holds.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_rows_beside_what_is_shown_go_on_where_they_ended() {
    let house = House::open().await;
    let desk = house.desk("ines").await;
    house.notes(8_000, 8).await;
    house.wire.be_of_another_release(true);
    let [gmbh, inc] = house.customers().await;
    house.see("ines", Scope::Customers([gmbh, inc].into())).await;
    let mut broke = 0;
    loop {
        house.wire.break_after(80_000);
        let Err(problem) = desk.sync_now().await else { break };
        assert_eq!(problem.code, Code::CentralUnreachable, "{problem}");
        broke += 1;
        assert!(broke < 20, "it begins at zero each time");
    }
    assert!(broke > 1, "{broke}");
    house.wire.break_after(usize::MAX);
    assert!(desk.mirror_agrees().await.unwrap());
}

/// While everything is fetched anew, which may take long, the old mirror is shown.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_what_is_out_of_sight_goes_before_anything_else_comes() {
    let house = House::open().await;
    let desk = house.desk("ines").await;
    let [gmbh, _] = house.customers().await;
    house.see("ines", Scope::Customers([gmbh].into())).await;
    // Central was restored, too: that is told first.
    house.app.store().renew_epoch(false).await.unwrap();
    house.wire.break_after(2_000);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    let customers = async || desk.customers(&Page::default()).await.unwrap().rows.len();
    assert_eq!(customers().await, 1);
    house.wire.break_after(usize::MAX);
    desk.sync_now().await.unwrap();
    assert_eq!(customers().await, 1);
    assert!(desk.mirror_agrees().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_mirror_that_differs_is_fetched_anew_and_the_outbox_stays() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    house.wire.set_up(false);
    work::goodwill(&desk, 1).await;
    desk.leave().await.unwrap();
    let before = house.mirror("dana").await;
    lose_credits(&before).await;
    house.wire.set_up(true);
    // The last proof is good for some hours.
    let desk = house.desk("dana").await;
    assert!(!desk.mirror_agrees().await.unwrap());
    house.clock.advance(std::time::Duration::from_secs(7 * 3600));
    // A fetch that breaks proves nothing.
    house.wire.break_after(2_000);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::CentralUnreachable);
    house.wire.break_after(usize::MAX);
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
    assert_ne!(house.mirror("dana").await, before);
    assert_eq!(desk.outbox().await.unwrap().rows[0].state, "confirmed");
    assert_eq!(house.audited("credit.goodwill_proposed").await, 1);
}

async fn lose_credits(mirror: &std::path::Path) {
    let mut mirror = SqliteConnectOptions::new().filename(mirror).connect().await.unwrap();
    sqlx::query("delete from credit").execute(&mut mirror).await.unwrap();
    mirror.close().await.unwrap();
}

/// Fetching it over and over would not help, and nobody relies on it unwarned.
#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_mirror_that_differs_again_at_once_says_so_until_it_agrees() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    let hours = |hours: u64| house.clock.advance(std::time::Duration::from_secs(hours * 3_600));
    lose_credits(&house.mirror("dana").await).await;
    hours(7);
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
    let fetched = house.mirror("dana").await;
    lose_credits(&fetched).await;
    let user = SqliteConnectOptions::new().filename(house.profile("dana").join("user.db"));
    let mut user = user.connect().await.unwrap();
    sqlx::query("delete from setting where key = 'proved'").execute(&mut user).await.unwrap();
    user.close().await.unwrap();
    for wait in [0, 2] {
        hours(wait);
        desk.sync_now().await.unwrap();
        assert_eq!(house.mirror("dana").await, fetched, "within six hours");
        let detail = desk.sync_state().await.unwrap().detail;
        assert!(detail.starts_with("figures here differ from central's"), "{detail}");
    }
    hours(5);
    desk.sync_now().await.unwrap();
    assert_ne!(house.mirror("dana").await, fetched);
    assert!(desk.mirror_agrees().await.unwrap());
    let detail = desk.sync_state().await.unwrap().detail;
    assert!(detail.starts_with("synced "), "{detail}");
}

/// A row that nobody can read comes again with everything else: fetching it over and over would not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_is_damaged_again_at_once_is_not_fetched_again_at_once() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    let mut mirrors = vec![house.mirror("dana").await];
    for wait in [0, 0, 3_600] {
        house.clock.advance(std::time::Duration::from_secs(wait));
        let mirror = mirrors.last().unwrap();
        let mut file = SqliteConnectOptions::new().filename(mirror).connect().await.unwrap();
        sqlx::query("update sla_line set body = '{'").execute(&mut file).await.unwrap();
        file.close().await.unwrap();
        let broken = work::find_breach(&desk, "NW-1").await.unwrap_err();
        assert_eq!(broken.code, Code::MirrorDamaged);
        desk.sync_now().await.unwrap();
        mirrors.push(house.mirror("dana").await);
    }
    assert_ne!(mirrors[0], mirrors[1]);
    assert_eq!(mirrors[1], mirrors[2], "within the hour");
    assert_ne!(mirrors[2], mirrors[3]);
    assert!(desk.mirror_agrees().await.unwrap());
}

/// While the lid was closed the line has died: nobody waits for its end, nor says meanwhile that all is in step.
#[tokio::test(flavor = "multi_thread")]
async fn who_wakes_up_asks_at_once() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    let mut events = desk.subscribe();
    let mut links = Vec::new();
    // It may not have begun to wait when it falls asleep: then it does once more.
    let mut sleeps = tokio::time::interval(std::time::Duration::from_secs(4));
    for _ in 0..5 {
        sleeps.tick().await;
        house.clock.advance(std::time::Duration::from_secs(3_600));
        let told = async {
            while !links.contains(&Link::Syncing) || links.last() != Some(&Link::Online) {
                if let Event::Sync(state) = events.recv().await.unwrap() {
                    links.push(state.state);
                }
            }
        };
        if tokio::time::timeout(std::time::Duration::from_secs(4), told).await.is_ok() {
            return;
        }
    }
    panic!("it waits for a line that is dead: {links:?}");
}

/// The lid was closed in the middle of a page: what comes no more is asked for again at once, on another line.
#[tokio::test(flavor = "multi_thread")]
async fn who_wakes_up_in_the_middle_of_a_page_waits_for_no_dead_line() {
    let house = House::open().await;
    house.notes(1_500, 2_000).await;
    house.wire.slow_down(64_000);
    let desk = house.seat("dana").await;
    let mut events = desk.subscribe();
    let mut sync_events = async || loop {
        if let Event::Sync(state) = events.recv().await.unwrap() {
            break state;
        }
    };
    while sync_events().await.progress.is_none_or(|progress| progress.what != "everything") {}
    house.wire.fall_silent();
    house.wire.slow_down(0);
    house.clock.advance(std::time::Duration::from_secs(3_600));
    // Central is silent for forty seconds at most.
    let back = tokio::time::timeout(std::time::Duration::from_secs(25), async {
        while sync_events().await.state != Link::Online {}
    });
    assert!(back.await.is_ok(), "it waits for a dead line");
    assert!(desk.mirror_agrees().await.unwrap());
}

/// No line is at fault, and no time mends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_of_another_version_says_that_the_older_one_has_to_be_updated() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    house.wire.speak_another_version(true);
    assert_eq!(desk.sync_now().await.unwrap_err().code, Code::WireVersion);
    for hours in [0, 30] {
        house.clock.advance(std::time::Duration::from_secs(hours * 3_600));
        let state = desk.sync_state().await.unwrap();
        assert_eq!(state.text, "Versions differ");
        assert!(state.detail.starts_with("update the app or central"), "{}", state.detail);
    }
    house.wire.speak_another_version(false);
    desk.sync_now().await.unwrap();
    assert_eq!(desk.sync_state().await.unwrap().text, "Online");
}

/// A connection on which nobody waited has died as well.
#[tokio::test(flavor = "multi_thread")]
async fn who_wakes_up_asks_on_no_line_from_before() {
    let house = House::open().await;
    let desk = house.desk("dana").await;
    // Beside the one on which news are waited for.
    desk.calculation_file("NW-1", work::MONTH).await.unwrap();
    house.wire.fall_silent();
    house.clock.advance(std::time::Duration::from_secs(3_600));
    let asked = desk.calculation_file("NW-3", work::MONTH);
    let asked = tokio::time::timeout(std::time::Duration::from_secs(25), asked).await;
    asked.expect("it waits for a dead line").unwrap();
}
