//! `demo --out`: killed at several moments and started again on the same folder, it finishes, and
//! nothing happened twice.

use crate::{makegood, text};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// Runs the demo on `folder` and kills it as soon as it has said `word`; all that it said, also
/// what it still did before the kill arrived.
fn killed_at(folder: &Path, word: &str) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_makegood"))
        .args(["demo", "--out"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains(word) {
            // SIGKILL: nothing is tidied up.
            child.kill().unwrap();
        }
        said.push(line);
    }
    child.wait().unwrap();
    said
}

/// Runs the demo to its end; what it printed.
fn finished(folder: &Path) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_makegood"))
        .args(["demo", "--out"])
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    text(&out.stdout)
}

/// How often each person approved each credit, and what the group's month weighs, by central's own
/// records.
async fn approvals(folder: &Path) -> (Vec<i64>, String) {
    let mut central = SqliteConnectOptions::new()
        .filename(folder.join("central").join("central.db"))
        .connect()
        .await
        .unwrap();
    let times = sqlx::query_scalar(
        "select count(*) from audit_event where action in ('credit.approved', 'credit.approved_once')
         and json_extract(body, '$.at') >= '2026-11-09T08:15'
         group by json_extract(body, '$.subject'), json_extract(body, '$.person')",
    )
    .fetch_all(&mut central)
    .await
    .unwrap();
    let used = sqlx::query_scalar(
        "select used from group_month where month = '2026-11' and customer_group =
         (select id from customer_group where name = 'Northwind')",
    )
    .fetch_one(&mut central)
    .await
    .unwrap();
    central.close().await.unwrap();
    (times, used)
}

/// What Northwind's customers are told of October: the causes on record, and the texts.
async fn northwind(folder: &Path) -> Vec<(String, String)> {
    let mut central = SqliteConnectOptions::new()
        .filename(folder.join("central").join("central.db"))
        .connect()
        .await
        .unwrap();
    let told = sqlx::query_as(
        "select json_extract(hit.body, '$.root_cause'), json_extract(hit.body, '$.narratives')
         from hit join incident on incident.id = hit.incident where incident.number = 'INC-778'",
    )
    .fetch_all(&mut central)
    .await
    .unwrap();
    central.close().await.unwrap();
    told
}

#[test]
fn law_6_a_demo_killed_at_many_moments_finishes_and_nothing_happens_twice() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let words = [
        "/",
        "proposes to exclude",
        "admits it",
        "reviews",
        "proposes CR-",
        "proposes goodwill",
        "Ines Keller approves",
        "Lee Brandt approves",
        "issues the SLA statement",
        "(2/2)",
    ];
    let told: Vec<_> = words.iter().flat_map(|word| killed_at(out, word)).collect();
    // A kill may arrive after the next step was taken, which the next run need not take again: each
    // is said before it is taken, so one of the runs has said it.
    for word in words {
        assert!(told.iter().any(|line| line.contains(word)), "never said: {word}\n{told:#?}");
    }
    let said = finished(out);
    let lines: Vec<_> = said.lines().collect();
    let credits: Vec<_> = lines.iter().filter(|line| line.starts_with("CR-")).collect();
    let count = |part: &str| credits.iter().filter(|line| line.contains(part)).count();
    assert_eq!(count("Goodwill"), 1, "{said}");
    assert_eq!(count("Approved"), 3, "{said}");
    assert!(said.contains("€1,200.00") && said.contains("$800.00"), "{said}");
    let sealed = lines.iter().filter(|line| line.contains(": Valid. ")).count();
    assert_eq!(sealed, 2, "{said}");
    assert!(said.contains("ST-2026-10-0001-r1.pdf") && said.contains("ST-2026-10-0002-r1.pdf"));
    assert_eq!(std::fs::read_dir(out.join("statements")).unwrap().count(), 3);
    // 1,200 + 720 + 200 = 2,120 ≥ 1,500: two people each, once each, and counted once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (times, used) = runtime.block_on(approvals(out));
    assert_eq!(times, [1; 6]);
    assert_eq!(used.parse::<rust_decimal::Decimal>().unwrap(), 2120.into());
    // The incident was one of name resolution, and so is what the statements tell of it.
    let of_northwind = runtime.block_on(northwind(out));
    assert_eq!(of_northwind.len(), 2);
    for (cause, narratives) in of_northwind {
        assert_eq!(cause, "Dependency: DNS");
        assert!(narratives.contains("name resolution"), "{narratives}");
        assert!(narratives.contains("Namensauflösung"), "{narratives}");
    }
    verifies(&out.join("statements"));
    gives_its_cases(&out.join("statements").join("ST-2026-10-0001-r1.pdf"));
}

/// Law 11: what a statement embeds comes out as files that recompute, and are the customer's
/// edition.
fn gives_its_cases(statement: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (statement.to_str().unwrap(), folder.path().to_str().unwrap());
    let taken = makegood(&["case", "statement", path, "--out", to]);
    assert_eq!(taken.status.code(), Some(0), "{}", text(&taken.stderr));
    assert_eq!(text(&taken.stdout).lines().count(), 2, "NW-1 and NW-2");
    assert_eq!(text(&makegood(&["check", to]).stdout), "2 passed, 0 failed\n");
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let said = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!said.contains("internal_") && !said.contains("\"source\""), "{said}");
    }
    // Two don't fit on one page of standard output.
    let printed = makegood(&["case", "statement", path]);
    assert_eq!(printed.status.code(), Some(2));
    assert!(text(&printed.stderr).contains("--out"));
    let none = makegood(&["case", "statement", &format!("{to}/none.pdf")]);
    assert_eq!(none.status.code(), Some(2));
}

/// What `verify` says of the files, and how it exits.
fn verifies(folder: &Path) {
    let file = folder.join("ST-2026-10-0001-r1.pdf");
    let trust = folder.join("trust.pem");
    let (path, roots) = (file.to_str().unwrap(), trust.to_str().unwrap());
    let good = makegood(&["verify", path, "--trust", roots]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    assert!(text(&good.stdout).contains("99.885880"));
    // Nobody trusted: nothing is wrong, but who sealed it is open.
    // Nobody was named whose seals are believed: that must not read as if somebody were.
    let alone = makegood(&["verify", path]);
    assert_eq!(alone.status.code(), Some(1));
    let said = String::from_utf8_lossy(&alone.stdout).into_owned();
    assert!(said.contains("Not checked: “The seal's issuer is trusted”: no trusted"), "{said}");
    assert!(said.contains("\n  not checked: The seal's issuer is trusted: no trusted"), "{said}");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"\n%appended");
    let changed = folder.join("changed.pdf");
    std::fs::write(&changed, bytes).unwrap();
    let bad = makegood(&["verify", changed.to_str().unwrap(), "--trust", roots, "--json"]);
    assert_eq!(bad.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&bad.stdout).unwrap();
    assert_eq!(found["verdict"], "invalid");
    let missing = makegood(&["verify", folder.join("none.pdf").to_str().unwrap()]);
    assert_eq!(missing.status.code(), Some(2));
}
