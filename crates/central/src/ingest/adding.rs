//! Evidence on its way into one transaction: recognised, added beside what is on record, and what it
//! changes computed anew.

mod finish;

use super::{
    Push, Report,
    check::{check_name, check_observed},
    days::ByDay,
    known::Known,
    laid::{Recorded, Stretch},
    standing::{self, Identity, order},
    weighing::{Weighing, by_name},
};
use crate::{
    close::Touched,
    store::{
        self, Lock, Tx,
        block::{self, BySeries},
        evidence, series,
        source::{Reached, Watch},
    },
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    id::SeriesId,
    series::{Evidence, EvidenceBody, SeriesName},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Of how many series the slots on record are looked at together.
const SERIES_AT_ONCE: usize = 100;

/// A piece on its way in.
#[derive(Debug)]
pub(super) struct Piece<'p> {
    pub(super) service: &'p str,
    /// Of which path and region; empty: of all of them.
    pub(super) of: (&'p str, &'p str),
    pub(super) span: (DateTime<Utc>, DateTime<Utc>),
    pub(super) observed_at: Option<DateTime<Utc>>,
    /// An export says that it is over: as of whatever instant it was seen to go on.
    pub(super) ends: bool,
    pub(super) says: Says,
    pub(super) path: String,
}

/// What a piece says.
#[derive(Debug)]
pub(super) enum Says {
    /// An outage or a gap.
    That(EvidenceBody),
    /// What was said of this is taken back, and why.
    Not(Identity, String),
}

/// Slots of one service on their way in, one after the other.
#[derive(Debug)]
pub(crate) struct Block {
    /// Whose they are.
    pub(crate) name: SeriesName,
    /// When the source saw them; absent: now.
    pub(crate) observed_at: Option<DateTime<Utc>>,
    /// The slots, in order of time.
    pub(crate) stretches: Vec<Stretch>,
    /// Where they stand in what was sent.
    pub(crate) path: String,
}

/// Pieces of evidence on their way into one transaction.
#[derive(Debug)]
pub(crate) struct Adding {
    pub(crate) tx: Tx,
    source: String,
    dry_run: bool,
    pub(crate) report: Report,
    /// How many of what was added take something back.
    pub(super) withdrawn: usize,
    touched: Vec<Touched>,
    reached: Reached,
    /// What it tells of.
    services: BTreeSet<String>,
    /// SHA-256 of the batch as it was pushed, hex; absent: central asked for it.
    digest: Option<String>,
}

impl Adding {
    pub(crate) async fn begin(push: &Push<'_>) -> Result<Self, Problem> {
        let mut tx = push.store.begin(push.by).await?;
        tx.lock(Lock::Evidence).await?;
        Ok(Self {
            tx,
            source: push.source.to_owned(),
            dry_run: push.dry_run,
            report: Report::default(),
            withdrawn: 0,
            touched: Vec::new(),
            services: BTreeSet::new(),
            reached: Reached::default(),
            digest: None,
        })
    }

    /// The batch as it was pushed, so that it can be found again.
    pub(super) fn pushed(mut self, bytes: &[u8]) -> Self {
        self.digest = Some(super::digest(bytes));
        self
    }

    /// Whatever comes, the source has seen this far.
    pub(super) fn saw(&mut self, until: Option<DateTime<Utc>>) {
        self.reached.seen_until = self.reached.seen_until.max(until);
    }

    /// … and has watched so far, by its own word.
    pub(super) fn watched(&mut self, until: DateTime<Utc>) {
        self.saw(Some(until));
        self.reached.watch = Watch::Until(until.min(self.tx.now()));
    }

    /// Where the source stands after this, as its asker knows it.
    pub(crate) fn reaches(&mut self, reached: Reached) {
        self.saw(reached.seen_until);
        let Reached { seen_until, watch, .. } = self.reached;
        self.reached = Reached { seen_until, watch, ..reached };
    }

    /// Adds those of an export's outages that an SLA line names, and leaves the others aside.
    pub(super) async fn add_named(&mut self, mut pieces: Vec<Piece<'_>>) -> Result<(), Problem> {
        let named = series::under_contract(self.tx.conn(), &self.source).await?;
        let all = pieces.len();
        pieces.retain(|piece| named.contains(piece.service));
        self.report.ignored += all - pieces.len();
        self.reached.ignored = i64::try_from(self.report.ignored).unwrap_or(i64::MAX);
        self.add(pieces).await
    }

    /// Adds outages and gaps. What a batch says twice of one thing it says in one way.
    pub(super) async fn add(&mut self, pieces: Vec<Piece<'_>>) -> Result<(), Problem> {
        if self.reached.watch == Watch::None {
            self.reached.watch = Watch::On;
        }
        let mut by_name: BTreeMap<SeriesName, Vec<Piece<'_>>> = BTreeMap::new();
        for piece in pieces {
            if matches!(piece.says, Says::That(_)) && piece.span.1 <= piece.span.0 {
                let message = format!("{}: its end is not after its beginning", piece.path);
                return Err(Problem::new(Code::Invalid, message).at(piece.path));
            }
            check_observed(piece.observed_at, self.tx.now(), &piece.path)?;
            let (path, region) = (piece.of.0.to_owned(), piece.of.1.to_owned());
            let name = SeriesName { service: piece.service.to_owned(), path, region };
            check_name(&name, &piece.path)?;
            self.services.insert(name.service.clone());
            by_name.entry(name).or_default().push(piece);
        }
        let names: Vec<&SeriesName> = by_name.keys().collect();
        let ids = self.ids(&names).await?;
        let all: Vec<SeriesId> = ids.iter().map(|(series, _)| *series).collect();
        let mut held = evidence::without_slots(self.tx.conn(), &all).await?;
        for ((series, whole), pieces) in ids.into_iter().zip(by_name.into_values()) {
            let first = self.touched.len();
            let mut known = Known::of(held.remove(&series).unwrap_or_default());
            let was = known.first();
            for piece in pieces {
                self.add_one(series, piece, &mut known).await?;
            }
            if whole.is_some() && known.first() != was {
                self.told_since(series, was, known.first()).await?;
            }
            for touched in &mut self.touched[first..] {
                (touched.series, touched.part) = of_whole(series, whole);
            }
        }
        Ok(())
    }

    /// Notes since when a part is told of: time that is watched now was not, or the other way round.
    async fn told_since(
        &mut self,
        series: SeriesId,
        was: Option<i64>,
        is: Option<i64>,
    ) -> Result<(), Problem> {
        self.tx.part_told_since(series, is).await?;
        let now = self.tx.now();
        let instant = |at: Option<i64>| at.map_or(Ok(now), store::instant);
        let (was, is) = (instant(was)?, instant(is)?);
        self.touched.push(Touched { series, part: None, from: was.min(is), to: was.max(is) });
        Ok(())
    }

    /// The series of these names, in their order, each with that of its service where it is a part.
    async fn ids(
        &mut self,
        names: &[&SeriesName],
    ) -> Result<Vec<(SeriesId, Option<SeriesId>)>, Problem> {
        let source = self.source.clone();
        let ids = self.tx.many_series(&source, names).await?;
        let parts = names.iter().filter(|name| name.is_part());
        let wholes: BTreeSet<SeriesName> =
            parts.map(|name| SeriesName::whole(&name.service)).collect();
        let wholes: Vec<&SeriesName> = wholes.iter().collect();
        let of_wholes = self.tx.many_series(&source, &wholes).await?;
        let whole = |name: &SeriesName| {
            let at = wholes.binary_search_by(|whole| whole.service.cmp(&name.service)).ok()?;
            of_wholes.get(at).copied().filter(|_| name.is_part())
        };
        Ok(ids.into_iter().zip(names).map(|(id, name)| (id, whole(name))).collect())
    }

    fn evidence(
        &self,
        series: SeriesId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        observed_at: Option<DateTime<Utc>>,
        body: EvidenceBody,
    ) -> Evidence {
        let now = self.tx.now();
        let id = self.tx.store().ids().make();
        let observed_at = observed_at.unwrap_or(now);
        Evidence { id, series, from, to, observed_at, recorded_at: now, position: 0, body }
    }

    async fn add_one(
        &mut self,
        series: SeriesId,
        piece: Piece<'_>,
        known: &mut Known,
    ) -> Result<(), Problem> {
        let path = piece.path;
        let (mut new, own) = match piece.says {
            Says::That(body) => {
                self.saw(Some(piece.span.1));
                let mut new = self.evidence(series, piece.span, piece.observed_at, body);
                let Some(own) = standing::own(&new) else { return Ok(()) };
                if piece.ends {
                    if known.said_since(&own, &new) {
                        self.report.repeated += 1;
                        return Ok(());
                    }
                    let seen = known.seen_to_go_on(&own);
                    new.observed_at =
                        seen.map_or(new.observed_at, |seen| seen.max(new.observed_at));
                }
                (new, own)
            }
            Says::Not(own, reason) => {
                let body = EvidenceBody::Withdrawal { of: self.tx.store().ids().make(), reason };
                let mut new = self.evidence(series, piece.span, piece.observed_at, body);
                known.take_back(&own, &mut new, &path)?;
                (new, own)
            }
        };
        if known.says(&own, &new) {
            self.report.repeated += 1;
            return Ok(());
        }
        if !known.first_in_batch(own.clone(), new.observed_at) {
            let message = format!(
                "{path}: the batch says otherwise of the same outage or gap further up; leave one of them"
            );
            return Err(Problem::new(Code::Invalid, message).at(path));
        }
        new.position = self.tx.draw("evidence", 0).await?;
        if !self.tx.add_evidence(&self.source, &new).await? {
            self.report.repeated += 1;
            return Ok(());
        }
        if let EvidenceBody::Withdrawal { of, reason } = &new.body {
            let detail = json!({
                "evidence": of, "from": new.from, "to": new.to, "reason": reason,
            });
            self.tx.audit("evidence.withdrawn", ("source", &self.source), None, detail);
            self.withdrawn += 1;
        }
        let held = known.held(&own);
        self.report.added += 1;
        self.report.corrected += usize::from(!held.is_empty());
        // What stood until now, and what is new: nothing else of it counts before or after.
        let stood = held.iter().max_by_key(|piece| order(piece));
        for piece in stood.into_iter().chain([&new]) {
            self.touched.push(Touched {
                series: piece.series,
                part: None,
                from: piece.from,
                to: piece.to,
            });
        }
        held.push(new);
        Ok(())
    }

    /// Adds slots. What is on record just so is left out.
    pub(crate) async fn add_slots(&mut self, blocks: Vec<Block>) -> Result<(), Problem> {
        let all = || blocks.iter().flat_map(|block| &block.stretches);
        let (Some(from), Some(to)) =
            (all().map(|one| one.start).min(), all().map(Stretch::end).max())
        else {
            return Ok(());
        };
        self.saw(Some(store::instant(to)?));
        for block in &blocks {
            check_observed(block.observed_at, self.tx.now(), &block.path)?;
        }
        let source = self.source.clone();
        let meets = block::may_touch(self.tx.conn(), &source, (from, to)).await?;
        let by_name = by_name(blocks);
        let names: Vec<&SeriesName> = by_name.iter().map(|(name, _)| name).collect();
        self.services.extend(names.iter().map(|name| name.service.clone()));
        let series = self.ids(&names).await?;
        let pushed = by_name.into_iter().map(|(_, blocks)| blocks);
        let pushed: Vec<_> = series.iter().copied().zip(pushed).collect();
        let mut begins = BTreeMap::new();
        let position = self.tx.draw("evidence", 0).await?;
        let weighing = Weighing { now: self.tx.now().timestamp(), position };
        let (mut late, mut whole) = (BySeries::new(), ByDay::new());
        let mut pushed = pushed.into_iter().peekable();
        while pushed.peek().is_some() {
            let some: Vec<_> = pushed.by_ref().take(SERIES_AT_ONCE).collect();
            let ids: Vec<SeriesId> = some.iter().map(|((series, _), _)| *series).collect();
            let mut held = BySeries::new();
            if meets {
                held = block::recorded(self.tx.conn(), &ids, (from, to)).await?;
            }
            for ((series, part_of), blocks) in some {
                let held = held.remove(&series).unwrap_or_default();
                let fresh = weighing.fresh(blocks, held, &mut self.report)?;
                self.touch((series, part_of), &fresh)?;
                let seen = fresh.iter().filter(|one| !one.stretch.run.is_blank());
                let first = seen.map(|one| one.stretch.start).min();
                begins.extend(part_of.and(first).map(|first| (series, first)));
                weighing.part(series, fresh, &mut late, &mut whole);
            }
        }
        self.begin_parts(&begins, &series).await?;
        self.tx.add_blocks(&source, &whole, !meets).await?;
        self.tx.buffer_slots(&source, position, late).await
    }

    /// Notes where parts begin. One that begins earlier is missed where it was not before.
    async fn begin_parts(
        &mut self,
        begins: &BTreeMap<SeriesId, i64>,
        ids: &[(SeriesId, Option<SeriesId>)],
    ) -> Result<(), Problem> {
        if begins.is_empty() {
            return Ok(());
        }
        let earlier = self.tx.parts_since(begins).await?;
        for (part, whole) in ids {
            let (Some(was), Some(is)) = (earlier.get(part), begins.get(part)) else { continue };
            let to = was.map_or(Ok(self.tx.now()), store::instant)?;
            let from = store::instant(*is)?;
            let (series, part) = of_whole(*part, *whole);
            self.touched.push(Touched { series, part, from, to });
        }
        Ok(())
    }

    /// Notes of which time there is something new: what follows on each other is one.
    fn touch(
        &mut self,
        (series, whole): (SeriesId, Option<SeriesId>),
        fresh: &[Recorded],
    ) -> Result<(), Problem> {
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for one in fresh {
            let (from, to) = (one.stretch.start, one.stretch.end());
            match spans.last_mut().filter(|last| last.1 == from) {
                Some(last) => last.1 = to,
                None => spans.push((from, to)),
            }
        }
        for (from, to) in spans {
            let (from, to) = (store::instant(from)?, store::instant(to)?);
            let (series, part) = of_whole(series, whole);
            self.touched.push(Touched { series, part, from, to });
        }
        Ok(())
    }
}

/// What is touched: the series that lines name, and the part of it.
fn of_whole(series: SeriesId, whole: Option<SeriesId>) -> (SeriesId, Option<SeriesId>) {
    whole.map_or((series, None), |whole| (whole, Some(series)))
}
