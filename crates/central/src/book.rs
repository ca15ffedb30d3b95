//! A contract with everything that its windows are computed from.

pub(crate) mod part;

use crate::{
    import::document,
    ingest::{Recorded, probe_log::Spans},
    store::{
        self, attainment, block, contract, credit, evidence, exclusion, series, settlement, source,
    },
};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use makegood_domain::{
    Code, Problem,
    attainment::Attainment,
    contract::{Charge, Combine, Contract, SlaLine},
    credit::Credit,
    customer::Customer,
    exclusion::{Exclusion, ExclusionState},
    id::{CustomerId, SeriesId, SlaLineId},
    series::Evidence,
    settlement::Settlement,
};
use makegood_engine::{Case, Span, Terms, Window, money::Currency, window::WindowKind};
use part::BookPart;
use serde_json::json;
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A contract, its lines with their charges and evidence, and what its windows have come to.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) customer: Customer,
    pub(crate) contract: Contract,
    /// The contract as a case states it.
    pub(crate) stated: makegood_engine::Contract,
    pub(crate) lines: Vec<BookLine>,
    pub(crate) observed: BTreeMap<SeriesId, Observed>,
    /// Of services that a line with a scope is about, the parts that are selected.
    pub(crate) parts: BTreeMap<SeriesId, Vec<BookPart>>,
    pub(crate) attainments: BTreeMap<(SlaLineId, String), Attainment>,
    pub(crate) settlements: BTreeMap<String, Settlement>,
    /// Approved credits that rest on its settlements.
    pub(crate) approved: Vec<Credit>,
}

/// A line of the book.
#[derive(Debug)]
pub(crate) struct BookLine {
    pub(crate) line: SlaLine,
    pub(crate) terms: Terms,
    pub(crate) charges: Vec<Charge>,
}

/// What is on record of one series, as one customer sees it.
#[derive(Debug)]
pub(crate) struct Observed {
    /// What probes say; `None`: the series is not probed, and its source says when it was not
    /// watching.
    pub(crate) probes: Option<Spans>,
    /// Until when its source has watched it, in seconds; the least integer: nothing has ever come. Of what is probed
    /// probes say that.
    pub(crate) watched_until: i64,
    /// Outages and gaps.
    pub(crate) pieces: Vec<Evidence>,
    pub(crate) slots: Vec<Recorded>,
    /// Those that were admitted.
    pub(crate) exclusions: Vec<Exclusion>,
}

/// A window of a contract: all lines that share it settle together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) window: Window,
    pub(crate) label: String,
    pub(crate) span: Span,
}

impl Book {
    /// Loads a contract with what every window of it reached; [`Book::observe`] loads the evidence.
    pub(crate) async fn load(
        conn: &mut AnyConnection,
        contract: Contract,
    ) -> Result<Self, Problem> {
        let (owner, id) = (contract.customer, contract.id);
        let mut book = Self::load_unlocked(conn, contract).await?;
        let all = attainment::of_contract(conn, owner, id).await?;
        book.attainments = all.into_iter().map(|a| ((a.line, a.window.clone()), a)).collect();
        Ok(book)
    }

    /// Loads a contract with what its windows reached that are not locked: all that moving on takes,
    /// but the evidence.
    pub(crate) async fn load_unlocked(
        conn: &mut AnyConnection,
        contract: Contract,
    ) -> Result<Self, Problem> {
        let owner = contract.customer;
        let customer = store::get::<Customer>(conn, owner).await?;
        let customer = customer.ok_or_else(|| store::missing("customer"))?.row;
        let stored = contract::lines(conn, owner, contract.id).await?;
        let ids: Vec<SlaLineId> = stored.iter().map(|line| line.row.id).collect();
        let mut charges = contract::charges_of(conn, owner, &ids).await?;
        let mut lines = Vec::with_capacity(stored.len());
        for line in stored {
            let line = line.row;
            let terms = document::terms(&line.terms)?;
            let charges = charges.remove(&line.id).unwrap_or_default();
            lines.push(BookLine { line, terms, charges });
        }
        lines.sort_by(|a, b| {
            let key =
                |line: &BookLine| (line.line.active_from, line.line.name.clone(), line.line.id);
            key(a).cmp(&key(b))
        });
        let attainments = attainment::unlocked_of_contract(conn, owner, contract.id).await?;
        let settlements = settlement::of_contract(conn, owner, contract.id).await?;
        let approved = credit::approved_of_contract(conn, owner, contract.id).await?;
        Ok(Self {
            stated: stated(
                &contract.currency,
                contract.combine,
                contract.cap.as_ref(),
                Some((&customer.name, &contract.number)),
            )?,
            customer,
            contract,
            lines,
            observed: BTreeMap::new(),
            parts: BTreeMap::new(),
            attainments: attainments.into_iter().map(|a| ((a.line, a.window.clone()), a)).collect(),
            settlements: settlements.into_iter().map(|s| (s.window.clone(), s)).collect(),
            approved,
        })
    }

    /// Rows of windows that are over and not settled, where they had locked without a line: one has come back, and goes on
    /// with its row.
    pub(crate) async fn recall(
        &mut self,
        conn: &mut AnyConnection,
        dues: &[Due],
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        for due in dues.iter().filter(|due| due.span.to <= now) {
            let has =
                |line: &BookLine| self.attainments.contains_key(&(line.line.id, due.label.clone()));
            if self.lines_of(due).all(has) {
                continue;
            }
            let (owner, id) = (self.customer.id, self.contract.id);
            for row in attainment::of_window(conn, (owner, id), &due.label).await? {
                self.attainments.insert((row.line, row.window.clone()), row);
            }
        }
        Ok(())
    }

    /// Loads what is on record of the lines' series, as far as windows take it that begin at `from`
    /// or later. Nothing is computed before that.
    pub(crate) async fn observe(
        &mut self,
        conn: &mut AnyConnection,
        from: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let known = &self.observed;
        let lines = self.lines.iter().map(|line| line.line.series);
        let new: BTreeSet<SeriesId> = lines.filter(|series| !known.contains_key(series)).collect();
        let new: Vec<SeriesId> = new.into_iter().collect();
        self.observed.extend(Observed::load(conn, self.customer.id, &new, from).await?);
        self.observe_parts(conn, from).await
    }

    /// Every window that has begun before `until`, oldest first.
    pub(crate) fn dues(&self, until: DateTime<Utc>) -> Result<Vec<Due>, Problem> {
        let mut windows: Vec<(&Window, DateTime<Utc>)> = Vec::new();
        for line in &self.lines {
            let from = line.line.active_from.unwrap_or(until);
            let found = windows.iter_mut().find(|(window, _)| window.is_alike(&line.terms.window));
            match found {
                Some((_, earliest)) => *earliest = from.min(*earliest),
                None => windows.push((&line.terms.window, from)),
            }
        }
        let mut dues = Vec::new();
        for (window, from) in windows {
            dues.extend(dues_of(window, from, until)?);
        }
        dues.retain(|due| self.lines_of(due).next().is_some());
        dues.sort_by(|a, b| (a.span.to, &a.label).cmp(&(b.span.to, &b.label)));
        Ok(dues)
    }

    /// The lines that a window settles: under contract for at least a second of it.
    pub(crate) fn lines_of<'a>(&'a self, due: &'a Due) -> impl Iterator<Item = &'a BookLine> {
        self.lines.iter().filter(|line| {
            line.terms.window.is_alike(&due.window)
                && line.line.active_from.is_none_or(|from| from < due.span.to)
                // One that was to begin after its version ended never did.
                && line.line.active_from.zip(line.line.active_to).is_none_or(|(from, to)| from < to)
                && line.line.active_to.is_none_or(|to| to > due.span.from)
        })
    }

    pub(crate) fn currency(&self) -> Currency {
        self.stated.currency
    }
}

impl Observed {
    /// What is on record of these series, asked for at once: a contract may have many lines, and there
    /// may be many contracts.
    async fn load(
        conn: &mut AnyConnection,
        customer: CustomerId,
        series: &[SeriesId],
        from: DateTime<Utc>,
    ) -> Result<BTreeMap<SeriesId, Self>, Problem> {
        let holds = series::holds(conn, series).await?;
        let watched = source::watched_until(conn, series).await?;
        let mut pieces = evidence::without_slots(conn, series).await?;
        let mut slots = block::recorded(conn, series, (from.timestamp(), i64::MAX)).await?;
        let mut exclusions = exclusion::of_series(conn, customer, series).await?;
        let mut observed = BTreeMap::new();
        for one in series {
            let probes = match holds.get(one) {
                Some(hold) => {
                    let all = (i64::MIN, i64::MAX);
                    Some(Spans::derive(&evidence::probes(conn, *one, all).await?, *hold))
                }
                None => None,
            };
            let mut exclusions = exclusions.remove(one).unwrap_or_default();
            exclusions.retain(|exclusion| exclusion.state == ExclusionState::Admitted);
            let pieces = pieces.remove(one).unwrap_or_default();
            let slots = slots.remove(one).unwrap_or_default();
            let watched_until = watched.get(one).copied().unwrap_or(i64::MIN);
            observed.insert(*one, Self { probes, watched_until, pieces, slots, exclusions });
        }
        Ok(observed)
    }
}

/// The windows of one form from the one that holds `from` to the last that begins before `until`. A
/// rolling window is settled once a month: at the month's last day.
fn dues_of(
    window: &Window,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Due>, Problem> {
    let broken =
        |refusal: makegood_engine::Refusal| Problem::new(Code::TermsInvalid, refusal.to_string());
    let rolling = matches!(window.kind, WindowKind::Rolling { .. });
    let mut label = if rolling {
        month_end(window.time_zone.local(from).date()).to_string()
    } else {
        window.label_at(from)
    };
    let mut dues = Vec::new();
    loop {
        let span = window.span(&label).map_err(broken)?;
        if span.from >= until {
            return Ok(dues);
        }
        let next = label_after(window, &span, &label)?;
        dues.push(Due { window: window.clone(), label, span });
        label = next;
    }
}

/// The label of the window after one.
pub(crate) fn label_after(window: &Window, span: &Span, label: &str) -> Result<String, Problem> {
    if matches!(window.kind, WindowKind::Rolling { .. }) {
        let next_day = span.end_day.succ_opt().unwrap_or(span.end_day);
        return Ok(month_end(next_day).to_string());
    }
    let next = window.next_label(label);
    next.map_err(|refusal| Problem::new(Code::TermsInvalid, refusal.to_string()))
}

fn month_end(day: NaiveDate) -> NaiveDate {
    let next = day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    next.and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// The contract as a case states it: read through the case format, so that its caps keep its rules.
/// A problem's path begins at the case: `contract.cap`.
pub(crate) fn stated(
    currency: &str,
    combine: Combine,
    cap: Option<&serde_json::Value>,
    names: Option<(&str, &str)>,
) -> Result<makegood_engine::Contract, Problem> {
    let mut contract = json!({ "currency": currency, "combine": combine });
    if let Some(cap) = cap {
        contract["cap"] = cap.clone();
    }
    if let Some((customer, number)) = names {
        contract["customer"] = customer.into();
        contract["number"] = number.into();
    }
    let case = json!({
        "format": makegood_engine::case::FORMAT,
        "contract": contract,
        "period": "2026",
        "lines": [{
            "sla": "none",
            "terms": {
                "objective": "100",
                "window": { "calendar": "year" },
                "measure": { "uptime": {} },
            },
            "evidence": { "outages": [] },
            "fee": "0",
        }],
    });
    let cases = Case::parse_file(case.to_string().as_bytes())
        .map_err(|refusal| Problem::new(Code::TermsInvalid, refusal.message).at(refusal.path))?;
    let case = cases.into_iter().next().ok_or_else(|| store::missing("contract"))?;
    Ok(case.contract)
}
