//! What a message says, in the language of its statement. Texts stand in files that a translator can
//! edit.

use makegood_domain::statement::Statement;
use makegood_statement::Language;

/// The message file of a language.
fn file(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("words/en.txt"),
        Language::De => include_str!("words/de.txt"),
    }
}

/// Who writes about whose statement.
#[derive(Debug, Clone)]
pub(crate) struct About<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) customer: &'a str,
    /// The contract or the group that it is of, and under which key that is said.
    pub(crate) of: Option<(&'a str, &'a str)>,
    /// Who releases it, and which of ours issues it.
    pub(crate) signed: [&'a str; 2],
}

fn find(language: Language, key: &str) -> &'static str {
    let lines = file(language).lines().filter(|line| !line.starts_with('#'));
    let mut texts = lines.filter_map(|line| line.split_once(" = "));
    texts.find(|(have, _)| *have == key).map(|(_, text)| text).unwrap_or_default()
}

/// The text under this key, filled in; what is filled in is not looked through again.
fn fill(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = find(language, key);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        let value = values.iter().find(|(have, _)| *have == name).map(|(_, value)| *value);
        out.push_str(value.unwrap_or_default());
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `October 2026`, `4. Quartal 2026`, `2026`.
fn period(language: Language, label: &str) -> String {
    let (year, part) = label.split_once('-').unwrap_or((label, ""));
    if let Some(quarter) = part.strip_prefix('Q') {
        return fill(language, "quarter", &[("quarter", quarter), ("year", year)]);
    }
    let number = part.parse::<usize>().ok().and_then(|month| month.checked_sub(1));
    let name = number.and_then(|at| find(language, "months").split(' ').nth(at));
    name.map_or_else(
        || label.to_owned(),
        |month| fill(language, "month", &[("month", month), ("year", year)]),
    )
}

/// Subject and text of the message that brings a statement.
pub(crate) fn words(language: Language, about: &About<'_>) -> (String, String) {
    let statement = about.statement;
    let (period, revision) = (period(language, &statement.period), statement.revision.to_string());
    let of = about
        .of
        .map(|(key, name)| fill(language, key, &[("customer", about.customer), ("name", name)]));
    let values = [
        ("number", statement.number.as_str()),
        ("period", period.as_str()),
        ("revision", revision.as_str()),
        ("customer", of.as_deref().unwrap_or(about.customer)),
        ("sha256", statement.sha256.as_deref().unwrap_or_default()),
    ];
    let say = |key: &str| fill(language, key, &values);
    let told = match statement.supersedes {
        Some(_) => format!("{} {}", say("told"), say("revised")),
        None => say("told"),
    };
    let [person, entity] = about.signed;
    let closing = format!("{}\n{person}\n{entity}", say("closing"));
    let parts =
        [say("greeting"), told, say("sealed"), say("no_tax"), say("answer"), closing, say("hash")];
    (say("subject"), parts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::{Language, file, period};
    use std::collections::BTreeSet;

    #[test]
    fn every_language_has_every_text_and_fills_in_the_same() {
        let keys = |language| {
            let lines = file(language).lines().filter(|line| !line.starts_with('#'));
            lines
                .map(|line| {
                    let (key, text) = line.split_once(" = ").unwrap();
                    let names: BTreeSet<&str> =
                        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
                    (key, names)
                })
                .collect::<Vec<_>>()
        };
        for language in Language::ALL {
            assert_eq!(keys(language), keys(Language::En), "{language:?}");
        }
        assert!(
            !file(Language::De).lines().any(|l| !l.starts_with('#') && l.contains("Gutschrift"))
        );
    }

    #[test]
    fn a_period_is_written_as_its_language_does() {
        assert_eq!(period(Language::En, "2026-10"), "October 2026");
        assert_eq!(period(Language::De, "2026-03"), "März 2026");
        assert_eq!(period(Language::De, "2026-Q4"), "4. Quartal 2026");
        assert_eq!(period(Language::En, "2026"), "2026");
    }
}
