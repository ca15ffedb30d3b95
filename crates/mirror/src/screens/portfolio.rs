//! The portfolio: every line of a month, worst first.

mod row;

use super::{
    Page,
    nav::renewals,
    show::{Moment, MoneyView, Status, day_short, month_name},
};
use crate::{Reader, Viewer};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem};
use makegood_engine::money::{Currency, Money};
pub use row::PortfolioRow;
pub(crate) use row::{Owed, drawn, spark};
use serde::Serialize;
use ts_rs::TS;

/// A month's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Portfolio {
    /// `2026-10`.
    pub month: String,
    /// `October 2026`.
    pub month_name: String,
    /// The months that there are, newest first.
    pub months: Vec<MonthChoice>,
    /// `at_risk` (whatever is not simply met), `mine` (that, of the viewer's customers), `all`.
    pub view: String,
    /// The strip above the table: over all lines, whatever the view.
    pub summary: PortfolioSummary,
    /// The lines of the view, worst first.
    pub rows: Vec<PortfolioRow>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
    /// How many lines the month has.
    pub total: usize,
    /// How far the measurement is: `measurement locked 4 Nov`.
    pub footer: String,
}

/// A month to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MonthChoice {
    /// `2026-10`.
    pub label: String,
    /// `October 2026`.
    pub name: String,
    /// `open`, `closing` or `locked`: of the line that is furthest behind.
    #[ts(type = "\"open\" | \"closing\" | \"locked\"")]
    pub state: String,
}

/// The strip above the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PortfolioSummary {
    /// Lines missed.
    pub breached: usize,
    /// Lines at risk.
    pub at_risk: usize,
    /// Estimated credits, not approved: one figure per currency.
    pub estimated: Vec<MoneyView>,
    /// Contracts that renew within 90 days.
    #[ts(type = "number")]
    pub renewals90: i64,
    /// Until when the evidence is complete.
    pub as_of: Moment,
}

/// The portfolio of `month` (the last one that ended when absent), in a view, page by page.
///
/// # Errors
/// [`Code::Invalid`] for a view or a page that is none; [`Code::Database`].
pub async fn portfolio(
    reader: &mut Reader,
    viewer: &Viewer,
    month: Option<&str>,
    view: Option<&str>,
    page: &Page,
) -> Result<Portfolio, Problem> {
    let view = view.unwrap_or("at_risk");
    let sql = match view {
        "at_risk" => AT_RISK,
        "mine" => MINE,
        "all" => ALL,
        _ => {
            let why = format!("no view {view:?}: at_risk, mine or all");
            return Err(Problem::new(Code::Invalid, why));
        }
    };
    let months = months(reader).await?;
    let month = month.map(str::to_owned).or_else(|| latest_ended(&months)).unwrap_or_default();
    let me = viewer.actor.person.to_string();
    let binds = [&month, page.after_or(BEGINNING)?, &page.fetched(), &me];
    let places = reader.texts(sql, &binds[..if view == "mine" { 4 } else { 3 }]).await?;
    let (places, next) = page.cut(places, |place: &row::Place| place[1].clone());
    let rows = row::rows(reader, &places).await?;
    let (summary, total, locked_at) = summary(reader, viewer, &month).await?;
    Ok(Portfolio {
        month_name: month_name(&month),
        footer: footer(&months, &month, locked_at),
        months,
        view: view.to_owned(),
        summary,
        total,
        rows,
        next,
        month,
    })
}

const BEGINNING: &str = "[-1, 0, \"\", \"\"]";

/// The portfolio's places from the one on that a page begins after.
macro_rules! places {
    ($from:literal, $which:literal) => {
        concat!(
            "select attainment, json_array(status, left_micros, title, attainment),
                    cast(status as text), cast(left_micros as text), title from ",
            $from,
            " where place.month = $1 and (status, left_micros, title, attainment) >
                (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'),
                 json_extract($2, '$[3]')) ",
            $which,
            " order by status, left_micros, title, attainment limit cast($3 as integer)"
        )
    };
}

const ALL: &str = places!("place", "");
const AT_RISK: &str = places!("place", "and status < 3");
const MINE: &str = places!(
    "(select key as own from customer where csm = $4
      union select key from customer where account_manager = $4)
     cross join place on place.customer = own",
    "and status < 3"
);

/// The strip above the table, how many lines the month has, and when the last of them was locked.
async fn summary(
    reader: &mut Reader,
    viewer: &Viewer,
    month: &str,
) -> Result<(PortfolioSummary, usize, Option<DateTime<Utc>>), Problem> {
    let counts = reader
        .texts(
            "select substr(class, -1), cast(sum(number) as text) from tally
             where entity = 'attainment' and month = $1 group by 1",
            &[month],
        )
        .await?;
    let number = |[_, number]: &[String; 2]| number.parse::<usize>().unwrap_or(0);
    let many = |status: Status| {
        let rank = status.rank().to_string();
        counts.iter().find(|[class, _]| *class == rank).map_or(0, number)
    };
    let as_of = "select coalesce(max(as_of), 0) from attainment where month = $1";
    let locked = "select coalesce(max(locked_at), 0) from settlement where month = $1";
    let at = |seconds| DateTime::from_timestamp(seconds, 0).filter(|_| seconds != 0);
    let [as_of, locked_at] = reader.numbers([as_of, locked], &[month]).await?.map(at);
    let summary = PortfolioSummary {
        breached: many(Status::Breached),
        at_risk: many(Status::AtRisk),
        estimated: estimated(reader, month).await?,
        renewals90: renewals(reader, viewer).await?,
        as_of: Moment::utc(as_of.unwrap_or(viewer.now)),
    };
    Ok((summary, counts.iter().map(number).sum(), locked_at))
}

/// What the month's running lines cost so far, and what its settlements owe that nobody has decided.
async fn estimated(reader: &mut Reader, month: &str) -> Result<Vec<MoneyView>, Problem> {
    let found = reader
        .texts(
            "select currency, sum(minor) from (
               select currency, sum(owed) as minor
               from attainment indexed by attainment_running
               where month = $1 and settlement is null and owed <> 0 group by 1
               union all
               select currency, sum(total) from settlement
               where month = $1 and decided = 0 and total <> 0 group by 1)
             group by 1 order by 1",
            &[month],
        )
        .await?;
    let money = |[currency, minor]: &[String; 2]| {
        Some(Money::new(minor.parse().ok()?, Currency::parse(currency)?).into())
    };
    Ok(found.iter().filter_map(money).collect())
}

/// The months that there are, newest first, each with the state of the line furthest behind.
pub(crate) async fn months(reader: &mut Reader) -> Result<Vec<MonthChoice>, Problem> {
    let found = reader
        .texts(
            "select month, max(case when class like 'open %' then '2'
                                    when class like 'closing %' then '1' else '0' end)
             from tally where entity = 'attainment' and number > 0
             group by month order by month desc",
            &[],
        )
        .await?;
    let state = |rank: &str| match rank {
        "2" => "open",
        "1" => "closing",
        _ => "locked",
    };
    Ok(found
        .into_iter()
        .map(|[label, rank]| MonthChoice {
            name: month_name(&label),
            state: state(&rank).to_owned(),
            label,
        })
        .collect())
}

/// The newest month that has ended; the newest of all where none has.
pub(crate) fn latest_ended(months: &[MonthChoice]) -> Option<String> {
    let ended = months.iter().find(|month| month.state != "open");
    ended.or_else(|| months.first()).map(|month| month.label.clone())
}

fn footer(months: &[MonthChoice], month: &str, locked_at: Option<DateTime<Utc>>) -> String {
    let state = months.iter().find(|choice| choice.label == month).map(|one| one.state.as_str());
    match (state, locked_at) {
        (Some("locked"), Some(at)) => format!("measurement locked {}", day_short(at.date_naive())),
        (Some("locked"), None) => "measurement locked".to_owned(),
        (Some("closing"), _) => "measurement not locked yet".to_owned(),
        (Some(_), _) => "the month is running".to_owned(),
        (None, _) => "nothing measured".to_owned(),
    }
}
