//! A run of many statements: everybody's of a period. What is to be done is written down first; numbers
//! are asked for as earlier ones are done with, so that a pause is felt at once.

mod list;
mod record;

use super::run;
use crate::{
    desk::{Desk, id},
    event::Event,
    outbox::Put,
    problem::database,
    seat::Inside,
};
use makegood_domain::{
    Code, Problem,
    id::{CustomerId, StatementBatchId},
    statement::{StatementOf, is_period},
};
use makegood_mirror::screens::{self, HeldBy, ReadyCustomer};
use record::{Batch, BatchState, Item};
use serde::Serialize;
use std::sync::Arc;
use ts_rs::TS;

/// How many statements of a run are on their way at once: two letters to central.
const ON_THE_WAY: usize = 200;

/// What a run would do, before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BatchPlan {
    /// How many statements it would issue.
    pub ready: usize,
    /// For how many of them the language is known: from their contact, or their latest one.
    pub known_language: usize,
    /// What holds the others.
    pub held: Vec<HeldBy>,
}

/// A run of many statements, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementBatch {
    /// Its id.
    pub id: String,
    /// `2026-10`, `2026-Q4`, `2026`.
    pub period: String,
    /// How it stands.
    #[ts(type = "\"running\" | \"paused\" | \"cancelled\" | \"done\"")]
    pub state: String,
    /// Whether something of it is still to come: a cancelled one finishes what has a number.
    pub ended: bool,
    /// How many statements it is for.
    pub total: usize,
    /// How many are sealed.
    pub sealed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many are on their way.
    pub on_the_way: usize,
    /// How many have not begun.
    pub waiting: usize,
    /// Whose was sealed last.
    pub last: Option<String>,
    /// What those on their way wait for, if something is in their way.
    #[ts(type = "{ code: string; message: string } | null")]
    pub held_up: Option<Problem>,
    /// Whose failed, and why: the first hundred.
    pub failures: Vec<BatchFailure>,
    /// The signed list, once it is written.
    pub list: Option<String>,
}

/// A statement that failed in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct BatchFailure {
    /// The customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// Why.
    pub reason: String,
}

impl Desk {
    /// What a run of this month's statements would do.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a period that is none; [`Code::Database`].
    pub async fn plan_statement_batch(&self, period: &str) -> Result<BatchPlan, Problem> {
        let inside = self.inside().await?;
        let ready = inside.ready(period).await?;
        let mut reader = inside.mirror().reader().await?;
        let held = screens::statements_held(&mut reader, period).await?;
        let known_language = ready.iter().filter(|one| one.language.is_some()).count();
        Ok(BatchPlan { ready: ready.len(), known_language, held })
    }

    /// Begins a run of all statements of a period that are ready; `lang` is for customers who never
    /// had one. A run of that period that is not over goes on instead. Its id.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] while no seal is open; [`Code::StatementBlocked`] when none is ready;
    /// [`Code::Invalid`] for a period or a language that is none; [`Code::Database`].
    pub async fn begin_statement_batch(&self, period: &str, lang: &str) -> Result<String, Problem> {
        let inside = self.inside().await?;
        super::paper::language(lang)?;
        inside.sealer()?;
        let _turn = inside.sealer.lock().await;
        if let Some(open) = record::latest(&inside.profile, period).await?
            && !open.ended
            && open.state != BatchState::Cancelled
        {
            record::set_state(&inside.profile, &open.id, BatchState::Running).await?;
            inside.go_on();
            return Ok(open.id);
        }
        let ready = inside.ready(period).await?;
        if ready.is_empty() {
            let why = format!("no SLA statement of {period} is ready");
            return Err(Problem::new(Code::StatementBlocked, why));
        }
        let batch: StatementBatchId = inside.ids.make();
        let batch = Batch {
            id: batch.to_string(),
            period: period.to_owned(),
            language: lang.to_owned(),
            state: BatchState::Running,
            made_at: inside.now(),
            ended: false,
            list: None,
        };
        let mut tx = inside.begin().await?;
        record::begin(&mut tx, &inside.profile, &batch, &ready).await?;
        tx.commit().await.map_err(|error| database(inside.profile.folder(), &error))?;
        inside.go_on();
        Ok(batch.id)
    }

    /// The latest run of a period, if there was one at this desk.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn statement_batch(&self, period: &str) -> Result<Option<StatementBatch>, Problem> {
        let inside = self.inside().await?;
        match record::latest(&inside.profile, period).await? {
            Some(batch) => {
                let mut shown = record::shown(&inside.profile, batch).await?;
                if !shown.ended && shown.held_up.is_none() {
                    shown.held_up = inside.sealer().err();
                }
                Ok(Some(shown))
            }
            None => Ok(None),
        }
    }

    /// Asks for no further numbers until the run goes on; what has one is finished.
    ///
    /// # Errors
    /// [`Code::WrongState`] unless it is running; [`Code::NotFound`]; [`Code::Database`].
    pub async fn pause_statement_batch(&self, batch: &str) -> Result<(), Problem> {
        self.turn_batch(batch, &[BatchState::Running], BatchState::Paused).await
    }

    /// Goes on with a run that was paused.
    ///
    /// # Errors
    /// [`Code::WrongState`] unless it is paused; [`Code::NotFound`]; [`Code::Database`].
    pub async fn resume_statement_batch(&self, batch: &str) -> Result<(), Problem> {
        self.turn_batch(batch, &[BatchState::Paused], BatchState::Running).await
    }

    /// Ends a run: what has a number is finished, the others are left out.
    ///
    /// # Errors
    /// [`Code::WrongState`] when it is over; [`Code::NotFound`]; [`Code::Database`].
    pub async fn cancel_statement_batch(&self, batch: &str) -> Result<(), Problem> {
        let from = [BatchState::Running, BatchState::Paused];
        self.turn_batch(batch, &from, BatchState::Cancelled).await
    }

    /// Tries those again that failed.
    ///
    /// # Errors
    /// [`Code::WrongState`] when the run was cancelled, or none failed; [`Code::NotFound`];
    /// [`Code::Database`].
    pub async fn retry_statement_batch(&self, batch: &str) -> Result<(), Problem> {
        let inside = self.inside().await?;
        let _turn = inside.sealer.lock().await;
        let found = inside.batch(batch).await?;
        let again = match found.state {
            BatchState::Cancelled => 0,
            _ => record::again(&inside.profile, &found.id).await?,
        };
        if again == 0 {
            return Err(Problem::new(Code::WrongState, "nothing in this run can be retried"));
        }
        inside.go_on();
        Ok(())
    }

    async fn turn_batch(
        &self,
        batch: &str,
        from: &[BatchState],
        to: BatchState,
    ) -> Result<(), Problem> {
        let inside = self.inside().await?;
        let found = inside.batch(batch).await?;
        if !from.contains(&found.state) {
            let why = format!("the run is {} already", found.state.as_str());
            return Err(Problem::new(Code::WrongState, why));
        }
        record::set_state(&inside.profile, &found.id, to).await?;
        inside.go_on();
        Ok(())
    }
}

impl Inside {
    fn go_on(&self) {
        self.tell(Event::Changed);
        self.wake.notify_one();
    }

    async fn batch(&self, batch: &str) -> Result<Batch, Problem> {
        let _: StatementBatchId = id("run", batch)?;
        let found = record::find(&self.profile, batch).await?;
        found.ok_or_else(|| Problem::new(Code::NotFound, "this run was not started at this desk"))
    }

    /// Whose statements of a period can be issued. The list by what stands in the way is the months';
    /// of a longer period it is seen customer by customer.
    async fn ready(&self, period: &str) -> Result<Vec<ReadyCustomer>, Problem> {
        if !is_period(period) {
            let why = format!("{period:?} is no period; write it as 2026-10, 2026-Q4 or 2026");
            return Err(Problem::new(Code::Invalid, why).at("period"));
        }
        let mut reader = self.mirror().reader().await?;
        if period.len() == "2026-10".len() && !period.contains('Q') {
            return screens::statements_ready(&mut reader, period).await;
        }
        screens::statements_missing(&mut reader, period).await
    }
}

/// Asks for the next numbers of the run that is first. Whether something waits in the outbox for it.
pub(super) async fn feed(inside: &Inside) -> Result<bool, Problem> {
    let Some(batch) = record::running(&inside.profile).await? else { return Ok(false) };
    if inside.sealer().is_err() {
        return Ok(false);
    }
    let room = ON_THE_WAY.saturating_sub(run::open(&inside.profile).await?.len());
    let waiting = record::waiting(&inside.profile, &batch.id, room).await?;
    let mut asked = Vec::with_capacity(waiting.len());
    for item in waiting {
        let step = inside.ask_for(&batch, &item).await;
        asked.push((item, step));
    }
    if asked.is_empty() {
        return Ok(false);
    }
    let mut tx = inside.begin().await?;
    for (item, step) in asked {
        match step {
            Ok(Asked::New(new)) => {
                let (put, run) = *new;
                inside.outbox.put_in(&mut tx, &put).await?;
                run::begin(&mut tx, &inside.profile, &run).await?;
                record::asked(&mut tx, &inside.profile, &item, &run.statement.to_string()).await?;
            }
            Ok(Asked::Before(statement)) => {
                record::asked(&mut tx, &inside.profile, &item, &statement).await?;
            }
            Err(problem) => record::refused(&mut tx, &inside.profile, &item, &problem).await?,
        }
    }
    tx.commit().await.map_err(|error| database(inside.profile.folder(), &error))?;
    Ok(true)
}

enum Asked {
    New(Box<(Put, run::Run)>),
    /// It is on its way already, asked for by hand.
    Before(String),
}

impl Inside {
    async fn ask_for(&self, batch: &Batch, item: &Item) -> Result<Asked, Problem> {
        let customer: CustomerId = id("customer", &item.customer)?;
        let runs = run::of(&self.profile, &item.customer, &batch.period).await?;
        let open = runs.iter().find(|run| run.is_open(StatementOf::Customer));
        if let Some(open) = open {
            return Ok(Asked::Before(open.statement.to_string()));
        }
        let asked = (customer, StatementOf::Customer);
        let new = self.issue(asked, &batch.period, &item.language).await?;
        Ok(Asked::New(Box::new(new)))
    }
}

/// Ends the runs of which nothing is left to do, with a signed list of what was released.
pub(super) async fn end(inside: &Arc<Inside>) -> Result<(), Problem> {
    for batch in record::finished(&inside.profile).await? {
        let Ok(sealer) = inside.sealer() else { return Ok(()) };
        let state = match batch.state {
            BatchState::Cancelled => BatchState::Cancelled,
            _ => BatchState::Done,
        };
        let list = list::write(inside, &batch, &sealer).await?;
        record::end(&inside.profile, &batch.id, state, inside.now(), list.as_deref()).await?;
        inside.tell(Event::Changed);
    }
    Ok(())
}
