//! Every screen, looked at: in both themes and two sizes as pictures, and by axe for what keeps
//! people with other senses out.

use crate::window::{Window, WindowError};
use serde_json::Value;

type Result<T> = std::result::Result<T, WindowError>;

/// The screens of the rail: the test id of its entry, and what stands there when it has loaded.
pub const SCREENS: [(&str, &str); 11] = [
    ("portfolio", "table tbody tr"),
    ("alerts", "h1"),
    ("breaches", "[data-testid^='breach-item-']"),
    ("credits", "table tbody tr"),
    ("deadlines", "h1"),
    ("customers", "table tbody tr"),
    ("statements", "table tbody tr"),
    ("checklist", "h1"),
    ("outbox", "h1"),
    ("audit", "table tbody tr"),
    ("settings", "[data-testid='data-folder']"),
];

/// Sizes in CSS pixels at which every screen must look right.
pub const SIZES: [(u32, u32); 2] = [(1280, 800), (1920, 1080)];

/// Takes a picture of every screen in this theme (`light`, `dark`) at every size.
///
/// # Errors
/// When a screen does not come.
pub async fn pictures(window: &Window, theme: &str) -> Result<()> {
    open(window, "settings", "[data-testid='data-folder']").await?;
    window.click(&format!("theme-{theme}")).await?;
    window.see_css(&format!("html[data-theme='{theme}']")).await?;
    for (width, height) in SIZES {
        window.resize(width, height).await?;
        for (screen, there) in SCREENS {
            open(window, screen, there).await?;
            window.picture(&format!("{screen}-{theme}-{width}x{height}")).await?;
        }
    }
    Ok(())
}

/// Opens a screen of the rail, and waits until it is the one on screen and has loaded.
///
/// # Errors
/// When it does not come.
pub async fn open(window: &Window, screen: &str, there: &str) -> Result<()> {
    window.click(&format!("nav-{screen}")).await?;
    window.see_css(&format!("[data-testid='nav-{screen}'][aria-current='page']")).await?;
    window.see_css(there).await.map(drop)
}

/// What axe finds on the screen that is open: one line a finding, with its place.
///
/// # Errors
/// When axe cannot be run.
pub async fn axe(window: &Window, source: &str) -> Result<Vec<String>> {
    const RUN: &str = "const done = arguments[arguments.length - 1];
        axe.run(document).then(
            (found) => done(found.passes.length === 0 ? ['axe has looked at nothing'] :
                found.violations.flatMap((rule) => rule.nodes.map((node) =>
                    `${rule.id}: ${rule.help}: ${node.target.join(' ')}`))),
            (error) => done([`axe: ${error}`]));";
    window.run(&format!("{source}; window.axe = axe ?? window.axe"), Vec::new()).await?;
    let found = window.run_async(RUN, Vec::new()).await?;
    let lines = found.as_array().cloned().unwrap_or_default();
    Ok(lines.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
