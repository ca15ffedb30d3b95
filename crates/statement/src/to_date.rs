//! What a line reached over several windows: added up exactly, or not at all.

use crate::document::{Reached, ToDateLine};
use makegood_engine::fraction::{Fraction, cut};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// A line's windows, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoFar {
    /// Windows that have ended.
    pub(crate) windows: usize,
    /// Those that met the objective.
    pub(crate) met: usize,
    /// Attainment over all of them in percent, cut after six decimals, and what was bad; absent
    /// where nothing was measured, or where the measure is no share of what counted.
    pub(crate) all: Option<(String, Fraction)>,
}

/// Adds up the windows of a line.
pub(crate) fn so_far(line: &ToDateLine) -> SoFar {
    SoFar {
        windows: line.windows.len(),
        met: line.windows.iter().filter(|one| one.met == Some(true)).count(),
        all: add_up(&line.windows),
    }
}

fn add_up(windows: &[Reached]) -> Option<(String, Fraction)> {
    let (mut total, mut bad) = (BigRational::zero(), BigRational::zero());
    for one in windows {
        let Some(attainment) = &one.attainment else { continue };
        let attainment = Fraction::parse(attainment)?;
        let (counted, lost) = (Fraction::parse(&one.total)?, Fraction::parse(&one.bad)?);
        if counted.ratio().is_zero() {
            continue;
        }
        // A mean of rates, say, is no share of what counted: its windows can't be added up.
        if BigRational::one() - lost.ratio() / counted.ratio() != *attainment.ratio() {
            return None;
        }
        total += counted.ratio();
        bad += lost.ratio();
    }
    if total.is_zero() {
        return None;
    }
    let percent = cut(&((BigRational::one() - &bad / &total) * hundred()), 6);
    Some((percent, Fraction::new(bad)))
}

fn hundred() -> BigRational {
    BigRational::from_integer(100.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(attainment: Option<&str>, total: &str, bad: &str, met: Option<bool>) -> Reached {
        Reached {
            attainment: attainment.map(Into::into),
            total: total.into(),
            bad: bad.into(),
            met,
        }
    }

    fn line(windows: Vec<Reached>) -> ToDateLine {
        ToDateLine { contract: "NW-1".into(), sla: "API".into(), windows, is_time: true }
    }

    #[test]
    fn windows_are_weighed_by_what_counted_and_cut_off() {
        let met = window(Some("1"), "2000", "0", Some(true));
        let missed = window(Some("999/1000"), "1000", "1", Some(false));
        let unmeasured = window(None, "0", "0", None);
        let found = so_far(&line(vec![met, missed, unmeasured]));
        assert_eq!((found.windows, found.met), (3, 1));
        assert_eq!(found.all.unwrap().0, "99.966666");
    }

    #[test]
    fn law_3_what_can_not_be_added_up_is_not_told_as_a_figure() {
        let mean = window(Some("9/10"), "100", "1", Some(false));
        assert_eq!(so_far(&line(vec![mean])).all, None);
        assert_eq!(so_far(&line(vec![window(None, "0", "0", None)])).all, None);
        assert_eq!(so_far(&line(vec![])).all, None);
    }
}
