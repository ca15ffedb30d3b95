//! A month that an amendment split has two lines of one name: every figure is of the line that it stands under.

use crate::{
    house::{House, document},
    notice::draft,
    work::{MONTH, breach},
};
use makegood_central::import;
use makegood_desk::statement::Covering;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_part_tells_of_that_part() {
    let house = House::open().await;
    // From the middle of October on, hours before the outage.
    let mut amended = document();
    let contract = &mut amended["contracts"][0];
    let mut next = contract["versions"][0].clone();
    (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-13T22:00:00Z"));
    contract["versions"].as_array_mut().unwrap().push(next);
    let by = house.person("root");
    let hands = import::Hands { proposed_by: by, approved_by: Some(house.person("lee")) };
    let bytes = amended.to_string();
    import::apply(house.app.store(), hands, bytes.as_bytes()).await.unwrap();
    let dana = house.desk("dana").await;
    let page = breach(&dana, "NW-1").await;
    let last = page.arithmetic.last().unwrap();
    assert_eq!(last.figure, "€3,000.00", "{:?}", page.arithmetic);
    let told = dana.explain(&page.settlement_id, &page.line_id, Some("percent")).await.unwrap();
    assert!(page.facts.iter().any(|fact| fact.value == told.result), "{told:?} {:?}", page.facts);
    assert_ne!(told.result, "100.000000\u{202f}%");
    // Its statement shows each part's own October.
    drop(dana);
    let sam = house.desk("sam").await;
    let text = draft(&house, &sam, Covering::Contract("NW-1".into()), MONTH).await;
    let chart = |days: &str| {
        let title = format!("The last twelve months: NW-1, API availability, {days} October 2026");
        let (_, chart) = text.split_once(&title).unwrap_or_else(|| panic!("{title}: {text}"));
        chart.split("The scale begins").next().unwrap().to_owned()
    };
    let missed = told.result.replace('\u{202f}', " ");
    assert!(!chart("1–13").contains(&missed), "{text}");
    assert!(chart("14–31").contains(&missed), "{text}");
}
