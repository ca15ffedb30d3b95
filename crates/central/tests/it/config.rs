//! The one file of settings.

use makegood_central::config::{Database, Settings};
use std::{path::PathBuf, process::Command, time::Duration};

fn example() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/central.example.toml");
    std::fs::read_to_string(path).unwrap()
}

fn flaws(text: &str) -> Vec<String> {
    Settings::parse(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_can_be_read_and_what_it_comments_out_is_the_default() {
    let settings = Settings::parse(&example()).expect("the example is right");
    assert_eq!(settings.house.company, "Example Cloud");
    assert!(settings.tls.is_some());
    let all: String = example()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            // The other way to say where a database is.
            Some(setting)
                if setting.starts_with("database_file") || setting.starts_with("replica_file") =>
            {
                line
            }
            Some(setting) if setting.contains(" = ") || setting.starts_with('[') => setting,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    assert!(all.contains("\ntoken_burst = 500"));
    let spelt = Settings::parse(&all).expect("every setting that is shown exists");
    let (house, default) = (&spelt.house, Settings::default());
    assert_eq!(house.limits, default.house.limits);
    assert_eq!(house.timeouts, default.house.timeouts);
    let provider = house.provider.as_ref().expect("it is shown");
    assert_eq!((provider.session_hours, provider.sign_in_days), (12, 30));
    assert_eq!((provider.admit_unknown, provider.roles.len()), (false, 2));
    assert_eq!((house.grace_days, &spelt.log), (default.house.grace_days, &default.log));
    assert_eq!(house.tombstone_days, default.house.tombstone_days);
    assert!(house.snapshots.is_some() && spelt.replica.is_some());
}

#[test]
fn every_flaw_is_told_with_its_line_and_a_way_out() {
    let text = "company = \" \"\nlisten = \"0.0.0.0:80\"\ngrace_day = 3\n\
                database = \"postgres://a:secret@b/c\"\n[limits]\ntoken_burst = 0\n\
                connections = -1\ntoken_at_once = 0\n[timeouts]\nanswer_seconds = 5\n\
                [log]\nformat = \"xml\"\nlevel = \"loud\"\n[smtp]\nhost = \"x\"\n";
    let found = flaws(text);
    let begins = [
        "line 1: company: it is empty",
        "line 2: listen: others can reach it",
        "line 3: grace_day is no setting",
        "line 4: database: it holds a password",
        "line 6: limits.token_burst:",
        "line 7: limits.connections:",
        "line 8: limits.token_at_once:",
        "line 10: timeouts.answer_seconds: 5; write 40 to 3600",
        "line 12: log.format: \"xml\"; write json or text",
        "line 13: log.level: \"loud\"",
        "line 14: smtp is no setting",
    ];
    assert_eq!(found.len(), begins.len(), "{found:#?}");
    for (flaw, begin) in found.iter().zip(begins) {
        assert!(flaw.starts_with(begin), "{flaw} / {begin}");
    }
    assert!(!found.join("").contains("secret"), "{found:#?}");
}

#[test]
fn what_is_no_toml_is_told_beside_the_rest() {
    let found = flaws("company = \ngrace_days = \"three\"\n[tls]\nkey = \"k\"\n");
    assert!(found.iter().any(|flaw| flaw.starts_with("line 1: this is no TOML")), "{found:#?}");
    assert!(found.iter().any(|flaw| flaw.starts_with("line 2: grace_days: ")), "{found:#?}");
    assert!(found.iter().any(|flaw| flaw.contains("tls.certificate is missing")), "{found:#?}");
}

#[test]
fn settings_are_read_and_secrets_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("database");
    let text = format!(
        "company = \"A\"\ngrace_days = 5\ndatabase_file = {:?}\n[limits]\n\
         address_per_second = 7\n[timeouts]\nheaders_seconds = 3\n",
        secret.display().to_string()
    );
    let settings = Settings::parse(&text).unwrap();
    assert_eq!(settings.database, Database::File(secret.clone()));
    assert_eq!(settings.house.grace_days, 5);
    assert_eq!(settings.house.limits.address.per_second.get(), 7);
    assert_eq!(settings.house.timeouts.headers, Duration::from_secs(3));
    assert!(settings.address().is_err(), "there is no such file yet");
    std::fs::write(&secret, "correct horse").unwrap();
    let refused = settings.address().unwrap_err().message;
    assert!(!refused.contains("horse"), "{refused}");
    std::fs::write(&secret, "postgres://a:secret@b/c\n").unwrap();
    assert_eq!(settings.address().unwrap(), "postgres://a:secret@b/c");
    let twice = flaws("database = \"sqlite:a\"\ndatabase_file = \"b\"\n");
    assert_eq!(twice, ["line 1: database: database_file says the same; keep one of them"]);
    for address in ["postgres://b/c?password=x", "postgresql://a:b@c/d", "mysql://a/b"] {
        assert_eq!(flaws(&format!("database = \"{address}\"\n")).len(), 1, "{address}");
    }
    assert!(Settings::parse("database = \"postgres://makegood@localhost:5432/m\"\n").is_ok());
}

#[test]
fn check_config_prints_all_of_it_and_fails() {
    let check = |path: &PathBuf| {
        let program = env!("CARGO_BIN_EXE_makegood-central");
        let done = Command::new(program).arg("check-config").arg(path).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.code(), String::from_utf8(said).unwrap())
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.toml");
    std::fs::write(&file, "company = \"A\"\n").unwrap();
    let (status, said) = check(&file);
    assert_eq!(status, Some(0), "{said}");
    std::fs::write(&file, "grace_days = 400\nnonsense = 1\n").unwrap();
    let (status, said) = check(&file);
    assert_eq!(status, Some(1));
    assert!(said.contains("line 1: ") && said.contains("line 2: "), "{said}");
    let outside = "database_file = \"/nowhere/a\"\n[tls]\ncertificate = \"/nowhere/b\"\n\
                   key = \"/nowhere/c\"\n";
    std::fs::write(&file, outside).unwrap();
    let (status, said) = check(&file);
    assert_eq!(status, Some(1));
    for place in ["company is missing", "/nowhere/a", "/nowhere/b"] {
        assert!(said.contains(place), "{said}");
    }
}

/// Where systemd is: what it says about the unit, with this program in the place of the installed one.
#[test]
fn the_systemd_unit_is_right_and_shut_tight() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/makegood-central.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    for setting in ["LoadCredential=tls.key:", "check-config", "NoNewPrivileges=yes"] {
        assert!(unit.contains(setting), "{setting}");
    }
    // What the example names is there; what it comments out, the unit does.
    let credentials = "/run/credentials/makegood-central.service/";
    let mut named = 0;
    for line in example().lines() {
        let Some((before, after)) = line.split_once(credentials) else { continue };
        let name = after.split('"').next().unwrap();
        let load = format!("LoadCredential={name}:/etc/makegood-central/{name}");
        let load = if before.starts_with("# ") { format!("# {load}") } else { load };
        assert!(unit.lines().any(|line| line == load), "{load} is not in the unit");
        named += 1;
    }
    assert_eq!(named, unit.matches("LoadCredential=").count(), "each that is loaded is named");
    for (folder, setting) in [("/var/lib/", "StateDirectory="), ("/var/cache/", "CacheDirectory=")]
    {
        let (_, name) =
            example().split_once(folder).map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let name = name.split(['/', '"']).next().unwrap().to_owned();
        assert!(unit.contains(&format!("\n{setting}{name}\n")), "{setting}{name}");
    }
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("makegood-central.service");
    let here = unit.replace("/usr/bin/makegood-central", env!("CARGO_BIN_EXE_makegood-central"));
    std::fs::write(&file, here).unwrap();
    for check in [&["verify", "--man=no"][..], &["security", "--offline=yes", "--threshold=15"]] {
        let done = Command::new("systemd-analyze").args(check).arg(&file).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(done.status.success(), "{check:?}: {said}");
    }
}

/// What the settings name is there while the unit runs alone; a restore is for while it does not.
#[test]
fn the_file_with_the_databases_address_can_be_named_otherwise_than_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("central.toml"), "company = \"A\"\ndatabase_file = \"/nowhere/a\"\n")
        .unwrap();
    std::fs::write(at("database"), format!("sqlite:{}\n", at("central.db"))).unwrap();
    let run = |more: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_makegood-central"))
            .args(["--config", &at("central.toml")])
            .args(more)
            .args(["policy", "put", "--version", "1", "--limit", "EUR 1500.00"])
            .output();
        let done = done.unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let (ok, said) = run(&[]);
    assert!(!ok && said.contains("/nowhere/a") && said.contains("--database-file"), "{said}");
    let (ok, said) = run(&["--database-file", &at("database")]);
    assert!(ok && std::fs::exists(at("central.db")).unwrap(), "{said}");
    let (ok, said) = run(&["--database-file", &at("database"), "--database", "sqlite:x"]);
    assert!(!ok && said.contains("cannot be used with"), "{said}");
}
