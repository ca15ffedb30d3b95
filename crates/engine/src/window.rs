//! Windows: what one period is, its label, and the time it spans.

use crate::duration::Duration;
use crate::instant::{fields, parse_date};
use crate::refusal::{Refusal, excerpt};
use crate::zone::Zone;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

/// What one period is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// By the calendar, or the last days.
    pub kind: WindowKind,
    /// Whose midnights bound it.
    pub time_zone: Zone,
    /// A fixed denominator, whatever the window's real length; only with `uptime`.
    pub counted_as: Option<Duration>,
}

/// The forms of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowKind {
    /// `2026-04`: from this day of the month (1 to 31; a day that a month lacks is its last day).
    Month {
        /// 1 for calendar months.
        anchor_day: u32,
    },
    /// `2026-Q1`: three months; Q1 begins in this month (1 to 12) of the label's calendar year.
    Quarter {
        /// 1 for calendar quarters.
        year_starts_in: u32,
    },
    /// `2026`: twelve months from this month (1 to 12) of the labelled year on.
    Year {
        /// 1 for calendar years.
        year_starts_in: u32,
    },
    /// `2026-04-30`: so many local calendar days, of which the labelled one is the last. Written
    /// in `d` alone, at least one.
    Rolling {
        /// Its length.
        length: Duration,
    },
}

/// A longer window is nobody's contract, and a line that takes a few hundred bytes would take as many
/// megabytes to measure.
const MOST_DAYS: i64 = 3_660;

/// What a window spans: instants and local dates, both half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first second.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// Its first local day.
    pub first_day: NaiveDate,
    /// The local day after its last.
    pub end_day: NaiveDate,
}

impl Span {
    /// Real length in seconds, clock changes included.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.to.timestamp() - self.from.timestamp()
    }

    /// Calendar days, by date.
    #[must_use]
    pub fn days(&self) -> i64 {
        self.end_day.signed_duration_since(self.first_day).num_days()
    }
}

/// A label, taken apart: what windows are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// Index of the month in which it begins: year × 12 + month − 1.
    Month(i32),
    Day(NaiveDate),
}

impl Window {
    /// Calendar months in this zone.
    #[must_use]
    pub fn month(time_zone: Zone) -> Self {
        Self { kind: WindowKind::Month { anchor_day: 1 }, time_zone, counted_as: None }
    }

    /// Whether every label spans the same in both; what is counted in it may differ.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        self.kind == other.kind && self.time_zone == other.time_zone
    }

    /// What the window of this label spans.
    ///
    /// # Errors
    /// At `period`: not a label of this window, out of the calendar, without a second, or the last
    /// of more than 3,660 days.
    pub fn span(&self, label: &str) -> Result<Span, Refusal> {
        let refuse = |why: &str| Refusal::new("period", format!("{} {why}", excerpt(label)));
        let parsed = self.parse(label).ok_or_else(|| refuse(&self.form()))?;
        let (first_day, end_day) =
            self.days(parsed).ok_or_else(|| refuse("lies outside of the calendar"))?;
        if end_day.signed_duration_since(first_day).num_days() > MOST_DAYS {
            return Err(refuse(&format!("ends more than {MOST_DAYS} days, which are ten years")));
        }
        let from = self.time_zone.day_start(first_day);
        let to = self.time_zone.day_start(end_day);
        if to <= from {
            return Err(refuse("holds no second: the zone skipped that day"));
        }
        Ok(Span { from, to, first_day, end_day })
    }

    /// The label of the window that holds this instant; for a rolling one, the local date.
    #[must_use]
    pub fn label_at(&self, at: DateTime<Utc>) -> String {
        let day = self.time_zone.local(at).date();
        if matches!(self.kind, WindowKind::Rolling { .. }) {
            return written_day(day);
        }
        // A quarter's or a year's label is written from any month in it.
        let label = Label::Month(day.year() * 12 + month0(day));
        // An anchored month may begin later in this month; a date that a zone repeats belongs to
        // the window in whose seconds the instant lies.
        let text = self.written(label);
        match self.span(&text) {
            Ok(span) if at < span.from => self.written(self.moved(label, -1).unwrap_or(label)),
            Ok(span) if at >= span.to => self.written(self.moved(label, 1).unwrap_or(label)),
            _ => text,
        }
    }

    /// The label of the window after this one; of a rolling one, the next day.
    ///
    /// # Errors
    /// At `period`: not a label of this window, or the last of the calendar.
    pub fn next_label(&self, label: &str) -> Result<String, Refusal> {
        self.neighbour(label, 1)
    }

    /// The label of the window before this one; of a rolling one, the day before.
    ///
    /// # Errors
    /// At `period`: not a label of this window, or the first of the calendar.
    pub fn previous_label(&self, label: &str) -> Result<String, Refusal> {
        self.neighbour(label, -1)
    }

    fn neighbour(&self, label: &str, by: i32) -> Result<String, Refusal> {
        let refuse = |why: &str| Refusal::new("period", format!("{} {why}", excerpt(label)));
        let parsed = self.parse(label).ok_or_else(|| refuse(&self.form()))?;
        let text = self.moved(parsed, by).map(|moved| self.written(moved)).unwrap_or_default();
        if self.parse(&text).is_none() {
            return Err(refuse("has no neighbour in the calendar"));
        }
        Ok(text)
    }

    fn months(&self) -> i32 {
        match self.kind {
            WindowKind::Month { .. } => 1,
            WindowKind::Quarter { .. } => 3,
            WindowKind::Year { .. } | WindowKind::Rolling { .. } => 12,
        }
    }

    fn moved(&self, label: Label, by: i32) -> Option<Label> {
        Some(match label {
            Label::Month(index) => Label::Month(index.checked_add(by * self.months())?),
            Label::Day(day) if by > 0 => Label::Day(day.succ_opt()?),
            Label::Day(day) => Label::Day(day.pred_opt()?),
        })
    }

    fn form(&self) -> String {
        let example = match self.kind {
            WindowKind::Month { .. } => "2026-04",
            WindowKind::Quarter { .. } => "2026-Q1",
            WindowKind::Year { .. } => "2026",
            WindowKind::Rolling { .. } => "2026-04-30",
        };
        format!("is no label of this window; one is written {example:?}")
    }

    fn parse(&self, label: &str) -> Option<Label> {
        let year_and_start = |year: u32, month: u32| -> Option<Label> {
            Some(Label::Month(i32::try_from(year).ok()? * 12 + signed(month) - 1))
        };
        match self.kind {
            WindowKind::Month { .. } => {
                let numbers = fields(label, '-', &[4, 2])?;
                let known = (1..=12).contains(&numbers[1]);
                known.then(|| year_and_start(numbers[0], numbers[1])).flatten()
            }
            WindowKind::Quarter { year_starts_in } => {
                let (year, quarter) = label.split_once("-Q")?;
                let numbers = (fields(year, '-', &[4])?[0], fields(quarter, '-', &[1])?[0]);
                let known = (1..=4).contains(&numbers.1);
                known
                    .then(|| year_and_start(numbers.0, year_starts_in + 3 * (numbers.1 - 1)))
                    .flatten()
            }
            WindowKind::Year { year_starts_in } => {
                year_and_start(fields(label, '-', &[4])?[0], year_starts_in)
            }
            WindowKind::Rolling { .. } => parse_date(label).map(Label::Day),
        }
    }

    fn written(&self, label: Label) -> String {
        let Label::Month(index) = label else {
            return match label {
                Label::Day(day) => written_day(day),
                Label::Month(_) => String::new(),
            };
        };
        match self.kind {
            WindowKind::Quarter { year_starts_in } => {
                let since = index - signed(year_starts_in) + 1;
                format!("{:04}-Q{}", since.div_euclid(12), since.rem_euclid(12) / 3 + 1)
            }
            WindowKind::Year { year_starts_in } => {
                format!("{:04}", (index - signed(year_starts_in) + 1).div_euclid(12))
            }
            _ => format!("{:04}-{:02}", index.div_euclid(12), index.rem_euclid(12) + 1),
        }
    }

    /// First day and the day after the last.
    fn days(&self, label: Label) -> Option<(NaiveDate, NaiveDate)> {
        match (label, &self.kind) {
            (Label::Day(last), WindowKind::Rolling { length }) => {
                let before = length.whole_days()?.checked_sub(1)?;
                let first = last.checked_sub_days(Days::new(before))?;
                // Local time before the year 1 is nobody's contract.
                (first.year() >= 0).then_some((first, last.succ_opt()?))
            }
            (Label::Month(index), kind) => {
                let anchor = match kind {
                    WindowKind::Month { anchor_day } => *anchor_day,
                    _ => 1,
                };
                let end = index.checked_add(self.months())?;
                Some((day_of_month(index, anchor)?, day_of_month(end, anchor)?))
            }
            (Label::Day(_), _) => None,
        }
    }
}

fn signed(month: u32) -> i32 {
    i32::try_from(month).unwrap_or(1)
}

fn month0(day: NaiveDate) -> i32 {
    signed(day.month()) - 1
}

fn written_day(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// This day of that month, or the month's last one.
fn day_of_month(index: i32, day: u32) -> Option<NaiveDate> {
    let month = u32::try_from(index.rem_euclid(12)).ok()? + 1;
    let first = NaiveDate::from_ymd_opt(index.div_euclid(12), month, 1)?;
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    first.with_day(day.min(last.day()))
}
