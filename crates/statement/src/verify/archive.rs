//! The revision that archives a statement: its time stamp over the whole document, and what its
//! revocation lists say.

use super::container::der_length;
use super::{Checks, Trust};
use crate::archive::answer::Moment;
use crate::archive::question::pairs;
use crate::archive::{Revocation, STORE, append, certificates};
use crate::pdf::Value;
use crate::pdf::read::File;
use crate::seal::certificate::Certificate;
use crate::seal::cms::Signature;
use crate::stamp::{APART, Token};
use chrono::{DateTime, Utc};

/// One above the seal, one above the time stamp.
const MOST_ROOTS: usize = 2;

/// A file that ends in a revision which archives what stands before it.
pub(super) struct Archived<'a> {
    bytes: &'a [u8],
    /// The file before: sealed and stamped.
    pub(super) before: &'a [u8],
    store: Result<(Vec<Certificate>, Revocation), String>,
}

/// Whether a file is one that was archived; if not, it is looked at as it is.
pub(super) fn find(bytes: &[u8]) -> Option<Archived<'_>> {
    let file = File::read(bytes).ok()?;
    let [_, sealed, _] = file.revisions.as_slice() else {
        return None;
    };
    let root = file.dict(file.trailer().ok()?.get("Root"), "the catalog").ok()?;
    root.get(STORE)?;
    let before = bytes.get(..sealed.end)?;
    Some(Archived { bytes, before, store: read_store(&file, before, root.get(STORE)) })
}

/// The roots, the revocation lists and the answers in the store; its other certificates are those inside before.
fn read_store(
    file: &File<'_>,
    before: &[u8],
    store: Option<&Value>,
) -> Result<(Vec<Certificate>, Revocation), String> {
    let store = file.dict(store, "the store of certificates")?;
    let streams = |key: &str| -> Result<Vec<Vec<u8>>, String> {
        let Some(Value::Array(all)) = store.get(key) else {
            return Err("its store of certificates is broken".into());
        };
        all.iter().map(|one| file.stream(Some(one), "a part of its store")).collect()
    };
    let roots = streams("Certs")?.into_iter().skip(certificates(before)?.len());
    let roots: Result<Vec<_>, _> = roots.map(|der| Certificate::from_der(&der)).collect();
    let roots = roots.map_err(|error| format!("a certificate in its store: {error}"))?;
    if roots.len() > MOST_ROOTS || !roots.iter().all(|root| root.signed_by(root).is_ok()) {
        return Err("its store holds a certificate that is no root".into());
    }
    let lists = Revocation::from_der(streams("CRLs")?.iter().map(Vec::as_slice))?;
    let answers = match store.get("OCSPs") {
        Some(_) => streams("OCSPs")?,
        None => Vec::new(),
    };
    Ok((roots, lists.with_answers(answers.iter().map(Vec::as_slice))?))
}

impl Archived<'_> {
    /// Checks what was added.
    pub(super) fn check(&self, signature: Option<&Signature>, trust: &Trust, checks: &mut Checks) {
        const NAME: &str = "The whole document bears a time stamp";
        let token = match self.read_token() {
            Ok(token) => token,
            Err(reason) => {
                checks.add("archive", NAME, Err(reason));
                return;
            }
        };
        let stamp = signature.and_then(Signature::stamp_token);
        let first = stamp.and_then(|stamp| Token::read(&stamp).ok());
        let held = token.genuine().and_then(|()| {
            let moment = token.at().format("%Y-%m-%d %H:%M UTC");
            if first.as_ref().is_some_and(|first| token.at() < first.at() - APART) {
                return Err(format!("it was given at {moment}, before the seal's own"));
            }
            Ok(format!("{moment}, by {}", token.authority()))
        });
        checks.add("archive", NAME, held);
        const ANCHORED: &str = "The authority of the document's time stamp is trusted";
        const LISTS: &str = "No certificate was taken back before it counted";
        if trust.stamps.is_empty() || trust.roots.is_empty() {
            let why =
                "no trusted certificates for seals and time stamps were given to compare with";
            checks.skip("archive_chain", ANCHORED, why);
            checks.skip("revocation", LISTS, why);
            return;
        }
        checks.add("archive_chain", ANCHORED, token.anchored(&trust.stamps));
        if let (Some(signature), Some(first)) = (signature, first) {
            match self.look_up(signature, &first, token.at(), trust) {
                Err(reason) => drop(checks.add("revocation", LISTS, Err(reason))),
                Ok(Err(open)) => checks.skip("revocation", LISTS, &open),
                Ok(Ok(said)) => drop(checks.add("revocation", LISTS, Ok(said))),
            }
        }
    }

    /// The time stamp, once it is sure that it covers all and that nothing else was added.
    fn read_token(&self) -> Result<Token, String> {
        let (roots, revocation) = self.store.as_ref().map_err(Clone::clone)?;
        let expected = append(self.before, roots, revocation)?;
        let (start, end) = expected.gap();
        let same = self.bytes.len() == expected.bytes().len()
            && self.bytes[..start] == expected.bytes()[..start]
            && self.bytes[end..] == expected.bytes()[end..];
        if !same {
            return Err("something else was added than what archives a statement".into());
        }
        let digits = self.bytes[start..end].strip_prefix(b"<").and_then(|d| d.strip_suffix(b">"));
        let padded = digits.and_then(|digits| hex::decode(digits).ok());
        let padded = padded.ok_or("its time stamp is not hexadecimal")?;
        if digits != Some(hex::encode(&padded).as_bytes()) {
            return Err("its time stamp is not in lower-case digits".into());
        }
        let length = der_length(&padded).ok_or("it is no time stamp")?;
        let (token, padding) = padded.split_at(length);
        if padding.iter().any(|byte| *byte != 0) {
            return Err("something stands behind the time stamp".into());
        }
        let token = Token::read(token)?;
        token.is_for(&expected.covered())?;
        Ok(token)
    }

    /// What lists and answers say of each certificate below the roots, at the time of the seal's own
    /// stamp; the inner error: what they do not tell.
    fn look_up(
        &self,
        signature: &Signature,
        first: &Token,
        archived: DateTime<Utc>,
        trust: &Trust,
    ) -> Result<Result<String, String>, String> {
        let at = first.at();
        let (_, revocation) = self.store.as_ref().map_err(Clone::clone)?;
        let moment = Moment { at, known: archived + APART, apart: APART };
        let seal = (signature.leaf()?, signature.certificates());
        let (mut by_lists, mut by_answers) = (0, 0);
        for (below, issuer) in pairs(seal, first, trust, at)? {
            let lists = revocation.lists().iter().filter(|list| list.is_of(issuer));
            let lists = lists.filter(|list| list.tells_of(at, moment.known));
            let mut told: Vec<_> = lists.map(|list| list.revoked(below)).collect();
            by_lists += usize::from(!told.is_empty());
            let answers = revocation.answers().iter();
            let answers = answers
                .filter_map(|one| one.revoked(below, issuer, moment, revocation.lists()).ok());
            let before = told.len();
            told.extend(answers);
            if told.is_empty() {
                let subject = below.subject();
                let why = format!(
                    "no revocation list and no responder's answer inside tells of {subject}"
                );
                return Ok(Err(why));
            }
            by_answers += usize::from(before == 0);
            // Whoever says that it was taken back outweighs whoever had not heard of it.
            if let Some(when) = told.into_iter().flatten().filter(|when| *when <= at).min() {
                let when = when.format("%Y-%m-%d %H:%M UTC");
                return Err(format!("{} was taken back on {when}", below.subject()));
            }
        }
        Ok(Ok(match (by_lists, by_answers) {
            (lists, 0) => format!("{lists} certificates, by the revocation lists inside"),
            (0, answers) => format!("{answers} certificates, by the responders' answers inside"),
            (lists, answers) => format!(
                "{lists} certificates by the revocation lists inside, {answers} by responders' answers"
            ),
        }))
    }
}
