//! Time stamps of a real authority: OpenSSL's, with an RSA key and with one on a curve.

use crate::{northwind, samples};
use chrono::{DateTime, TimeDelta, Utc};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::revocation::RevocationInfoChoices;
use cms::signed_data::{SignedData, SignerInfo, SignerInfos};
use der::asn1::{Any, SetOfVec};
use der::{Decode, Encode};
use makegood_domain::{Clock, error::Code, random::Random};
use makegood_statement::authority::{self, DemoAuthority};
use makegood_statement::{
    Outcome, Seal, StatementError, Trust, Unsigned, Verdict, Verification, render, verify,
    write_whole,
};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// Makes the authorities: `rsa` and `curve`, and two that are not meant for time stamps alone.
const MAKE: &str = include_str!("../stamps.sh");

/// The folder with the authorities, made once.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        shell(folder.path(), MAKE);
        folder
    });
    folder.path()
}

pub(crate) fn shell(folder: &Path, script: &str) {
    let done = Command::new("bash").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

/// Asks an authority with a query's bytes; `change` is what is done to its settings before.
pub(crate) fn reply(query: &[u8], authority: &str, change: &str) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("query.tsq"), query).unwrap();
    let from = folder().display();
    // One carries its root along, the other does not.
    let chain = if authority == "curve" { format!("-chain {from}/tsa.pem") } else { String::new() };
    let script = format!(
        "cp {from}/stamps.cnf {from}/serial .
        {change}
        openssl ts -reply -queryfile query.tsq -out reply.tsr -config stamps.cnf -section tsa \
          -signer {from}/{authority}.pem -inkey {from}/{authority}.key {chain}"
    );
    shell(scratch.path(), &script);
    std::fs::read(scratch.path().join("reply.tsr")).unwrap()
}

/// An answer whose content is signed by another certificate than that of the authority.
fn signed_anew(query: &[u8], signer: &str) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("reply.tsr"), reply(query, "rsa", "")).unwrap();
    let from = folder().display();
    let script = format!(
        "set -e
        openssl ts -reply -in reply.tsr -token_out -out token.der -config {from}/stamps.cnf
        openssl cms -verify -noverify -inform DER -in token.der -out content.der
        openssl cms -sign -in content.der -econtent_type 1.2.840.113549.1.9.16.1.4 -binary -nodetach \
          -cades -md sha256 -signer {from}/{signer}.pem -inkey {from}/{signer}.key -outform DER -out new.der"
    );
    shell(scratch.path(), &script);
    answer(&std::fs::read(scratch.path().join("new.der")).unwrap())
}

/// An answer that grants a token.
fn answer(token: &[u8]) -> Vec<u8> {
    // SEQUENCE { SEQUENCE { INTEGER 0 }, token }
    let length = u16::try_from(token.len() + 5).unwrap().to_be_bytes();
    let head = [0x30, 0x82, length[0], length[1], 0x30, 0x03, 0x02, 0x01, 0x00];
    [&head[..], token].concat()
}

/// A house whose seal is valid today: an authority's clock can't be set.
pub(crate) struct House {
    pub(crate) authority: DemoAuthority,
    pub(crate) seal: Seal,
    pub(crate) unsigned: Unsigned,
    pub(crate) now: DateTime<Utc>,
}

impl House {
    pub(crate) fn new() -> Self {
        let now = Clock::system().now();
        let random = Random::seeded(11);
        let (from, to) = (now - TimeDelta::days(1), now + TimeDelta::days(300));
        let authority =
            authority::make("Fjordline Cloud GmbH", "x", from, to, || random.bytes32()).unwrap();
        let seal = Seal::from_pkcs12(&authority.pkcs12, "x").unwrap();
        Self { authority, seal, unsigned: render(&northwind::document()).unwrap(), now }
    }

    pub(crate) fn trust(&self) -> Trust {
        northwind::trust(&self.authority).with_time_stamps(&stamps("tsa"))
    }

    /// A statement that states this time, stamped by an authority.
    pub(crate) fn stamped(&self, at: DateTime<Utc>, authority: &str) -> (Vec<u8>, Vec<u8>) {
        let unstamped = self.seal.sign_to_stamp(&self.unsigned, at).unwrap();
        let request = unstamped.ask(&Random::system().bytes32(), None).unwrap();
        let reply = reply(request.der(), authority, "");
        (unstamped.stamp(&request, &reply, &stamps("tsa"), self.now).unwrap(), reply)
    }

    /// Why a reply is not taken.
    fn refused(&self, reply: impl Fn(&[u8]) -> Vec<u8>, root: &str) -> String {
        let unstamped = self.seal.sign_to_stamp(&self.unsigned, self.now).unwrap();
        let request = unstamped.ask(&Random::system().bytes32(), None).unwrap();
        let error =
            unstamped.stamp(&request, &reply(request.der()), &stamps(root), self.now).unwrap_err();
        assert_eq!(error.code(), Code::StampAnswer);
        error.to_string()
    }
}

pub(crate) fn stamps(root: &str) -> Trust {
    Trust::from_file(&read(&format!("{root}.pem"))).unwrap()
}

pub(crate) fn outcome(found: &Verification, id: &str) -> Outcome {
    found.checks.iter().find(|check| check.id == id).unwrap().outcome
}

#[test]
fn law_11_a_stamped_statement_verifies() {
    let house = House::new();
    for authority in ["rsa", "curve"] {
        let (bytes, _) = house.stamped(house.now, authority);
        assert!(bytes.starts_with(&house.unsigned.bytes));
        let found = verify(&bytes, &house.trust(), house.now);
        assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
        assert!((found.stamped_at.unwrap() - house.now).abs() < TimeDelta::minutes(2));
        assert!(found.stamped_by.unwrap().contains(authority));
        let into = samples::folder().join(format!("stamped-{authority}"));
        std::fs::create_dir_all(&into).unwrap();
        write_whole(&into.join("northwind-stamped.pdf"), &bytes).unwrap();
        write_whole(&into.join("root.pem"), house.authority.root_pem.as_bytes()).unwrap();
        write_whole(&into.join("stamps.pem"), &read("tsa.pem")).unwrap();
    }
}

#[test]
fn who_does_not_know_the_authority_learns_that_it_is_open() {
    let house = House::new();
    let (bytes, _) = house.stamped(house.now, "rsa");
    let found = verify(&bytes, &northwind::trust(&house.authority), house.now);
    assert_eq!(found.verdict, Verdict::Unproven, "{found:#?}");
    assert_eq!(outcome(&found, "time_stamp"), Outcome::Pass);
    assert_eq!(outcome(&found, "time_stamp_chain"), Outcome::NotChecked);
    // A root for seals is none for time stamps.
    let trust = northwind::trust(&house.authority).with_time_stamps(&stamps("other"));
    let found = verify(&bytes, &trust, house.now);
    assert_eq!(outcome(&found, "time_stamp_chain"), Outcome::Fail);
    assert_eq!(found.verdict, Verdict::Invalid);
    let plain = house.seal.sign(&house.unsigned, house.now).unwrap();
    let found = verify(&plain, &house.trust(), house.now);
    assert_eq!((found.verdict, found.stamped_at), (Verdict::Valid, None));
}

#[test]
fn an_answer_that_does_not_hold_is_named() {
    let house = House::new();
    let another = |at: DateTime<Utc>| {
        let unstamped = house.seal.sign_to_stamp(&house.unsigned, at).unwrap();
        let request = unstamped.ask(&Random::system().bytes32(), None).unwrap();
        reply(request.der(), "rsa", "")
    };
    let hour = TimeDelta::hours(1);
    let sha512 = "sed -i 's/^digests = sha256/digests = sha512/' stamps.cnf";
    // Without asking for the certificate: `certReq` is a query's last element.
    let bare = |query: &[u8]| {
        assert!(query.ends_with(&[0x01, 0x01, 0xff]));
        let mut bare = query[..query.len() - 3].to_vec();
        bare[1] -= 3;
        bare
    };
    let altered = |mut reply: Vec<u8>| {
        let place = reply.windows(5).position(|window| window == b"Stamp").unwrap();
        reply[place] = b'D';
        reply
    };
    let said: [(&str, String); 10] = [
        ("none of RFC 3161", house.refused(|_| b"<html>".to_vec(), "tsa")),
        ("not among the trusted", house.refused(|asked| reply(asked, "rsa", ""), "other")),
        ("another question", house.refused(|_| another(house.now), "tsa")),
        ("another signature", house.refused(|_| another(house.now - hour), "tsa")),
        ("the authority refused", house.refused(|asked| reply(asked, "rsa", sha512), "tsa")),
        (
            "carry its authority's certificate",
            house.refused(|asked| reply(&bare(asked), "rsa", ""), "tsa"),
        ),
        ("since its authority signed it", {
            house.refused(|asked| altered(reply(asked, "rsa", "")), "tsa")
        }),
        ("time stamps alone", house.refused(|asked| signed_anew(asked, "both"), "tsa")),
        ("time stamps alone", house.refused(|asked| signed_anew(asked, "soft"), "tsa")),
        ("minutes from this machine's", {
            let late = House { now: house.now + hour, ..House::new() };
            late.refused(|asked| reply(asked, "rsa", ""), "tsa")
        }),
    ];
    for (words, said) in said {
        assert!(said.contains(words), "{words}: {said}");
    }
    // The same way of signing anew, with the right certificate, holds: it is the purpose that counts.
    let unstamped = house.seal.sign_to_stamp(&house.unsigned, house.now).unwrap();
    let request = unstamped.ask(&Random::system().bytes32(), None).unwrap();
    let anew = signed_anew(request.der(), "curve");
    unstamped.stamp(&request, &anew, &stamps("tsa"), house.now).unwrap();
}

#[test]
fn a_policy_that_was_asked_is_given() {
    let house = House::new();
    let ask = |policy: &str| {
        let unstamped = house.seal.sign_to_stamp(&house.unsigned, house.now).unwrap();
        let request = unstamped.ask(&Random::system().bytes32(), Some(policy))?;
        let reply = reply(request.der(), "rsa", "");
        unstamped.stamp(&request, &reply, &stamps("tsa"), house.now)
    };
    ask("1.3.6.1.4.1.57264.3").unwrap();
    assert!(ask("1.3.6.1.4.1.57264.4").unwrap_err().to_string().contains("refused"));
    assert!(matches!(ask("low").unwrap_err(), StatementError::Field { .. }));
    // One that answers under its own, whatever was asked.
    let unstamped = house.seal.sign_to_stamp(&house.unsigned, house.now).unwrap();
    let random = Random::system().bytes32();
    let asked = unstamped.ask(&random, Some("1.3.6.1.4.1.57264.3")).unwrap();
    let reply = reply(unstamped.ask(&random, None).unwrap().der(), "rsa", "");
    let error = unstamped.stamp(&asked, &reply, &stamps("tsa"), house.now).unwrap_err();
    assert!(error.to_string().contains("under the policy 1.3.6.1.4.1.57264.2"), "{error}");
}

/// Where the signature with its time stamp lies in a file, in hexadecimal digits.
pub(crate) fn signature(bytes: &[u8]) -> std::ops::Range<usize> {
    let mark = b"/Contents <";
    let start = bytes.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len();
    // A head of four bytes says how many follow.
    let head = hex::decode(&bytes[start..start + 8]).unwrap();
    let length = 4 + usize::from(u16::from_be_bytes([head[2], head[3]]));
    start..start + 2 * length
}

/// The seal's own signature does not cover the time stamp: each of its bytes is checked all the same.
#[test]
fn law_11_one_flipped_byte_of_the_time_stamp_is_found() {
    let house = House::new();
    let trust = house.trust();
    let (bytes, _) = house.stamped(house.now, "curve");
    let place = signature(&bytes);
    let whole = hex::decode(&bytes[place.clone()]).unwrap();
    let step: usize = std::env::var("MAKEGOOD_STEP").map_or(9, |step| step.parse().unwrap());
    for at in (0..whole.len()).step_by(step) {
        for flip in [0x01, 0x20] {
            let mut broken = whole.clone();
            broken[at] ^= flip;
            let mut file = bytes.clone();
            file[place.clone()].copy_from_slice(hex::encode(broken).as_bytes());
            let found = verify(&file, &trust, house.now);
            assert_eq!(found.verdict, Verdict::Invalid, "byte {at} ^ {flip:#x}: {found:#?}");
        }
    }
}

/// A time stamp of another seal, of the same length, put in this one's place.
#[test]
fn a_time_stamp_that_was_moved_is_found() {
    let house = House::new();
    let (one, first) = house.stamped(house.now, "rsa");
    let (_, second) = house.stamped(house.now - TimeDelta::hours(2), "rsa");
    assert_eq!(first.len(), second.len());
    let token = |reply: &[u8]| hex::encode(&reply[9..]);
    let (first, second) = (token(&first), token(&second));
    let place = one.windows(first.len()).position(|part| part == first.as_bytes()).unwrap();
    let mut moved = one.clone();
    moved[place..place + first.len()].copy_from_slice(second.as_bytes());
    let found = verify(&moved, &house.trust(), house.now);
    let stamp = found.checks.iter().find(|check| check.id == "time_stamp").unwrap();
    assert!(stamp.reason.contains("another signature"), "{found:#?}");
    assert_eq!(found.stamped_at, None);
}

/// A seal that says it was made after its time stamp, or by a certificate that had run out by then.
#[test]
fn a_time_stamp_judges_the_time_that_the_seal_states() {
    let house = House::new();
    let (early, _) = house.stamped(house.now + TimeDelta::hours(1), "rsa");
    let found = verify(&early, &house.trust(), house.now);
    assert_eq!(outcome(&found, "time_stamp"), Outcome::Fail);
    let random = Random::seeded(12);
    let (from, to) = (house.now - TimeDelta::days(9), house.now - TimeDelta::days(1));
    let authority = authority::make("Fjordline", "x", from, to, || random.bytes32()).unwrap();
    let seal = Seal::from_pkcs12(&authority.pkcs12, "x").unwrap();
    let old = House { seal, authority, ..House::new() };
    let (backdated, _) = old.stamped(from + TimeDelta::days(1), "rsa");
    let found = verify(&backdated, &old.trust(), old.now);
    assert_eq!(outcome(&found, "time_stamp"), Outcome::Pass);
    assert_eq!(outcome(&found, "validity"), Outcome::Fail, "{found:#?}");
    assert_eq!(found.verdict, Verdict::Invalid);
}

/// What no signature covers can be changed by anybody, and is refused for it.
#[test]
fn what_no_signature_reaches_has_one_form() {
    let house = House::new();
    let said = |change: fn(&mut SignedData, &mut SignerInfo)| {
        house.refused(|asked| altered(&reply(asked, "rsa", ""), change), "tsa")
    };
    let form = "not in a form in which every byte is checked";
    assert!(said(|data, _| data.version = CmsVersion::V4).contains(form));
    assert!(said(|_, signer| signer.version = CmsVersion::V3).contains(form));
    assert!(said(|_, signer| signer.unsigned_attrs = signer.signed_attrs.clone()).contains(form));
    assert!(
        said(|data, _| data.crls = Some(RevocationInfoChoices(SetOfVec::new()))).contains(form)
    );
    assert!(said(|data, _| data.digest_algorithms = SetOfVec::new()).contains(form));
}

/// An answer with its token changed, where the authority's signature does not reach.
fn altered(reply: &[u8], change: fn(&mut SignedData, &mut SignerInfo)) -> Vec<u8> {
    let mut outer = ContentInfo::from_der(&reply[9..]).unwrap();
    let mut data: SignedData = outer.content.decode_as().unwrap();
    let mut signer = data.signer_infos.0.get(0).unwrap().clone();
    change(&mut data, &mut signer);
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![signer]).unwrap());
    outer.content = Any::encode_from(&data).unwrap();
    answer(&outer.to_der().unwrap())
}
