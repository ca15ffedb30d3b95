//! `makegood lint`: terms that are valid, and that a careful reader would not sign.

use crate::{check::files, say};
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::json::Json;
use makegood_engine::lint::{Finding, english, lint_file};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};

/// Look at terms, or at the terms of calculation files, as a careful reader would. Exits 0 when
/// there is nothing to say, 1 when there is, 2 when something could be read as neither.
#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// Files, and folders of `.json` files
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Print what was found as JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// A finding, as JSON.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    case: &'a str,
    path: &'a str,
    severity: &'static str,
    code: &'static str,
    /// What the finding rests on, by name.
    figures: Json,
    why: String,
    instead: String,
}

impl Lint {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let (mut found, mut unreadable) = (0, false);
        let files = files(&self.paths)?;
        for path in &files {
            let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
            let path = path.display().to_string();
            let read = lint_file(&bytes).map(|parts| {
                parts.into_iter().map(|part| (part.name, part.findings)).collect::<Vec<_>>()
            });
            for (name, findings) in
                read.unwrap_or_else(|refusal| vec![(String::new(), Err(refusal))])
            {
                match findings {
                    Ok(findings) => {
                        found += findings.len();
                        findings.iter().try_for_each(|one| self.tell(&path, &name, one))?;
                    }
                    Err(refusal) => {
                        unreadable = true;
                        say::step(&format!("{path} {name}: {refusal}"));
                    }
                }
            }
        }
        if !self.json {
            say::line(&format!("{found} findings in {} files", files.len()));
        }
        Ok(if unreadable { ExitCode::from(2) } else { say::verdict(found == 0) })
    }

    fn tell(&self, file: &str, case: &str, finding: &Finding) -> Result<(), Problem> {
        let (path, code) = (finding.path.as_str(), finding.code().as_str());
        let severity = finding.severity().as_str();
        let advice = english(&finding.flaw);
        if self.json {
            let (why, instead) = (advice.why, advice.instead);
            let figures = finding.flaw.figures();
            let line = Line { file, case, path, severity, code, figures, why, instead };
            let text = serde_json::to_string(&line)
                .map_err(|error| Problem::new(Code::Internal, format!("a finding: {error}")))?;
            say::json_text(&text);
        } else {
            say::line(&format!("{file} {case} {path}: {severity}[{code}]: {}", advice.why));
            say::line(&format!("  Instead: {}", advice.instead));
        }
        Ok(())
    }
}
