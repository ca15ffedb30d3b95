//! One's own tokens from a terminal: made for a script, confined, listed and revoked.

use crate::{house::House, text};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// `makegood VERB` at a desk with the token of a file.
fn run(house: &House, token: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.args([arguments[0], "--central", &house.wire.url(), "--profile"]);
    command.arg(house.folder.path().join("terminal")).arg("--token-file").arg(token);
    command.args(&arguments[1..]).output().unwrap()
}

fn session(house: &House) -> PathBuf {
    let file = house.folder.path().join("session");
    fs::write(&file, house.token("dana")).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_9_a_script_s_token_sees_the_customers_that_it_was_made_for() {
    let house = House::open().await;
    let (session, script) = (session(&house), house.folder.path().join("script"));
    let into = script.display().to_string();
    let make = |customer| {
        let what = ["make-token", "--name", "nightly", "--may", "read", "--may", "propose_credit"];
        let whom = ["--customer", customer, "--days", "30", "--into", &into];
        run(&house, &session, &[&what[..], &whom[..]].concat())
    };
    let nobody = make("Southwind");
    assert!(text(&nobody.stderr).contains("no customer Southwind"), "{}", text(&nobody.stderr));
    assert!(!script.exists());
    let made = make("Northwind GmbH");
    assert!(made.status.success(), "{}", text(&made.stderr));
    let said = text(&made.stdout);
    let id = said.split(',').next().unwrap().to_owned();
    let written = fs::read_to_string(&script).unwrap();
    assert!(written.starts_with("mgd_") && !said.contains(written.trim()), "{said}");

    let listed = run(&house, &session, &["tokens"]);
    let said = text(&listed.stdout);
    let own = said.lines().find(|line| line.starts_with(&id)).unwrap();
    assert!(own.contains("personal \"nightly\": "), "{own}");
    assert!(own.contains("propose_credit") && own.contains(", 1 customer, until "), "{own}");
    assert!(said.lines().any(|line| line.ends_with("this one")), "{said}");
    let known = text(&listed.stderr);
    assert!(known.contains("propose_credit") && !known.contains("approve_credit"), "{known}");

    // It is confined, makes no other, and ends with a word of its owner's.
    let listed = run(&house, &script, &["tokens", "--json"]);
    let told: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(told["rows"].as_array().unwrap().len(), 1, "{told}");
    let other = house.folder.path().join("other").display().to_string();
    let what = ["make-token", "--name", "more", "--may", "read", "--into", &other];
    let more = run(&house, &script, &what);
    assert!(text(&more.stderr).contains("error[token_may_not_approve]"), "{}", text(&more.stderr));
    let ended = run(&house, &session, &["revoke-token", &id]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let refused = run(&house, &script, &["tokens"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("error[token_"), "{}", text(&refused.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_whose_text_can_t_be_written_is_none() {
    let house = House::open().await;
    let session = session(&house);
    let into = house.folder.path().join("missing").join("script").display().to_string();
    let what = ["make-token", "--name", "nightly", "--may", "read", "--into", &into];
    let refused = run(&house, &session, &what);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stdout));
    let listed = text(&run(&house, &session, &["tokens"]).stdout);
    assert!(!listed.contains("nightly"), "{listed}");
}
