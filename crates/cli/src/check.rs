//! `makegood check`: calculation files recomputed, beside what they state (docs/format.md).

use crate::say;
use clap::Args;
use makegood_domain::{Code, Problem};
use makegood_engine::check::{Checked, Verdict, check_file};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Recompute calculation files and compare with what they state. Exits 0 when none failed, 1 when
/// one did, 2 when a file could not be read as a case.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, and folders of `.json` files
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    unreadable: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let mut tally = Tally::default();
        for given in &self.paths {
            // What can't be read is counted, and the others are checked all the same.
            match files(std::slice::from_ref(given)) {
                Ok(files) => files.iter().for_each(|path| tally.check(path)),
                Err(problem) => tally.unreadable(&problem.message),
            }
        }
        say::line(&format!("{} passed, {} failed", tally.passed, tally.failed));
        Ok(match tally {
            Tally { unreadable: true, .. } => ExitCode::from(2),
            Tally { failed, .. } => say::verdict(failed == 0),
        })
    }
}

impl Tally {
    fn check(&mut self, path: &Path) {
        let read = std::fs::read(path).map_err(|error| error.to_string());
        match read.and_then(|bytes| check_file(&bytes).map_err(|refusal| refusal.to_string())) {
            Ok(checked) => checked.iter().for_each(|one| self.add(path, one)),
            Err(why) => self.unreadable(&format!("{}: {why}", path.display())),
        }
    }

    fn add(&mut self, path: &Path, checked: &Checked) {
        let name = format!("{} {}", path.display(), checked.name);
        let why = match &checked.verdict {
            Verdict::Pass => {
                self.passed += 1;
                return;
            }
            Verdict::Unreadable(refusal) => return self.unreadable(&format!("{name}: {refusal}")),
            Verdict::Refused(refusal) => format!("refused: {refusal}"),
            Verdict::NotRefused { expected, refusal: Some(refusal) } => {
                format!("refused at another place than {expected}: {refusal}")
            }
            Verdict::NotRefused { expected, refusal: None } => {
                format!("not refused, though it breaks a rule at {expected}")
            }
            Verdict::Differs(differences) => differences
                .iter()
                .map(|d| format!("{}: computed {}, stated {}", d.path, d.computed, d.stated))
                .collect::<Vec<_>>()
                .join("; "),
        };
        let rules = checked.zone_rules.as_ref().map_or_else(String::new, |(stated, used)| {
            format!(" (it states zone rules {stated}, here are {used})")
        });
        self.failed += 1;
        say::line(&format!("{name}: {why}{rules}"));
    }

    fn unreadable(&mut self, line: &str) {
        self.failed += 1;
        self.unreadable = true;
        say::line(line);
    }
}

/// The files that these paths name.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        collect(path, path, &mut files)?;
        if files.len() == before {
            let why = format!("{}: there is no .json file in it", path.display());
            return Err(Problem::new(Code::NotFound, why));
        }
    }
    Ok(files)
}

/// Files as given; of a folder the `.json` files in it, by name, and its folders.
fn collect(given: &Path, path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let refuse = |error: &std::io::Error| say::file(path, error);
    if !std::fs::metadata(path).map_err(|error| refuse(&error))?.is_dir() {
        if path == given || path.extension().is_some_and(|extension| extension == "json") {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    let mut inside = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| refuse(&error))? {
        inside.push(entry.map_err(|error| refuse(&error))?.path());
    }
    inside.sort();
    inside.iter().try_for_each(|path| collect(given, path, files))
}
