//! SLA credit notices: a granted credit, sealed by itself. The number is the credit's, given by
//! central when it was drafted, so that a notice needs no other.

use super::paper::{Head, Sheaf, Shelf, language};
use crate::{desk::Desk, problem::unreadable, profile::private_folder, seat::Inside};
use makegood_domain::{
    Code, Money, Problem,
    credit::{Credit, CreditKind, Decision},
    person::Permission,
    policy,
    settlement::{self, Settlement, ShareState},
    statement::{Statement, StatementCase, StatementState},
};
use makegood_engine::compute;
use makegood_statement::{
    ContractPart, CreditNotice, CreditState, CreditedBefore, Document, Kind, Language, Scope,
    Share, write_whole,
};
use std::path::{Path, PathBuf};

impl Desk {
    /// Seals the notice of a granted SLA credit, verifies it, and writes it into a folder, by default
    /// the profile's `notices`, as `CR-311.pdf`. Answers the path. By default it is in the customer's
    /// language, if statements are written in that. The same credit gives the same
    /// bytes, but where a token signs, the time is stamped, or the seal was renewed since it was granted.
    ///
    /// # Errors
    /// [`Code::RoleMissing`]; [`Code::NotFound`] when the mirror holds no such credit; [`Code::StatementBlocked`] when it is
    /// not granted, or rests on no calculation; [`Code::KeyInvalid`] while no seal is open;
    /// [`Code::StampUnreachable`], [`Code::StampAnswer`], [`Code::VerificationFailed`], [`Code::File`], [`Code::DiskFull`]; what laying out gives.
    pub async fn credit_notice(
        &self,
        number: &str,
        lang: Option<&str>,
        folder: Option<&Path>,
    ) -> Result<PathBuf, Problem> {
        let inside = self.inside().await?;
        policy::require(&inside.actor(), Permission::IssueStatement)?;
        let document = inside.notice(number, lang).await?;
        let own = inside.profile.folder().join("notices");
        if folder.is_none() {
            private_folder(&own)?;
        }
        let path = folder.unwrap_or(&own).join(format!("{}.pdf", document.number));
        let to = path.clone();
        let (bytes, _) = inside.sealed(document).await?;
        tokio::task::spawn_blocking(move || write_whole(&to, &bytes))
            .await
            .map_err(|_| Problem::new(Code::Internal, "writing stopped"))??;
        Ok(path)
    }
}

impl Inside {
    async fn notice(&self, number: &str, lang: Option<&str>) -> Result<Document, Problem> {
        let mut reader = self.mirror().reader().await?;
        let found = reader.every::<Credit>().await?.into_iter().find(|one| one.number == number);
        let credit = found.ok_or_else(|| {
            let why = format!("no SLA credit {number} in the local copy; sync, and try again");
            Problem::new(Code::NotFound, why)
        })?;
        let shelf = Shelf::read(&mut reader, credit.customer).await?;
        let statements: Vec<Statement> = reader.of_customer(credit.customer).await?;
        drop(reader);
        let issued_at = granted(&credit)?;
        let settlement = shelf.settlements.iter().find(|one| Some(one.id) == credit.settlement);
        let settlement = settlement.ok_or_else(|| blocked(&credit, "rests on no calculation"))?;
        let head = Head {
            number: credit.number.clone(),
            revision: 1,
            supersedes: None,
            change: None,
            language: match lang {
                Some(lang) => language(lang)?,
                None => of_locale(&shelf.customer.locale),
            },
            issued_at,
            released_by: self.who().person.name,
            addressee: None,
        };
        let rests = [(settlement.id, credit.settlement_revision)];
        let sheaves = [Sheaf { shelf: &shelf, settlements: vec![settlement] }];
        let how = (Scope::Contract, head);
        let mut document = self.lay_out(&sheaves, &rests, &settlement.window, how).await?;
        document.to_date.clear();
        let earlier = before(&shelf, &credit);
        let part = document.contracts.first_mut();
        let part = part.ok_or_else(|| blocked(&credit, "rests on no calculation"))?;
        let not_granted = shared_out(part, settlement, &earlier, &credit)?;
        let granted = earlier.iter().filter(|one| one.decision == Decision::Approved);
        let told =
            |one: &&Credit| CreditedBefore { number: one.number.clone(), amount: one.amount };
        // One of an earlier revision knew nothing of this credit.
        let tells = |on: &StatementCase| {
            on.settlement == settlement.id && on.revision >= credit.settlement_revision
        };
        document.kind = Kind::CreditNotice(CreditNotice {
            amount: credit.amount,
            before: granted.map(told).collect(),
            not_granted,
            statement: statements
                .into_iter()
                // The customer's own, else the contract's; a group's may be somebody else's to read.
                .filter(|one| one.state == StatementState::Sealed && one.customers.is_empty())
                .filter(|one| one.rests_on.iter().any(tells))
                .min_by_key(|one| (one.of, one.period != settlement.window, one.issued_at))
                .map(|one| one.number),
        });
        Ok(document)
    }
}

/// The language of a locale such as `de-AT`, if statements are written in it.
fn of_locale(locale: &str) -> Language {
    locale.split('-').next().and_then(Language::parse).unwrap_or_default()
}

/// When it was granted.
fn granted(credit: &Credit) -> Result<chrono::DateTime<chrono::Utc>, Problem> {
    match credit.kind {
        CreditKind::Contractual | CreditKind::Adjustment => {}
        CreditKind::Goodwill => {
            return Err(blocked(credit, "is goodwill, and rests on no calculation"));
        }
        CreditKind::Recovery => {
            return Err(blocked(credit, "takes back; it is no credit to tell of"));
        }
    }
    if credit.decision != Decision::Approved {
        return Err(blocked(credit, "is not granted"));
    }
    let last = credit.approvals.iter().map(|approval| approval.at).max();
    last.ok_or_else(|| blocked(credit, "has no approval on record"))
}

/// The credits of the same settlement that were decided before this one, in order: an undecided one is
/// drafted anew at each revision, so none stands between.
fn before<'a>(shelf: &'a Shelf, credit: &Credit) -> Vec<&'a Credit> {
    let order = |one: &Credit| (one.settlement_revision, one.id);
    let mut earlier: Vec<&Credit> = shelf
        .credits
        .iter()
        .filter(|one| one.settlement == credit.settlement && order(one) < order(credit))
        .filter(|one| one.kind != CreditKind::Goodwill && one.decision != Decision::Cancelled)
        .collect();
    earlier.sort_by_key(|one| order(one));
    earlier
}

/// Says of a part what had become of what its calculation owes once this credit was granted; answers with
/// what was decided against. Later credits have notices of their own.
fn shared_out(
    part: &mut ContractPart,
    settlement: &Settlement,
    earlier: &[&Credit],
    credit: &Credit,
) -> Result<Option<Money>, Problem> {
    let wrong = |error: &dyn std::fmt::Display| unreadable("a calculation file", error);
    let owed = compute(&part.case).map_err(|refusal| wrong(&refusal))?.result;
    let currency = part.case.contract.currency;
    let total = Money::parse_decimal(&owed.credit, currency).map_err(|error| wrong(&error))?;
    let then = Settlement { total, ..settlement.clone() };
    let outcome = then.outcome(earlier.iter().copied().chain([credit]));
    let told = |one: &settlement::Share| match one.state {
        ShareState::Granted => Some(Share { state: CreditState::Granted, amount: one.amount }),
        ShareState::NotGranted => {
            Some(Share { state: CreditState::NotGranted, amount: one.amount })
        }
        _ => None,
    };
    let shares: Option<Vec<Share>> = outcome.shares.iter().map(told).collect();
    let Some(shares) = shares.filter(|_| outcome.beyond.is_none()) else {
        let why = "does not come to what its calculation owes, with the SLA credits before it; the \
                   SLA statement tells what became of each part";
        return Err(blocked(credit, why));
    };
    let refused = shares.iter().find(|one| one.state == CreditState::NotGranted);
    let not_granted = refused.map(|one| one.amount);
    let state = if not_granted.is_some() { CreditState::InParts } else { CreditState::Granted };
    for (line, result) in part.lines.iter_mut().zip(&owed.lines) {
        let owes = Money::parse_decimal(&result.credit, currency).is_ok_and(|one| one.minor() != 0);
        line.credit = if owes { state } else { CreditState::None };
        line.trend.clear();
    }
    part.shares = if not_granted.is_some() { shares } else { Vec::new() };
    part.beyond = None;
    Ok(not_granted)
}

fn blocked(credit: &Credit, why: &str) -> Problem {
    Problem::new(Code::StatementBlocked, format!("{} {why}", credit.number))
}
