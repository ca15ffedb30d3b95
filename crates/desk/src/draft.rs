//! Authoring at the desk: contracts and SLA lines as drafts. Drafts live at central, which alone can
//! say what they would change and what they would have come to.

mod view;

pub use view::{
    Authoring, Choice, DraftChange, DraftFinding, DraftLine, DraftPast, DraftProblem, DraftRow,
    DraftStart, DraftView, DraftWindow, TermsTemplate,
};

use crate::{
    central::{Choices, Owed, Past},
    desk::{Desk, id},
    proposal::{DifferenceRow, name},
};
use makegood_domain::{Code, Currency, Money, Problem, draft::Draft, id::DraftId};
use makegood_mirror::screens::{self, Moment, MoneyView};
use serde_json::{Value, json};

/// How many months a draft is tried on.
const MONTHS: u32 = 12;

impl Desk {
    /// What a draft can name.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] while nobody sits here; [`Code::RoleMissing`];
    /// [`Code::CentralUnreachable`].
    pub async fn authoring(&self) -> Result<Authoring, Problem> {
        Ok(authoring(self.inside().await?.central.authoring().await?))
    }

    /// Published terms to start from.
    ///
    /// # Errors
    /// As [`Desk::authoring`]; [`Code::NotFound`].
    pub async fn terms_template(&self, template: &str) -> Result<TermsTemplate, Problem> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if template.is_empty() || !template.chars().all(is_name) {
            return Err(Problem::new(
                Code::NotFound,
                format!("no template is called {template:?}"),
            ));
        }
        let found = self.inside().await?.central.template(template).await?;
        Ok(TermsTemplate {
            title: found.title,
            left_out: found.left_out,
            terms: found.terms.to_string(),
        })
    }

    /// Drafts, the last changed first.
    ///
    /// # Errors
    /// As [`Desk::authoring`].
    pub async fn drafts(&self) -> Result<Vec<DraftRow>, Problem> {
        let inside = self.inside().await?;
        let drafts = inside.central.drafts().await?;
        let (mut reader, _, _) = inside.view().await?;
        let people = screens::people(&mut reader).await?;
        let row = |one: &crate::central::Listed| DraftRow {
            id: one.id.to_string(),
            number: one.number.clone(),
            title: one.title.clone(),
            state: one.state.as_str().to_owned(),
            by: name(&people, one.changed_by),
            at: Moment::utc(one.changed_at),
        };
        Ok(drafts.iter().map(row).collect())
    }

    /// A draft with all there is to say about it.
    ///
    /// # Errors
    /// As [`Desk::authoring`]; [`Code::NotFound`].
    pub async fn draft(&self, draft: &str) -> Result<DraftView, Problem> {
        self.look(id("draft", draft)?).await
    }

    async fn look(&self, draft: DraftId) -> Result<DraftView, Problem> {
        let look = self.inside().await?.central.draft(draft).await?;
        let Draft { id, number, title, document, revision, state, proposal, .. } = look.draft;
        let findings = look.findings.into_iter().map(|one| DraftFinding {
            path: one.path,
            severity: one.severity,
            why: one.why,
            instead: one.instead,
        });
        Ok(DraftView {
            id: id.to_string(),
            number,
            title,
            revision,
            state: state.as_str().to_owned(),
            proposal: proposal.map(|id| id.to_string()),
            document,
            problem: look.problem.map(|one| DraftProblem {
                code: one.code.as_str().to_owned(),
                message: one.detail,
                path: one.path,
            }),
            findings: findings.collect(),
            differences: look.differences.iter().map(DifferenceRow::from).collect(),
            drives_money: look.drives_money,
        })
    }

    /// Begins a draft.
    ///
    /// # Errors
    /// As [`Desk::authoring`]; [`Code::Invalid`] for a document that is no JSON, or nothing to start
    /// from.
    pub async fn begin_draft(&self, start: DraftStart) -> Result<DraftView, Problem> {
        let mut begun = json!({ "title": start.title });
        if let Some(text) = &start.document {
            begun["document"] = written(text)?;
        }
        if let Some(contract) = &start.amend {
            let mut amend = json!({ "contract": contract, "valid_from": start.valid_from });
            if let Some(treatment) = &start.treatment {
                amend["treatment"] = json!(treatment);
            }
            begun["amend"] = amend;
        }
        let draft = self.inside().await?.central.begin_draft(&begun).await?;
        self.look(draft.id).await
    }

    /// Writes a draft's next revision, and looks at it.
    ///
    /// # Errors
    /// As [`Desk::draft`]; [`Code::Stale`] when somebody else changed it; [`Code::WrongState`].
    pub async fn change_draft(&self, change: DraftChange) -> Result<DraftView, Problem> {
        let draft = id("draft", &change.id)?;
        let to = json!({
            "revision": change.revision, "title": change.title,
            "document": written(&change.document)?,
        });
        self.inside().await?.central.change_draft(draft, &to).await?;
        self.look(draft).await
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// As [`Desk::change_draft`].
    pub async fn discard_draft(&self, draft: &str, revision: i64) -> Result<(), Problem> {
        self.inside().await?.central.discard_draft(id("draft", draft)?, revision).await
    }

    /// Proposes a draft; where no money rests on it, it takes effect.
    ///
    /// # Errors
    /// As [`Desk::change_draft`]; whatever is wrong in it.
    pub async fn propose_draft(&self, draft: &str, revision: i64) -> Result<DraftView, Problem> {
        let draft = id("draft", draft)?;
        self.inside().await?.central.propose_draft(draft, revision).await?;
        self.look(draft).await
    }

    /// What a draft's terms would have come to in the last twelve months.
    ///
    /// # Errors
    /// As [`Desk::draft`]; whatever is wrong in it.
    pub async fn draft_past(&self, draft: &str) -> Result<DraftPast, Problem> {
        let central = &self.inside().await?.central;
        past(central.draft_past(id("draft", draft)?, MONTHS).await?)
    }
}

fn written(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Problem::new(Code::Invalid, format!("the document can't be read: {error}")).at(place)
    })
}

fn authoring(choices: Choices) -> Authoring {
    let choice = |id: String, name: String, detail: String| Choice { id, name, detail };
    Authoring {
        templates: choices
            .templates
            .into_iter()
            .map(|one| choice(one.id, one.title, String::new()))
            .collect(),
        legal_entities: choices
            .legal_entities
            .into_iter()
            .map(|one| choice(one.key, one.name, one.currency))
            .collect(),
        customers: choices
            .customers
            .into_iter()
            .map(|one| choice(one.key, one.name, one.time_zone))
            .collect(),
        contracts: choices
            .contracts
            .into_iter()
            .map(|one| choice(one.id, one.number, one.name.unwrap_or_default()))
            .collect(),
        series: choices
            .series
            .into_iter()
            .map(|one| choice(one.source, one.service, String::new()))
            .collect(),
    }
}

fn past(past: Past) -> Result<DraftPast, Problem> {
    let owed = past.owed.iter().map(money).collect::<Result<Vec<_>, _>>()?;
    let mut text = format!("Would have missed {} of {}", past.missed, past.measured);
    for amount in owed.iter().filter(|amount| amount.minor != "0") {
        text.push_str(&format!(", {} {}", amount.currency, amount.amount));
    }
    let (mut windows, mut without_evidence) = (Vec::new(), Vec::new());
    for contract in past.contracts {
        without_evidence.extend(contract.without_evidence);
        for window in contract.windows.into_iter().rev() {
            let lines = window.lines.into_iter().map(|line| DraftLine {
                name: line.name,
                percent: line.percent,
                verdict: match line.met {
                    Some(true) => "met",
                    Some(false) => "missed",
                    None => "not_measured",
                }
                .to_owned(),
                has_gaps: line.unknown_seconds > 0,
            });
            windows.push(DraftWindow {
                contract: contract.contract.clone(),
                window: window.window,
                lines: lines.collect(),
                owed: money(&window.owed)?,
                was: window.was.as_ref().map(money).transpose()?,
            });
        }
    }
    Ok(DraftPast { text, windows, without_evidence })
}

pub(crate) fn money(owed: &Owed) -> Result<MoneyView, Problem> {
    let refuse = || {
        let why = format!("central owes {} {}, which is no amount", owed.currency, owed.amount);
        Problem::new(Code::CentralAnswer, why)
    };
    let currency = Currency::parse(&owed.currency).ok_or_else(refuse)?;
    Money::parse_decimal(&owed.amount, currency).map(MoneyView::from).map_err(|_| refuse())
}
