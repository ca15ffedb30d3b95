//! Desk and central are killed at any moment of bootstrap, tail, commands and statement runs: what is on
//! the disk is whole, rows and cursor are of the same page, no decision takes effect twice, and none is lost
//! (laws 6 and 9). A moment is how much has been written so far; `MAKEGOOD_KILLS` gives another number
//! of them than the usual one.

use crate::{
    house::House,
    statement::{self, READY},
    text,
    wire::Wire,
    work,
};
use chrono::TimeDelta;
use makegood_central::store::{self, Arg};
use makegood_desk::{Desk, Ground};
use makegood_domain::{Clock, random::Random, wire::Cursor};
use makegood_statement::authority;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    io::{BufRead as _, BufReader},
    ops::Range,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Notes that central has at the beginning: several pages.
const NOTES: usize = 4_000;
/// … and that come before each third kill.
const NEWS: usize = 1_000;
/// Kills at one house: with each there is more to look through afterwards.
const AT_ONE_HOUSE: usize = 40;

fn kills() -> usize {
    std::env::var("MAKEGOOD_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// The kills of each house.
fn houses() -> impl Iterator<Item = Range<usize>> {
    (0..kills()).step_by(AT_ONE_HOUSE).map(|first| first..kills().min(first + AT_ONE_HOUSE))
}

/// Of runs of statements half as many are killed: each takes longer.
pub(crate) fn houses_of_runs() -> impl Iterator<Item = Range<usize>> {
    houses().map(|these| these.start / 2..these.end / 2)
}

/// `makegood sync`, in a process of its own.
fn sync(profile: &Path, wire: &Wire, token: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makegood"));
    command.arg("sync").arg("--profile").arg(profile);
    command.args(["--central", &wire.url(), "--token-file"]).arg(token);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Bytes in a folder, all files together.
pub(crate) fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Kills the process once so much was written, if it does not end before; whether it was killed.
pub(crate) fn kill_at(mut process: Child, folder: &Path, bytes: u64) -> bool {
    loop {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if size(folder) >= bytes {
            process.kill().unwrap();
            process.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn sound(path: &Path) -> SqliteConnection {
    let mut conn = open(path).await;
    let said: String = sqlx::query_scalar("pragma quick_check").fetch_one(&mut conn).await.unwrap();
    assert_eq!(said, "ok", "{}", path.display());
    conn
}

/// Where the mirror stands, if there is one.
async fn mirror(profile: &Path) -> Option<PathBuf> {
    let mut user = sound(&profile.join("user.db")).await;
    let sql = "select value from setting where key = 'mirror'";
    let name: Option<String> = sqlx::query_scalar(sql).fetch_optional(&mut user).await.unwrap();
    user.close().await.unwrap();
    name.map(|name| profile.join(name))
}

/// What is on the disk is whole: notes are only added, so those up to the cursor are all there.
async fn rows_and_cursor_agree(house: &House, profile: &Path) -> bool {
    if !profile.join("user.db").exists() {
        return false;
    }
    let Some(path) = mirror(profile).await else { return false };
    let mut conn = sound(&path).await;
    let cursor: Option<String> =
        sqlx::query_scalar("select cursor from position").fetch_optional(&mut conn).await.unwrap();
    let here: i64 =
        sqlx::query_scalar("select count(*) from note").fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let Some(cursor) = cursor else {
        assert_eq!(here, 0);
        return false;
    };
    let seq = Cursor::parse(&cursor).unwrap().seq;
    let mut central = house.app.store().reading().await.unwrap();
    let sql = "select cast(count(*) as bigint) from feed where entity = 'note' and seq <= $1";
    let rows = store::fetch(&mut central, sql, &[Arg::Int(seq)]).await.unwrap();
    assert_eq!(here, store::int(&rows[0], 0).unwrap());
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn laws_6_and_9_a_desk_is_killed_at_any_moment() {
    let (mut killed, mut begun) = (0, 0);
    for these in houses() {
        let these = desk_is_killed(these).await;
        killed += these.0;
        begun += these.1;
    }
    assert!(killed * 2 >= kills() && begun > 0, "{killed} of {} were killed", kills());
}

/// These kills, at a house of their own: how many came before the end, and how many found a mirror that was
/// about to be told news.
async fn desk_is_killed(these: Range<usize>) -> (usize, usize) {
    let house = House::open().await;
    house.notes(NOTES, 8).await;
    let token = house.folder.path().join("token");
    std::fs::write(&token, house.token("dana")).unwrap();
    let scratch = house.folder.path().join("scratch");
    assert!(sync(&scratch, &house.wire, &token).status().unwrap().success());
    let all = size(&scratch);

    let root = house.folder.path().join("dana");
    let (mut killed, mut begun, mut decided) = (0, 0, 0);
    for n in these {
        let profile = house.profile("dana");
        let had = rows_and_cursor_agree(&house, &profile).await;
        if had && n % 3 == 0 {
            house.notes(NEWS, 8).await;
            begun += 1;
        }
        if had && n % 7 == 0 {
            // Something is decided while central is away: it waits for the next process.
            let desk = house.seat("dana").await;
            house.wire.set_up(false);
            work::goodwill(&desk, n).await;
            decided += 1;
            desk.leave().await.unwrap();
            house.wire.set_up(true);
        }
        // Until it has begun, anywhere on the way; afterwards a little more than is there.
        let step = u64::try_from(n).unwrap() * 7_919 % 100;
        let at = size(&root) + if had { step * 4_000 } else { all * step / 90 };
        let process = sync(&root, &house.wire, &token).spawn().unwrap();
        killed += usize::from(kill_at(process, &root, at));
    }
    let done = Command::new(env!("CARGO_BIN_EXE_makegood"))
        .args(["sync", "--prove", "--central", &house.wire.url(), "--profile"])
        .arg(&root)
        .arg("--token-file")
        .arg(&token)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    assert!(rows_and_cursor_agree(&house, &house.profile("dana")).await);
    let desk = house.desk("dana").await;
    let outbox = desk.outbox().await.unwrap();
    let confirmed = outbox.rows.iter().filter(|row| row.state == "confirmed").count();
    assert_eq!((outbox.rows.len(), confirmed), (decided, decided), "{outbox:?}");
    assert_eq!(house.audited("credit.goodwill_proposed").await, decided);
    (killed, begun)
}

/// A central in a process of its own.
struct Central(Child);

impl Central {
    fn start(house: &House) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_makegood")).with_file_name("makegood-central");
        assert!(program.exists(), "build the whole workspace first");
        let database = format!("sqlite:{}", house.folder.path().join("central.db").display());
        let mut command = Command::new(program);
        command.args(["--database", &database, "serve", "--listen", "127.0.0.1:0"]);
        command.args(["--company", "Fjordline Cloud"]).env_remove("RUST_LOG");
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("it says where it answers").unwrap();
            if let Some((_, url)) = line.split_once("central answers at http://") {
                let end = url.find(|c: char| c == '"' || c.is_whitespace()).unwrap_or(url.len());
                break url[..end].to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        house.wire.lead_to(address.parse().unwrap());
        Self(process)
    }
}

impl Central {
    /// Kills it once `is_time` says so; whether it was before `end` says that all is over.
    fn kill_when(mut self, is_time: impl Fn() -> bool, mut end: impl FnMut() -> bool) -> bool {
        loop {
            if is_time() {
                self.0.kill().unwrap();
                self.0.wait().unwrap();
                return true;
            }
            if end() {
                return false;
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Bytes of central's file and of its log.
fn written(house: &House) -> u64 {
    let file = |name: &str| house.folder.path().join(name).metadata().map_or(0, |file| file.len());
    file("central.db") + file("central.db-wal")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_6_central_is_killed_while_desks_decide_and_follow() {
    let mut house = House::open().await;
    // The process goes by the real time, so the token has to, too.
    house.issue_anew("dana", Clock::system()).await;
    house.end().await;
    let folder = house.folder.path().to_owned();
    let (mut desk, mut interrupted) = (None, 0);
    for n in 0..kills() {
        let central = Central::start(&house);
        let seat = match desk.take() {
            Some(seat) => seat,
            None => house.desk("dana").await,
        };
        work::goodwill(&seat, n).await;
        // Each decision is some ten pages of the log: the moment moves over all of them.
        let at = written(&house) + u64::try_from(n * 2_731 % 90_000).unwrap();
        let killing = std::thread::spawn({
            let folder = folder.clone();
            move || {
                let file = |name: &str| folder.join(name).metadata().map_or(0, |file| file.len());
                let began = Instant::now();
                let is_late = || began.elapsed() >= Duration::from_millis(300);
                let written = || file("central.db") + file("central.db-wal") >= at;
                central.kill_when(|| written() || is_late(), || false)
            }
        });
        interrupted += usize::from(seat.sync_now().await.is_err());
        killing.join().unwrap();
        let mut conn = sound(&folder.join("central.db")).await;
        // Its log begins anew: by its length the next moment is chosen.
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        desk = Some(seat);
    }
    assert!(interrupted >= kills() / 4, "{interrupted} of {} met a round", kills());
    let _central = Central::start(&house);
    let desk = desk.unwrap();
    desk.sync_now().await.unwrap();
    assert!(desk.mirror_agrees().await.unwrap());
    let outbox = desk.outbox().await.unwrap();
    assert!(outbox.rows.iter().all(|row| row.state == "confirmed"), "{outbox:?}");
    assert_eq!(house.audited("credit.goodwill_proposed").await, kills());
    makegood_central::audit::verify(house.app.store(), 1, &[]).await.unwrap();
}

/// Half of them by what has arrived at the desk, half by the time since it asked: while central cuts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_9_central_is_killed_while_desks_begin() {
    let mut house = House::open().await;
    house.notes(NOTES, 8).await;
    house.issue_anew("dana", Clock::system()).await;
    house.end().await;
    let (mut all, mut cut_off) = (0, 0);
    for n in 0..=kills() {
        let central = Central::start(&house);
        let folder = house.folder.path().join(format!("begins-{n}"));
        let ground =
            Ground { clock: Clock::system(), random: Random::system(), hold: TimeDelta::zero() };
        let desk = Desk::open(&folder, ground).unwrap();
        desk.connect(&house.wire.url(), house.token("dana")).await.unwrap();
        let central = if n == 0 {
            desk.sync_now().await.unwrap();
            all = size(&folder);
            central
        } else {
            let step = u64::try_from(n * 37 % 100).unwrap();
            let (bytes, time) = match n % 2 {
                0 => (all * step / 100, Duration::MAX),
                _ => (u64::MAX, Duration::from_millis(step * 2)),
            };
            let killing = std::thread::spawn({
                let folder = folder.clone();
                move || {
                    let began = Instant::now();
                    let is_late = || began.elapsed() >= Duration::from_secs(5);
                    let is_time = || size(&folder) >= bytes || began.elapsed() >= time || is_late();
                    central.kill_when(is_time, || false)
                }
            });
            cut_off += usize::from(desk.sync_now().await.is_err());
            killing.join().unwrap();
            Central::start(&house)
        };
        desk.sync_now().await.unwrap();
        assert!(desk.mirror_agrees().await.unwrap());
        desk.leave().await.unwrap();
        drop(central);
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert!(cut_off * 4 >= kills(), "{cut_off} of {} were cut off", kills());
}

/// A seal in this folder, as a terminal is told of it.
pub(crate) fn seal_in(folder: &Path) -> Vec<String> {
    let (from, to) = ("2026-01-01T00:00:00Z", "2126-01-01T00:00:00Z");
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    let random = Random::system();
    let made = authority::make("Fjordline DE", "right", from, to, || random.bytes32()).unwrap();
    let [seal, trust, password] = ["s.p12", "root.pem", "password"].map(|name| folder.join(name));
    std::fs::write(&seal, &made.pkcs12).unwrap();
    std::fs::write(&trust, &made.root_pem).unwrap();
    std::fs::write(&password, "right").unwrap();
    let given = [("--seal", seal), ("--trust", trust), ("--seal-password-file", password)];
    given.into_iter().flat_map(|(key, path)| [key.into(), path.display().to_string()]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn law_6_central_is_killed_while_statements_are_sealed() {
    let mut killed = 0;
    for these in houses_of_runs() {
        killed += central_is_killed_while_sealing(these).await;
    }
    assert!(killed * 3 >= kills() / 2, "{killed} were killed");
}

/// These kills, at a house of their own: how many came before the run's end.
async fn central_is_killed_while_sealing(these: Range<usize>) -> usize {
    let mut house = House::with(READY).await;
    house.issue_anew("sam", Clock::system()).await;
    house.end().await;
    let folder = house.folder.path().to_owned();
    let sealing = seal_in(&folder);
    let (root, out) = (folder.join("sam"), folder.join("out"));
    let statements = || {
        let mut command = statement::statements(&house, &out);
        command.args(&sealing);
        command
    };
    let mut killed = 0;
    for n in these {
        let central = Central::start(&house);
        // As it is written at the desk: that is what comes between central's answers.
        let at = size(&root) + u64::try_from(n * 7_919 % 60).unwrap() * 4_000;
        let mut terminal =
            statements().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let ended = || terminal.try_wait().unwrap().is_some();
        killed += usize::from(central.kill_when(|| size(&root) >= at, ended));
        terminal.wait().unwrap();
    }
    let _central = Central::start(&house);
    let done = statements().output().unwrap();
    assert_eq!(done.status.code(), Some(1), "Northwind is blocked: {}", text(&done.stderr));
    assert!(out.exists(), "{}{}", text(&done.stdout), text(&done.stderr));
    let files = std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().file_name());
    let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
    files.retain(|name| name.ends_with(".pdf"));
    files.sort();
    let without_gaps = (1..=READY).map(|at| format!("ST-{}-{at:04}-r1.pdf", work::MONTH));
    assert_eq!(files, without_gaps.collect::<Vec<_>>());
    makegood_central::audit::verify(house.app.store(), 1, &[]).await.unwrap();
    killed
}
