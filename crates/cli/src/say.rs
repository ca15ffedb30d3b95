//! What goes to standard error: progress and problems. Results go to standard output.

use makegood_domain::{Code, Problem};
use serde::Serialize;
use std::{future::Future, io::Write, path::Path, process::ExitCode, sync::OnceLock};

/// A line of progress.
pub(crate) fn step(text: &str) {
    // Nobody reading is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{}", plain(text));
}

/// What a terminal would take for an order, for the end of a line, or would show in another order than it is
/// written.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A text as one line that paints nothing: what a stranger's file says of itself can't pass for a verdict.
fn plain(text: &str) -> String {
    text.chars()
        .map(|one| if is_hostile(one) { char::REPLACEMENT_CHARACTER } else { one })
        .collect()
}

/// What stood in the way of the result, once.
static UNSAID: OnceLock<String> = OnceLock::new();

/// A line of the result.
pub(crate) fn line(text: &str) {
    whole(&plain(text));
}

/// A result of several lines that are ours, such as terms to start from.
pub(crate) fn lines(text: &str) {
    text.lines().for_each(line);
}

/// A result in JSON, of as many lines as it has; what would be hostile stands in it as its number, so that
/// whoever reads it has the same text.
pub(crate) fn json_text(text: &str) {
    let mut told = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' || !is_hostile(letter) {
            told.push(letter);
        } else {
            // Each of them lies in the first plane.
            told.push_str(&format!("\\u{:04x}", u32::from(letter)));
        }
    }
    whole(&told);
}

fn whole(text: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        unsaid(&error);
    }
}

/// Who stops reading wants no more; everything else has cut the result off.
fn unsaid(error: &std::io::Error) {
    if error.kind() != std::io::ErrorKind::BrokenPipe {
        let _ = UNSAID.set(error.to_string());
    }
}

/// Whether the result was said whole.
pub(crate) fn said() -> Result<(), Problem> {
    if let Err(error) = std::io::stdout().flush() {
        unsaid(&error);
    }
    let Some(error) = UNSAID.get() else { return Ok(()) };
    let why = format!("standard output: {error}; the result is not whole, ask for it again");
    Err(Problem::new(Code::File, why))
}

/// The result as a machine reads it.
pub(crate) fn json(told: &impl Serialize) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(told)
        .map_err(|error| Problem::new(Code::Internal, format!("JSON: {error}")))?;
    json_text(&text);
    Ok(())
}

/// A problem, by its code.
pub(crate) fn problem(problem: &Problem) {
    let place = problem.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    step(&format!("error[{}]: {place}{}", problem.code, problem.message));
}

/// Runs a verb that waits for others.
pub(crate) fn wait<T>(verb: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(Code::Internal, format!("no runtime: {error}")))?;
    let done = runtime.block_on(verb);
    // A keychain that asks somebody who is not there is waited for no longer than the verb has.
    runtime.shutdown_background();
    done
}

/// A file that can't be read or written.
pub(crate) fn file(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(Code::File, format!("{}: {error}", path.display()))
}

/// 0 when all is well, 1 when something is not as stated.
pub(crate) fn verdict(good: bool) -> ExitCode {
    ExitCode::from(u8::from(!good))
}
