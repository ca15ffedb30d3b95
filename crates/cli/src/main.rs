//! `makegood`: the desk's verbs for a terminal, cron and auditors.
#![warn(missing_docs)]

mod case;
mod check;
mod compute;
mod contact;
mod delivery;
#[cfg(feature = "demo")]
mod demo;
mod lint;
mod openslo;
mod proposal;
mod say;
mod sign_in;
mod sign_out;
mod statement;
mod sync;
mod template;
mod token;
mod verify;

use clap::{Parser, Subcommand};
use makegood_domain::Problem;
use std::process::ExitCode;

/// Settle service level agreements, and check what others settled.
#[derive(Debug, Parser)]
#[command(name = "makegood", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Do the main job on the demo company, without a window; goes on where it was killed
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Recompute calculation files and compare with what they state
    Check(check::Check),
    /// Take a calculation file out of a statement, or out of the local copy
    Case(case::Case),
    /// Print a calculation file with its result filled in, or explained
    Compute(compute::Compute),
    /// Look at terms as a careful reader would
    Lint(lint::Lint),
    /// Read and write OpenSLO v1 documents
    #[command(name = "openslo")]
    OpenSlo(openslo::OpenSlo),
    /// List templates of terms, or print one to start from
    Template(template::Template),
    /// Verify a statement, or the list of a run with its statements
    Verify(verify::Verify),
    /// Sign in at central's identity provider; the session's token goes into a file
    SignIn(sign_in::SignIn),
    /// End the session of a token file, and delete the file
    SignOut(sign_out::SignOut),
    /// List your sessions and personal tokens
    Tokens(token::Tokens),
    /// Make a personal token for a script; its text goes into a file
    MakeToken(token::MakeToken),
    /// End one of your sessions or tokens
    RevokeToken(token::RevokeToken),
    /// Bring a profile up to date with central
    Sync(sync::Sync),
    /// Issue the statements of a month, a quarter or a year into a folder
    Statements(statement::Statements),
    /// Issue one statement into a folder: of a customer, of one contract, or of the customer's group
    Statement(statement::Statement),
    /// Lay out what a statement would say now, unsealed: of a customer, a contract or a group
    StatementDraft(statement::StatementDraft),
    /// Seal the notice of a granted SLA credit into a folder
    CreditNotice(statement::CreditNotice),
    /// Enter contacts from a table; a second person confirms each
    ImportContacts(contact::ImportContacts),
    /// List what waits for a second person, or show one
    Proposals(proposal::Proposals),
    /// Put a proposal in force, refuse it, or take it back
    Decide(proposal::Decide),
    /// Send a sealed statement, or all of a month that never left, to confirmed contacts
    Send(delivery::Send),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.verb).and_then(|code| say::said().map(|()| code)) {
        Ok(code) => code,
        Err(problem) => {
            say::problem(&problem);
            ExitCode::from(2)
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode, Problem> {
    match verb {
        #[cfg(feature = "demo")]
        Verb::Demo(verb) => say::wait(verb.run()),
        Verb::Check(verb) => verb.run(),
        Verb::Case(verb) => say::wait(verb.run()),
        Verb::Compute(verb) => verb.run(),
        Verb::Lint(verb) => verb.run(),
        Verb::OpenSlo(verb) => verb.run(),
        Verb::Template(verb) => verb.run(),
        Verb::Verify(verb) => verb.run(),
        Verb::SignIn(verb) => say::wait(verb.run()),
        Verb::SignOut(verb) => say::wait(verb.run()),
        Verb::Tokens(verb) => say::wait(verb.run()),
        Verb::MakeToken(verb) => say::wait(verb.run()),
        Verb::RevokeToken(verb) => say::wait(verb.run()),
        Verb::Sync(verb) => say::wait(verb.run()),
        Verb::Statements(verb) => say::wait(verb.run()),
        Verb::Statement(verb) => say::wait(verb.run()),
        Verb::StatementDraft(verb) => say::wait(verb.run()),
        Verb::CreditNotice(verb) => say::wait(verb.run()),
        Verb::ImportContacts(verb) => say::wait(verb.run()),
        Verb::Proposals(verb) => say::wait(verb.run()),
        Verb::Decide(verb) => say::wait(verb.run()),
        Verb::Send(verb) => say::wait(verb.run()),
    }
}
