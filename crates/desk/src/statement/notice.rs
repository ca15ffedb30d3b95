//! SLA credit notices: a granted credit, sealed by itself. The number is the credit's, given by
//! central when it was drafted, so that a notice needs no other.

use super::paper::{Head, Sheaf, Shelf, language};
use crate::{desk::Desk, profile::private_folder, seat::Inside};
use makegood_domain::{
    Code, Problem,
    credit::{Credit, CreditKind, Decision},
    person::Permission,
    policy,
    statement::{Statement, StatementState},
};
use makegood_statement::{
    CreditNotice, CreditState, CreditedBefore, Document, Kind, Language, Scope, write_whole,
};
use std::path::{Path, PathBuf};

impl Desk {
    /// Seals the notice of a granted SLA credit, verifies it, and writes it into a folder, by default
    /// the profile's `notices`, as `CR-311.pdf`. Answers the path. By default it is in the customer's
    /// language, if statements are written in that. The same credit gives the same
    /// bytes, but where a token signs or the time is stamped.
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
        for part in &mut document.contracts {
            (part.shares, part.beyond) = (Vec::new(), None);
        }
        for line in document.contracts.iter_mut().flat_map(|part| &mut part.lines) {
            // The notice tells of what was granted; a line that owes nothing stays without a credit.
            if line.credit != CreditState::None {
                line.credit = CreditState::Granted;
            }
            line.trend.clear();
        }
        document.kind = Kind::CreditNotice(CreditNotice {
            amount: credit.amount,
            before: before(&shelf, &credit),
            statement: statements
                .into_iter()
                // The customer's own, else the contract's; a group's may be somebody else's to read.
                .filter(|one| one.state == StatementState::Sealed && one.customers.is_empty())
                .filter(|one| one.rests_on.iter().any(|on| on.settlement == settlement.id))
                .min_by_key(|one| one.of)
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

/// The granted credits that this one adjusts, the first one first.
fn before(shelf: &Shelf, credit: &Credit) -> Vec<CreditedBefore> {
    let mut before = Vec::new();
    let mut next = credit.adjusts;
    while let Some(earlier) = shelf.credits.iter().find(|one| Some(one.id) == next) {
        // No credit adjusts itself; data that said so must not hold the desk up.
        if before.len() > shelf.credits.len() {
            break;
        }
        next = earlier.adjusts;
        before.push(CreditedBefore { number: earlier.number.clone(), amount: earlier.amount });
    }
    before.reverse();
    before
}

fn blocked(credit: &Credit, why: &str) -> Problem {
    Problem::new(Code::StatementBlocked, format!("{} {why}", credit.number))
}
