//! A seal whose key lies in a PKCS#11 token: SoftHSM 2, a real one.
//!
//! SoftHSM reads where its tokens lie from the environment, which a test can't set for itself: so
//! each test runs anew in a process of its own, with a folder of its own.

use crate::{northwind, samples};
use makegood_domain::error::Code;
use makegood_statement::{
    Seal, StatementError, TokenKey, TokenName, Verdict, render, verify, write_whole,
};
use std::path::{Path, PathBuf};
use std::process::Command;

const SETTINGS: &str = "SOFTHSM2_CONF";
pub(crate) const PIN: &str = "2486";

/// Where Debian puts SoftHSM.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];

fn module() -> PathBuf {
    let found = MODULES.iter().map(PathBuf::from).find(|path| path.exists());
    found.expect("SoftHSM is installed: apt-get install softhsm2")
}

fn inside(test: &str) -> Option<PathBuf> {
    process(&format!("token::{test}"), String::new)
}

/// … with what else is to be done before.
pub(crate) fn process(test: &str, more: impl FnOnce() -> String) -> Option<PathBuf> {
    if let Some(settings) = std::env::var_os(SETTINGS) {
        return Some(Path::new(&settings).parent().unwrap().to_owned());
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let settings = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&settings, text).unwrap();
    std::fs::write(folder.path().join("seal.p12"), northwind::authority().pkcs12).unwrap();
    let script = format!(
        "set -e
        openssl pkcs12 -in seal.p12 -passin 'pass:{}' -nodes -nocerts -out seal.key 2>/dev/null
        openssl pkcs12 -in seal.p12 -passin 'pass:{}' -nokeys -clcerts -out seal.pem 2>/dev/null
        openssl pkcs8 -topk8 -nocrypt -in seal.key -out seal.pk8
        token() {{ softhsm2-util --init-token --free --label \"$1\" --pin {PIN} --so-pin 7531; }}
        token seals && token other && token twin && token twin
        import() {{ softhsm2-util --token seals --pin {PIN} --import \"$1\" --label \"$2\" --id \"$3\"; }}
        import seal.pk8 2026-A 01
        import seal.pk8 double 04; import seal.pk8 double 05
        {}",
        northwind::PASSWORD,
        northwind::PASSWORD,
        more(),
    );
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(folder.path()).env(SETTINGS, &settings);
    let made = shell.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(SETTINGS, &settings)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let why = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{why}");
    None
}

pub(crate) fn place(token: &str, key: &str) -> TokenKey {
    TokenKey { module: module(), token: TokenName::Label(token.into()), key: key.into() }
}

fn beside(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("seal.pem")).unwrap()
}

fn open(folder: &Path, token: &str, key: &str, pin: &str) -> Result<Seal, StatementError> {
    Seal::from_token(&place(token, key), pin, Some(&beside(folder)))
}

#[test]
fn law_11_what_a_token_seals_verifies_like_any_other() {
    let Some(folder) = inside("law_11_what_a_token_seals_verifies_like_any_other") else { return };
    let seal = open(&folder, "seals", "2026-A", PIN).unwrap();
    let held = northwind::seal(&northwind::authority());
    assert_eq!((seal.subject(), seal.fingerprint()), (held.subject(), held.fingerprint()));
    let unsigned = render(&northwind::document()).unwrap();
    let (_, trust) = northwind::sealed(&unsigned);
    let at = northwind::sealing_time();
    // A run seals on all cores.
    let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let one = || scope.spawn(|| (0..8).map(|_| seal.sign(&unsigned, at).unwrap()).collect());
        let all: Vec<std::thread::ScopedJoinHandle<'_, Vec<_>>> = (0..4).map(|_| one()).collect();
        all.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for bytes in &sealed {
        let found = verify(bytes, &trust, at);
        assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    }
    write_whole(&samples::folder().join("northwind-token.pdf"), &sealed[0]).unwrap();
}

/// By its slot, with the certificate from the token itself.
#[test]
fn a_token_brings_its_certificate_along() {
    use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
    use cryptoki::object::{Attribute, CertificateType, ObjectClass};
    use cryptoki::{session::UserType, types::AuthPin};
    let Some(folder) = inside("a_token_brings_its_certificate_along") else { return };
    let pkcs11 = Pkcs11::new(module()).unwrap();
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slots = pkcs11.get_slots_with_initialized_token().unwrap();
    let is_seals = |slot: &_| pkcs11.get_token_info(*slot).unwrap().label() == "seals";
    let slot = slots.into_iter().find(is_seals).unwrap();
    let place = TokenKey { token: TokenName::Slot(slot.id()), ..place("", "2026-A") };
    let none = Seal::from_token(&place, PIN, None).unwrap_err();
    assert!(none.to_string().contains("none of its certificates"), "{none}");
    let session = pkcs11.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
    let pem = String::from_utf8(beside(&folder)).unwrap();
    let (_, document) = der::Document::from_pem(&pem[pem.find("-----BEGIN").unwrap()..]).unwrap();
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Subject(vec![0x30, 0x00]),
        Attribute::Value(document.as_bytes().to_vec()),
    ];
    session.create_object(&template).unwrap();
    drop(session);
    let seal = Seal::from_token(&place, PIN, None).unwrap();
    assert!(seal.subject().contains("Fjordline Cloud GmbH (demo seal)"), "{}", seal.subject());
}

#[test]
fn what_does_not_seal_is_named() {
    let Some(folder) = inside("what_does_not_seal_is_named") else { return };
    for (token, key, words) in [
        ("nowhere", "2026-A", "there is no token \"nowhere\"; there is"),
        ("twin", "2026-A", "several tokens \"twin\""),
        ("other", "2026-A", "no private key \"2026-A\""),
        ("seals", "2026-B", "no private key \"2026-B\""),
        ("seals", "double", "several private keys \"double\""),
    ] {
        let error = open(&folder, token, key, PIN).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.code(), Code::KeyInvalid);
    }
    let mut absent = place("seals", "2026-A");
    absent.module = folder.join("absent.so");
    let error = Seal::from_token(&absent, PIN, None).unwrap_err();
    assert!(error.to_string().contains("absent.so can't be loaded"), "{error}");
    let root = northwind::authority().root_pem;
    let error = Seal::from_token(&place("seals", "2026-A"), PIN, Some(root.as_bytes()));
    assert!(error.unwrap_err().to_string().contains("none of its certificates matches"));
    let error = Seal::from_token(&place("seals", "2026-A"), PIN, Some(b"no certificate"));
    assert!(error.unwrap_err().to_string().contains("the certificates beside it"));
    let seal = open(&folder, "seals", "2026-A", PIN).unwrap();
    let unsigned = render(&northwind::document()).unwrap();
    let late = seal.sign(&unsigned, northwind::at("2029-01-01T00:00:01Z")).unwrap_err();
    assert!(matches!(&late, StatementError::Token(why) if why.contains("expired")), "{late}");
}

/// A token counts wrong PINs, and locks.
#[test]
fn a_wrong_pin_is_tried_once() {
    let Some(folder) = inside("a_wrong_pin_is_tried_once") else { return };
    for pin in ["1111", "1", ""] {
        let error = open(&folder, "seals", "2026-A", pin).unwrap_err();
        assert_eq!(error.code(), Code::KeyPassword);
        assert!(error.to_string().contains("tried once"), "{error}");
    }
    open(&folder, "seals", "2026-A", PIN).unwrap();
    // Closed with the last seal, and so asked for anew.
    assert_eq!(open(&folder, "seals", "2026-A", "1111").unwrap_err().code(), Code::KeyPassword);
}

/// A module that is SoftHSM, and gives the answers of tokens that were taken out, or of other makers'.
pub(crate) fn shim() -> String {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/removed.c");
    let module = module();
    let module = module.display();
    format!("cc -std=c11 -shared -fPIC -DMODULE='\"{module}\"' -o removed.so {source} -ldl")
}

/// A run has its key open, and somebody takes the card out.
#[test]
fn a_token_that_goes_in_the_middle_of_a_run_is_named_and_may_come_back() {
    let test = "token::a_token_that_goes_in_the_middle_of_a_run_is_named_and_may_come_back";
    let Some(folder) = process(test, shim) else { return };
    let place = TokenKey { module: folder.join("removed.so"), ..place("seals", "2026-A") };
    let open = || Seal::from_token(&place, PIN, Some(&beside(&folder))).unwrap();
    let (says, at) = (folder.join("sign"), northwind::sealing_time());
    let unsigned = render(&northwind::document()).unwrap();
    let seal = open();
    seal.sign(&unsigned, at).unwrap();
    for (answer, words) in [
        ("32", "it was taken out; put it back and open the seal again"),
        ("e0", "it was taken out"),
        ("b3", "it was taken out"),
        ("82", "it was taken out"),
        ("60", "it was taken out"),
        ("101", "it was closed in the meantime, or asks for its PIN at each signature"),
        ("5", "its module answers"),
    ] {
        std::fs::write(&says, answer).unwrap();
        let error = seal.sign(&unsigned, at).unwrap_err();
        assert_eq!(error.code(), Code::KeyInvalid);
        assert!(matches!(&error, StatementError::Token(why) if why.contains(words)), "{error}");
    }
    std::fs::remove_file(&says).unwrap();
    seal.sign(&unsigned, at).unwrap();
    drop(seal);
    let seal = open();
    seal.sign(&unsigned, at).unwrap();
    // What SoftHSM itself says of a token that is no longer there.
    std::fs::rename(folder.join("tokens"), folder.join("taken")).unwrap();
    let error = seal.sign(&unsigned, at).unwrap_err();
    assert!(error.to_string().contains("it was taken out"), "{error}");
}

/// One more wrong PIN would lock it, or it is locked: the PIN is not tried.
#[test]
fn a_pin_that_would_lock_the_token_is_not_tried() {
    let test = "token::a_pin_that_would_lock_the_token_is_not_tried";
    let Some(folder) = process(test, shim) else { return };
    let place = TokenKey { module: folder.join("removed.so"), ..place("seals", "2026-A") };
    for (flags, words) in [("20000", "one more wrong PIN would lock it"), ("40000", "is locked")] {
        std::fs::write(folder.join("flags"), flags).unwrap();
        // The right one is not tried, either.
        let error = Seal::from_token(&place, PIN, Some(&beside(&folder))).unwrap_err();
        assert_eq!(error.code(), Code::KeyPassword);
        assert!(error.to_string().contains(words), "{error}");
    }
    std::fs::remove_file(folder.join("flags")).unwrap();
    Seal::from_token(&place, PIN, Some(&beside(&folder))).unwrap();
}
