//! A period's statements, issued by a terminal or by cron, and killed on the way.

use crate::{
    house::{GMBH, House},
    kill::{houses_of_runs, kill_at, seal_in, size},
    makegood, text,
    work::{MONTH, settled},
};
use std::{
    collections::BTreeSet,
    ops::Range,
    path::Path,
    process::{Command, Stdio},
};

/// Customers who are ready, enough for as many kills as there are at one house; Northwind waits for decisions.
pub(crate) const READY: usize = 24;

/// `makegood statements`, in a process of its own.
pub(crate) fn statements(house: &House, out: &Path) -> Command {
    statements_at(house, "sam", out)
}

/// … at this desk.
fn statements_at(house: &House, desk: &str, out: &Path) -> Command {
    let token = house.folder.path().join("token");
    std::fs::write(&token, house.token("sam")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.args(["statements", "--period", MONTH, "--central", &house.wire.url(), "--profile"]);
    command.arg(house.folder.path().join(desk)).arg("--token-file").arg(token);
    command.arg("--out").arg(out);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_6_a_run_is_killed_at_any_moment_and_everybody_has_one_statement() {
    let (mut killed, mut all) = (0, 0);
    for these in houses_of_runs() {
        all += these.len();
        killed += run_is_killed(these).await;
    }
    assert!(killed * 3 >= all, "{killed} of {all} were killed");
}

/// These kills, at a house of their own: how many came before the run's end.
async fn run_is_killed(these: Range<usize>) -> usize {
    let house = House::with(READY).await;
    let (root, out) = (house.folder.path().join("sam"), house.folder.path().join("out"));
    // What a whole run writes is not known beforehand: each moment is a little later than the last.
    let mut killed = 0;
    for n in these {
        let at = size(&root) + u64::try_from(n * 7_919 % 60).unwrap() * 4_000;
        let mut command = statements(&house, &out);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        killed += usize::from(kill_at(command.spawn().unwrap(), &root, at));
    }
    let done = statements(&house, &out).output().unwrap();
    let said = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "Northwind is blocked: {said}{}", text(&done.stderr));
    assert!(said.contains("Northwind GmbH: Blocked"), "{said}");

    let names = || std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().path());
    let files: BTreeSet<_> =
        names().filter(|path| path.extension().is_some_and(|one| one == "pdf")).collect();
    assert_eq!(files.len(), READY);
    let numbered = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let numbers: BTreeSet<_> = files.iter().map(|path| numbered(path)).collect();
    let without_gaps = (1..=READY).map(|at| format!("ST-{MONTH}-{at:04}-r1.pdf"));
    assert_eq!(numbers, without_gaps.collect());

    let list = names().find(|path| path.extension().is_some_and(|one| one == "json")).unwrap();
    let trust = house.profile("sam").with_file_name("seal").join("trust.pem");
    let verify = ["verify", "--trust", &trust.to_string_lossy(), &list.to_string_lossy()];
    let found = makegood(&verify);
    assert!(found.status.success(), "{}{}", text(&found.stdout), text(&found.stderr));
    // A file that is not what was released is named.
    let first = files.first().unwrap();
    let bytes = std::fs::read(files.last().unwrap()).unwrap();
    std::fs::write(first, bytes).unwrap();
    let found = makegood(&verify);
    assert_eq!(found.status.code(), Some(1));
    assert!(text(&found.stdout).contains(&format!("FAIL {}", numbered(first))));
    killed
}

/// `makegood statement` of something, in a process of its own.
fn statement(house: &House, out: &Path, of: &[&str]) -> std::process::Output {
    statement_at(house, "sam", out, of)
}

/// … at this desk.
fn statement_at(house: &House, desk: &str, out: &Path, of: &[&str]) -> std::process::Output {
    let token = house.folder.path().join("token");
    std::fs::write(&token, house.token("sam")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.args(["statement", "--period", MONTH, "--central", &house.wire.url(), "--profile"]);
    command.arg(house.folder.path().join(desk)).arg("--token-file").arg(token);
    command.arg("--out").arg(out).args(of).output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_is_of_a_contract_a_customer_or_a_group_that_is_ready() {
    let house = House::open().await;
    settled(&house).await;
    let out = house.folder.path().join("out");
    for (at, of) in [["--contract", "NW-2"], ["--customer", GMBH]].iter().enumerate() {
        let done = statement(&house, &out, of);
        assert!(done.status.success(), "{of:?}: {}", text(&done.stderr));
        let name = format!("ST-{MONTH}-{:04}-r1.pdf", at + 1);
        assert!(text(&done.stdout).contains(&name), "{}", text(&done.stdout));
    }
    let trust = house.profile("sam").with_file_name("seal").join("trust.pem");
    let file = out.join(format!("ST-{MONTH}-0001-r1.pdf"));
    let found = makegood(&["verify", "--trust", &trust.to_string_lossy(), &file.to_string_lossy()]);
    assert!(text(&found.stdout).contains("of contract NW-2 only"), "{}", text(&found.stdout));
    // NW-3 of the group's other customer is undecided.
    let blocked = statement(&house, &out, &["--customer", GMBH, "--group"]);
    assert_eq!(blocked.status.code(), Some(2));
    assert!(text(&blocked.stderr).contains("the group Northwind"), "{}", text(&blocked.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_revisions_the_earlier_one_verifies_as_superseded() {
    let house = House::open().await;
    settled(&house).await;
    let out = house.folder.path().join("out");
    for (language, ending) in [("en", "-r1.pdf"), ("de", "-r2.pdf")] {
        let done = statement(&house, &out, &["--customer", GMBH, "--language", language]);
        assert!(text(&done.stdout).contains(ending), "{}", text(&done.stderr));
    }
    let trust = house.profile("sam").with_file_name("seal").join("trust.pem");
    let files = ["r1", "r2"].map(|one| out.join(format!("ST-{MONTH}-0001-{one}.pdf")));
    let files = files.each_ref().map(|file| file.to_string_lossy());
    let found = makegood(&["verify", "--trust", &trust.to_string_lossy(), &files[1], &files[0]]);
    assert!(found.status.success(), "{}", text(&found.stdout));
    let said = text(&found.stdout);
    let superseded = format!("{}: superseded by revision 2 of ST-{MONTH}-0001", files[0]);
    assert!(said.contains(&superseded), "{said}");
    assert!(!said.contains(&format!("{}: superseded", files[1])), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sealed_at_another_desk_is_named_and_no_success() {
    let house = House::with(1).await;
    settled(&house).await;
    let out = house.folder.path().join("out");
    let here = statements(&house, &out).output().unwrap();
    assert_eq!(here.status.code(), Some(1), "Northwind Inc is blocked: {}", text(&here.stderr));
    let elsewhere = house.folder.path().join("elsewhere-out");
    let done = statements_at(&house, "elsewhere", &elsewhere).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    let said = text(&done.stdout);
    assert!(said.contains("Northwind GmbH: ST-2026-10-0"), "{said}");
    assert!(said.contains("was sealed at another desk"), "{said}");
    // What this desk sealed is no longer what holds once another one sealed a later revision.
    let german = ["--customer", GMBH, "--language", "de"];
    let done = statement_at(&house, "elsewhere", &elsewhere, &german);
    assert!(text(&done.stdout).contains("-r2.pdf"), "{}", text(&done.stderr));
    let said = text(&statements(&house, &out).output().unwrap().stdout);
    assert!(said.contains("Northwind GmbH: ST-2026-10-0"), "{said}");
    assert!(said.contains("was sealed at another desk"), "{said}");
}

/// The app keeps the profile in step, and has no seal open: the run that a terminal asks for can't move on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_beside_an_app_without_a_seal_ends_with_the_way_out() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let app = house.desk("sam").await;
    let folder = house.folder.path();
    let sealing = seal_in(folder);
    let mut command = statements(&house, &folder.join("out"));
    let done = command.args(sealing).output().unwrap();
    drop(app);
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stdout));
    assert!(text(&done.stderr).contains("has no seal open"), "{}", text(&done.stderr));
}
