//! `makegood compute`: a calculation file with its result filled in, or explained.

use crate::say;
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::compute::{Computed, compute};
use makegood_engine::explain::{Language, words};
use makegood_engine::{Case, fraction::Fraction};
use std::{path::PathBuf, process::ExitCode};

/// Print a calculation file with its result filled in.
#[derive(Debug, Args)]
pub(crate) struct Compute {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Tell the way from evidence to money instead, step by step
    #[arg(long)]
    explain: bool,
    /// The language to tell it in
    #[arg(long, value_name = "CODE", default_value = "en", value_parser = ["en", "de"], requires = "explain")]
    language: String,
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
            done.push((case, compute(case).map_err(refuse)?));
        }
        if self.explain {
            let language = Language::of_code(&self.language);
            done.iter().for_each(|(case, computed)| explain(case, computed, language));
            return Ok(ExitCode::SUCCESS);
        }
        let texts =
            done.iter().map(|(case, computed)| case.with_result(&computed.result).to_json());
        let texts: Vec<String> = texts.map(|text| text.trim_end().to_owned()).collect();
        match texts.as_slice() {
            [one] => say::json_text(one),
            many => say::json_text(&format!("[{}]", many.join(",\n"))),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The steps of each line, and what the contract owes.
fn explain(case: &Case, computed: &Computed, language: Language) {
    let currency = case.contract.currency;
    for trace in &computed.lines {
        say::line(&format!("{}, {}", trace.sla, trace.label));
        for (place, step) in trace.steps.iter().enumerate() {
            let told = words(step, language);
            say::line(&format!("  {}. {} \u{2192} {}", place + 1, told.sentence, told.figure));
        }
    }
    let owed = Fraction::parse(&computed.result.credit).unwrap_or_else(|| Fraction::whole(0));
    let what = case.contract.number.as_deref().or(case.id.as_deref()).unwrap_or(&case.period);
    say::line(&format!("{what}: {}", language.money(&owed, currency)));
}
