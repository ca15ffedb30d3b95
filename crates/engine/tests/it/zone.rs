//! Zone rules: the traps that other databases and other libraries fall into.

use chrono::NaiveDate;
use makegood_engine::instant::{parse_date, parse_instant, write_instant};
use makegood_engine::window::{Window, WindowKind};
use makegood_engine::zone::{Zone, tzdb_version};
use makegood_engine::{Case, Computed, compute};

fn day(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

fn start(zone: &str, date: &str) -> String {
    write_instant(Zone::named(zone).unwrap().day_start(day(date)))
}

#[test]
fn the_database_is_one_that_knows_british_columbia_stays_on_seven_hours() {
    assert!(tzdb_version() >= "2026b", "{}", tzdb_version());
    let vancouver = Zone::named("America/Vancouver").unwrap();
    let at = parse_instant("2026-11-24T12:00:00Z").unwrap();
    assert_eq!(vancouver.offset_seconds(at), -7 * 3_600);
    assert_eq!(start("America/Vancouver", "2026-12-01"), "2026-12-01T07:00:00Z");
}

#[test]
fn lord_howe_changes_its_clock_by_half_an_hour() {
    let zone = Zone::named("Australia/Lord_Howe").unwrap();
    let month = Window::month(zone);
    let hours = |label: &str| month.span(label).unwrap().seconds();
    assert_eq!(hours("2026-04"), 30 * 86_400 + 1_800);
    assert_eq!(hours("2026-10"), 31 * 86_400 - 1_800);
}

#[test]
fn a_skipped_day_begins_when_the_next_one_does() {
    assert_eq!(start("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00Z");
    assert_eq!(start("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00Z");
    let month = Window::month(Zone::named("Pacific/Apia").unwrap());
    let span = month.span("2011-12").unwrap();
    assert_eq!((span.seconds(), span.days()), (30 * 86_400, 31));
}

#[test]
fn a_day_whose_midnight_is_skipped_begins_later() {
    // Beirut's clocks go from 00:00 to 01:00.
    assert_eq!(start("Asia/Beirut", "2026-03-29"), "2026-03-28T22:00:00Z");
    let zone = Zone::named("Asia/Beirut").unwrap();
    assert_eq!(zone.local(zone.day_start(day("2026-03-29"))).to_string(), "2026-03-29 01:00:00");
}

#[test]
fn a_day_whose_midnight_comes_twice_begins_the_first_time() {
    // Havana's clocks go from 01:00 back to 00:00.
    assert_eq!(start("America/Havana", "2025-11-02"), "2025-11-02T04:00:00Z");
    assert_eq!(start("America/Havana", "2025-11-03"), "2025-11-03T05:00:00Z");
}

#[test]
fn a_zone_is_named_as_the_database_names_it() {
    for name in ["europe/berlin", "Mars/Olympus", "", "Etc/Unknown", "CEST", "+02:00"] {
        assert!(Zone::named(name).is_err(), "{name}");
    }
    for name in ["UTC", "Etc/UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires"] {
        assert_eq!(Zone::named(name).unwrap().name(), name);
    }
}

#[test]
fn each_second_lies_in_the_window_whose_label_it_gets() {
    let zones = ["UTC", "Europe/Zurich", "America/Havana", "Pacific/Apia", "Asia/Kathmandu"];
    let mut kinds = vec![WindowKind::Month { anchor_day: 1 }, WindowKind::Month { anchor_day: 31 }];
    for year_starts_in in 1..=12 {
        kinds.push(WindowKind::Quarter { year_starts_in });
        kinds.push(WindowKind::Year { year_starts_in });
    }
    for zone in zones.map(|name| Zone::named(name).unwrap()) {
        for kind in &kinds {
            let window = Window { kind: kind.clone(), time_zone: zone.clone(), counted_as: None };
            let mut label = window.label_at(parse_instant("2011-11-15T00:00:00Z").unwrap());
            for _ in 0..30 {
                let span = window.span(&label).unwrap();
                let last = span.to - chrono::Duration::seconds(1);
                assert_eq!(window.label_at(span.from), label, "{kind:?} {}", zone.name());
                assert_eq!(window.label_at(last), label, "{kind:?} {}", zone.name());
                let next = window.next_label(&label).unwrap();
                assert_eq!(window.previous_label(&next).unwrap(), label);
                assert_eq!(window.span(&next).unwrap().from, span.to);
                label = next;
            }
        }
    }
}

/// Newfoundland put its clocks back at one minute past midnight: the last hour of the 6th came twice,
/// and the second time the window of the 7th had begun. The year before that day was the 1st.
#[test]
fn an_instant_whose_date_comes_again_lies_in_the_window_that_has_its_seconds() {
    let time_zone = Zone::named("America/St_Johns").unwrap();
    let kind = WindowKind::Month { anchor_day: 7 };
    let window = Window { kind, time_zone, counted_as: None };
    let span = window.span("2010-11").unwrap();
    assert_eq!(span.from, parse_instant("2010-11-07T02:30:00Z").unwrap());
    for (at, label) in [
        ("2010-11-07T02:29:59Z", "2010-10"),
        ("2010-11-07T02:30:59Z", "2010-11"),
        ("2010-11-07T02:31:00Z", "2010-11"),
        ("2010-11-07T03:29:59Z", "2010-11"),
        ("2010-11-07T03:30:00Z", "2010-11"),
    ] {
        assert_eq!(window.label_at(parse_instant(at).unwrap()), label, "{at}");
    }
    let month = Window::month(window.time_zone);
    for (at, label) in [
        ("2009-11-01T02:29:59Z", "2009-10"),
        ("2009-11-01T02:30:00Z", "2009-11"),
        ("2009-11-01T03:29:59Z", "2009-11"),
        ("2009-11-01T03:30:00Z", "2009-11"),
    ] {
        assert_eq!(month.label_at(parse_instant(at).unwrap()), label, "{at}");
    }
}

#[test]
fn a_rolling_window_is_followed_by_that_of_the_next_day() {
    let length = makegood_engine::duration::Duration::parse("30d").unwrap();
    let kind = WindowKind::Rolling { length };
    let window = Window { kind, time_zone: Zone::utc(), counted_as: None };
    for (before, after) in [("2028-02-28", "2028-02-29"), ("2026-12-31", "2027-01-01")] {
        assert_eq!(window.next_label(before).unwrap(), after);
        assert_eq!(window.previous_label(after).unwrap(), before);
    }
    assert!(window.next_label("9999-12-31").is_err());
}

#[test]
fn labels_at_the_ends_of_the_calendar_are_refused_or_computed_and_never_panic() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/New_York"] {
        let month = Window::month(Zone::named(zone).unwrap());
        assert!(month.span("9999-12").unwrap().seconds() > 0);
        assert!(month.span("0000-01").unwrap().seconds() > 0);
        assert!(month.next_label("9999-12").is_err());
        assert!(month.previous_label("0000-01").is_err());
        for label in ["2026-00", "2026-13", "2026-4", "26-04", "2026-04-01", "", "２026-04"] {
            assert_eq!(month.span(label).unwrap_err().path, "period", "{label}");
        }
    }
}

#[test]
fn a_refused_label_is_told_how_one_is_written() {
    let length = makegood_engine::duration::Duration::parse("28d").unwrap();
    for (kind, label) in [
        (WindowKind::Month { anchor_day: 1 }, "2026-04"),
        (WindowKind::Quarter { year_starts_in: 1 }, "2026-Q1"),
        (WindowKind::Year { year_starts_in: 1 }, "2026"),
        (WindowKind::Rolling { length }, "2026-04-30"),
    ] {
        let window = Window { kind, time_zone: Zone::utc(), counted_as: None };
        let refusal = window.span("April").unwrap_err().to_string();
        let told =
            format!("period: \"April\" is no label of this window; one is written {label:?}");
        assert_eq!(refusal, told);
        assert!(window.span(label).is_ok());
    }
}

#[test]
fn november_2026_has_no_clock_change_in_vancouver_and_one_in_seattle() {
    let seconds = |zone: &str| {
        Window::month(Zone::named(zone).unwrap()).span("2026-11").map(|span| span.seconds())
    };
    assert_eq!(seconds("America/Vancouver"), Ok(30 * 86_400));
    assert_eq!(seconds("America/Los_Angeles"), Ok(30 * 86_400 + 3_600));
    let november = Window::month(Zone::named("America/Vancouver").unwrap()).span("2026-11");
    let november = november.unwrap();
    assert_eq!(write_instant(november.from), "2026-11-01T07:00:00Z");
    assert_eq!(write_instant(november.to), "2026-12-01T07:00:00Z");
}

/// A line that was down for the whole of a window and beyond.
fn down(window: &str, period: &str, hours: &str) -> Computed {
    let text = format!(
        r#"{{"format": "makegood/case/1", "contract": {{"currency": "EUR"}}, "period": "{period}",
            "lines": [{{"sla": "A", "fee": "31.00", "terms": {{"objective": "99", "window": {window},
            "measure": {{"uptime": {{}}}} {hours}, "credit": {{"tiers": [{{"below": "99", "days": 1}}]}}}},
            "evidence": {{"outages": [{{"from": "2000-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}}]}}}}]}}"#
    );
    compute(&Case::parse_file(text.as_bytes()).unwrap()[0]).unwrap()
}

#[test]
fn the_rules_that_were_used_are_on_record_with_the_window_that_they_gave() {
    let window = r#"{"calendar": "month", "time_zone": "America/Vancouver"}"#;
    let computed = down(window, "2026-11", "");
    let provenance = computed.result.stated().to_tree().get("provenance").unwrap().pretty();
    assert!(provenance.contains(&format!("\"tzdb\": \"{}\"", tzdb_version())), "{provenance}");
    assert!(provenance.contains("\"from\": \"2026-11-01T07:00:00Z\""), "{provenance}");
    assert!(provenance.contains("\"to\": \"2026-12-01T07:00:00Z\""), "{provenance}");
    assert!(tzdb_version().len() == 5 && tzdb_version().starts_with("20"), "{}", tzdb_version());
}

#[test]
fn half_an_hour_that_is_skipped_or_repeated_counts_as_often_as_it_is_shown() {
    // Lord Howe's clocks go from 02:00 to 02:30 in October, and from 02:00 to 01:30 in April.
    let counted = |period: &str, from: &str, to: &str| {
        let hours =
            format!(r#", "service_hours": [{{"days": ["sun"], "from": "{from}", "to": "{to}"}}]"#);
        let window = r#"{"rolling": "1d", "time_zone": "Australia/Lord_Howe"}"#;
        down(window, period, &hours).result.lines[0].total.clone()
    };
    assert_eq!(counted("2026-10-04", "02:00", "02:30"), "0");
    assert_eq!(counted("2026-10-04", "01:30", "03:00"), "3600");
    assert_eq!(counted("2026-04-05", "01:30", "02:00"), "3600");
    assert_eq!(counted("2026-04-05", "01:00", "02:30"), "7200");
    assert_eq!(counted("2026-10-11", "02:00", "02:30"), "1800");
    // In Nuuk Sunday the 25th begins with the last hour of Saturday once more.
    let nuuk = r#"{"rolling": "1d", "time_zone": "America/Nuuk"}"#;
    let last_hour = r#", "service_hours": [{"days": ["sat"], "from": "23:00", "to": "24:00"}]"#;
    assert_eq!(down(nuuk, "2026-10-24", last_hour).result.lines[0].total, "7200");
    assert_eq!(down(nuuk, "2026-10-31", last_hour).result.lines[0].total, "3600");
}

#[test]
fn a_month_that_skipped_a_day_has_its_dates_and_not_its_seconds() {
    let window = r#"{"calendar": "month", "time_zone": "Pacific/Apia"}"#;
    let computed = down(window, "2011-12", "");
    assert_eq!(computed.result.lines[0].total, (30 * 86_400).to_string());
    // A day of service is a thirty-first of the fee, by date.
    assert_eq!(computed.result.credit, "1.00");
    // The skipped day was a Friday: no hour of it is in service hours.
    let fridays = r#", "service_hours": [{"days": ["fri"], "from": "00:00", "to": "24:00"}]"#;
    let computed = down(window, "2011-12", fridays);
    assert_eq!(computed.result.lines[0].total, (4 * 86_400).to_string());
}
