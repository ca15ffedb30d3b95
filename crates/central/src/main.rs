//! `makegood-central`: the central service, and what whoever runs it sets up on this machine.
#![warn(missing_docs)]

use clap::{Parser, Subcommand, ValueEnum};
use makegood_central::{App, Config, identity::Provider, serve, serve_tls, tls::Tls};
use makegood_domain::{
    Clock, Code, Currency, Money, Problem,
    id::{CustomerId, PersonId},
    person::{Person, Role, Scope, TokenKind},
    policy::Policy,
    random::Random,
};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, process::ExitCode};
use tokio::net::TcpListener;

/// The central service of Makegood.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Where everything is kept: `sqlite:central.db` or `postgres://…`.
    #[arg(long, default_value = "sqlite:makegood-central.db", global = true)]
    database: String,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serves desks until it is interrupted.
    Serve {
        /// Address and port to listen on. Anything but this machine asks for TLS.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Certificate with its chain, PEM.
        #[arg(long, requires = "tls_key")]
        tls_certificate: Option<PathBuf>,
        /// Its private key, PEM.
        #[arg(long, requires = "tls_certificate")]
        tls_key: Option<PathBuf>,
        /// Name of the company, as desks show it.
        #[arg(long)]
        company: String,
        /// Days after a month's end until its measurement is locked.
        #[arg(long, default_value_t = 3)]
        grace_days: u16,
        #[command(flatten)]
        provider: Option<Provider>,
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
        /// `csm`, `finance`, `account_manager` or `admin`; may stand several times.
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
    Role::parse(text).ok_or_else(|| "csm, finance, account_manager or admin".to_owned())
}

fn amount(text: &str) -> Result<Money, String> {
    let read = text.split_once(' ').and_then(|(currency, amount)| {
        Money::parse_decimal(amount, Currency::parse(currency)?).ok()
    });
    read.ok_or_else(|| "write it as `EUR 1500.00`".to_owned())
}

fn rate(text: &str) -> Result<(String, String), String> {
    let (currency, rate) = text.split_once('=').ok_or("write it as `USD=0.90`")?;
    Ok((currency.to_owned(), rate.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Problem> {
    let config = match &arguments.verb {
        Verb::Serve { company, grace_days, provider, .. } => {
            Config { grace_days: *grace_days, provider: provider.clone(), ..Config::new(company) }
        }
        _ => Config { schedule: None, ..Config::new("") },
    };
    let app = App::open(&arguments.database, Clock::system(), Random::system(), config).await?;
    match arguments.verb {
        Verb::Serve { listen, tls_certificate, tls_key, .. } => {
            let tls = match (tls_certificate, tls_key) {
                (Some(certificate), Some(key)) => Some(Tls::read(&certificate, &key)?),
                _ => None,
            };
            stand(app, listen, tls).await
        }
        Verb::Person(PersonVerb::Put { name, issuer, subject, roles, customers }) => {
            let id = app.store().ids().make();
            let person = Person { id, issuer, subject, name, roles: roles.into_iter().collect() };
            let scope = if customers.is_empty() {
                Scope::All
            } else {
                Scope::Customers(customers.into_iter().collect())
            };
            println!("{}", app.put_person(&person, &scope).await?);
            Ok(())
        }
        Verb::Token(TokenVerb::Issue { person, kind, days }) => {
            let kind = match kind {
                Kind::Session => TokenKind::Session,
                Kind::Personal => TokenKind::Personal,
            };
            let issued = app.issue_token(None, person, kind, days).await?;
            eprintln!("token {} until {}; it is shown this once:", issued.id, issued.expires_at);
            println!("{}", issued.text);
            Ok(())
        }
        Verb::Token(TokenVerb::Revoke { id }) => app.revoke_token(id).await,
        Verb::Policy(PolicyVerb::Put { version, limit, rates }) => {
            let base = limit.currency().code().to_owned();
            let rates: BTreeMap<String, String> = rates.into_iter().collect();
            app.put_policy(&Policy { version, base, limit, rates }).await
        }
    }
}

async fn stand(app: App, listen: SocketAddr, tls: Option<Tls>) -> Result<(), Problem> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Problem::new(
            Code::File,
            format!("{listen} can't be listened on: {error}; free it or choose another"),
        )
    })?;
    let running = match tls {
        Some(tls) => serve_tls(listener, app, tls)?,
        None => serve(listener, app)?,
    };
    tracing::info!("central answers at {}", running.url());
    interrupted().await;
    tracing::info!("ending: what is under way is answered first");
    running.stop().await
}

/// Waits for an interrupt, or for the end that a service manager asks for.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut end) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        return;
    }
    // Without signals there is nothing to wait for but the process's end.
    let _ = tokio::signal::ctrl_c().await;
}
