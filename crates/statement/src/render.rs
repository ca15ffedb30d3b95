//! From a document to the bytes that are sealed.

use crate::document::{CreditNotice, CreditState, Document, Kind, Language, Scope, Share};
use crate::error::StatementError;
use crate::figures::{Settled, settle};
use crate::font;
use crate::layout::lay_out;
use crate::layout::owed::too_large;
use crate::manifest::Manifest;
use crate::pdf::assemble::{About, Attachment, assemble};
use crate::seal::Unsigned;
use crate::words::Words;
use makegood_engine::money::Money;
use sha2::{Digest, Sha256};

/// The longest text of a field that is a name, in characters.
const LONGEST_NAME: usize = 200;
/// The longest number of a statement: it stands beside the issuer's name.
const LONGEST_NUMBER: usize = 40;
/// The most lines of an address.
const MOST_RECIPIENT_LINES: usize = 10;
/// The longest running text.
const LONGEST_TEXT: usize = 20_000;

/// Lays a document out as PDF/A-3 with its cases inside. The same document gives the same bytes, in
/// any process, on any machine.
///
/// # Errors
/// [`StatementError::Character`] for a character outside of the fonts, by field;
/// [`StatementError::Field`] for a field that is empty, too long or does not fit the case;
/// [`StatementError::Case`] for a case that the engine refuses.
pub fn render(document: &Document) -> Result<Unsigned, StatementError> {
    check(document)?;
    let settled = settle(document)?;
    if let Kind::CreditNotice(notice) = &document.kind {
        check_notice(notice, &settled)?;
    }
    let canvas = lay_out(document, &settled)?;
    let words = Words::new(document.language);
    let period = words.period(&document.period.label);
    let title = match document.kind {
        Kind::Statement => "title",
        Kind::CreditNotice(_) => "notice_title",
    };
    let title = format!(
        "{} {}, {}",
        words.fill(title, &[("period", &period)]),
        document.number,
        document.customer
    );
    let seal_words = words.fill("seal_field", &[("name", &document.legal_entity.name)]);
    let about = About {
        title: &title,
        author: &document.legal_entity.name,
        language: document.language.tag(),
        issued_at: document.issued_at,
        seal_words: &seal_words,
    };
    let mut attachments: Vec<Attachment> =
        settled.iter().map(|one| attachment(one, words)).collect();
    attachments.push(Attachment {
        file_name: crate::manifest::FILE_NAME.to_owned(),
        description: words.say("figures_description"),
        data: Manifest::of(document, &settled).to_json()?.into_bytes(),
        relationship: "Supplement",
    });
    let (bytes, layout) = assemble(canvas, &about, &attachments)?;
    let sha256 = Sha256::digest(&bytes).into();
    Ok(Unsigned { bytes, sha256, layout })
}

fn attachment(settled: &Settled<'_>, words: Words) -> Attachment {
    let period = words.period(&settled.case.period);
    let values = [("contract", settled.part.number.as_str()), ("period", &period)];
    Attachment {
        file_name: settled.part.file_name.clone(),
        description: words.fill("case_description", &values),
        data: settled.json.clone().into_bytes(),
        relationship: "Data",
    }
}

/// A notice tells of one contract and window, and its credits are what that owes, but for what it says
/// was not granted.
fn check_notice(notice: &CreditNotice, settled: &[Settled<'_>]) -> Result<(), StatementError> {
    let [one] = settled else {
        return Err(StatementError::field("contracts", "is one contract and window in a notice"));
    };
    if let Some(statement) = &notice.statement {
        name("kind.statement", statement)?;
    }
    let mut all = notice.amount;
    for (at, before) in notice.before.iter().enumerate() {
        name(&format!("kind.before[{at}].number"), &before.number)?;
        all = all.checked_add(before.amount).map_err(too_large)?;
    }
    not_granted(notice, one)?;
    if let Some(rest) = notice.not_granted {
        all = all.checked_add(rest).map_err(too_large)?;
    }
    if all == one.credit {
        return Ok(());
    }
    let (all, owed) = (Money::display(all), Money::display(one.credit));
    let message = format!("comes to {all} with what was credited before; the case owes {owed}");
    Err(StatementError::field("kind.amount", message))
}

/// What a notice says was not granted, its lines say, too: none of them calls all of it granted.
fn not_granted(notice: &CreditNotice, one: &Settled<'_>) -> Result<(), StatementError> {
    let refused = |share: &&Share| share.state == CreditState::NotGranted;
    let shares: Vec<Money> = one.part.shares.iter().filter(refused).map(|one| one.amount).collect();
    if shares.as_slice() == notice.not_granted.as_slice() {
        return Ok(());
    }
    let message = "is not what the contract's shares say was not granted";
    Err(StatementError::field("kind.not_granted", message))
}

/// Looks at every field before anything is laid out: an error names the field.
fn check(document: &Document) -> Result<(), StatementError> {
    let entity = &document.legal_entity;
    name("number", &document.number)?;
    if document.number.chars().count() > LONGEST_NUMBER {
        return Err(StatementError::field(
            "number",
            format!("is over {LONGEST_NUMBER} characters"),
        ));
    }
    if document.recipient.len() > MOST_RECIPIENT_LINES {
        let message = format!("has over {MOST_RECIPIENT_LINES} lines");
        return Err(StatementError::field("recipient", message));
    }
    name("customer", &document.customer)?;
    name("legal_entity.name", &entity.name)?;
    name("released_by", &document.released_by)?;
    name("seal_name", &document.seal_name)?;
    name("period.label", &document.period.label)?;
    name("period.zone", &document.period.zone)?;
    for (what, list) in [
        ("recipient", &document.recipient),
        ("legal_entity.address", &entity.address),
        ("legal_entity.legal", &entity.legal),
    ] {
        for (at, line) in list.iter().enumerate() {
            name(&format!("{what}[{at}]"), line)?;
        }
    }
    for (what, value) in [("supersedes", &document.supersedes), ("change", &document.change)] {
        if let Some(value) = value {
            text(what, value)?;
        }
    }
    if document.period.from >= document.period.to {
        return Err(StatementError::field("period", "must end after it begins"));
    }
    if document.contracts.is_empty() {
        return Err(StatementError::field("contracts", "must hold at least one contract"));
    }
    for at in 0..document.contracts.len() {
        check_contract(document, at)?;
    }
    for (at, stretch) in document.to_date.iter().enumerate() {
        name(&format!("to_date[{at}].label"), &stretch.label)?;
        for line in &stretch.lines {
            name(&format!("to_date[{at}].contract"), &line.contract)?;
            name(&format!("to_date[{at}].sla"), &line.sla)?;
        }
    }
    check_scope(document)
}

/// A group's contracts name their customers, others do not; one contract is one.
fn check_scope(document: &Document) -> Result<(), StatementError> {
    let group = document.scope == Scope::Group;
    for (at, part) in document.contracts.iter().enumerate() {
        if part.customer.is_some() != group {
            let message = "is given for each contract of a group's statement, and for no other";
            return Err(StatementError::field(format!("contracts[{at}].customer"), message));
        }
        if document.scope == Scope::Contract && part.number != document.contracts[0].number {
            let message = "is another contract, in a statement of one";
            return Err(StatementError::field(format!("contracts[{at}].number"), message));
        }
    }
    Ok(())
}

fn check_contract(document: &Document, at: usize) -> Result<(), StatementError> {
    let part = &document.contracts[at];
    let place = format!("contracts[{at}]");
    name(&format!("{place}.number"), &part.number)?;
    if let Some(customer) = &part.customer {
        name(&format!("{place}.customer"), customer)?;
    }
    let field = format!("{place}.file_name");
    name(&field, &part.file_name)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !part.file_name.bytes().all(plain) || !part.file_name.ends_with(".json") {
        let message = "must be letters, digits, '.', '_' and '-', and end in .json";
        return Err(StatementError::field(field, message));
    }
    let twice = document.contracts[..at].iter().any(|one| one.file_name == part.file_name);
    if twice || part.file_name == crate::manifest::FILE_NAME {
        return Err(StatementError::field(field, "stands twice in the document"));
    }
    if part.lines.len() != part.case.lines.len() {
        let message = format!(
            "has {} lines, its case {}: give one for each",
            part.lines.len(),
            part.case.lines.len()
        );
        return Err(StatementError::field(format!("{place}.lines"), message));
    }
    for (number, line) in part.lines.iter().enumerate() {
        let place = format!("{place}.lines[{number}]");
        name(&format!("{place}.sla"), &line.sla)?;
        if let Some(note) = &line.fee_note {
            text(&format!("{place}.fee_note"), note)?;
        }
        let clauses = &line.clauses;
        let all = [&clauses.objective, &clauses.credit].into_iter().flatten();
        for clause in all.chain(clauses.exclusions.values()) {
            name(&format!("{place}.clauses"), clause)?;
        }
        for (what, value) in [("narrative", &line.narrative), ("root_cause", &line.root_cause)] {
            if let Some(value) = value {
                text(&format!("{place}.{what}"), value)?;
            }
        }
    }
    Ok(())
}

/// A short text: there, not too long, and of characters that the fonts hold.
fn name(field: &str, value: &str) -> Result<(), StatementError> {
    let value = font::as_set(value);
    let value = value.as_ref();
    if value.trim().is_empty() {
        return Err(StatementError::field(field, "is empty"));
    }
    if value.chars().count() > LONGEST_NAME {
        return Err(StatementError::field(field, format!("is over {LONGEST_NAME} characters")));
    }
    characters(field, value)
}

/// Running text; line breaks are allowed.
fn text(field: &str, value: &str) -> Result<(), StatementError> {
    if value.chars().count() > LONGEST_TEXT {
        return Err(StatementError::field(field, format!("is over {LONGEST_TEXT} characters")));
    }
    characters(field, &value.replace(['\n', '\r'], " "))
}

fn characters(field: &str, value: &str) -> Result<(), StatementError> {
    for character in font::as_set(value).chars() {
        if !font::covers(character)? {
            return Err(StatementError::Character { field: field.to_owned(), character });
        }
    }
    Ok(())
}

impl Language {
    /// Reads a BCP 47 tag as documents bear it.
    pub(crate) fn of_tag(tag: &[u8]) -> Option<Self> {
        std::str::from_utf8(tag).ok().and_then(Self::parse)
    }
}
