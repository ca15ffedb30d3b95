//! Reading TOML key by key, going on after each flaw.

use super::Flaw;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// A table that is being read; what is left in the end nobody knows.
#[derive(Debug, Default)]
pub(super) struct Section<'t> {
    name: String,
    line: usize,
    table: DeTable<'t>,
}

impl Section<'_> {
    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// The file, and what is wrong with it so far.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    text: &'t str,
    flaws: Vec<Flaw>,
}

impl<'t> Reading<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, flaws: Vec::new() }
    }

    /// The whole file; what is no TOML is told, and passed over.
    pub(super) fn file(&mut self) -> Section<'t> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = self.line_at(error.span());
            self.flaw(line, &format!("this is no TOML: {}", error.message()));
        }
        Section { name: String::new(), line: 1, table: table.into_inner() }
    }

    pub(super) fn flaw(&mut self, line: usize, message: &str) {
        self.flaws.push(Flaw { line, message: message.to_owned() });
    }

    fn line_at(&self, span: Option<Range<usize>>) -> usize {
        let before = span.and_then(|span| self.text.get(..span.start)).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// Where a key of the file's top stands; 1 where it does not.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let mut lines = self.text.lines();
        lines.position(|line| line.trim_start().starts_with(key)).map_or(1, |at| at + 1)
    }

    /// The value of a key, with its line, if it is there and can be read.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        section: &mut Section<'t>,
        key: &str,
    ) -> Option<(usize, T)> {
        let value = section.table.remove(key)?;
        let line = self.line_at(Some(value.span()));
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some((line, value)),
            Err(error) => {
                self.flaw(line, &format!("{}: {}", section.path(key), error.message()));
                None
            }
        }
    }

    /// The value of a key that has to be there.
    pub(super) fn required<T: DeserializeOwned>(
        &mut self,
        section: &mut Section<'t>,
        key: &str,
        way_out: &str,
    ) -> Option<T> {
        if !section.table.contains_key(key) {
            self.flaw(section.line, &format!("{} is missing; {way_out}", section.path(key)));
        }
        self.take(section, key).map(|(_, value)| value)
    }

    /// A number that is at least 1.
    pub(super) fn count(&mut self, section: &mut Section<'t>, key: &str, into: &mut u32) {
        if let Some((line, count)) = self.take(section, key) {
            if count == 0 {
                let why =
                    format!("{}: nobody could ask anything; write 1 or more", section.path(key));
                self.flaw(line, &why);
            }
            *into = count;
        }
    }

    /// A table in the file, if it is there.
    pub(super) fn section(&mut self, file: &mut Section<'t>, key: &str) -> Option<Section<'t>> {
        let value = file.table.remove(key)?;
        let line = self.line_at(Some(value.span()));
        match value.into_inner() {
            DeValue::Table(table) => Some(Section { name: key.to_owned(), line, table }),
            _ => {
                self.flaw(line, &format!("{key}: it is a section; write [{key}] on a line"));
                None
            }
        }
    }

    /// What was not taken is a mistake: a misspelt setting would be none.
    #[expect(clippy::needless_pass_by_value, reason = "what is closed is not read on")]
    pub(super) fn close(&mut self, section: Section<'t>) {
        let unknown: Vec<(usize, String)> = section
            .table
            .iter()
            .map(|(key, _)| (self.line_at(Some(Spanned::span(key))), section.path(key.get_ref())))
            .collect();
        for (line, path) in unknown {
            let why =
                format!("{path} is no setting; see docs/central.example.toml for those there are");
            self.flaw(line, &why);
        }
    }

    /// # Errors
    /// Every flaw, by its line.
    pub(super) fn finish(mut self) -> Result<(), Vec<Flaw>> {
        self.flaws.sort_by_key(|flaw| flaw.line);
        if self.flaws.is_empty() { Ok(()) } else { Err(self.flaws) }
    }
}
