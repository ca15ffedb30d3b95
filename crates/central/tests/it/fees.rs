//! Tables of fees: they say what is charged, for whichever version is in force then, and nothing else of a
//! contract.

use crate::{
    amendment::{amended, lines},
    ground::{Ground, grounds},
    northwind::{all, apply, contract_id, document, october, told, turn},
};
use makegood_central::{
    import::table::{self, Table},
    store::{Arg, contract},
};
use makegood_domain::{Problem, contract::SlaLine, id::PersonId, settlement::Settlement};
use serde_json::json;

/// Puts a table of fees in force.
async fn fees(ground: &Ground, by: PersonId, text: &str) -> Result<(), Problem> {
    let mut conn = ground.store.reading().await.expect("a connection");
    let read = table::read(&mut conn, Table::Fees, text.as_bytes()).await?;
    drop(conn);
    apply(ground, by, &serde_json::from_slice(&read.document).expect("a document")).await;
    Ok(())
}

/// The charges of NW-1's lines: amount, first day, end.
async fn charges(ground: &Ground) -> Vec<String> {
    let mut told = Vec::new();
    for line in lines(ground).await {
        let mut conn = ground.store.reading().await.expect("a connection");
        let mut own = contract::charges(&mut conn, line.customer, line.id).await.expect("charges");
        own.sort_by_key(|one| one.from);
        for one in own {
            let to = one.to.map_or_else(|| "–".to_owned(), |to| to.to_string());
            told.push(format!("{} {} {to}", one.amount, one.from));
        }
    }
    told
}

#[tokio::test]
async fn a_table_of_fees_moves_no_line_and_revises_nothing_before_it() {
    for treatment in ["whole_window", "split", "next_window"] {
        for ground in grounds("2026-09-01T00:00:00Z").await {
            let admin = told(&ground).await;
            turn(&ground, "2026-11-04T06:00:00Z").await;
            apply(&ground, admin, &amended(treatment)).await;
            let spans = async || {
                let lines = lines(&ground).await.into_iter();
                lines.map(|line| (line.active_from, line.active_to)).collect::<Vec<_>>()
            };
            let (before, settled) = (spans().await, october(&ground, "NW-1").await.0);
            let text = "contract,line,amount,frequency,from\n\
                        NW-1,API availability,12500.00,monthly,2026-12-01\n";
            fees(&ground, admin, text).await.expect("is in force");
            assert_eq!(spans().await, before, "{treatment} {}", ground.name);
            assert_eq!(october(&ground, "NW-1").await.0, settled, "{treatment} {}", ground.name);
        }
    }
}

#[tokio::test]
async fn a_fee_goes_to_the_version_that_is_in_force_then() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        // The renewal of 2027 is on record already.
        let mut renewed = amended("split");
        renewed["contracts"][0]["versions"][1]["valid_from"] = json!("2026-12-31T23:00:00Z");
        apply(&ground, admin, &renewed).await;
        turn(&ground, "2026-11-10T06:00:00Z").await;
        let text = "contract,line,amount,frequency,from\n\
                    NW-1,API availability,13000.00,monthly,2026-11-01\n";
        fees(&ground, admin, text).await.expect("is in force");
        turn(&ground, "2026-12-05T06:00:00Z").await;
        let key = [Arg::text(contract_id(&ground, "NW-1").await)];
        let filter = "contract = $1 and label = '2026-11'";
        let november = all::<Settlement>(&ground, filter, &key).await.remove(0);
        assert_eq!(november.lines[0].fee, "13000.00", "{}", ground.name);
        assert_eq!(october(&ground, "NW-1").await.0.lines[0].fee, "12000.00");
        let never = "contract,line,amount,frequency,from,to\n\
                     NW-1,API availability,1.00,monthly,2026-05-01,2026-06-01\n";
        let refused = fees(&ground, admin, never).await.expect_err("nothing is in force then");
        assert!(refused.message.contains("in force then"), "{refused}");
    }
}

#[tokio::test]
async fn fees_of_one_frequency_follow_each_other_in_whatever_order_they_are_told() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let text = "contract,line,amount,frequency,from\n\
                    NW-1,API availability,14000.00,monthly,2027-07-01\n\
                    NW-1,API availability,13000.00,monthly,2027-01-01\n";
        fees(&ground, admin, text).await.expect("is in force");
        let follow = [
            "12000.00 2026-09-01 2027-01-01",
            "13000.00 2027-01-01 2027-07-01",
            "14000.00 2027-07-01 –",
        ];
        assert_eq!(charges(&ground).await, follow, "{}", ground.name);
        // A correction of a fee keeps what the table has no column for.
        let text = "contract,line,amount,frequency,from\n\
                    NW-1,API availability,12900.00,monthly,2027-01-01\n";
        fees(&ground, admin, text).await.expect("is in force");
        assert_eq!(charges(&ground).await[1], "12900.00 2027-01-01 2027-07-01");
        let head = "contract,line,amount,frequency,from,to\n";
        for (rows, place) in [
            ("NW-1,API availability,1,monthly,2027-03-01,2027-08-01\n", "line 2, to"),
            (
                "NW-1,API availability,1,monthly,2028-01-01,\nNW-1,API availability,2,monthly,2028-01-01,\n",
                "line 3, line",
            ),
            // In either order: what a row says until when is not cut short by another.
            (
                "NW-1,API availability,1,monthly,2029-01-01,2030-01-01\nNW-1,API availability,2,monthly,2029-06-01,\n",
                "line 3, from",
            ),
            (
                "NW-1,API availability,2,monthly,2029-06-01,\nNW-1,API availability,1,monthly,2029-01-01,2030-01-01\n",
                "line 2, from",
            ),
        ] {
            let refused =
                fees(&ground, admin, &format!("{head}{rows}")).await.expect_err("refused");
            assert_eq!(refused.path.as_deref(), Some(place), "{refused}");
        }
    }
}

/// Version 2 begins at midnight of 1 December in Berlin, which is 30 November in UTC.
#[tokio::test]
async fn a_fee_until_the_day_on_which_the_next_version_begins_is_none_of_that_version_s() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut renewed = amended("split");
        renewed["contracts"][0]["versions"][1]["valid_from"] = json!("2026-11-30T23:00:00Z");
        apply(&ground, admin, &renewed).await;
        let before = charges(&ground).await;
        let text = "contract,line,amount,frequency,from,to\n\
                    NW-1,API availability,12500.00,monthly,2026-09-01,2026-12-01\n";
        fees(&ground, admin, text).await.expect("is in force");
        let after = charges(&ground).await;
        assert_eq!(after[0], "12500.00 2026-09-01 2026-12-01", "{}", ground.name);
        assert_eq!(after[1..], before[1..], "{}", ground.name);
    }
}

#[tokio::test]
async fn an_amount_that_can_be_read_in_two_ways_is_refused() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let text = "contract;line;amount;frequency;from\n\
                    NW-1;API availability;12.500;monthly;2026-11-01\n";
        let refused = fees(&ground, admin, text).await.expect_err("twelve, or twelve thousand");
        assert_eq!(refused.path.as_deref(), Some("line 2, amount"), "{refused}");
        let text = text.replace("12.500", "12500").replace("2026-11-01", "01.11.2026");
        let refused = fees(&ground, admin, &text).await.expect_err("no day");
        assert_eq!(refused.path.as_deref(), Some("line 2, from"), "{refused}");
        for (amount, separator) in [("12500.00", ';'), ("12500", ';'), ("12.500", ',')] {
            let text = format!(
                "contract,line,amount,frequency,from\nNW-1,API availability,{amount},monthly,2026-11-01\n"
            );
            let text = text.replace(',', &separator.to_string());
            fees(&ground, admin, &text).await.expect("is in force");
        }
    }
}

#[tokio::test]
async fn a_row_that_names_no_customer_is_not_the_last_one_s() {
    for ground in grounds("2026-09-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut twice = document();
        let mut other = twice["contracts"][0].clone();
        other["customer"] = json!("NW-US");
        twice["contracts"].as_array_mut().expect("a list").push(other);
        apply(&ground, admin, &twice).await;
        let text = "customer,contract,line,amount,frequency,from\n\
                    NW-DE,NW-1,API availability,12500.00,monthly,2027-01-01\n\
                    ,NW-1,API availability,12500.00,monthly,2027-02-01\n";
        let refused = fees(&ground, admin, text).await.expect_err("whose is it?");
        assert_eq!(refused.path.as_deref(), Some("line 3, contract"), "{refused}");
    }
}

#[tokio::test]
async fn the_monthly_amount_is_a_months_and_moves_when_a_fee_comes_into_force() {
    for ground in grounds("2026-11-01T00:00:00Z").await {
        let admin = told(&ground).await;
        let mut quarterly = document();
        let contract = &mut quarterly["contracts"][0];
        contract["number"] = json!("NW-1Q");
        let line = &mut contract["versions"][0]["lines"][0];
        line["terms"]["window"] = json!({ "calendar": "quarter", "time_zone": "Europe/Berlin" });
        apply(&ground, admin, &quarterly).await;
        let monthly = async |number: &str| {
            let key = [Arg::text(contract_id(&ground, number).await)];
            let lines: Vec<SlaLine> = all(&ground, "contract = $1", &key).await;
            (lines[0].fee.clone(), lines[0].fee_rule.clone())
        };
        assert_eq!(monthly("NW-1Q").await.0, "12000.00", "{}", ground.name);
        let text = "contract,line,amount,frequency,from\n\
                    NW-1,API availability,13000.00,monthly,2027-01-01\n";
        fees(&ground, admin, text).await.expect("is in force");
        turn(&ground, "2026-12-31T06:00:00Z").await;
        assert_eq!(monthly("NW-1").await.0, "12000.00", "{}", ground.name);
        turn(&ground, "2027-01-01T06:00:00Z").await;
        let told = ("13000.00".to_owned(), "monthly EUR 13,000.00".to_owned());
        assert_eq!(monthly("NW-1").await, told, "{}", ground.name);
    }
}
