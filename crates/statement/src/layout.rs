//! From a document to pages.
pub(crate) mod canvas;
