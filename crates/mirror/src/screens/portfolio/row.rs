//! A line of the portfolio.

use crate::{
    Reader,
    screens::{
        house::{UNKNOWN, listed},
        show::{MoneyView, Status, minutes_left_micros},
    },
};
use makegood_domain::{
    Problem,
    attainment::Attainment,
    id::{SettlementId, SlaLineId},
};
use makegood_engine::{
    fraction::Fraction,
    money::{Currency, Money},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

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

/// What is found of a line: its place in the list, its status, microseconds left, its names, and what
/// stands beside it.
pub(super) type Found = [String; 16];

/// Of a `part` of the places, what stands beside each. What a breach costs is known; of other lines that
/// owe something, the settlement says what, and is looked at for them alone.
macro_rules! beside {
    () => {
        "select json_array(part.status, part.left_micros, part.title, part.key),
           cast(part.status as text), cast(part.left_micros as text), part.title,
           attainment.customer, attainment.line,
           attainment.percent, cast(attainment.unknown_seconds as text), attainment.spark,
           sla_line.window_note, sla_line.objective, sla_line.internal_objective, breach.key,
           cast(case when breach.key is not null then breach.owed
                     when not exists (select 1 from settlement
                                      where settlement.key = attainment.settlement)
                     then attainment.owed else 0 end as text),
           coalesce(breach.currency, attainment.currency),
           case when breach.key is null then
             (select body from settlement where key = attainment.settlement and total <> 0) end
         from part
         join attainment on attainment.key = part.key
         left join sla_line on sla_line.key = attainment.line
         left join breach on breach.rowid = (select rowid from breach
           where breach.attainment = part.key order by key desc limit 1)
         order by part.status, part.left_micros, part.title, part.key"
    };
}
pub(super) use beside;

/// A line as it is listed.
pub(super) fn row(reader: &Reader, found: Found) -> Result<PortfolioRow, Problem> {
    let [
        _,
        status,
        left,
        title,
        customer,
        line,
        percent,
        unknown,
        drawn,
        note,
        objective,
        internal,
        breach,
        owed,
        code,
        body,
    ] = found;
    let status = Status::of_rank(status.parse().unwrap_or(-1));
    let left_micros = left.parse().unwrap_or(i64::MAX);
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let mut names = title.split('\u{1f}').map(str::to_owned);
    let mut drawn = drawn.split(' ').filter_map(|height| height.parse().ok());
    let spark_zero = drawn.next().unwrap_or(0);
    let known = status != Status::NoData && left_micros != i64::MAX;
    let money = Currency::parse(&code).zip(owed.parse().ok());
    let money = money.map(|(currency, minor)| Money::new(minor, currency));
    let money = match body.as_str() {
        "" => money.filter(|money| money.minor() != 0),
        body => {
            let settled: Settled = reader.parsed(body, "settlement")?;
            let line = settled.lines.into_iter().find(|one| one.line.to_string() == line);
            line.map(|line| line.allocated).filter(|money| money.minor() != 0)
        }
    };
    Ok(PortfolioRow {
        line_id: line,
        customer_id: customer,
        customer: or_unknown(names.next()),
        contract: or_unknown(names.next()),
        sla: or_unknown(names.next()),
        window_note: note,
        status,
        internal_objective: some(internal),
        objective: or_unknown(some(objective)),
        actual: some(percent),
        allowance_left: known.then(|| minutes_left_micros(left_micros)),
        gap: gap(unknown.parse().unwrap_or(0)),
        spark: drawn.collect(),
        spark_zero,
        credit: money.map(Into::into),
        breach_id: some(breach),
    })
}

/// What settlements say about lines.
pub(crate) struct Owed(BTreeMap<(SettlementId, SlaLineId), Money>);

/// As much of a settlement.
#[derive(Deserialize)]
struct Settled {
    id: SettlementId,
    lines: Vec<SettledLine>,
}

#[derive(Deserialize)]
struct SettledLine {
    line: SlaLineId,
    allocated: Money,
}

impl Owed {
    /// What these settle.
    pub(crate) async fn read(
        reader: &mut Reader,
        settlements: impl IntoIterator<Item = SettlementId>,
    ) -> Result<Self, Problem> {
        let sql = "select body from settlement where key in (select value from json_each($1))";
        let settled: Vec<Settled> = reader.parts(sql, &[&listed(settlements)]).await?;
        let settled = settled.into_iter();
        let lines = settled.flat_map(|one| one.lines.into_iter().map(move |line| (one.id, line)));
        Ok(Self(lines.map(|(id, line)| ((id, line.line), line.allocated)).collect()))
    }

    /// What the line costs: its part of the settlement, or what its own terms say so far.
    pub(crate) fn of(
        &self,
        settlement: Option<SettlementId>,
        line: SlaLineId,
        so_far: Option<Money>,
    ) -> Option<Money> {
        let allocated = settlement.and_then(|settlement| self.0.get(&(settlement, line)).copied());
        allocated.or(so_far).filter(|money| money.minor() != 0)
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
    drawn(attainment.allowance.as_deref(), attainment.left_by_day.iter().map(|day| day.left))
}

/// The same from its parts: seconds allowed, and left on each day.
pub(crate) fn drawn(allowance: Option<&str>, days: impl Iterator<Item = i64>) -> (Vec<i64>, i64) {
    let whole = allowance.and_then(Fraction::parse);
    let Some(whole) = whole.and_then(|all| all.ratio().to_integer().try_into().ok()) else {
        return (Vec::new(), 0);
    };
    let values: Vec<i64> = std::iter::once(whole).chain(days).collect();
    let low = values.iter().copied().min().unwrap_or(0).min(0);
    let high = values.iter().copied().max().unwrap_or(0).max(1);
    let scale = |value: i64| (value - low).saturating_mul(1000) / (high - low);
    (values.iter().map(|value| scale(*value)).collect(), scale(0))
}
