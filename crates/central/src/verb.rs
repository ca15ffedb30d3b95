//! What the command line asks for, a file per noun.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod serve;
