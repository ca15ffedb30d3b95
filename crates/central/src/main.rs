//! `makegood-central`: the central service, and what whoever runs it sets up on this machine.
#![warn(missing_docs)]

mod verb;

use crate::verb::audit::AuditVerb;
use clap::{Parser, Subcommand, ValueEnum};
use makegood_central::{
    App, Config,
    backup::Tokens,
    config::{Database, Settings},
    source,
    store::{self, Store},
};
use makegood_domain::{
    Clock, Code, Currency, Money, Problem,
    id::{CustomerId, Ids, PersonId},
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
};
use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

/// The central service of Makegood.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// The file of settings; flags win over it.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Where everything is kept: `sqlite:central.db` or `postgres://…`. A password belongs into a
    /// file that the settings name.
    #[arg(long, global = true)]
    database: Option<String>,
    /// A file that holds that address alone, and with it a password. For while central is stopped, and what the settings
    /// name, the service manager's copy, is gone.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "database")]
    database_file: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serves desks until it is interrupted.
    Serve(verb::serve::Flags),
    /// Says what is wrong in a file of settings, and in the files it names.
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
    /// Writes the database to a new file while central serves (SQLite; PostgreSQL has pg_dump).
    Backup {
        /// The file; there must be none yet.
        to: PathBuf,
    },
    /// Puts a backup back: every desk then loads everything again. Central must not be serving.
    Restore {
        /// What `backup` wrote. Without it, the database was restored by its own tools
        /// (`pg_restore`) already.
        from: Option<PathBuf>,
        /// Sessions and personal tokens stay good as they were at the backup. Without it all end: one that was
        /// revoked since would be good again.
        #[arg(long)]
        keep_tokens: bool,
    },
    /// People.
    #[command(subcommand)]
    Person(PersonVerb),
    /// Tokens.
    #[command(subcommand)]
    Token(TokenVerb),
    /// The approval matrix.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Where evidence comes from.
    #[command(subcommand)]
    Source(SourceVerb),
    /// The record of every change.
    #[command(subcommand)]
    Audit(AuditVerb),
}

#[derive(Debug, Subcommand)]
enum SourceVerb {
    /// Defines a source, or changes its settings, as the file says.
    Put {
        /// JSON: name, kind, late_after, settings.
        file: PathBuf,
    },
    /// Lists how each source is doing, as JSON.
    List,
    /// Asks a source now for all that is due.
    Run {
        /// Its name.
        name: String,
        /// Ask once more from this instant on, for what has come late or was corrected.
        #[arg(long)]
        from: Option<chrono::DateTime<chrono::Utc>>,
        /// Ask up to this instant only.
        #[arg(long)]
        until: Option<chrono::DateTime<chrono::Utc>>,
    },
}

#[derive(Debug, Subcommand)]
enum PersonVerb {
    /// Adds somebody, or changes their name, roles and scope; prints their id.
    Put {
        /// Name on screens and on what they release.
        #[arg(long)]
        name: String,
        /// The identity provider.
        #[arg(long)]
        issuer: String,
        /// Their id there.
        #[arg(long)]
        subject: String,
        /// `csm`, `finance`, `controller`, `account_manager` or `admin`; may stand several times.
        #[arg(long = "role", required = true, value_parser = role)]
        roles: Vec<Role>,
        /// Ids of the customers they may see; all of them without it.
        #[arg(long = "customer")]
        customers: Vec<CustomerId>,
    },
}

#[derive(Debug, Subcommand)]
enum TokenVerb {
    /// Issues a token and prints it: it is shown this once.
    Issue {
        /// Whose it is.
        #[arg(long)]
        person: PersonId,
        /// Only a session may approve.
        #[arg(long, value_enum, default_value_t = Kind::Session)]
        kind: Kind,
        /// How long it lives.
        #[arg(long, default_value_t = 30)]
        days: i64,
    },
    /// Ends a token.
    Revoke {
        /// Its id.
        id: makegood_domain::id::TokenId,
    },
}

#[derive(Debug, Subcommand)]
enum PolicyVerb {
    /// Puts a new version in force.
    Put {
        /// Its number; later than the one in force.
        #[arg(long)]
        version: i64,
        /// From this sum per group and month on, two approve: `EUR 1500.00`.
        #[arg(long, value_parser = amount)]
        limit: Money,
        /// What one unit of another currency is in the limit's: `USD=0.90`; may stand several times.
        #[arg(long = "rate", value_parser = rate)]
        rates: Vec<(String, String)>,
        /// Up to which sum a role may approve: `finance=EUR 10000.00`; may stand several times.
        #[arg(long = "role-limit", value_parser = role_limit)]
        role_limits: Vec<(Role, Money)>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A person who signed in.
    Session,
    /// A script.
    Personal,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "csm, finance, controller, account_manager or admin".to_owned())
}

fn amount(text: &str) -> Result<Money, String> {
    let read = text.split_once(' ').and_then(|(currency, amount)| {
        Money::parse_decimal(amount, Currency::parse(currency)?).ok()
    });
    read.ok_or_else(|| "write it as `EUR 1500.00`".to_owned())
}

fn role_limit(text: &str) -> Result<(Role, Money), String> {
    let (name, sum) = text.split_once('=').ok_or("write it as `finance=EUR 10000.00`")?;
    Ok((role(name)?, amount(sum)?))
}

fn rate(text: &str) -> Result<(String, String), String> {
    let (currency, rate) = text.split_once('=').ok_or("write it as `USD=0.90`")?;
    Ok((currency.to_owned(), rate.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Problem> {
    let Arguments { config, database, database_file, verb } = arguments;
    if let Verb::CheckConfig { file } = verb {
        return verb::serve::check(&file);
    }
    let mut settings =
        config.map_or_else(|| Ok(Settings::default()), |file| Settings::read(&file))?;
    let database = database.map(Database::Address).or(database_file.map(Database::File));
    settings.database = database.unwrap_or(settings.database);
    let verb = match verb {
        Verb::Serve(flags) => return verb::serve::run(settings, flags).await,
        other => other,
    };
    verb::serve::start_log(&settings.log, false);
    if let Verb::Restore { from: Some(from), keep_tokens } = verb {
        return verb::backup::put_back(&settings, &from, kept(keep_tokens)).await;
    }
    let address = settings.address()?;
    let Some(verb) = beside(&address, verb).await? else { return Ok(()) };
    let house = Config { schedule: None, ..settings.house.clone() };
    let app = App::open(&address, Clock::system(), Random::system(), house).await?;
    match verb {
        // They have been answered above.
        Verb::Serve(_) | Verb::CheckConfig { .. } | Verb::Backup { .. } | Verb::Audit(_) => Ok(()),
        Verb::Restore { keep_tokens, .. } => verb::backup::renew(&app, kept(keep_tokens)).await,
        Verb::Person(PersonVerb::Put { name, issuer, subject, roles, customers }) => {
            let id = app.store().ids().make();
            let person = Person { id, issuer, subject, name, roles: roles.into_iter().collect() };
            let scope = if customers.is_empty() {
                Scope::All
            } else {
                Scope::Customers(customers.into_iter().collect())
            };
            if !joins_a_lone_administrator(&app, &person, &scope).await? {
                by_one(&app, "POST /v1/people").await?;
            }
            println!("{}", app.put_person(&person, &scope).await?);
            Ok(())
        }
        Verb::Token(TokenVerb::Issue { person, kind, days }) => {
            let kind = match kind {
                Kind::Session => TokenKind::Session,
                Kind::Personal => TokenKind::Personal,
            };
            if kind == TokenKind::Session && !administers(&app, person).await? {
                by_one(&app, "POST /v1/tokens").await?;
            }
            let issued = app.issue_token(None, person, kind, days).await?;
            eprintln!("token {} until {}; it is shown this once:", issued.id, issued.expires_at);
            println!("{}", issued.text);
            Ok(())
        }
        Verb::Token(TokenVerb::Revoke { id }) => app.revoke_token(id).await,
        Verb::Policy(PolicyVerb::Put { version, limit, rates, role_limits }) => {
            by_one(&app, "POST /v1/policy").await?;
            let base = limit.currency().code().to_owned();
            let rates: BTreeMap<String, String> = rates.into_iter().collect();
            let role_limits = role_limits.into_iter().collect();
            app.put_policy(&Policy { version, base, limit, rates, role_limits }).await
        }
        Verb::Source(verb) => run_source(&app, verb).await,
    }
}

/// Answers what leaves the tables as they are: a central may be serving. What else is asked comes back, where nothing is
/// in its way: only what sets a central up makes one, and none but the one that serves brings tables up to date.
async fn beside(address: &str, verb: Verb) -> Result<Option<Verb>, Problem> {
    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), Random::system());
    let store = match Store::present(address, clock, ids).await {
        Ok(store) => store,
        Err(problem) if problem.code == Code::NotFound && sets_up(&verb) => return Ok(Some(verb)),
        Err(problem) => return Err(problem),
    };
    let answered = match verb {
        Verb::Backup { to } => verb::backup::write(&store, address, &to).await.map(|()| None),
        // Its own tools put it there, and no central serves it.
        Verb::Restore { .. } => Ok(Some(verb)),
        Verb::Audit(verb) => {
            store.must_be_current().await?;
            verb::audit::run(&store, verb).await.map(|()| None)
        }
        other => store.must_be_current().await.map(|()| Some(other)),
    };
    store.close().await;
    answered
}

/// Whether it may be the first thing that is said to a central.
fn sets_up(verb: &Verb) -> bool {
    matches!(
        verb,
        Verb::Person(_)
            | Verb::Token(TokenVerb::Issue { .. })
            | Verb::Policy(_)
            | Verb::Source(SourceVerb::Put { .. })
    )
}

/// What one person may do on this machine while central is being set up takes two afterwards.
async fn by_one(app: &App, route: &str) -> Result<(), Problem> {
    if app.is_being_set_up().await? {
        return Ok(());
    }
    let mut why = format!("there are contracts: this takes two administrators now; use {route}");
    if app.lacks_administrators().await? {
        why += ". There are fewer than two who see every customer; add one first: `makegood-central person put … --role admin`";
    }
    Err(Problem::new(Code::RoleMissing, why))
}

/// Whether this is somebody who administers and does nothing else, where fewer than two do. They approve nothing, so law 5
/// loses nothing; without them nothing that takes two could ever be decided again.
async fn joins_a_lone_administrator(
    app: &App,
    person: &Person,
    scope: &Scope,
) -> Result<bool, Problem> {
    let administers_alone = person.roles == [Role::Admin].into() && *scope == Scope::All;
    Ok(administers_alone && app.lacks_administrators().await?)
}

/// Administrators approve nothing: they may always be given a session, so that two of them can go on.
async fn administers(app: &App, person: PersonId) -> Result<bool, Problem> {
    let mut conn = app.store().reading().await?;
    let found = makegood_central::store::get::<Person>(&mut conn, person).await?;
    Ok(found.is_some_and(|found| found.row.roles == [Role::Admin].into()))
}

async fn run_source(app: &App, verb: SourceVerb) -> Result<(), Problem> {
    let store = app.store();
    match verb {
        SourceVerb::Put { file } => {
            let bytes = std::fs::read(&file).map_err(|error| {
                let why = format!("{}: {error}; name a JSON file", file.display());
                Problem::new(Code::File, why)
            })?;
            println!("{}", source::put(store, &bytes).await?);
        }
        SourceVerb::List => println!("{}", store::to_json(&source::statuses(store).await?)?),
        SourceVerb::Run { name, from, until } => {
            let until = until.unwrap_or_else(|| store.clock().now());
            println!("{}", store::to_json(&source::run(store, &name, from, until).await?)?);
        }
    }
    Ok(())
}

fn kept(keep_tokens: bool) -> Tokens {
    if keep_tokens { Tokens::Keep } else { Tokens::End }
}
