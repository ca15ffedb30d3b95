//! Deadlines, as people read them.

use crate::northwind::{DANA, House, INES, LEE, all, at, id, nothing_waits, viewer};
use makegood_domain::{
    Code,
    credit::{Claim, Credit},
    deadline::{Deadline, DeadlineKind, DeadlineState},
    termination::{Ground, TerminationRight},
};
use makegood_mirror::{
    Reader, Viewer,
    screens::{self, DeadlineRow, DeadlineTab, Deadlines, Page},
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

async fn list(
    reader: &mut Reader,
    viewer: &Viewer,
    tab: Option<DeadlineTab>,
    page: &Page,
) -> Deadlines {
    screens::deadlines(reader, viewer, &nothing_waits(), tab, page).await.expect("reads")
}

/// What runs, what has ended, and how many press.
async fn seen(house: House, viewer: &Viewer) -> (Vec<DeadlineRow>, Vec<DeadlineRow>, usize) {
    let (_folder, mut reader) = house.reader().await;
    let running = list(&mut reader, viewer, Some(DeadlineTab::Running), &all()).await;
    assert_eq!(running.counts.running, running.rows.len());
    let ended = list(&mut reader, viewer, Some(DeadlineTab::Ended), &all()).await;
    let counts = screens::nav_counts(&mut reader, viewer, &nothing_waits()).await.expect("reads");
    (running.rows, ended.rows, counts.deadlines)
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
        let (running, _, pressing) = seen(house, &on(DANA, now)).await;
        let row = &running[0];
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
        let (running, ended, pressing) = seen(house, &on(who, "2026-12-02T08:00:00Z")).await;
        assert_eq!(numbers(&running), [number.as_str()], "it waits for a decision");
        assert_eq!(numbers(&ended), Vec::<&str>::new());
        let row = &running[0];
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
    let (running, ..) = seen(house, &on(INES, "2026-12-02T08:00:00Z")).await;
    assert!(!running[0].admit.enabled, "who recorded it does not decide it");
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
    let (running, rows, pressing) = seen(house, &on(DANA, "2026-12-02T08:00:00Z")).await;
    assert!(running.is_empty() && pressing == 0);
    let told: Vec<_> = rows.iter().filter_map(|row| row.ended.as_deref()).collect();
    assert_eq!(
        told,
        [
            "not claimed: lapsed, 30 Nov 2026, 23:00",
            "used in time, 30 Nov 2026, 23:00, Dana Whitfield: invoice 4711",
        ]
    );
    // A claim of that time may still turn up.
    assert!(rows[0].file.enabled && !rows[1].file.enabled);
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
    let screen = list(&mut reader, &viewer, None, &all()).await;
    let row = &screen.rows[0];
    let why = "API availability below 95 % in 3 windows in a row \
               (Aug 2026, Sep 2026, Oct 2026)";
    assert_eq!(row.what, format!("They may terminate: {why}"));
    let rule = "below 95 % in 3 windows in a row: 7 days after the window's end, in Europe/Berlin";
    assert_eq!((row.rule.as_str(), row.due_in.as_str()), (rule, "in 3 days"));
    assert_eq!((screen.counts.mine, &row.credit_id, &row.amount), (1, &None, &None));
    assert!(row.mine && row.asks == "close" && row.close.enabled);
    assert!(!row.file.enabled && !row.admit.enabled);
    let page = screens::customer(&mut reader, &viewer, &overlay, &customer).await.expect("reads");
    let fact = page.facts.iter().find(|fact| fact.label == "May terminate").expect("is told");
    assert_eq!(fact.value, format!("NW-2, until 7 Nov 2026: {why}"));
}

/// Whoever names no list sees their own; however short the pages are, nothing is left out or shown twice.
#[tokio::test]
async fn each_list_comes_page_by_page_and_ones_own_first() {
    let mut house = House::new();
    house.credits[1].claim = Claim::Late;
    let credits = house.credits.clone();
    let due = |number, due: &str, owner| Deadline {
        due: due.parse().expect("a day"),
        owner: Some(id(1, owner)),
        ..deadline(number, &credits[0])
    };
    let over = |number, when: &str, of: &Credit| Deadline {
        state: DeadlineState::Passed,
        done_at: Some(at(when)),
        ..deadline(number, of)
    };
    let late = Deadline { owner: Some(id(1, LEE)), ..over(9, "2026-11-04T08:00:00Z", &credits[1]) };
    house.put(&late, 1);
    for one in [
        due(1, "2026-12-01", DANA),
        due(2, "2026-12-01", LEE),
        due(3, "2026-12-03", DANA),
        over(4, "2026-11-03T08:00:00Z", &credits[0]),
        over(5, "2026-11-05T08:00:00Z", &credits[0]),
        over(6, "2026-11-05T08:00:00Z", &credits[0]),
    ] {
        house.put(&one, 1);
    }
    let (_folder, mut reader) = house.reader().await;
    let viewer = |who| on(who, "2026-11-09T08:00:00Z");
    for (who, tab, wanted) in [
        (DANA, DeadlineTab::Mine, vec![1, 3]),
        (LEE, DeadlineTab::Mine, vec![9, 2]),
        (INES, DeadlineTab::Mine, vec![]),
        (DANA, DeadlineTab::Running, vec![9, 1, 2, 3]),
        (DANA, DeadlineTab::Ended, vec![6, 5, 4]),
    ] {
        let (mut found, mut page) = (Vec::new(), Page::first(1));
        loop {
            let part = list(&mut reader, &viewer(who), Some(tab), &page).await;
            assert_eq!((part.tab, part.counts.running, part.disputes.len()), (tab, 4, 0));
            assert!(part.rows.len() <= 1);
            found.extend(part.rows.into_iter().map(|row| row.id));
            let Some(next) = part.next else { break };
            page = Page { after: Some(next), ..page };
        }
        let wanted: Vec<String> = wanted
            .into_iter()
            .map(|one| id::<makegood_domain::id::DeadlineId>(31, one).to_string())
            .collect();
        assert_eq!(found, wanted, "{tab:?}");
    }
    for (who, first) in [(LEE, DeadlineTab::Mine), (INES, DeadlineTab::Running)] {
        assert_eq!(list(&mut reader, &viewer(who), None, &all()).await.tab, first);
    }
    let other = Page { after: Some("3".to_owned()), ..all() };
    let (viewer, nothing) = (viewer(DANA), nothing_waits());
    let refused = screens::deadlines(&mut reader, &viewer, &nothing, None, &other).await;
    assert_eq!(refused.expect_err("no page").code, Code::Invalid);
}
