//! The month's run: every customer, ready or not.

use crate::{
    Overlay, Reader, Stage,
    screens::{Page, delivery, show::month_name},
};
use makegood_domain::{Problem, command::Verb};
use serde::Serialize;
use ts_rs::TS;

/// The month's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementMonth {
    /// `2026-10`.
    pub month: String,
    /// `October 2026`.
    pub month_name: String,
    /// How many could be issued now.
    pub ready: usize,
    /// How many wait for a decision.
    pub blocked: usize,
    /// How many are sealed.
    pub sealed: usize,
    /// How many customers the month has.
    pub total: usize,
    /// The customers, blocked ones first, or all by name.
    pub rows: Vec<StatementCustomer>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
}

/// A customer in the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementCustomer {
    /// The customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// As in a customer's rows.
    pub state: String,
    /// In words.
    pub state_text: String,
    /// What stands in the way.
    pub reasons: Vec<String>,
    /// `ST-2026-10-0412`.
    pub number: Option<String>,
    /// What became of it: `sent`, `failed`, `bounced`, `accepted`, `disputed`; absent: it was not sent.
    pub delivery: Option<String>,
    /// In words.
    pub delivery_text: Option<String>,
}

/// The run of `month`, page by page: what is blocked first, or `customer` by customer.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for an order or a page that is none; [`makegood_domain::Code::Database`].
pub async fn statement_month(
    reader: &mut Reader,
    overlay: &Overlay,
    month: &str,
    page: &Page,
) -> Result<StatementMonth, Problem> {
    let (sql, beginning) = match page.sort(&["customer"])? {
        None => (BLOCKED_FIRST, "[-1, \"\", \"\"]"),
        Some(_) => (BY_CUSTOMER, "[\"\", \"\"]"),
    };
    let found = reader.texts(sql, &[month, page.after_or(beginning)?, &page.fetched()]).await?;
    let (found, next) = page.cut(found, |row: &[String; 7]| row[6].clone());
    let mut rows: Vec<StatementCustomer> = found.into_iter().map(customer).collect();
    let ids: Vec<String> = rows.iter().map(|row| row.customer_id.clone()).collect();
    let mut became = delivery::of_month(reader, month, &ids).await?;
    for row in &mut rows {
        (row.delivery, row.delivery_text) = became.remove(&row.customer_id).unzip();
    }
    let mut screen = StatementMonth {
        month: month.to_owned(),
        month_name: month_name(month),
        ready: 0,
        blocked: 0,
        sealed: 0,
        total: 0,
        rows,
        next,
    };
    let counts =
        "select class, cast(number as text) from tally where entity = 'run' and month = $1";
    for [class, number] in reader.texts(counts, &[month]).await? {
        let number = number.parse().unwrap_or(0);
        screen.total += number;
        screen.add(&class, number);
    }
    for (verb, pending) in overlay.verbs() {
        let Verb::IssueStatement { customer, period, of, .. } = verb else { continue };
        if period == month && of.is_customer() {
            queue(reader, &mut screen, &customer.to_string(), pending.stage).await?;
        }
    }
    Ok(screen)
}

const BLOCKED_FIRST: &str = "select customer, name, state, state_text, reasons, number,
      json_array(rank, folded, customer)
    from run where month = $1 and (rank, folded, customer) >
      (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'))
    order by rank, folded, customer limit cast($3 as integer)";
const BY_CUSTOMER: &str = "select customer, name, state, state_text, reasons, number,
      json_array(folded, customer)
    from run where month = $1 and (folded, customer) >
      (json_extract($2, '$[0]'), json_extract($2, '$[1]'))
    order by folded, customer limit cast($3 as integer)";

fn customer(
    [customer_id, customer, state, state_text, reasons, number, _]: [String; 7],
) -> StatementCustomer {
    StatementCustomer {
        customer_id,
        customer,
        state,
        state_text,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        number: Some(number).filter(|number| !number.is_empty()),
        delivery: None,
        delivery_text: None,
    }
}

/// Shows a customer's statement as asked for already.
async fn queue(
    reader: &mut Reader,
    screen: &mut StatementMonth,
    customer: &str,
    stage: Stage,
) -> Result<(), Problem> {
    let was = "select state from run where month = $1 and customer = $2";
    let was = reader.texts::<1>(was, &[&screen.month, customer]).await?.concat();
    match was.first().map(String::as_str) {
        Some("ready") => screen.ready = screen.ready.saturating_sub(1),
        Some("blocked") => screen.blocked = screen.blocked.saturating_sub(1),
        Some("sealed") => screen.sealed = screen.sealed.saturating_sub(1),
        _ => {}
    }
    for row in screen.rows.iter_mut().filter(|row| row.customer_id == customer) {
        stage.word().clone_into(&mut row.state_text);
        "queued".clone_into(&mut row.state);
        row.reasons.clear();
    }
    Ok(())
}

impl StatementMonth {
    fn add(&mut self, state: &str, number: usize) {
        match state {
            "ready" => self.ready += number,
            "blocked" => self.blocked += number,
            "sealed" => self.sealed += number,
            _ => {}
        }
    }
}
