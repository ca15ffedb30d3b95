//! Fills an empty central from the book, month by month, through the same doors that everybody
//! uses: import, evidence, closing, and commands of people.

mod contact;

use crate::book::{
    ALEX, Book, COLLEAGUES, Colleague, DANA, INES, LEE,
    document::{self, SOURCE},
    weather::Outage,
};
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use makegood_central::{
    App, close, command,
    import::{self, Hands},
    ingest, store,
};
use makegood_domain::{
    Clock, Code, Currency, Money, Problem,
    breach::{Breach, BreachState},
    command::{Base, Command, Outcome, Verb},
    credit::{Claim, Credit, Decision},
    id::{CustomerId, PersonId},
    incident::Incident,
    person::{Actor, Person, Scope, TokenKind},
    policy::Policy,
    row::Row,
};
use makegood_engine::instant::write_instant;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How far the seeding is: done of so many steps.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Send + Sync);

/// Whoever acts while the book is written into central.
#[derive(Debug)]
pub(crate) struct Seeding<'a> {
    app: &'a App,
    clock: &'a Clock,
    book: Book,
    people: BTreeMap<&'static str, Actor>,
    /// Evidence up to here has been sent.
    known_until: DateTime<Utc>,
}

/// The first month of the book, and the months after it that are over.
const FIRST: (i32, u32) = (2023, 11);
const MONTHS: u32 = 36;
/// The month that is left to whoever plays.
const STORY: &str = "2026-10";

impl<'a> Seeding<'a> {
    /// Everybody gets a role and a session.
    pub(crate) async fn begin(app: &'a App, clock: &'a Clock, seed: u64) -> Result<Self, Problem> {
        let mut people = BTreeMap::new();
        for colleague in COLLEAGUES {
            people.insert(colleague.subject, add_person(app, colleague).await?);
        }
        let book = Book::from_seed(seed);
        Ok(Self { app, clock, book, people, known_until: DateTime::UNIX_EPOCH })
    }

    /// Three years, month by month.
    pub(crate) async fn run(&mut self, progress: Progress<'_>) -> Result<(), Problem> {
        let total = usize::try_from(MONTHS).unwrap_or(0) + 2;
        self.matrix().await?;
        self.import(&document::parties()).await?;
        progress(1, total);
        let first = NaiveDate::from_ymd_opt(FIRST.0, FIRST.1, 1).unwrap_or_default();
        for index in 0..MONTHS {
            // The early years are settled by the quarter: nobody looks at the days of their
            // decisions, and each turn of central reads a contract's whole history.
            if index % 3 != 2 && index < MONTHS - 3 {
                continue;
            }
            if index % 9 == 2 {
                self.sign_in().await?;
            }
            let after = first.checked_add_months(Months::new(index + 1)).unwrap_or(first);
            self.month_end(after).await?;
            progress(usize::try_from(index).unwrap_or(0) + 2, total);
        }
        self.september().await?;
        self.contacts().await?;
        self.set_clock("2026-11-09T07:00:00Z");
        self.evidence().await?;
        self.turn().await?;
        progress(total, total);
        Ok(())
    }

    /// Sessions end after a year; the book is longer.
    async fn sign_in(&mut self) -> Result<(), Problem> {
        for actor in self.people.values_mut() {
            let token = self.app.issue_token(None, actor.person, TokenKind::Session, 365).await?;
            actor.token = token.id;
        }
        Ok(())
    }

    /// The month before `after` is over: its evidence is in, it locks on the fourth, and people
    /// decide what it owes: but for September, which waits until November.
    async fn month_end(&mut self, after: NaiveDate) -> Result<(), Problem> {
        self.set_clock(&format!("{after}T06:00:00Z"));
        self.evidence().await?;
        self.import(&document::incidents(self.clock.now())).await?;
        let lock = after + TimeDelta::days(3);
        self.set_clock(&format!("{lock}T12:00:00Z"));
        self.turn().await?;
        let month = (after.year(), after.month());
        // What the story's October holds, nobody has looked at yet.
        if month == (2026, 11) {
            return Ok(());
        }
        self.review(&lock.format("%Y-%m-%dT15:00:00Z").to_string()).await?;
        if month == (2026, 10) { Ok(()) } else { self.settle().await }
    }

    fn set_clock(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().unwrap_or_default();
        let ahead = at.signed_duration_since(self.clock.now());
        self.clock.advance(ahead.to_std().unwrap_or_default());
    }

    /// Opens, closes and locks what is due.
    async fn turn(&self) -> Result<(), Problem> {
        let grace_days = self.app.config().grace_days;
        let until = close::Until { now: self.clock.now(), grace_days };
        let report = close::turn(self.app.store(), None, until).await?;
        report.failed.first().map_or(Ok(()), |(number, why)| {
            Err(Problem::new(Code::CaseInvalid, format!("the book's {number}: {why}")))
        })
    }

    async fn matrix(&self) -> Result<(), Problem> {
        let Some(euro) = Currency::parse("EUR") else { return Ok(()) };
        let rates = [("GBP", "1.15"), ("USD", "0.90")];
        let policy = Policy {
            version: 7,
            base: "EUR".into(),
            limit: Money::new(150_000, euro),
            rates: rates.map(|(code, rate)| (code.to_owned(), rate.to_owned())).into(),
            role_limits: BTreeMap::new(),
        };
        let mut tx = self.app.store().begin(None).await?;
        tx.put(&policy).await?;
        tx.audit("policy.put", ("policy", "7"), None, json!(policy));
        tx.commit().await.map(drop)
    }

    async fn import(&self, document: &serde_json::Value) -> Result<(), Problem> {
        let (alex, lee) = (self.actor(ALEX).person, self.actor(LEE).person);
        let hands = Hands { proposed_by: alex, approved_by: Some(lee) };
        import::apply(self.app.store(), hands, document.to_string().as_bytes()).await.map(drop)
    }

    /// Sends what the sources have seen since the last time.
    async fn evidence(&mut self) -> Result<(), Problem> {
        let now = self.clock.now();
        let fresh = |known_at: DateTime<Utc>| known_at > self.known_until && known_at <= now;
        let mut outages = Vec::new();
        let mut unknown = Vec::new();
        for (service, record) in &self.book.records {
            let seen = record.outages.iter().filter(|outage| fresh(outage.known_at));
            outages.extend(seen.map(|Outage { from, to, known_at }| {
                json!({
                    "service": service, "from": write_instant(*from), "to": write_instant(*to),
                    "observed_at": write_instant(*known_at),
                })
            }));
            let gaps = record.unknown.iter().filter(|(from, _)| fresh(*from));
            unknown.extend(gaps.map(|(from, to)| {
                json!({ "service": service, "from": write_instant(*from), "to": write_instant(*to) })
            }));
        }
        self.known_until = now;
        let body = json!({ "outages": outages, "unknown": unknown }).to_string();
        let by = self.actor(ALEX).person;
        ingest::outage::apply(self.app.store(), by, SOURCE, body.as_bytes()).await.map(drop)
    }

    fn actor(&self, colleague: Colleague) -> &Actor {
        &self.people[colleague.subject]
    }

    async fn decide(
        &self,
        by: Colleague,
        verb: Verb,
        base: Option<(&str, String, i64)>,
    ) -> Result<(), Problem> {
        let id = self.app.store().ids().make();
        let base = base
            .map(|(entity, key, version)| Base { entity: entity.to_owned(), key, version })
            .into_iter()
            .collect();
        let command = Command { id, decided_at: self.clock.now(), verb, base };
        let raw = serde_json::to_value(&command)
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
        match command::answer(self.app, self.actor(by), id, raw).await?.outcome {
            Outcome::Applied { .. } => Ok(()),
            Outcome::Stale { problem }
            | Outcome::Forbidden { problem }
            | Outcome::Invalid { problem } => Err(problem),
        }
    }

    async fn open<T: store::Stored>(&self) -> Result<Vec<store::Versioned<T>>, Problem> {
        let mut reading = self.app.store().reading().await?;
        store::list::<T>(&mut reading, "1 = 1 order by id", &[]).await
    }

    /// Dana looks at every missed SLA that nobody has looked at.
    async fn review(&self, at: &str) -> Result<(), Problem> {
        self.set_clock(at);
        let causes = [
            "Capacity",
            "Change: configuration",
            "Dependency: cloud provider",
            "Network",
            "Change: deployment",
        ];
        let incidents = self.open::<Incident>().await?;
        for (index, found) in self.open::<Breach>().await?.into_iter().enumerate() {
            if found.row.state != BreachState::ToReview {
                continue;
            }
            let narrative =
                "The service answered with errors until the cause was found and removed.";
            let german =
                "Der Dienst antwortete mit Fehlern, bis die Ursache gefunden und behoben war.";
            let of_breach =
                |known: &&store::Versioned<Incident>| Some(known.row.id) == found.row.incident;
            let known =
                incidents.iter().find(of_breach).and_then(|known| known.row.root_cause.clone());
            let verb = Verb::ReviewBreach {
                breach: found.row.id,
                root_cause: known.unwrap_or_else(|| causes[index % causes.len()].to_owned()),
                narratives: [("en", narrative), ("de", german)]
                    .map(|(language, text)| (language.to_owned(), text.to_owned()))
                    .into(),
                note: None,
                note_id: self.app.store().ids().make(),
            };
            self.decide(DANA, verb, Some(("breach", found.row.key(), found.version))).await?;
        }
        Ok(())
    }

    /// What may be proposed is proposed and approved: by two where the matrix says so.
    async fn settle(&self) -> Result<(), Problem> {
        self.propose().await?;
        for by in [INES, LEE] {
            self.approve(by, None).await?;
        }
        Ok(())
    }

    /// September is still being decided: two are approved, one has its first approval, the others
    /// wait.
    async fn september(&self) -> Result<(), Problem> {
        self.set_clock("2026-11-06T09:10:00Z");
        self.propose().await?;
        let customers = self.customers(&["Corvus Analytics", "Orrin Retail"]).await?;
        self.approve(LEE, Some(&customers)).await?;
        let over = self.customers(&["Meridian Bank"]).await?;
        self.approve(LEE, Some(&over)).await
    }

    async fn customers(&self, names: &[&str]) -> Result<BTreeSet<CustomerId>, Problem> {
        let all = self.open::<makegood_domain::customer::Customer>().await?;
        let named = all.into_iter().filter(|found| names.contains(&found.row.name.as_str()));
        Ok(named.map(|found| found.row.id).collect())
    }

    /// Dana proposes what is drafted, but for the story's October: nobody has reviewed that yet.
    async fn propose(&self) -> Result<(), Problem> {
        for found in self.open::<Credit>().await? {
            let credit = &found.row;
            let waits = credit.decision == Decision::Drafted
                && matches!(credit.claim, Claim::NotNeeded | Claim::Filed)
                && credit.window != STORY;
            if waits {
                let verb = Verb::ProposeCredit { credit: credit.id, amount: credit.amount };
                self.decide(DANA, verb, Some(("credit", credit.key(), found.version))).await?;
            }
        }
        Ok(())
    }

    async fn approve(
        &self,
        by: Colleague,
        only: Option<&BTreeSet<CustomerId>>,
    ) -> Result<(), Problem> {
        for found in self.open::<Credit>().await? {
            let credit = &found.row;
            let mine = makegood_domain::policy::may_approve(self.actor(by), credit).is_ok();
            if mine && only.is_none_or(|only| only.contains(&credit.customer)) {
                let verb = Verb::ApproveCredit { credit: credit.id, amount: credit.amount };
                self.decide(by, verb, Some(("credit", credit.key(), found.version))).await?;
            }
        }
        Ok(())
    }
}

async fn add_person(app: &App, colleague: Colleague) -> Result<Actor, Problem> {
    let id: PersonId = app.store().ids().make();
    let roles = BTreeSet::from([colleague.role]);
    let person = Person {
        id,
        issuer: "demo".into(),
        subject: colleague.subject.into(),
        name: colleague.name.into(),
        roles: roles.clone(),
    };
    let mut tx = app.store().begin(None).await?;
    tx.put_person(&person, &Scope::All).await?;
    tx.commit().await?;
    let token = app.issue_token(None, id, TokenKind::Session, 365).await?;
    Ok(Actor {
        person: id,
        name: colleague.name.into(),
        roles,
        scope: Scope::All,
        scope_revision: 1,
        token: token.id,
        token_kind: TokenKind::Session,
        acts_for: BTreeMap::new(),
        confined_to: None,
        narrowing: None,
    })
}

impl Seeding<'_> {
    /// A session for each person whose seat one may take.
    pub(crate) async fn sessions(&self) -> Result<Vec<crate::DemoPerson>, Problem> {
        let mut people = Vec::new();
        for colleague in COLLEAGUES {
            let actor = self.actor(colleague);
            let token = self.app.issue_token(None, actor.person, TokenKind::Session, 365).await?;
            people.push(crate::DemoPerson {
                id: actor.person.to_string(),
                name: colleague.name.to_owned(),
                role: colleague.role,
                token: token.text,
            });
        }
        Ok(people)
    }
}
