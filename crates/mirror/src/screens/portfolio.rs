//! The portfolio: every line of a month, worst first.

use super::{
    house::{House, Promise},
    nav::renewals,
    show::{Moment, MoneyView, Status, Sums, day_short, minutes_left, month_name},
};
use crate::{Reader, Versioned, Viewer};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    credit::{Credit, CreditKind},
    id::SlaLineId,
    settlement::Settlement,
};
use makegood_engine::{fraction::Fraction, money::Money};
use serde::Serialize;
use std::collections::BTreeMap;
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

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct PortfolioRow {
    /// The line.
    pub line_id: String,
    /// The customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// The contract's number.
    pub contract: String,
    /// The line's name.
    pub sla: String,
    /// `30 days`, where the window is not a calendar month.
    pub window_note: String,
    /// How it stands.
    pub status: Status,
    /// `99.95`.
    pub internal_objective: Option<String>,
    /// `99.9`.
    pub objective: String,
    /// `99.885880`.
    pub actual: Option<String>,
    /// Minutes: `−6.31`.
    pub allowance_left: Option<String>,
    /// `30 min gap`: what nobody measured.
    pub gap: Option<String>,
    /// Allowance left by day, 0 to 1000; the first value is the whole allowance.
    #[ts(type = "number[]")]
    pub spark: Vec<i64>,
    /// Where zero lies among them.
    #[ts(type = "number")]
    pub spark_zero: i64,
    /// What it would cost.
    pub credit: Option<MoneyView>,
    /// Its breach.
    pub breach_id: Option<String>,
}

/// The portfolio of `month` (the last one that ended when absent), in a view.
///
/// # Errors
/// [`Code::Invalid`] for a view that is none; [`Code::Database`].
pub async fn portfolio(
    reader: &mut Reader,
    viewer: &Viewer,
    month: Option<&str>,
    view: Option<&str>,
) -> Result<Portfolio, Problem> {
    let view = view.unwrap_or("at_risk");
    if !["at_risk", "mine", "all"].contains(&view) {
        return Err(Problem::new(Code::Invalid, format!("no view {view:?}: at_risk, mine or all")));
    }
    let months = months(reader).await?;
    let month = month.map(str::to_owned).or_else(|| latest_ended(&months)).unwrap_or_default();
    let house = House::read(reader).await?;
    let attainments: Vec<Versioned<Attainment>> =
        reader.list("where month = $1", &[&month]).await?;
    let owed = Owed::read(reader, &month).await?;
    let breaches = breaches(reader, &month).await?;
    let estimated = owed.estimated(&attainments)?;
    let mut rows: Vec<(Sorting, &Attainment)> =
        attainments.iter().map(|row| (sorting(row, &house), &row.row)).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let how_many = |status| rows.iter().filter(|(sorting, _)| sorting.0 == status).count();
    let summary = PortfolioSummary {
        breached: how_many(Status::Breached),
        at_risk: how_many(Status::AtRisk),
        estimated,
        renewals90: renewals(reader, viewer).await?,
        as_of: Moment::utc(attainments.iter().map(|row| row.as_of).max().unwrap_or(viewer.now)),
    };
    let shown = |attainment: &Attainment| match view {
        "all" => true,
        "mine" => Status::of(attainment) != Status::Met && is_mine(attainment, &house, viewer),
        _ => Status::of(attainment) != Status::Met,
    };
    Ok(Portfolio {
        month_name: month_name(&month),
        footer: footer(&months, &month, owed.locked_at),
        months,
        view: view.to_owned(),
        summary,
        total: rows.len(),
        rows: rows
            .into_iter()
            .filter(|(_, attainment)| shown(attainment))
            .map(|(_, attainment)| row(attainment, &house, &owed, &breaches))
            .collect(),
        month,
    })
}

/// The months that there are, newest first, each with the state of the line furthest behind.
pub(crate) async fn months(reader: &mut Reader) -> Result<Vec<MonthChoice>, Problem> {
    let found = reader
        .texts(
            "select month, max(case state when 'open' then '2' when 'closing' then '1' else '0' end)
             from attainment group by month order by month desc",
            &[],
        )
        .await?;
    let state = |rank: &str| match rank {
        "2" => "open",
        "1" => "closing",
        _ => "locked",
    };
    Ok(found
        .iter()
        .map(|row| MonthChoice {
            label: row[0].clone(),
            name: month_name(&row[0]),
            state: state(&row[1]).to_owned(),
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

/// Attainment → breach.
async fn breaches(reader: &mut Reader, month: &str) -> Result<BTreeMap<String, String>, Problem> {
    let found = reader
        .texts(
            "select breach.attainment, breach.key from breach
             join attainment on attainment.key = breach.attainment where attainment.month = $1",
            &[month],
        )
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|row| <[String; 2]>::try_from(row).ok())
        .map(|[a, b]| (a, b))
        .collect())
}

/// What a month's settlements say about lines, and whether it is still an estimate.
pub(crate) struct Owed {
    lines: BTreeMap<SlaLineId, Money>,
    open: Vec<Money>,
    pub(crate) locked_at: Option<DateTime<Utc>>,
}

impl Owed {
    pub(crate) async fn read(reader: &mut Reader, month: &str) -> Result<Self, Problem> {
        let settlements: Vec<Versioned<Settlement>> =
            reader.list("where month = $1", &[month]).await?;
        let credits: Vec<Versioned<Credit>> = reader
            .list("where settlement in (select key from settlement where month = $1)", &[month])
            .await?;
        let decided = |settlement: &Settlement| {
            credits.iter().any(|credit| {
                credit.settlement == Some(settlement.id)
                    && credit.kind == CreditKind::Contractual
                    && credit.decision.is_final()
            })
        };
        Ok(Self {
            lines: settlements
                .iter()
                .flat_map(|settlement| &settlement.lines)
                .map(|line| (line.line, line.allocated))
                .collect(),
            open: settlements.iter().filter(|one| !decided(one)).map(|one| one.total).collect(),
            locked_at: settlements.iter().map(|one| one.locked_at).max(),
        })
    }

    /// What the line costs: its part of the settlement, or what its own terms say so far.
    pub(crate) fn of(&self, attainment: &Attainment) -> Option<Money> {
        let allocated =
            attainment.settlement.and_then(|_| self.lines.get(&attainment.line).copied());
        allocated.or(attainment.credit).filter(|money| money.minor() != 0)
    }

    fn estimated(&self, attainments: &[Versioned<Attainment>]) -> Result<Vec<MoneyView>, Problem> {
        let mut sums = Sums::default();
        let running = attainments.iter().filter(|row| row.settlement.is_none());
        for money in running.filter_map(|row| row.credit).chain(self.open.iter().copied()) {
            if money.minor() != 0 {
                sums.add(money)?;
            }
        }
        Ok(sums.each().map(|(sum, _)| sum.into()).collect())
    }
}

/// Status, seconds left (lines without an allowance last), customer, contract, line.
type Sorting = (Status, bool, Option<Fraction>, String, String, String);

fn sorting(attainment: &Attainment, house: &House) -> Sorting {
    let left = attainment.allowance_left.as_deref().and_then(Fraction::parse);
    (
        Status::of(attainment),
        left.is_none(),
        left,
        house.customer(attainment.customer),
        house.contract(attainment.contract),
        house.sla(attainment.line),
    )
}

fn is_mine(attainment: &Attainment, house: &House, viewer: &Viewer) -> bool {
    house.customers.get(&attainment.customer).is_some_and(|customer| {
        let me = Some(viewer.actor.person);
        customer.csm == me || customer.account_manager == me
    })
}

fn row(
    attainment: &Attainment,
    house: &House,
    owed: &Owed,
    breaches: &BTreeMap<String, String>,
) -> PortfolioRow {
    let line = house.lines.get(&attainment.line).map(|line| Promise(line));
    let (spark, spark_zero) = spark(attainment);
    let measured = attainment.met.is_some();
    PortfolioRow {
        line_id: attainment.line.to_string(),
        customer_id: attainment.customer.to_string(),
        customer: house.customer(attainment.customer),
        contract: house.contract(attainment.contract),
        sla: house.sla(attainment.line),
        window_note: line.as_ref().map(Promise::window_note).unwrap_or_default(),
        status: Status::of(attainment),
        internal_objective: line
            .as_ref()
            .and_then(|line| line.internal_objective())
            .map(str::to_owned),
        objective: line.as_ref().map_or("–", |line| line.objective()).to_owned(),
        actual: attainment.percent.clone(),
        allowance_left: attainment.allowance_left.as_deref().filter(|_| measured).map(minutes_left),
        gap: gap(attainment.unknown_seconds),
        spark,
        spark_zero,
        credit: owed.of(attainment).map(Into::into),
        breach_id: breaches.get(&attainment.id.to_string()).cloned(),
    }
}

/// `30 min gap`, `13 h gap`: never shorter than it was.
fn gap(seconds: i64) -> Option<String> {
    let (minutes, hours) = ((seconds + 59) / 60, (seconds + 3599) / 3600);
    match minutes {
        ..=0 => None,
        1..=600 => Some(format!("{minutes} min gap")),
        _ => Some(format!("{hours} h gap")),
    }
}

/// Allowance left by day, scaled to 0…1000, and where zero lies.
pub(crate) fn spark(attainment: &Attainment) -> (Vec<i64>, i64) {
    let whole = attainment.allowance.as_deref().and_then(Fraction::parse);
    let Some(whole) = whole.and_then(|all| all.ratio().to_integer().try_into().ok()) else {
        return (Vec::new(), 0);
    };
    let days = attainment.left_by_day.iter().map(|day| day.left);
    let values: Vec<i64> = std::iter::once(whole).chain(days).collect();
    let low = values.iter().copied().min().unwrap_or(0).min(0);
    let high = values.iter().copied().max().unwrap_or(0).max(1);
    let scale = |value: i64| (value - low).saturating_mul(1000) / (high - low);
    (values.iter().map(|value| scale(*value)).collect(), scale(0))
}
