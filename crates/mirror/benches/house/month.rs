//! What one month adds to the house.

use super::{
    Feed, LINES,
    decided::{INCIDENTS, exclusion, incident},
    dice, id, money, now,
};
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use makegood_domain::{
    alert::{Alert, AlertKind, AlertLevel, AlertState, Objective, Resolution},
    attainment::{Attainment, DayLeft, WindowState},
    audit::GENESIS,
    credit::Claim,
    distance::{Distance, Unit},
    incident::Hit,
    settlement::{Settlement, SettlementLine},
};

/// Three years, of which the last month runs.
pub(crate) const MONTHS: usize = 36;
/// The last one that has ended.
pub(crate) const LAST: usize = MONTHS - 2;
/// From this month on, attainments carry what was left on each day: a hundred days of them.
const DAILY: usize = MONTHS - 4;

fn first_day(month: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2023, 12, 1).expect("a day");
    first + Months::new(u32::try_from(month).expect("few"))
}

/// `2026-10`.
pub(crate) fn label(month: usize) -> String {
    first_day(month).format("%Y-%m").to_string()
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// A customer's month: which line is missed, if one is, and the ids that go with it.
pub(super) struct Spot {
    pub(super) month: usize,
    pub(super) customer: usize,
    /// Counts customers' months from the beginning of the house.
    pub(super) number: usize,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) missed: Option<usize>,
}

impl Spot {
    fn of(month: usize, customer: usize, customers: usize) -> Self {
        let closed = month <= LAST;
        let missed = (closed && dice(month, customer, 1) % 1000 < 286)
            .then(|| dice(month, customer, 2) % LINES);
        Self {
            month,
            customer,
            number: month * customers + customer,
            from: midnight(first_day(month)),
            to: midnight(first_day(month + 1)),
            missed,
        }
    }

    pub(super) fn dice(&self, what: usize) -> usize {
        dice(self.month, self.customer, what)
    }

    pub(super) fn owed(&self) -> usize {
        if self.missed.is_some() && self.dice(3) % 10 < 8 { 12_000 } else { 0 }
    }

    fn attainment(&self, line: usize) -> Attainment {
        let days = (self.to - self.from).num_days();
        let (total, allowance) = (days * 86_400, days * 864);
        let missed = self.missed == Some(line);
        let luck = i64::try_from(self.dice(10 + line)).expect("small");
        let bad = match luck % 10 {
            _ if missed => allowance / 10 + 1 + luck % 900,
            0..7 => 0,
            _ => luck % (allowance / 10),
        };
        let left = allowance - bad * 10;
        let tenths = |n: i64| match n % 10 {
            0 => (n / 10).to_string(),
            part => format!("{}{}.{}", if n < 0 { "-" } else { "" }, n.abs() / 10, part.abs()),
        };
        let millionths = (total - bad) * 100_000_000 / total;
        let running = self.month > LAST;
        let until = if running { now() } else { self.to };
        let shown = if self.month < DAILY { 0 } else { (until - self.from).num_days() };
        let day = |n| self.from.date_naive() + TimeDelta::days(n);
        Attainment {
            id: id(9, self.number * LINES + line),
            customer: id(3, self.customer),
            contract: id(4, self.customer),
            line: id(6, self.customer * LINES + line),
            window: label(self.month),
            from: self.from,
            to: self.to,
            state: if running { WindowState::Open } else { WindowState::Locked },
            settlement: (!running).then(|| id(10, self.number)),
            revision: i64::from(!running),
            attainment: Some(format!("{}/{total}", total - bad)),
            percent: Some(format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)),
            met: Some(bad * 10 <= allowance),
            internal_met: Some(bad * 20 <= allowance),
            total: total.to_string(),
            bad: bad.to_string(),
            excused: "0".to_owned(),
            unknown_seconds: 0,
            allowance: Some(tenths(allowance)),
            allowance_left: Some(tenths(left)),
            left_by_day: (0..shown)
                .map(|n| DayLeft { day: day(n), left: if n < 9 { allowance } else { left } / 10 })
                .collect(),
            credit: Some(money(if missed { self.owed() } else { 0 }, self.customer)),
            as_of: until,
            distance: running.then(|| distance(&tenths(left))),
        }
    }

    fn settlement(&self) -> Settlement {
        let owed = money(self.owed(), self.customer);
        let line = |line: usize| {
            let missed = self.missed == Some(line);
            let own = if missed { owed } else { money(0, self.customer) };
            SettlementLine {
                line: id(6, self.customer * LINES + line),
                percent: Some(if missed { "99.885880" } else { "99.990000" }.to_owned()),
                met: Some(!missed),
                own,
                allocated: own,
                fee: "1200.00".to_owned(),
                fee_trace: "the monthly fee, 1200.00".to_owned(),
            }
        };
        Settlement {
            id: id(10, self.number),
            customer: id(3, self.customer),
            contract: id(4, self.customer),
            window: label(self.month),
            from: self.from,
            to: self.to,
            revision: 1,
            reason: None,
            engine: "1.0.0".to_owned(),
            tzdb: "2026a".to_owned(),
            case_hash: "c0".repeat(32),
            locked_at: self.to + TimeDelta::days(3),
            total: owed,
            lines: (0..LINES).map(line).collect(),
        }
    }

    fn alert(&self) -> Alert {
        let open = self.month > LAST;
        Alert {
            id: id(20, self.number),
            number: format!("AL-{}", self.number),
            customer: id(3, self.customer),
            contract: id(4, self.customer),
            line: id(6, self.customer * LINES),
            window: label(self.month),
            attainment: id(9, self.number * LINES),
            kind: AlertKind::Forecast,
            level: if self.dice(11).is_multiple_of(4) {
                AlertLevel::Critical
            } else {
                AlertLevel::Warning
            },
            objective: Objective::Internal,
            burning: None,
            distance: distance("1200"),
            as_of: now().min(self.to),
            first_degraded_at: Some(self.from + TimeDelta::days(4)),
            raised_at: self.from + TimeDelta::days(5),
            time_to_detect_seconds: Some(86_400),
            worsened_at: None,
            state: if open { AlertState::Open } else { AlertState::Resolved },
            acknowledged_by: None,
            acknowledged_at: None,
            note: None,
            resolved_at: (!open).then_some(self.to),
            resolution: (!open).then_some(Resolution::WindowEnded),
        }
    }
}

fn distance(left: &str) -> Distance {
    Distance {
        unit: Unit::Seconds,
        left: left.to_owned(),
        internal_left: None,
        burn_rate: Some("1.5".to_owned()),
        internal_burn_rate: None,
        missed: false,
        forecast: None,
        next: None,
    }
}

/// The running month of a customer's first line.
pub(super) fn running(customer: usize, customers: usize) -> Attainment {
    Spot::of(MONTHS - 1, customer, customers).attainment(0)
}

/// The month of every customer.
pub(super) async fn put(feed: &mut Feed<'_>, month: usize, customers: usize) {
    let mut previous = GENESIS.to_owned();
    if month <= LAST {
        for number in 0..INCIDENTS {
            let spot = Spot::of(month, 0, customers);
            feed.put(&incident(month * INCIDENTS + number, &spot), 1).await;
        }
    }
    for customer in 0..customers {
        let spot = Spot::of(month, customer, customers);
        for line in 0..LINES {
            feed.put(&spot.attainment(line), 3).await;
        }
        if spot.dice(12).is_multiple_of(20) {
            feed.put(&spot.alert(), 2).await;
        }
        if month > LAST {
            continue;
        }
        feed.put(&spot.settlement(), 1).await;
        if month < LAST {
            feed.put(&spot.statement(), 2).await;
        }
        let Some(line) = spot.missed else { continue };
        missed(feed, &spot, line).await;
        let event = spot.event(&previous, "credit.approved", spot.credit().id.to_string());
        feed.put(&event, 1).await;
        previous = event.hash;
    }
}

async fn missed(feed: &mut Feed<'_>, spot: &Spot, line: usize) {
    let breach = spot.breach(line);
    feed.put(&breach, 2).await;
    if let Some(incident) = spot.incident() {
        let mut hit = Hit::new(id(15, spot.number), id(13, incident), breach.customer);
        hit.breaches.push(breach.id);
        feed.put(&hit, 1).await;
    }
    if spot.dice(13).is_multiple_of(20) {
        feed.put(&exclusion(spot, line), 1).await;
    }
    if spot.owed() > 0 {
        let credit = spot.credit();
        feed.put(&credit, 3).await;
        if credit.claim != Claim::NotNeeded {
            feed.put(&spot.deadline(&credit), 1).await;
        }
    }
}
