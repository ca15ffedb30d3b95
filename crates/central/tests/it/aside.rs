//! What of a Prometheus central sets aside: the turn goes on, the source says so, and no line reads it as up.

use crate::{
    ground::{Ground, grounds, instant, listening, system_grounds},
    northwind::{SERIES, all, apply, contract_id, person, turn},
    part::crowd,
    prometheus::Prometheus,
    scope::{requests, scoped},
};
use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use makegood_central::{
    source,
    store::{self, Arg, block, part},
};
use makegood_domain::{
    attainment::Attainment,
    person::Role,
    source::{AsideReason, SourceState, SourceStatus},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

const NAME: &str = "prom";

/// NW-1 over `/v1/*`, NW-2 over `/v2/*`, NW-3 over the service as a whole.
fn contracts() -> Value {
    let all_of_it = crate::northwind::document()["contracts"].clone();
    let mut document = scoped(&requests(), &json!({ "paths": { "include": ["/v1/*"] } }));
    let line = document["contracts"][0]["versions"][0]["lines"][0].clone();
    for (at, scope) in [(1, json!({ "paths": { "include": ["/v2/*"] } })), (2, Value::Null)] {
        let mut contract = all_of_it[at].clone();
        let own = &mut contract["versions"][0]["lines"][0];
        own["terms"] = line["terms"].clone();
        if !scope.is_null() {
            own["scope"] = scope;
        }
        document["contracts"].as_array_mut().unwrap().push(contract);
    }
    for contract in document["contracts"].as_array_mut().unwrap() {
        let own = &mut contract["versions"][0]["lines"][0];
        own["series"] = json!({ "source": NAME, "service": SERIES });
    }
    document
}

fn definition(url: &str, slot: &str, from: &str) -> Value {
    json!({
        "name": NAME, "kind": "prometheus",
        "settings": {
            "url": url, "label": "customer", "path_label": "route", "region_label": "region",
            "slot": slot, "settled_after": "1s", "from": from,
            "good": "requests_total{code!~\"5..\"}[$range]", "total": "requests_total[$range]",
        },
    })
}

/// What a server that speaks like a Prometheus shows: by the instant it is asked for, the counters of
/// each route with their samples, all and good.
type Shown = Arc<Mutex<HashMap<String, Vec<(String, [Vec<(i64, u64)>; 2])>>>>;

async fn query(
    State(shown): State<Shown>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Json<Value> {
    let which = usize::from(asked["query"].contains("code"));
    let shown = shown.lock().unwrap();
    let series = shown.get(&asked["time"]).into_iter().flatten().map(|(route, samples)| {
        let mut metric = json!({ "job": "api", "instance": "a", "customer": SERIES });
        if !route.is_empty() {
            (metric["route"], metric["region"]) = (json!(route), json!("eu-1"));
        }
        let values = samples[which].iter().map(|(at, count)| json!([at, count.to_string()]));
        json!({ "metric": metric, "values": values.collect::<Vec<_>>() })
    });
    let result: Vec<Value> = series.collect();
    Json(json!({ "status": "success", "data": { "resultType": "matrix", "result": result } }))
}

async fn serve(shown: &Shown) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let router = Router::new().route("/api/v1/query", get(query)).with_state(shown.clone());
    format!("http://127.0.0.1:{}", listening(router).await)
}

async fn status(ground: &Ground) -> SourceStatus {
    let mut statuses = source::statuses(&ground.store).await.unwrap();
    statuses.retain(|status| status.name == NAME);
    statuses.remove(0)
}

/// Total and bad of October of each contract.
async fn figures(ground: &Ground) -> Vec<(String, String)> {
    let mut figures = Vec::new();
    for number in ["NW-1", "NW-2", "NW-3"] {
        let key = [Arg::text(contract_id(ground, number).await)];
        let filter = "contract = $1 and label = '2026-10'";
        let row = all::<Attainment>(ground, filter, &key).await.remove(0);
        figures.push((row.total, row.bad));
    }
    figures
}

fn told(status: &SourceStatus) -> Vec<(AsideReason, i64, Vec<String>)> {
    let told = status.set_aside.iter();
    told.map(|one| (one.reason, one.count, one.names.clone())).collect()
}

async fn run(ground: &Ground, until: &str) {
    source::run(&ground.store, NAME, None, instant(until)).await.unwrap();
}

#[tokio::test]
async fn law_3_a_turn_goes_on_past_what_it_sets_aside_and_no_line_takes_that_for_up() {
    let shown = Shown::default();
    let url = serve(&shown).await;
    let from = instant("2026-10-14T10:00:00Z").timestamp();
    let at =
        |counts: [u64; 3]| [from - 60, from + 180, from + 480].into_iter().zip(counts).collect();
    let long = format!("/v1/{}", "x".repeat(400));
    let first = [
        ("/v1/a", [[0, 100, 200], [0, 99, 199]]),
        (&long, [[0, 0, 50], [0, 0, 0]]),
        ("/v2/b", [[0, 10, 20]; 2]),
        ("", [[0, 5, 5], [0, 4, 4]]),
    ];
    let first = first.map(|(route, counts)| (route.to_owned(), counts.map(at)));
    shown.lock().unwrap().insert((from + 3600).to_string(), first.to_vec());
    // An hour later there are more paths than a service may have: four are too many.
    let later = |count: u64| vec![(from + 3590, 0), (from + 3660, 0), (from + 3960, count)];
    let many = (0..6).map(|at| (format!("/v3/{at}"), [later(1), later(1)]));
    let many = [("/v2/b", 20), ("/v1/a", 30)]
        .into_iter()
        .map(|(route, count)| (route.to_owned(), [later(count), later(count)]))
        .chain(many);
    shown.lock().unwrap().insert((from + 7200).to_string(), many.collect());
    // And then the labels are mended.
    let mended = vec![(from + 7190, 30), (from + 7260, 37)];
    let mended = vec![("/v1/a".to_owned(), [mended.clone(), mended])];
    shown.lock().unwrap().insert((from + 10_800).to_string(), mended);
    for ground in grounds("2026-10-20T06:00:00Z").await {
        let admin = person(&ground, "root", Role::Admin).await;
        apply(&ground, admin, &contracts()).await;
        turn(&ground, "2026-10-20T06:00:00Z").await;
        let definition = definition(&url, "5m", "2026-10-14T10:00:00Z").to_string();
        source::put(&ground.store, definition.as_bytes()).await.unwrap();
        run(&ground, "2026-10-14T11:00:01Z").await;
        // Of the second slot the long path's requests belong to the first line, and to no other.
        let expected = [("100", "1"), ("20", "0"), ("275", "52")];
        let expected = expected.map(|(total, bad)| (total.to_owned(), bad.to_owned()));
        assert_eq!(figures(&ground).await, expected, "{}", ground.name);
        let state = status(&ground).await;
        assert_eq!(state.state, SourceState::Late, "it goes on");
        let (unlabelled, cut) = (SERIES.to_owned(), format!("{SERIES} {}…", &long[..71]));
        let said = [(AsideReason::NoLabel, 1, vec![unlabelled]), (AsideReason::Name, 1, vec![cut])];
        assert_eq!(told(&state), said, "{}", ground.name);
        crowd(&ground, NAME, part::PARTS_MAX - 5).await;
        run(&ground, "2026-10-14T12:00:01Z").await;
        let expected = [("100", "1"), ("20", "0"), ("331", "52")];
        let expected = expected.map(|(total, bad)| (total.to_owned(), bad.to_owned()));
        assert_eq!(figures(&ground).await, expected, "{}: any of them may be theirs", ground.name);
        let names = (2..6).map(|at| format!("{SERIES} /v3/{at} eu-1")).collect();
        assert_eq!(told(&status(&ground).await), [(AsideReason::TooMany, 4, names)]);
        run(&ground, "2026-10-14T13:00:01Z").await;
        let (figures, told) = (figures(&ground).await, told(&status(&ground).await));
        assert_eq!(figures[0], ("107".to_owned(), "1".to_owned()), "nothing is missed since");
        assert_eq!((figures[2].0.as_str(), told.len()), ("338", 0));
        let mut conn = ground.store.reading().await.unwrap();
        let parts = part::of_service(&mut conn, NAME, SERIES).await.unwrap();
        assert_eq!(parts.len(), part::PARTS_MAX + 1, "and what stands for the rest");
    }
}

/// What an exporter shows: by its labels, a counter.
#[derive(Clone, Default)]
struct Exporter(Arc<Mutex<BTreeMap<String, u64>>>);

impl Exporter {
    fn count(&self, route: &str, region: &str, code: u16, by: u64) {
        let mut labels = format!("customer=\"{SERIES}\",code=\"{code}\"");
        for (label, value) in [("route", route), ("region", region)] {
            if !value.is_empty() {
                write!(labels, ",{label}=\"{value}\"").unwrap();
            }
        }
        *self.0.lock().unwrap().entry(labels).or_default() += by;
    }

    async fn serve(&self) -> u16 {
        listening(Router::new().route("/metrics", get(metrics)).with_state(self.clone())).await
    }
}

async fn metrics(State(exporter): State<Exporter>) -> String {
    let counters = exporter.0.lock().unwrap();
    let lines =
        counters.iter().map(|(labels, count)| format!("requests_total{{{labels}}} {count}\n"));
    format!("# TYPE requests_total counter\n{}", lines.collect::<String>())
}

/// By path and region, requests and errors on record; and how many slots say nothing.
async fn on_record(ground: &Ground) -> BTreeMap<(String, String), (u64, u64, u64)> {
    let mut conn = ground.store.reading().await.unwrap();
    let whole = store::series::of_source(&mut conn, NAME).await.unwrap()[SERIES].id;
    let parts = part::of_service(&mut conn, NAME, SERIES).await.unwrap();
    let of_part = |one: part::Part| (one.series, (one.path, one.region));
    let mut names: HashMap<_, _> = parts.into_iter().map(of_part).collect();
    names.insert(whole, <(String, String)>::default());
    let series: Vec<_> = names.keys().copied().collect();
    let found = block::recorded(&mut conn, &series, (i64::MIN, i64::MAX)).await.unwrap();
    let mut sums: BTreeMap<(String, String), (u64, u64, u64)> = BTreeMap::new();
    for (series, recorded) in found {
        let sum = sums.entry(names[&series].clone()).or_default();
        for one in recorded {
            let (run, count) = (&one.stretch.run, u64::from(one.stretch.run.count));
            sum.0 += run.requests.unwrap_or(0) * count;
            sum.1 += run.errors.unwrap_or(0) * count;
            sum.2 += u64::from(run.requests.is_none()) * count;
        }
    }
    sums
}

#[tokio::test]
async fn a_real_prometheus_tells_paths_and_regions_apart() {
    let exporter = Exporter::default();
    let long = format!("/v1/{}", "x".repeat(400));
    let counters = [
        ("/v1/a", "eu-1"),
        ("/v1/a", "us-1"),
        ("/v2/b", ""),
        (&long, "eu-1"),
        ("/v1/\\n", ""),
        ("", ""),
    ];
    for (route, region) in counters {
        exporter.count(route, region, 200, 1000);
    }
    let Some(prometheus) = Prometheus::start(exporter.serve().await).await else { return };
    prometheus.until_shows("sum(requests_total)", 6000).await;
    let grounds = system_grounds().await;
    for ground in &grounds {
        let admin = person(ground, "root", Role::Admin).await;
        apply(ground, admin, &contracts()).await;
        let from = ground.store.clock().now() - chrono::TimeDelta::seconds(30);
        let from = from.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let definition = definition(&prometheus.url, "1s", &from).to_string();
        source::put(&ground.store, definition.as_bytes()).await.unwrap();
    }
    // From the second slot on everything is watched.
    let watched = grounds[0].store.clock().now() + chrono::TimeDelta::seconds(3);
    while grounds[0].store.clock().now() < watched {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for (route, region) in counters {
        exporter.count(route, region, 200, 10);
        exporter.count(route, region, 500, 1);
    }
    prometheus.until_shows("sum(requests_total)", 6066).await;
    let counted = grounds[0].store.clock().now() + chrono::TimeDelta::seconds(1);
    for ground in &grounds {
        while status(ground).await.seen_until.is_none_or(|seen| seen < counted) {
            let now = ground.store.clock().now();
            source::run(&ground.store, NAME, None, now).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let found = on_record(ground).await;
        let of = |path: &str, region: &str| found[&(path.to_owned(), region.to_owned())];
        assert_eq!(of("", ""), (66, 6, 0), "{}: the service as a whole", ground.name);
        for (path, region) in [("/v1/a", "eu-1"), ("/v1/a", "us-1"), ("/v2/b", "")] {
            assert_eq!(of(path, region), (11, 1, 0), "{}: {path}", ground.name);
        }
        for (path, region) in [(format!("{}…", &long[..299]).as_str(), "eu-1"), ("/v1/…", "")] {
            let (requests, _, unknown) = of(path, region);
            assert!(requests == 0 && (1..5).contains(&unknown), "{}: {unknown}", ground.name);
        }
        assert_eq!(found.len(), 6);
        let state = status(ground).await;
        assert_eq!((state.state, state.problem), (SourceState::Ok, None));
        let said: Vec<(AsideReason, i64)> =
            state.set_aside.iter().map(|one| (one.reason, one.count)).collect();
        // Each with two codes: /v2/b has no region, and the last has neither.
        assert_eq!(said, [(AsideReason::NoLabel, 4), (AsideReason::Name, 4)]);
    }
}
