//! The screens, to the letter: what people read in the story.

use crate::northwind::{DANA, House, LEE, all, case, id, nothing_waits, viewer};
use makegood_domain::{customer::Customer, exclusion::ExclusionState, id::BreachId};
use makegood_mirror::screens::{self, BreachTab, PortfolioView, Recomputed, Status};

fn key<T: std::str::FromStr + ToString>(kind: u32, number: u32) -> String {
    id::<T>(kind, number).to_string()
}

fn breach_key(number: u32) -> String {
    key::<BreachId>(12, number)
}

#[tokio::test]
async fn the_portfolio_lists_the_missed_lines_and_keeps_currencies_apart() {
    let (_folder, mut reader) = House::new().reader().await;
    let screen =
        screens::portfolio(&mut reader, &viewer(DANA), None, PortfolioView::AtRisk, &all())
            .await
            .expect("reads");
    assert_eq!((screen.month.as_str(), screen.month_name.as_str()), ("2026-10", "October 2026"));
    assert_eq!(screen.footer, "measurement locked 4 Nov");
    assert_eq!((screen.summary.breached, screen.summary.at_risk, screen.total), (3, 0, 3));
    assert_eq!(screen.summary.renewals90, 1);
    let sums: Vec<_> = screen
        .summary
        .estimated
        .iter()
        .map(|one| format!("{} {}", one.currency, one.amount))
        .collect();
    assert_eq!(sums, ["EUR 2,200.00", "USD 800.00"]);
    let rows: Vec<_> = screen
        .rows
        .iter()
        .map(|row| {
            let credit = row.credit.as_ref().map_or("–", |credit| &credit.symbol);
            let (actual, left) = (row.actual.as_deref(), row.allowance_left.as_deref());
            [&row.contract, actual.unwrap_or("–"), left.unwrap_or("–"), credit].join(" ")
        })
        .collect();
    assert_eq!(
        rows,
        [
            "NW-3 99.885727 \u{2212}6.37 $800.00",
            "NW-1 99.885880 \u{2212}6.31 €1,200.00",
            "NW-2 99.885880 \u{2212}6.31 €1,000.00",
        ]
    );
    let row = &screen.rows[1];
    assert_eq!(
        (row.objective.as_str(), row.internal_objective.as_deref()),
        ("99.9", Some("99.95"))
    );
    assert_eq!(row.breach_id, Some(breach_key(1)));
    assert_eq!(row.status, Status::Breached);
    // 31 days and what there was before the first; it ends below zero.
    assert_eq!((row.spark.len(), row.spark[0], row.spark[31]), (32, 1000, 0));
    assert!((100..200).contains(&row.spark_zero), "{}", row.spark_zero);
}

#[tokio::test]
async fn a_line_shows_how_its_allowance_was_used_up() {
    let (_folder, mut reader) = House::new().reader().await;
    let line = key::<makegood_domain::id::SlaLineId>(6, 1);
    let file = Recomputed::of(case(1), &House::new().first()).expect("computes");
    let screen =
        screens::line_detail(&mut reader, &line, "2026-10", Some(&file)).await.expect("reads");
    assert_eq!(screen.window_minutes, "44,690");
    assert_eq!((screen.allowance.as_str(), screen.left.as_str()), ("44.69", "\u{2212}6.31"));
    let note = screen.note.expect("a note");
    assert_eq!(note.title, "14 Oct 03:12–04:13 UTC");
    assert_eq!(note.text, "61 min, 10 excluded, 51 counted");
    let ticks: Vec<_> = screen.burn_down.ticks.iter().map(|tick| tick.label.as_str()).collect();
    assert_eq!(ticks, ["1 Oct", "8 Oct", "15 Oct", "22 Oct", "29 Oct"]);
    let drop: Vec<_> = screen.burn_down.points.iter().filter(|point| point.x == note.x).collect();
    assert_eq!((drop[0].y, drop[1].y), (1000, 0));
    let labels: Vec<_> = screen.burn_down.points.iter().map(|point| point.label.as_str()).collect();
    assert_eq!(labels[1], "1 Oct: 44.69 min");
    assert_eq!(labels.last(), Some(&"31 Oct: \u{2212}6.31 min"));
    let facts: Vec<_> =
        screen.facts.iter().map(|fact| format!("{}: {}", fact.label, fact.value)).collect();
    assert_eq!(
        facts,
        [
            "Actual: 99.885880\u{202f}%",
            "Contract, clause 4.2 v3: 99.9\u{202f}%",
            "Estimated credit: €1,200.00",
            "Same incident: INC-778, 3 contracts",
            "Measurement: locked 4 Nov, revision 1",
        ]
    );
}

#[tokio::test]
async fn breaches_of_one_incident_stand_together() {
    let (_folder, mut reader) = House::new().reader().await;
    let screen = screens::breach_inbox(
        &mut reader,
        &viewer(DANA),
        &nothing_waits(),
        BreachTab::ToReview,
        &all(),
    )
    .await
    .expect("reads");
    assert_eq!((screen.counts.to_review, screen.counts.decided), (3, 0));
    let group = &screen.groups[0];
    assert_eq!(screen.groups.len(), 1);
    assert_eq!(group.title.as_deref(), Some("14 Oct, one incident"));
    assert_eq!(group.note.as_deref(), Some("3 contracts"));
    let items: Vec<_> = group
        .items
        .iter()
        .map(|item| format!("{} {} {}", item.number, item.contract, item.left))
        .collect();
    assert_eq!(
        items,
        [
            "BR-1044 NW-3 \u{2212}6.37 min",
            "BR-1042 NW-1 \u{2212}6.31 min",
            "BR-1043 NW-2 \u{2212}6.31 min"
        ]
    );
}

#[tokio::test]
async fn law_1_the_breach_goes_from_minutes_to_money_as_the_engine_does() {
    let (_folder, mut reader) = House::new().reader().await;
    let file = Recomputed::of(case(1), &House::new().first()).expect("computes");
    let (viewer, overlay) = (viewer(DANA), nothing_waits());
    let screen = screens::breach(&mut reader, &viewer, &overlay, &breach_key(1), Some(&file))
        .await
        .expect("reads");
    let steps: Vec<_> = screen
        .arithmetic
        .iter()
        .map(|term| format!("{}{} ({})", term.operator, term.figure, term.caption))
        .collect();
    assert_eq!(
        steps,
        [
            "61 (measured)",
            "−10 (excluded)",
            "=51 min (counted)",
            "→99.885880\u{202f}% ((44,690 − 51) ÷ 44,690)",
            "→tier 10\u{202f}% (below 99.9\u{202f}%)",
            "of€12,000.00 (credit base)",
            "=€1,200.00 (estimated credit)",
        ]
    );
    assert_eq!(
        screen.counterfactual.as_deref(),
        Some(
            "Without the exclusion: 61 of 44,700 min → 99.863534\u{202f}% → same tier, €1,200.00."
        )
    );
    assert_eq!(
        screen.policy_note.as_deref(),
        Some(
            "With NW-3 the group reaches EUR 1,920.00 > 1,500.00: two approvers, and you cannot be one."
        )
    );
    let timeline = &screen.timeline;
    assert_eq!(
        (timeline.from.short.as_str(), timeline.to.short.as_str()),
        ("14 Oct 03:00", "14 Oct 04:30")
    );
    assert_eq!(timeline.zone_note, "All times UTC · Berlin is 2 h ahead");
    assert_eq!(timeline.outages[0].label, "03:12–04:13, 61 min");
    assert_eq!(timeline.exclusions[0].note, "announced 72 h before");
    let counted: Vec<_> = timeline.counted.iter().map(|bar| bar.label.as_str()).collect();
    assert_eq!((counted, timeline.total.as_str()), (vec!["43 min", "8 min"], "= 51 min"));
    assert_eq!(timeline.events.len(), 3);
    assert_eq!((timeline.events[1].n, timeline.events[1].time.as_str()), (2, "03:18"));
    let outage = &screen.outages[0];
    assert_eq!((outage.minutes.as_str(), outage.counted.as_str()), ("61", "51"));
    assert_eq!(outage.why, "10 min excluded");
    let facts: Vec<_> = screen.facts.iter().map(|fact| fact.value.as_str()).collect();
    assert_eq!(
        facts,
        ["99.885880\u{202f}%", "99.9\u{202f}%", "\u{2212}6.31 of 44.69 min", "6 min after start"]
    );
    assert_eq!(screen.settlement_state, "locked 4 Nov, revision 1");
}

#[tokio::test]
async fn without_its_calculation_file_a_breach_says_so_and_shows_the_rest() {
    let (_folder, mut reader) = House::new().reader().await;
    let screen =
        screens::breach(&mut reader, &viewer(DANA), &nothing_waits(), &breach_key(1), None)
            .await
            .expect("reads");
    assert_eq!(screen.note.as_deref(), Some("calculation file not here yet"));
    assert!(screen.arithmetic.is_empty() && screen.timeline.counted.is_empty());
    assert_eq!(screen.timeline.events.len(), 3);
    assert_eq!(screen.credit.expect("a credit").amount.symbol, "€1,200.00");
}

#[tokio::test]
async fn law_5_whoever_proposed_an_exclusion_reads_who_can_decide_it() {
    let mut house = House::new();
    house.exclusion.state = ExclusionState::Proposed;
    house.exclusion.decided_by = None;
    let (_folder, mut reader) = house.reader().await;
    let (key, waits) = (breach_key(1), nothing_waits());
    let dana =
        screens::breach(&mut reader, &viewer(DANA), &waits, &key, None).await.expect("reads");
    let view = &dana.exclusions[0];
    assert_eq!(view.notice, "72 h notice of 48 h needed");
    assert_eq!((view.minutes.as_str(), view.clause.as_str(), view.admissible), ("10", "6.1", true));
    assert!(!view.may_decide && !dana.actions["admit_exclusion"].enabled);
    assert_eq!(
        view.why_not.as_deref(),
        Some(
            "you proposed this exclusion; somebody else has to admit or refuse it \
             (Ines Keller, Lee Brandt)"
        )
    );
    let lee = screens::breach(&mut reader, &viewer(LEE), &waits, &key, None).await.expect("reads");
    assert!(lee.exclusions[0].may_decide && lee.actions["admit_exclusion"].enabled);
}

#[tokio::test]
async fn a_credit_that_must_be_claimed_says_until_when() {
    let (_folder, mut reader) = House::new().reader().await;
    let screen =
        screens::breach(&mut reader, &viewer(DANA), &nothing_waits(), &breach_key(2), None)
            .await
            .expect("reads");
    assert_eq!(screen.claim.as_deref(), Some("claim by 30 November"));
    let propose = &screen.actions["propose_credit"];
    assert_eq!(
        propose.reason.as_deref(),
        Some("the customer has to claim it: claim by 30 November")
    );
}

#[tokio::test]
async fn everything_is_found_by_name_or_number() {
    let (_folder, mut reader) = House::new().reader().await;
    let titles = |hits: Vec<screens::SearchHit>| -> Vec<String> {
        hits.into_iter().map(|hit| format!("{} {}", hit.kind, hit.title)).collect()
    };
    let hits = screens::search(&mut reader, " northwind g").await.expect("reads");
    assert_eq!(titles(hits), ["customer Northwind GmbH"]);
    let hits = screens::search(&mut reader, "br-1042").await.expect("reads");
    assert_eq!(titles(hits), ["breach BR-1042"]);
    assert!(screens::search(&mut reader, " ").await.expect("reads").is_empty());
}

#[tokio::test]
async fn where_many_begin_with_a_text_what_merely_contains_it_is_left_out() {
    for (many, found) in [(11, 12), (12, 12), (13, 12)] {
        let mut house = House::new();
        let mut customer: Customer = house.first();
        for number in 0..many {
            customer.id = crate::northwind::id(3, 100 + number);
            customer.name = format!("Lighthouse {number:02}");
            house.put(&customer, 1);
        }
        customer.id = crate::northwind::id(3, 99);
        customer.name = "Daylight \u{2028}\n\"Saving\"".to_owned();
        house.put(&customer, 1);
        let (_folder, mut reader) = house.reader().await;
        let hits = screens::search(&mut reader, "Light").await.expect("reads");
        let others = hits.iter().filter(|hit| hit.title == customer.name).count();
        assert_eq!((hits.len(), others), (found, usize::from(many < 12)), "{many}");
    }
}

#[tokio::test]
async fn numbers_that_begin_with_a_text_leave_no_customer_out() {
    let mut house = House::new();
    for number in 0..12_u32 {
        let mut credit = house.credits[0].clone();
        credit.id = crate::northwind::id(11, 100 + number);
        credit.number = format!("NW-{}", 100 + number);
        house.credits.push(credit);
    }
    let (_folder, mut reader) = house.reader().await;
    // By the numbers of their contracts.
    let hits = screens::search(&mut reader, "nw-").await.expect("reads");
    let of = |kind: &str| hits.iter().filter(|hit| hit.kind == kind).count();
    assert_eq!((of("customer"), of("credit")), (2, 12));
}

#[tokio::test]
async fn law_10_the_audit_log_checks_its_hashes() {
    let (_folder, mut reader) = House::new().reader().await;
    let log = screens::audit_log(&mut reader, &all()).await.expect("reads");
    let row = &log.rows[0];
    assert_eq!((row.n.as_str(), row.who.as_str()), ("A-1", "Lee Brandt"));
    assert_eq!((row.what.as_str(), row.subject.as_str()), ("Exclusion admitted", "Northwind GmbH"));
    let chain = log.chain.expect("checked");
    assert_eq!((chain.ok, chain.text.as_str()), (true, "A-1 checked."));
}
