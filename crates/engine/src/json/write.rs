//! Writing JSON text.

use super::Json;
use std::fmt::Write;

/// Indented, ended by a line break.
pub(super) fn pretty(json: &Json) -> String {
    let mut out = String::new();
    value(&mut out, json, Some(0));
    out.push('\n');
    out
}

/// In one line, without a space.
pub(super) fn compact(json: &Json) -> String {
    let mut out = String::new();
    value(&mut out, json, None);
    out
}

/// A new line, where there are lines.
fn line(out: &mut String, depth: Option<usize>) {
    let Some(depth) = depth else { return };
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn value(out: &mut String, json: &Json, depth: Option<usize>) {
    let inside = depth.map(|depth| depth + 1);
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Number(digits) => out.push_str(digits),
        Json::Text(text) => string(out, text),
        Json::List(items) if items.is_empty() => out.push_str("[]"),
        Json::Object(members) if members.is_empty() => out.push_str("{}"),
        Json::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, inside);
                value(out, item, inside);
            }
            line(out, depth);
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (key, item)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, inside);
                string(out, key);
                out.push_str(if depth.is_some() { ": " } else { ":" });
                value(out, item, inside);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let _written = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
