//! The approval matrix as it bears on one credit: what the customer's group adds up to this month.

use super::house::{Names, listed};
use crate::{
    Reader, Versioned,
    ask::{self, Question},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    credit::{Claim, Credit, CreditKind, Decision},
    policy::Policy,
};
use makegood_engine::money::{Currency, Money};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// The approval matrix over one credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct Matrix {
    /// `Approval matrix v7, Northwind group`.
    pub title: String,
    /// The group's credits of the month.
    pub rows: Vec<MatrixRow>,
    /// `2,120.00`, in the matrix's currency.
    pub total: String,
    /// `1,500.00`.
    pub limit: String,
    /// Where the limit lies on the bar, 0 to 1000.
    #[ts(type = "number")]
    pub limit_share: i64,
    /// `Group total EUR 2,120.00 > 1,500.00 → second approver`.
    pub sentence: String,
    /// Whether a second approver is needed.
    pub second: bool,
}

/// A credit in the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct MatrixRow {
    /// `NW-3`, `Goodwill`.
    pub label: String,
    /// `USD 800.00 × 0.90`, where it is converted.
    pub note: String,
    /// `720.00`.
    pub amount: String,
    /// With it the limit is reached.
    pub over: bool,
    /// Its part of the bar, 0 to 1000.
    #[ts(type = "number")]
    pub share: i64,
}

/// The versions of the matrix that the mirror holds.
#[derive(Default)]
pub(crate) struct Policies(BTreeMap<i64, Policy>);

impl Policies {
    /// All of them.
    pub(crate) fn all() -> Question<Self> {
        ask::list::<Policy>("", &[]).map(|rows| {
            let all: Vec<Policy> = rows.into_iter().map(|one| one.row).collect();
            Self(all.iter().map(|one| (one.version, one.completed(&all))).collect())
        })
    }

    /// The version frozen in the credit; the one in force for a credit not proposed yet.
    pub(crate) fn of(&self, credit: &Credit) -> Option<&Policy> {
        let frozen = credit.policy_version.and_then(|version| self.0.get(&version));
        frozen.or_else(|| self.0.values().next_back())
    }
}

/// What a customer's group adds up to in the month in which a credit counts.
pub(crate) struct GroupMonth {
    policy: Policy,
    /// Every credit that counts, the one in question among them, by number.
    credits: Vec<Credit>,
    pub(crate) total: Decimal,
}

impl GroupMonth {
    /// The group's month with `credit` in it, whether it is proposed yet or not. `None` where no
    /// matrix is here.
    ///
    /// # Errors
    /// [`Code::Invalid`] where the matrix names no rate for a currency; [`Code::Database`].
    pub(crate) async fn read(
        reader: &mut Reader,
        policies: &Policies,
        credit: &Credit,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, Problem> {
        let Some(policy) = policies.of(credit) else { return Ok(None) };
        let month = month_of(credit, now);
        let group = credit.group.to_string();
        let counted: Vec<Versioned<Credit>> = reader
            .list("where customer_group = $1 and group_month = $2", &[&group, &month])
            .await?;
        let mut credits: Vec<Credit> = counted
            .into_iter()
            .map(|one| one.row)
            .filter(|one| one.decision.counts() && one.id != credit.id)
            .chain(std::iter::once(credit.clone()))
            .collect();
        credits.sort_by(|a, b| order(a).cmp(&order(b)));
        Self::of(policy.clone(), credits).map(Some)
    }

    /// The same month, with what the group's other drafts would add if they were proposed, too.
    pub(crate) async fn with_drafts(
        &self,
        reader: &mut Reader,
        credit: &Credit,
    ) -> Result<Self, Problem> {
        let group = credit.group.to_string();
        let drafts: Vec<Versioned<Credit>> = reader
            .list("where customer_group = $1 and decision in ('drafted', 'returned')", &[&group])
            .await?;
        let mut credits = self.credits.clone();
        for draft in drafts {
            let asked = matches!(draft.claim, Claim::NotNeeded | Claim::Filed);
            if asked && draft.window == credit.window && draft.id != credit.id {
                credits.push(draft.row);
            }
        }
        credits.sort_by(|a, b| order(a).cmp(&order(b)));
        Self::of(self.policy.clone(), credits)
    }

    fn of(policy: Policy, credits: Vec<Credit>) -> Result<Self, Problem> {
        let total = total(&policy, credits.iter().map(|credit| credit.amount))?;
        Ok(Self { policy, credits, total })
    }

    pub(crate) fn needs_second(&self) -> bool {
        self.policy.needs_second(self.total)
    }

    fn base(&self) -> Currency {
        self.policy.limit.currency()
    }

    /// In the matrix's currency, whole minor units, rounded up: never flattering.
    fn weighed(&self, weight: Decimal) -> Money {
        let scale = Decimal::from(10_u64.pow(u32::from(self.base().minor_digits())));
        let minor = weight.checked_mul(scale).and_then(|scaled| scaled.ceil().to_i64());
        Money::new(minor.unwrap_or(i64::MAX), self.base())
    }

    /// `EUR 2,120.00 > 1,500.00`.
    pub(crate) fn comparison(&self) -> String {
        let (total, limit) = (self.weighed(self.total), self.policy.limit);
        let sign = match total.minor().cmp(&limit.minor()) {
            std::cmp::Ordering::Greater => ">",
            std::cmp::Ordering::Equal => "=",
            std::cmp::Ordering::Less => "<",
        };
        format!("{} {sign} {}", total.display(), limit.amount())
    }

    /// Names of the contracts whose credits are counted.
    pub(crate) async fn names(&self, reader: &mut Reader) -> Result<Names, Problem> {
        let contracts = self.credits.iter().map(|credit| credit.contract);
        reader.ask(Names::of_contracts(contracts, [])).await
    }

    /// What stands beside the credit in question: `NW-3`, `goodwill`.
    pub(crate) fn others(&self, credit: &Credit, names: &Names) -> Vec<String> {
        let others = self.credits.iter().filter(|one| one.id != credit.id);
        let mut labels: Vec<String> = others.map(|one| label(one, names).0).collect();
        labels.dedup();
        labels
    }

    /// The matrix as the credit's page shows it.
    pub(crate) fn matrix(&self, names: &Names, group: Option<&str>) -> Result<Matrix, Problem> {
        let limit = self.policy.limit;
        let total = self.weighed(self.total);
        // A little room beyond the larger of the two, so that its end is seen.
        let full = i128::from(total.minor().max(limit.minor()).max(1)) * 8 / 7;
        let share = |minor: i64| i64::try_from(i128::from(minor) * 1000 / full).unwrap_or(1000);
        let mut sum = Decimal::ZERO;
        let mut rows = Vec::with_capacity(self.credits.len());
        for credit in &self.credits {
            let weight = self.policy.weight(credit.amount)?;
            sum += weight;
            let amount = self.weighed(weight);
            let code = credit.amount.currency();
            let note = match self.policy.rates.get(code.code()) {
                Some(rate) if code != self.base() => {
                    format!("{} × {rate}", credit.amount.display())
                }
                _ => String::new(),
            };
            rows.push(MatrixRow {
                label: label(credit, names).0,
                note,
                amount: amount.amount(),
                over: self.policy.needs_second(sum),
                share: share(amount.minor()),
            });
        }
        let second = self.needs_second();
        let need = if second { "second approver" } else { "one approver" };
        let group = group.unwrap_or("customer");
        Ok(Matrix {
            title: format!("Approval matrix v{}, {group} group", self.policy.version),
            rows,
            total: total.amount(),
            limit: limit.amount(),
            limit_share: share(limit.minor()),
            sentence: format!("Group total {} → {need}", self.comparison()),
            second,
        })
    }
}

/// What the groups of several credits add up to, each in the month in which its credit counts.
#[derive(Default)]
pub(crate) struct GroupTotals(BTreeMap<(String, String), Vec<(String, Money)>>);

impl GroupTotals {
    /// Asked for at once for a whole list.
    pub(crate) fn of<'a>(
        credits: impl Iterator<Item = &'a Credit> + Clone,
        now: DateTime<Utc>,
    ) -> Question<Self> {
        let groups = listed(credits.clone().map(|credit| credit.group));
        let months = listed(credits.map(|credit| month_of(credit, now)));
        let sql =
            "select customer_group, group_month, key, cast(minor as text), currency from credit
             where customer_group in (select value from json_each($1))
               and group_month in (select value from json_each($2))
               and decision in ('proposed', 'approved_once', 'approved')";
        ask::texts(sql, &[&groups, &months]).map(|found| {
            let mut totals: BTreeMap<_, Vec<(String, Money)>> = BTreeMap::new();
            for [group, month, key, minor, currency] in found {
                if let (Ok(minor), Some(currency)) = (minor.parse(), Currency::parse(&currency)) {
                    let month = totals.entry((group, month)).or_default();
                    month.push((key, Money::new(minor, currency)));
                }
            }
            Self(totals)
        })
    }

    /// Whether the credit needs a second approver, counted into its group's month.
    ///
    /// # Errors
    /// [`Code::Invalid`] where the matrix names no rate for a currency.
    pub(crate) fn needs_second(
        &self,
        policies: &Policies,
        credit: &Credit,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let Some(policy) = policies.of(credit) else { return Ok(true) };
        let counted = self.0.get(&(credit.group.to_string(), month_of(credit, now)));
        let own = credit.id.to_string();
        let others = counted.into_iter().flatten().filter(|(key, _)| *key != own);
        let amounts = others.map(|(_, amount)| *amount).chain(std::iter::once(credit.amount));
        Ok(policy.needs_second(total(policy, amounts)?))
    }
}

/// What amounts weigh together.
fn total(policy: &Policy, amounts: impl Iterator<Item = Money>) -> Result<Decimal, Problem> {
    let mut total = Decimal::ZERO;
    for amount in amounts {
        total = total.checked_add(policy.weight(amount)?).ok_or_else(|| {
            Problem::new(Code::Invalid, "the group's total is out of range".to_owned())
        })?;
    }
    Ok(total)
}

/// The calendar month (UTC) in which a credit counts.
fn month_of(credit: &Credit, now: DateTime<Utc>) -> String {
    let frozen = credit.group_month.clone().filter(|_| credit.decision.counts());
    frozen.unwrap_or_else(|| now.format("%Y-%m").to_string())
}

/// Contractual ones first, then in the order of their numbers.
fn order(credit: &Credit) -> (bool, usize, &str) {
    (credit.kind == CreditKind::Goodwill, credit.number.len(), &credit.number)
}

fn label(credit: &Credit, names: &Names) -> (String, Decision) {
    let label = match credit.kind {
        CreditKind::Goodwill => "Goodwill".to_owned(),
        _ => names.contract(credit.contract),
    };
    (label, credit.decision)
}
