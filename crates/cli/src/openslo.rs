//! `makegood openslo`: objectives that others wrote become terms, and terms become objectives that
//! others read. Whatever is not carried over stands on standard error.

use crate::say;
use clap::{Args, Subcommand};
use makegood_domain::{Code, Problem};
use makegood_engine::Refusal;
use makegood_engine::json::Json;
use makegood_engine::openslo::{Draft, Edition, LeftOut, read, write};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Read and write OpenSLO v1 documents. What the other format can't say is listed on standard
/// error; what would change a number is refused. Exits 0, or 2 when the file was refused.
#[derive(Debug, Args)]
pub(crate) struct OpenSlo {
    #[command(subcommand)]
    way: Way,
}

#[derive(Debug, Subcommand)]
enum Way {
    /// Print the SLA lines of OpenSLO documents, with their terms, as JSON
    In {
        /// YAML, of any number of documents
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print OpenSLO documents of calculation files, of terms, or of what `in` printed
    Out {
        /// JSON: one of them, or an array
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The service of lines that name none; the file's name by default
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// For the house alone: with internal objectives, and with the indicators' queries
        #[arg(long)]
        house: bool,
    },
}

impl OpenSlo {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        match self.way {
            Way::In { file } => read_file(&file)?,
            Way::Out { file, service, house } => write_file(&file, service, house)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_file(path: &Path) -> Result<(), Problem> {
    let text = String::from_utf8(bytes(path)?).map_err(|_| {
        Problem::new(Code::TextInvalid, format!("{}: is not UTF-8", path.display()))
    })?;
    let reading = read(&text).map_err(refuse)?;
    let drafts = Json::List(reading.drafts.iter().map(Draft::to_tree).collect());
    say::json_text(drafts.pretty().trim_end());
    list(&reading.left_out);
    Ok(())
}

fn write_file(path: &Path, service: Option<String>, house: bool) -> Result<(), Problem> {
    let bytes = bytes(path)?;
    let of_file = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let service = service.or_else(of_file).unwrap_or_default();
    let (drafts, left_out) = Draft::parse_file(&bytes, &service).map_err(refuse)?;
    let edition = if house { Edition::House } else { Edition::Customer };
    let written = write(&drafts, edition);
    say::lines(written.yaml.trim_end());
    list(&left_out);
    list(&written.left_out);
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| say::file(path, &error))
}

fn refuse(refusal: Refusal) -> Problem {
    Problem::new(Code::TermsInvalid, refusal.message).at(refusal.path)
}

fn list(left_out: &[LeftOut]) {
    for left in left_out {
        say::step(&format!("not carried over: {left}"));
    }
}
