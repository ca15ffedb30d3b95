//! The job that Makegood exists for, done in the real window by four people: a missed SLA is
//! reviewed against its evidence, an exclusion is proposed and admitted, a credit is proposed by one
//! person and approved by two others, and a sealed statement leaves that verifies.

use crate::window::{Window, WindowError};
use std::path::PathBuf;

type Result<T> = std::result::Result<T, WindowError>;

/// Customer success manager, who reviews and proposes.
pub const CSM: &str = "Dana Whitfield";
/// The two from finance, who approve.
pub const FINANCE: [&str; 2] = ["Ines Keller", "Lee Brandt"];
/// Account manager, who issues.
pub const ACCOUNT_MANAGER: &str = "Sam Okafor";

/// What the main job left behind.
#[derive(Debug)]
pub struct Done {
    /// Pictures of the screens on the way.
    pub pictures: Vec<PathBuf>,
    /// Where the signed statement lies.
    pub statement: PathBuf,
    /// Where the application keeps its data.
    pub data: PathBuf,
}

/// Does it, from the first screen on.
///
/// # Errors
/// The first thing that did not come to the screen.
pub async fn main_job(window: &Window) -> Result<Done> {
    let mut pictures = Vec::new();
    start_demo(window, &mut pictures).await?;
    exclude_the_maintenance(window, &mut pictures).await?;
    propose_the_credits(window, &mut pictures).await?;
    approve_by_two(window, &mut pictures).await?;
    let statement = issue(window, &mut pictures).await?;
    Ok(Done { pictures, statement, data: window.home().join("data") })
}

/// First run: one click, and the portfolio is there.
///
/// # Errors
/// When the portfolio does not come.
pub async fn start_demo(window: &Window, pictures: &mut Vec<PathBuf>) -> Result<()> {
    window.resize(1280, 800).await?;
    window.see("start-demo").await?;
    pictures.push(window.picture("1-first-run").await?);
    window.click("start-demo").await?;
    become_person(window, CSM).await?;
    window.click("nav-portfolio").await?;
    window.read(&["Northwind", "NW-1"]).await?;
    pictures.push(window.picture("2-portfolio").await?);
    Ok(())
}

async fn exclude_the_maintenance(window: &Window, pictures: &mut Vec<PathBuf>) -> Result<()> {
    open_breach(window, "NW-1").await?;
    window.read(&["61 min"]).await?;
    pictures.push(window.picture("3-breach").await?);
    window.click("propose-exclusion").await?;
    window.fill("exclusion-from", "2026-10-14 03:55").await?;
    window.fill("exclusion-to", "2026-10-14 04:05").await?;
    window.fill("exclusion-notified", "2026-10-11 03:55").await?;
    window.fill("exclusion-clause", "6.2").await?;
    window.click("confirm-exclusion").await?;
    // Whoever proposed it may not admit it.
    window.read(&[&format!("proposed by {CSM}")]).await?;
    become_person(window, FINANCE[0]).await?;
    open_breach(window, "NW-1").await?;
    window.click("decide-admit").await?;
    window.click("confirm-admit").await?;
    window.read(&["admitted by", "99.885880"]).await?;
    pictures.push(window.picture("4-exclusion-admitted").await?);
    Ok(())
}

async fn propose_the_credits(window: &Window, pictures: &mut Vec<PathBuf>) -> Result<()> {
    become_person(window, CSM).await?;
    for contract in ["NW-1", "NW-2", "NW-3"] {
        open_breach(window, contract).await?;
        window.click("review-breach").await?;
        window.see("review-root-cause").await?;
        window
            .run(
                "const it = document.querySelector(\"[data-testid='review-root-cause']\");
                 it.value = [...it.options].find((o) => o.value === 'Dependency: DNS').value;
                 it.dispatchEvent(new Event('change', { bubbles: true }))",
                Vec::new(),
            )
            .await?;
        let story = "Our name resolution failed; a second resolver has stood by since.";
        window.fill("review-narrative-en", story).await?;
        window.click("confirm-review").await?;
        window.read(&[story]).await?;
    }
    // Together they are above the group's limit.
    for (contract, amount) in [("NW-1", "€1,200.00"), ("NW-3", "$800.00")] {
        window.click("nav-breaches").await?;
        window.click("breach-tab-decided").await?;
        pick_breach(window, contract).await?;
        window.click("propose-credit").await?;
        window.shows("[data-testid='propose-amount']", &[amount]).await?;
        window.click("confirm-propose").await?;
        window.shows("[data-testid='breach-credit-state']", &["proposed"]).await?;
    }
    pictures.push(window.picture("5-proposed").await?);
    Ok(())
}

async fn approve_by_two(window: &Window, pictures: &mut Vec<PathBuf>) -> Result<()> {
    let steps = [("awaiting", "6-approval"), ("second", "7-second-approval")];
    for (person, (tab, picture)) in FINANCE.into_iter().zip(steps) {
        become_person(window, person).await?;
        window.click("nav-credits").await?;
        window.click(&format!("credit-tab-{tab}")).await?;
        window.pick("credit-CR", &["NW-1"]).await?;
        window.shows("aside[aria-label='Credit']", &["NW-1", "€1,200.00"]).await?;
        pictures.push(window.picture(picture).await?);
        window.click("approve-credit").await?;
        window.click("confirm-approve").await?;
        // It leaves after eight seconds, in which it can be taken back.
        window.see("send-bar").await?;
        window.gone("send-bar").await?;
        window.shows("[data-testid='nav-outbox']", &["0"]).await?;
    }
    Ok(())
}

async fn issue(window: &Window, pictures: &mut Vec<PathBuf>) -> Result<PathBuf> {
    become_person(window, ACCOUNT_MANAGER).await?;
    window.click("nav-customers").await?;
    window.pick_css("[data-testid^='customer-'] a", &["Northwind GmbH"]).await?;
    window.pick("customer-tab-statements", &[]).await?;
    window.pick("statement-2026-10", &[]).await?;
    window.click("issue-statement").await?;
    window.click("confirm-issue").await?;
    window.click("verify-statement").await?;
    window.see("verification").await?;
    window.see_css("img[data-testid='statement-page']").await?;
    pictures.push(window.picture("8-statement").await?);
    let path = window
        .run(
            "return document.querySelector(\"[data-testid='statement-path']\").textContent",
            vec![],
        )
        .await?;
    Ok(PathBuf::from(path.as_str().unwrap_or_default().trim()))
}

/// Plays somebody else of the demo's people.
///
/// # Errors
/// When the demo has nobody of this name.
pub async fn become_person(window: &Window, name: &str) -> Result<()> {
    window.pick("person-", &[name]).await?;
    window
        .see_css(&format!("[data-testid^='person-'][aria-pressed='true'][title^='{name}']"))
        .await?;
    Ok(())
}

/// Opens Northwind's breach of a contract, which waits for its review.
///
/// # Errors
/// When the inbox does not hold it.
pub async fn open_breach(window: &Window, contract: &str) -> Result<()> {
    window.click("nav-breaches").await?;
    pick_breach(window, contract).await
}

/// What is open stays on screen until the next one has come: whoever clicks waits for that.
async fn pick_breach(window: &Window, contract: &str) -> Result<()> {
    window.pick("breach-item-", &["Northwind", contract]).await?;
    window.shows(".detail header", &["Northwind", contract]).await
}
