//! The breach inbox: what is to be reviewed, what was put off, what is decided.

use crate::{
    Overlay, Reader, Viewer,
    ask::{self, Question},
    screens::{
        Page,
        house::{UNKNOWN, listed},
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
use std::collections::BTreeMap;
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

/// Breaches as lists show them, by their keys.
pub(crate) async fn items(
    reader: &mut Reader,
    overlay: &Overlay,
    keys: &str,
) -> Result<BTreeMap<String, BreachItem>, Problem> {
    let sql = "select breach.key, number, title, state, cast(snoozed_until as text),
                      cast(left_micros as text), cast(owed as text), currency
               from json_each($1) as one join breach on breach.key = one.value";
    let found = reader.texts(sql, &[keys]).await?;
    Ok(found.iter().filter_map(|row| Some((row[0].clone(), item(row, overlay)?))).collect())
}

fn item(row: &[String; 8], overlay: &Overlay) -> Option<BreachItem> {
    let [id, number, title, state, until, left, minor, currency] = row;
    let mut names = title.split('\u{1f}').map(str::to_owned);
    let currency = Currency::parse(currency);
    let owed = currency.and_then(|currency| Some(Money::new(minor.parse().ok()?, currency)));
    // Without a measurement, or an allowance, it stands first.
    let left = left.parse().ok().filter(|left| *left != -i64::MAX);
    Some(BreachItem {
        id: id.clone(),
        number: number.clone(),
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
    let (sql, beginning) = match tab {
        BreachTab::ToReview => {
            (TO_REVIEW, r#"[0, -9223372036854775808, "", -9223372036854775808, ""]"#)
        }
        BreachTab::Snoozed => (SNOOZED, r#"[-9223372036854775808, ""]"#),
        BreachTab::Decided => (DECIDED, "[9223372036854775807, \"\"]"),
    };
    let now = viewer.now.timestamp().to_string();
    let places = ask::texts(sql, &[&now, page.after_or(beginning)?, &page.fetched()]);
    let (places, counts) = reader.ask((places, counts(viewer.now))).await?;
    let (places, next) = page.cut(places, |place: &Place| place[1].clone());
    let keys = listed(places.iter().map(|place| place[0].as_str()));
    let items = items(reader, overlay, &keys).await?;
    Ok(BreachInbox { tab, counts, groups: groups(&places, items), next })
}

/// How many each tab holds.
pub(crate) fn counts(now: DateTime<Utc>) -> Question<BreachCounts> {
    let now = now.timestamp().to_string();
    let waiting = "select count(*) from breach where state in ('to_review', 'snoozed')";
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

/// A breach and its place in the list; the incident that it shares with others, when that began, with
/// how many contracts, and how many such incidents there are.
type Place = [String; 6];

/// Incidents that several breaches share come first, whatever is worse; then the others.
const TO_REVIEW: &str = "with shared as (
      select cause, min(left_micros) as worst, count(distinct contract) as contracts from breach
      where state in ('to_review', 'snoozed') and cause is not null
        and (state = 'to_review' or snoozed_until <= cast($1 as integer))
      group by cause having count(*) > 1),
    -- The page by what an index holds, before a row is read.
    part as (
      select breach.rowid as id, shared.cause is null as alone, coalesce(worst, 0) as worst,
             coalesce(shared.cause, '') as cause, contracts, left_micros, number
      from breach left join shared on shared.cause = breach.cause
      where breach.state in ('to_review', 'snoozed')
        and (breach.state = 'to_review' or snoozed_until <= cast($1 as integer))
        and (shared.cause is null, coalesce(worst, 0), coalesce(shared.cause, ''),
             left_micros, number)
          > (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'),
             json_extract($2, '$[3]'), json_extract($2, '$[4]'))
      order by 2, 3, 4, left_micros, number limit cast($3 as integer))
    select breach.key,
           json_array(part.alone, part.worst, part.cause, part.left_micros, part.number),
           part.cause, date(json_extract(incident.body, '$.began_at')),
           cast(contracts as text), cast((select count(*) from shared) as text)
    from part
    join breach on breach.rowid = part.id
    left join incident on incident.key = part.cause
    order by part.alone, part.worst, part.cause, part.left_micros, part.number";
const SNOOZED: &str = "select key, json_array(left_micros, number), null, null, null, 0 from breach
    where state in ('to_review', 'snoozed') and state = 'snoozed'
      and snoozed_until > cast($1 as integer)
      and (left_micros, number) > (json_extract($2, '$[0]'), json_extract($2, '$[1]'))
    order by left_micros, number limit cast($3 as integer)";
const DECIDED: &str = "select key, json_array(reviewed_at, number), null, null, null, 0 from breach
    where state in ('confirmed', 'cleared') and $1 is not null
      and (reviewed_at, number) < (json_extract($2, '$[0]'), json_extract($2, '$[1]'))
    order by reviewed_at desc, number desc limit cast($3 as integer)";

/// The items, in the order of their places: those of one incident together.
fn groups(places: &[Place], mut items: BTreeMap<String, BreachItem>) -> Vec<BreachGroup> {
    let mut groups: Vec<BreachGroup> = Vec::new();
    let mut last = None;
    for place in places {
        let [key, _, cause, ..] = place;
        let Some(item) = items.remove(key) else { continue };
        if last != Some(cause) {
            let (title, note) = heading(place);
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
fn heading(place: &Place) -> (Option<String>, Option<String>) {
    let [_, _, cause, began, contracts, shared] = place;
    if cause.is_empty() {
        return ((shared != "0").then(|| "Other".to_owned()), None);
    }
    let began = began.parse().map(day_short).unwrap_or_default();
    let contracts = count(contracts.parse().unwrap_or(0), "contract");
    (Some(format!("{began}, one incident")), Some(contracts))
}
