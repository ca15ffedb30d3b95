//! The repository's own files, as the tests about its structure see them.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours: built, downloaded or generated.
const NOT_OURS: [&str; 8] =
    ["target", "node_modules", "dist", "gen", "bindings", ".git", ".tools", "icons"];

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests lie in the workspace").to_path_buf()
}

/// One text file: its path from the root with forward slashes, and its content.
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) content: String,
}

impl Text {
    /// The file's name without folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The file's name without folders and without what follows its first dot.
    pub(crate) fn stem(&self) -> &str {
        self.name().split('.').next().unwrap_or_default()
    }
}

/// Every text file of ours under the given folders, in order of path.
pub(crate) fn texts(folders: &[&str], endings: &[&str]) -> Vec<Text> {
    let root = root();
    let mut found = Vec::new();
    for folder in folders {
        walk(&root, &root.join(folder), endings, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<Text>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder of ours can be listed").path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                walk(root, &path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let Ok(content) = fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root).expect("found under the root");
            let path = path.to_str().expect("paths of ours are UTF-8").replace('\\', "/");
            found.push(Text { path, content });
        }
    }
}

/// Fails with every finding, one a line, unless there is none.
pub(crate) fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}
