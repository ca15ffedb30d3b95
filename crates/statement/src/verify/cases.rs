//! The calculation files inside: all there, recomputed, and equal to what is stated.

use super::pages::{Computed, Printed};
use super::{Checks, EmbeddedCase};
use crate::manifest::{FILE_NAME, FORMAT, Manifest, StatedContract, StatedLine, StatedNotice};
use crate::pdf::read::File;
use crate::pdf::{Dict, Value};
use makegood_engine::case::Case;
use makegood_engine::check::{self, Verdict};
use makegood_engine::compute;
use makegood_engine::money::{Currency, Money};
use makegood_engine::result::CaseResult;
use sha2::{Digest, Sha256};

/// More files than this no statement has.
const MOST_FILES: usize = 2_000;

/// What was found inside.
pub(super) struct Found {
    pub(super) statement: Option<String>,
    pub(super) of: Option<String>,
    pub(super) cases: Vec<EmbeddedCase>,
}

/// An attachment, unpacked.
struct Attached {
    file_name: String,
    data: Vec<u8>,
}

/// Checks the attachments.
pub(super) fn check(file: &File<'_>, checks: &mut Checks) -> Found {
    const NAME: &str = "The calculation files are attached";
    let mut found = Found { statement: None, of: None, cases: Vec::new() };
    let (manifest, attached) = match read(file) {
        Ok(read) => read,
        Err(reason) => {
            checks.add("cases", NAME, Err(reason));
            return found;
        }
    };
    found.statement = Some(match &manifest.notice {
        None => format!("{}, revision {}", manifest.number, manifest.revision),
        Some(_) => format!("SLA credit notice {}", manifest.number),
    });
    found.of = of(&manifest);
    checks.add("cases", NAME, match_up(&manifest, &attached));
    let mut printed = Printed::read(file);
    let mut on_paper = printed.as_ref().map(|_| ()).map_err(Clone::clone);
    if let Ok(printed) = &mut printed {
        let first = manifest.contracts.first().map(|one| &one.currency);
        printed.several_windows =
            attached.iter().any(|one| period(&one.data).is_some_and(|p| p != manifest.period));
        printed.mixed = manifest.contracts.iter().any(|one| Some(&one.currency) != first);
    }
    for stated in &manifest.contracts {
        let data = attached.iter().find(|one| one.file_name == stated.file_name);
        if let Some(attached) = data {
            let (embedded, paper) = examine(stated, attached, printed.as_ref().ok());
            found.cases.push(embedded);
            on_paper = on_paper.and(paper);
        }
    }
    if let Some(notice) = &manifest.notice {
        let paper = check_notice(notice, &manifest, printed.as_ref().ok());
        on_paper = on_paper.and(paper);
    }
    let wrong = found.cases.iter().find(|case| !case.agrees);
    let recomputed = match wrong {
        Some(case) => Err(format!("{}: {}", case.file_name, case.text)),
        None => Ok("each gives the figures that the statement states, to the last digit".into()),
    };
    checks.add("recomputed", "The calculation files recompute to the figures stated", recomputed);
    let on_paper = on_paper.map(|()| "each line as its calculation file computes it".to_owned());
    checks.add("pages", "The pages print the same figures", on_paper);
    found
}

/// What it is of, where that is not the whole customer.
fn of(manifest: &Manifest) -> Option<String> {
    match manifest.of.as_deref()? {
        "group" => Some(format!("the group {}", manifest.customer)),
        _ => {
            let contract = manifest.contracts.first().map(|one| one.contract.as_str());
            Some(format!("contract {} only", contract.unwrap_or_default()))
        }
    }
}

/// Whether a notice's credits, with what it says was not granted, come to what its contract owes, and
/// its pages print each.
fn check_notice(
    notice: &StatedNotice,
    manifest: &Manifest,
    printed: Option<&Printed>,
) -> Result<(), String> {
    let [contract] = manifest.contracts.as_slice() else {
        return Err("a notice tells of one contract and window".into());
    };
    let currency = Currency::parse(&contract.currency).ok_or("its currency is unknown")?;
    let read = |text: &str| Money::parse_decimal(text, currency).map_err(|error| error.to_string());
    let mut all = read(&notice.amount)?;
    for before in &notice.before {
        all = all.checked_add(read(&before.amount)?).map_err(|error| error.to_string())?;
    }
    let rest = notice.not_granted.as_deref().map(read).transpose()?;
    if let Some(rest) = rest {
        if rest.minor() <= 0 {
            return Err("what it says was not granted is not more than nothing".into());
        }
        all = all.checked_add(rest).map_err(|error| error.to_string())?;
    }
    if all != read(&contract.credit)? {
        let all = all.to_decimal_string();
        return Err(format!("its credits come to {all}, its contract owes {}", contract.credit));
    }
    let amounts = std::iter::once(&notice.amount).chain(notice.before.iter().map(|b| &b.amount));
    for amount in amounts {
        if let Some(printed) = printed {
            printed.amount(read(amount)?)?;
        }
    }
    match (rest, printed) {
        (Some(rest), Some(printed)) => printed.amount(rest),
        _ => Ok(()),
    }
}

/// The window of a calculation file, where it can be read.
fn period(data: &[u8]) -> Option<String> {
    Case::parse_file(data).ok()?.pop().map(|case| case.period)
}

fn read(file: &File<'_>) -> Result<(Manifest, Vec<Attached>), String> {
    let root = file.dict(file.trailer()?.get("Root"), "the catalog")?;
    let names = file.dict(root.get("Names"), "the list of attachments")?;
    let names = file.dict(names.get("EmbeddedFiles"), "the list of attachments")?;
    let Some(Value::Array(names)) = names.get("Names") else {
        return Err("the list of attachments is broken".into());
    };
    if names.len() > MOST_FILES * 2 || names.len() % 2 != 0 {
        return Err("the list of attachments is broken".into());
    }
    let mut attached = Vec::with_capacity(names.len() / 2);
    for pair in names.chunks(2) {
        let specification = file.dict(pair.get(1), "an attachment")?;
        attached.push(unpack(file, pair.first(), &specification)?);
    }
    let manifest = attached
        .iter()
        .position(|one| one.file_name == FILE_NAME)
        .ok_or_else(|| format!("{FILE_NAME}, which says what is stated, is missing"))?;
    let manifest = attached.swap_remove(manifest);
    let manifest: Manifest = serde_json::from_slice(&manifest.data)
        .map_err(|error| format!("{FILE_NAME} can't be read: {error}"))?;
    if manifest.format != FORMAT {
        return Err(format!(
            "{FILE_NAME} is in the form {}; this version reads {FORMAT}: use a newer one",
            manifest.format
        ));
    }
    Ok((manifest, attached))
}

fn unpack(file: &File<'_>, key: Option<&Value>, specification: &Dict) -> Result<Attached, String> {
    let Some(Value::Bytes(name)) = specification.get("UF") else {
        return Err("an attachment has no name".into());
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let same = specification.get("F") == specification.get("UF")
        && key == specification.get("UF")
        && name.iter().all(plain);
    let file_name = String::from_utf8_lossy(name).into_owned();
    if !same {
        return Err(format!("an attachment has a name that statements do not use: {file_name:?}"));
    }
    let files = file.dict(specification.get("EF"), &file_name)?;
    if files.get("F") != files.get("UF") {
        return Err(format!("{file_name} is attached in two versions"));
    }
    Ok(Attached { data: file.stream(files.get("F"), &file_name)?, file_name })
}

/// Exactly the files that the statement names, unchanged.
fn match_up(manifest: &Manifest, attached: &[Attached]) -> Result<String, String> {
    match manifest.of.as_deref() {
        None | Some("group") => {}
        Some("contract") => {
            let first = manifest.contracts.first().map(|one| &one.contract);
            if manifest.contracts.iter().any(|one| Some(&one.contract) != first) {
                return Err("it is of one contract, and tells of others".into());
            }
        }
        Some(other) => return Err(format!("it is of {other}, which this version does not know")),
    }
    for stated in &manifest.contracts {
        let mut same = attached.iter().filter(|one| one.file_name == stated.file_name);
        let one = same.next().ok_or_else(|| format!("{} is missing", stated.file_name))?;
        if same.next().is_some() {
            return Err(format!("{} is attached twice", stated.file_name));
        }
        if hex::encode(Sha256::digest(&one.data)) != stated.sha256 {
            return Err(format!("{} is not the file that was stated", stated.file_name));
        }
    }
    let named = |name: &str| manifest.contracts.iter().any(|stated| stated.file_name == name);
    if let Some(stray) = attached.iter().find(|one| !named(&one.file_name)) {
        return Err(format!("{} belongs to no contract of the statement", stray.file_name));
    }
    Ok(format!("{}, as the statement names them", attached.len()))
}

/// What was found of one file, and whether the pages print it.
fn examine(
    stated: &StatedContract,
    attached: &Attached,
    printed: Option<&Printed>,
) -> (EmbeddedCase, Result<(), String>) {
    let mut embedded = EmbeddedCase {
        file_name: attached.file_name.clone(),
        title: stated.contract.clone(),
        agrees: false,
        text: String::new(),
        sha256: hex::encode(Sha256::digest(&attached.data)),
        json: String::from_utf8_lossy(&attached.data).into_owned(),
    };
    let mut on_paper = Ok(());
    let told = read_case(&attached.data).and_then(|case| {
        let computed = compute(&case).map_err(|refusal| refusal.to_string())?;
        compare(stated, &case, &computed.result)?;
        if let Some(printed) = printed {
            on_paper = printed.states(&Computed {
                contract: &stated.contract,
                slas: stated.lines.iter().map(|line| line.sla.as_str()).collect(),
                case: &case,
                result: &computed.result,
            });
        }
        embedded.title = format!("{}, {}", stated.contract, case.period);
        Ok(figures(stated, &computed.result))
    });
    embedded.agrees = told.is_ok() && on_paper.is_ok();
    embedded.text = match (told, &on_paper) {
        (Ok(_), Err(reason)) => reason.clone(),
        (Ok(text) | Err(text), _) => text,
    };
    (embedded, on_paper)
}

/// The one case of a file: for the customer, with a result to which it recomputes.
fn read_case(data: &[u8]) -> Result<Case, String> {
    let mut cases = Case::parse_file(data).map_err(|refusal| refusal.to_string())?;
    let (Some(case), true) = (cases.pop(), cases.is_empty()) else {
        return Err("it does not hold exactly one case".into());
    };
    if case.customer_edition() != case {
        return Err("it holds what is not meant for the customer".into());
    }
    if case.result.is_none() {
        return Err("it states no result".into());
    }
    match check::check(&case) {
        Verdict::Pass => Ok(case),
        Verdict::Differs(differences) => {
            let first = differences.first().map_or_else(String::new, |one| {
                format!("{}: computed {}, stated {}", one.path, one.computed, one.stated)
            });
            let rules = case.result.as_ref().and_then(|result| result.tzdb());
            let now = makegood_engine::zone::tzdb_version();
            let note = match rules {
                Some(then) if then != now => {
                    format!(" (the zone rules have changed since: {then} then, {now} now)")
                }
                _ => String::new(),
            };
            Err(format!("{first}{note}"))
        }
        other => Err(format!("it does not recompute: {other:?}")),
    }
}

/// Whether the statement's figures are those of the case.
fn compare(stated: &StatedContract, case: &Case, result: &CaseResult) -> Result<(), String> {
    let currency = case.contract.currency;
    if stated.currency != currency.code() || stated.credit != result.credit {
        return Err(format!(
            "it owes {} {}, the statement states {} {}",
            currency.code(),
            result.credit,
            stated.currency,
            stated.credit
        ));
    }
    let lines: Vec<StatedLine> = result
        .lines
        .iter()
        .zip(&case.lines)
        .zip(&stated.lines)
        .map(|((result, line), stated)| StatedLine {
            sla: stated.sla.clone(),
            objective: line.terms.objective.as_str().to_owned(),
            percent: result.percent.clone(),
            met: result.met,
            bad: result.bad.clone(),
            credit: result.credit.clone(),
        })
        .collect();
    if lines != stated.lines || result.lines.len() != stated.lines.len() {
        return Err("its figures are not those that the statement states".into());
    }
    Ok(())
}

/// The figures in one line.
fn figures(stated: &StatedContract, result: &CaseResult) -> String {
    let lines: Vec<String> = result
        .lines
        .iter()
        .zip(&stated.lines)
        .map(|(line, stated)| match &line.percent {
            Some(percent) => format!("{} {percent} %", stated.sla),
            None => format!("{} not measured", stated.sla),
        })
        .collect();
    format!("{}; {} {}", lines.join(", "), stated.currency, result.credit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notice of so much, after so much, of a contract that owes 3,000.00.
    fn notice(amount: &str, before: &str) -> Result<(), String> {
        beside(amount, before, "")
    }

    fn beside(amount: &str, before: &str, rest: &str) -> Result<(), String> {
        let json = format!(
            r#"{{"format": "makegood/statement/1", "number": "CR-340", "revision": 1,
                "notice": {{"amount": "{amount}", "before": [{{"credit": "CR-311", "amount": "{before}"}}]{rest}}},
                "issued_by": "F", "customer": "N", "period": "2026-10", "issued_at": "",
                "contracts": [{{"contract": "NW-1", "revision": 2, "file_name": "a.json", "sha256": "",
                  "currency": "EUR", "credit": "3000.00", "lines": []}}]}}"#
        );
        let manifest: Manifest = serde_json::from_str(&json).unwrap();
        let notice = manifest.notice.as_ref().unwrap();
        check_notice(notice, &manifest, None)
    }

    #[test]
    fn a_notice_whose_credits_are_not_what_the_contract_owes_is_found() {
        assert_eq!(notice("1800.00", "1200.00"), Ok(()));
        assert!(notice("1900.00", "1200.00").unwrap_err().contains("3000.00"));
        assert!(notice("1800.001", "1200.00").is_err());
        assert!(notice("99999999999999999999.00", "1200.00").is_err());
    }

    #[test]
    fn what_a_notice_says_was_not_granted_is_the_rest_to_the_last_cent() {
        let rest = |amount: &str| format!(r#", "not_granted": "{amount}""#);
        assert_eq!(beside("1800.00", "0.00", &rest("1200.00")), Ok(()));
        for (before, amount) in [
            ("0.00", "1199.99"),
            ("0.00", "1200.001"),
            ("1200.00", "0.00"),
            ("2400.00", "-1200.00"),
        ] {
            assert!(beside("1800.00", before, &rest(amount)).is_err(), "{amount}");
        }
    }
}
