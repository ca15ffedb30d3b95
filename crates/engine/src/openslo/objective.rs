//! `objectives`: each of them one SLA line.

use super::budgeting_method::{Method, Said};
use super::duration_shorthand::{FORM, Shorthand, duration};
use super::fields::{Fields, Place};
use super::left_out::{LeftOut, why};
use super::number::moved;
use super::sli::{GoodWhen, OP};
use crate::build::Build;
use crate::decimal::Decimal;
use crate::fraction::{Fraction, whole};
use crate::json::Json;
use crate::reader::word_of;
use crate::refusal::Refusal;
use num_rational::BigRational;
use num_traits::{One, Signed};

/// An objective, of which only the target has been read.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    pub(super) place: Place<'a>,
    /// `displayName`.
    pub(super) name: Option<String>,
    /// In percent, 0 to 100.
    pub(super) target: Decimal,
    /// Where it stands.
    pub(super) target_at: Place<'a>,
    pub(super) indicator: Option<Place<'a>>,
    pub(super) indicator_ref: Option<Place<'a>>,
    op: Option<Place<'a>>,
    value: Option<Place<'a>>,
    slice_target: Option<Place<'a>>,
    slice_window: Option<Place<'a>>,
}

impl<'a> Objective<'a> {
    pub(super) fn read(place: &Place<'a>, left_out: &mut Vec<LeftOut>) -> Result<Self, Refusal> {
        let mut fields = place.fields()?;
        let (target, target_at) = target(&mut fields)?;
        let weight = fields.take("compositeWeight");
        left_out.extend(weight.map(|place| place.left(why("compositeWeight"))));
        let objective = Self {
            place: place.clone(),
            name: fields.take_text("displayName")?,
            target,
            target_at,
            indicator: fields.take("indicator"),
            indicator_ref: fields.take("indicatorRef"),
            op: fields.take("op"),
            value: fields.take("value"),
            slice_target: fields.take("timeSliceTarget"),
            slice_window: fields.take("timeSliceWindow"),
        };
        fields.close()?;
        Ok(objective)
    }

    /// What it says of the measure; `values`: slices are judged by a value of their own, wherever
    /// all of a slice must be good.
    pub(super) fn said(&self, method: Method, values: bool) -> Result<Said, Refusal> {
        let sliced = method != Method::Occurrences;
        let window = sliced.then(|| self.slice_window()).transpose()?;
        let judged = method == Method::Timeslices;
        let target = judged.then(|| self.slice_target()).transpose()?;
        let values = values && target.as_ref().is_some_and(One::is_one);
        let good_when = values.then(|| self.good_when()).transpose()?;
        Ok(Said { method, window, target, good_when })
    }

    /// `op` and `value`.
    pub(super) fn good_when(&self) -> Result<GoodWhen, Refusal> {
        let missing = |key| {
            let path = format!("{}.{key}", self.place.path);
            Place::new(self.place.node, path).refuse("a thresholdMetric needs op and value")
        };
        let op = self.op.as_ref().ok_or_else(|| missing("op"))?;
        let value = self.value.as_ref().ok_or_else(|| missing("value"))?;
        let than = moved(value.text()?, 0).map_err(|message| value.refuse(message))?;
        Ok(GoodWhen { is: op.word(&OP)?, than })
    }

    /// What of it means nothing under such a measure; `values`: the indicator is a thresholdMetric.
    pub(super) fn rest(self, said: &Said, values: bool) -> impl Iterator<Item = LeftOut> {
        let values = values || said.good_when.is_some();
        let unused = [
            (self.op.filter(|_| !values), "op"),
            (self.value.filter(|_| !values), "value"),
            (self.slice_target.filter(|_| said.target.is_none()), "timeSliceTarget"),
            (self.slice_window.filter(|_| said.window.is_none()), "timeSliceWindow"),
        ];
        unused.into_iter().filter_map(|(place, key)| Some(place?.left(why(key))))
    }

    fn slice_target(&self) -> Result<BigRational, Refusal> {
        let missing = || self.place.refuse("Timeslices needs timeSliceTarget, as in 0.95");
        let place = self.slice_target.as_ref().ok_or_else(missing)?;
        let target = moved(place.text()?, 0).map_err(|message| place.refuse(message))?.ratio();
        if !target.is_positive() || target > BigRational::one() {
            return Err(place.refuse("must be more than 0 and at most 1"));
        }
        Ok(target)
    }

    /// In seconds. A number without a unit is minutes.
    fn slice_window(&self) -> Result<u64, Refusal> {
        let missing = || self.place.refuse("slices need timeSliceWindow, as in 5m");
        let place = self.slice_window.as_ref().ok_or_else(missing)?;
        let text = place.text()?;
        let seconds = match Shorthand::parse(text) {
            Some(shorthand) => shorthand.seconds(),
            None => moved(text, 0).ok().and_then(|minutes| {
                let seconds = minutes.ratio() * whole(60);
                let seconds = seconds.is_integer().then(|| seconds.to_integer())?;
                u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)
            }),
        };
        // A length that a duration of ours can't hold is as much of a mistake.
        seconds.filter(|seconds| duration(*seconds).is_ok()).ok_or_else(|| {
            place.refuse(format!("must be a fixed length, minutes or {FORM}: 5m; whole seconds"))
        })
    }
}

/// The percentage and where it stands.
fn target<'a>(fields: &mut Fields<'a>) -> Result<(Decimal, Place<'a>), Refusal> {
    let (place, places) = match (fields.take("target"), fields.take("targetPercent")) {
        (Some(place), None) => (place, 2),
        (None, Some(place)) => (place, 0),
        (Some(_), Some(place)) => {
            return Err(place.refuse("can't stand beside target; delete one of them"));
        }
        (None, None) => {
            return Err(fields.refuse("target", "neither target nor targetPercent stands here"));
        }
    };
    let percent = moved(place.text()?, places).map_err(|message| place.refuse(message))?;
    if percent.ratio().is_negative() || percent.ratio() > whole(100) {
        return Err(place.refuse(match places {
            0 => "must be from 0 to 100",
            _ => "must be from 0 to 1; a percentage is written targetPercent",
        }));
    }
    // `-0` is nothing but 0.
    let percent = Decimal::parse(percent.as_str().trim_start_matches('-'));
    percent.map(|percent| (percent, place.clone())).map_err(|message| place.refuse(message))
}

/// The objective of such a measure.
pub(super) fn write(target: &Decimal, said: &Said, good_when: Option<&GoodWhen>) -> Json {
    let number = |ratio: BigRational| Json::Number(Fraction::new(ratio).decimal_or_fraction());
    let window = |seconds: u64| match (seconds % 60, duration(seconds)) {
        (0, Ok(duration)) => Json::text(duration.as_str()),
        _ => number(whole(seconds) / whole(60)),
    };
    let good_when = said.good_when.as_ref().or(good_when);
    let target = moved(target.as_str(), -2).map_or_else(
        |_| number(target.percent()),
        |target| Json::Number(target.as_str().to_owned()),
    );
    Build::default()
        .maybe_text("op", good_when.map(|good| word_of(&good.is, &OP)))
        .maybe_number("value", good_when.map(|good| &good.than))
        .put("target", target)
        .maybe("timeSliceTarget", said.target.clone().map(number))
        .maybe("timeSliceWindow", said.window.map(window))
        .object()
}
