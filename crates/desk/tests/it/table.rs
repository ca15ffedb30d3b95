//! Fees and revenue out of tables: looked at, handed in, and put in force by a second person.

use crate::house::House;
use makegood_domain::Code;

const FEES: &str =
    "contract,line,amount,frequency,from\nNW-1,API availability,12500.00,monthly,2026-09-01\n";

#[tokio::test]
async fn law_5_a_table_of_fees_says_what_would_differ_and_waits_for_a_second_person() {
    let house = House::open().await;
    let ines = house.desk("ines").await;
    let tried = ines.try_table("fees", FEES).await.unwrap();
    assert!(tried.takes_two, "{tried:?}");
    assert_eq!(tried.differences.len(), 1, "{tried:?}");
    let one = &tried.differences[0];
    assert_eq!((one.before.as_str(), one.after.as_str()), ("EUR 12000.00", "EUR 12500.00"));
    assert!(ines.proposals().await.unwrap().is_empty(), "looking proposes nothing");
    let taken = ines.take_table("fees", FEES).await.unwrap();
    let made = taken.proposal.unwrap();
    assert_eq!((made.differences, made.by.as_str()), (1, "ines"));

    let revenue = "customer,month,amount,currency\nNW-DE,2026-10,24000.00,EUR\n";
    let tried = ines.try_table("mrr", revenue).await.unwrap();
    assert!(!tried.takes_two && tried.differences.len() == 1, "{tried:?}");
    let taken = ines.take_table("mrr", revenue).await.unwrap();
    assert_eq!((taken.proposal, taken.changed), (None, 1), "no credit rests on it");
    assert!(ines.try_table("mrr", revenue).await.unwrap().differences.is_empty());

    let wrong = ines.try_table("fees", &FEES.replace("NW-1", "NW-9")).await.unwrap_err();
    assert_eq!((wrong.code, wrong.path.as_deref()), (Code::Invalid, Some("line 2, contract")));
    let refused = house.desk("dana").await.try_table("fees", FEES).await.unwrap_err();
    assert_eq!(refused.code, Code::RoleMissing);
}
