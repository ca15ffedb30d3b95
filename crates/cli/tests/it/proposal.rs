//! Proposals from a terminal: listed, shown and decided by a second person.

use crate::{house::House, text};
use makegood_domain::{
    Currency, Money,
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    proposal::Change,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::{Command, Output},
};

/// `makegood VERB` at somebody's desk with a token of theirs.
fn run(house: &House, (who, token): (&str, &str), arguments: &[&str]) -> Output {
    let file = house.folder.path().join(format!("token-{who}"));
    std::fs::write(&file, token).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.args([arguments[0], "--central", &house.wire.url(), "--profile"]);
    command.arg(house.folder.path().join(who)).arg("--token-file").arg(file);
    command.args(&arguments[1..]).output().unwrap()
}

/// Another limit for second approvals; its number.
async fn proposed(house: &House, limit: &str) -> String {
    let policy = Policy {
        version: 8,
        base: "EUR".to_owned(),
        limit: Money::parse_decimal(limit, Currency::parse("EUR").unwrap()).unwrap(),
        rates: BTreeMap::from([("USD".to_owned(), "0.90".to_owned())]),
        role_limits: BTreeMap::new(),
    };
    let (store, root) = (house.app.store(), house.person("root"));
    makegood_central::proposal::propose(store, root, Change::Policy(policy)).await.unwrap().number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_5_a_second_person_decides_from_a_terminal_about_what_they_saw() {
    let house = House::open().await;
    let adam = adam(&house).await;
    let (root, adam) = (("root", house.token("root")), ("adam", adam.as_str()));
    let number = proposed(&house, "2000").await;

    let listed = run(&house, adam, &["proposals"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    let said = text(&listed.stdout);
    assert!(
        said.starts_with(&format!("{number} proposed: Approval matrix, 2 differences, by root, ")),
        "{said}"
    );
    let shown = run(&house, adam, &["proposals", &number]);
    let said = text(&shown.stdout);
    assert!(said.contains("EUR 1,500.00 -> EUR 2,000.00"), "{said}");
    let seen = said.lines().last().unwrap().strip_prefix("seen ").unwrap().to_owned();

    let own = run(&house, root, &["decide", &number, "--put-in-force", &seen]);
    assert_eq!(own.status.code(), Some(2));
    assert!(text(&own.stderr).contains("error[own_proposal]"), "{}", text(&own.stderr));
    let other = run(&house, adam, &["decide", &number, "--put-in-force", "another"]);
    assert!(text(&other.stderr).contains("error[stale]"), "{}", text(&other.stderr));
    let both = run(&house, adam, &["decide", &number, "--withdraw", "--refuse", "no"]);
    assert_eq!(both.status.code(), Some(2), "one of them");
    let personal = house.app.issue_token(None, house.person("root"), TokenKind::Personal, 30).await;
    let second = proposed(&house, "3000").await;
    let token = personal.unwrap().text;
    let script = run(&house, ("script", &token), &["decide", &second, "--refuse", "no"]);
    assert!(
        text(&script.stderr).contains("error[token_may_not_approve]"),
        "{}",
        text(&script.stderr)
    );

    let done = run(&house, adam, &["decide", &number, "--put-in-force", &seen]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).starts_with(&format!("{number} was put in force by ")));
    let refused = run(&house, adam, &["decide", &second, "--refuse", "too much", "--json"]);
    let told: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(told["row"]["state"], "refused", "{told}");
    assert!(run(&house, adam, &["proposals"]).stdout.is_empty(), "nothing waits");
    let all: Value =
        serde_json::from_slice(&run(&house, adam, &["proposals", "--all", "--json"]).stdout)
            .unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(run(&house, adam, &["proposals", "P-99"]).status.code(), Some(2));
}

/// A session of a second administrator.
async fn adam(house: &House) -> String {
    let adam = Person {
        id: house.app.store().ids().make(),
        issuer: "https://id.example".to_owned(),
        subject: "adam".to_owned(),
        name: "Adam".to_owned(),
        roles: [Role::Admin].into(),
    };
    let adam = house.app.put_person(&adam, &Scope::All).await.unwrap();
    house.app.issue_token(None, adam, TokenKind::Session, 30).await.unwrap().text
}
