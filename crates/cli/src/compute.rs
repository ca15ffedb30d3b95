//! `makegood compute`: a calculation file with its result filled in.

use crate::say;
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::{Case, compute};
use std::{path::PathBuf, process::ExitCode};

/// Print a calculation file with its result filled in.
#[derive(Debug, Args)]
pub(crate) struct Compute {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Compute {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let bytes = std::fs::read(&self.file).map_err(|error| say::file(&self.file, &error))?;
        let refuse = |refusal: makegood_engine::Refusal| {
            Problem::new(Code::CaseInvalid, refusal.message).at(refusal.path)
        };
        let cases = Case::parse_file(&bytes).map_err(refuse)?;
        let mut done = Vec::with_capacity(cases.len());
        for case in &cases {
            let computed = compute(case).map_err(refuse)?;
            done.push(case.with_result(&computed.result).to_json());
        }
        match done.as_slice() {
            [one] => say::line(one.trim_end()),
            many => {
                let items: Vec<_> = many.iter().map(|json| json.trim_end()).collect();
                say::line(&format!("[{}]", items.join(",\n")));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
