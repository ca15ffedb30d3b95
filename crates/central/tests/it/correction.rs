//! What a source says again, and what it says otherwise: kept beside the old, and the newest counts.

use crate::{
    ground::{Ground, grounds},
    northwind::{self, SERIES, SOURCE, all, apply, october, person, turn},
};
use makegood_central::{
    ingest::{self, Push, Report, outage, slots},
    store,
};
use makegood_domain::{Code, Problem, attainment::Attainment, id::PersonId, person::Role};
use serde_json::{Value, json};

fn report(added: usize, corrected: usize, repeated: usize) -> Report {
    Report { added, corrected, repeated, ..Report::default() }
}

fn outage_body(to: &str, observed: Option<&str>) -> Value {
    let mut outage =
        json!({ "service": SERIES, "from": "2026-10-14T03:12:00Z", "to": to, "reference": "p1" });
    if let Some(observed) = observed {
        outage["observed_at"] = json!(observed);
    }
    json!({ "outages": [outage] })
}

async fn push(ground: &Ground, by: PersonId, body: &Value) -> Result<Report, Problem> {
    let bytes = body.to_string();
    if body.get("slots").is_some() {
        slots::apply(&ground.store, by, SOURCE, bytes.as_bytes()).await
    } else {
        outage::apply(&ground.store, by, SOURCE, bytes.as_bytes()).await
    }
}

async fn count(ground: &Ground, table: &str) -> i64 {
    let mut conn = ground.store.reading().await.unwrap();
    let sql = format!("select cast(count(*) as bigint) from {table}");
    store::int(&store::fetch(&mut conn, &sql, &[]).await.unwrap()[0], 0).unwrap()
}

#[tokio::test]
async fn an_outage_that_is_corrected_counts_as_it_was_observed_last() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &northwind::document()).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        let steps = [
            ("2026-10-14T04:12:00Z", "2026-10-14T05:00:00Z", report(1, 0, 0), "3600"),
            ("2026-10-14T04:12:00Z", "2026-10-14T05:00:00Z", report(0, 0, 1), "3600"),
            ("2026-10-14T03:42:00Z", "2026-10-15T05:00:00Z", report(1, 1, 0), "1800"),
            // An old message that comes again changes nothing, nor does one that was held up.
            ("2026-10-14T04:12:00Z", "2026-10-14T05:00:00Z", report(0, 0, 1), "1800"),
            ("2026-10-14T06:12:00Z", "2026-10-14T06:00:00Z", report(1, 1, 0), "1800"),
            // The correction is taken back.
            ("2026-10-14T04:12:00Z", "2026-10-16T05:00:00Z", report(1, 1, 0), "3600"),
        ];
        for (to, observed, expected, seconds) in steps {
            let came = push(&ground, admin, &outage_body(to, Some(observed))).await.unwrap();
            let filter = "label = '2026-10' order by id";
            let rows: Vec<Attainment> = all(&ground, filter, &[]).await;
            assert_eq!((came, rows[0].bad.as_str()), (expected, seconds), "{observed} {to}");
        }
        assert_eq!(count(&ground, "evidence").await, 4, "{}: all of it stays", ground.name);
        // Sent twice within one second, without an instant: the one recorded later counts.
        for (minute, seconds) in [("20", "480"), ("22", "600")] {
            let to = format!("2026-10-14T03:{minute}:00Z");
            push(&ground, admin, &outage_body(&to, None)).await.unwrap();
            let rows: Vec<Attainment> = all(&ground, "label = '2026-10'", &[]).await;
            assert_eq!(rows[0].bad, seconds, "{}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_correction_in_another_month_takes_its_place_there_and_here() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &northwind::document()).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        push(&ground, admin, &outage_body("2026-10-14T04:12:00Z", None)).await.unwrap();
        ground.clock.advance(std::time::Duration::from_secs(60));
        let mut moved = outage_body("2026-09-14T04:12:00Z", None);
        moved["outages"][0]["from"] = json!("2026-09-14T03:12:00Z");
        assert_eq!(push(&ground, admin, &moved).await.unwrap(), report(1, 1, 0));
        // Something else happens here, and only this month is computed anew.
        let other = json!({ "outages": [{
            "service": SERIES, "from": "2026-10-16T03:12:00Z", "to": "2026-10-16T03:13:00Z",
        }] });
        push(&ground, admin, &other).await.unwrap();
        let contract = northwind::contract_id(&ground, "NW-1").await;
        let filter = "contract = $1 order by from_at";
        let rows: Vec<Attainment> = all(&ground, filter, &[store::Arg::text(contract)]).await;
        let found: Vec<_> =
            rows.iter().map(|row| (row.window.as_str(), row.bad.as_str())).collect();
        assert_eq!(found, [("2026-09", "3600"), ("2026-10", "60")], "{}", ground.name);
    }
}

#[tokio::test]
async fn law_4_a_correction_of_a_locked_month_revises_it() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        northwind::told(&ground).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.0.revision, 1);
        let admin = person(&ground, "root", Role::Admin).await;
        let body = json!({ "outages": [{
            "service": SERIES, "from": "2026-10-14T03:12:00Z", "to": "2026-10-14T03:22:00Z",
        }] });
        assert_eq!(push(&ground, admin, &body).await.unwrap(), report(1, 1, 0));
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, attainment.bad.as_str()), (2, "600"), "{}", ground.name);
    }
}

fn slots_document() -> Value {
    let mut document = northwind::document();
    document["incidents"] = json!([]);
    document["contracts"].as_array_mut().unwrap().truncate(1);
    document["contracts"][0]["versions"][0]["lines"][0]["terms"] = json!({
        "objective": "99.9",
        "window": { "calendar": "month", "time_zone": "Europe/Berlin" },
        "measure": { "requests": { "slot": "5m" } },
    });
    document
}

fn block(start: &str, errors: &[u64]) -> Value {
    let runs: Vec<Value> =
        errors.iter().map(|errors| json!({ "requests": 100, "errors": errors })).collect();
    json!({ "service": SERIES, "slot_seconds": 300, "start": start, "runs": runs })
}

#[tokio::test]
async fn a_slot_that_is_corrected_covers_the_old_one_and_no_other() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &slots_document()).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        let ten = "2026-10-14T10:00:00Z";
        let steps = [
            (block(ten, &[0, 1, 2, 3]), report(1, 0, 0), ("400", "6")),
            (block(ten, &[0, 1, 2, 3]), report(0, 0, 1), ("400", "6")),
            // Cut otherwise, it is still the same, and only what is new is added.
            (block("2026-10-14T10:10:00Z", &[2, 3, 5]), report(1, 0, 0), ("500", "11")),
            (block("2026-10-14T10:05:00Z", &[9]), report(1, 1, 0), ("500", "19")),
            (block("2026-10-14T10:05:00Z", &[1]), report(1, 1, 0), ("500", "11")),
        ];
        for (block, expected, (total, bad)) in steps {
            let came = push(&ground, admin, &json!({ "slots": [block] })).await.unwrap();
            let rows: Vec<Attainment> = all(&ground, "label = '2026-10'", &[]).await;
            let found = (rows[0].total.as_str(), rows[0].bad.as_str());
            assert_eq!((came, found), (expected, (total, bad)), "{}: {block}", ground.name);
        }
        assert_eq!(count(&ground, "slot_buffer").await, 4, "all of it stays");
        let mut old = block(ten, &[50]);
        old["observed_at"] = json!("2026-10-14T10:06:00Z");
        let came = push(&ground, admin, &json!({ "slots": [old] })).await.unwrap();
        assert_eq!(came.added, 1);
        let rows: Vec<Attainment> = all(&ground, "label = '2026-10'", &[]).await;
        assert_eq!(rows[0].bad, "11", "what was observed before does not count");
    }
}

#[tokio::test]
async fn a_batch_that_contradicts_itself_or_holds_too_much_is_refused() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let ten = "2026-10-14T10:00:00Z";
        let slots = json!({ "slots": [block(ten, &[0, 1]), block("2026-10-14T10:05:00Z", &[2])] });
        let mut outages = outage_body("2026-10-14T04:12:00Z", None);
        let other = outage_body("2026-10-14T04:13:00Z", None)["outages"][0].clone();
        outages["outages"].as_array_mut().unwrap().push(other);
        for (body, path) in [(slots, "slots[1]"), (outages, "outages[1]")] {
            let problem = push(&ground, admin, &body).await.unwrap_err();
            assert_eq!((problem.code, problem.path.as_deref()), (Code::Invalid, Some(path)));
        }
        let errors: Vec<u64> = (0..=ingest::BATCH_MAX as u64).map(|at| at % 2).collect();
        let problem = push(&ground, admin, &json!({ "slots": [block(ten, &errors)] })).await;
        assert_eq!(problem.unwrap_err().code, Code::TooLarge);
        for table in ["evidence", "slot_buffer", "slot_block"] {
            assert_eq!(count(&ground, table).await, 0, "{}", ground.name);
        }
        let whole = json!({ "slots": [block(ten, &errors[1..])] });
        // No line rests on it.
        let report = |added, repeated| Report {
            unread: [SERIES.to_owned()].into(),
            ..report(added, 0, repeated)
        };
        assert_eq!(push(&ground, admin, &whole).await.unwrap(), report(1, 0));
        assert_eq!(push(&ground, admin, &whole).await.unwrap(), report(0, 1));
    }
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_keeps_nothing() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        northwind::told(&ground).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        let admin = person(&ground, "root", Role::Admin).await;
        let kept = |dry_run| Push { dry_run, ..Push::kept(&ground.store, admin, SOURCE) };
        let body = outage_body("2026-10-14T05:00:00Z", None).to_string();
        let tables = ["evidence", "series", "probe", "probe_log", "audit_event", "feed", "source"];
        let mut before = Vec::new();
        for table in tables {
            before.push(count(&ground, table).await);
        }
        let log = b"service,observed_at,state\nnew,2026-11-09T08:00:00Z,up\n";
        let dry = outage::take(&kept(true), body.as_bytes()).await.unwrap();
        let dry_log = ingest::probe_log::take(&kept(true), 3600, log).await.unwrap();
        for (table, before) in tables.iter().zip(before) {
            assert_eq!(count(&ground, table).await, before, "{}: {table}", ground.name);
        }
        assert_eq!(october(&ground, "NW-1").await.0.revision, 1);
        assert_eq!(outage::take(&kept(false), body.as_bytes()).await.unwrap(), dry);
        assert_eq!(ingest::probe_log::take(&kept(false), 3600, log).await.unwrap(), dry_log);
        assert_eq!(october(&ground, "NW-1").await.0.revision, 2);
    }
}

#[tokio::test]
async fn what_would_only_be_observed_later_is_refused_and_a_clock_a_little_ahead_is_not() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &slots_document()).await;
        let late = "2026-10-20T06:05:01Z";
        let refused = push(&ground, admin, &outage_body("2026-10-14T03:20:00Z", Some(late))).await;
        let refused = refused.unwrap_err();
        let said = (refused.code, refused.path.as_deref());
        assert_eq!(said, (Code::Invalid, Some("outages[0].observed_at")), "{refused}");
        let mut ahead = block("2026-10-14T10:00:00Z", &[1, 2]);
        ahead["observed_at"] = json!(late);
        let refused = push(&ground, admin, &json!({ "slots": [ahead] })).await.unwrap_err();
        let said = (refused.code, refused.path.as_deref());
        assert_eq!(said, (Code::Invalid, Some("slots[0].observed_at")), "{refused}");
        ahead["observed_at"] = json!("2026-10-20T06:05:00Z");
        let came = push(&ground, admin, &json!({ "slots": [ahead] })).await.unwrap();
        assert_eq!(came.added, 1);
    }
}

#[tokio::test]
async fn law_4_an_outage_that_goes_on_in_the_next_window_is_as_long_as_all_of_it() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut document = northwind::document();
        document["incidents"] = json!([]);
        document["contracts"].as_array_mut().unwrap().truncate(1);
        document["contracts"][0]["versions"][0]["lines"][0]["terms"]["measure"] =
            json!({ "uptime": { "min_outage": "5m" } });
        apply(&ground, admin, &document).await;
        let outage = |from: &str, to: &str| json!({ "outages": [{ "service": SERIES, "from": from, "to": to }] });
        for (from, to) in [
            ("2026-10-14T03:00:00Z", "2026-10-14T03:44:00Z"),
            ("2026-10-31T22:56:30Z", "2026-10-31T23:00:00Z"),
        ] {
            push(&ground, admin, &outage(from, to)).await.unwrap();
        }
        turn(&ground, "2026-11-09T08:15:00Z").await;
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.total.minor(), attainment.bad.as_str()), (0, "2640"));
        // It went on: of the 43 minutes, three and a half are October's.
        push(&ground, admin, &outage("2026-10-31T23:00:00Z", "2026-10-31T23:40:00Z"))
            .await
            .unwrap();
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!(attainment.bad, "2850", "{}", ground.name);
        assert_eq!(attainment.percent.as_deref(), Some("99.893736"));
        // What is left agrees with what was missed, and the last day with what is left.
        assert_eq!(attainment.allowance_left.as_deref(), Some("-168"));
        assert_eq!(attainment.left_by_day.last().map(|day| day.left), Some(-168));
        assert_eq!((settlement.revision, settlement.total.minor()), (2, 120_000));
    }
}

/// Slots that nobody has seen count as down; those that are still to come are not of them.
#[tokio::test]
async fn a_running_window_says_nothing_of_slots_that_are_still_to_come() {
    for (no_data, percent) in [("down", "100.000000"), ("up", "100.000000")] {
        for ground in grounds("2026-10-01T06:00:00Z").await {
            let admin = person(&ground, "root", Role::Admin).await;
            let mut document = slots_document();
            let terms = &mut document["contracts"][0]["versions"][0]["lines"][0]["terms"];
            terms["measure"] = json!({ "slots": { "slot": "5m",
                "bad_when": { "metric": "error_percent", "is": ">", "than": "5" } } });
            terms["no_data"] = json!(no_data);
            terms["credit"] = json!({ "tiers": [{ "below": "95", "percent": "100" }] });
            apply(&ground, admin, &document).await;
            let run = json!({ "requests": 100, "errors": 0, "count": 2 * 288 });
            let two_days = json!({ "slots": [{ "service": SERIES, "slot_seconds": 300,
                "start": "2026-09-30T22:00:00Z", "runs": [run] }] });
            push(&ground, admin, &two_days).await.unwrap();
            turn(&ground, "2026-10-02T22:30:00Z").await;
            let key = [store::Arg::text(northwind::contract_id(&ground, "NW-1").await)];
            let filter = "contract = $1 and label = '2026-10'";
            let row = all::<Attainment>(&ground, filter, &key).await.remove(0);
            assert_eq!(row.percent.as_deref(), Some(percent), "{no_data} {}", ground.name);
            assert_eq!(row.credit.map(|credit| credit.minor()), Some(0), "{no_data}");
            turn(&ground, "2026-11-04T06:00:00Z").await;
            let row = all::<Attainment>(&ground, filter, &key).await.remove(0);
            assert_eq!(row.met, Some(no_data == "up"), "{no_data} {}", ground.name);
        }
    }
}

#[tokio::test]
async fn law_3_slots_of_another_length_than_the_terms_are_no_slots_of_theirs() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        let mut document = slots_document();
        document["contracts"][0]["versions"][0]["lines"][0]["terms"]["measure"] = json!({ "slots": {
            "slot": "5m", "bad_when": { "metric": "error_percent", "is": ">", "than": "5" } } });
        apply(&ground, admin, &document).await;
        let run = json!({ "requests": 100, "errors": 0, "count": 60 });
        let minutes = json!({ "slots": [{ "service": SERIES, "slot_seconds": 60,
            "start": "2026-10-14T10:00:00Z", "runs": [run] }] });
        push(&ground, admin, &minutes).await.unwrap();
        push(&ground, admin, &json!({ "slots": [block("2026-10-14T16:00:00Z", &[0; 12])] }))
            .await
            .unwrap();
        turn(&ground, "2026-11-09T08:15:00Z").await;
        // Sixty minutes are not five hours: nobody measured four of them.
        assert_eq!(october(&ground, "NW-1").await.1.total, "12", "{}", ground.name);
    }
}

#[tokio::test]
async fn law_3_probes_of_a_service_that_outages_told_of_say_nothing_of_the_time_before_them() {
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = northwind::told(&ground).await;
        turn(&ground, "2026-11-09T08:15:00Z").await;
        assert_eq!(october(&ground, "NW-1").await.0.total.minor(), 120_000);
        let log = format!("service,observed_at,state\n{SERIES},2026-11-08T07:00:00Z,up\n");
        let log = log.as_bytes();
        ingest::probe_log::apply(&ground.store, admin, SOURCE, 3600, log).await.unwrap();
        // Whatever has October computed anew: what was told of it stands.
        let later = json!({ "outages": [{ "service": SERIES,
            "from": "2026-10-15T03:00:00Z", "to": "2026-10-15T03:01:00Z" }] });
        push(&ground, admin, &later).await.unwrap();
        let (settlement, attainment) = october(&ground, "NW-1").await;
        assert_eq!((settlement.revision, attainment.bad.as_str()), (2, "3720"), "{}", ground.name);
        // Where no probe looked, an outage that was told of is down all the same.
        let told = json!({ "outages": [{ "service": SERIES,
            "from": "2026-11-09T03:00:00Z", "to": "2026-11-09T04:00:00Z" }] });
        push(&ground, admin, &told).await.unwrap();
        let key = [store::Arg::text(northwind::contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-11'";
        let november: Vec<Attainment> = all(&ground, filter, &key).await;
        assert_eq!(november[0].bad, "3600", "{}", ground.name);
    }
}
