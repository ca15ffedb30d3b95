//! The events of a calendar, and when each of them takes place.
//!
//! The library that knows recurrence rules brings zone rules of its own, which are an hour wrong for
//! some zones. So it reckons with what the local clock shows, as if that were UTC; what instant that
//! is, the engine's zone says.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use icalendar::parser::{Component, Property, read_calendar_simple, unfold};
use makegood_domain::{Code, Problem};
use makegood_engine::zone::Zone;
use rrule::{RRule, RRuleSet, Tz, Unvalidated};
use std::collections::BTreeSet;

/// Most occurrences that one event may have in the time asked for.
const OCCURRENCES_MAX: u16 = 1000;
/// How long an event may last, in seconds.
const LONGEST: i64 = 366 * 86_400;
/// How deep components may lie in each other; a time zone in a calendar takes three.
const DEPTH_MAX: usize = 8;

type Instants = (DateTime<Utc>, DateTime<Utc>);

/// One event, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// From (half open).
    pub(super) from: DateTime<Utc>,
    /// To.
    pub(super) to: DateTime<Utc>,
    /// When the event, as it stands, was written down: nobody can have been told earlier.
    pub(super) told_at: Option<DateTime<Utc>>,
    /// What stands in its categories.
    categories: Vec<String>,
}

impl Occurrence {
    /// The services that it names. A list is parted at its commas, unless all of it is one name.
    pub(super) fn services(&self, is_known: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let mut services = BTreeSet::new();
        for value in &self.categories {
            if is_known(value) {
                services.insert(value.as_str());
            } else {
                services.extend(value.split(',').map(str::trim));
            }
        }
        services
    }
}

/// The occurrences in a calendar that meet `window`, in order.
pub(super) fn occurrences(
    text: &str,
    window: Instants,
    zone: Option<&Zone>,
) -> Result<Vec<Occurrence>, Problem> {
    let text = unfold(text);
    check_depth(&text)?;
    let roots = read_calendar_simple(&text)
        .map_err(|_| invalid("the calendar", "it can't be read; export it as iCalendar (.ics)"))?;
    let (mut events, mut found) = (Vec::new(), Vec::new());
    for root in roots.iter().filter(|root| root.name == "VCALENDAR") {
        let own =
            root.find_prop("X-WR-TIMEZONE").map(|own| named(own.val.as_str(), "X-WR-TIMEZONE"));
        let own = own.transpose()?;
        let zone = own.as_ref().or(zone);
        let children = root.components.iter().filter(|child| child.name == "VEVENT");
        for (at, child) in children.enumerate() {
            events.push(Event::read(child, zone, &format!("VEVENT {}", at + 1))?);
        }
    }
    // An occurrence that was moved or called off is an event of its own.
    let moved: BTreeSet<(&str, DateTime<Utc>)> = events
        .iter()
        .filter_map(|event| event.instead_of.map(|at| (event.uid.as_str(), at)))
        .collect();
    for event in events.iter().filter(|event| !event.cancelled) {
        for (from, to) in event.times(window)? {
            let is_moved =
                event.instead_of.is_none() && moved.contains(&(event.uid.as_str(), from));
            if !is_moved && from < to && from < window.1 && to > window.0 {
                let categories = event.categories.clone();
                found.push(Occurrence { from, to, told_at: event.told_at, categories });
            }
        }
    }
    found.sort_by_key(|one| (one.from, one.to));
    Ok(found)
}

fn invalid(place: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("{place}: {why}")).at(place)
}

/// The reader goes down with each component that begins in another.
fn check_depth(text: &str) -> Result<(), Problem> {
    let mut depth = 0_usize;
    for line in text.lines() {
        let head = line.get(..6).unwrap_or_default();
        if head.eq_ignore_ascii_case("BEGIN:") {
            depth += 1;
        } else if line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("END:")) {
            depth = depth.saturating_sub(1);
        }
        if depth > DEPTH_MAX {
            return Err(invalid("the calendar", "its components lie too deep in each other"));
        }
    }
    Ok(())
}

fn named(zone: &str, place: &str) -> Result<Zone, Problem> {
    let zone = zone.trim_matches('"').trim();
    Zone::named(zone).map_err(|why| {
        invalid(place, &format!("{why}; export the calendar with IANA names such as Europe/Berlin"))
    })
}

/// How long an event lasts: days by the local clock, then seconds.
#[derive(Debug, Clone, Copy)]
struct Length {
    days: i64,
    seconds: i64,
}

/// An event as it is written.
#[derive(Debug)]
struct Event {
    place: String,
    uid: String,
    cancelled: bool,
    categories: Vec<String>,
    told_at: Option<DateTime<Utc>>,
    start: NaiveDateTime,
    zone: Zone,
    length: Length,
    rules: Vec<String>,
    extra: Vec<NaiveDateTime>,
    except: Vec<NaiveDateTime>,
    instead_of: Option<DateTime<Utc>>,
}

/// What the local clock shows, where, and whether it is a whole day.
#[derive(Debug, Clone)]
struct Moment {
    local: NaiveDateTime,
    zone: Zone,
    is_day: bool,
}

impl Moment {
    fn instant(&self) -> DateTime<Utc> {
        instant(&self.zone, self.local)
    }
}

/// The instant at which a zone's clock shows this. Where it shows it twice, the first; where it
/// skips it, as if it had not (RFC 5545, 3.3.5).
fn instant(zone: &Zone, local: NaiveDateTime) -> DateTime<Utc> {
    let day = TimeDelta::days(1);
    let shown = |offset: i32| local.and_utc() - TimeDelta::seconds(i64::from(offset));
    let before = zone.offset_seconds(local.and_utc() - day);
    let after = zone.offset_seconds(local.and_utc() + day);
    let fits = |offset: &i32| zone.offset_seconds(shown(*offset)) == *offset;
    let fitting = [before, after].into_iter().filter(fits).map(shown).min();
    fitting.unwrap_or_else(|| shown(before))
}

impl Event {
    fn read(component: &Component<'_>, zone: Option<&Zone>, place: &str) -> Result<Self, Problem> {
        let text = |name: &str| component.find_prop(name).map(|prop| prop.val.as_str().to_owned());
        let uid = text("UID").unwrap_or_default();
        let place = if uid.is_empty() { place.to_owned() } else { format!("{place} ({uid})") };
        let moment = |name: &str| -> Result<Option<Moment>, Problem> {
            let Some(property) = component.find_prop(name) else { return Ok(None) };
            Ok(moments(property, zone, &place)?.into_iter().next())
        };
        let start = moment("DTSTART")?.ok_or_else(|| invalid(&place, "it has no DTSTART"))?;
        let length = match (moment("DTEND")?, text("DURATION")) {
            (Some(end), _) if start.is_day => {
                Length { days: (end.local - start.local).num_days(), seconds: 0 }
            }
            (Some(end), _) => {
                Length { days: 0, seconds: (end.instant() - start.instant()).num_seconds() }
            }
            (None, Some(text)) => duration(&text)
                .ok_or_else(|| invalid(&place, &format!("DURATION {text:?} can't be read")))?,
            (None, None) => Length { days: i64::from(start.is_day), seconds: 0 },
        };
        let lasts = length.days * 86_400 + length.seconds;
        if !(0..=LONGEST).contains(&lasts) {
            return Err(invalid(&place, "it ends before it begins, or lasts over a year"));
        }
        let lists = |name: &'static str| -> Result<Vec<NaiveDateTime>, Problem> {
            let mut all = Vec::new();
            for property in component.properties.iter().filter(|it| it.name == name) {
                let found = moments(property, zone, &place)?;
                all.extend(found.iter().map(|one| start.zone.local(one.instant())));
            }
            Ok(all)
        };
        if has_parameter(component.find_prop("RECURRENCE-ID"), "RANGE") {
            return Err(invalid(
                &place,
                "RECURRENCE-ID with RANGE; split the series in two events",
            ));
        }
        let values = |name: &'static str| {
            let of_name = component.properties.iter().filter(move |it| it.name == name);
            of_name.map(|property| property.val.as_str().to_owned()).collect::<Vec<_>>()
        };
        let told_at = match moment("LAST-MODIFIED")? {
            Some(modified) => Some(modified),
            None => moment("CREATED")?,
        };
        Ok(Self {
            cancelled: text("STATUS").is_some_and(|status| status == "CANCELLED"),
            categories: values("CATEGORIES"),
            told_at: told_at.map(|told| told.instant()),
            rules: values("RRULE"),
            extra: lists("RDATE")?,
            except: lists("EXDATE")?,
            instead_of: moment("RECURRENCE-ID")?.map(|at| at.instant()),
            start: start.local,
            zone: start.zone,
            length,
            uid,
            place,
        })
    }

    /// When it takes place around `window`.
    fn times(&self, (from, to): Instants) -> Result<Vec<Instants>, Problem> {
        let locals = if self.rules.is_empty() && self.extra.is_empty() {
            vec![self.start]
        } else {
            self.recurring((from, to))?
        };
        let spans = locals.into_iter().map(|local| {
            let end = local + TimeDelta::days(self.length.days);
            let end = instant(&self.zone, end) + TimeDelta::seconds(self.length.seconds);
            (instant(&self.zone, local), end)
        });
        Ok(spans.collect())
    }

    fn recurring(&self, (from, to): Instants) -> Result<Vec<NaiveDateTime>, Problem> {
        let broken = |why: String| invalid(&self.place, &format!("RRULE: {why}"));
        let as_utc = |local: NaiveDateTime| local.and_utc().with_timezone(&Tz::UTC);
        let start = as_utc(self.start);
        let margin = TimeDelta::days(2);
        let lasts = TimeDelta::days(self.length.days) + TimeDelta::seconds(self.length.seconds);
        let mut set = RRuleSet::new(start)
            .after(as_utc(from.naive_utc() - margin - lasts))
            .before(as_utc(to.naive_utc() + margin));
        for rule in &self.rules {
            let rule: RRule<Unvalidated> =
                self.by_local_clock(rule)?.parse().map_err(|error| broken(format!("{error}")))?;
            set = set.rrule(rule.validate(start).map_err(|error| broken(error.to_string()))?);
        }
        if self.rules.is_empty() {
            set = set.rdate(start);
        }
        set = set.set_exdates(self.except.iter().map(|at| as_utc(*at)).collect());
        for extra in &self.extra {
            set = set.rdate(as_utc(*extra));
        }
        let found = set.all(OCCURRENCES_MAX);
        if found.limited {
            let why = format!("over {OCCURRENCES_MAX} occurrences; ask for less time");
            return Err(Problem::new(Code::TooLarge, format!("{}: {why}", self.place)).at("to"));
        }
        Ok(found.dates.into_iter().map(|date| date.naive_utc()).collect())
    }

    /// The rule with its UNTIL, which is an instant, as the local clock shows it.
    fn by_local_clock(&self, rule: &str) -> Result<String, Problem> {
        let mut parts = Vec::new();
        for part in rule.split(';') {
            let Some(until) = part.strip_prefix("UNTIL=") else {
                parts.push(part.to_owned());
                continue;
            };
            let read = moment(until, None, Some(&self.zone));
            let read = read.ok_or_else(|| invalid(&self.place, "RRULE: UNTIL can't be read"))?;
            let local = if read.is_day {
                read.local + TimeDelta::days(1) - TimeDelta::seconds(1)
            } else {
                self.zone.local(read.instant())
            };
            parts.push(format!("UNTIL={}", local.format("%Y%m%dT%H%M%SZ")));
        }
        Ok(parts.join(";"))
    }
}

fn has_parameter(property: Option<&Property<'_>>, name: &str) -> bool {
    property.is_some_and(|it| it.params.iter().any(|param| param.key == name))
}

/// The moments that a property lists.
fn moments(
    property: &Property<'_>,
    zone: Option<&Zone>,
    place: &str,
) -> Result<Vec<Moment>, Problem> {
    let name = property.name.as_str();
    let own = property.params.iter().find(|param| param.key == "TZID");
    let own = own.and_then(|param| param.val.as_ref()).map(|val| named(val.as_str(), place));
    let own = own.transpose()?;
    let read = property.val.as_str().split(',').map(|text| {
        moment(text, own.as_ref(), zone).ok_or_else(|| {
            let why = "can't be read, or its zone is not named: give `zone=Europe/Berlin`";
            invalid(place, &format!("{name} {text:?} {why}"))
        })
    });
    read.collect()
}

/// `20261025T020000Z`, `20261025T020000` or `20261025`.
fn moment(text: &str, own: Option<&Zone>, usual: Option<&Zone>) -> Option<Moment> {
    // Years beyond four digits are no calendar's.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if let Some(utc) = text.strip_suffix('Z') {
        let local = NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok()?;
        return Some(Moment { local, zone: Zone::utc(), is_day: false });
    }
    let zone = own.or(usual)?.clone();
    if text.len() == 8 {
        let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
        return Some(Moment { local: day.and_hms_opt(0, 0, 0)?, zone, is_day: true });
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?;
    Some(Moment { local, zone, is_day: false })
}

/// `PT1H30M`, `P1D`, `P2W`.
fn duration(text: &str) -> Option<Length> {
    let mut length = Length { days: 0, seconds: 0 };
    let rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (mut number, mut in_time) = (String::new(), false);
    for letter in rest.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        if letter == 'T' && number.is_empty() {
            in_time = true;
            continue;
        }
        let count: i64 = number.parse::<u32>().ok()?.into();
        number.clear();
        match (letter, in_time) {
            ('W', false) => length.days += count * 7,
            ('D', false) => length.days += count,
            ('H', true) => length.seconds += count * 3600,
            ('M', true) => length.seconds += count * 60,
            ('S', true) => length.seconds += count,
            _ => return None,
        }
    }
    number.is_empty().then_some(length)
}
