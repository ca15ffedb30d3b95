//! `makegood case`: calculation files, taken out of a statement or out of the local copy.

use crate::{say, sync::Place};
use clap::{Args, Subcommand};
use makegood_domain::{Clock, Code, Problem};
use makegood_engine::Case as CaseFile;
use makegood_statement::{Trust, verify, write_whole};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Take a calculation file out of a statement, or out of the local copy.
#[derive(Debug, Args)]
pub(crate) struct Case {
    #[command(subcommand)]
    from: From,
    /// The folder to write to, each file under its name; without it, a single file is printed
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Leave out what is not for the customer: internal objective, source (those in a statement
    /// are without them already)
    #[arg(long, global = true)]
    customer_edition: bool,
}

#[derive(Debug, Subcommand)]
enum From {
    /// The calculation files that a statement embeds
    Statement {
        /// The statement
        #[arg(value_name = "FILE.pdf")]
        file: PathBuf,
    },
    /// The calculation file of a settlement
    Settlement {
        /// The contract's number: NW-1
        contract: String,
        /// The window's label: 2026-10
        window: String,
        #[command(flatten)]
        place: Place,
    },
}

/// A calculation file with its name.
struct Named {
    name: String,
    case: CaseFile,
}

impl Case {
    pub(crate) async fn run(self) -> Result<ExitCode, Problem> {
        let mut files = match &self.from {
            From::Statement { file } => embedded(file)?,
            From::Settlement { contract, window, place } => {
                let desk = place.desk().await?;
                desk.sync_now().await?;
                let case = desk.calculation_file(contract, window).await?;
                vec![Named { name: file_name(contract, window), case }]
            }
        };
        if self.customer_edition {
            files.iter_mut().for_each(|file| file.case = file.case.customer_edition());
        }
        match (&self.out, files.as_slice()) {
            (Some(folder), files) => {
                std::fs::create_dir_all(folder).map_err(|error| say::file(folder, &error))?;
                for file in files {
                    let path = folder.join(&file.name);
                    write_whole(&path, file.case.to_json().as_bytes())?;
                    say::line(&path.display().to_string());
                }
            }
            (None, [one]) => say::json_text(one.case.to_json().trim_end()),
            (None, many) => {
                let names: Vec<&str> = many.iter().map(|file| file.name.as_str()).collect();
                let message = format!("it holds {}; name a folder by --out", names.join(", "));
                return Err(Problem::new(Code::Invalid, message));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The calculation files of a statement. What is wrong with it is said, and they come out all the
/// same: whoever looks into a dispute needs them then above all.
fn embedded(path: &Path) -> Result<Vec<Named>, Problem> {
    let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
    let found = verify(&bytes, &Trust::none(), Clock::system().now());
    say::step(&format!("{}: {}", path.display(), found.words));
    if found.cases.is_empty() {
        let message = format!("{}: no calculation file can be taken out", path.display());
        return Err(Problem::new(Code::Invalid, message));
    }
    let mut files = Vec::with_capacity(found.cases.len());
    for case in found.cases {
        let refuse = |refusal: makegood_engine::Refusal| {
            Problem::new(Code::CaseInvalid, format!("{}: {refusal}", case.file_name))
        };
        let mut read = CaseFile::parse_file(case.json.as_bytes()).map_err(refuse)?;
        files.extend(read.drain(..).map(|read| Named { name: case.file_name.clone(), case: read }));
    }
    Ok(files)
}

/// A name that no file system minds.
fn file_name(contract: &str, window: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let stem = format!("{contract}-{window}").replace(|letter| !plain(letter), "_");
    format!("{}.json", stem.trim_start_matches('.'))
}
