//! What a document says by itself, before anything is written.

use super::{Charge, Contract, Document, Exclusion, FORMAT, Line, terms};
use crate::import::invalid;
use makegood_domain::{Code, Problem};
use makegood_engine::{
    Terms,
    decimal::Decimal,
    measures::Measure,
    money::Currency,
    terms::ExclusionKind,
    window::{Window, WindowKind},
    zone::Zone,
};
use std::collections::BTreeMap;

impl Document {
    /// Checks what the document says by itself, before anything is written.
    ///
    /// # Errors
    /// [`Code::Invalid`] or [`Code::TermsInvalid`], with the path.
    pub fn check(&self) -> Result<(), Problem> {
        if self.format != FORMAT {
            let message = format!("{:?} is not read here; write {FORMAT:?}", self.format);
            return Err(invalid("format", &message));
        }
        self.check_twice()?;
        for (at, entity) in self.legal_entities.iter().enumerate() {
            let path = format!("legal_entities[{at}]");
            named(&entity.name, &format!("{path}.name"))?;
            locale(&entity.locale, &format!("{path}.locale"))?;
            currency(&entity.functional_currency, &format!("{path}.functional_currency"))?;
        }
        for (at, group) in self.groups.iter().enumerate() {
            named(&group.name, &format!("groups[{at}].name"))?;
        }
        for (at, customer) in self.customers.iter().enumerate() {
            named(&customer.key, &format!("customers[{at}].key"))?;
            named(&customer.name, &format!("customers[{at}].name"))?;
            let letters = customer.country.bytes().filter(u8::is_ascii_uppercase).count();
            if (letters, customer.country.len()) != (2, 2) {
                let message =
                    format!("{:?} is no country; write it as DE (ISO 3166-1)", customer.country);
                return Err(invalid(&format!("customers[{at}].country"), &message));
            }
            locale(&customer.locale, &format!("customers[{at}].locale"))?;
            Zone::named(&customer.time_zone)
                .map_err(|message| invalid(&format!("customers[{at}].time_zone"), &message))?;
        }
        for (at, contract) in self.contracts.iter().enumerate() {
            contract.check(&format!("contracts[{at}]"))?;
        }
        for (at, incident) in self.incidents.iter().enumerate() {
            if incident.ended_at.is_some_and(|to| to.0 < incident.began_at.0) {
                return Err(invalid(&format!("incidents[{at}].ended_at"), "it is before began_at"));
            }
        }
        for (at, exclusion) in self.exclusions.iter().enumerate() {
            exclusion.check(&format!("exclusions[{at}]"))?;
        }
        Ok(())
    }

    /// Nothing is said twice: nobody could tell which of both counts.
    fn check_twice(&self) -> Result<(), Problem> {
        once("legal_entities", self.legal_entities.iter().map(|one| &one.key))?;
        once("groups", self.groups.iter().map(|one| &one.key))?;
        once("customers", self.customers.iter().map(|one| &one.key))?;
        once("mrr", self.mrr.iter().map(|one| (&one.customer, &one.month)))?;
        once("contracts", self.contracts.iter().map(|one| (&one.customer, &one.number)))?;
        for (at, contract) in self.contracts.iter().enumerate() {
            let path = format!("contracts[{at}].versions");
            once(&path, contract.versions.iter().map(|one| one.number))?;
            for (at, version) in contract.versions.iter().enumerate() {
                let lines = version.lines.iter().map(|one| &one.name);
                once(&format!("{path}[{at}].lines"), lines)?;
            }
        }
        Ok(())
    }
}

/// Refuses what a list says once more.
fn once<K: Ord>(list: &str, keys: impl Iterator<Item = K>) -> Result<(), Problem> {
    let mut said = BTreeMap::new();
    for (at, key) in keys.enumerate() {
        if let Some(first) = said.insert(key, at) {
            let message = format!("{list}[{first}] is the same one; leave one of them");
            return Err(invalid(&format!("{list}[{at}]"), &message));
        }
    }
    Ok(())
}

/// Refuses a name that nobody can read or write.
fn named(name: &str, path: &str) -> Result<(), Problem> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(invalid(path, "it needs a name, in one line"));
    }
    Ok(())
}

fn currency(code: &str, path: &str) -> Result<(), Problem> {
    let known = Currency::parse(code).map(|_| ());
    known.ok_or_else(|| invalid(path, &format!("{code:?} is no ISO 4217 currency")))
}

/// Refuses what is neither a language nor one with its region (RFC 5646): letters to a customer are
/// written by it.
fn locale(text: &str, path: &str) -> Result<(), Problem> {
    let all = |part: &str, of: fn(&u8) -> bool| part.bytes().all(|letter| of(&letter));
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && all(part, u8::is_ascii_lowercase);
    let is_script = |part: &str| part.len() == 4 && all(part, u8::is_ascii_alphabetic);
    let is_region = |part: &str| match part.len() {
        2 => all(part, u8::is_ascii_uppercase),
        3 => all(part, u8::is_ascii_digit),
        _ => false,
    };
    let is_one = match text.split('-').collect::<Vec<_>>().as_slice() {
        [language] => is_language(language),
        [language, region] => is_language(language) && is_region(region),
        [language, script, region] => {
            is_language(language) && is_script(script) && is_region(region)
        }
        _ => false,
    };
    if is_one {
        return Ok(());
    }
    let message =
        format!("{text:?} is no locale; write a language and a region, as en-GB or de-DE");
    Err(invalid(path, &message))
}

impl Contract {
    fn check(&self, path: &str) -> Result<(), Problem> {
        named(&self.number, &format!("{path}.number"))?;
        currency(&self.currency, &format!("{path}.currency"))?;
        crate::book::stated(&self.currency, self.combine, self.cap.as_ref(), None).map_err(
            |problem| {
                let place = format!(
                    "{path}.{}",
                    problem.path.unwrap_or_default().trim_start_matches("contract.")
                );
                Problem::new(Code::TermsInvalid, format!("{place}: {}", problem.message)).at(place)
            },
        )?;
        if self.versions.is_empty() {
            return Err(invalid(
                &format!("{path}.versions"),
                "a contract has at least one version",
            ));
        }
        let mut windows: Vec<Window> = Vec::new();
        for (at, version) in self.versions.iter().enumerate() {
            let path = format!("{path}.versions[{at}]");
            if version.lines.is_empty() {
                return Err(invalid(&format!("{path}.lines"), "a version has at least one line"));
            }
            if version.valid_to.is_some_and(|to| to.0 <= version.valid_from.0) {
                return Err(invalid(&format!("{path}.valid_to"), "it is not after valid_from"));
            }
            for (at, line) in version.lines.iter().enumerate() {
                let path = format!("{path}.lines[{at}]");
                let terms = line.check(&path)?;
                for other in &windows {
                    one_label(other, &terms.window, &path)?;
                }
                windows.push(terms.window);
            }
        }
        Ok(())
    }
}

/// Two windows may stand in one contract, in whatever versions, where a label means one span: what a
/// window came to is kept by its label.
pub(in crate::import) fn one_label(
    known: &Window,
    new: &Window,
    path: &str,
) -> Result<(), Problem> {
    let form = |kind: &WindowKind| std::mem::discriminant(kind);
    if form(&known.kind) != form(&new.kind) || known.is_alike(new) {
        return Ok(());
    }
    Err(invalid(
        &format!("{path}.terms.window"),
        "its labels mean other spans than the contract's other windows of that form; \
         put it into a contract of its own",
    ))
}

impl Line {
    fn check(&self, path: &str) -> Result<Terms, Problem> {
        named(&self.name, &format!("{path}.name"))?;
        let terms = terms(&self.terms).map_err(|problem| {
            let inner = problem.path.unwrap_or_default();
            let place = if inner.is_empty() {
                format!("{path}.terms")
            } else {
                format!("{path}.terms.{inner}")
            };
            Problem::new(Code::TermsInvalid, format!("{place}: {}", problem.message)).at(place)
        })?;
        if !matches!(terms.measure, Measure::Uptime(_)) && terms.measure.slot().is_none() {
            let place = format!("{path}.terms.measure");
            let message = "say how long a slot is: what comes in is kept by slots";
            return Err(Problem::new(Code::TermsInvalid, format!("{place}: {message}")).at(place));
        }
        if self.charges.is_empty() {
            return Err(invalid(&format!("{path}.charges"), "a line has at least one charge"));
        }
        for (at, charge) in self.charges.iter().enumerate() {
            let path = format!("{path}.charges[{at}]");
            Decimal::parse(&charge.amount)
                .map_err(|message| invalid(&format!("{path}.amount"), &message))?;
            if charge.to.is_some_and(|to| to <= charge.from) {
                return Err(invalid(&format!("{path}.to"), "it is not after from"));
            }
            let same = |one: &Charge| one.frequency == charge.frequency && one.from == charge.from;
            if self.charges[..at].iter().any(same) {
                let message = "a charge of this frequency from this day stands above; add them up";
                return Err(invalid(&path, message));
            }
        }
        if let Some(remedy) = &self.remedy {
            remedy.check(&terms, path)?;
        }
        for (at, right) in self.termination.iter().enumerate() {
            right.check(&terms, &format!("{path}.termination[{at}]"))?;
        }
        if let Some(scope) = &self.scope {
            scope.check().map_err(|problem| {
                let place = format!("{path}.scope.{}", problem.path.unwrap_or_default());
                invalid(&place, problem.message.split_once(": ").map_or("", |(_, why)| why))
            })?;
        }
        Ok(terms)
    }
}

impl Exclusion {
    fn check(&self, path: &str) -> Result<(), Problem> {
        if ExclusionKind::parse(&self.kind).is_none() {
            let message = format!("{:?} is no kind of exclusion of the case format", self.kind);
            return Err(invalid(&format!("{path}.kind"), &message));
        }
        if self.to.0 <= self.from.0 {
            return Err(invalid(&format!("{path}.to"), "it is not after from"));
        }
        if self.decided_by.as_ref() == Some(&self.proposed_by) {
            let message = "who proposes an exclusion does not decide it; name somebody else";
            return Err(invalid(&format!("{path}.decided_by"), message));
        }
        Ok(())
    }
}
