//! The breach inbox: what is to be reviewed, what was put off, what is decided.

use crate::{
    Overlay, Reader, Viewer,
    ask::{self, Question, Questions},
    screens::{
        Page,
        house::UNKNOWN,
        show::{MoneyView, count, day_short, minutes_left_micros},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Problem,
    breach::{Breach, BreachState},
};
use makegood_engine::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a breach stands in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum BreachTab {
    /// Nobody has looked, or it was put off until a day that has come.
    ToReview,
    /// Put off.
    Snoozed,
    /// Confirmed or cleared.
    Decided,
}

impl BreachTab {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ToReview, Self::Snoozed, Self::Decided];

    /// Where a breach stands now.
    pub(crate) fn of(breach: &Breach, now: DateTime<Utc>) -> Self {
        match breach.state {
            BreachState::Snoozed if breach.snoozed_until.is_some_and(|until| until > now) => {
                Self::Snoozed
            }
            BreachState::ToReview | BreachState::Snoozed => Self::ToReview,
            BreachState::Confirmed | BreachState::Cleared => Self::Decided,
        }
    }
}

/// A tab of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachInbox {
    /// Which one.
    pub tab: BreachTab,
    /// How many each tab holds.
    pub counts: BreachCounts,
    /// Breaches of one incident stand together.
    pub groups: Vec<BreachGroup>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
}

/// How many each tab holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachCounts {
    /// Nobody has looked, or it was put off until a day that has come.
    pub to_review: usize,
    /// Put off.
    pub snoozed: usize,
    /// Confirmed or cleared.
    pub decided: usize,
}

/// Breaches that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachGroup {
    /// `14 Oct, one incident`; absent where no incident stands apart.
    pub title: Option<String>,
    /// `3 contracts`.
    pub note: Option<String>,
    /// The breaches, worst first.
    pub items: Vec<BreachItem>,
}

/// A breach in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BreachItem {
    /// Its id.
    pub id: String,
    /// `BR-1042`.
    pub number: String,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The line's name.
    pub sla: String,
    /// What it costs.
    pub credit: Option<MoneyView>,
    /// `−6.31 min`.
    pub left: String,
    /// Where the review stands, in words.
    pub state: String,
    /// A decision about it waits in the outbox.
    pub queued: bool,
}

/// A customer's breaches as lists show them, the latest first.
pub(crate) fn of_customer<'a>(
    overlay: &'a Overlay,
    customer: &str,
) -> impl Questions<Answers = Vec<BreachItem>> + Send + use<'a> {
    let sql = "select key, number, title, state, cast(snoozed_until as text),
                      cast(left_micros as text), cast(owed as text), currency
               from breach where customer = $1 order by label desc, key desc";
    ask::texts(sql, &[customer]).then(|found: Vec<[String; 8]>| {
        let read = |row: &[String; 8]| item(row.each_ref().map(String::as_str), overlay);
        found.iter().filter_map(read).collect()
    })
}

fn item(row: [&str; 8], overlay: &Overlay) -> Option<BreachItem> {
    let [id, number, title, state, until, left, minor, currency] = row;
    let mut names = title.split('\u{1f}').map(str::to_owned);
    let currency = Currency::parse(currency);
    let owed = currency.and_then(|currency| Some(Money::new(minor.parse().ok()?, currency)));
    // Without a measurement, or an allowance, it stands first.
    let left = left.parse().ok().filter(|left| *left != -i64::MAX);
    Some(BreachItem {
        id: id.to_owned(),
        number: number.to_owned(),
        customer: names.next()?,
        contract: names.next()?,
        sla: names.next()?,
        credit: owed.filter(|money| money.minor() != 0).map(Into::into),
        left: left.map_or_else(
            || UNKNOWN.to_owned(),
            |left| format!("{} min", minutes_left_micros(left)),
        ),
        state: state_word(state, until.parse().unwrap_or(0)),
        queued: overlay.about("breach", id).is_some(),
    })
}

/// Where the review stands, in words.
fn state_word(state: &str, snoozed_until: i64) -> String {
    let until = DateTime::from_timestamp(snoozed_until, 0).filter(|_| snoozed_until != 0);
    match (state, until) {
        ("to_review", _) => "To review".to_owned(),
        ("snoozed", Some(until)) => format!("Snoozed until {}", day_short(until.date_naive())),
        ("snoozed", None) => "Snoozed".to_owned(),
        ("confirmed", _) => "Confirmed".to_owned(),
        _ => "Cleared by a revision".to_owned(),
    }
}

/// The inbox, page by page.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for a page that is none; [`makegood_domain::Code::Database`].
pub async fn breach_inbox(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    tab: BreachTab,
    page: &Page,
) -> Result<BreachInbox, Problem> {
    let (part, beginning) = match tab {
        BreachTab::ToReview => {
            (TO_REVIEW, r#"[0, -9223372036854775808, "", -9223372036854775808, ""]"#)
        }
        BreachTab::Snoozed => (SNOOZED, r#"[-9223372036854775808, ""]"#),
        BreachTab::Decided => (DECIDED, "[9223372036854775807, \"\"]"),
    };
    let sql = format!("{part} {PLACED}");
    let now = viewer.now.timestamp().to_string();
    let places = ask::texts(&sql, &[&now, page.after_or(beginning)?, &page.fetched()]);
    let (places, counts) = reader.ask((places, counts(viewer.now))).await?;
    let (places, next) = page.cut(places, |[place, ..]: &Placed| place.clone());
    Ok(BreachInbox { tab, counts, groups: groups(&places, overlay), next })
}

/// How many each tab holds.
pub(crate) fn counts(now: DateTime<Utc>) -> Question<BreachCounts> {
    let now = now.timestamp().to_string();
    let waiting = "select coalesce(sum(number), 0) from tally
                   where entity = 'breach' and month = '' and class in ('to_review', 'snoozed')";
    let snoozed = "select count(*) from breach where state in ('to_review', 'snoozed')
                   and state = 'snoozed' and snoozed_until > cast($1 as integer)";
    let decided = "select coalesce(sum(number), 0) from tally
                   where entity = 'breach' and month = '' and class in ('confirmed', 'cleared')";
    ask::numbers([waiting, snoozed, decided], &[&now]).map(|[waiting, snoozed, decided]| {
        let many = |number| usize::try_from(number).unwrap_or(0);
        BreachCounts {
            to_review: many(waiting - snoozed),
            snoozed: many(snoozed),
            decided: many(decided),
        }
    })
}

/// A breach's place in the list; the incident that it shares with others, when that began, with how many
/// contracts, and how many such incidents there are; and what the list shows of it.
type Placed = [String; 13];

/// Reads the rows of a `part` of the list: what it sorts by, and what its incident is.
const PLACED: &str = "
    select part.place, part.cause, date(json_extract(incident.body, '$.began_at')),
           cast(part.contracts as text), cast(part.shared as text),
           breach.key, number, title, state, cast(snoozed_until as text),
           cast(left_micros as text), cast(owed as text), currency
    from part
    join breach on breach.rowid = part.id
    left join incident on incident.key = part.cause
    order by part.nth";

/// Incidents that several breaches share come first, whatever is worse; then the others. Rows are read only
/// where they can be on the page.
const TO_REVIEW: &str = "with shared as materialized (
      select cause, min(left_micros) as worst, count(distinct contract) as contracts, count(*) as many
      from breach
      where state in ('to_review', 'snoozed') and cause is not null
        and (state = 'to_review' or snoozed_until <= cast($1 as integer))
      group by cause having count(*) > 1),
    -- Whole incidents, as many as fill the page, the one that it goes on with first.
    near as (
      select cause, worst, contracts,
             sum(many) over (order by worst, cause) - many
               - iif(first_value(cause) over (order by worst, cause) = json_extract($2, '$[2]'),
                     first_value(many) over (order by worst, cause), 0) as before
      from shared
      where json_extract($2, '$[0]') = 0
        and (worst, cause) >= (json_extract($2, '$[1]'), json_extract($2, '$[2]'))),
    rows as (
      select breach.rowid as id, 0 as alone, worst, near.cause as cause, contracts, left_micros, number
      from near join breach on breach.cause = near.cause
      where before < cast($3 as integer) and breach.state in ('to_review', 'snoozed')
        and (breach.state = 'to_review' or snoozed_until <= cast($1 as integer))
        and (worst, near.cause, left_micros, number)
          > (json_extract($2, '$[1]'), json_extract($2, '$[2]'),
             json_extract($2, '$[3]'), json_extract($2, '$[4]'))
      union all
      select * from (
        select rowid, 1, 0, '', null, left_micros, number from breach
        where state in ('to_review', 'snoozed')
          and (state = 'to_review' or snoozed_until <= cast($1 as integer))
          and (cause is null or cause not in (select cause from shared))
          and (left_micros, number)
            > (iif(json_extract($2, '$[0]') = 1, json_extract($2, '$[3]'), -9223372036854775808),
               iif(json_extract($2, '$[0]') = 1, json_extract($2, '$[4]'), ''))
        order by left_micros, number limit cast($3 as integer))
      order by 2, 3, 4, 6, 7 limit cast($3 as integer)),
    part as (
      select id, json_array(alone, worst, cause, left_micros, number) as place, cause, contracts,
             (select count(*) from shared) as shared,
             row_number() over (order by alone, worst, cause, left_micros, number) as nth
      from rows)";
const SNOOZED: &str = "with part as (
      select rowid as id, json_array(left_micros, number) as place, '' as cause, 0 as contracts,
             0 as shared, row_number() over (order by left_micros, number) as nth
      from (select rowid, left_micros, number from breach
        where state in ('to_review', 'snoozed') and state = 'snoozed'
          and snoozed_until > cast($1 as integer)
          and (left_micros, number) > (json_extract($2, '$[0]'), json_extract($2, '$[1]'))
        order by left_micros, number limit cast($3 as integer)))";
const DECIDED: &str = "with part as (
      select rowid as id, json_array(reviewed_at, number) as place, '' as cause, 0 as contracts,
             0 as shared, row_number() over (order by reviewed_at desc, number desc) as nth
      from (select rowid, reviewed_at, number from breach
        where state in ('confirmed', 'cleared') and $1 is not null
          and (reviewed_at, number) < (json_extract($2, '$[0]'), json_extract($2, '$[1]'))
        order by reviewed_at desc, number desc limit cast($3 as integer)))";

/// The items, in the order of their places: those of one incident together.
fn groups(places: &[Placed], overlay: &Overlay) -> Vec<BreachGroup> {
    let mut groups: Vec<BreachGroup> = Vec::new();
    let mut last = None;
    for placed in places {
        let [_, cause, .., id, number, title, state, until, left, owed, currency] = placed;
        let row = [id, number, title, state, until, left, owed, currency].map(String::as_str);
        let Some(item) = item(row, overlay) else { continue };
        if last != Some(cause) {
            let (title, note) = heading(placed);
            groups.push(BreachGroup { title, note, items: Vec::new() });
            last = Some(cause);
        }
        if let Some(group) = groups.last_mut() {
            group.items.push(item);
        }
    }
    groups
}

/// `14 Oct, one incident`, `3 contracts`; `Other` below such groups.
fn heading(placed: &Placed) -> (Option<String>, Option<String>) {
    let [_, cause, began, contracts, shared, ..] = placed;
    if cause.is_empty() {
        return ((shared != "0").then(|| "Other".to_owned()), None);
    }
    let began = began.parse().map(day_short).unwrap_or_default();
    let contracts = count(contracts.parse().unwrap_or(0), "contract");
    (Some(format!("{began}, one incident")), Some(contracts))
}
