//! Statements: asking for a number, laying out, sealing, verifying, writing; and looking at them.

mod about;
mod batch;
mod change;
mod draft;
mod file;
mod letterhead;
mod notice;
mod paper;
mod part;
pub(crate) mod run;
mod sealing;
mod step;
mod to_date;
mod verification;

pub use batch::{BatchFailure, BatchPlan, StatementBatch};
pub use draft::Covering;
pub(crate) use run::{Recalled, recalled};
pub(crate) use step::advance;
pub use verification::{CaseVerdict, CheckVerdict, VerificationView};

use crate::{
    desk::{Decision, Desk, Queued, id},
    event::Event,
    outbox::Put,
    problem::{database, file},
    seat::Inside,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use draft::drawn;
use makegood_domain::{
    Code, Problem,
    command::Verb,
    customer::Customer,
    id::{CustomerId, StatementId},
    settlement::Settlement,
    statement::{StatementOf, is_period},
};
use makegood_mirror::screens::{self, Page};
use makegood_statement::{preview, verify};
pub(crate) use paper::Shelf;
pub(crate) use paper::language;
use run::{Run, Step};
use serde::Serialize;
use std::path::PathBuf;
use ts_rs::TS;

/// Width of a preview's page, in pixels.
const PREVIEW_WIDTH: u16 = 1000;

/// A page of a statement, drawn from the PDF's own bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Preview {
    /// How many pages there are.
    pub pages: u32,
    /// Which this is, from 1.
    pub page: u32,
    /// A `data:` URL.
    pub png: String,
    /// Whether it is the sealed file, or a draft.
    pub sealed: bool,
    /// What it is called.
    pub title: String,
}

/// A statement on its way, or at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct StatementRun {
    /// The statement's id.
    pub statement: String,
    /// The customer's id.
    pub customer: String,
    /// What it is of.
    #[ts(
        type = "{ kind: \"customer\" } | { kind: \"contract\"; id: string } | { kind: \"group\"; id: string }"
    )]
    pub of: StatementOf,
    /// Label of the period.
    pub period: String,
    /// `asked`, `numbered`, `written`, `sealed`, `failed`.
    pub step: String,
    /// Where the file lies, once written.
    pub path: Option<String>,
    /// SHA-256 of the file, hex.
    pub sha256: Option<String>,
    /// What it waits for, or why it failed.
    #[ts(type = "{ code: string; message: string } | null")]
    pub problem: Option<Problem>,
}

impl Desk {
    /// The statements of a month: ready, blocked and why, sealed.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn statement_month(
        &self,
        month: &str,
        page: &Page,
    ) -> Result<screens::StatementMonth, Problem> {
        let (mut reader, _, overlay) = self.inside().await?.view().await?;
        screens::statement_month(&mut reader, &overlay, month, page).await
    }

    /// What a statement of a customer's period can be of, and how that stands.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Database`].
    pub async fn statement_choices(
        &self,
        customer_id: &str,
        period: &str,
    ) -> Result<Vec<screens::StatementChoice>, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::statement_choices(&mut reader, (&viewer, &overlay), customer_id, period).await
    }

    /// Asks for the number of a statement of the whole customer, as [`Self::issue_statement_of`] does.
    ///
    /// # Errors
    /// As [`Self::issue_statement_of`].
    pub async fn issue_statement(
        &self,
        customer_id: &str,
        period: &str,
        lang: &str,
    ) -> Result<Queued, Problem> {
        self.issue_statement_of(customer_id, StatementOf::Customer, period, lang).await
    }

    /// Asks for a statement's number; its receipt sets the rest going. One that is on its way
    /// already is not asked for twice.
    ///
    /// # Errors
    /// [`Code::KeyInvalid`] while no seal is open; [`Code::StatementBlocked`] when nothing was
    /// measured; [`Code::Invalid`] for a language that is none.
    pub async fn issue_statement_of(
        &self,
        customer_id: &str,
        of: StatementOf,
        period: &str,
        lang: &str,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let customer: CustomerId = id("customer", customer_id)?;
        language(lang)?;
        inside.sealer()?;
        let _turn = inside.sealer.lock().await;
        let runs = run::of(&inside.profile, customer_id, period).await?;
        if let Some(open) = runs.iter().find(|run| run.is_open(of)) {
            return Ok(Queued { command_id: open.issue.to_string() });
        }
        let (put, run) = inside.issue((customer, of), period, lang).await?;
        let mut tx = inside.begin().await?;
        inside.outbox.put_in(&mut tx, &put).await?;
        run::begin(&mut tx, &inside.profile, &run).await?;
        tx.commit().await.map_err(|error| database(inside.profile.folder(), &error))?;
        inside.tell(Event::Changed);
        inside.wake.notify_one();
        Ok(Queued { command_id: put.command.id.to_string() })
    }

    /// The runs of a customer's period at this desk, the oldest first.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn statement_runs(
        &self,
        customer_id: &str,
        period: &str,
    ) -> Result<Vec<StatementRun>, Problem> {
        let inside = self.inside().await?;
        let runs = run::of(&inside.profile, customer_id, period).await?;
        Ok(runs.into_iter().map(|run| inside.shown(run)).collect())
    }

    /// A page of a statement: of the sealed file where there is one, else of a draft.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a page that is none; [`Code::StatementBlocked`] when nothing was
    /// measured; what laying out gives.
    pub async fn statement_preview(
        &self,
        (customer_id, of): (&str, StatementOf),
        period: &str,
        page: u32,
        lang: &str,
        statement: Option<&str>,
    ) -> Result<Preview, Problem> {
        let inside = self.inside().await?;
        let (bytes, title, sealed) = match statement {
            Some(statement) => {
                let path = inside.file_of(statement).await?;
                let bytes = std::fs::read(&path).map_err(|error| file(&path, &error))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (bytes, name, true)
            }
            None => {
                let about = inside.about(id("customer", customer_id)?, of).await?;
                let document = inside.draft(about, (period, lang)).await?;
                let title = format!("{} {period}, draft", document.customer);
                (drawn(document).await?, title, false)
            }
        };
        let index = usize::try_from(page.max(1) - 1).unwrap_or(usize::MAX);
        let drawn = tokio::task::spawn_blocking(move || preview(&bytes, index, PREVIEW_WIDTH))
            .await
            .map_err(|_| Problem::new(Code::Internal, "the preview stopped"))??;
        Ok(Preview {
            pages: u32::try_from(drawn.pages).unwrap_or(u32::MAX),
            page: page.max(1),
            png: format!("data:image/png;base64,{}", STANDARD.encode(&drawn.png)),
            sealed,
            title,
        })
    }

    /// Where the file of a statement lies.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it was written at another desk, and not added here.
    pub async fn statement_path(&self, statement: &str) -> Result<PathBuf, Problem> {
        self.inside().await?.file_of(statement).await
    }

    /// Verifies a statement whose file is at this desk.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::File`].
    pub async fn verify_statement(&self, statement: &str) -> Result<VerificationView, Problem> {
        let path = self.statement_path(statement).await?;
        self.verify_file(&path).await
    }

    /// Verifies a file against the roots that this desk trusts.
    ///
    /// # Errors
    /// [`Code::File`] when it can't be read. That it does not verify is an answer, not an error.
    pub async fn verify_file(&self, path: &std::path::Path) -> Result<VerificationView, Problem> {
        let inside = self.inside().await?;
        let trust = inside.trust()?;
        let bytes = std::fs::read(path).map_err(|error| file(path, &error))?;
        let now = inside.now();
        let verified = tokio::task::spawn_blocking(move || verify(&bytes, &trust, now))
            .await
            .map_err(|_| Problem::new(Code::Internal, "the verification stopped"))?;
        Ok(VerificationView::new(path, verified))
    }
}

impl Inside {
    fn shown(&self, run: Run) -> StatementRun {
        StatementRun {
            statement: run.statement.to_string(),
            customer: run.customer.to_string(),
            of: run.of,
            period: run.period,
            step: run.step.as_str().to_owned(),
            path: run.file.map(|file| self.profile.folder().join(file).display().to_string()),
            sha256: run.sha256,
            problem: run.problem,
        }
    }

    /// The command that asks for a statement's number, and the run that it begins.
    async fn issue(
        &self,
        (customer, of): (CustomerId, StatementOf),
        period: &str,
        lang: &str,
    ) -> Result<(Put, Run), Problem> {
        if !is_period(period) {
            let why = format!("{period:?} is no period; write it as 2026-10, 2026-Q4 or 2026");
            return Err(Problem::new(Code::Invalid, why).at("period"));
        }
        let about = self.about(customer, of).await?;
        let mut reader = self.mirror().reader().await?;
        let name = reader.get::<Customer>(&customer.to_string()).await?.row.name;
        let mut settlements = Vec::new();
        for one in &about.customers {
            let all: Vec<Settlement> = reader.of_customer(*one).await?;
            let told = |one: &&Settlement| one.ends_in(period) && about.tells_of(one);
            settlements.extend(all.iter().filter(told).map(|one| (one.id, one.revision)));
        }
        drop(reader);
        if settlements.is_empty() {
            let named = &about.named;
            let why = format!("{name}{named}: nothing that ends in {period} is locked yet");
            return Err(Problem::new(Code::StatementBlocked, why));
        }
        let statement: StatementId = self.ids.make();
        let put = self.put(Decision {
            verb: Verb::IssueStatement {
                statement,
                customer,
                period: period.to_owned(),
                language: lang.to_owned(),
                settlements,
                of,
            },
            base: vec![],
            what: format!("Issue the SLA statement {period}{}", about.named),
            subject: name,
            hold: false,
        })?;
        let run = Run {
            statement,
            customer,
            of,
            period: period.to_owned(),
            language: lang.to_owned(),
            issue: put.command.id,
            seal: None,
            step: Step::Asked,
            seq: 0,
            file: None,
            sha256: None,
            problem: None,
        };
        Ok((put, run))
    }

    async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, Problem> {
        self.profile.pool().begin().await.map_err(|error| database(self.profile.folder(), &error))
    }
}
