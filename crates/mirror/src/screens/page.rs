//! A part of a long list.

use makegood_domain::{Code, Problem};
use serde::Deserialize;
use serde_json::Value;
use ts_rs::TS;

/// Which part of a list is asked for, and in which order: a list names the place at which its next part
/// begins, and goes on from there whatever was added or has gone meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Page {
    /// What the part before said is `next`; the beginning of the list when absent.
    pub after: Option<String>,
    /// How many rows at most, from 1; [`Page::MOST`] when absent, and never more.
    #[ts(type = "number | null")]
    pub limit: Option<usize>,
    /// One of the orders that the list has; its own when absent.
    #[ts(optional)]
    pub sort: Option<String>,
}

impl Page {
    /// The rows of a page where nobody asks for fewer.
    pub const MOST: usize = 500;

    /// The first so many rows.
    #[must_use]
    pub fn first(limit: usize) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit.unwrap_or(Self::MOST).clamp(1, Self::MOST)
    }

    /// … in one of its orders.
    #[must_use]
    pub fn by(self, sort: &str) -> Self {
        Self { sort: Some(sort.to_owned()), ..self }
    }

    /// The order that is asked for, one of those that the list has; `None`: its own.
    pub(crate) fn sort(&self, orders: &[&'static str]) -> Result<Option<&'static str>, Problem> {
        let Some(sort) = &self.sort else { return Ok(None) };
        let found = orders.iter().find(|order| **order == sort.as_str());
        found.map(|order| Some(*order)).ok_or_else(|| {
            let orders = orders.join(", ");
            Problem::new(Code::Invalid, format!("no order {sort:?}; this list has: {orders}"))
        })
    }

    /// What a place bears before its values: nothing in the list's own order.
    fn order(&self) -> &str {
        self.sort.as_deref().unwrap_or("")
    }

    /// One more than is shown, which tells whether there is a next page.
    pub(crate) fn fetched(&self) -> String {
        (self.limit() + 1).to_string()
    }

    /// The place after which it begins, as a JSON list of the values that the list is sorted by;
    /// `beginning` lies before all of them, and has as many.
    pub(crate) fn after_or<'a>(&'a self, beginning: &'a str) -> Result<&'a str, Problem> {
        let Some(after) = &self.after else { return Ok(beginning) };
        let length = |text: &str| match serde_json::from_str(text) {
            Ok(Value::Array(values)) => values.len(),
            _ => 0,
        };
        // A place in one order says nothing in another.
        let place = after.strip_prefix(self.order()).unwrap_or("");
        if length(place) == length(beginning) {
            return Ok(place);
        }
        Err(Problem::new(
            Code::Invalid,
            format!("no page begins after {after:?}; use what the page before named as the next"),
        ))
    }

    /// The rows that are shown, and where the next page begins.
    pub(crate) fn cut<T>(
        &self,
        mut rows: Vec<T>,
        place: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let more = rows.len() > self.limit();
        rows.truncate(self.limit());
        let next = rows.last().filter(|_| more);
        let next = next.map(|last| format!("{}{}", self.order(), place(last)));
        (rows, next)
    }
}
