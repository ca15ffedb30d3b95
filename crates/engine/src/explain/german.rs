//! The steps in German.

use super::words::{Language, division, hours, place, times};
use super::{Step, Unit, WindowName};
use crate::credits::{AwardedBy, Cap, Condition, Form, PerFirst, TierAward};
use crate::decimal::Decimal;
use crate::exclusions::Admission;
use crate::fraction::Fraction;
use crate::frame::Unmeasured;
use crate::money::Rounding;
use crate::terms::{ExclusionKind, NoData, PartialPeriod, Treatment};
use chrono::{Datelike, NaiveDate};
use num_traits::Zero;

const DE: Language = Language::De;

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

fn month(number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    MONTHS.get(index).copied().unwrap_or("")
}

fn day(date: NaiveDate) -> String {
    format!("{}. {}", date.day(), month(date.month()))
}

fn minutes(seconds: i64) -> String {
    DE.minutes(&Fraction::whole(seconds))
}

/// What a window is called: `Oktober 2026`.
pub(super) fn window(name: WindowName) -> String {
    match name {
        WindowName::Month(year, number) => format!("{} {year}", month(number)),
        WindowName::Quarter(year, number) => format!("Q{number} {year}"),
        WindowName::Year(year) => year.to_string(),
        WindowName::Days(days, last) => {
            format!("Die {days} Tage bis zum {} {}", day(last), last.year())
        }
    }
}

fn kind(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::PlannedMaintenance => "Angekündigte Wartung",
        ExclusionKind::EmergencyMaintenance => "Notfallwartung",
        ExclusionKind::ForceMajeure => "Höhere Gewalt",
        ExclusionKind::CustomerCaused => "Vom Kunden verursachte Zeit",
        ExclusionKind::ThirdParty => "Von Dritten verursachte Zeit",
        ExclusionKind::BetaFeature => "Eine Beta-Funktion",
        ExclusionKind::Other => "Ein vereinbarter Ausschluss",
    }
}

fn becomes(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Removed => "wird herausgenommen",
        Treatment::Up => "zählt als verfügbar",
    }
}

pub(super) fn sentence(step: &Step) -> String {
    match step {
        Step::Window { .. } | Step::Inactive { .. } | Step::OutOfHours { .. } => time(step),
        Step::Excluded { .. }
        | Step::ExcludedMany { .. }
        | Step::NotAdmitted { .. }
        | Step::Excused { .. }
        | Step::Unknown { .. } => taken_out(step),
        Step::FixedTotal { .. }
        | Step::Counted { .. }
        | Step::Outages { .. }
        | Step::Outage { .. }
        | Step::Bad { .. }
        | Step::Attainment { .. }
        | Step::Rounded { .. }
        | Step::Compared { .. }
        | Step::NotMeasured { .. } => counted(step),
        Step::OwnCredit { .. } | Step::Outranked { .. } | Step::ContractCap { .. } => shared(step),
        _ => money(step),
    }
}

fn time(step: &Step) -> String {
    match step {
        Step::Window { name, zone, days, uneven, .. } => {
            let noun = if *days == 1 { "Tag" } else { "Tage" };
            let mut text = match name {
                WindowName::Days(..) => {
                    format!("{}, nach der Uhr in {}", window(*name), place(zone))
                }
                _ => format!("{} hat in {} {days} {noun}", window(*name), place(zone)),
            };
            for (_, seconds) in uneven {
                text.push_str(&format!(", davon einen mit {} Stunden", hours(*seconds)));
            }
            text + "."
        }
        Step::Inactive { treatment, .. } => match treatment {
            PartialPeriod::Prorate => "Zeit ohne Vertrag wird herausgenommen.".to_owned(),
            PartialPeriod::Up => "Zeit ohne Vertrag zählt als verfügbar.".to_owned(),
            PartialPeriod::NotMeasured => {
                "Diese Zeit ist ohne Vertrag, und Teile werden nicht gemessen.".to_owned()
            }
        },
        _ => "Zeit außerhalb der Servicezeiten zählt nicht.".to_owned(),
    }
}

fn taken_out(step: &Step) -> String {
    match step {
        Step::Excluded { kind: of, from, to, treatment, .. } => {
            let when = times(*from, *to, day, "bis");
            format!("{}, {when}, {}.", kind(*of), becomes(*treatment))
        }
        Step::ExcludedMany { kind: of, count, treatment, .. } => {
            format!("{}, {count}-mal, {}.", kind(*of), becomes(*treatment))
        }
        Step::NotAdmitted { kind: of, from, to, admission } => {
            let when = times(*from, *to, day, "bis");
            format!("{}, {when}, ist nicht entschuldigt: {}.", kind(*of), refused(admission))
        }
        Step::Excused { unit, .. } => match unit {
            Unit::Events => {
                "Ereignisse in entschuldigter Zeit entfallen oder zählen als gut.".to_owned()
            }
            _ => "Zeitfenster in entschuldigter Zeit entfallen oder zählen als gut.".to_owned(),
        },
        Step::Unknown { treatment: NoData::Removed, .. } => {
            "Zeit, die niemand gemessen hat, wird herausgenommen.".to_owned()
        }
        Step::Unknown { treatment: NoData::Up, .. } => {
            "Zeit, die niemand gemessen hat, zählt wie vereinbart als verfügbar.".to_owned()
        }
        _ => "Zeit, die niemand gemessen hat, zählt wie vereinbart als Ausfall.".to_owned(),
    }
}

fn refused(admission: &Admission) -> String {
    match admission {
        Admission::Admitted => String::new(),
        Admission::NotInTerms => "der Vertrag entschuldigt sie nicht".to_owned(),
        Admission::NoNotice { needed } => {
            let needed = DE.length(needed);
            format!("der Vertrag verlangt {needed} Vorlauf, angekündigt wurde nichts")
        }
        Admission::LateNotice { needed, given } if *given < 0 => {
            let needed = DE.length(needed);
            format!("der Vertrag verlangt {needed} Vorlauf, angekündigt wurde hinterher")
        }
        Admission::LateNotice { needed, given } => {
            let (needed, given) = (DE.length(needed), minutes(*given));
            format!("der Vertrag verlangt {needed} Vorlauf, es waren {given}")
        }
    }
}

fn counted(step: &Step) -> String {
    match step {
        Step::FixedTotal { length } => {
            format!("Der Vertrag rechnet jeden Zeitraum als {}.", DE.length(length))
        }
        Step::Counted { unit: Unit::Seconds, less, .. } => {
            if *less {
                "Es bleibt die Zeit, die zählt.".to_owned()
            } else {
                "Alles davon zählt.".to_owned()
            }
        }
        Step::Counted { unit, .. } => match unit {
            Unit::Events => "Ereignisse, die zählen.".to_owned(),
            _ => "Zeitfenster, die zählen.".to_owned(),
        },
        Step::Outages { .. } => outages(step),
        Step::Bad { unit, .. } => match unit {
            Unit::Rates => "Die Summe ihrer Fehlerraten.".to_owned(),
            _ => "Davon schlechte.".to_owned(),
        },
        Step::Attainment { unit, total, bad, .. } => {
            let [total, bad, left] = division(total, bad, *unit).map(|part| DE.fraction(&part));
            if total == "0" {
                return "Es gab keine: das zählt wie vereinbart als 100\u{202f}%.".to_owned();
            }
            format!("{total} weniger {bad} ist {left}; geteilt durch {total} und abgeschnitten.")
        }
        Step::Rounded { decimals, .. } => {
            format!("Vor dem Vergleich wie vereinbart auf {decimals} Stellen gerundet.")
        }
        Step::Outage { from, to, .. } => {
            format!("{}: {}.", times(*from, *to, day, "bis"), became(step).join("; "))
        }
        Step::Compared { met: true, above: false, .. } => {
            "Das liegt nicht unter dem Ziel: erreicht.".to_owned()
        }
        Step::Compared { met: true, .. } => "Das liegt über dem Ziel: erreicht.".to_owned(),
        Step::Compared { above: false, .. } => "Das liegt unter dem Ziel: verfehlt.".to_owned(),
        Step::Compared { .. } => "Das liegt nicht über dem Ziel: verfehlt.".to_owned(),
        Step::NotMeasured { why } => match why {
            Unmeasured::Inactive => "Es bestand kein Vertrag: nichts wird gemessen.".to_owned(),
            Unmeasured::Partial => {
                "Der Vertrag bestand nur zum Teil: nichts wird gemessen.".to_owned()
            }
            Unmeasured::Nothing => "Nichts bleibt zu zählen: nichts wird gemessen.".to_owned(),
        },
        _ => String::new(),
    }
}

fn outages(step: &Step) -> String {
    let Step::Outages { count, lasted, counted, bad, beyond } = step else { return String::new() };
    let total = minutes(*lasted);
    let mut text = match (count, beyond) {
        (0, _) => return "Es gab keinen Ausfall.".to_owned(),
        (1, false) => format!("Der Ausfall dauerte {total}"),
        (1, true) => format!("Der Ausfall dauerte in diesem Zeitraum {total}"),
        (many, false) => format!("{many} Ausfälle dauerten zusammen {total}"),
        (many, true) => format!("{many} Ausfälle dauerten in diesem Zeitraum zusammen {total}"),
    };
    text.push_str(&match (counted == lasted, counted) {
        (true, _) => "; alles davon zählt".to_owned(),
        (false, 0) => "; nichts davon zählt".to_owned(),
        (false, some) => format!("; davon zählen {}", minutes(*some)),
    });
    if *bad != Fraction::whole(*counted) {
        text.push_str(", gewichtet nach der Schwere");
    }
    text + "."
}

/// What became of an outage, part by part.
fn became(step: &Step) -> Vec<String> {
    let Step::Outage { counted, excused, unknown, outside, cut, shorter_than, .. } = step else {
        return Vec::new();
    };
    let part =
        |seconds: &i64, what: &str| (*seconds > 0).then(|| format!("{} {what}", minutes(*seconds)));
    let short = shorter_than.as_ref();
    let short = short.map(|least| format!("kürzer als {}, zählt daher nicht", DE.length(least)));
    let parts = [
        short,
        part(excused, "sind entschuldigt"),
        part(unknown, "hat niemand gemessen"),
        part(outside, "liegen außerhalb von Zeitraum, Vertrag oder Servicezeiten"),
        part(cut, "sind keine ganze Minute"),
        part(counted, "zählen"),
    ];
    parts.into_iter().flatten().collect()
}

fn money(step: &Step) -> String {
    match step {
        Step::Tier { when, not_below, award, .. } => tier(when, not_below.as_ref(), award),
        Step::Prorata { multiple, excess, .. } => {
            let what = if *excess {
                "des Anteils, der das Zulässige übersteigt"
            } else {
                "des ausgefallenen Anteils"
            };
            format!("Das {}-Fache {what}, vom Entgelt.", DE.number(multiple.as_str()))
        }
        Step::Per { first: Some(first), percent, .. } if percent.ratio().is_zero() => {
            format!("Weniger als {} Ausfall: nichts ist fällig.", DE.length(&first.after))
        }
        Step::Per { first, every, each, count, .. } => {
            let times = DE.fraction(count);
            let (each, every) = (DE.percent(each.as_str()), DE.length(every));
            match first {
                Some(PerFirst { after, percent }) => format!(
                    "{} ab {} Ausfall, und {each} je weitere {every}, {times}-mal gezählt.",
                    DE.percent(percent.as_str()),
                    DE.length(after)
                ),
                None => format!("{each} je {every} Ausfall, {times}-mal gezählt."),
            }
        }
        Step::NoAward { by } => match by {
            AwardedBy::Met => "Das Ziel ist erreicht: nichts ist fällig.".to_owned(),
            _ => "Keine Stufe der Tabelle greift: nichts ist fällig.".to_owned(),
        },
        Step::Fee { .. } => "Das Entgelt, von dem gerechnet wird.".to_owned(),
        Step::Cap { cap, .. } => match cap {
            Cap::Percent(percent) => {
                format!("Begrenzt auf {} des Entgelts.", DE.percent(percent.as_str()))
            }
            Cap::Amount(_) => "Begrenzt auf den vereinbarten Betrag.".to_owned(),
            Cap::Rolling { percent, months } => format!(
                "Begrenzt: alles aus {months} Monaten zusammen auf {} der Entgelte.",
                DE.percent(percent.as_str())
            ),
        },
        Step::RoundedCredit { rounding, .. } => match rounding {
            Rounding::HalfUp => "Kaufmännisch auf die Währungseinheit gerundet.".to_owned(),
            Rounding::HalfEven => {
                "Auf die Währungseinheit gerundet, Hälften zur geraden.".to_owned()
            }
            Rounding::Floor => "Auf die Währungseinheit abgerundet.".to_owned(),
        },
        Step::TooSmall { .. } => "Nicht mehr als dieser Betrag ist nicht fällig.".to_owned(),
        Step::Credit { form, .. } => match form {
            Form::Invoice => "SLA-Ausgleich, netto, mit der nächsten Rechnung.".to_owned(),
            Form::ServiceDays => "SLA-Ausgleich, netto, als Tage der Leistung.".to_owned(),
            Form::Refund => "SLA-Ausgleich, netto, zurückgezahlt.".to_owned(),
        },
        _ => String::new(),
    }
}

/// The tier that holds, and what it grants.
fn tier(when: &Condition, not_below: Option<&Decimal>, award: &TierAward) -> String {
    let mut text = match when {
        Condition::Below(bound) => format!("Unter {}", DE.percent(bound.as_str())),
        Condition::AtOrBelow(bound) => {
            format!("Höchstens {}", DE.percent(bound.as_str()))
        }
        Condition::DowntimeOver(length) => {
            format!("Mehr als {} Ausfall", DE.length(length))
        }
        Condition::DowntimeAtLeast(length) => {
            format!("Mindestens {} Ausfall", DE.length(length))
        }
    };
    if let Some(bound) = not_below {
        text.push_str(&format!(", nicht unter {}", DE.percent(bound.as_str())));
    }
    let award = match award {
        TierAward::Percent(percent) => {
            format!("{} des Entgelts", DE.percent(percent.as_str()))
        }
        TierAward::Days(1) => "1 Tag Leistung".to_owned(),
        TierAward::Days(days) => format!("{days} Tage Leistung"),
        TierAward::Amount(amount) => {
            format!("den Betrag von {}", DE.number(amount.as_str()))
        }
    };
    format!("{text}: der Vertrag gewährt {award}.")
}

/// What of the contract's credit is this line's.
fn shared(step: &Step) -> String {
    match step {
        Step::OwnCredit { .. } => "Der SLA-Ausgleich dieses Service-Levels für sich.".to_owned(),
        Step::Outranked { by, credit, currency } => {
            let credit = DE.money(credit, *currency);
            format!(
                "Der Vertrag zahlt nur den höchsten SLA-Ausgleich, den von {by} über {credit}: von \
                 diesem nichts."
            )
        }
        Step::ContractCap { all: Some(all), most, currency, .. } => format!(
            "Alle Service-Levels zusammen ergeben {}, und der Vertrag begrenzt sie auf {}: der Anteil \
             dieses Service-Levels daran.",
            DE.money(all, *currency),
            DE.money(most, *currency)
        ),
        Step::ContractCap { most, currency, .. } => {
            format!("Der Vertrag begrenzt ihn auf {}.", DE.money(most, *currency))
        }
        _ => String::new(),
    }
}
