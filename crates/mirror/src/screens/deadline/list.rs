//! The lists.

use super::{
    super::{
        Page,
        dispute::{self, DisputeRow},
        house::{Names, listed},
    },
    ASKED, Asked, DeadlineRow, UNDECIDED, row,
};
use crate::{
    Overlay, Reader, Versioned, Viewer,
    ask::{self, Question},
};
use chrono::TimeDelta;
use makegood_domain::{Problem, deadline::Deadline};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use ts_rs::TS;

/// How long a deadline that has ended is still listed.
const ENDED_FOR: TimeDelta = TimeDelta::days(60);

/// A list of deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub enum DeadlineTab {
    /// Of those that run, the viewer's own.
    Mine,
    /// Those that run, and late claims that nobody has decided about; the next due first.
    Running,
    /// What customers dispute and nobody has answered, the next due first.
    Disputes,
    /// Those that ended within sixty days, the last first.
    Ended,
}

/// Deadlines in the viewer's scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Deadlines {
    /// Which list.
    pub tab: DeadlineTab,
    /// How many the lists hold.
    pub counts: DeadlineCounts,
    /// The deadlines; none in the list of disputes.
    pub rows: Vec<DeadlineRow>,
    /// The disputes, in their list.
    pub disputes: Vec<DisputeRow>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
}

/// How many the lists hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct DeadlineCounts {
    /// The viewer's own.
    pub mine: usize,
    /// All that run.
    pub running: usize,
    /// Disputes.
    pub disputes: usize,
}

/// The deadlines, page by page. Whoever names no list sees their own deadlines where they have any, else the
/// disputes where one of them is theirs, else all.
///
/// # Errors
/// [`makegood_domain::Code::Invalid`] for a page that is none; [`makegood_domain::Code::Database`].
pub async fn deadlines(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    tab: Option<DeadlineTab>,
    page: &Page,
) -> Result<Deadlines, Problem> {
    let tab = match tab {
        Some(tab) => tab,
        None => first(&reader.ask(counts(viewer)).await?),
    };
    let (rows, disputes) = (Vec::new(), Vec::new());
    let Some(list) = list(tab, viewer, page)? else {
        let ((counts, _), found) = reader.ask((counts(viewer), dispute::open(page)?)).await?;
        let (found, next) = page.cut(found, dispute::place);
        let disputes = dispute::rows(reader, viewer, overlay, &found).await?;
        return Ok(Deadlines { tab, counts, rows, disputes, next });
    };
    let ((counts, _), found) = reader.ask((counts(viewer), list)).await?;
    let (found, next) = page.cut(found, |one| place(tab, one));
    let rows = rows_of(reader, viewer, overlay, &found).await?;
    Ok(Deadlines { tab, counts, rows, disputes, next })
}

/// Which list is shown to whoever names none.
fn first((counts, disputed): &Counted) -> DeadlineTab {
    match (counts.mine, disputed) {
        (1.., _) => DeadlineTab::Mine,
        (0, 1..) => DeadlineTab::Disputes,
        (0, 0) => DeadlineTab::Running,
    }
}

/// How many the lists hold, and how many disputes are the viewer's own.
type Counted = (DeadlineCounts, usize);

fn counts(viewer: &Viewer) -> Question<Counted> {
    let all_late = format!("select count(*) from deadline {}", late(""));
    let mine = "select count(*) from deadline where state = 'open' and owner = $1";
    let late_mine = format!("select count(*) from deadline {}", late("and owner = $1"));
    let run = "select count(*) from deadline where state = 'open'";
    let disputes = "select count(*) from acknowledgement where dispute_due is not null";
    let disputed = format!("{disputes} and dispute_owner = $1");
    let each = [run, &all_late, mine, &late_mine, disputes, &disputed];
    let me = viewer.actor.person.to_string();
    ask::numbers(each, &[&me]).map(|each| {
        let [run, late, mine, late_mine, disputes, disputed] =
            each.map(|number| usize::try_from(number).unwrap_or(0));
        (DeadlineCounts { mine: mine + late_mine, running: run + late, disputes }, disputed)
    })
}

/// Claims that came too late and wait for somebody.
fn late(whose: &str) -> String {
    format!("where state <> 'open' and kind = 'claim' {whose} and subject in ({UNDECIDED})")
}

/// A page of a list of deadlines; `None`: the list is not of deadlines.
fn list(
    tab: DeadlineTab,
    viewer: &Viewer,
    page: &Page,
) -> Result<Option<Question<Vec<Versioned<Deadline>>>>, Problem> {
    let me = viewer.actor.person.to_string();
    let since = (viewer.now - ENDED_FOR).timestamp().to_string();
    let (sql, beginning, bind) = match tab {
        DeadlineTab::Mine => (running("and owner = $3"), r#"["", ""]"#, me),
        DeadlineTab::Running => (running("and $3 is not null"), r#"["", ""]"#, me),
        DeadlineTab::Ended => (ended(), r#"[9223372036854775807, ""]"#, since),
        DeadlineTab::Disputes => return Ok(None),
    };
    let binds = [page.after_or(beginning)?, &page.fetched(), &bind];
    Ok(Some(ask::list(&sql, &binds)))
}

/// Those that run, and claims that came too late and wait for somebody.
fn running(whose: &str) -> String {
    let after = "and (due, key) > (json_extract($1, '$[0]'), json_extract($1, '$[1]'))";
    let late = late(whose);
    format!(
        "where key in (
           select key from (
             select due, key from deadline where state = 'open' {whose} {after}
             union all
             select due, key from deadline {late} {after}
           ) order by due, key limit cast($2 as integer))
         order by due, key"
    )
}

/// Those that have ended, and of which nothing waits.
fn ended() -> String {
    format!(
        "where rowid in (
           select rowid from deadline
           where done_at <> 0 and done_at > cast($3 as integer)
             and (done_at, key) < (json_extract($1, '$[0]'), json_extract($1, '$[1]'))
             and not (kind = 'claim' and subject in ({UNDECIDED}))
           order by done_at desc, key desc limit cast($2 as integer))
         order by done_at desc, key desc"
    )
}

/// Where the page after this one begins.
fn place(tab: DeadlineTab, one: &Versioned<Deadline>) -> String {
    let id = one.id.to_string();
    match tab {
        DeadlineTab::Ended => json!([one.done_at.map_or(0, |at| at.timestamp()), id]),
        _ => json!([one.due.to_string(), id]),
    }
    .to_string()
}

async fn rows_of(
    reader: &mut Reader,
    viewer: &Viewer,
    overlay: &Overlay,
    found: &[Versioned<Deadline>],
) -> Result<Vec<DeadlineRow>, Problem> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let people = found.iter().flat_map(|one| [one.owner, one.done_by]).flatten();
    let names = Names::of_contracts(found.iter().map(|one| one.contract), people);
    let credits = listed(found.iter().filter_map(|one| one.credit));
    let (names, credits) = reader.ask((names, ask::parts::<Asked>(ASKED, &[&credits]))).await?;
    let credits: BTreeMap<_, _> = credits.into_iter().map(|one| (one.id, one)).collect();
    let shown = |one: &Versioned<Deadline>| {
        let credit = one.credit.and_then(|id| credits.get(&id));
        // What it is about has not come yet.
        if credit.is_none() && one.ground.is_none() {
            return None;
        }
        Some(row(one, credit, &names, viewer, overlay))
    };
    Ok(found.iter().filter_map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::{DeadlineCounts, DeadlineTab, first};

    #[test]
    fn ones_own_come_first() {
        for (mine, disputed, tab) in
            [(2, 1, DeadlineTab::Mine), (0, 1, DeadlineTab::Disputes), (0, 0, DeadlineTab::Running)]
        {
            let counts = DeadlineCounts { mine, running: 9, disputes: 9 };
            assert_eq!(first(&(counts, disputed)), tab);
        }
    }
}
