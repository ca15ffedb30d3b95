//! The orders of a list of credits.

use super::list::CreditTab;
use crate::{
    Reader, Versioned,
    ask::{self, Questions},
    screens::Page,
};
use makegood_domain::{Problem, credit::Credit};
use serde_json::{Value, json};

/// A page's credits, and where the next begins.
type Found = (Vec<Versioned<Credit>>, Option<String>);

/// The tab's credits on this page, and what else is asked with them.
pub(super) async fn found<Q: Questions>(
    reader: &mut Reader,
    tab: CreditTab,
    page: &Page,
    others: Q,
) -> Result<(Found, Q::Answers), Problem> {
    let own = match tab {
        CreditTab::Awaiting | CreditTab::Second | CreditTab::Drafted => "oldest",
        CreditTab::Approved | CreditTab::Posted | CreditTab::Returned => "newest",
    };
    let sort = page.sort(&["oldest", "newest", "largest", "smallest"])?.unwrap_or(own);
    let (sql, beginning) = match sort {
        "oldest" => (WAITING, "[-1, 0, \"\"]"),
        "newest" => (DONE, "[9223372036854775807, 0, \"\"]"),
        _ => {
            let answers = reader.ask(others).await?;
            return Ok((by_amount(reader, tab, sort == "largest", page).await?, answers));
        }
    };
    let binds = [tab.as_str(), page.after_or(beginning)?, &page.fetched()];
    let (found, answers) = reader.ask((ask::list::<Credit>(sql, &binds), others)).await?;
    let found = page.cut(found, |one| {
        let at = one.proposed_at.map_or(0, |at| at.timestamp());
        json!([at, one.number.chars().count(), one.number]).to_string()
    });
    Ok((found, answers))
}

/// Currency by currency: each is a piece of the index, read forwards or backwards.
async fn by_amount(
    reader: &mut Reader,
    tab: CreditTab,
    largest: bool,
    page: &Page,
) -> Result<Found, Problem> {
    let (sql, beginning) = match largest {
        true => (LARGEST, "[\"\", 9223372036854775807, 0, \"\"]"),
        false => (SMALLEST, "[\"\", -9223372036854775808, 0, \"\"]"),
    };
    let tab = tab.as_str();
    let mut place = page.after_or(beginning)?;
    let mut found: Vec<Versioned<Credit>> = Vec::new();
    let mut currency = Some(currency_of(place));
    while found.len() <= page.limit() {
        let Some(here) = currency else { break };
        let left = (page.limit() + 1 - found.len()).to_string();
        let of_it = ask::list::<Credit>(sql, &[tab, &here, place, &left]);
        let next = ask::texts::<1>(NEXT_CURRENCY, &[tab, &here]);
        let (of_it, next) = reader.ask((of_it, next)).await?;
        found.extend(of_it);
        place = beginning;
        currency = next.concat().pop();
    }
    Ok(page.cut(found, |one| {
        let (currency, minor) = (one.amount.currency(), one.amount.minor());
        json!([currency.code(), minor, one.number.chars().count(), one.number]).to_string()
    }))
}

/// The currency in which a place lies; empty before all of them.
fn currency_of(place: &str) -> String {
    let place: Vec<Value> = serde_json::from_str(place).unwrap_or_default();
    place.first().and_then(Value::as_str).unwrap_or_default().to_owned()
}

const NEXT_CURRENCY: &str = "select currency from credit where tab = $1 and currency > $2
    order by currency limit 1";
const LARGEST: &str = "where tab = $1 and currency = $2 and (minor, length(number), number) <
      (json_extract($3, '$[1]'), json_extract($3, '$[2]'), json_extract($3, '$[3]'))
    order by minor desc, length(number) desc, number desc limit cast($4 as integer)";
const SMALLEST: &str = "where tab = $1 and currency = $2 and (minor, length(number), number) >
      (json_extract($3, '$[1]'), json_extract($3, '$[2]'), json_extract($3, '$[3]'))
    order by minor, length(number), number limit cast($4 as integer)";

/// By proposal, then by number.
const WAITING: &str = "where tab = $1 and (proposed_at, length(number), number) >
      (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'))
    order by proposed_at, length(number), number limit cast($3 as integer)";
const DONE: &str = "where tab = $1 and (proposed_at, length(number), number) <
      (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'))
    order by proposed_at desc, length(number) desc, number desc limit cast($3 as integer)";
