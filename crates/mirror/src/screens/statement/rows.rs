//! A customer's statements, month by month.

use super::books::{Book, Books, Key, Standing};
use crate::{
    Overlay, Reader, Versioned,
    screens::{
        delivery::StatementDelivery,
        house::House,
        show::{Status, date, day_short, month_short, percent},
    },
};
use makegood_domain::{
    Problem,
    command::Verb,
    id::CustomerId,
    settlement::{Outcome, Settlement, SettlementLine, Share, ShareState},
    statement::{Statement, StatementOf, StatementState},
};
use serde::Serialize;
use ts_rs::TS;

/// A month's statement at one revision, or what stands in its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementRow {
    /// The statement; absent until it has its number.
    pub id: Option<String>,
    /// `2026-10`.
    pub month: String,
    /// `Oct 2026`.
    pub month_name: String,
    /// `ST-2026-10-0412`.
    pub number: Option<String>,
    /// What it is of.
    #[ts(
        type = "{ kind: \"customer\" } | { kind: \"contract\"; id: string } | { kind: \"group\"; id: string }"
    )]
    pub of: StatementOf,
    /// `Contract NW-1`, `Group Northwind`; absent: it is of the whole customer.
    pub of_text: Option<String>,
    /// From 1.
    #[ts(type = "number | null")]
    pub revision: Option<i64>,
    /// `running`, `blocked`, `ready`, `queued`, `draft` (numbered, not sealed), `sealed`,
    /// `superseded`.
    #[ts(
        type = "\"running\" | \"blocked\" | \"ready\" | \"queued\" | \"draft\" | \"sealed\" | \"superseded\""
    )]
    pub state: String,
    /// In words.
    pub state_text: String,
    /// What stands in the way.
    pub blocked_by: Vec<Blocker>,
    /// `9 Nov 2026`.
    pub issued: Option<String>,
    /// SHA-256 of the signed bytes.
    pub sha256: Option<String>,
    /// The file, where this desk has it: the mirror does not know.
    pub path: Option<String>,
    /// What it says of each line.
    pub lines: Vec<StatementLine>,
    /// The version seen.
    #[ts(type = "number | null")]
    pub version: Option<i64>,
    /// What became of it, once it was sealed.
    pub delivery: Option<StatementDelivery>,
}

/// What stands in a statement's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Blocker {
    /// `BR-1042 is not reviewed`.
    pub text: String,
    /// The breach.
    pub breach_id: Option<String>,
    /// The credit.
    pub credit_id: Option<String>,
}

/// What a statement says of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementLine {
    /// `NW-1`.
    pub contract: String,
    /// How the line stands.
    pub status: Status,
    /// `99.885880 %, SLA credit €1,200.00 granted`; where parts of it became several things:
    /// `99.885880 %, SLA credit €3,000.00: €1,200.00 granted, €1,800.00 to be decided`.
    pub text: String,
}

/// A customer's rows, newest month first.
pub(crate) fn rows(books: &Books, house: &House, overlay: &Overlay) -> Vec<StatementRow> {
    let mut rows = Vec::new();
    for (key, book) in books.months.iter().rev() {
        if book.is_empty() {
            continue;
        }
        // A longer period than a month is not measured as such.
        if book.measured.is_some() {
            rows.extend(pending(key, book, house, overlay));
        }
        rows.extend(asked(key, book, house, overlay));
        rows.extend(book.statements.iter().filter_map(|one| issued(one, books, book, house)));
    }
    rows
}

/// What a statement is of, in words; of the whole customer nothing is said.
fn of_words(of: StatementOf, customer: CustomerId, house: &House) -> Option<String> {
    match of {
        StatementOf::Customer => None,
        StatementOf::Contract(contract) => Some(format!("Contract {}", house.contract(contract))),
        StatementOf::Group(_) => {
            let name = house.customers.get(&customer).map(|one| one.group_name.as_str());
            Some(format!("Group {}", name.unwrap_or("–")))
        }
    }
}

/// The rows of contracts and groups whose statement was asked for.
fn asked(key: &Key, book: &Book, house: &House, overlay: &Overlay) -> Vec<StatementRow> {
    let asked = overlay.verbs().filter_map(|(verb, pending)| match verb {
        Verb::IssueStatement { customer, period, of, .. }
            if (*customer, period) == (key.0, &key.1) && !of.is_customer() =>
        {
            let text = format!("{}, has no number yet", pending.stage.word());
            Some(StatementRow {
                of: *of,
                of_text: of_words(*of, key.0, house),
                lines: lines(book, house, |one| is_about(*of, one)),
                ..empty(&key.1, "queued", text)
            })
        }
        _ => None,
    });
    asked.collect()
}

/// Whether a statement of this tells of the settlement; of a group's others nothing is listed.
fn is_about(of: StatementOf, settlement: &Settlement) -> bool {
    match of {
        StatementOf::Contract(contract) => settlement.contract == contract,
        StatementOf::Customer | StatementOf::Group(_) => true,
    }
}

/// A row without a statement.
fn empty(month: &str, state: &str, state_text: String) -> StatementRow {
    StatementRow {
        id: None,
        month: month.to_owned(),
        month_name: month_short(month),
        number: None,
        of: StatementOf::Customer,
        of_text: None,
        revision: None,
        state: state.to_owned(),
        state_text,
        blocked_by: Vec::new(),
        issued: None,
        sha256: None,
        path: None,
        lines: Vec::new(),
        version: None,
        delivery: None,
    }
}

/// The row of a month whose statement is still to come.
fn pending(key: &Key, book: &Book, house: &House, overlay: &Overlay) -> Option<StatementRow> {
    let (state, state_text, blocked_by) = match book.standing(key, overlay) {
        Standing::Done => return None,
        Standing::Running(text) => ("running", text.to_owned(), Vec::new()),
        Standing::Queued(stage) => {
            ("queued", format!("{}, has no number yet", stage.word()), Vec::new())
        }
        Standing::Ready(text) => ("ready", text, Vec::new()),
        Standing::Blocked(blockers) => ("blocked", "Blocked".to_owned(), blockers),
    };
    let lines = lines(book, house, |_| true);
    Some(StatementRow { blocked_by, lines, ..empty(&key.1, state, state_text) })
}

/// A statement that has its number; `None` for a number that was not used: that is in the audit log.
fn issued(
    statement: &Versioned<Statement>,
    books: &Books,
    book: &Book,
    house: &House,
) -> Option<StatementRow> {
    let (state, text) = match statement.state {
        StatementState::Issued => ("draft", "Numbered, being sealed"),
        StatementState::Sealed => ("sealed", "Sealed"),
        StatementState::Superseded => ("superseded", "Superseded"),
        StatementState::Voided => return None,
    };
    let current = matches!(statement.state, StatementState::Issued | StatementState::Sealed);
    let of = statement.of;
    let outdated = books.outdated(statement);
    // Under a seal stands what it says alone: figures that came after it are no part of it.
    let rests_on = |one: &Settlement| {
        let mut cases = statement.rests_on.iter();
        cases.any(|case| (case.settlement, case.revision) == (one.id, one.revision))
    };
    let told = current && outdated.is_none();
    let lines = lines(book, house, |one| told && is_about(of, one) && rests_on(one));
    // That the whole customer's has to be revised is said in a row of its own.
    let text = match outdated.filter(|_| !of.is_customer()) {
        Some(why) => format!("Outdated: {why}"),
        None => text.to_owned(),
    };
    Some(StatementRow {
        id: Some(statement.id.to_string()),
        number: Some(statement.number.clone()),
        of,
        of_text: of_words(of, statement.customer, house),
        revision: Some(statement.revision),
        issued: Some(date(statement.issued_at.date_naive())),
        sha256: statement.sha256.clone(),
        lines,
        version: Some(statement.version),
        ..empty(&statement.period, state, text)
    })
}

/// What the statement says, or will say, of each line.
fn lines(book: &Book, house: &House, told: impl Fn(&Settlement) -> bool) -> Vec<StatementLine> {
    let mut lines: Vec<StatementLine> = Vec::new();
    for settlement in book.settlements.iter().filter(|one| told(one)) {
        let outcome = settlement.outcome(&book.credits);
        for line in &settlement.lines {
            lines.push(StatementLine {
                contract: house.contract(settlement.contract),
                status: status(line),
                text: text(settlement, line, &outcome),
            });
        }
    }
    lines.sort_by(|a, b| a.contract.cmp(&b.contract));
    lines
}

fn status(line: &SettlementLine) -> Status {
    match line.met {
        None => Status::NoData,
        Some(true) => Status::Met,
        Some(false) => Status::Breached,
    }
}

/// What was reached, and what became of what is owed for it.
fn text(settlement: &Settlement, line: &SettlementLine, outcome: &Outcome) -> String {
    let reached = line.percent.as_deref().map_or_else(|| "not measured".to_owned(), percent);
    let owing = settlement.lines.iter().filter(|one| one.allocated.minor() != 0).count();
    let owes = line.allocated.minor() != 0 && settlement.total.minor() != 0;
    let amount = line.allocated.symbol();
    let credit = match outcome.shares.as_slice() {
        _ if !owes => (line.met == Some(false)).then(|| "no SLA credit".to_owned()),
        [] => Some(format!("SLA credit {amount}")),
        [one] => Some(whole(one.state, &amount)),
        // What is decided is the contract's credit: of a line's part of it nothing is told apart.
        shares if owing > 1 => {
            let total = settlement.total.symbol();
            Some(format!("SLA credit {amount} of the contract's {total}: {}", parts(shares)))
        }
        shares => Some(format!("SLA credit {amount}: {}", parts(shares))),
    };
    // It is the contract's, too, and told with the lines that owe; with all of them where none does.
    let beyond = outcome.beyond.filter(|_| owes || owing == 0).map(|beyond| {
        let what = if beyond.decided { "kept by the customer" } else { "to be decided" };
        format!("{} granted beyond what is owed, {what}", beyond.amount.symbol())
    });
    [Some(reached), credit, beyond].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What became of a line's credit, where that is one thing.
fn whole(state: ShareState, amount: &str) -> String {
    match state {
        ShareState::OnRequest { .. } => became(state, amount),
        _ => format!("SLA credit {}", became(state, amount)),
    }
}

/// `€1,200.00 granted, €1,800.00 to be decided`.
fn parts(shares: &[Share]) -> String {
    let each = shares.iter().map(|share| became(share.state, &share.amount.symbol()));
    each.collect::<Vec<_>>().join(", ")
}

fn became(state: ShareState, amount: &str) -> String {
    match state {
        ShareState::Granted => format!("{amount} granted"),
        ShareState::Pending => format!("{amount} to be decided"),
        ShareState::OnRequest { until } => {
            format!("{amount} on request until {}", day_short(until))
        }
        ShareState::Lapsed => format!("{amount} lapsed"),
        ShareState::NotGranted => format!("{amount} not granted"),
    }
}

/// The revisions of a numbered statement that are here.
///
/// # Errors
/// [`makegood_domain::Code::Database`].
pub async fn numbered(reader: &mut Reader, number: &str) -> Result<Vec<Statement>, Problem> {
    let found: Vec<Versioned<Statement>> = reader.list("where number = $1", &[number]).await?;
    Ok(found.into_iter().map(|one| one.row).collect())
}
