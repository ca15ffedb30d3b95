//! A digest to each customer success manager, once of each month: when all that was promised to their
//! customers in it is locked. It says what was missed and what is left to do, so that nobody has to look.

use super::Channel;
use crate::store::{self, Arg, Store, message::Event};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use makegood_domain::{
    Code, Money, Problem,
    alert::AlertLevel,
    attainment::{Attainment, WindowState},
    breach::{Breach, BreachState},
    contract::{Contract, SlaLine},
    customer::Customer,
    id::EventId,
    person::{Permission, Person},
    settlement::Settlement,
};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

/// As the event is called.
pub(super) const KIND: &str = "month.locked";
/// Customers that are asked about at once.
const AT_ONCE: usize = 500;

/// What is told, ready to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digest {
    pub(super) subject: String,
    pub(super) text: String,
}

/// Writes down a digest for everybody whose month has become whole; how many. Each once: again at the
/// same instant, nobody is told anything.
///
/// # Errors
/// [`Code::Database`].
pub async fn turn(store: &Store, channels: &[Channel]) -> Result<usize, Problem> {
    let mut told = 0;
    for subject in channels.iter().filter_map(|channel| channel.digest_for.as_deref()) {
        let person =
            store::customer::owner_by_subject(&mut *store.reading().await?, subject).await?;
        // Somebody of the settings whom nobody has met yet.
        let Some(person) = person.map(|found| found.row) else { continue };
        // Nor is anybody told who may not look any more.
        if !person.roles.iter().any(|role| role.permissions().contains(&Permission::Read)) {
            continue;
        }
        for month in months(store.clock().now()) {
            told += usize::from(of_month(store, &person, month).await?);
        }
    }
    Ok(told)
}

/// The two calendar months before this instant: what was locked longer ago was seen by now.
fn months(now: DateTime<Utc>) -> [NaiveDate; 2] {
    let before = |day: NaiveDate| {
        let last = day.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1)));
        last.and_then(|last| last.with_day(1)).unwrap_or(day)
    };
    let last = before(now.date_naive());
    [before(last), last]
}

/// Whether somebody was told of this month now.
async fn of_month(store: &Store, person: &Person, month: NaiveDate) -> Result<bool, Problem> {
    let label = month.format("%Y-%m").to_string();
    let mut conn = store.reading().await?;
    if store::message::has_digest(&mut conn, person.id, &label).await? {
        return Ok(false);
    }
    let Some(found) = Found::read(&mut conn, person, &label).await? else { return Ok(false) };
    let name = month.format("%B %Y").to_string();
    let digest = found.digest(&mut conn, &name).await?;
    drop(conn);
    let body = serde_json::to_string(&digest)
        .map_err(|error| Problem::new(Code::Internal, format!("a digest: {error}")))?;
    let mut tx = store.begin(None).await?;
    if !tx.keep_digest(person.id, &label).await? {
        return Ok(false);
    }
    let (id, at): (EventId, _) = (tx.store().ids().make(), tx.now());
    let (kind, level) = (KIND.to_owned(), AlertLevel::Warning);
    let recipient = Some(person.subject.clone());
    tx.add_event(&Event { id, at, kind, customer: found.first, level, recipient, body }).await?;
    tx.commit().await?;
    Ok(true)
}

/// A locked month of somebody's customers.
struct Found {
    customers: BTreeMap<String, Customer>,
    first: makegood_domain::id::CustomerId,
    attainments: Vec<Attainment>,
    settlements: Vec<Settlement>,
    breaches: Vec<Breach>,
}

impl Found {
    /// The month, if it holds anything and all of it is locked.
    async fn read(
        conn: &mut AnyConnection,
        person: &Person,
        label: &str,
    ) -> Result<Option<Self>, Problem> {
        let args = [Arg::text(person.id)];
        let mut owned = store::list::<Customer>(conn, "csm = $1 order by id", &args).await?;
        let (scope, _) = store::person::scope(conn, person.id).await?;
        owned.retain(|customer| scope.holds(customer.row.id));
        let Some(first) = owned.first().map(|customer| customer.row.id) else { return Ok(None) };
        let customers: BTreeMap<String, Customer> =
            owned.into_iter().map(|found| (found.row.id.to_string(), found.row)).collect();
        let ids: Vec<&String> = customers.keys().collect();
        let (mut attainments, mut settlements, mut breaches) = (vec![], vec![], vec![]);
        for some in ids.chunks(AT_ONCE) {
            let filter = format!(
                "customer in {} and label = ${} order by id",
                store::placeholders(1, some.len(), 1),
                some.len() + 1
            );
            let mut args: Vec<Arg> = some.iter().map(Arg::text).collect();
            args.push(Arg::text(label));
            attainments.extend(rows(store::list::<Attainment>(conn, &filter, &args).await?));
            settlements.extend(rows(store::list::<Settlement>(conn, &filter, &args).await?));
            breaches.extend(rows(store::list::<Breach>(conn, &filter, &args).await?));
        }
        let locked = attainments.iter().all(|one| one.state == WindowState::Locked);
        let whole = locked && !attainments.is_empty();
        Ok(whole.then_some(Self { customers, first, attainments, settlements, breaches }))
    }

    async fn digest(&self, conn: &mut AnyConnection, month: &str) -> Result<Digest, Problem> {
        let missed: Vec<&Attainment> =
            self.attainments.iter().filter(|one| one.met == Some(false)).collect();
        let unmeasured = self.attainments.iter().filter(|one| one.met.is_none()).count();
        let all = self.attainments.len();
        let review =
            |one: &&Breach| matches!(one.state, BreachState::ToReview | BreachState::Snoozed);
        let to_review = self.breaches.iter().filter(review).count();
        let mut lines = vec![
            format!("{month} is locked for your customers."),
            String::new(),
            format!("SLAs: {all}"),
            format!("Met: {}", all - missed.len() - unmeasured),
            format!("Missed: {}", missed.len()),
            format!("Not measured: {unmeasured}"),
            format!("Missed SLAs to review: {to_review}"),
            format!("SLA credits, calculated and not approved: {}", self.owed()?),
        ];
        let mut told: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in missed {
            let customer = self.customers.get(&one.customer.to_string());
            let name = customer.map_or("", |customer| customer.name.as_str());
            let contract = store::get::<Contract>(conn, one.contract).await?;
            let line = store::get::<SlaLine>(conn, one.line).await?;
            told.entry(name).or_default().push(format!(
                "  {} {}: {} %",
                contract.map(|found| found.row.number).unwrap_or_default(),
                line.map(|found| found.row.name).unwrap_or_default(),
                one.percent.as_deref().unwrap_or("-"),
            ));
        }
        for (name, mut missed) in told {
            missed.sort();
            lines.extend([String::new(), format!("{name}, missed:")]);
            lines.append(&mut missed);
        }
        lines.extend([
            String::new(),
            "The settings of Makegood's central name this address.".to_owned(),
        ]);
        let count = self.attainments.iter().filter(|one| one.met == Some(false)).count();
        let subject =
            format!("{month} is locked: {count} of {all} SLAs missed, {to_review} to review");
        Ok(Digest { subject, text: lines.join("\n") })
    }

    /// One sum for each currency: amounts are never added across them (law 2).
    fn owed(&self) -> Result<String, Problem> {
        let mut sums: BTreeMap<String, Money> = BTreeMap::new();
        for one in self.settlements.iter().filter(|one| one.total.minor() != 0) {
            let code = one.total.currency().code().to_owned();
            let sum = match sums.get(&code) {
                None => one.total,
                Some(sum) => sum
                    .checked_add(one.total)
                    .map_err(|error| Problem::new(Code::Internal, format!("a digest: {error}")))?,
            };
            sums.insert(code, sum);
        }
        let sums: Vec<String> = sums.values().map(|sum| sum.display()).collect();
        Ok(if sums.is_empty() { "none".to_owned() } else { sums.join(", ") })
    }
}

fn rows<T>(found: Vec<store::Versioned<T>>) -> impl Iterator<Item = T> {
    found.into_iter().map(|found| found.row)
}

#[cfg(test)]
mod tests {
    use super::months;

    #[test]
    fn the_months_before_an_instant_are_the_two_that_ended() {
        let of = |at: &str| months(at.parse().unwrap()).map(|month| month.to_string());
        assert_eq!(of("2026-11-09T08:00:00Z"), ["2026-09-01", "2026-10-01"]);
        assert_eq!(of("2026-01-31T23:59:59Z"), ["2025-11-01", "2025-12-01"]);
    }
}
