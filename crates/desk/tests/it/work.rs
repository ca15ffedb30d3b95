//! What people do at their desks, in the tests' words.

use crate::house::{GMBH, House};
use makegood_desk::{
    Desk,
    breach::Review,
    credit::{CreditSeen, GoodwillProposal},
    screens::{self, BreachTab, Page},
};
use makegood_domain::Problem;

pub(crate) const MONTH: &str = "2026-10";

/// October's breach of a contract.
pub(crate) async fn breach(desk: &Desk, contract: &str) -> screens::Breach {
    let found = find_breach(desk, contract).await.unwrap();
    found.unwrap_or_else(|| panic!("{contract} has no breach in {MONTH}"))
}

/// October's breach of a contract, where the desk has one.
pub(crate) async fn find_breach(
    desk: &Desk,
    contract: &str,
) -> Result<Option<screens::Breach>, Problem> {
    for tab in [BreachTab::ToReview, BreachTab::Decided] {
        for group in desk.breach_inbox(tab, &Page::default()).await?.groups {
            for item in group.items.iter().filter(|item| item.contract == contract) {
                let breach = desk.breach(&item.id).await?;
                if breach.month == MONTH {
                    return Ok(Some(breach));
                }
            }
        }
    }
    Ok(None)
}

/// A contract's credit of October.
pub(crate) async fn credit(desk: &Desk, contract: &str) -> screens::BreachCredit {
    breach(desk, contract).await.credit.unwrap()
}

pub(crate) fn seen(credit: &screens::BreachCredit) -> CreditSeen {
    CreditSeen {
        id: credit.id.clone(),
        version: credit.version,
        amount_minor: credit.amount.minor.clone(),
    }
}

pub(crate) async fn review(desk: &Desk, contract: &str) {
    let breach = breach(desk, contract).await;
    desk.review_breach(Review {
        breach_id: breach.id,
        version: breach.version,
        root_cause: "Hardware".to_owned(),
        narratives: [("en".to_owned(), "A disk failed.".to_owned())].into(),
        note: Some("internal: the spare was missing".to_owned()),
    })
    .await
    .unwrap();
    desk.sync_now().await.unwrap();
}

pub(crate) async fn propose(desk: &Desk, contract: &str) {
    desk.propose_credit(seen(&credit(desk, contract).await)).await.unwrap();
    desk.sync_now().await.unwrap();
}

pub(crate) async fn approve(desk: &Desk, contract: &str) {
    desk.approve_credits(vec![seen(&credit(desk, contract).await)]).await.unwrap();
    desk.sync_now().await.unwrap();
}

/// Everything of GmbH reviewed and decided, so that its statement can be issued.
pub(crate) async fn settled(house: &House) {
    let dana = house.desk("dana").await;
    review(&dana, "NW-1").await;
    review(&dana, "NW-2").await;
    propose(&dana, "NW-1").await;
    approve(&house.desk("ines").await, "NW-1").await;
    assert_eq!(credit(&house.desk("dana").await, "NW-1").await.state, "approved");
    house.clock.advance(std::time::Duration::from_secs(60));
}

pub(crate) async fn gmbh(desk: &Desk) -> String {
    let rows = desk.customers(&Page::default()).await.unwrap().rows;
    rows.into_iter().find(|row| row.name == GMBH).unwrap().id
}

/// Proposes some goodwill: as many euros as `more` says, and one.
pub(crate) async fn goodwill(desk: &Desk, more: usize) {
    let contract_id = breach(desk, "NW-1").await.contract_id;
    let goodwill = GoodwillProposal {
        contract_id,
        month: MONTH.to_owned(),
        amount: (more + 1).to_string(),
        reason: "The quarter's busiest night".to_owned(),
    };
    desk.propose_goodwill(goodwill).await.unwrap();
}
