//! Whatever stands in a text, reading it ends, and with an answer.

use makegood_engine::openslo::{Draft, Edition, read, write};
use proptest::prelude::*;

const DOCUMENTS: [&str; 6] = [
    include_str!("monthly.yaml"),
    include_str!("rolling.yaml"),
    include_str!("mean.yaml"),
    include_str!("quarter.yaml"),
    include_str!("several.yaml"),
    include_str!("beyond.yaml"),
];

/// What breaks YAML, and numbers, most easily.
const PIECES: [&str; 34] = [
    "\t",
    "\n",
    "  ",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a ",
    "!!str ",
    "!<x> ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "|",
    ">-\n",
    "#",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "\u{feff}",
    "\0",
    "\u{85}",
    "~",
    "1e999999999999",
    "-",
    ".",
    "<<: ",
    "\r",
    "\u{2028}",
    "👾",
];

fn mutated() -> impl Strategy<Value = String> {
    let edit =
        (any::<prop::sample::Index>(), 0..3_usize, 0..9_usize, prop::sample::select(&PIECES[..]));
    let document = prop::sample::select(&DOCUMENTS[..]);
    (document, prop::collection::vec(edit, 1..6)).prop_map(|(document, edits)| {
        let mut text: Vec<char> = document.chars().collect();
        for (index, what, length, piece) in edits {
            let at = index.index(text.len().max(1)).min(text.len());
            let end = (at + length).min(text.len());
            match what {
                0 => drop(text.drain(at..end)),
                1 => drop(text.splice(at..at, piece.chars()).collect::<Vec<_>>()),
                _ => text.truncate(at.max(10)),
            }
        }
        text.into_iter().collect()
    })
}

/// Reads a text; what can be read must come back from what is written of it.
fn ends(text: &str) {
    if let Ok(reading) = read(text) {
        let written = write(&reading.drafts, Edition::House);
        let back = read(&written.yaml).unwrap();
        assert_eq!(back.drafts, reading.drafts, "{}", written.yaml);
        for draft in &reading.drafts {
            assert_eq!(Draft::from_tree(&draft.to_tree()), Ok(draft.clone()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents_end(text in mutated()) {
        ends(&text);
    }

    #[test]
    fn pieces_end(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        ends(&pieces.concat());
    }

    #[test]
    fn any_text_ends(text in any::<String>()) {
        ends(&text);
    }
}

#[test]
fn every_document_cut_short_ends() {
    for document in DOCUMENTS {
        for (at, _) in document.char_indices() {
            ends(&document[..at]);
        }
    }
}
