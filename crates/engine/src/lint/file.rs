//! Files of cases, or of terms alone.

use super::{Finding, case, terms};
use crate::case::Case;
use crate::json::Json;
use crate::refusal::Refusal;
use crate::terms::Terms;

/// A case, or terms alone, and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linted {
    /// The case's `id`, or its place in the file: `#3`.
    pub name: String,
    /// What was found, or why it can't be read.
    pub findings: Result<Vec<Finding>, Refusal>,
}

/// Looks at everything in a file: a case, terms alone, or an array of either.
///
/// # Errors
/// The file is not JSON.
pub fn lint_file(bytes: &[u8]) -> Result<Vec<Linted>, Refusal> {
    let file = Json::parse(bytes)?;
    let trees = Case::trees(&file).into_iter().enumerate();
    Ok(trees.map(|(index, tree)| lint_tree(tree, index)).collect())
}

fn lint_tree(tree: &Json, index: usize) -> Linted {
    let name = match tree.get("id") {
        Some(Json::Text(id)) => id.clone(),
        _ => format!("#{}", index + 1),
    };
    let alone = tree.get("objective").is_some() && tree.get("lines").is_none();
    let findings = match alone {
        true => Terms::from_tree(tree).map(|read| terms(&read)),
        false => Case::from_tree(tree).map(|read| case(&read)),
    };
    Linted { name, findings }
}
