//! Writing YAML: blocks, and scalars that every reader of YAML 1.1 and 1.2 takes for what they are.

use crate::json::Json;
use std::fmt::Write;

/// Text of up to so many bytes can be a key in one line, whatever must be escaped in it: a reader
/// looks no further than 1,024 characters for the colon.
const KEY_MAX: usize = 150;

/// Documents, one after the other. The same trees, the same bytes.
pub(crate) fn documents(documents: &[Json]) -> String {
    let mut out = String::new();
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        block(&mut out, document, 0);
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Whole lines.
fn block(out: &mut String, json: &Json, depth: usize) {
    match json {
        Json::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                indent(out, depth);
                if key.len() > KEY_MAX {
                    let _written = writeln!(out, "? {}", text(key));
                    indent(out, depth);
                } else {
                    out.push_str(&text(key));
                }
                out.push(':');
                if is_block(value) {
                    out.push('\n');
                    block(out, value, depth + 1);
                } else {
                    out.push(' ');
                    block(out, value, 0);
                }
            }
        }
        Json::List(items) if !items.is_empty() => {
            for item in items {
                indent(out, depth);
                out.push_str("- ");
                // The first line of an item stands behind its dash.
                let mut lines = String::new();
                block(&mut lines, item, if is_block(item) { depth + 1 } else { 0 });
                out.push_str(lines.trim_start_matches(' '));
            }
        }
        scalar => {
            let _written = writeln!(out, "{}", inline(scalar));
        }
    }
}

fn is_block(json: &Json) -> bool {
    match json {
        Json::Object(members) => !members.is_empty(),
        Json::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn inline(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(digits) => digits.clone(),
        Json::Text(value) => text(value),
        Json::List(_) => "[]".to_owned(),
        Json::Object(_) => "{}".to_owned(),
    }
}

/// Text: plain where no reader can take it for anything else, else in quotation marks.
fn text(value: &str) -> String {
    if is_plain(value) {
        value.to_owned()
    } else if value.chars().all(is_printable) {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        escaped(value)
    }
}

/// A word that begins with a letter and is none of the words that YAML 1.1 takes for a boolean or
/// for nothing.
fn is_plain(value: &str) -> bool {
    const TAKEN: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !TAKEN.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// What may stand in a line between single quotation marks.
fn is_printable(letter: char) -> bool {
    matches!(letter, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn escaped(value: &str) -> String {
    let mut out = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_printable(other) => out.push(other),
            // All that is not printable lies below U+10000.
            other => {
                let _written = write!(out, "\\u{:04x}", u32::from(other));
            }
        }
    }
    out.push('"');
    out
}
