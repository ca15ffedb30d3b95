//! Calculation files at a desk.

use crate::{
    house::House,
    work::{self, breach},
};
use makegood_domain::{Code, person::Scope};
use makegood_mirror::screens::{Page, PortfolioView};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

/// The settlements whose calculation files are at somebody's desk.
async fn kept(house: &House, name: &str) -> Vec<String> {
    let file = house.profile(name).join("user.db");
    let mut user = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let sql = "select settlement from case_file order by settlement";
    let kept = sqlx::query_scalar(sql).fetch_all(&mut user).await.unwrap();
    user.close().await.unwrap();
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_nothing_is_kept_of_a_customer_who_left_the_scope() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let (gmbh, inc) = (breach(&dana, "NW-1").await, breach(&dana, "NW-3").await);
    for contract in ["NW-1", "NW-3"] {
        dana.calculation_file(contract, work::MONTH).await.unwrap();
    }
    assert!(kept(&house, "dana").await.contains(&gmbh.settlement_id));
    let [_, id] = house.customers().await;
    house.see("dana", Scope::Customers([id].into())).await;
    dana.sync_now().await.unwrap();
    assert_eq!(kept(&house, "dana").await, [inc.settlement_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_file_that_was_seen_is_there_offline_and_believed_only_as_it_came() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let seen = dana.calculation_file("NW-1", work::MONTH).await.unwrap();
    house.wire.set_up(false);
    assert_eq!(dana.calculation_file("NW-1", work::MONTH).await.unwrap(), seen);
    let never = dana.calculation_file("NW-3", work::MONTH).await.unwrap_err();
    assert_eq!(never.code, Code::CentralUnreachable);
    let file = house.profile("dana").join("user.db");
    let mut user = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let sql = "update case_file set body = replace(body, '1200.00', '120.00')";
    assert_eq!(sqlx::query(sql).execute(&mut user).await.unwrap().rows_affected(), 1);
    user.close().await.unwrap();
    let changed = dana.calculation_file("NW-1", work::MONTH).await.unwrap_err();
    assert_eq!(changed.code, Code::CentralUnreachable, "it is asked for anew");
    house.wire.set_up(true);
    assert_eq!(dana.calculation_file("NW-1", work::MONTH).await.unwrap(), seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_shown_recomputed_to_many_who_ask_at_once() {
    let house = House::open().await;
    let dana = house.desk("dana").await;
    let all =
        dana.portfolio(Some(work::MONTH), PortfolioView::All, &Page::default()).await.unwrap();
    let mut lines = Vec::new();
    for row in all.rows {
        lines.push(dana.line_detail(&row.line_id, work::MONTH).await.unwrap());
    }
    let asked = lines.iter().cycle().take(24).map(|line| async {
        let again = dana.line_detail(&line.line_id, work::MONTH).await.unwrap();
        assert_eq!(again, *line);
    });
    futures_util::future::join_all(asked).await;
}
