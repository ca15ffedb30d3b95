//! Building a tree of JSON: an object key by key, in the format's order.

use crate::json::Json;

/// An object in the making.
#[derive(Default)]
pub(crate) struct Build(Vec<(String, Json)>);

impl Build {
    /// Adds a key.
    pub(crate) fn put(mut self, key: &str, value: Json) -> Self {
        self.0.push((key.to_owned(), value));
        self
    }

    /// Adds a key with text.
    pub(crate) fn text(self, key: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.put(key, Json::Text(value.to_string()))
    }

    /// Adds a key with an integer.
    pub(crate) fn number(self, key: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.put(key, Json::Number(value.to_string()))
    }

    /// Adds a key where there is a value.
    pub(crate) fn maybe(self, key: &str, value: Option<Json>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    /// Adds a key with text where there is a value.
    pub(crate) fn maybe_text(self, key: &str, value: Option<impl ToString>) -> Self {
        self.maybe(key, value.map(|value| Json::Text(value.to_string())))
    }

    /// Adds a key with an integer where there is a value.
    pub(crate) fn maybe_number(self, key: &str, value: Option<impl ToString>) -> Self {
        self.maybe(key, value.map(|value| Json::Number(value.to_string())))
    }

    /// Adds a key with a word, unless it is the default.
    pub(crate) fn word<T: PartialEq + Default>(
        self,
        key: &str,
        value: &T,
        words: &[(&'static str, T)],
    ) -> Self {
        if *value == T::default() {
            return self;
        }
        self.text(key, crate::reader::word_of(value, words))
    }

    /// The object.
    pub(crate) fn object(self) -> Json {
        Json::Object(self.0)
    }
}

/// A list, each item built by `build`.
pub(crate) fn list<T>(items: &[T], build: impl FnMut(&T) -> Json) -> Json {
    Json::List(items.iter().map(build).collect())
}
