//! Proposing credits, approving and returning them.

use crate::{
    breach::{parties, reason_given},
    desk::{Decision, Desk, Queued, id, seen},
    seat::Inside,
};
use makegood_domain::{
    Code, Currency, Money, Problem,
    command::Verb,
    contract::Contract,
    credit::Credit,
    id::{ContractId, CreditId},
    policy,
};
use makegood_mirror::{
    Reader,
    screens::{self, Page},
};
use serde::Deserialize;
use ts_rs::TS;

/// A credit as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct CreditSeen {
    /// Which.
    pub id: String,
    /// Its version.
    #[ts(type = "number")]
    pub version: i64,
    /// Its amount in minor units, signed.
    pub amount_minor: String,
}

/// What is to be given without being owed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct GoodwillProposal {
    /// Under which contract.
    pub contract_id: String,
    /// Service period: label of the window.
    pub month: String,
    /// How much, as it was typed: decimal text in the contract's currency, `200.00`.
    pub amount: String,
    /// Why.
    pub reason: String,
}

impl Desk {
    /// A tab of the credits.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an order or a page that is none; [`Code::Database`].
    pub async fn credits(
        &self,
        tab: screens::CreditTab,
        page: &Page,
    ) -> Result<screens::Credits, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::credits(&mut reader, &viewer, &overlay, tab, page).await
    }

    /// One credit, with what the approval matrix asks for.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Database`].
    pub async fn credit(&self, credit_id: &str) -> Result<screens::CreditDetail, Problem> {
        let (mut reader, viewer, overlay) = self.inside().await?.view().await?;
        screens::credit(&mut reader, &viewer, &overlay, credit_id).await
    }

    /// What selecting these credits comes to, one sum per currency.
    ///
    /// # Errors
    /// [`Code::Database`].
    pub async fn credits_selection(&self, ids: &[String]) -> Result<screens::Selection, Problem> {
        let (mut reader, viewer, _) = self.inside().await?.view().await?;
        screens::credits_selection(&mut reader, &viewer, ids).await
    }

    /// Proposes a drafted or returned credit at the amount that was seen.
    ///
    /// # Errors
    /// [`Code::Invalid`], [`Code::NotFound`]; what the outbox gives.
    pub async fn propose_credit(&self, asked: CreditSeen) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let found = credit(&inside, &asked).await?;
        let verb = Verb::ProposeCredit { credit: found.id, amount: found.amount };
        self.decide(&inside, found.decision("Propose", &asked, verb, false)).await
    }

    /// Proposes goodwill.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an amount that is none, or without a reason; [`Code::NotFound`]; what
    /// the outbox gives.
    pub async fn propose_goodwill(&self, asked: GoodwillProposal) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let contract: ContractId = id("contract", &asked.contract_id)?;
        let reason = reason_given(&asked.reason)?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Contract>(&asked.contract_id).await?;
        let currency = Currency::parse(&found.currency).ok_or_else(|| {
            Problem::new(Code::Invalid, format!("{}: no such currency", found.currency))
        })?;
        let amount = Money::parse_decimal(&asked.amount, currency)
            .map_err(|error| Problem::new(Code::Invalid, error.to_string()).at("amount"))?;
        if amount.minor() <= 0 {
            let why = "goodwill is more than nothing";
            return Err(Problem::new(Code::Invalid, why).at("amount"));
        }
        let subject = parties(&mut reader, found.customer, contract).await?;
        let what = format!("Propose goodwill of {}", amount.symbol());
        let credit: CreditId = inside.ids.make();
        let verb = Verb::ProposeGoodwill { credit, contract, window: asked.month, amount, reason };
        self.decide(&inside, Decision { verb, base: vec![], what, subject, hold: false }).await
    }

    /// Approves credits at the amounts that were seen. They leave after a few seconds, in which
    /// each can be taken back.
    ///
    /// # Errors
    /// Whatever speaks against any of them, by the rules that central enforces: then none is queued.
    pub async fn approve_credits(&self, items: Vec<CreditSeen>) -> Result<Vec<Queued>, Problem> {
        let inside = self.inside().await?;
        let actor = inside.actor();
        let mut decisions = Vec::with_capacity(items.len());
        for asked in &items {
            let found = credit(&inside, asked).await?;
            policy::may_approve(&actor, &found.credit)?;
            let verb = Verb::ApproveCredit { credit: found.id, amount: found.amount };
            decisions.push(found.decision("Approve", asked, verb, true));
        }
        self.decide_all(&inside, decisions).await
    }

    /// Sends a credit back to its proposer.
    ///
    /// # Errors
    /// [`Code::Invalid`] without a reason; [`Code::NotFound`]; what the outbox gives.
    pub async fn return_credit(
        &self,
        credit_id: &str,
        version: i64,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let reason = reason_given(reason)?;
        self.decide_credit(credit_id, version, "Return", |credit| Verb::ReturnCredit {
            credit,
            reason,
        })
        .await
    }

    /// Decides against a credit.
    ///
    /// # Errors
    /// As [`Desk::return_credit`].
    pub async fn not_grant_credit(
        &self,
        credit_id: &str,
        version: i64,
        reason: &str,
    ) -> Result<Queued, Problem> {
        let reason = reason_given(reason)?;
        self.decide_credit(credit_id, version, "Do not grant", |credit| Verb::NotGrantCredit {
            credit,
            reason,
        })
        .await
    }

    pub(crate) async fn decide_credit(
        &self,
        credit_id: &str,
        version: i64,
        word: &str,
        verb: impl FnOnce(CreditId) -> Verb,
    ) -> Result<Queued, Problem> {
        let inside = self.inside().await?;
        let mut reader = inside.mirror().reader().await?;
        let found = reader.get::<Credit>(credit_id).await?;
        let asked = CreditSeen {
            id: credit_id.to_owned(),
            version,
            amount_minor: found.amount.minor().to_string(),
        };
        let found = Found::new(&mut reader, found.row.amount, found.row).await?;
        let verb = verb(found.id);
        self.decide(&inside, found.decision(word, &asked, verb, false)).await
    }
}

/// A credit that something is decided about.
struct Found {
    id: CreditId,
    amount: Money,
    credit: Credit,
    subject: String,
}

impl Found {
    async fn new(reader: &mut Reader, amount: Money, credit: Credit) -> Result<Self, Problem> {
        let subject = parties(reader, credit.customer, credit.contract).await?;
        Ok(Self { id: credit.id, amount, credit, subject })
    }

    fn decision(self, word: &str, asked: &CreditSeen, verb: Verb, hold: bool) -> Decision {
        Decision {
            verb,
            base: vec![seen("credit", &asked.id, asked.version)],
            what: format!("{word} {}, {}", self.credit.number, self.amount.symbol()),
            subject: self.subject,
            hold,
        }
    }
}

/// The credit, with the amount that was seen: not the one that the mirror holds by now (law 7).
async fn credit(inside: &Inside, asked: &CreditSeen) -> Result<Found, Problem> {
    let mut reader = inside.mirror().reader().await?;
    let credit = reader.get::<Credit>(&asked.id).await?.row;
    let amount = Money::new(minor(&asked.amount_minor)?, credit.amount.currency());
    Found::new(&mut reader, amount, credit).await
}

fn minor(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        Problem::new(Code::Invalid, format!("{text:?} is no amount in minor units"))
            .at("amountMinor")
    })
}
