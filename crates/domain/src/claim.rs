//! Claims: the customer asks for a credit, perhaps with its own log of outages, which is laid beside what
//! was measured.

use crate::{Code, Problem};
use chrono::{DateTime, NaiveDateTime, Utc};
use makegood_engine::{
    Case,
    claimed::{Parts, claimed},
    interval::Intervals,
    money::money_from_minor,
};
use serde::{Deserialize, Serialize};

/// A log may name so many outages.
pub const MOST_LOGGED: usize = 1_000;

/// An outage as the customer's log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedOutage {
    /// From (half open).
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
}

/// Reads a log as people send it: a line for each outage, two instants apart by a comma, a semicolon, a
/// tab or a dash with spaces. An instant is RFC 3339, or `2026-10-14 03:12` with or without seconds,
/// which is then UTC. A first line without a digit is a heading.
///
/// # Errors
/// [`Code::Invalid`], naming the line.
pub fn read_log(text: &str) -> Result<Vec<LoggedOutage>, Problem> {
    let mut log = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || (at == 0 && !line.contains(|one: char| one.is_ascii_digit())) {
            continue;
        }
        let wrong = |why: &str| {
            Problem::new(Code::Invalid, format!("line {} of the log: {why}", at + 1)).at("log")
        };
        let parts = [",", ";", "\t", " – ", " - "].iter().find_map(|by| line.split_once(by));
        let (from, to) =
            parts.ok_or_else(|| wrong("write it as 2026-10-14 03:12, 2026-10-14 04:13"))?;
        let read =
            |text: &str| instant(text).ok_or_else(|| wrong(&format!("{text:?} is no instant")));
        log.push(LoggedOutage { from: read(from)?, to: read(to)? });
    }
    check_log(&log)?;
    Ok(log)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_matches('"');
    let local = |form: &str| NaiveDateTime::parse_from_str(text, form).ok();
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
    zoned.or_else(|| forms.iter().find_map(|form| local(form)).map(|at| at.and_utc()))
}

/// Whether a log can be laid beside a measurement.
///
/// # Errors
/// [`Code::Invalid`]: too long, or an outage that does not end after it begins.
pub fn check_log(log: &[LoggedOutage]) -> Result<(), Problem> {
    if log.len() > MOST_LOGGED {
        let why = format!("the log names {} outages; {MOST_LOGGED} at most are read", log.len());
        return Err(Problem::new(Code::Invalid, why).at("log"));
    }
    match log.iter().position(|one| one.from >= one.to) {
        Some(at) => {
            let why = format!("outage {} of the log does not end after it begins", at + 1);
            Err(Problem::new(Code::Invalid, why).at("log"))
        }
        None => Ok(()),
    }
}

/// A log beside a calculation file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// Seconds that the log names, each once.
    pub logged_seconds: i64,
    /// The lines that count outages.
    pub lines: Vec<BesideLine>,
    /// What the contract would owe if all that is disputed, or was not observed, had been down: decimal
    /// text in the contract's currency.
    pub owed_if_right: String,
    /// What it owes as measured.
    pub owed: String,
    /// ISO 4217.
    pub currency: String,
}

/// A log beside one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BesideLine {
    /// The SLA line.
    pub sla: String,
    /// Both call it down, and it counts.
    pub agreed_seconds: i64,
    /// Measured as up.
    pub disputed_seconds: i64,
    /// Excused by an exclusion.
    pub excused_seconds: i64,
    /// Part of an outage that is too short to count.
    pub too_short_seconds: i64,
    /// Nobody measured it.
    pub unobserved_seconds: i64,
    /// Outside of the window, the contract or the service hours.
    pub outside_seconds: i64,
    /// Counted as down, and not in the log.
    pub not_in_log_seconds: i64,
    /// The stretches that are disputed.
    pub disputed: Vec<LoggedOutage>,
    /// Attainment in percent with six decimals, cut off, if the log were right; absent: not measured.
    pub percent_if_right: Option<String>,
}

impl Beside {
    /// Lays a log beside a calculation file.
    ///
    /// # Errors
    /// [`Code::CaseInvalid`]; as [`check_log`].
    pub fn of(case: &Case, log: &[LoggedOutage]) -> Result<Self, Problem> {
        check_log(log)?;
        let stretches = log.iter().map(|one| (one.from.timestamp(), one.to.timestamp()));
        let log = Intervals::merge(stretches);
        let broken = |why: &dyn std::fmt::Display| Problem::new(Code::CaseInvalid, why.to_string());
        let found = claimed(case, &log).map_err(|refusal| broken(&refusal))?;
        let now = makegood_engine::outcome::outcome(case).map_err(|refusal| broken(&refusal))?;
        let currency = case.contract.currency;
        let text = |minor| {
            let money = money_from_minor(minor, currency).map_err(|error| broken(&error))?;
            Ok(money.to_decimal_string())
        };
        let right = &found.if_right;
        let lines = found.lines.iter().zip(&case.lines).zip(&right.lines);
        let lines = lines.filter_map(|((parts, line), right)| {
            let parts = parts.as_ref()?;
            Some(BesideLine::of(line.sla.clone(), parts, right.millionths))
        });
        Ok(Self {
            logged_seconds: log.size(),
            lines: lines.collect(),
            owed_if_right: text(&right.credit)?,
            owed: text(&now.credit)?,
            currency: currency.code().to_owned(),
        })
    }

    /// In words, for whoever decides later.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = format!("The customer's log: {} min.", minutes(self.logged_seconds));
        for line in &self.lines {
            let parts = [
                (line.agreed_seconds, "as measured"),
                (line.disputed_seconds, "measured as up"),
                (line.excused_seconds, "excused"),
                (line.too_short_seconds, "too short to count"),
                (line.unobserved_seconds, "not observed"),
                (line.outside_seconds, "outside of the window or the service hours"),
            ];
            let parts = parts.iter().filter(|(seconds, _)| *seconds > 0);
            let parts: Vec<_> =
                parts.map(|(seconds, what)| format!("{} min {what}", minutes(*seconds))).collect();
            text.push_str(&format!(" {}: {}.", line.sla, parts.join(", ")));
            if line.not_in_log_seconds > 0 {
                let more = minutes(line.not_in_log_seconds);
                text.push_str(&format!(" {more} min were down that the log does not name."));
            }
        }
        let (owed, right, currency) = (&self.owed, &self.owed_if_right, &self.currency);
        text.push_str(&format!(" Owed: {currency} {owed}; if the log were right: {right}."));
        text
    }
}

impl BesideLine {
    fn of(sla: String, parts: &Parts, millionths: Option<u32>) -> Self {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap_or_default();
        let disputed = parts.disputed.as_slice().iter();
        Self {
            sla,
            agreed_seconds: parts.agreed.size(),
            disputed_seconds: parts.disputed.size(),
            excused_seconds: parts.excused.size(),
            too_short_seconds: parts.too_short.size(),
            unobserved_seconds: parts.unobserved.size(),
            outside_seconds: parts.outside.size(),
            not_in_log_seconds: parts.not_in_log.size(),
            disputed: disputed
                .map(|(from, to)| LoggedOutage { from: at(*from), to: at(*to) })
                .collect(),
            percent_if_right: millionths
                .map(|all| format!("{}.{:06}", all / 1_000_000, all % 1_000_000)),
        }
    }
}

/// Seconds as minutes with two decimals, rounded up: time that is named never looks less.
#[must_use]
pub fn minutes(seconds: i64) -> String {
    let hundredths = (seconds * 5).div_euclid(3) + i64::from((seconds * 5).rem_euclid(3) > 0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::{LoggedOutage, minutes, read_log};

    #[test]
    fn a_log_is_read_as_people_send_it() {
        let one = LoggedOutage {
            from: "2026-10-14T03:12:00Z".parse().unwrap(),
            to: "2026-10-14T04:13:00Z".parse().unwrap(),
        };
        for text in [
            "from,to\n2026-10-14T03:12:00Z,2026-10-14T04:13:00Z\n",
            "2026-10-14 03:12 – 2026-10-14 04:13",
            "2026-10-14 03:12:00 - 2026-10-14 04:13:00\n\n",
            "\"2026-10-14T05:12:00+02:00\";\"2026-10-14T06:13:00+02:00\"",
            "2026-10-14T03:12\t2026-10-14T04:13",
        ] {
            assert_eq!(read_log(text).unwrap(), [one], "{text}");
        }
        assert_eq!(read_log("").unwrap(), []);
        let why = |text: &str| read_log(text).unwrap_err().message;
        assert!(why("from,to\nyesterday, today").contains("line 2"), "{}", why("a\nb, c"));
        assert!(why("2026-10-14 03:12").contains("line 1"));
        assert!(why("2026-10-14 04:13, 2026-10-14 03:12").contains("does not end after"));
        assert!(why(&"2026-10-14 03:12, 2026-10-14 04:13\n".repeat(1_001)).contains("1000"));
    }

    #[test]
    fn minutes_never_look_less() {
        assert_eq!([0, 1, 60, 3_660, 61].map(minutes), ["0.00", "0.02", "1.00", "61.00", "1.02"]);
    }
}
