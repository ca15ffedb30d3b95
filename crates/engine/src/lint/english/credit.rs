//! Awards, caps and claims in English.

use super::Advice;
use super::phrase::{amount, award, cap, exact, number, time};
use crate::lint::Flaw;

pub(super) fn advice(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::AwardZero {} => {
            Advice::new("It awards nothing.", "an award larger than nothing, or no such line.")
        }
        Flaw::DaysExceedWindow { days, shortest } => Advice::new(
            format!(
                "{} of service are more than the {} of a window, and so more than its fee.",
                number(*days, "day"),
                number(*shortest, "day")
            ),
            format!("at most {}, or a percent of the fee.", number(*shortest, "day")),
        ),
        Flaw::PerNeverDue { from, longest } => Advice::new(
            format!(
                "It pays from {} of downtime on, and the longest window has {} that count.",
                time(*from),
                time(*longest)
            ),
            "a length that a window can reach.",
        ),
        Flaw::MinimumOverAward { minimum, award: of, worth, all } => {
            let all = if *all { " No award is larger: no credit is ever due." } else { "" };
            Advice::new(
                format!(
                    "The smallest award, {}, comes to {}. That is not larger than {minimum}, so it is not due.{all}",
                    award(of),
                    amount(worth)
                ),
                "a minimum_over below the smallest award.",
            )
        }
        Flaw::ClaimWithoutDeadline {} => Advice::new(
            "The credit must be claimed, and nothing says until when: it is owed for ever, or never settled.",
            "\"within\": \"30d\".",
        ),
        Flaw::ClaimMixed { other } => Advice::new(
            format!(
                "The credit of this line must be claimed, that of lines[{other}] need not, and a settlement of both has one claim: all of it must be claimed."
            ),
            "the same claim for all lines of a contract.",
        ),
        _ => return caps(flaw),
    })
}

fn caps(flaw: &Flaw) -> Option<Advice> {
    Some(match flaw {
        Flaw::CapZero {} => Advice::new(
            "The cap lets nothing pass: no credit is ever due.",
            "a cap that lets the largest award pass, or no credit at all.",
        ),
        Flaw::CapBelowAwards { cap: of, award: least, limit: Some(limit), worth: Some(worth) } => {
            Advice::new(
                format!(
                    "The cap, {}, lets {} pass, and even the smallest award, {}, comes to {}: every award is cut to the same.",
                    cap(of),
                    amount(limit),
                    award(least),
                    amount(worth)
                ),
                "a cap that lets the smallest award pass.",
            )
        }
        Flaw::CapBelowAwards { cap: of, award: least, .. } => Advice::new(
            format!(
                "The cap, {}, is lower than even the smallest award, {}: every award is cut to the same.",
                cap(of),
                award(least)
            ),
            "a cap that lets the largest award pass.",
        ),
        Flaw::TierAboveCap { award: of, cap: by, same_as } => {
            let pays = match same_as {
                Some(other) => format!("it pays no more than credit.tiers[{other}]"),
                None => "it never pays what it says".to_owned(),
            };
            Advice::new(
                format!("This tier awards {}, and the cap is {}: {pays}.", award(of), cap(by)),
                "an award that the cap lets pass, or a higher cap.",
            )
        }
        Flaw::CapShadowed { cap: of, by } => Advice::new(
            format!(
                "Another cap, {}, is never larger than this one, {}: this one never acts.",
                cap(by),
                cap(of)
            ),
            "the lower one alone.",
        ),
        Flaw::UncappedAboveFee { most } => Advice::new(
            format!("The credit can reach {} of the fee, and nothing caps it.", exact(most)),
            "\"cap\": {\"percent\": \"100\"}.",
        ),
        _ => return None,
    })
}
