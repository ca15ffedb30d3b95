//! A target's text becomes the objective's text, digit by digit.

use super::{ROLLING, slo};
use makegood_engine::openslo::read;

fn objective(target: &str) -> Result<String, String> {
    let reading = read(&slo(ROLLING, "Occurrences", target));
    let reading = reading.map_err(|refusal| refusal.to_string())?;
    Ok(reading.drafts[0].terms.objective.to_string())
}

#[test]
fn law_2_a_share_becomes_a_percentage_without_a_float() {
    for (share, percent) in [
        ("0.9995", "99.95"),
        ("0.999", "99.9"),
        ("0.99", "99"),
        ("0.9990", "99.90"),
        ("0.5", "50"),
        ("0.070", "7.0"),
        ("0.0005", "0.05"),
        ("0", "0"),
        ("0.0", "0"),
        ("-0.0", "0"),
        ("1", "100"),
        (".999", "99.9"),
        ("+0.999", "99.9"),
        ("9.995e-1", "99.95"),
        ("99950E-5", "99.950"),
        ("\"0.9995\"", "99.95"),
        // In binary floating point this is 99.99999999999999.
        ("0.99999999999999999999", "99.999999999999999999"),
    ] {
        assert_eq!(objective(&format!("{{target: {share}}}")), Ok(percent.to_owned()), "{share}");
    }
    for percent in ["99.95", "99.950", "0", "100", "7"] {
        let read = objective(&format!("{{targetPercent: {percent}}}"));
        assert_eq!(read, Ok(percent.to_owned()));
    }
}

#[test]
fn what_is_no_decimal_number_is_refused_at_its_place() {
    let long = "9".repeat(1_001);
    for text in [
        "abc",
        "0x1F",
        "0o17",
        "010",
        "1_000",
        ".",
        "-.",
        "e5",
        "1e",
        "1e99999999999999999999",
        "1e2000",
        "-1e-2000",
        ".inf",
        ".nan",
        "1:30",
        "yes",
        "''",
        "0.9 9",
        &long,
    ] {
        let refused = objective(&format!("{{target: {text}}}")).unwrap_err();
        assert!(
            refused.starts_with("documents[0].spec.objectives[0].target: "),
            "{text}: {refused}"
        );
        assert!(refused.ends_with("(line 14)"), "{refused}");
    }
    for text in ["1.0001", "99.9", "-0.1"] {
        let refused = objective(&format!("{{target: {text}}}")).unwrap_err();
        assert!(refused.contains("a percentage is written targetPercent"), "{refused}");
    }
    let refused = objective("{targetPercent: 100.01}").unwrap_err();
    assert!(refused.contains("from 0 to 100"), "{refused}");
}

#[test]
fn a_decimal_comma_is_no_zero() {
    let refused = objective("{target: 0,99}").unwrap_err();
    assert!(
        refused.starts_with("documents[0].spec.objectives[0].99: this key is not"),
        "{refused}"
    );
}

#[test]
fn the_line_that_a_slice_may_not_cross_is_exact() {
    for (share, percent) in [("0.95", "5"), ("0.999", "0.1"), ("1", "0"), ("0.9999999", "0.00001")]
    {
        let objective = format!("{{target: 0.9, timeSliceTarget: {share}, timeSliceWindow: 1m}}");
        let reading = read(&slo(ROLLING, "Timeslices", &objective)).unwrap();
        let tree = reading.drafts[0].terms.to_tree();
        let slots = tree.get("measure").and_then(|measure| measure.get("slots")).unwrap();
        let bad = slots.get("bad_when").unwrap().compact();
        assert_eq!(bad, format!(r#"{{"metric":"error_percent","is":">","than":"{percent}"}}"#));
    }
}

#[test]
fn slices_are_read_in_every_unit() {
    for (window, slot) in [
        ("5", "5m"),
        ("1m", "1m"),
        ("90m", "90m"),
        ("2h", "2h"),
        ("60", "1h"),
        ("1d", "1d"),
        ("1w", "7d"),
        ("1.5", "90s"),
        ("30s", "30s"),
        ("0.5", "30s"),
        ("\"5\"", "5m"),
    ] {
        let objective = format!("{{target: 0.9, timeSliceWindow: {window}}}");
        let reading = read(&slo(ROLLING, "RatioTimeslices", &objective)).unwrap();
        assert_eq!(reading.drafts[0].terms.measure.slot().unwrap().as_str(), slot, "{window}");
    }
    for window in
        ["1M", "1Q", "0", "0m", "-5", "0.01", "5 m", "m", "1h30m", "99999999999999999999d"]
    {
        let objective = format!("{{target: 0.9, timeSliceWindow: {window}}}");
        let refused = read(&slo(ROLLING, "RatioTimeslices", &objective)).unwrap_err();
        assert_eq!(refused.path, "documents[0].spec.objectives[0].timeSliceWindow", "{window}");
    }
}
