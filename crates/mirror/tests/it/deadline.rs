//! Deadlines, as people read them.

use crate::northwind::{DANA, House, INES, LEE, all, at, id, nothing_waits, viewer};
use makegood_domain::{
    credit::{Claim, Credit},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    termination::{Ground, TerminationRight},
};
use makegood_mirror::{
    Viewer,
    screens::{self, DeadlineRow, Deadlines},
};

fn deadline(number: u32, credit: &Credit) -> Deadline {
    Deadline {
        id: id(31, number),
        customer: credit.customer,
        contract: credit.contract,
        kind: DeadlineKind::Claim,
        credit: Some(credit.id),
        number: credit.number.clone(),
        window: credit.window.clone(),
        amount: Some(credit.amount),
        ground: None,
        due: "2026-11-30".parse().expect("a day"),
        zone: "Europe/Berlin".to_owned(),
        days: 30,
        owner: Some(id(1, DANA)),
        state: DeadlineState::Open,
        done_at: None,
        done_by: None,
        note: None,
    }
}

fn numbers(rows: &[DeadlineRow]) -> Vec<&str> {
    rows.iter().map(|row| row.number.as_str()).collect()
}

async fn seen(house: House, viewer: &Viewer) -> (Deadlines, usize) {
    let (_folder, mut reader) = house.reader().await;
    let screen =
        screens::deadlines(&mut reader, viewer, &nothing_waits(), &all()).await.expect("reads");
    let counts = screens::nav_counts(&mut reader, viewer, &nothing_waits()).await.expect("reads");
    (screen, counts.deadlines)
}

fn on(who: u32, when: &str) -> Viewer {
    Viewer { now: at(when), ..viewer(who) }
}

#[tokio::test]
async fn a_deadline_says_what_is_due_when_and_whose_it_is() {
    for (now, due_in, soon, count) in [
        ("2026-11-09T08:00:00Z", "in 21 days", false, 0),
        ("2026-11-23T08:00:00Z", "in 7 days", true, 1),
        // Midnight in Berlin is an hour before it in UTC.
        ("2026-11-29T23:30:00Z", "today", true, 1),
        ("2026-11-30T23:00:00Z", "yesterday", true, 1),
    ] {
        let mut house = House::new();
        let claim = deadline(1, &house.credits[1]);
        house.put(&claim, 1);
        let (screen, pressing) = seen(house, &on(DANA, now)).await;
        let row = &screen.running[0];
        assert_eq!((row.due.as_str(), row.due_in.as_str()), ("30 Nov 2026", due_in), "{now}");
        assert_eq!((row.soon, pressing), (soon, count), "{now}");
        let symbol = row.amount.as_ref().map(|amount| amount.symbol.as_str());
        assert_eq!((row.contract.as_str(), symbol), ("NW-2", Some("€1,000.00")));
        assert_eq!(row.what, "The customer has to claim it");
        assert_eq!(row.rule, "30 days after the window's end, in Europe/Berlin");
        assert!(row.mine && row.owner == "Dana Whitfield");
        assert!(row.breach_id.is_some(), "it leads to the missed SLA");
        assert!(row.asks == "file" && row.file.enabled && !row.admit.enabled && !row.close.enabled);
    }
}

#[tokio::test]
async fn law_5_a_late_claim_is_asked_of_who_approves_and_did_not_record_it() {
    for (who, may, count) in [(DANA, false, 0), (INES, true, 1)] {
        let mut house = House::new();
        house.credits[1].claim = Claim::Late;
        let number = house.credits[1].number.clone();
        let mut late = deadline(1, &house.credits[1]);
        late.state = DeadlineState::Passed;
        late.done_at = Some(at("2026-11-04T09:12:00Z"));
        late.done_by = Some(id(1, LEE));
        house.put(&late, 2);
        let (screen, pressing) = seen(house, &on(who, "2026-12-02T08:00:00Z")).await;
        assert_eq!(numbers(&screen.running), [number.as_str()], "it waits for a decision");
        let row = &screen.running[0];
        assert_eq!(row.what, "Claimed late: counts only if accepted");
        assert_eq!((row.admit.enabled, pressing), (may, count));
        assert!(!row.file.enabled && row.asks == "admit");
    }
    let mut house = House::new();
    house.credits[1].claim = Claim::Late;
    let mut late = deadline(1, &house.credits[1]);
    late.state = DeadlineState::Passed;
    late.done_by = Some(id(1, INES));
    house.put(&late, 2);
    let (screen, _) = seen(house, &on(INES, "2026-12-02T08:00:00Z")).await;
    assert!(!screen.running[0].admit.enabled, "who recorded it does not decide it");
}

#[tokio::test]
async fn what_has_ended_says_how_and_goes_after_sixty_days() {
    let mut house = House::new();
    house.credits[1].claim = Claim::Lapsed;
    let credits = house.credits.clone();
    let ended = |number, credit: &Credit, state, when| Deadline {
        state,
        done_at: Some(at(when)),
        ..deadline(number, credit)
    };
    let used = Deadline {
        kind: DeadlineKind::Expiry,
        done_by: Some(id(1, DANA)),
        note: Some("invoice 4711".to_owned()),
        ..ended(2, &credits[0], DeadlineState::Met, "2026-11-30T23:00:00Z")
    };
    house.put(&ended(1, &credits[1], DeadlineState::Passed, "2026-11-30T23:00:01Z"), 2);
    house.put(&used, 2);
    house.put(&ended(3, &credits[2], DeadlineState::Void, "2026-10-01T08:00:00Z"), 2);
    let (screen, pressing) = seen(house, &on(DANA, "2026-12-02T08:00:00Z")).await;
    assert!(screen.running.is_empty() && pressing == 0);
    let told: Vec<_> = screen.ended.iter().filter_map(|row| row.ended.as_deref()).collect();
    assert_eq!(
        told,
        [
            "not claimed: lapsed, 30 Nov 2026, 23:00",
            "used in time, 30 Nov 2026, 23:00, Dana Whitfield: invoice 4711",
        ]
    );
    // A claim of that time may still turn up.
    assert!(screen.ended[0].file.enabled && !screen.ended[1].file.enabled);
}

#[tokio::test]
async fn a_right_to_terminate_says_why_and_until_when_where_deadlines_and_the_customer_are_read() {
    let mut house = House::new();
    let right = TerminationRight {
        windows: 3,
        of: None,
        below: Some("95".to_owned()),
        down_over_minutes: None,
        exercise_within_days: 7,
        clause: Some("12.3".to_owned()),
    };
    let windows = ["2026-08", "2026-09", "2026-10"].map(ToOwned::to_owned).to_vec();
    let sla = "API availability".to_owned();
    let may = Deadline {
        kind: DeadlineKind::Termination,
        credit: None,
        amount: None,
        number: "NW-2".to_owned(),
        due: "2026-11-07".parse().expect("a day"),
        days: 7,
        ground: Some(Ground { sla, number: 0, right, windows }),
        ..deadline(1, &house.credits[1])
    };
    house.put(&may, 1);
    let customer = may.customer.to_string();
    let (_folder, mut reader) = house.reader().await;
    let viewer = on(DANA, "2026-11-04T08:00:00Z");
    let overlay = nothing_waits();
    let screen = screens::deadlines(&mut reader, &viewer, &overlay, &all()).await.expect("reads");
    let row = &screen.running[0];
    let why = "API availability below 95 % in 3 windows in a row \
               (Aug 2026, Sep 2026, Oct 2026)";
    assert_eq!(row.what, format!("They may terminate: {why}"));
    let rule = "below 95 % in 3 windows in a row: 7 days after the window's end, in Europe/Berlin";
    assert_eq!((row.rule.as_str(), row.due_in.as_str()), (rule, "in 3 days"));
    assert_eq!((screen.total, &row.credit_id, &row.amount), (1, &None, &None));
    assert!(row.mine && row.asks == "close" && row.close.enabled);
    assert!(!row.file.enabled && !row.admit.enabled);
    let page = screens::customer(&mut reader, &viewer, &overlay, &customer).await.expect("reads");
    let fact = page.facts.iter().find(|fact| fact.label == "May terminate").expect("is told");
    assert_eq!(fact.value, format!("NW-2, until 7 Nov 2026: {why}"));
}
