//! Statements: from cases to PDF bytes, from bytes to a seal, and back again to a verdict.
//!
//! [`render()`] lays a [`Document`] out as PDF (the same document, the same bytes), [`Seal::sign`]
//! seals it, [`verify()`] trusts nothing that it reads, [`preview()`] shows the very bytes, and
//! [`write_whole`] puts a file down whole or not at all, [`Writers`] many of them while others are made.

#![warn(missing_docs)]

mod archive;
pub mod authority;
mod batch;
mod chain;
mod colour;
mod document;
mod error;
mod figures;
mod file;
mod font;
mod layout;
mod logo;
mod manifest;
mod pdf;
mod preview;
mod render;
mod seal;
mod stamp;
mod to_date;
mod verify;
mod words;

pub use archive::question::StatusRequest;
pub use archive::{Archive, Revocation};
pub use batch::{
    BatchFile, BatchList, BatchMissing, BatchStatement, BatchVerification, verify_batch,
};
pub use document::{
    Beyond, Clauses, Colour, Colours, ContractPart, CreditNotice, CreditState, CreditedBefore,
    Document, Kind, Language, Letterhead, LinePart, Paper, Period, Reached, Scope, Share, ToDate,
    ToDateLine, TrendPoint,
};
pub use error::StatementError;
pub use file::{Writers, write_whole};
pub use preview::{Preview, preview};
pub use render::render;
pub use seal::{Seal, TokenKey, TokenName, Unsigned, Unstamped};
pub use stamp::StampRequest;
pub use verify::{Check, EmbeddedCase, Outcome, Trust, Verdict, Verification, verify};
