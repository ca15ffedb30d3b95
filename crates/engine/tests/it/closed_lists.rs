//! Words of closed lists, and durations, as the format writes them.

use makegood_engine::credits::Form;
use makegood_engine::distance::Unanswered;
use makegood_engine::duration::Duration;
use makegood_engine::measures::Comparison;

#[test]
fn a_duration_of_so_many_seconds_is_written_in_the_largest_unit_that_divides_it() {
    for (seconds, text) in [
        (0, "0s"),
        (1, "1s"),
        (59, "59s"),
        (60, "1m"),
        (61, "61s"),
        (90, "90s"),
        (120, "2m"),
        (3_600, "1h"),
        (3_660, "61m"),
        (5_400, "90m"),
        (7_200, "2h"),
        (86_400, "1d"),
        (90_000, "25h"),
        (172_800, "2d"),
    ] {
        let duration = Duration::of_seconds(seconds);
        assert_eq!((duration.as_str(), duration.seconds()), (text, u64::from(seconds)));
        let read = Duration::parse(text).unwrap();
        assert_eq!((read.as_str(), read.seconds()), (text, u64::from(seconds)));
    }
}

#[test]
fn a_member_of_a_closed_list_is_written_by_its_word() {
    let forms = [Form::Invoice, Form::ServiceDays, Form::Refund].map(Form::as_str);
    assert_eq!(forms, ["invoice", "service_days", "refund"]);
    let all = [
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
    ];
    assert_eq!(all.map(Comparison::as_str), [">", ">=", "<", "<="]);
}

#[test]
fn why_there_is_no_answer_is_said_in_words() {
    let why = Unanswered::NothingToGoBy.to_string();
    assert_eq!(why, "nothing was counted in the time looked back on");
}
