//! The portfolio: every line of a month, worst first.

mod row;

use super::{
    Page,
    nav::{renew_between, renewing},
    show::{Moment, MoneyView, Status, day_short, month_name},
};
use crate::{
    Reader, Viewer,
    ask::{self, Question},
};
use chrono::{DateTime, Utc};
use makegood_domain::{Code, Problem};
use makegood_engine::money::{Currency, Money};
pub use row::PortfolioRow;
pub(crate) use row::{Owed, drawn, spark};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which of a month's lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum PortfolioView {
    /// Whatever is not simply met.
    #[default]
    AtRisk,
    /// Every line.
    All,
}

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
    /// Which of them.
    pub view: PortfolioView,
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
    /// Until when the evidence is complete: of the line furthest behind. Absent where nothing is measured.
    pub as_of: Option<Moment>,
}

/// The portfolio of `month` (the last one that ended when absent), in a view, page by page.
///
/// # Errors
/// [`Code::Invalid`] for a page that is none; [`Code::Database`].
pub async fn portfolio(
    reader: &mut Reader,
    viewer: &Viewer,
    month: Option<&str>,
    view: PortfolioView,
    page: &Page,
) -> Result<Portfolio, Problem> {
    let sql = match view {
        PortfolioView::AtRisk => AT_RISK,
        PortfolioView::All => ALL,
    };
    let months = months(reader).await?;
    let month = month.map(str::to_owned).or_else(|| latest_ended(&months)).unwrap_or_default();
    let found = ask::texts(sql, &[&month, page.after_or(BEGINNING)?, &page.fetched()]);
    let (found, counted) = reader.ask((found, counted(viewer, &month))).await?;
    let (found, next) = page.cut(found, |found: &row::Found| found[0].clone());
    let rows = found.into_iter().map(|found| row::row(reader, found)).collect::<Result<_, _>>()?;
    let (summary, total, locked_at) = summary(counted)?;
    Ok(Portfolio {
        month_name: month_name(&month),
        footer: footer(&months, &month, locked_at),
        months,
        view,
        summary,
        total,
        rows,
        next,
        month,
    })
}

const BEGINNING: &str = "[-1, 0, \"\", \"\"]";

/// The portfolio's lines from the place on that a page begins after, with what stands beside each.
macro_rules! places {
    ($which:literal) => {
        concat!(
            "with part as materialized (
               select place.attainment as key, status, left_micros, title from place
               where place.month = $1 and (status, left_micros, title, place.attainment) >
                (json_extract($2, '$[0]'), json_extract($2, '$[1]'), json_extract($2, '$[2]'),
                 json_extract($2, '$[3]')) ",
            $which,
            " order by status, left_micros, title, place.attainment limit cast($3 as integer)) ",
            row::beside!()
        )
    };
}

const ALL: &str = places!("");
const AT_RISK: &str = places!("and status < 3");

/// What the strip is made of.
#[derive(Deserialize)]
struct Counted {
    /// How many lines have a status, by its rank.
    lines: Vec<(i64, usize)>,
    as_of: Option<i64>,
    locked: Option<i64>,
    /// Minor units by currency.
    estimated: Vec<(String, i64)>,
    renewals: i64,
}

fn counted(viewer: &Viewer, month: &str) -> Question<Vec<Counted>> {
    let [from, to] = renewing(viewer);
    let now = viewer.now.timestamp().to_string();
    ask::parts(COUNTED, &[month, &from, &to, &now])
}

/// The strip above the table, how many lines the month has, and when the last of them was locked.
fn summary(
    found: Vec<Counted>,
) -> Result<(PortfolioSummary, usize, Option<DateTime<Utc>>), Problem> {
    let found = found.into_iter().next();
    let found = found.ok_or_else(|| Problem::new(Code::Internal, "a strip without a row"))?;
    let many = |status: Status| {
        let ranks = found.lines.iter().filter(|(rank, _)| *rank == status.rank());
        ranks.map(|(_, number)| number).sum()
    };
    let at = |seconds| DateTime::from_timestamp(seconds, 0).filter(|_| seconds != 0);
    let money = |(currency, minor): &(String, i64)| {
        Some(Money::new(*minor, Currency::parse(currency)?).into())
    };
    let summary = PortfolioSummary {
        breached: many(Status::Breached),
        at_risk: many(Status::AtRisk),
        estimated: found.estimated.iter().filter_map(money).collect(),
        renewals90: found.renewals,
        as_of: found.as_of.and_then(at).map(Moment::utc),
    };
    let total = found.lines.iter().map(|(_, number)| number).sum();
    Ok((summary, total, found.locked.and_then(at)))
}

/// Estimated is what the month's running lines cost so far, and what its settlements' credits come to
/// that are still to be decided. Evidence is complete as far as that of the line furthest behind, among
/// those whose windows are not locked: of a line whose time under contract is over, or to come, nothing is
/// waited for.
const COUNTED: &str = concat!(
    "select json_object(
    'lines', (select json_group_array(json_array(rank, number)) from (
       select cast(substr(class, -1) as integer) as rank, sum(number) as number from tally
       where entity = 'attainment' and month = $1 group by 1)),
    'as_of', coalesce(
       (select as_of from attainment
        where month = $1 and state <> 'locked' and not exists (
          select 1 from sla_line where sla_line.key = attainment.line
          and (active_from > cast($4 as integer) or (active_to <> 0 and active_to <= as_of)))
        order by as_of limit 1),
       (select max(as_of) from attainment where month = $1)),
    'locked', (select max(locked_at) from settlement where month = $1),
    'estimated', (select json_group_array(json_array(currency, minor)) from (
       select currency, sum(minor) as minor from (
         select currency, sum(owed) as minor
         from attainment indexed by attainment_running
         where month = $1 and settlement is null and owed <> 0 group by 1
         union all
         select currency, sum(undecided) from settlement
         where month = $1 and undecided <> 0 group by 1)
       group by 1 order by 1)),
    'renewals', ",
    renew_between!("$2", "$3"),
    ") as body"
);

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
