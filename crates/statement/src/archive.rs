//! Keeping a stamped statement provable when its certificates have run out (PAdES B-LTA): one more
//! revision with certificates, revocation lists and responders' answers, and a time stamp over the whole
//! document.
//!
//! There is one form for that revision. It follows from the file before, the roots, the lists and the
//! answers, so that verifying makes it anew and compares: nothing else can stand in it.

pub(crate) mod answer;
pub(crate) mod lists;
pub(crate) mod question;

use crate::chain::path;
use crate::error::StatementError;
use crate::pdf::read::File;
use crate::pdf::{Dict, Id, Value, identifier, ints, name, text};
use crate::seal::certificate::Certificate;
use crate::seal::cms::Signature;
use crate::seal::kind::Hash;
use crate::seal::update::{Revision, Trailer, Update};
use crate::seal::{STAMPED_ROOM, too_long};
use crate::stamp::{StampRequest, Token};
use crate::verify::{Trust, signature_of};
use answer::Answer;
use chrono::{DateTime, Utc};
use lists::List;

/// Name of the field of the time stamp over the document.
const STAMP_FIELD: &str = "Time stamp";
/// What of the catalog an archive's revision adds.
pub(crate) const STORE: &str = "DSS";
/// More revocation lists than this no statement needs, and no more answers.
const MOST_LISTS: usize = 32;

/// Revocation lists (CRLs) of the authorities behind a seal and its time stamp, and answers of their
/// responders (OCSP).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revocation {
    lists: Vec<List>,
    answers: Vec<Answer>,
}

impl Revocation {
    /// These lists, DER.
    ///
    /// # Errors
    /// A sentence that names the one that can't be read.
    pub fn from_der<'a>(lists: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, String> {
        let mut all = Self::default();
        for (at, list) in lists.into_iter().enumerate() {
            if at == MOST_LISTS {
                return Err(format!("there are more than {MOST_LISTS} revocation lists"));
            }
            let list = List::from_der(list)
                .map_err(|error| format!("revocation list {}: {error}", at + 1))?;
            if !all.lists.contains(&list) {
                all.lists.push(list);
            }
        }
        Ok(all)
    }

    /// … and these answers, DER, as they stand in a file: whether they hold is for `verify` to say.
    pub(crate) fn with_answers<'a>(
        mut self,
        answers: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, String> {
        for (at, answer) in answers.into_iter().enumerate() {
            if at == MOST_LISTS {
                return Err(format!("there are more than {MOST_LISTS} answers of responders"));
            }
            let answer = Answer::from_der(answer)
                .map_err(|error| format!("a responder's answer {}: {error}", at + 1))?;
            self.answers.push(answer);
        }
        Ok(self)
    }

    pub(crate) fn lists(&self) -> &[List] {
        &self.lists
    }

    pub(crate) fn answers(&self) -> &[Answer] {
        &self.answers
    }
}

/// A stamped statement with room for the time stamp over all of it.
pub struct Archive {
    update: Update,
    hash: Hash,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}

impl Archive {
    /// Appends certificates and lists to a stamped statement, with those roots of `trust` that stand
    /// above it: other validators look for the whole chain inside.
    ///
    /// # Errors
    /// [`StatementError::Stamp`] when it bears no time stamp, stands under none of the roots, or has
    /// been archived before.
    pub fn new(
        stamped: &[u8],
        revocation: &Revocation,
        trust: &Trust,
    ) -> Result<Self, StatementError> {
        let update = roots_above(stamped, trust)
            .and_then(|roots| append(stamped, &roots, revocation))
            .map_err(StatementError::Stamp)?;
        let (seal, _) = parts(stamped).map_err(StatementError::Stamp)?;
        Ok(Self { update, hash: seal.kind().hash() })
    }

    /// What to ask an authority, as for the seal.
    ///
    /// # Errors
    /// [`StatementError::Field`] when the policy is no object identifier.
    pub fn ask(
        &self,
        random: &[u8; 32],
        policy: Option<&str>,
    ) -> Result<StampRequest, StatementError> {
        StampRequest::new(self.hash, &self.update.covered(), random, policy)
    }

    /// Takes the answer, when it holds as that for a seal does.
    ///
    /// # Errors
    /// [`StatementError::Stamp`] with what does not hold.
    pub fn stamp(
        self,
        request: &StampRequest,
        reply: &[u8],
        roots: &Trust,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, StatementError> {
        let token = request.accept(reply, roots, now).map_err(StatementError::Stamp)?;
        self.update.fill(&token).ok_or_else(too_long)
    }
}

/// The file with the one revision that archives it, the time stamp's room still empty.
pub(crate) fn append(
    stamped: &[u8],
    roots: &[Certificate],
    revocation: &Revocation,
) -> Result<Update, String> {
    let file = File::read(stamped)?;
    let trailer = file.trailer()?;
    let mut root = file.dict(trailer.get("Root"), "the catalog")?;
    if root.get(STORE).is_some() {
        return Err("it has been archived before".into());
    }
    let certificates = certificates(stamped)?;
    let mut next = trailer.int("Size").and_then(|size| Id::try_from(size).ok()).ok_or(BROKEN)?;
    let mut fresh = || {
        next = next.saturating_add(1);
        next - 1
    };
    let mut revision = Revision::behind(stamped);
    let mut streams = |all: &mut dyn Iterator<Item = &[u8]>| -> Vec<Value> {
        let add = |data| {
            let id = fresh();
            revision.stream(id, data);
            Value::Ref(id)
        };
        all.map(add).collect()
    };
    let kept = streams(&mut certificates.iter().chain(roots).map(Certificate::der));
    let lists = streams(&mut revocation.lists.iter().map(List::der));
    let answers = streams(&mut revocation.answers.iter().map(Answer::der));
    let (store, signature, field) = (fresh(), fresh(), fresh());
    let mut told = Dict::new(STORE).with("Certs", kept).with("CRLs", lists);
    if !answers.is_empty() {
        told = told.with("OCSPs", answers);
    }
    revision.object(store, told);
    let stamp = Dict::new("DocTimeStamp")
        .with("Filter", name("Adobe.PPKLite"))
        .with("SubFilter", name("ETSI.RFC3161"));
    revision.signature(signature, stamp, STAMPED_ROOM);
    // It is shown on no page: of no page's annotations, and of no size.
    let own = Dict::new("Annot")
        .with("Subtype", name("Widget"))
        .with("FT", name("Sig"))
        .with("T", text(STAMP_FIELD))
        .with("F", 132)
        .with("Rect", ints(&[0, 0, 0, 0]))
        .with("V", Value::Ref(signature));
    revision.object(field, own);
    let Some(Value::Dict(form)) = root.get_mut("AcroForm") else { return Err(BROKEN.into()) };
    let Some(Value::Array(fields)) = form.get_mut("Fields") else { return Err(BROKEN.into()) };
    fields.push(Value::Ref(field));
    let (Some(Value::Ref(catalog)), Some(Value::Ref(info)), Some(Value::Array(ids))) =
        (trailer.get("Root"), trailer.get("Info"), trailer.get("ID"))
    else {
        return Err(BROKEN.into());
    };
    let Some(Value::Bytes(first)) = ids.first() else { return Err(BROKEN.into()) };
    revision.object(*catalog, root.with(STORE, Value::Ref(store)));
    let end = Trailer {
        root: *catalog,
        info: *info,
        size: next,
        identifier: first.clone(),
        previous: file.revisions.last().ok_or(BROKEN)?.xref,
    };
    Ok(revision.finish(end, identifier(stamped)))
}

const BROKEN: &str = "it is not a statement as it was sealed";

/// The certificates of the seal and of its time stamp, each once.
pub(crate) fn certificates(stamped: &[u8]) -> Result<Vec<Certificate>, String> {
    let (signature, token) = parts(stamped)?;
    Ok(once(signature.certificates().iter().chain(token.certificates())))
}

/// The roots above the seal and above its time stamp that are not inside already.
fn roots_above(stamped: &[u8], trust: &Trust) -> Result<Vec<Certificate>, String> {
    let (signature, token) = parts(stamped)?;
    let at = token.at();
    let seals = path(signature.leaf()?, signature.certificates(), trust.roots(), at)?;
    let stamps = path(token.leaf(), token.certificates(), trust.stamps(), at)?;
    let inside = certificates(stamped)?;
    let roots = [seals.last(), stamps.last()].into_iter().flatten().copied();
    Ok(once(roots.filter(|root| !inside.contains(root))))
}

fn parts(stamped: &[u8]) -> Result<(Signature, Token), String> {
    let signature = signature_of(stamped).ok_or(BROKEN)?;
    let token =
        signature.stamp_token().ok_or("it bears no time stamp; only such can be archived")?;
    let token = Token::read(&token)?;
    Ok((signature, token))
}

fn once<'a>(all: impl Iterator<Item = &'a Certificate>) -> Vec<Certificate> {
    let mut each: Vec<Certificate> = Vec::new();
    for one in all {
        if !each.contains(one) {
            each.push(one.clone());
        }
    }
    each
}
