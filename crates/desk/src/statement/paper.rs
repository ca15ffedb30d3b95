//! What a statement says, put together from the mirror and the calculation files.

use crate::seat::Inside;
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    breach::Breach,
    contract::{Contract, SlaLine},
    credit::{Claim, Credit, CreditKind, Decision},
    customer::{Customer, LegalEntity},
    id::{CustomerId, SettlementId},
    incident::Hit,
    settlement::{Settlement, SettlementLine},
    statement::{Statement, ends_in},
};
use makegood_engine::zone::Zone;
use makegood_mirror::Reader;
use makegood_statement::{
    Clauses, ContractPart, CreditState, Document, Language, Letterhead, LinePart, Period,
    TrendPoint,
};
use std::collections::BTreeMap;

/// How many windows the chart shows.
const TREND: usize = 12;

/// A customer's entities, read once.
pub(crate) struct Shelf {
    pub(crate) customer: Customer,
    pub(crate) contracts: Vec<Contract>,
    pub(crate) lines: Vec<SlaLine>,
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) credits: Vec<Credit>,
    attainments: Vec<Attainment>,
    breaches: Vec<Breach>,
    hits: Vec<Hit>,
}

impl Shelf {
    /// Reads them.
    pub(crate) async fn read(reader: &mut Reader, customer: CustomerId) -> Result<Self, Problem> {
        Ok(Self {
            customer: reader.get::<Customer>(&customer.to_string()).await?.row,
            contracts: reader.of_customer(customer).await?,
            lines: reader.of_customer(customer).await?,
            settlements: reader.of_customer(customer).await?,
            credits: reader.of_customer(customer).await?,
            attainments: reader.of_customer(customer).await?,
            breaches: reader.of_customer(customer).await?,
            hits: reader.of_customer(customer).await?,
        })
    }

    /// The settlements that a period's statement rests on, in the order to print.
    pub(crate) fn of_period(&self, period: &str) -> Vec<&Settlement> {
        let mut found: Vec<_> =
            self.settlements.iter().filter(|one| ends_in(&one.window, period)).collect();
        found.sort_by_key(|one| self.number_of(one));
        found
    }

    fn number_of(&self, settlement: &Settlement) -> String {
        let contract = self.contracts.iter().find(|one| one.id == settlement.contract);
        contract.map_or_else(String::new, |contract| contract.number.clone())
    }
}

/// The head of a statement: numbered, or a draft.
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) revision: u32,
    pub(crate) supersedes: Option<String>,
    pub(crate) language: Language,
    pub(crate) issued_at: chrono::DateTime<chrono::Utc>,
    pub(crate) released_by: String,
}

impl Inside {
    /// The document of a numbered statement, and the settlement behind each of its contracts.
    pub(crate) async fn document(
        &self,
        statement: &Statement,
    ) -> Result<(Document, Vec<SettlementId>), Problem> {
        let mut reader = self.mirror().reader().await?;
        let shelf = Shelf::read(&mut reader, statement.customer).await?;
        let before = match statement.supersedes {
            Some(before) => reader.find::<Statement>(&before.to_string()).await?,
            None => None,
        };
        let released = reader
            .find::<makegood_domain::person::Person>(&statement.released_by.to_string())
            .await?;
        let head = Head {
            number: statement.number.clone(),
            revision: u32::try_from(statement.revision).unwrap_or(1),
            supersedes: before.map(|b| format!("{}, revision {}", b.number, b.revision)),
            language: language(&statement.language)?,
            issued_at: statement.issued_at,
            released_by: released.map_or_else(|| self.who().person.name, |found| found.row.name),
        };
        drop(reader);
        let rests: Vec<_> =
            statement.rests_on.iter().map(|case| (case.settlement, case.revision)).collect();
        let wanted = |one: &&Settlement| rests.iter().any(|(id, _)| *id == one.id);
        let settlements: Vec<_> =
            shelf.of_period(&statement.period).into_iter().filter(wanted).collect();
        let ids = settlements.iter().map(|one| one.id).collect();
        let document = self.lay_out(&shelf, &settlements, &rests, &statement.period, head).await?;
        Ok((document, ids))
    }

    /// Lays a period's settlements out as a document.
    pub(crate) async fn lay_out(
        &self,
        shelf: &Shelf,
        settlements: &[&Settlement],
        rests: &[(SettlementId, i64)],
        period: &str,
        head: Head,
    ) -> Result<Document, Problem> {
        let mut contracts = Vec::with_capacity(settlements.len());
        let mut span = None;
        let mut entity = None;
        let mut change = None;
        for settlement in settlements {
            let revision = rests
                .iter()
                .find(|(id, _)| *id == settlement.id)
                .map_or(settlement.revision, |(_, revision)| *revision);
            let contract = shelf.contracts.iter().find(|one| one.id == settlement.contract);
            let contract = contract.ok_or_else(|| missing("contract", &settlement.contract))?;
            let case = self.case(settlement.id, revision).await?;
            let zone = case.lines.first().map(|line| line.terms.window.time_zone.name().to_owned());
            span.get_or_insert((settlement.from, settlement.to, zone));
            entity.get_or_insert(contract.legal_entity);
            if head.revision > 1 && revision > 1 && change.is_none() {
                change.clone_from(&settlement.reason);
            }
            contracts.push(part(shelf, settlement, contract, case, revision, head.language)?);
        }
        let (Some((from, to, zone)), Some(entity)) = (span, entity) else {
            return Err(Problem::new(
                Code::StatementBlocked,
                format!("{} has nothing measured that ends in {period}", shelf.customer.name),
            ));
        };
        let letterhead =
            self.mirror().reader().await?.get::<LegalEntity>(&entity.to_string()).await?;
        let who = self.who();
        let seal = letterhead.seal.as_deref().unwrap_or("without a name");
        Ok(Document {
            number: head.number,
            revision: head.revision,
            supersedes: head.supersedes,
            change,
            language: head.language,
            seal_name: format!("{}, key {seal}", letterhead.name),
            legal_entity: Letterhead {
                name: letterhead.name.clone(),
                address: letterhead.address.clone(),
                legal: letterhead.legal_lines.clone(),
            },
            recipient: recipient(&shelf.customer),
            customer: shelf.customer.name.clone(),
            period: Period {
                label: period.to_owned(),
                from,
                to,
                zone: zone.unwrap_or_else(|| Zone::utc().name().to_owned()),
            },
            issued_at: head.issued_at,
            released_by: head.released_by,
            demo: who.demo,
            contracts,
        })
    }
}

fn recipient(customer: &Customer) -> Vec<String> {
    std::iter::once(customer.name.clone()).chain(customer.address.iter().cloned()).collect()
}

/// Reads `en` or `de`.
pub(crate) fn language(text: &str) -> Result<Language, Problem> {
    Language::parse(text).ok_or_else(|| {
        let why = format!("no statement is written in {text:?}; choose en or de");
        Problem::new(Code::Invalid, why).at("language")
    })
}

fn missing(what: &str, id: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::NotFound, format!("no {what} {id} in the local copy; sync, and try again"))
}

fn part(
    shelf: &Shelf,
    settlement: &Settlement,
    contract: &Contract,
    case: makegood_engine::Case,
    revision: i64,
    language: Language,
) -> Result<ContractPart, Problem> {
    let mut lines = Vec::with_capacity(settlement.lines.len());
    for stated in &settlement.lines {
        let line = shelf.lines.iter().find(|one| one.id == stated.line);
        let line = line.ok_or_else(|| missing("SLA line", &stated.line))?;
        lines.push(line_part(shelf, settlement, stated, line, language));
    }
    let mut notes: Vec<&str> = settlement
        .lines
        .iter()
        .map(|line| line.fee_trace.as_str())
        .filter(|trace| trace.contains('÷'))
        .collect();
    notes.dedup();
    Ok(ContractPart {
        number: contract.number.clone(),
        file_name: file_name(&contract.number, &settlement.window, revision),
        case,
        revision: u32::try_from(revision).unwrap_or(1),
        fee_note: (!notes.is_empty()).then(|| notes.join("; ")),
        lines,
    })
}

/// `NW-1-2026-10-r1.json`; what is neither letter nor digit in a contract's number becomes `_`.
fn file_name(number: &str, window: &str, revision: i64) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' })
            .collect()
    };
    format!("{}-{}-r{revision}.json", safe(number), safe(window))
}

fn line_part(
    shelf: &Shelf,
    settlement: &Settlement,
    stated: &SettlementLine,
    line: &SlaLine,
    language: Language,
) -> LinePart {
    let breach =
        shelf.breaches.iter().find(|one| one.line == line.id && one.window == settlement.window);
    let hit =
        breach.and_then(|breach| shelf.hits.iter().find(|hit| hit.breaches.contains(&breach.id)));
    let narrative = hit.and_then(|hit| {
        hit.narratives.get(language.tag()).or_else(|| hit.narratives.get("en")).cloned()
    });
    LinePart {
        sla: line.name.clone(),
        product: line.product.clone(),
        clauses: Clauses {
            objective: line.clauses.objective.clone(),
            exclusions: line.clauses.exclusions.clone(),
            credit: line.clauses.credit.clone(),
        },
        credit: credit_state(shelf, settlement, stated),
        narrative,
        root_cause: hit.and_then(|hit| hit.root_cause.clone()),
        trend: trend(shelf, settlement, line),
    }
}

/// What became of a line's part of the settlement's credit.
fn credit_state(shelf: &Shelf, settlement: &Settlement, stated: &SettlementLine) -> CreditState {
    if stated.allocated.minor() == 0 {
        return CreditState::None;
    }
    let credit = shelf.credits.iter().find(|one| {
        one.settlement == Some(settlement.id)
            && one.kind == CreditKind::Contractual
            && one.decision != Decision::Cancelled
    });
    match credit.map(|credit| (credit.decision, credit.claim, credit.claim_until)) {
        Some((Decision::Approved, ..)) => CreditState::Granted,
        Some((Decision::NotGranted, ..)) => CreditState::NotGranted,
        Some((_, Claim::Lapsed | Claim::Late, _)) => CreditState::Lapsed,
        Some((_, Claim::Invited, Some(until))) => CreditState::OnRequest { until },
        _ => CreditState::Pending,
    }
}

/// The last twelve windows of this contract's line of this name, over all versions of its terms.
fn trend(shelf: &Shelf, settlement: &Settlement, line: &SlaLine) -> Vec<TrendPoint> {
    let named: Vec<_> = shelf
        .lines
        .iter()
        .filter(|one| one.contract == line.contract && one.name == line.name)
        .map(|one| one.id)
        .collect();
    let points: BTreeMap<_, _> = shelf
        .attainments
        .iter()
        .filter(|one| named.contains(&one.line) && one.to <= settlement.to)
        .map(|one| (one.from, one))
        .collect();
    let skipped = points.len().saturating_sub(TREND);
    points
        .into_values()
        .skip(skipped)
        .map(|one| TrendPoint {
            label: one.window.clone(),
            percent: one.percent.clone(),
            met: one.met,
        })
        .collect()
}
