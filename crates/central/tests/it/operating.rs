//! What `docs/operating.md` tells somebody to type does what it says.
#![cfg(unix)]

use crate::ground::grounds;
use makegood_central::source;
use makegood_domain::policy::Policy;
use std::{path::Path, process::Command};

const PAGE: &str = include_str!("../../../../docs/operating.md");
const SOURCE: &str = include_str!("../../../../docs/source.example.json");

/// The blocks that open with this fence, one after another.
fn blocks(fence: &str) -> String {
    let open = format!("```{fence}\n");
    let after = PAGE.split(open.as_str()).skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn what_is_said_on_centrals_machine_works_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("source.example.json"), SOURCE).unwrap();
    let settings = format!("company = \"A\"\ndatabase = \"sqlite:{}\"\n", at("central.db"));
    std::fs::write(at("central.toml"), settings).unwrap();
    let script =
        blocks("sh").replace("/etc/makegood-central/", &at("")).replace("/var/backups/", &at(""));
    let program = Path::new(env!("CARGO_BIN_EXE_makegood-central")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let done = Command::new("sh")
        .args(["-euc", &script])
        .env("PATH", path)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(done.status.success(), "{script}\n{said}");
    assert!(said.contains("\"prometheus\"") && said.contains("is written, a copy"), "{said}");
    // Each step is there, and none of the others is missing beside it.
    for verb in ["person put", "policy put", "token issue", "source put", "backup", "audit verify"]
    {
        assert!(script.contains(&format!("$central {verb}")), "{verb}");
    }
}

#[tokio::test]
async fn the_source_and_the_matrix_that_are_shown_can_be_read() {
    for ground in grounds("2026-11-29T08:00:00Z").await {
        assert_eq!(source::put(&ground.store, SOURCE.as_bytes()).await.unwrap(), "prometheus");
    }
    let matrix: Policy = serde_json::from_str(&blocks("json")).unwrap();
    assert_eq!((matrix.version, matrix.limit.display().as_str()), (2, "EUR 2,000.00"));
    // Every setting of the example is told of, and the other way round.
    let shown: serde_json::Value = serde_json::from_str(SOURCE).unwrap();
    for key in shown["settings"].as_object().unwrap().keys() {
        assert!(PAGE.contains(&format!("`{key}`")), "{key} is not explained");
    }
}
