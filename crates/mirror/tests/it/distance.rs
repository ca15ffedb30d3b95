//! How far a running window is from what it may miss, as people read it.

use crate::northwind::{House, at, id, running};
use makegood_domain::{
    Currency, Money,
    distance::{Distance, Forecast, Next, Unit},
    id::SlaLineId,
};
use makegood_mirror::screens;

fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::parse("EUR").expect("a currency"))
}

pub(crate) fn distance() -> Distance {
    Distance {
        unit: Unit::Seconds,
        left: "726".to_owned(),
        internal_left: Some("-570".to_owned()),
        burn_rate: Some("60/23".to_owned()),
        internal_burn_rate: Some("120/23".to_owned()),
        missed: false,
        forecast: Some(Forecast {
            percent: "99.739".to_owned(),
            bad: "6765".to_owned(),
            left: "-4173".to_owned(),
            internal_left: Some("-5469".to_owned()),
            met: false,
            internal_met: Some(false),
            used_up_at: Some(at("2026-11-14T03:12:00Z")),
            internal_used_up_at: Some(at("2026-11-09T08:00:00Z")),
            credit: euros(300_000),
            owed: Some(euros(300_000)),
        }),
        next: Some(Next {
            more: "726.6".to_owned(),
            at: Some(at("2026-11-09T08:12:07Z")),
            credit: euros(120_000),
            owed: euros(120_000),
        }),
    }
}

/// What stands beside the chart of November, by label.
async fn told(distance: Distance) -> Vec<(String, String)> {
    let mut house = House::new();
    house.put(&running(distance), 1);
    let (_folder, mut reader) = house.reader().await;
    let line = id::<SlaLineId>(6, 1).to_string();
    let screen = screens::line_detail(&mut reader, &line, "2026-11", None).await.expect("reads");
    let labels = ["Burn rate (SLO)", "Burn rate", "At this rate", "To the next tier"];
    let facts = screen.facts.into_iter().map(|fact| (fact.label, fact.value));
    facts.filter(|(label, _)| labels.contains(&label.as_str())).collect()
}

fn pairs(facts: &[(String, String)]) -> Vec<(&str, &str)> {
    facts.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_running_line_says_when_its_margin_ends_and_what_the_next_tier_costs() {
    let facts = told(distance()).await;
    assert_eq!(
        pairs(&facts),
        [
            // 120/23 is 5.217…: a rate never looks slower (law 3).
            ("Burn rate (SLO)", "5.22×"),
            ("At this rate", "the margin ends 14 Nov 03:12 UTC, €3,000.00 at the end"),
            ("To the next tier", "12.11 min, then €1,200.00"),
        ]
    );
}

#[tokio::test]
async fn what_is_missed_already_has_no_margin_that_ends() {
    let facts = told(Distance { missed: true, next: None, ..distance() }).await;
    assert_eq!(pairs(&facts)[1].1, "the SLA is missed already, €3,000.00 at the end");
    assert_eq!(facts.len(), 2, "there is no tier after the last");
}

#[tokio::test]
async fn an_slo_ends_before_the_sla_and_a_quiet_month_lasts() {
    let mut quiet = distance();
    let forecast = quiet.forecast.as_mut().expect("a forecast");
    (forecast.met, forecast.used_up_at, forecast.owed) = (true, None, None);
    forecast.internal_used_up_at = Some(at("2026-11-20T10:00:00Z"));
    let facts = told(quiet.clone()).await;
    assert_eq!(pairs(&facts)[1].1, "the SLO's margin ends 20 Nov 10:00 UTC");
    let forecast = quiet.forecast.as_mut().expect("a forecast");
    (forecast.internal_used_up_at, quiet.internal_burn_rate) = (None, None);
    let facts = told(quiet).await;
    assert_eq!(pairs(&facts)[..2], [("Burn rate", "2.61×"), ("At this rate", "the margin lasts")]);
}
