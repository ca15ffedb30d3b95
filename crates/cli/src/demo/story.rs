//! Northwind's October, from the missed SLA to the approved credits. Each step looks first what is
//! left to do.

use super::cast::Cast;
use crate::say;
use makegood_desk::{
    Desk,
    breach::Review,
    credit::{CreditSeen, GoodwillProposal},
    exclusion::ExclusionProposal,
    screens::{self, BreachTab, CreditTab, Page},
};
use makegood_domain::{Code, Problem, person::Role};
use std::collections::BTreeMap;

/// The month that is settled.
pub(crate) const MONTH: &str = "2026-10";
/// For whom, and in which language they read their statement.
pub(crate) const CUSTOMERS: [(&str, &str); 2] = [("Northwind GmbH", "de"), ("Northwind Inc", "en")];
/// The customer, contract and amount of the goodwill.
const GOODWILL: (&str, &str, &str) = ("Northwind GmbH", "NW-1", "200.00");
/// How often a step is looked at again before it counts as stuck.
const TURNS: usize = 8;

/// Tells it, from wherever it was left.
pub(crate) async fn tell(cast: &Cast) -> Result<(), Problem> {
    let (dana, dana_name) = cast.someone(Role::Csm, 0).await?;
    settle(&dana, &dana_name).await?;
    propose_exclusions(&dana, &dana_name).await?;
    let (noa, noa_name) = cast.someone(Role::Csm, 1).await?;
    settle(&noa, &noa_name).await?;
    admit_exclusions(&noa, &noa_name).await?;
    settle(&dana, &dana_name).await?;
    review(&dana, &dana_name).await?;
    propose_credits(&dana, &dana_name).await?;
    let (ines, ines_name) = cast.someone(Role::Finance, 0).await?;
    settle(&ines, &ines_name).await?;
    approve(&ines, &ines_name).await?;
    let (lee, lee_name) = cast.someone(Role::Finance, 1).await?;
    settle(&lee, &lee_name).await?;
    approve(&lee, &lee_name).await
}

/// Syncs until nothing waits. What was decided before the last crash leaves here.
async fn settle(desk: &Desk, who: &str) -> Result<(), Problem> {
    for _ in 0..TURNS {
        let state = desk.sync_now().await?;
        for row in desk.outbox().await?.rows {
            let Some(problem) = row.problem else { continue };
            desk.discard_command(&row.id).await?;
            // What somebody else changed meanwhile is looked at again by the next step.
            if problem.code != Code::Stale {
                return Err(Problem {
                    message: format!("{who}, {}: {}", row.what, problem.message),
                    ..problem
                });
            }
        }
        if state.waiting == 0 {
            return Ok(());
        }
    }
    Err(Problem::new(Code::CentralAnswer, format!("{who}: changes are still waiting to be sent")))
}

/// Northwind's missed lines of the month.
async fn breaches(desk: &Desk) -> Result<Vec<screens::Breach>, Problem> {
    let mut found = Vec::new();
    for tab in BreachTab::ALL {
        for group in desk.breach_inbox(tab, &Page::default()).await?.groups {
            for item in group.items.iter().filter(|item| is_ours(&item.customer)) {
                let breach = desk.breach(&item.id).await?;
                if breach.month == MONTH {
                    found.push(breach);
                }
            }
        }
    }
    found.sort_by(|a, b| a.contract.cmp(&b.contract));
    Ok(found)
}

fn is_ours(customer: &str) -> bool {
    CUSTOMERS.iter().any(|(name, _)| *name == customer)
}

/// The maintenance of 14 October, announced 72 hours before: once for each series it touched.
async fn propose_exclusions(desk: &Desk, who: &str) -> Result<(), Problem> {
    let at = |text: &str| {
        text.parse().map_err(|_| Problem::new(Code::Internal, format!("{text}: no instant")))
    };
    for breach in breaches(desk).await? {
        // Looked at afresh: the contract before may rest on the same series.
        let now = desk.breach(&breach.id).await?;
        if now.exclusions.iter().any(|one| one.state != "refused") {
            continue;
        }
        let (customer, contract) = (&now.customer, &now.contract);
        say::step(&format!("{who} proposes to exclude the maintenance for {customer}, {contract}"));
        desk.propose_exclusion(ExclusionProposal {
            breach_id: now.id,
            kind: "planned_maintenance".to_owned(),
            from: at("2026-10-14T03:55:00Z")?,
            to: at("2026-10-14T04:05:00Z")?,
            notified_at: Some(at("2026-10-11T03:55:00Z")?),
            clause: None,
        })
        .await?;
        settle(desk, who).await?;
    }
    Ok(())
}

async fn admit_exclusions(desk: &Desk, who: &str) -> Result<(), Problem> {
    let mut seen = Vec::new();
    for breach in breaches(desk).await? {
        for exclusion in breach.exclusions.iter().filter(|one| one.state == "proposed") {
            if seen.contains(&exclusion.id) {
                continue;
            }
            seen.push(exclusion.id.clone());
            say::step(&format!("{who} admits it for {}: {}", breach.customer, exclusion.notice));
            desk.decide_exclusion(&exclusion.id, exclusion.version, true, None).await?;
        }
    }
    settle(desk, who).await
}

async fn review(desk: &Desk, who: &str) -> Result<(), Problem> {
    for breach in breaches(desk).await?.iter().filter(|breach| breach.state == "to_review") {
        say::step(&format!(
            "{who} reviews {} ({}, {})",
            breach.number, breach.customer, breach.contract
        ));
        let narratives = [
            (
                "en",
                "Our name resolution failed on 14 October, and with it the service. Ten minutes of it fell into announced maintenance. A second resolver has stood by since.",
            ),
            (
                "de",
                "Am 14. Oktober fiel unsere Namensauflösung aus und mit ihr der Dienst. Zehn Minuten davon lagen in angekündigter Wartung. Seither steht ein zweiter Resolver bereit.",
            ),
        ];
        desk.review_breach(Review {
            breach_id: breach.id.clone(),
            version: breach.version,
            root_cause: "Dependency: DNS".to_owned(),
            narratives: narratives.map(|(l, t)| (l.to_owned(), t.to_owned())).into(),
            note: Some("The runbook did not name the resolvers; it does now.".to_owned()),
        })
        .await?;
        // Breaches of one incident share what is told, so the next is looked at afresh.
        settle(desk, who).await?;
    }
    Ok(())
}

async fn propose_credits(desk: &Desk, who: &str) -> Result<(), Problem> {
    for breach in breaches(desk).await? {
        let may = breach.actions.get("propose_credit").is_some_and(|action| action.enabled);
        let Some(credit) = breach.credit.filter(|_| may) else { continue };
        say::step(&format!("{who} proposes {}: {}", credit.number, credit.amount.symbol));
        desk.propose_credit(CreditSeen {
            id: credit.id,
            version: credit.version,
            amount_minor: credit.amount.minor,
        })
        .await?;
    }
    settle(desk, who).await?;
    let (customer, contract, amount) = GOODWILL;
    let is_there = credits(desk).await?.iter().any(|row| {
        row.customer == customer && row.contract == contract && row.reason == "Goodwill"
    });
    let breach = breaches(desk).await?.into_iter().find(|breach| breach.contract == contract);
    if let Some(breach) = breach.filter(|_| !is_there) {
        say::step(&format!("{who} proposes goodwill of €200.00 for {contract}"));
        desk.propose_goodwill(GoodwillProposal {
            contract_id: breach.contract_id,
            month: MONTH.to_owned(),
            amount: amount.to_owned(),
            reason: "The outage hit the quarter's busiest night.".to_owned(),
        })
        .await?;
        settle(desk, who).await?;
    }
    Ok(())
}

/// Northwind's credits of every tab, once each.
async fn credits(desk: &Desk) -> Result<Vec<screens::CreditRow>, Problem> {
    let mut found = BTreeMap::new();
    for tab in CreditTab::ALL {
        let tab = desk.credits(tab, &Page::default()).await?;
        for row in tab.rows.into_iter().chain(tab.not_yours).chain(tab.decided_today) {
            if is_ours(&row.customer) {
                found.insert(row.id.clone(), row);
            }
        }
    }
    Ok(found.into_values().collect())
}

async fn approve(desk: &Desk, who: &str) -> Result<(), Problem> {
    // One at a time: each approval changes what the group's total asks of the next.
    for row in credits(desk).await?.into_iter().filter(|row| row.may_approve) {
        say::step(&format!(
            "{who} approves {} ({}): {}",
            row.number, row.reason, row.amount.symbol
        ));
        desk.approve_credits(vec![CreditSeen {
            id: row.id,
            version: row.version,
            amount_minor: row.amount.minor,
        }])
        .await?;
        settle(desk, who).await?;
    }
    Ok(())
}

/// The month's credits and where they stand, a line each.
pub(crate) async fn decided(cast: &Cast) -> Result<Vec<String>, Problem> {
    let (desk, who) = cast.someone(Role::Csm, 0).await?;
    settle(&desk, &who).await?;
    let numbers: Vec<_> = breaches(&desk).await?.into_iter().map(|breach| breach.number).collect();
    let mut rows = credits(&desk).await?;
    rows.retain(|row| row.reason == "Goodwill" || numbers.contains(&row.reason));
    rows.sort_by(|a, b| a.number.cmp(&b.number));
    let line = |row: screens::CreditRow| {
        format!(
            "{}  {:<5} {:<10} {:>10}  {}",
            row.number, row.contract, row.reason, row.amount.symbol, row.state
        )
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The id of a customer.
pub(crate) async fn customer(desk: &Desk, name: &str) -> Result<String, Problem> {
    let found = desk.customers(&Page::default()).await?.rows;
    let found = found.into_iter().find(|row| row.name == name);
    found.map(|row| row.id).ok_or_else(|| {
        Problem::new(Code::CustomerUnknown, format!("{name} is not in the local copy"))
    })
}
