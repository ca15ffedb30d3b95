//! central
