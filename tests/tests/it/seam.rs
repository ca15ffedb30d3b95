//! The seam between the window and the desk: every list of its commands says the same.

use crate::tree;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn read(path: &str) -> String {
    fs::read_to_string(tree::root().join(path)).expect(path)
}

/// The commands that `build.rs` declares, so that each is refused unless a capability names it.
fn declared() -> BTreeSet<String> {
    read("src-tauri/commands.txt").lines().map(str::to_owned).collect()
}

#[test]
fn every_declared_command_is_registered_and_the_other_way_round() {
    let main = read("src-tauri/src/main.rs");
    let registered: BTreeSet<String> = main
        .lines()
        .filter_map(|line| line.trim().strip_prefix("commands::")?.strip_suffix(','))
        .filter_map(|path| path.rsplit("::").next())
        .map(str::to_owned)
        .collect();
    assert_eq!(registered, declared());
}

#[test]
fn the_window_may_ask_for_every_declared_command_and_for_nothing_else() {
    let capability: Value =
        serde_json::from_str(&read("src-tauri/capabilities/main.json")).expect("JSON");
    let granted: BTreeSet<String> = capability["permissions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|name| name.as_str()?.strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect();
    assert_eq!(granted, declared());
    let others: Vec<&str> = capability["permissions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| !name.starts_with("allow-"))
        .collect();
    assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
}

#[test]
fn the_window_asks_for_declared_commands_alone() {
    let host = read("ui/src/host/host.ts");
    let commands = host
        .split("export interface Commands {")
        .nth(1)
        .and_then(|rest| rest.split("\n}").next())
        .expect("the list of commands");
    let asked: BTreeSet<String> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.trim().split_once('('))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(asked, declared());
}

#[test]
fn the_webview_reaches_nothing_but_itself() {
    let configuration: Value =
        serde_json::from_str(&read("src-tauri/tauri.conf.json")).expect("JSON");
    let security = &configuration["app"]["security"];
    let policy = security["csp"].as_str().expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for word in ["unsafe", "https:", "*", "blob:"] {
        assert!(!policy.contains(word), "{policy} holds {word}");
    }
    let remote = policy.replace("http://ipc.localhost", "");
    assert!(!remote.contains("http"), "{policy} names a remote origin");
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(configuration["app"]["withGlobalTauri"], false);
}
