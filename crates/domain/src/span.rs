//! A span of time as people read it, in UTC. Its seconds are said where it has some: they are counted, and excused.

use chrono::{DateTime, Utc};

/// `14 Oct 03:12–04:13`, `14 Oct 23:50–15 Oct 00:10:05`.
#[must_use]
pub fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let last = match from.date_naive() == to.date_naive() {
        true => clock(to),
        false => format!("{} {}", to.format("%-d %b"), clock(to)),
    };
    format!("{} {}–{last}", from.format("%-d %b"), clock(from))
}

/// `03:12`, `03:12:40`.
#[must_use]
pub fn clock(at: DateTime<Utc>) -> String {
    let form = if at.timestamp() % 60 == 0 { "%H:%M" } else { "%H:%M:%S" };
    at.format(form).to_string()
}
