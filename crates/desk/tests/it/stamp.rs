//! Time stamps of a real authority (OpenSSL's) behind a few lines of HTTP, which goes away.

use crate::{
    house::House,
    work::{MONTH, gmbh, settled},
};
use makegood_desk::{Desk, Ground, keys::SealPlace, stamp::StampPlace, statement::StatementRun};
use makegood_domain::{Clock, Code, random::Random};
use makegood_statement::authority;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How the authority is.
const AWAY: u8 = 0;
const CONFUSED: u8 = 1;
const LOUD: u8 = 2;
/// It stamps, and no responder answers.
const MUTE: u8 = 3;
const WELL: u8 = 4;

struct Authority {
    address: String,
    mood: Arc<AtomicU8>,
    asked: Arc<AtomicUsize>,
}

impl Authority {
    async fn open(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let make = include_str!("../../../statement/tests/stamps.sh");
        run(folder, &format!("export RESPONDER=http://{here}/ocsp\n{make}"));
        let address = format!("http://{here}/tsa");
        let (mood, asked) = (Arc::new(AtomicU8::new(AWAY)), Arc::new(AtomicUsize::new(0)));
        let (now, count, folder) = (Arc::clone(&mood), Arc::clone(&asked), folder.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                answer(stream, now.load(Ordering::SeqCst), &folder).await;
            }
        });
        Self { address, mood, asked }
    }

    fn becomes(&self, mood: u8) {
        self.mood.store(mood, Ordering::SeqCst);
    }
}

fn run(folder: &Path, script: &str) {
    let done = Command::new("bash").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn answer(mut stream: TcpStream, mood: u8, folder: &Path) {
    let mut request = Vec::new();
    let (head, length) = loop {
        request.push(stream.read_u8().await.unwrap());
        if request.ends_with(b"\r\n\r\n") {
            let head = String::from_utf8(std::mem::take(&mut request)).unwrap().to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length = length.lines().next().unwrap().parse().unwrap();
            break (head, length);
        }
    };
    request.resize(length, 0);
    stream.read_exact(&mut request).await.unwrap();
    let whose = head.strip_prefix("post /ocsp/").and_then(|rest| rest.split(' ').next());
    let kind = if whose.is_some() { "ocsp-request" } else { "timestamp-query" };
    assert!(whose.is_some() || head.starts_with("post /tsa "), "{head}");
    assert!(head.contains(&format!("content-type: application/{kind}")), "{head}");
    let (status, body) = match mood {
        AWAY => ("503 Service Unavailable", Vec::new()),
        CONFUSED => ("200 OK", b"<html>Welcome</html>".to_vec()),
        LOUD => ("200 OK", vec![b'x'; 100_000]),
        MUTE if whose.is_some() => ("503 Service Unavailable", Vec::new()),
        _ if whose.is_some() => {
            std::fs::write(folder.join("question.der"), &request).unwrap();
            // By the index that the test has laid there; the house has somebody who answers for it.
            let whose = whose.unwrap();
            let signer = if whose == "house" { "says" } else { whose };
            let reply = format!(
                "openssl ocsp -index {whose}.index -CA {whose}.pem -rsigner {signer}.pem -rkey {signer}.key \
                 -reqin question.der -respout answer.der"
            );
            run(folder, &reply);
            ("200 OK", std::fs::read(folder.join("answer.der")).unwrap())
        }
        _ => {
            std::fs::write(folder.join("query.tsq"), &request).unwrap();
            let reply = "openssl ts -reply -queryfile query.tsq -out reply.tsr -config stamps.cnf \
                -section tsa -signer rsa.pem -inkey rsa.key";
            run(folder, reply);
            ("200 OK", std::fs::read(folder.join("reply.tsr")).unwrap())
        }
    };
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Whoever reads too much may be gone by now.
    let _ = stream.write_all(&[head.into_bytes(), body].concat()).await;
}

async fn only_run(desk: &Desk) -> StatementRun {
    desk.sync_now().await.unwrap();
    let mut runs = desk.statement_runs(&gmbh(desk).await, MONTH).await.unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.remove(0)
}

/// A seal of the house's own, in a file, with the root above it.
fn seal(folder: &Path) -> (SealPlace, PathBuf) {
    let random = Random::system();
    let (from, to) = ("2026-01-01T00:00:00Z".parse(), "2099-01-01T00:00:00Z".parse());
    let made =
        authority::make("Fjordline DE", "x", from.unwrap(), to.unwrap(), || random.bytes32());
    let made = made.unwrap();
    let (file, trust) = (folder.join("seal.p12"), folder.join("root.pem"));
    std::fs::write(&file, &made.pkcs12).unwrap();
    std::fs::write(&trust, &made.root_pem).unwrap();
    (SealPlace::File(file), trust)
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_without_its_time_stamp_no_statement_is_released() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let folder = house.folder.path().join("stamps");
    std::fs::create_dir(&folder).unwrap();
    let authority = Authority::open(&folder).await;
    // An authority's clock can't be set: the desk goes by the same one.
    let sam = house.seat_by("sam", Clock::system()).await;
    sam.sync_now().await.unwrap();
    let (place, trust) = seal(&folder);
    let stamps = |address: &str| StampPlace {
        address: address.to_owned(),
        trust: folder.join("tsa.pem"),
        policy: None,
        lists: Vec::new(),
        responders: false,
    };
    for address in ["http://stamps.example.com", "ftp://127.0.0.1", "stamps"] {
        let refused = sam.open_seal(&place, "x", &trust, Some(&stamps(address))).await.unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{address}");
    }
    sam.open_seal(&place, "x", &trust, Some(&stamps(&authority.address))).await.unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    for (mood, code) in
        [(AWAY, Code::StampUnreachable), (CONFUSED, Code::StampAnswer), (LOUD, Code::StampAnswer)]
    {
        authority.becomes(mood);
        let run = only_run(&sam).await;
        let problem = run.problem.unwrap();
        assert_eq!((run.step.as_str(), problem.code), ("numbered", code), "{problem}");
        assert!(!house.profile("sam").join("statements").exists(), "{mood}");
    }
    authority.becomes(WELL);
    let run = only_run(&sam).await;
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    assert!(authority.asked.load(Ordering::SeqCst) >= 4);
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    for name in ["The time stamp is genuine", "The time stamp's authority is trusted"] {
        assert!(verified.checks.iter().any(|check| check.name == name && check.ok == Some(true)));
    }
    // A desk that trusts the seal's root, and no authority for time stamps, takes the file in.
    sam.sync_now().await.unwrap();
    let (clock, random) = (Clock::system(), Random::system());
    let ground = Ground { clock, random, hold: chrono::TimeDelta::zero() };
    let other = Desk::open(&house.folder.path().join("second"), ground).unwrap();
    other.connect(&house.wire.url(), house.token("sam")).await.unwrap();
    other.sync_now().await.unwrap();
    other.open_seal(&place, "x", &trust, None).await.unwrap();
    let file = PathBuf::from(run.path.unwrap());
    other.add_statement_file(&run.statement, &file).await.unwrap();
}

/// Sealed with an authority's lists at hand, a statement is archived; with a wrong one it is not
/// released.
#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_statement_is_archived_on_request() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let folder = house.folder.path().join("stamps");
    std::fs::create_dir(&folder).unwrap();
    let authority = Authority::open(&folder).await;
    authority.becomes(WELL);
    let sam = house.seat_by("sam", Clock::system()).await;
    sam.sync_now().await.unwrap();
    let list = folder.join("of-seal.crl");
    std::fs::copy(folder.join("seal-back.crl"), &list).unwrap();
    let stamps = StampPlace {
        address: authority.address.clone(),
        trust: folder.join("tsa.pem"),
        policy: None,
        lists: vec![list.clone(), folder.join("tsa.crl")],
        responders: false,
    };
    let (place, trust) = (SealPlace::File(folder.join("seal.p12")), folder.join("house.pem"));
    sam.open_seal(&place, "x", &trust, Some(&stamps)).await.unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    let run = only_run(&sam).await;
    let problem = run.problem.unwrap();
    assert_eq!(problem.code, Code::VerificationFailed, "{problem}");
    assert!(problem.message.contains("was taken back on"), "{problem}");
    assert!(!house.profile("sam").join("statements").exists());
    std::fs::copy(folder.join("house.crl"), &list).unwrap();
    let run = only_run(&sam).await;
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let archived = "The whole document bears a time stamp";
    assert!(verified.checks.iter().any(|check| check.name == archived && check.ok == Some(true)));
}

/// Who is named in the certificates is asked over HTTP, about whatever no list tells of.
#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_statement_is_archived_with_what_responders_say() {
    let house = House::in_earnest().await;
    settled(&house).await;
    let folder = house.folder.path().join("stamps");
    std::fs::create_dir(&folder).unwrap();
    let authority = Authority::open(&folder).await;
    authority.becomes(MUTE);
    let sam = house.seat_by("sam", Clock::system()).await;
    sam.sync_now().await.unwrap();
    let index = folder.join("house.index");
    std::fs::copy(&index, folder.join("kept.index")).unwrap();
    std::fs::copy(folder.join("back.index"), &index).unwrap();
    let stamps = StampPlace {
        address: authority.address.clone(),
        trust: folder.join("tsa.pem"),
        policy: None,
        lists: Vec::new(),
        responders: true,
    };
    let (place, trust) = (SealPlace::File(folder.join("seal.p12")), folder.join("house.pem"));
    sam.open_seal(&place, "x", &trust, Some(&stamps)).await.unwrap();
    sam.issue_statement(&gmbh(&sam).await, MONTH, "en").await.unwrap();
    let problem = only_run(&sam).await.problem.unwrap();
    assert_eq!(problem.code, Code::StampUnreachable, "{problem}");
    assert!(problem.message.contains("/ocsp/house about "), "{problem}");
    authority.becomes(WELL);
    let problem = only_run(&sam).await.problem.unwrap();
    assert_eq!(problem.code, Code::VerificationFailed, "{problem}");
    assert!(problem.message.contains("was taken back on"), "{problem}");
    assert!(!house.profile("sam").join("statements").exists());
    std::fs::copy(folder.join("kept.index"), &index).unwrap();
    let run = only_run(&sam).await;
    assert_eq!(run.step, "sealed", "{:?}", run.problem);
    let verified = sam.verify_statement(&run.statement).await.unwrap();
    assert!(verified.ok, "{}", verified.verdict);
    let told =
        verified.checks.iter().find(|check| check.name.starts_with("No certificate was")).unwrap();
    assert_eq!(told.reason, "2 certificates, by the responders' answers inside");
}
