//! Alerts, as people read them.

use crate::{
    distance::distance,
    northwind::{DANA, House, INES, all, at, id, nothing_waits, viewer},
};
use makegood_domain::alert::{
    Alert, AlertKind, AlertLevel, AlertState, Burning, Objective, Resolution,
};
use makegood_mirror::screens::{self, AlertRow};

fn alert(number: u32) -> Alert {
    Alert {
        id: id(30, number),
        number: format!("AL-{number}"),
        customer: id(3, 1),
        contract: id(4, 1),
        line: id(6, 1),
        window: "2026-11".to_owned(),
        attainment: id(10, 1),
        kind: AlertKind::Forecast,
        level: AlertLevel::Warning,
        objective: Objective::Contracted,
        burning: None,
        distance: distance(),
        as_of: at("2026-11-09T08:00:00Z"),
        first_degraded_at: Some(at("2026-11-09T05:48:30Z")),
        raised_at: at("2026-11-09T06:00:00Z"),
        time_to_detect_seconds: Some(690),
        worsened_at: None,
        state: AlertState::Open,
        acknowledged_by: None,
        acknowledged_at: None,
        note: None,
        resolved_at: None,
        resolution: None,
    }
}

fn burning() -> Alert {
    Alert {
        kind: AlertKind::BurnRate,
        level: AlertLevel::Critical,
        objective: Objective::Internal,
        burning: Some(Burning {
            factor: "14.4".to_owned(),
            long_seconds: 3600,
            short_seconds: 300,
            long_rate: "65/4".to_owned(),
            short_rate: "20".to_owned(),
        }),
        ..alert(2)
    }
}

fn acknowledged() -> Alert {
    Alert {
        level: AlertLevel::Critical,
        acknowledged_by: Some(id(1, DANA)),
        acknowledged_at: Some(at("2026-11-09T07:02:00Z")),
        note: Some("capacity is being added".to_owned()),
        ..alert(3)
    }
}

fn ended(number: u32, when: &str) -> Alert {
    Alert {
        state: AlertState::Resolved,
        resolved_at: Some(at(when)),
        resolution: Some(Resolution::Recovered),
        ..alert(number)
    }
}

fn numbers(rows: &[AlertRow]) -> Vec<&str> {
    rows.iter().map(|row| row.number.as_str()).collect()
}

#[tokio::test]
async fn what_nobody_looks_after_comes_first_and_the_urgent_first_among_them() {
    let mut house = House::new();
    let gone = ended(5, "2026-11-01T08:00:00Z");
    for one in [alert(1), burning(), acknowledged(), ended(4, "2026-11-08T08:00:00Z"), gone] {
        house.put(&one, 1);
    }
    let (_folder, mut reader) = house.reader().await;
    let dana = viewer(DANA);
    let screen =
        screens::alerts(&mut reader, &dana, &nothing_waits(), &all()).await.expect("reads");
    assert_eq!(numbers(&screen.open), ["AL-2", "AL-1", "AL-3"]);
    assert_eq!(numbers(&screen.ended), ["AL-4"], "what ended a week ago is history");
    let first = &screen.open[0];
    assert_eq!(first.text, "The downtime allowance of the SLO is being used up too fast");
    assert!(first.detail.starts_with("16.25× too fast over 1 h, 20.00× over 5 min; "));
    assert_eq!(first.detected_after.as_deref(), Some("12 min"));
    assert_eq!((first.customer.as_str(), first.contract.as_str()), ("Northwind GmbH", "NW-1"));
    let forecast = &screen.open[1];
    assert_eq!(forecast.text, "The SLA will be missed at this rate");
    assert_eq!(forecast.detail, "the margin ends 14 Nov 03:12 UTC, €3,000.00 at the end");
    assert_eq!(
        screen.open[2].acknowledged.as_deref(),
        Some("Dana Whitfield, 9 Nov 2026, 07:02: capacity is being added")
    );
    assert_eq!(screen.ended[0].ended.as_deref(), Some("recovered"));
    let counts = screens::nav_counts(&mut reader, &dana, &nothing_waits()).await.expect("reads");
    assert_eq!(counts.alerts, 2);
}

#[tokio::test]
async fn law_5_who_does_not_review_looks_after_nothing() {
    let mut house = House::new();
    house.put(&alert(1), 1);
    house.put(&acknowledged(), 1);
    let (_folder, mut reader) = house.reader().await;
    let of = async |who, reader: &mut _| {
        let screen =
            screens::alerts(reader, &viewer(who), &nothing_waits(), &all()).await.expect("reads");
        screen.open.iter().map(|row| row.acknowledge.enabled).collect::<Vec<_>>()
    };
    assert_eq!(of(DANA, &mut reader).await, [true, false]);
    assert_eq!(of(INES, &mut reader).await, [false, false]);
}
