//! Lines over some paths and regions of a service: many lines read the parts that one source tells of,
//! each part stored once.

use crate::{
    ground::{Ground, grounds},
    house::{House, Seat, houses, session},
    northwind::{SERIES, SOURCE, all, apply, contract_id, document, october, person, turn},
};
use makegood_central::{
    ingest::{outage, probe_log, sealing, slots},
    store::Arg,
};
use makegood_domain::{Code, attainment::Attainment, id::PersonId, person::Role};
use makegood_engine::{Case, compute::compute};
use reqwest::Method;
use serde_json::{Value, json};

/// NW-1 over these parts, by requests in slots of five minutes.
pub(crate) fn scoped(measure: &Value, scope: &Value) -> Value {
    let mut document = document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().unwrap().truncate(1);
    let line = &mut document["contracts"][0]["versions"][0]["lines"][0];
    line["terms"] = json!({
        "objective": "99.9",
        "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
        "measure": measure, "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
    });
    line["scope"] = scope.clone();
    document
}

pub(crate) fn requests() -> Value {
    json!({ "requests": { "slot": "5m" } })
}

/// Slots of one part from 14 October 10:00Z on: requests and errors of each.
pub(crate) fn block(path: &str, region: &str, counts: &[(u64, u64)]) -> Value {
    let counted =
        |(requests, errors): &(u64, u64)| json!({ "requests": requests, "errors": errors });
    let mut block = json!({
        "service": SERIES, "slot_seconds": 300, "start": "2026-10-14T10:00:00Z",
        "runs": counts.iter().map(counted).collect::<Vec<_>>(),
    });
    for (key, name) in [("path", path), ("region", region)] {
        if !name.is_empty() {
            block[key] = json!(name);
        }
    }
    block
}

pub(crate) async fn push(ground: &Ground, by: PersonId, blocks: &[Value]) {
    let body = json!({ "slots": blocks }).to_string();
    slots::apply(&ground.store, by, SOURCE, body.as_bytes()).await.unwrap();
}

/// Total and bad of October, for NW-1.
async fn figures(ground: &Ground) -> (String, String) {
    let key = [Arg::text(contract_id(ground, "NW-1").await)];
    let filter = "contract = $1 and label = '2026-10'";
    let row = all::<Attainment>(ground, filter, &key).await.remove(0);
    (row.total, row.bad)
}

fn counted(total: &str, bad: &str) -> (String, String) {
    (total.to_owned(), bad.to_owned())
}

async fn begun(ground: &Ground, document: &Value) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    apply(ground, admin, document).await;
    turn(ground, "2026-10-20T06:00:00Z").await;
    admin
}

#[tokio::test]
async fn selected_parts_add_up_slot_by_slot_and_what_one_did_not_see_is_unknown() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "paths": { "include": ["/v1/*"], "exclude": ["/v1/export"] } });
        let admin = begun(&ground, &scoped(&requests(), &scope)).await;
        push(
            &ground,
            admin,
            &[
                block("/v1/orders", "eu-1", &[(100, 1), (100, 0), (100, 0)]),
                block("/v1/users", "us-1", &[(50, 2), (50, 0)]),
                block("/v1/export", "eu-1", &[(1000, 1000), (1000, 1000)]),
                block("/v2/orders", "eu-1", &[(1000, 1000)]),
                block("", "", &[(7, 7), (7, 7)]),
            ],
        )
        .await;
        // Of the third slot, the users' part says nothing: it is unknown, not 100 good.
        assert_eq!(figures(&ground).await, counted("300", "3"), "{}", ground.name);
        // It comes late, and so does a correction: both concern the line.
        push(&ground, admin, &[block("/v1/users", "us-1", &[(50, 2), (50, 0), (50, 5)])]).await;
        assert_eq!(figures(&ground).await, counted("450", "8"), "{}", ground.name);
        push(&ground, admin, &[block("/v1/orders", "eu-1", &[(100, 9)])]).await;
        assert_eq!(figures(&ground).await, counted("450", "16"), "{}", ground.name);
        // A part that nobody has told of before is missed from its first slot on.
        let mut new = block("/v1/new", "eu-1", &[(10, 10)]);
        new["start"] = json!("2026-10-14T10:10:00Z");
        push(&ground, admin, &[new.clone()]).await;
        assert_eq!(figures(&ground).await, counted("460", "26"), "{}", ground.name);
        // It was there earlier than it was said to be: what lies between is unknown.
        new["start"] = json!("2026-10-14T10:00:00Z");
        push(&ground, admin, &[new]).await;
        assert_eq!(figures(&ground).await, counted("320", "36"), "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_late_evidence_of_a_part_revises_the_lines_that_select_it_and_no_other() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let mut all_of_it = scoped(&requests(), &json!({ "regions": { "include": ["eu-*"] } }));
        let mut whole = document()["contracts"][1].clone();
        whole["versions"][0]["lines"][0]["terms"] =
            all_of_it["contracts"][0]["versions"][0]["lines"][0]["terms"].clone();
        all_of_it["contracts"].as_array_mut().unwrap().push(whole);
        let admin = begun(&ground, &all_of_it).await;
        let both = [block("", "eu-1", &[(1000, 0)]), block("", "", &[(2000, 0)])];
        push(&ground, admin, &both).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.total, "1000", "{}", ground.name);
        assert_eq!(october(&ground, "NW-2").await.1.total, "2000", "as before there were parts");
        push(&ground, admin, &[block("", "us-1", &[(1000, 900)])]).await;
        assert_eq!(october(&ground, "NW-1").await.0.revision, 1, "not in its scope");
        push(&ground, admin, &[block("", "eu-1", &[(1000, 500)])]).await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, attainment.bad.as_str()), (2, "500"), "{}", ground.name);
        assert_eq!(settlement.total.minor(), 120_000);
        assert_eq!(october(&ground, "NW-2").await.0.revision, 1, "it is about the whole");
    }
}

#[tokio::test]
async fn law_1_the_case_holds_the_sum_and_recomputes_to_what_is_stated() {
    for house in houses().await {
        let (ground, root) = (&house.ground, house.root.person);
        let mut next = scoped(&requests(), &json!({ "paths": { "include": ["/v1/*"] } }));
        let version = &mut next["contracts"][0]["versions"][0];
        version["number"] = json!(2);
        version["valid_from"] = json!("2026-10-31T23:00:00Z");
        let mut document = document();
        let first = document["contracts"][0]["versions"][0].clone();
        document["contracts"].as_array_mut().unwrap().truncate(1);
        document["incidents"] = json!([]);
        document["contracts"][0]["versions"] = json!([first, version]);
        apply(ground, root, &document).await;
        let (mut one, mut two) =
            (block("/v1/a", "", &[(100, 1), (100, 0)]), block("/v1/b", "", &[(50, 2)]));
        for block in [&mut one, &mut two] {
            block["start"] = json!("2026-11-03T10:00:00Z");
        }
        push(ground, root, &[one, two]).await;
        turn(ground, "2026-12-09T08:15:00Z").await;
        let key = [Arg::text(contract_id(ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-11'";
        let found = all::<makegood_domain::settlement::Settlement>(ground, filter, &key).await;
        let carla = session(&house.app, house.carla.person).await;
        let path = format!("/v1/settlements/{}/case", found[0].id);
        let text = house.get(&carla, &path).await.text().await.unwrap();
        let case = Case::parse_file(text.as_bytes());
        let case = case.unwrap_or_else(|refused| panic!("{refused}: {text}")).remove(0);
        let source = case.source.clone().unwrap();
        assert_eq!(source, "makegood central; API availability over 2 parts: /v1/a, /v1/b");
        let result = compute(&case).unwrap().result;
        let stated: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(stated["result"]["lines"][0]["percent"], json!(result.lines[0].percent));
        let line = &result.lines[0];
        assert_eq!((line.total.as_str(), line.bad.as_str()), ("150", "3"), "{text}");
    }
}

#[tokio::test]
async fn law_3_down_anywhere_is_down_and_a_gap_of_one_part_hides_no_outage_of_another() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "regions": { "include": ["eu-*"] } });
        let admin = begun(&ground, &scoped(&json!({ "uptime": {} }), &scope)).await;
        let about = |region: &str, from: &str, to: &str| {
            json!({
                "service": SERIES, "region": region,
                "from": format!("2026-10-14T{from}:00Z"), "to": format!("2026-10-14T{to}:00Z"),
            })
        };
        let body = json!({
            "outages": [
                about("eu-1", "10:00", "10:30"), about("eu-2", "10:20", "10:40"),
                about("us-1", "11:00", "12:00"), about("eu-2", "13:00", "13:10"),
            ],
            // Nobody measured the first region in that hour, nor the second in its last outage.
            "unknown": [about("eu-1", "10:00", "11:00"), about("eu-2", "13:00", "13:30")],
        });
        let body = body.to_string();
        outage::apply(&ground.store, admin, SOURCE, body.as_bytes()).await.unwrap();
        turn(&ground, "2026-11-09T08:15:00Z").await;
        // Known: the second region's 10:20 – 10:40. Unknown: the rest of the hour, and 13:00 – 13:30.
        // Before the first piece nobody watched.
        let seconds = (17 * 24 + 13) * 3600 - 2400 - 1800;
        let expected = counted(&seconds.to_string(), "1200");
        assert_eq!(figures(&ground).await, expected, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_3_what_is_told_of_the_whole_is_told_of_each_part_and_a_partial_outage_hides_no_gap() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "regions": { "include": ["eu-*"] } });
        let admin = begun(&ground, &scoped(&json!({ "uptime": {} }), &scope)).await;
        let about = |from: &str, to: &str, more: Value| {
            let mut piece = json!({
                "service": SERIES,
                "from": format!("2026-10-14T{from}:00Z"), "to": format!("2026-10-14T{to}:00Z"),
            });
            piece.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            piece
        };
        let body = json!({
            "outages": [
                about("10:00", "11:00", json!({ "region": "eu-1", "impact": "0.01" })),
                about("12:00", "12:30", json!({})),
            ],
            // The second region may have been down wholly; of the last, nobody knows anything.
            "unknown": [
                about("10:00", "11:00", json!({ "region": "eu-2" })),
                about("13:00", "13:20", json!({})),
            ],
        });
        let body = body.to_string();
        outage::apply(&ground.store, admin, SOURCE, body.as_bytes()).await.unwrap();
        turn(&ground, "2026-11-09T08:15:00Z").await;
        let seconds = (17 * 24 + 13) * 3600 - 3600 - 1200;
        let expected = counted(&seconds.to_string(), "1800");
        assert_eq!(figures(&ground).await, expected, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_a_part_that_was_there_earlier_is_missed_in_every_window_since() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "paths": { "include": ["/v1/*"] } });
        let admin = begun(&ground, &scoped(&requests(), &scope)).await;
        push(&ground, admin, &[block("/v1/orders", "", &[(1000, 0)])]).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.total, "1000", "{}", ground.name);
        let mut new = block("/v1/new", "", &[(10, 0)]);
        new["start"] = json!("2026-09-20T10:00:00Z");
        push(&ground, admin, &[new]).await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, attainment.percent), (2, None), "{}", ground.name);
    }
}

#[tokio::test]
async fn a_probed_part_counts_from_its_first_line_and_what_no_probe_saw_is_unknown() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "regions": { "include": ["eu-*"] } });
        let admin = begun(&ground, &scoped(&json!({ "uptime": {} }), &scope)).await;
        let log = b"service,observed_at,state,region\n\
            platform,2026-09-30T22:00:00Z,up,eu-1\n\
            platform,2026-10-10T00:00:00Z,up,us-1\n\
            platform,2026-10-14T10:00:00Z,down,eu-1\n\
            platform,2026-10-14T10:00:00Z,up,eu-2\n\
            platform,2026-10-14T10:20:00Z,up,eu-1\n\
            platform,2026-10-14T10:30:00Z,down,eu-2\n\
            platform,2026-10-14T10:40:00Z,up,eu-2\n";
        let hold = 14 * 86_400;
        probe_log::apply(&ground.store, admin, SOURCE, hold, log).await.unwrap();
        turn(&ground, "2026-11-09T08:15:00Z").await;
        // Both hold for 14 days: until 28 October 10:20Z, and 10:40Z.
        let seconds = (27 * 24 + 12) * 3600 + 20 * 60;
        assert_eq!(
            figures(&ground).await,
            counted(&seconds.to_string(), "1800"),
            "{}",
            ground.name
        );
    }
}

#[tokio::test]
async fn a_scope_that_selects_nothing_is_unknown_and_never_up() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "regions": { "include": ["nowhere"] } });
        let admin = begun(&ground, &scoped(&json!({ "uptime": {} }), &scope)).await;
        push(&ground, admin, &[block("", "eu-1", &[(1, 0)])]).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.percent, None, "{}", ground.name);
    }
}

#[tokio::test]
async fn a_scope_in_force_changes_by_a_version_alone_and_a_wrong_one_is_refused_by_its_place() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let scope = json!({ "paths": { "include": ["/v1/*"] } });
        let admin = begun(&ground, &scoped(&requests(), &scope)).await;
        let refused = async |scope: &Value| {
            let bytes = scoped(&requests(), scope).to_string();
            let made = makegood_central::import::preview(&ground.store, admin, bytes.as_bytes());
            let problem = made.await.unwrap_err();
            (problem.code, problem.path.unwrap())
        };
        let place = "contracts[0].versions[0].lines[0].scope".to_owned();
        assert_eq!(refused(&json!({})).await, (Code::Invalid, place.clone()));
        let wrong = json!({ "paths": { "include": ["/v1/*", "/*/x"] } });
        assert_eq!(refused(&wrong).await, (Code::Invalid, format!("{place}.paths.include[1]")));
        let bad = json!({ "slots": [block("/a\u{1f}b", "", &[(1, 0)])] }).to_string();
        let pushed = slots::apply(&ground.store, admin, SOURCE, bad.as_bytes()).await;
        assert_eq!(pushed.unwrap_err().path.as_deref(), Some("slots[0].path"));
    }
}

async fn ask(house: &House, by: &Seat, (method, path): (Method, &str), body: &Value) -> Value {
    let request = house.http.request(method, house.url(path)).bearer_auth(&by.token).json(body);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_draft_is_looked_at_and_tried_on_the_past_with_its_scope() {
    for house in houses().await {
        let root = house.root.person;
        let mut blocks = [block("/v1/a", "", &[(1000, 20)]), block("/v1/b", "", &[(1000, 0)])];
        for block in &mut blocks {
            block["start"] = json!("2026-09-01T00:00:00Z");
            block["runs"][0]["count"] = json!(19_000);
        }
        push(&house.ground, root, &blocks).await;
        let amend = json!({
            "contract": house.nw1.contract, "valid_from": "2026-11-30T23:00:00Z",
        });
        let body = json!({ "title": "By path", "amend": amend });
        let draft = ask(&house, &house.carla, (Method::POST, "/v1/drafts"), &body).await;
        let mut written: Value = serde_json::from_str(draft["document"].as_str().unwrap()).unwrap();
        let line = &mut written["contracts"][0]["versions"][0]["lines"][0];
        line["terms"] = json!({
            "objective": "99.9", "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
            "measure": requests(), "credit": { "tiers": [{ "below": "99.9", "percent": "10" }] },
        });
        line["scope"] = json!({ "paths": {
            "include": ["/v1/*", "/v1/a", "/v3/*"], "exclude": ["/v3*"],
        } });
        let path = format!("/v1/drafts/{}", draft["id"].as_str().unwrap());
        let body = json!({ "revision": 1, "title": "By path", "document": written });
        ask(&house, &house.carla, (Method::PUT, &path), &body).await;
        let look: Value = house.get(&house.carla, &path).await.json().await.unwrap();
        let found: Vec<(&str, &str)> = look["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["path"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .filter(|(_, code)| code.starts_with("scope"))
            .collect();
        let place = "contracts[0].versions[0].lines[0].scope.paths";
        let expected = [
            (format!("{place}.include[2]"), "scope_excluded"),
            (format!("{place}.include[1]"), "scope_overlap"),
        ];
        assert_eq!(found, expected.each_ref().map(|(path, code)| (path.as_str(), *code)));
        let shown = look["differences"].to_string();
        assert!(shown.contains("/v3*"), "whoever decides sees the scope: {shown}");
        let past = format!("{path}/past?months=2");
        let past: Value = house.get(&house.carla, &past).await.json().await.unwrap();
        let windows = past["contracts"][0]["windows"].as_array().unwrap();
        assert_eq!(windows.last().unwrap()["lines"][0]["percent"], "99.000000", "{past}");
    }
}

#[tokio::test]
async fn totals_are_kept_by_month_for_each_path() {
    for house in houses().await {
        let mut blocks = [block("/v1/a", "eu-1", &[(10, 1)]), block("/v1/b", "", &[(20, 0)])];
        for block in &mut blocks {
            block["start"] = json!("2026-10-01T00:00:00Z");
            block["runs"][0]["count"] = json!(31 * 288);
        }
        push(&house.ground, house.root.person, &blocks).await;
        sealing::turn(house.app.store()).await.unwrap();
        let path = format!("/v1/customers/{}/totals", house.gmbh);
        let answer: Value = house.get(&house.carla, &path).await.json().await.unwrap();
        let found: Vec<[&str; 4]> = answer["totals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["path", "region", "month", "good"].map(|key| one[key].as_str().unwrap()))
            .collect();
        let expected = [["/v1/a", "eu-1", "2026-10", "80352"], ["/v1/b", "", "2026-10", "178560"]];
        assert_eq!(found, expected, "{}", house.ground.name);
    }
}
