//! Parts of a service: since when each is there, how many there may be, and what may name them.

use crate::{
    ground::{Ground, grounds, instant},
    northwind::{SERIES, SOURCE, all, apply, contract_id, document, october, person, turn},
    scope::{block, push, requests, scoped},
};
use makegood_central::{
    ingest::{outage, probe_log, slots},
    store::{Arg, part},
};
use makegood_domain::{
    Code, attainment::Attainment, id::PersonId, person::Role, settlement::Settlement,
};
use serde_json::{Value, json};

fn uptime() -> Value {
    json!({ "uptime": {} })
}

fn eu() -> Value {
    json!({ "regions": { "include": ["eu-*"] } })
}

async fn begun(ground: &Ground, document: &Value) -> PersonId {
    let admin = person(ground, "root", Role::Admin).await;
    apply(ground, admin, document).await;
    turn(ground, "2026-10-20T06:00:00Z").await;
    admin
}

async fn tell(ground: &Ground, by: PersonId, region: &str, from: &str, to: &str) {
    let one = json!({ "service": SERIES, "region": region, "from": from, "to": to });
    let body = json!({ "outages": [one] }).to_string();
    outage::apply(&ground.store, by, SOURCE, body.as_bytes()).await.unwrap();
}

/// Revision, total and bad of a locked window of NW-1.
async fn locked(ground: &Ground, label: &str) -> (i64, String, String) {
    let key = [Arg::text(contract_id(ground, "NW-1").await), Arg::text(label)];
    let filter = "contract = $1 and label = $2";
    let settlement = all::<Settlement>(ground, filter, &key).await.remove(0);
    let row = all::<Attainment>(ground, filter, &key).await.remove(0);
    (settlement.revision, row.total, row.bad)
}

#[tokio::test]
async fn law_4_a_part_that_outages_alone_tell_of_is_watched_from_the_first_on_in_every_window_since()
 {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&uptime(), &eu())).await;
        turn(&ground, "2026-12-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.percent, None, "nothing is selected");
        let unknown = (1, "0".to_owned(), "0".to_owned());
        assert_eq!(locked(&ground, "2026-11").await, unknown);
        tell(&ground, admin, "eu-1", "2026-10-30T00:00:00Z", "2026-10-30T01:00:00Z").await;
        let two_days = (2, (47 * 3600).to_string(), "3600".to_owned());
        assert_eq!(locked(&ground, "2026-10").await, two_days, "{}", ground.name);
        let november = (2, (30 * 86_400).to_string(), "0".to_owned());
        assert_eq!(locked(&ground, "2026-11").await, november, "the part is there since");
        assert_eq!(locked(&ground, "2026-09").await, unknown, "and was not before");
        // Another was there earlier: from then on somebody watched.
        tell(&ground, admin, "eu-2", "2026-10-20T00:00:00Z", "2026-10-20T00:10:00Z").await;
        let since = (3, (11 * 86_400 + 23 * 3600).to_string(), "4200".to_owned());
        assert_eq!(locked(&ground, "2026-10").await, since, "{}", ground.name);
        assert_eq!(locked(&ground, "2026-11").await, november);
    }
}

#[tokio::test]
async fn law_3_a_part_of_which_no_outage_stands_any_more_is_as_unknown_as_before() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&uptime(), &eu())).await;
        turn(&ground, "2026-12-09T08:15:00Z").await;
        tell(&ground, admin, "eu-1", "2026-10-30T00:00:00Z", "2026-10-30T01:00:00Z").await;
        tell(&ground, admin, "eu-1", "2026-11-10T00:00:00Z", "2026-11-10T01:00:00Z").await;
        let november = (30 * 86_400).to_string();
        assert_eq!(locked(&ground, "2026-11").await, (3, november, "3600".to_owned()));
        let take_back = async |from: &str| {
            let one = json!({ "service": SERIES, "region": "eu-1", "outage_from": from,
                "reason": "meant for another region" });
            let body = json!({ "withdrawn": [one] }).to_string();
            outage::apply(&ground.store, admin, SOURCE, body.as_bytes()).await.unwrap();
        };
        take_back("2026-10-30T00:00:00Z").await;
        let nothing = |revision| (revision, "0".to_owned(), "0".to_owned());
        assert_eq!(locked(&ground, "2026-10").await, nothing(3), "{}", ground.name);
        let since = (20 * 86_400 + 23 * 3600).to_string();
        assert_eq!(locked(&ground, "2026-11").await, (4, since, "3600".to_owned()));
        take_back("2026-11-10T00:00:00Z").await;
        assert_eq!(locked(&ground, "2026-11").await, nothing(5), "{}", ground.name);
    }
}

#[tokio::test]
async fn probes_of_a_part_that_outages_told_of_say_nothing_of_the_time_before_them() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&uptime(), &eu())).await;
        turn(&ground, "2026-12-09T08:15:00Z").await;
        tell(&ground, admin, "eu-1", "2026-10-30T00:00:00Z", "2026-10-30T01:00:00Z").await;
        let log = format!(
            "service,observed_at,state,region\n{SERIES},2026-12-09T07:00:00Z,up,eu-1\n\
             {SERIES},2026-12-09T07:05:00Z,up,eu-1\n"
        );
        let hold = 14 * 86_400;
        probe_log::apply(&ground.store, admin, SOURCE, hold, log.as_bytes()).await.unwrap();
        // Whatever has October computed anew: its time stays measured.
        tell(&ground, admin, "eu-1", "2026-10-31T00:00:00Z", "2026-10-31T00:01:00Z").await;
        let october = (3, (47 * 3600).to_string(), "3660".to_owned());
        assert_eq!(locked(&ground, "2026-10").await, october, "{}", ground.name);
    }
}

#[tokio::test]
async fn law_3_what_a_source_has_not_seen_of_a_part_stays_unknown_until_its_first_probe() {
    for ground in grounds("2026-10-11T00:00:00Z").await {
        let admin = begun(&ground, &scoped(&uptime(), &eu())).await;
        tell(&ground, admin, "eu-1", "2026-09-14T00:00:00Z", "2026-09-14T01:00:00Z").await;
        let seen = br#"{ "outages": [], "seen_until": "2026-10-10T00:00:00Z" }"#;
        outage::apply(&ground.store, admin, SOURCE, seen).await.unwrap();
        turn(&ground, "2026-12-09T08:15:00Z").await;
        let log =
            format!("service,observed_at,state,region\n{SERIES},2026-10-20T00:00:00Z,up,eu-1\n");
        let hold = 14 * 86_400;
        probe_log::apply(&ground.store, admin, SOURCE, hold, log.as_bytes()).await.unwrap();
        let unknown = october(&ground, "NW-1").await.1.unknown_seconds;
        assert_eq!(unknown, 10 * 86_400, "{}: from the tenth on", ground.name);
        // An outage that is told of that time is known all the same.
        tell(&ground, admin, "eu-1", "2026-10-12T00:00:00Z", "2026-10-12T01:00:00Z").await;
        let told = october(&ground, "NW-1").await.1;
        assert_eq!((told.unknown_seconds, told.bad.as_str()), (10 * 86_400 - 3600, "3600"));
    }
}

#[tokio::test]
async fn what_outages_alone_tell_of_is_missed_in_no_sum_of_slots() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&requests(), &eu())).await;
        tell(&ground, admin, "eu-2", "2026-10-14T10:00:00Z", "2026-10-14T10:10:00Z").await;
        push(&ground, admin, &[block("/v1/a", "eu-1", &[(100, 1)])]).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.1.total, "100", "{}", ground.name);
    }
}

#[tokio::test]
async fn what_is_told_of_a_part_leaves_a_line_over_the_whole_as_it_is() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let mut two = scoped(&uptime(), &eu());
        two["contracts"].as_array_mut().unwrap().push(document()["contracts"][1].clone());
        let admin = begun(&ground, &two).await;
        let quiet = br#"{ "outages": [] }"#;
        outage::apply(&ground.store, admin, SOURCE, quiet).await.unwrap();
        turn(&ground, "2026-10-20T06:00:00Z").await;
        let as_of = async |number: &str| {
            let key = [Arg::text(contract_id(&ground, number).await)];
            let filter = "contract = $1 and label = '2026-10'";
            all::<Attainment>(&ground, filter, &key).await.remove(0).as_of
        };
        let before = instant("2026-10-20T06:00:00Z");
        assert_eq!(as_of("NW-2").await, before);
        ground.clock.advance(std::time::Duration::from_secs(3600));
        tell(&ground, admin, "eu-1", "2026-10-14T10:00:00Z", "2026-10-14T10:10:00Z").await;
        let after = instant("2026-10-20T07:00:00Z");
        let found = (as_of("NW-1").await, as_of("NW-2").await);
        assert_eq!(found, (after, before), "{}: it is not even computed", ground.name);
    }
}

#[tokio::test]
async fn law_3_what_a_source_has_not_seen_of_parts_is_unknown_when_the_window_ends_too() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&uptime(), &eu())).await;
        tell(&ground, admin, "eu-1", "2026-10-01T00:00:00Z", "2026-10-01T01:00:00Z").await;
        let saw = br#"{ "outages": [], "seen_until": "2026-10-20T00:00:00Z" }"#;
        outage::apply(&ground.store, admin, SOURCE, saw).await.unwrap();
        turn(&ground, "2026-11-09T08:15:00Z").await;
        let (revision, total, bad) = locked(&ground, "2026-10").await;
        // From the first hour that is told of to the 20th, in UTC.
        let seen = (19 * 24 * 3600).to_string();
        assert_eq!((revision, total, bad.as_str()), (1, seen, "3600"), "{}", ground.name);
    }
}

/// Gives a service so many parts more: as pushes would, in one step.
pub(crate) async fn crowd(ground: &Ground, source: &str, count: usize) {
    let mut tx = ground.store.begin(None).await.unwrap();
    let made = format!(
        "with recursive made (at) as (select 1 union all select at + 1 from made where at < {count}) "
    );
    let (id, path) = (
        "'00000000-0000-7000-8000-' || cast(100000000000 + at as text)",
        "'/old/' || cast(at as text)",
    );
    for insert in [
        format!(
            "insert into series (id, source, service, tenant, path) {made}\
             select {id}, '{source}', '{SERIES}', '', {path} from made"
        ),
        format!(
            "insert into part (series, whole, path, region) {made}\
             select {id}, series.id, {path}, '' from made join series on series.source = '{source}' \
             and series.service = '{SERIES}' and series.path = ''"
        ),
    ] {
        tx.execute(&insert, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[test]
fn what_stands_for_the_rest_is_in_every_scope_and_a_path_that_was_cut_in_its_region_alone() {
    let scope = serde_json::from_value(eu()).unwrap();
    let (told_since, since) = (None, None);
    for (region, selected) in [("", true), ("eu-1", true), ("us-1", false)] {
        let (path, region) = ("\u{2026}".to_owned(), region.to_owned());
        let series = "0192e4a0-0000-7000-8000-000000000001".parse().unwrap();
        let part = part::Part { series, path, region, since, told_since };
        assert_eq!(part.is_in(&scope), selected, "{part:?}");
    }
}

#[tokio::test]
async fn a_service_has_so_many_parts_and_the_next_is_refused_by_name() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&requests(), &json!({}))).await;
        crowd(&ground, SOURCE, part::PARTS_MAX - 2).await;
        let push = async |paths: &[&str]| {
            let one = |path: &&str| block(path, "eu-1", &[(1, 0)]);
            let body = json!({ "slots": paths.iter().map(one).collect::<Vec<_>>() }).to_string();
            slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await
        };
        push(&["/v1/a"]).await.unwrap();
        let refused = push(&["/v1/a", "/v1/c", "/v1/b"]).await.unwrap_err();
        assert_eq!(refused.code, Code::TooLarge);
        assert!(refused.message.starts_with("platform /v1/c eu-1 is new"), "{refused}");
        push(&["/v1/b"]).await.unwrap();
        push(&["/v1/a", "/v1/b"]).await.unwrap();
        assert!(push(&["/v1/c"]).await.is_err(), "{}", ground.name);
    }
}

#[tokio::test]
async fn names_that_an_index_can_t_hold_are_refused_and_the_longest_are_kept() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = begun(&ground, &scoped(&requests(), &json!({}))).await;
        // Four bytes each, and no two alike: a database can't pack them.
        let name = |first: u32| -> String {
            (0..300).filter_map(|at| char::from_u32(0x1_0000 + first + at * 211 % 60_000)).collect()
        };
        let mut longest = block(&name(0), &name(70_000), &[(1, 0)]);
        push(&ground, admin, &[longest.clone()]).await;
        longest["service"] = json!(name(140_000));
        let body = json!({ "slots": [longest] }).to_string();
        let refused =
            slots::apply(&ground.store, admin, SOURCE, body.as_bytes()).await.unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{}: {refused}", ground.name);
        assert!(refused.message.contains("at most 2600 bytes together"), "{refused}");
    }
}

/// NW-1 over `/v1/*`, and from 14 October on over `/v2/*`.
fn amended(treatment: &str) -> Value {
    let scope = |path: &str| json!({ "paths": { "include": [path] } });
    let mut document = scoped(&requests(), &scope("/v1/*"));
    let mut next = document["contracts"][0]["versions"][0].clone();
    (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-13T22:00:00Z"));
    next["treatment"] = json!(treatment);
    next["lines"][0]["scope"] = scope("/v2/*");
    document["contracts"][0]["versions"].as_array_mut().unwrap().push(next);
    document
}

#[tokio::test]
async fn an_amendment_from_one_scope_to_another_reads_each_for_its_time() {
    let expected = [
        ("next_window", vec![("200", "2")]),
        ("split", vec![("100", "1"), ("50", "3")]),
        ("whole_window", vec![("100", "5")]),
    ];
    for (treatment, figures) in expected {
        for ground in grounds("2026-10-20T06:00:00Z").await {
            let mut first = amended(treatment);
            first["contracts"][0]["versions"].as_array_mut().unwrap().truncate(1);
            let admin = begun(&ground, &first).await;
            for (day, errors) in [("10", [1, 2]), ("14", [1, 3])] {
                let one = |(path, requests, errors): (&str, u64, u64)| {
                    let mut block = block(path, "", &[(requests, errors)]);
                    block["start"] = json!(format!("2026-10-{day}T10:00:00Z"));
                    block
                };
                push(
                    &ground,
                    admin,
                    &[("/v1/a", 100, errors[0]), ("/v2/b", 50, errors[1])].map(one),
                )
                .await;
            }
            turn(&ground, "2026-11-04T06:00:00Z").await;
            assert_eq!(october(&ground, "NW-1").await.1.total, "200", "{}", ground.name);
            apply(&ground, admin, &amended(treatment)).await;
            let (settlement, _) = october(&ground, "NW-1").await;
            let key = [Arg::text(contract_id(&ground, "NW-1").await)];
            let filter = "contract = $1 and label = '2026-10'";
            let rows = all::<Attainment>(&ground, filter, &key).await;
            let of = |line: &makegood_domain::settlement::SettlementLine| {
                let row = rows.iter().find(|row| row.line == line.line).unwrap();
                (row.total.clone(), row.bad.clone())
            };
            let found: Vec<(String, String)> = settlement.lines.iter().map(of).collect();
            let found: Vec<(&str, &str)> =
                found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            assert_eq!(found, figures, "{} on {}", treatment, ground.name);
        }
    }
}
