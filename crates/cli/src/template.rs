//! `makegood template`: terms to start from.

use crate::say;
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::Refusal;
use makegood_engine::library::{TEMPLATES, template};
use std::process::ExitCode;

/// List the templates of terms, or print one to start from.
#[derive(Debug, Args)]
pub(crate) struct Template {
    /// Its name; without it, all are listed
    id: Option<String>,
    /// Print its cases instead of its terms
    #[arg(long, requires = "id")]
    cases: bool,
}

impl Template {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let broken =
            |refusal: Refusal| Problem::new(Code::Internal, format!("the library: {refusal}"));
        let Some(id) = self.id else {
            let width = TEMPLATES.iter().map(|one| one.id.len()).max().unwrap_or_default();
            for one in TEMPLATES {
                say::line(&format!("{:width$}  {}", one.id, one.title().map_err(broken)?));
            }
            return Ok(ExitCode::SUCCESS);
        };
        let found = template(&id).ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("no template {id:?}; `makegood template` lists them"),
            )
        })?;
        let text = match self.cases {
            true => found.text.to_owned(),
            false => found.terms().map_err(broken)?.to_json(),
        };
        say::json_text(text.trim_end());
        for left_out in found.left_out {
            say::step(&format!("Not in the format: {left_out}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}
