//! `makegood lint`: terms that are valid, and that a careful reader would not sign.

use crate::{check::files, say};
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::lint::{self, Finding};
use makegood_engine::{Case, Refusal, Terms, json::Json};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};

/// Look at terms, or at the terms of calculation files, as a careful reader would. Exits 0 when
/// there is nothing to say, 1 when there is, 2 when a file could be read as neither.
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
    file: String,
    case: &'a str,
    path: &'a str,
    code: &'static str,
    why: String,
    instead: String,
}

impl Lint {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let (mut found, mut unreadable) = (0, false);
        let files = files(&self.paths)?;
        for path in &files {
            let bytes = std::fs::read(path).map_err(|error| say::file(path, &error))?;
            match read(&bytes) {
                Ok(parts) => {
                    for (name, findings) in &parts {
                        found += findings.len();
                        for finding in findings {
                            self.tell(&path.display().to_string(), name, finding)?;
                        }
                    }
                }
                Err(refusal) => {
                    unreadable = true;
                    say::step(&format!("{}: {refusal}", path.display()));
                }
            }
        }
        if !self.json {
            say::line(&format!("{found} findings in {} files", files.len()));
        }
        Ok(if unreadable { ExitCode::from(2) } else { say::verdict(found == 0) })
    }

    fn tell(&self, file: &str, case: &str, finding: &Finding) -> Result<(), Problem> {
        let (path, code) = (finding.path.as_str(), finding.code());
        let (why, instead) = (finding.why(), finding.instead());
        if self.json {
            let line = Line { file: file.to_owned(), case, path, code, why, instead };
            let text = serde_json::to_string(&line)
                .map_err(|error| Problem::new(Code::Internal, format!("a finding: {error}")))?;
            say::line(&text);
        } else {
            let name = if case.is_empty() { String::new() } else { format!(" {case}") };
            say::line(&format!("{file}{name} {path}: {code}: {why}. Instead: {instead}."));
        }
        Ok(())
    }
}

/// What is to be said of each case of a file, or of the terms that it holds. A case that must be
/// refused has no terms to look at.
fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<Finding>)>, Refusal> {
    let tree = Json::parse(bytes)?;
    if tree.get("objective").is_some() {
        return Ok(vec![(String::new(), lint::terms(&Terms::from_tree(&tree)?))]);
    }
    let cases = match &tree {
        Json::List(cases) => cases.iter().collect(),
        one => vec![one],
    };
    let mut parts = Vec::with_capacity(cases.len());
    for (place, tree) in cases.into_iter().enumerate() {
        if tree.get("invalid").is_some() {
            continue;
        }
        let case = Case::from_tree(tree)?;
        let name = case.id.clone().unwrap_or_else(|| format!("#{}", place + 1));
        parts.push((name, lint::case(&case)));
    }
    Ok(parts)
}
