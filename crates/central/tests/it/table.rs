//! Tables that spreadsheets export: customers, fees and revenue, on the terms of every import.

use crate::{
    house::{House, Seat, houses, money, seat},
    northwind::{all, apply, document},
};
use makegood_central::store::mrr;
use makegood_domain::{
    customer::Customer,
    person::{Role, Scope},
};
use serde_json::{Value, json};

async fn send(house: &House, seat: &Seat, table: &str, text: &str) -> (u16, Value) {
    let request = house.http.post(house.url(&format!("/v1/import/{table}")));
    let request = request.bearer_auth(&seat.token).header("content-type", "text/csv");
    let answer = request.body(text.to_owned()).send().await.expect("answers");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn customers_come_and_change_by_their_keys() {
    for house in houses().await {
        let text = "\u{feff}Key;Name;Country;Locale;Time zone;Segment;Address\r\n\
                    LM;Lumen Media;FR;fr-FR;Europe/Paris;mid-market;12 rue de la Paix | 75002 Paris\r\n\
                    ;;;;;;\r\n\
                    \"AC\";\"Acme; Sons\";GB;en-GB;Europe/London;;\r\n";
        let (status, said) = send(&house, &house.root, "customers?dry_run=true", text).await;
        assert_eq!((status, &said["customers"]), (200, &json!(2)), "{said}");
        let none: Vec<Customer> = all(&house.ground, "key = 'LM'", &[]).await;
        assert!(none.is_empty(), "a dry run writes nothing");
        let (status, said) = send(&house, &house.root, "customers", text).await;
        assert_eq!((status, &said["changed"]), (200, &json!(2)), "{said}");
        let lumen = all::<Customer>(&house.ground, "key = 'LM'", &[]).await.remove(0);
        assert_eq!(lumen.address, ["12 rue de la Paix", "75002 Paris"]);
        let acme = all::<Customer>(&house.ground, "key = 'AC'", &[]).await.remove(0);
        assert_eq!((acme.name.as_str(), acme.segment), ("Acme; Sons", None));
        let (_, again) = send(&house, &house.root, "customers", text).await;
        assert_eq!(again["changed"], 0, "the same table twice changes nothing");
        // What a table has no column for stays; an empty cell empties.
        let owned =
            "key,name,country,locale,time_zone,csm\nLM,Lumen Media,FR,fr-FR,Europe/Paris,ben\n";
        assert_eq!(send(&house, &house.root, "customers", owned).await.0, 200);
        let (_, said) =
            send(&house, &house.root, "customers?dry_run=true", &owned.replace("ben", "anna"))
                .await;
        let owners = said["differences"].as_array().expect("a list");
        let owner = json!({ "subject": "customer LM", "field": "csm", "before": "ben", "after": "anna", "drives_money": false });
        assert_eq!(owners, &[owner], "{said}");
        let lost = owned.replace("Lumen", "L\u{fffd}men");
        let (status, said) = send(&house, &house.root, "customers", &lost).await;
        assert_eq!((status, &said["code"]), (422, &json!("text_invalid")), "{said}");
        let moved = "key,name,country,locale,time_zone,segment\nLM,Lumen Media,FR,fr-BE,Europe/Paris,\n\
                     NW-DE,Northwind AG,DE,en-GB,Europe/Berlin,\n";
        let (status, said) = send(&house, &house.root, "customers", moved).await;
        assert_eq!((status, &said["changed"]), (200, &json!(2)), "{said}");
        let lumen = all::<Customer>(&house.ground, "key = 'LM'", &[]).await.remove(0);
        assert_eq!((lumen.locale.as_str(), lumen.csm), ("fr-BE", Some(house.ben.person)));
        assert_eq!((lumen.address.len(), lumen.segment), (2, None));
        let northwind = all::<Customer>(&house.ground, "key = 'NW-DE'", &[]).await.remove(0);
        assert_eq!(northwind.group_name, "Northwind", "it stays in its group");
    }
}

#[tokio::test]
async fn law_5_a_table_of_fees_is_a_difference_that_a_second_person_puts_in_force() {
    for house in houses().await {
        let text = "contract,line,amount,frequency,from\n\
                    NW-1,API availability,12500.00,monthly,2026-10-01\n";
        let (status, said) = send(&house, &house.root, "fees", text).await;
        assert_eq!(status, 202, "{said}");
        let differences = said["differences"].as_array().expect("a list");
        let of = |field: &str| {
            let found = differences.iter().find(|one| {
                one["field"] == field
                    && one["subject"].as_str().is_some_and(|it| it.contains("NW-1"))
            });
            found.unwrap_or_else(|| panic!("{field}: {said}")).clone()
        };
        assert_eq!(of("amount")["after"], "EUR 12500.00");
        assert_eq!(of("to")["after"], "2026-10-01", "what ran until then ends on that day");
        assert_eq!(house.credit(house.nw1.credit).await.amount, money("1200", "EUR"));
        let id = said["id"].as_str().expect("an id");
        let path = house.url(&format!("/v1/proposals/{id}/decision"));
        let decision = json!({ "put_in_force": { "seen": said["seen"] } });
        let own = house.http.post(&path).bearer_auth(&house.root.token).json(&decision);
        assert_eq!(own.send().await.expect("answers").status(), 403);
        let second = house.http.post(&path).bearer_auth(&house.carla.token).json(&decision);
        let answer = second.send().await.expect("answers");
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap_or_default());
        let nw1 = house.credit(house.nw1.credit).await;
        assert_eq!(nw1.amount, money("1250", "EUR"), "October rests on the new fee");
    }
}

#[tokio::test]
async fn revenue_is_kept_by_customer_and_month() {
    for house in houses().await {
        let text = "customer,month,amount,currency\nNW-DE,2026-10,22000.00,EUR\n\
                    NW-US,2026-10,8000,USD\n";
        let (status, said) = send(&house, &house.root, "mrr", text).await;
        assert_eq!((status, &said["changed"]), (200, &json!(2)), "{said}");
        let mut conn = house.app.store().reading().await.expect("reads");
        let kept = mrr::get(&mut conn, house.gmbh, "2026-10").await;
        assert_eq!(kept, Ok(Some(money("22000", "EUR"))));
        let (_, again) = send(&house, &house.root, "mrr", text).await;
        assert_eq!(again["changed"], 0);
    }
}

async fn read(house: &House, seat: &Seat, path: &str) -> Value {
    let answer = house.get(seat, path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.expect("JSON")
}

/// Charges of a customer stand together, and each page begins after its place.
async fn pages_begin_where_they_say(house: &House, now: &Value) {
    let customers = now["charges"].as_array().expect("a list").iter();
    let mut customers: Vec<_> = customers.map(|one| one["customer"].clone()).collect();
    customers.dedup();
    assert_eq!(customers.len(), 2, "those of a customer stand together");
    let place = |at: usize| {
        let one = &now["charges"][at];
        ["customer", "id"].map(|field| one[field].as_str().expect("an id")).join("/")
    };
    for at in 0..3 {
        let after = format!("/v1/charges?after={}", place(at));
        let after = read(house, &house.root, &after).await;
        let found = after["charges"].as_array().map(Vec::len);
        assert_eq!((found, &after["next"]), (Some(2 - at), &Value::Null));
    }
    for none in ["/v1/charges?after=x", "/v1/charges?after=%00/x", "/v1/mrr?after=%00/2026-09"] {
        assert_eq!(house.get(&house.root, none).await.status(), 422, "{none}");
    }
}

#[tokio::test]
async fn what_is_in_force_is_read_page_by_page_and_only_in_ones_scope() {
    for house in houses().await {
        let fees = |said: &Value| -> Vec<String> {
            let rows = said["charges"].as_array().expect("a list").iter();
            let text = |one: &Value, field: &str| one[field].as_str().unwrap_or("–").to_owned();
            let told = |one| ["contract", "line", "amount", "from", "to"].map(|it| text(one, it));
            let mut told: Vec<String> = rows.map(|one| told(one).join(" ")).collect();
            told.sort();
            told
        };
        let now = read(&house, &house.root, "/v1/charges").await;
        let standing = [
            "NW-1 API availability 12000.00 2026-09-01 –",
            "NW-2 API availability 120000.00 2026-09-01 –",
            "NW-3 API availability 8000.00 2026-09-01 –",
        ];
        assert_eq!(fees(&now), standing, "{}", house.ground.name);
        let advance = |one: &&Value| one["in_advance"] == true;
        let found: Vec<_> =
            now["charges"].as_array().expect("a list").iter().filter(advance).collect();
        assert_eq!((found.len(), &found[0]["contract"]), (1, &json!("NW-2")));
        pages_begin_where_they_say(&house, &now).await;
        // Of what ended, and of what begins, only what counts from today on.
        for (from, amount) in [("2026-10-01", "12500.00"), ("2027-01-01", "13000.00")] {
            let text = format!(
                "contract,line,amount,frequency,from\nNW-1,API availability,{amount},monthly,{from}\n"
            );
            let (_, said) = send(&house, &house.root, "fees", &text).await;
            let path =
                house.url(&format!("/v1/proposals/{}/decision", said["id"].as_str().unwrap()));
            let decision = json!({ "put_in_force": { "seen": said["seen"] } });
            let second = house.http.post(path).bearer_auth(&house.carla.token).json(&decision);
            assert_eq!(second.send().await.expect("answers").status(), 200);
        }
        let now = fees(&read(&house, &house.root, "/v1/charges").await);
        let next = [
            "NW-1 API availability 12500.00 2026-10-01 2027-01-01",
            "NW-1 API availability 13000.00 2027-01-01 –",
        ];
        assert_eq!((&now[..2], now.len()), (&next.map(String::from)[..], 4));
        let text = "customer,month,amount,currency\nNW-DE,2026-09,21000,EUR\n\
                    NW-DE,2026-10,22000.00,EUR\nNW-US,2026-10,8000,USD\n";
        assert_eq!(send(&house, &house.root, "mrr", text).await.0, 200);
        let revenue = read(&house, &house.root, "/v1/mrr").await;
        let months = revenue["months"].as_array().expect("a list");
        let german = months.iter().filter(|one| one["customer"] == json!(house.gmbh));
        let german: Vec<_> = german.map(|one| (&one["month"], &one["amount"])).collect();
        let [september, october] = [json!("2026-09"), json!("2026-10")];
        let amounts = [json!("21000.00"), json!("22000.00")];
        assert_eq!(german, [(&september, &amounts[0]), (&october, &amounts[1])]);
        let after = format!("/v1/mrr?after={}/2026-09", house.gmbh);
        let after = read(&house, &house.root, &after).await;
        assert!(
            after["months"]
                .as_array()
                .expect("a list")
                .iter()
                .all(|one| { one["customer"] != json!(house.gmbh) || one["month"] == "2026-10" })
        );
        assert_eq!(house.get(&house.root, "/v1/mrr?after=x").await.status(), 422);
        let inc = Scope::Customers([house.inc].into());
        let some = seat(&house.app, "Adam", Role::Admin, inc).await;
        let own = read(&house, &some, "/v1/charges").await;
        assert_eq!(fees(&own), ["NW-3 API availability 8000.00 2026-09-01 –"]);
        let own = read(&house, &some, "/v1/mrr").await;
        let months = own["months"].as_array().expect("a list");
        assert_eq!((months.len(), &months[0]["customer"]), (1, &json!(house.inc)));
    }
}

#[tokio::test]
async fn what_a_later_version_has_ended_is_not_charged_any_more() {
    for house in houses().await {
        let mut amended = document();
        let mut next = amended["contracts"][0]["versions"][0].clone();
        (next["number"], next["valid_from"]) = (json!(2), json!("2026-10-31T23:00:00Z"));
        next["lines"][0]["charges"][0]["amount"] = json!("13000.00");
        amended["contracts"][0]["versions"].as_array_mut().expect("a list").push(next);
        apply(&house.ground, house.root.person, &amended).await;
        let now = read(&house, &house.root, "/v1/charges").await;
        let charges = now["charges"].as_array().expect("a list").iter();
        let own = charges.filter(|one| one["contract"] == "NW-1").map(|one| &one["amount"]);
        assert_eq!(own.collect::<Vec<_>>(), [&json!("13000.00")], "{}", house.ground.name);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_line_and_column_and_nothing_is_written() {
    for house in houses().await {
        let customers = "key,name,country,locale,time_zone\n";
        let fees = "contract,line,amount,frequency,from\n";
        for (table, text, at) in [
            ("customers", "key,name\nA,B\n".to_owned(), "line 1, country"),
            ("customers", format!("{}A,B\n", customers.replace("name", "nom")), "line 1, nom"),
            ("customers", format!("{customers}A,B,DE,de-DE\n"), "line 2"),
            (
                "customers",
                format!("{customers}A,B,DE,de-DE,UTC\n\nC,,DE,de-DE,UTC\n"),
                "line 4, name",
            ),
            (
                "customers",
                format!("{customers}A,B,DE,de-DE,UTC\nC,D,DE,de-DE,Mars\n"),
                "line 3, time_zone",
            ),
            (
                "fees",
                format!("{fees}NW-9,API availability,1,monthly,2026-10-01\n"),
                "line 2, contract",
            ),
            ("fees", format!("{fees}NW-1,API,1,monthly,2026-10-01\n"), "line 2, line"),
            (
                "fees",
                format!(
                    "{fees}NW-1,API availability,1,monthly,2026-10-01\nNW-1,API availability,x,annual,2026-10-01\n"
                ),
                "line 3, amount",
            ),
            (
                "mrr",
                "customer,month,amount,currency\nNW-DE,2026-13,1,EUR\n".to_owned(),
                "line 2, month",
            ),
            (
                "mrr",
                "customer,month,amount,currency\nnobody,2026-10,1,EUR\n".to_owned(),
                "line 2, customer",
            ),
        ] {
            let (status, said) = send(&house, &house.root, table, &text).await;
            assert_eq!((status, said["path"].as_str()), (422, Some(at)), "{table} {text}: {said}");
            let message = said["detail"].as_str().expect("a message");
            assert!(message.contains(at), "{message}");
        }
        let (status, said) = send(&house, &house.root, "contracts", "a\n").await;
        assert_eq!((status, &said["code"]), (404, &json!("not_found")));
        let (status, _) = send(&house, &house.anna, "fees", fees).await;
        assert_eq!(status, 403);
    }
}
