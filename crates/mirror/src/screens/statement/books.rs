//! What statements rest on: a month, or a customer, with its settlements and what is undecided.

use super::rows::Blocker;
use crate::screens::house::listed;
use crate::{
    Overlay, Reader, Stage, Versioned,
    ask::{self, Questions},
};
use chrono::{DateTime, Utc};
use makegood_domain::{
    Code, Problem,
    breach::{Breach, BreachState},
    command::Verb,
    credit::{Claim, Credit, Decision},
    id::{CustomerId, SettlementId},
    settlement::Settlement,
    statement::{Statement, StatementCase, StatementOf, StatementState, again, month_of},
};
use std::collections::{BTreeMap, BTreeSet};

/// A customer's month.
pub(crate) type Key = (CustomerId, String);

/// Everything that statements rest on, by customer and month.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) months: BTreeMap<Key, Book>,
    /// Where settlements stand that statements rest on, in other books and at other customers, too.
    present: BTreeMap<SettlementId, Present>,
}

/// Where a settlement stands.
struct Present {
    revision: i64,
    /// When a credit of it was decided last.
    decided_at: Option<DateTime<Utc>>,
}

/// A customer's month.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) measured: Option<Measured>,
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) breaches: Vec<Breach>,
    pub(crate) credits: Vec<Credit>,
    pub(crate) statements: Vec<Versioned<Statement>>,
}

/// How far the measurement of a customer's month is: of the line that is furthest behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measured {
    Open,
    Closing,
    Locked,
}

/// How a customer's month stands.
pub(crate) enum Standing {
    Running(&'static str),
    Queued(Stage),
    Blocked(Vec<Blocker>),
    Ready(String),
    Done,
}

impl Books {
    /// The customers' months that a page has touched.
    pub(crate) async fn of_touched(reader: &mut Reader) -> Result<Self, Problem> {
        let measured = reader.texts(MEASURED_TOUCHED, &[]).await?;
        let settlements = reader
            .list(
                "where key in (select one.key from temp.touched as t
                 join settlement as one on one.customer = t.key and one.month = t.part
                 where t.what = 'book')",
                &[],
            )
            .await?;
        let breaches = reader
            .list(
                "where settlement in (select one.key from temp.touched as t
                 join settlement as one on one.customer = t.key and one.month = t.part
                 where t.what = 'book')",
                &[],
            )
            .await?;
        let credits = reader
            .list(
                "where key in (select one.key from temp.touched as t
                 join credit as one on one.customer = t.key
                 left join settlement on settlement.key = one.settlement
                 where t.what = 'book' and coalesce(settlement.month, one.month) = t.part)",
                &[],
            )
            .await?;
        let statements = reader
            .list(
                "where key in (select one.key from temp.touched as t
                 join statement as one on one.customer = t.key and one.period = t.part
                 where t.what = 'book')",
                &[],
            )
            .await?;
        Self::of(measured, settlements, breaches, credits, statements)
    }

    /// Every month of one customer.
    pub(crate) fn of_customer(
        customer: &str,
    ) -> impl Questions<Answers = Result<Self, Problem>> + Send + use<> {
        let (own, binds) = ("where customer = $1", [customer]);
        let own = (
            ask::texts(MEASURED_OF_CUSTOMER, &binds),
            ask::list(own, &binds),
            ask::list(own, &binds),
            ask::list(own, &binds),
            ask::list(own, &binds),
        );
        let elsewhere = (
            ask::list::<Settlement>(SETTLEMENTS_ELSEWHERE, &binds),
            ask::list::<Credit>(CREDITS_ELSEWHERE, &binds),
        );
        (own, elsewhere).then(|(own, (elsewhere, credits_elsewhere))| {
            let (measured, settlements, breaches, credits, statements) = own;
            let mut books = Self::of(measured, settlements, breaches, credits, statements)?;
            let credits = credits_elsewhere;
            books.stand(elsewhere.iter().map(|one| &one.row), credits.iter().map(|one| &one.row));
            Ok(books)
        })
    }

    /// Where those stand that a statement rests on, and no more.
    pub(crate) async fn of_statement(
        reader: &mut Reader,
        statement: &Statement,
    ) -> Result<Self, Problem> {
        let rests = listed(statement.rests_on.iter().map(|on| on.settlement));
        let settlements: Vec<Versioned<Settlement>> =
            reader.list("where key in (select value from json_each($1))", &[&rests]).await?;
        let credits: Vec<Versioned<Credit>> =
            reader.list("where settlement in (select value from json_each($1))", &[&rests]).await?;
        let mut books = Self::default();
        books.stand(settlements.iter().map(|one| &one.row), credits.iter().map(|one| &one.row));
        Ok(books)
    }

    /// Notes where these settlements stand.
    fn stand<'a>(
        &mut self,
        settlements: impl Iterator<Item = &'a Settlement>,
        credits: impl Iterator<Item = &'a Credit>,
    ) {
        for one in settlements {
            let stands = Present { revision: one.revision, decided_at: None };
            self.present.insert(one.id, stands);
        }
        for credit in credits {
            let Some(id) = credit.settlement else { continue };
            let Some(stands) = self.present.get_mut(&id) else { continue };
            // A first approval, or one that was returned, changes nothing that is told yet.
            let steps = credit.approvals.iter().filter(|_| credit.decision.is_final());
            let last = steps.map(|step| step.at).max();
            stands.decided_at = stands.decided_at.max(last);
        }
    }

    /// Why a sealed statement would say something else today, as far as that is seen from here.
    pub(crate) fn outdated(&self, statement: &Statement) -> Option<&'static str> {
        let stands = |on: &StatementCase| Some((on.revision, self.present.get(&on.settlement)?));
        let (mut revised, mut decided) = (false, false);
        for (revision, present) in statement.rests_on.iter().filter_map(stands) {
            revised |= present.revision != revision;
            // Instants are cut to the second: what was decided in that of its issue may be told in it.
            decided |= present.decided_at.is_some_and(|at| at > statement.issued_at);
        }
        match statement.state {
            StatementState::Sealed if revised => Some("figures changed"),
            StatementState::Sealed if decided => Some(again::DECIDED),
            _ => None,
        }
    }

    fn of(
        measured: Vec<[String; 3]>,
        settlements: Vec<Versioned<Settlement>>,
        breaches: Vec<Versioned<Breach>>,
        credits: Vec<Versioned<Credit>>,
        statements: Vec<Versioned<Statement>>,
    ) -> Result<Self, Problem> {
        let mut books = Self::default();
        books.stand(settlements.iter().map(|one| &one.row), credits.iter().map(|one| &one.row));
        let mut months: BTreeMap<SettlementId, String> = BTreeMap::new();
        for [customer, month, behind] in measured {
            let customer = customer.parse().map_err(|error| {
                Problem::new(Code::Database, format!("the local copy holds a bad id: {error}"))
            })?;
            books.book(customer, &month).measured = Some(match behind.as_str() {
                "2" => Measured::Open,
                "1" => Measured::Closing,
                _ => Measured::Locked,
            });
        }
        for one in settlements {
            let month = month_of(&one.window, one.to);
            months.insert(one.id, month.clone());
            books.book(one.customer, &month).settlements.push(one.row);
        }
        for one in breaches {
            if let Some(month) = one.settlement.and_then(|id| months.get(&id)) {
                books.book(one.customer, month).breaches.push(one.row);
            }
        }
        for one in credits {
            let month = one.settlement.and_then(|id| months.get(&id)).cloned();
            // What rests on no settlement knows its window by the label alone.
            let month = month.unwrap_or_else(|| crate::column::ends_in(&one.window));
            books.book(one.customer, &month).credits.push(one.row);
        }
        for one in statements {
            let period = one.period.clone();
            books.book(one.customer, &period).statements.push(one);
        }
        for book in books.months.values_mut() {
            book.statements.sort_by_key(|one| (one.of, std::cmp::Reverse(one.revision)));
            // As they are told, whatever the order in which they came.
            book.breaches.sort_by(|a, b| in_order(&a.number).cmp(&in_order(&b.number)));
            book.credits.sort_by(|a, b| in_order(&a.number).cmp(&in_order(&b.number)));
        }
        Ok(books)
    }

    fn book(&mut self, customer: CustomerId, month: &str) -> &mut Book {
        self.months.entry((customer, month.to_owned())).or_default()
    }
}

/// `CR-99` comes before `CR-301`.
fn in_order(number: &str) -> (usize, &str) {
    (number.len(), number)
}

/// What a customer's group statements rest on.
macro_rules! elsewhere {
    ($column:literal) => {
        concat!(
            "where ",
            $column,
            " in (select one.value ->> 'settlement' from statement,
             json_each(statement.body, '$.rests_on') as one
             where statement.customer = $1 and statement.of_kind = 'group')"
        )
    };
}

const SETTLEMENTS_ELSEWHERE: &str = elsewhere!("key");
const CREDITS_ELSEWHERE: &str = elsewhere!("settlement");

/// Customer, month, and the rank of the line furthest behind.
const MEASURED_OF_CUSTOMER: &str = "select customer, month,
    cast(max(case state when 'open' then 2 when 'closing' then 1 else 0 end) as text)
    from attainment where customer = $1 group by 1, 2";
const MEASURED_TOUCHED: &str = "select one.customer, one.month,
    cast(max(case one.state when 'open' then 2 when 'closing' then 1 else 0 end) as text)
    from temp.touched as t
    join attainment as one on one.customer = t.key and one.month = t.part
    where t.what = 'book' group by 1, 2";

impl Book {
    /// The statements of this, the latest revision first.
    pub(crate) fn of(&self, of: StatementOf) -> impl Iterator<Item = &Versioned<Statement>> {
        self.statements.iter().filter(move |one| one.of == of)
    }

    /// Whether there is anything that a statement could be about.
    pub(crate) fn is_empty(&self) -> bool {
        self.measured.is_none() && self.statements.is_empty()
    }

    /// How the month stands, the outbox counted in.
    pub(crate) fn standing(&self, key: &Key, overlay: &Overlay) -> Standing {
        let asked = overlay.verbs().find(|(verb, _)| {
            matches!(verb, Verb::IssueStatement { customer, period, of, .. }
                if (*customer, period) == (key.0, &key.1) && of.is_customer())
        });
        if let Some((_, pending)) = asked {
            return Standing::Queued(pending.stage);
        }
        if self.measured == Some(Measured::Open) {
            return Standing::Running("Month is running");
        }
        if self.measured == Some(Measured::Closing) || self.settlements.is_empty() {
            return Standing::Running("Measurement not locked yet");
        }
        self.judged(StatementOf::Customer)
    }

    /// How it stands when everything is measured that a statement of this is about.
    pub(crate) fn judged(&self, of: StatementOf) -> Standing {
        let current = self
            .of(of)
            .find(|one| matches!(one.state, StatementState::Sealed | StatementState::Issued));
        let why = current.map(|one| self.changed_since(one));
        if matches!(why, Some(None)) {
            return Standing::Done;
        }
        let blockers = self.blockers();
        if !blockers.is_empty() {
            return Standing::Blocked(blockers);
        }
        Standing::Ready(match (current, why.flatten()) {
            (Some(one), Some(why)) => {
                format!("Ready: revision {}, because {why}", one.revision + 1)
            }
            _ => "Ready".to_owned(),
        })
    }

    /// Why a statement would say something else today; `None`: it would not, or it is not sealed yet.
    /// Central judges so, too.
    fn changed_since(&self, statement: &Statement) -> Option<&'static str> {
        let then: BTreeSet<_> =
            statement.rests_on.iter().map(|on| (on.settlement, on.revision)).collect();
        let now: BTreeSet<_> = self.settlements.iter().map(|one| (one.id, one.revision)).collect();
        let mut steps = self.credits.iter().flat_map(|credit| &credit.approvals);
        let decided_since = steps.any(|step| step.at >= statement.issued_at);
        match statement.state {
            StatementState::Issued => None,
            _ if then != now => Some("figures changed"),
            _ if decided_since => Some(again::DECIDED),
            _ => None,
        }
    }

    /// What central would refuse a statement for.
    fn blockers(&self) -> Vec<Blocker> {
        let breaches = self.breaches.iter().filter_map(|breach| {
            let why = match breach.state {
                BreachState::ToReview => "is not reviewed",
                BreachState::Snoozed => "is put off",
                BreachState::Confirmed | BreachState::Cleared => return None,
            };
            Some(Blocker {
                text: format!("{} {why}", breach.number),
                breach_id: Some(breach.id.to_string()),
                credit_id: None,
            })
        });
        let credits = self.credits.iter().filter_map(|credit| {
            let why = match (credit.decision, credit.claim) {
                (Decision::Drafted, Claim::NotNeeded | Claim::Filed) => "is not proposed",
                (Decision::Proposed, _) => "is not approved",
                (Decision::ApprovedOnce, _) => "needs a second approver",
                (Decision::Returned, _) => "was returned",
                _ => return None,
            };
            Some(Blocker {
                text: format!("{} {why}", credit.number),
                breach_id: None,
                credit_id: Some(credit.id.to_string()),
            })
        });
        breaches.chain(credits).collect()
    }
}
