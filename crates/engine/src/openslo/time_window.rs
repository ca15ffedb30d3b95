//! `timeWindow`: what one period is.

use super::duration_shorthand::{FORM, Shorthand, duration};
use super::fields::Place;
use crate::build::Build;
use crate::instant::{fields, parse_date};
use crate::json::Json;
use crate::refusal::Refusal;
use crate::window::{Window, WindowKind};
use crate::zone::Zone;
use chrono::{Datelike, NaiveDate};

/// Reads the one window of an SLO.
///
/// A rolling window of OpenSLO is so many times 24 h; in UTC, so are that many local days.
pub(super) fn read(place: &Place) -> Result<Window, Refusal> {
    let items = place.items()?;
    let [item] = items.as_slice() else {
        return Err(place.refuse("must hold exactly one window"));
    };
    let mut window = item.fields()?;
    let duration = window.need("duration")?;
    let length = Shorthand::parse(duration.text()?)
        .ok_or_else(|| duration.refuse(format!("must be {FORM}: 1M, 28d")))?;
    let rolls = window.take("isRolling").map(|place| place.boolean()).transpose()?;
    let start = window.take("calendar");
    window.close()?;
    match (start, rolls) {
        (Some(start), Some(true)) => {
            Err(start.refuse("can't stand beside isRolling: true; delete one of them"))
        }
        (Some(start), _) => calendar(&duration, length, &start),
        (None, Some(true)) => rolling(&duration, length),
        (None, _) => Err(item.refuse(
            "neither rolls nor says where it begins: write isRolling: true, or calendar with \
             startTime and timeZone",
        )),
    }
}

fn rolling(at: &Place, length: Shorthand) -> Result<Window, Refusal> {
    let days = length.seconds().filter(|seconds| seconds % 86_400 == 0);
    let days = days.ok_or_else(|| {
        at.refuse("a rolling window is whole days, as in 28d; a month or a quarter needs calendar")
    })?;
    let length = duration(days).map_err(|message| at.refuse(message))?;
    Ok(Window { kind: WindowKind::Rolling { length }, time_zone: Zone::utc(), counted_as: None })
}

fn calendar(at: &Place, length: Shorthand, start: &Place) -> Result<Window, Refusal> {
    let mut calendar = start.fields()?;
    let (time, zone) = (calendar.need("startTime")?, calendar.need("timeZone")?);
    calendar.close()?;
    let first = first_day(&time)?;
    let time_zone = Zone::named(zone.text()?).map_err(|message| zone.refuse(message))?;
    let kind = match length.months() {
        Some(1) => WindowKind::Month { anchor_day: first.day() },
        Some(3 | 12) if first.day() != 1 => {
            let message = "a quarter or a year begins on the first day of a month; a window from \
                another day on is a month: 1M";
            return Err(time.refuse(message));
        }
        // OpenSLO says where quarters begin, not which of them is the first.
        Some(3) => WindowKind::Quarter { year_starts_in: (first.month() - 1) % 3 + 1 },
        Some(12) => WindowKind::Year { year_starts_in: first.month() },
        None if length.unit == 'm' => {
            return Err(at.refuse("m are minutes; a calendar month is written 1M"));
        }
        _ => {
            let message = "a calendar window is one month, quarter or year: 1M, 1Q, 1Y; days and \
                weeks can only roll: isRolling: true";
            return Err(at.refuse(message));
        }
    };
    Ok(Window { kind, time_zone, counted_as: None })
}

/// The local date on which windows begin, at midnight.
fn first_day(time: &Place) -> Result<NaiveDate, Refusal> {
    let text = time.text()?;
    let read = |text: &str| {
        let (day, clock) = text.split_once([' ', 'T'])?;
        Some((parse_date(day)?, fields(clock, ':', &[2, 2, 2])?))
    };
    let Some((day, clock)) = read(text) else {
        let message = format!("{text:.40?} must be a local date and time: 2026-01-01 00:00:00");
        return Err(time.refuse(message));
    };
    if clock.iter().any(|part| *part != 0) {
        return Err(time.refuse("a window begins at local midnight: 00:00:00"));
    }
    Ok(day)
}

/// What of a window OpenSLO can say: two windows that it can't tell apart are the same here.
pub(super) fn spoken(window: &Window) -> Window {
    let (kind, time_zone) = match &window.kind {
        WindowKind::Month { anchor_day } => {
            (WindowKind::Month { anchor_day: *anchor_day }, window.time_zone.clone())
        }
        WindowKind::Quarter { year_starts_in } => {
            let year_starts_in = (year_starts_in.max(&1) - 1) % 3 + 1;
            (WindowKind::Quarter { year_starts_in }, window.time_zone.clone())
        }
        WindowKind::Year { year_starts_in } => {
            (WindowKind::Year { year_starts_in: *year_starts_in }, window.time_zone.clone())
        }
        WindowKind::Rolling { length } => {
            let length = duration(length.seconds()).unwrap_or_else(|_| length.clone());
            (WindowKind::Rolling { length }, Zone::utc())
        }
    };
    Window { kind, time_zone, counted_as: None }
}

/// The window as OpenSLO writes it. Which year and month a calendar window first began in is
/// nobody's business; the ones of 2024 do.
pub(super) fn write(window: &Window) -> Json {
    let spoken = spoken(window);
    let calendar = |duration: &str, month: u32, day: u32| {
        let start = format!("2024-{month:02}-{day:02} 00:00:00");
        let start = Build::default().text("startTime", &start);
        Build::default()
            .text("duration", duration)
            .put("calendar", start.text("timeZone", spoken.time_zone.name()).object())
            .put("isRolling", Json::Bool(false))
            .object()
    };
    Json::List(vec![match &spoken.kind {
        WindowKind::Month { anchor_day } => calendar("1M", 1, *anchor_day),
        WindowKind::Quarter { year_starts_in } => calendar("1Q", *year_starts_in, 1),
        WindowKind::Year { year_starts_in } => calendar("1Y", *year_starts_in, 1),
        WindowKind::Rolling { length } => {
            Build::default().text("duration", length).put("isRolling", Json::Bool(true)).object()
        }
    }])
}
