//! Contacts and statements on their way from a terminal.

use crate::{
    house::{GMBH, House},
    receiver::Receiver,
    text,
    work::{MONTH, gmbh, settled},
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::{Command, Output},
};

/// `makegood VERB` at somebody's desk, in a process of its own.
fn run(house: &House, who: &str, verb: &str, arguments: &[&str]) -> Output {
    run_at(house, (who, who), verb, arguments)
}

/// … which is another one than the one they usually sit at.
fn run_at(house: &House, (who, desk): (&str, &str), verb: &str, arguments: &[&str]) -> Output {
    let token = house.folder.path().join(format!("token-{who}"));
    std::fs::write(&token, house.token(who)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.args([verb, "--central", &house.wire.url(), "--profile"]);
    command.arg(house.folder.path().join(desk)).arg("--token-file").arg(token);
    command.args(arguments).output().unwrap()
}

fn table(house: &House, name: &str, lines: &str) -> String {
    let path: PathBuf = house.folder.path().join(name);
    std::fs::write(&path, format!("customer,name,address,role,language\n{lines}")).unwrap();
    path.display().to_string()
}

/// By which server to send.
fn by(house: &House, receiver: &Receiver) -> Vec<String> {
    let password = house.folder.path().join("mail-password");
    std::fs::write(&password, "a password\n").unwrap();
    let (port, roots) = (receiver.tls.to_string(), receiver.file("tls.crt"));
    [
        ("server", "localhost"),
        ("port", &port),
        ("user", "makegood"),
        ("from", "sla@fjordline.example"),
        ("from-name", "Fjordline Cloud"),
        ("roots", &roots.display().to_string()),
        ("password-file", &password.display().to_string()),
    ]
    .iter()
    .flat_map(|(name, value)| [format!("--mail-{name}"), (*value).to_owned()])
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_sent_to_imported_contacts_once_a_second_person_confirmed_them() {
    let (house, receiver) = (House::open().await, Receiver::start());
    settled(&house).await;
    let sam = house.desk("sam").await;
    sam.issue_statement(&gmbh(&sam).await, MONTH, "de").await.unwrap();
    sam.sync_now().await.unwrap();
    drop(sam);

    let wrong = table(&house, "wrong.csv", "NW-DE,AP,ap@northwind,accounts_payable,de\n");
    let done = run(&house, "dana", "import-contacts", &[&wrong]);
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("line 2, address: "), "{}", text(&done.stdout));
    let lines = "NW-DE,Kreditoren,ap@northwind.example,accounts_payable,de\n";
    let right = table(&house, "right.csv", lines);
    let done = run(&house, "dana", "import-contacts", &["--dry-run", &right]);
    assert!(text(&done.stdout).contains("1 new, 0 on record already, 0 wrong"));
    for (new, known) in [(1, 0), (0, 1)] {
        let done = run(&house, "dana", "import-contacts", &["--json", &right]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((&told["new"], &told["known"]), (&json!(new), &json!(known)), "{told}");
    }

    let mail = by(&house, &receiver);
    let send = |more: &[&str]| {
        let mail: Vec<&str> = mail.iter().map(String::as_str).collect();
        run(&house, "sam", "send", &[more, &mail].concat())
    };
    let held = send(&["--month", MONTH]);
    assert_eq!(held.status.code(), Some(1), "{}", text(&held.stderr));
    assert!(text(&held.stdout).contains(&format!("{GMBH}: Held. ")), "{}", text(&held.stdout));
    assert!(receiver.seen().await.is_empty(), "nobody has confirmed it");
    let noa = house.desk("noa").await;
    let customer = noa.customer(&gmbh(&noa).await).await.unwrap();
    let entered = &customer.contacts[0];
    noa.confirm_contact(&entered.id, entered.version, &entered.address).await.unwrap();
    noa.sync_now().await.unwrap();
    let done = send(&["--month", MONTH, "--json"]);
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let message = &told["messages"][0];
    assert_eq!(told["done"], true, "{told}");
    assert_eq!(
        (&message["state"], &message["to"]),
        (&json!("sent"), &json!(["ap@northwind.example"]))
    );
    let done = send(&["--month", MONTH]);
    assert!(done.status.success(), "{}", text(&done.stdout));
    assert_eq!(receiver.seen().await.len(), 1, "none twice");

    let number = format!("ST-{MONTH}-0001");
    let without = send(&["--statement", &number]);
    assert_eq!(without.status.code(), Some(2), "a reason is asked for");
    let again = send(&["--statement", &number, "--again", "they lost it"]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    let seen = receiver.seen().await;
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["files"][0]["sha256"], seen[1]["files"][0]["sha256"], "the same bytes");
    assert_eq!(send(&["--statement", "ST-1"]).status.code(), Some(2));
    from_another_desk(&house, &receiver, &number, &right).await;
}

/// Once it has the file.
async fn from_another_desk(house: &House, receiver: &Receiver, number: &str, wrong: &str) {
    let mail = by(house, receiver);
    let elsewhere = |more: &[&str]| {
        let mail: Vec<&str> = mail.iter().map(String::as_str).collect();
        let one = ["--statement", number, "--again", "once more"];
        run_at(house, ("sam", "elsewhere"), "send", &[&one, more, &mail].concat())
    };
    let looked = elsewhere(&["--dry-run"]);
    assert_eq!(looked.status.code(), Some(2), "{}", text(&looked.stdout));
    assert!(text(&looked.stderr).contains("--file"), "{}", text(&looked.stderr));
    let lacks = elsewhere(&[]);
    assert_eq!(lacks.status.code(), Some(2));
    assert!(text(&lacks.stderr).contains("was sealed at another desk"), "{}", text(&lacks.stderr));
    let wrong = elsewhere(&["--file", wrong]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("is not the one on record"), "{}", text(&wrong.stderr));
    assert_eq!(receiver.seen().await.len(), 2);
    let file = house.profile("sam").join(format!("statements/{MONTH}/{number}-r1.pdf"));
    let sent = elsewhere(&["--file", &file.display().to_string()]);
    assert!(sent.status.success(), "{}{}", text(&sent.stdout), text(&sent.stderr));
    let seen = receiver.seen().await;
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0]["files"][0]["sha256"], seen[2]["files"][0]["sha256"], "the same bytes");
}
