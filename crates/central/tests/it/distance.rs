//! How far an open window is from what it may miss: kept with its lines, exact, and told in scope.

use crate::{
    ground::{Ground, grounds, instant},
    house::{houses, seat},
    northwind::{all, contract_id, told, turn},
};
use makegood_central::store::{self, Arg};
use makegood_domain::{
    attainment::{Attainment, WindowState},
    distance::Unit,
    person::{Role, Scope},
};
use serde_json::Value;
use std::collections::BTreeSet;

async fn october(ground: &Ground) -> Attainment {
    let key = [Arg::text(contract_id(ground, "NW-1").await)];
    all(ground, "contract = $1 and label = '2026-10'", &key).await.remove(0)
}

#[tokio::test]
async fn northwind_at_noon_is_half_an_hour_from_the_second_tier() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, "2026-10-14T12:00:00Z").await;
        let distance = october(&ground).await.distance.expect("it is open");
        assert_eq!(distance.unit, Unit::Seconds);
        // 0.1 % and 0.05 % of 745 hours, of which 61 minutes are used.
        assert_eq!(distance.left, "-978", "{}", ground.name);
        assert_eq!(distance.internal_left.as_deref(), Some("-2319"));
        assert!(distance.missed);
        // 3,660 s of 326 hours.
        assert_eq!(distance.burn_rate.as_deref(), Some("1525/489"));
        assert_eq!(distance.internal_burn_rate.as_deref(), Some("3050/489"));
        let forecast = distance.forecast.expect("a forecast");
        // 3,660 × 745 / 326.
        assert_eq!(forecast.bad, "1363350/163");
        assert_eq!(forecast.left, "-926184/163");
        assert_eq!((forecast.met, forecast.internal_met), (false, Some(false)));
        assert_eq!(forecast.owed.expect("an amount").symbol(), "€3,000.00");
        assert_eq!(forecast.used_up_at, Some(instant("2026-10-14T12:00:00Z")));
        let next = distance.next.expect("a second tier");
        assert_eq!((next.more.as_str(), next.credit.symbol().as_str()), ("1704", "€3,000.00"));
        assert_eq!(next.at, Some(instant("2026-10-14T12:28:25Z")));
    }
}

#[tokio::test]
async fn a_window_that_has_ended_has_no_distance_any_more() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        told(&ground).await;
        turn(&ground, "2026-10-14T12:00:00Z").await;
        assert!(october(&ground).await.distance.is_some());
        turn(&ground, "2026-11-01T12:00:00Z").await;
        let row = october(&ground).await;
        assert_eq!((row.state, row.distance), (WindowState::Closing, None), "{}", ground.name);
        turn(&ground, "2026-11-04T06:00:00Z").await;
        assert_eq!(october(&ground).await.distance, None);
    }
}

#[tokio::test]
async fn open_lines_are_told_by_the_page_and_in_scope() {
    for house in houses().await {
        let read = async |seat: &crate::house::Seat, path: &str| -> Value {
            let answer = house.get(seat, path).await;
            assert_eq!(answer.status(), 200);
            answer.json().await.unwrap()
        };
        let page = read(&house.mira, "/v1/windows/open").await;
        let lines = page["lines"].as_array().unwrap();
        assert_eq!((lines.len(), &page["next"]), (3, &Value::Null));
        assert!(lines.iter().all(|line| line["window"] == "2026-11" && line["state"] == "open"));
        assert!(lines.iter().all(|line| line["distance"]["next"]["credit"]["minor"].is_string()));
        let ids: Vec<String> =
            lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
        let rest = read(&house.mira, &format!("/v1/windows/open?after={}", ids[0])).await;
        assert_eq!(rest["lines"].as_array().unwrap().len(), 2);
        let mut conn = house.app.store().reading().await.unwrap();
        let one = store::attainment::open(&mut conn, &Scope::All, None, 1).await.unwrap();
        assert_eq!(one.len(), 2, "one more than a page holds: there is another");
        let inc = Scope::Customers(BTreeSet::from([house.inc]));
        let ines = seat(&house.app, "Ines", Role::Csm, inc).await;
        let own = read(&ines, "/v1/windows/open").await;
        let customers: Vec<&Value> =
            own["lines"].as_array().unwrap().iter().map(|line| &line["customer"]).collect();
        assert_eq!(customers, [&Value::from(house.inc.to_string())]);
    }
}
