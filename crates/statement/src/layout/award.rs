//! What the contract grants: the table of a line's credit with its caps, and which row holds.

use super::canvas::px;
use super::flow::Flow;
use super::table::{self, Cell, Column, rest};
use crate::document::CreditState;
use crate::error::StatementError;
use crate::figures::Figures;
use crate::words::Words;
use makegood_engine::case::Combine;
use makegood_engine::credits::{
    Award, Cap, Condition, Per, PerCount, Prorata, ProrataOf, TierAward,
};
use makegood_engine::decimal::Decimal;
use makegood_engine::money::{Currency, Money};
use makegood_engine::trace::Paid;

/// Draws a table for each line that missed or owes; lines with the same terms and the same outcome
/// share one.
pub(crate) fn draw(
    flow: &mut Flow,
    lines: &[Figures<'_>],
    mixed: bool,
) -> Result<(), StatementError> {
    let mut groups: Vec<(Vec<Granted>, Vec<&Figures<'_>>)> = Vec::new();
    for line in lines {
        if !(line.is_missed() || line.part.credit != CreditState::None) {
            continue;
        }
        let rows = granted(line, flow.words, mixed);
        match groups.iter_mut().find(|(have, _)| *have == rows) {
            Some((_, group)) => group.push(line),
            None if rows.is_empty() => {}
            None => groups.push((rows, vec![line])),
        }
    }
    let words = flow.words;
    for (rows, group) in groups {
        let names = super::names(&group, words);
        let title = words.fill("credit_table", &[("lines", &names)]);
        flow.subheading(&title, px(90))?;
        let widths = [250, 80];
        let columns = [
            Column::left(words.say("column_when_granted"), rest(&widths)),
            Column::left(words.say("column_granted"), widths[0]),
            Column::left(words.say("column_state"), widths[1]),
        ];
        let cells: Vec<Vec<Cell>> = rows.into_iter().map(|row| row.cells(words)).collect();
        table::draw(flow, &columns, &cells, false)?;
    }
    Ok(())
}

/// A row: when, what, and whether it is the one that holds here.
#[derive(Debug, PartialEq, Eq)]
struct Granted {
    when: String,
    what: String,
    mark: Option<&'static str>,
}

impl Granted {
    fn cells(self, words: Words) -> Vec<Cell> {
        let mark = self.mark.map(|key| words.say(key)).unwrap_or_default();
        let cell = |text: String| if mark.is_empty() { Cell::new(text) } else { Cell::bold(text) };
        vec![cell(self.when), cell(self.what), cell(mark.clone())]
    }
}

/// The rows of a line's terms: its award, its caps, those of its contract.
fn granted(line: &Figures<'_>, words: Words, mixed: bool) -> Vec<Granted> {
    let Some(credit) = &line.line.terms.credit else {
        return Vec::new();
    };
    let contract = &line.settled.case.contract;
    let tell = Tell { words, currency: contract.currency, mixed };
    let mut rows = tell.award(&credit.award, &line.trace.paid);
    let capped = &line.trace.paid.capped;
    for (at, cap) in credit.caps.iter().enumerate() {
        let lowered = capped.iter().any(|one| one.index == at && one.lowered);
        rows.push(tell.cap("cap_line", cap, lowered));
    }
    if let Some(minimum) = &credit.minimum_over {
        let what = words.fill("minimum_over", &[("amount", &tell.money(minimum))]);
        let mark = line.trace.paid.too_small.then_some("applied");
        rows.push(Granted { when: words.say("cap_line"), what, mark });
    }
    let settlement = &line.settled.computed.settlement;
    if contract.combine == Combine::Highest && line.settled.case.lines.len() > 1 {
        let what = words.say("combine_highest");
        rows.push(Granted { when: words.say("cap_contract"), what, mark: Some("applied") });
    }
    for (at, cap) in contract.caps.iter().enumerate() {
        let lowered = settlement.capped.iter().any(|one| one.index == at && one.lowered);
        rows.push(tell.cap("cap_contract", cap, lowered));
    }
    rows
}

/// Terms in words.
struct Tell {
    words: Words,
    currency: Currency,
    mixed: bool,
}

impl Tell {
    fn money(&self, amount: &Decimal) -> String {
        Money::parse_decimal(amount.as_str(), self.currency).map_or_else(
            |_| self.words.decimal(amount.as_str()),
            |money| self.words.money(money, self.mixed),
        )
    }

    fn percent(&self, percent: &Decimal) -> String {
        self.words.percent(percent.as_str())
    }

    fn award(&self, award: &Award, paid: &Paid) -> Vec<Granted> {
        let words = self.words;
        match award {
            Award::Tiers(tiers) => {
                let rows = tiers.iter().enumerate().map(|(at, tier)| Granted {
                    when: self.when(&tier.when),
                    what: self.tier(&tier.award),
                    mark: (paid.tier() == Some(at)).then_some("reached_here"),
                });
                rows.collect()
            }
            Award::Prorata(prorata) => vec![self.plain(self.prorata(prorata))],
            Award::Per(per) => {
                let mut rows = Vec::new();
                if let Some(first) = &per.first {
                    let length = words.notice(first.after.signed_seconds());
                    let percent = self.percent(&first.percent);
                    let values = [("length", length.as_str()), ("percent", &percent)];
                    rows.push(self.plain(words.fill("per_first", &values)));
                }
                rows.push(self.plain(self.per(per)));
                rows
            }
        }
    }

    fn plain(&self, what: String) -> Granted {
        Granted { when: self.words.say("for_what_was_missed"), what, mark: None }
    }

    fn when(&self, when: &Condition) -> String {
        let words = self.words;
        let bound = |key, bound: &Decimal| words.fill(key, &[("bound", &self.percent(bound))]);
        let length = |key, seconds| words.fill(key, &[("length", &words.notice(seconds))]);
        match when {
            Condition::Below(below) => bound("tier_below", below),
            Condition::AtOrBelow(most) => bound("tier_at_most", most),
            Condition::DowntimeOver(over) => length("tier_over", over.signed_seconds()),
            Condition::DowntimeAtLeast(least) => length("tier_at_least", least.signed_seconds()),
        }
    }

    fn tier(&self, award: &TierAward) -> String {
        let words = self.words;
        match award {
            TierAward::Percent(percent) => {
                words.fill("award_percent", &[("percent", &self.percent(percent))])
            }
            TierAward::Days(days) => {
                let key = if *days == 1 { "award_days_one" } else { "award_days" };
                words.fill(key, &[("count", &words.decimal(&days.to_string()))])
            }
            TierAward::Amount(amount) => self.money(amount),
        }
    }

    fn prorata(&self, prorata: &Prorata) -> String {
        let key = match prorata.of {
            ProrataOf::Downtime => "prorata_all",
            ProrataOf::Excess => "prorata_excess",
        };
        let multiple = self.words.decimal(prorata.multiple.as_str());
        self.words.fill(key, &[("multiple", &multiple)])
    }

    fn per(&self, per: &Per) -> String {
        let key = match per.count {
            PerCount::Started => "per_started",
            PerCount::Completed => "per_completed",
        };
        let length = self.words.notice(per.every.signed_seconds());
        self.words.fill(key, &[("percent", &self.percent(&per.percent)), ("length", &length)])
    }

    fn cap(&self, whose: &str, cap: &Cap, lowered: bool) -> Granted {
        let words = self.words;
        let what = match cap {
            Cap::Percent(percent) => {
                words.fill("cap_percent", &[("percent", &self.percent(percent))])
            }
            Cap::Amount(amount) => words.fill("cap_amount", &[("amount", &self.money(amount))]),
            Cap::Rolling { percent, months } => {
                let key = if *months == 1 { "cap_rolling_one" } else { "cap_rolling" };
                let (percent, months) = (self.percent(percent), months.to_string());
                words.fill(key, &[("percent", &percent), ("months", &months)])
            }
        };
        Granted { when: words.say(whose), what, mark: lowered.then_some("applied") }
    }
}
